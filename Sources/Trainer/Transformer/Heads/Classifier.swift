// An encoder with a tanh pooler and a classification head: forward and backward pass of the head beside each other. It
// reads the first token of every sequence.

import Kernels

/// A sequence classifier, or a regressor when it has one label (as Hugging Face's `BertForSequenceClassification`).
package final class Classifier: EncoderModel {
  /// Outputs of the head; 1 is regression.
  package let labelCount: Int
  var head: HeadActivations

  /// A classifier whose parameters are all zero until they are initialized or loaded.
  package init(configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam = .alone) {
    self.labelCount = labelCount
    var measure = ArenaCutter(arena: nil)
    head = HeadActivations(&measure, sequences: 0, hiddenSize: 0, labelCount: labelCount)
    super.init(configuration, head: .classification(labelCount: labelCount), team: team)
  }

  /// The head's outputs without dropout, (sequences, labels).
  package func logits(of batch: PackedSequences) -> [Float] {
    withFirstTokens(batch) { tokens, chosen in
      prepare(tokens, chosen, training: false)
      forward(tokens, chosen, dropout: nil)
    }
    return currentLogits(batch.sequenceCount)
  }

  /// The batch's losses and logits under the dropout plan, and into `gradients` (of the same layout, overwritten) the
  /// gradient of the mean loss over its sequences. With `mixout` the passes read its mixed weights; the gradient is still
  /// that of the classifier's own. `betweenPasses` is told the sum of losses after the forward pass and before the backward
  /// pass.
  package func lossAndGradients(
    of batch: PackedSequences, targets: Targets, dropout: DropoutPlan?, mixout: MixedWeights? = nil,
    into gradients: GradientArena, betweenPasses: (Double) -> Void = { _ in }
  ) -> BatchResult {
    gradients.require(layout)
    let own = tensors
    if let mixout { tensors = mixout.tensors }
    defer { tensors = own }
    var lossSum = 0.0
    withFirstTokens(batch) { tokens, chosen in
      prepare(tokens, chosen, training: true)
      forward(tokens, chosen, dropout: dropout)
      lossSum = lossAtLogits(targets, sequenceCount: batch.sequenceCount)
      betweenPasses(lossSum)
      gradients.startStep(batch)
      backwardHead(gradients.tensors)
      backwardEncoder(tokens, chosen, gradients.tensors)
    }
    mixout?.backward(gradients.values, on: team)
    return BatchResult(
      lossSum: lossSum, logits: currentLogits(batch.sequenceCount),
      saturation: PoolerSaturation(head.pooled))
  }

  private func withFirstTokens(_ batch: PackedSequences, _ body: (PackedTokens, ChosenTokens) -> Void) {
    withPackedTokens(batch, reading: batch.offsets.dropLast(), from: 0...batch.sequenceCount, body)
  }

  private func prepare(_ tokens: PackedTokens, _ chosen: ChosenTokens, training: Bool) {
    workspace.prepare(tokens, chosen, training: training) { cutter in
      head = HeadActivations(
        &cutter, sequences: chosen.count, hiddenSize: configuration.hiddenSize, labelCount: labelCount)
    }
  }

  /// The logits of the last forward pass, (sequences, labels).
  private func currentLogits(_ sequenceCount: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: head.logits.start, count: sequenceCount * labelCount))
  }

  /// From tokens to logits.
  private func forward(_ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?) {
    let firstTokens = forwardEncoder(tokens, chosen, dropout: dropout)
    products.linearForward(firstTokens, tensors.pooler, into: head.pooled)
    tanhForward(head.pooled)
    head.dropped.update(from: head.pooled)
    head.dropout = dropout.flatMap {
      $0.mask(.classifier, $0.classifierProbability, count: head.dropped.elementCount, into: head.marks, on: team)
    }
    if let mask = head.dropout { applyDropout(mask, to: head.dropped) }
    products.linearForward(head.dropped, tensors.head, into: head.logits)
  }

  /// Leaves the gradient of the first tokens in `workspace.gradients.chosen.norm`.
  private func backwardHead(_ gradients: ModelTensors) {
    let values = workspace.gradients.first(head.pooled.count).values
    products.biasBackward(head.logitGradient, into: gradients.head.bias)
    products.linearBackward(head.logitGradient, tensors.head, gradients.head, input: head.dropped, into: values)
    if let mask = head.dropout { applyDropout(mask, to: values) }
    tanhBackward(values, output: head.pooled)
    products.biasBackward(values, into: gradients.pooler.bias)
    products.linearBackward(
      values, tensors.pooler, gradients.pooler, input: workspace.output, into: workspace.gradients.chosen.norm)
  }
}

/// The head's buffers, a row a sequence.
struct HeadActivations {
  /// (sequences, hidden): tanh of the pooler.
  let pooled: Rows
  /// (sequences, hidden): the same after dropout, which the output layer reads.
  let dropped: Rows
  /// Room for the mask of (sequences, hidden).
  let marks: UnsafeMutablePointer<UInt8>
  /// The mask of the last forward pass.
  var dropout: DropoutMask?
  /// (sequences, labels).
  let logits: Rows
  /// (sequences, labels).
  let logitGradient: Rows

  /// Buffers cut from an arena.
  init(_ cutter: inout ArenaCutter, sequences: Int, hiddenSize: Int, labelCount: Int) {
    pooled = cutter.rows(sequences, hiddenSize)
    dropped = cutter.rows(sequences, hiddenSize)
    marks = cutter.marks(sequences * hiddenSize)
    logits = cutter.rows(sequences, labelCount)
    logitGradient = cutter.rows(sequences, labelCount)
  }
}
