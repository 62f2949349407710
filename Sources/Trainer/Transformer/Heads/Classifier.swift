// An encoder with a tanh pooler and a classification head: forward and backward pass of the head beside each other. It
// reads the first token of every sequence.

import Kernels

/// A sequence classifier, or a regressor when it has one label (as Hugging Face's `BertForSequenceClassification`).
package final class Classifier: Encoder {
  /// Outputs of the head; 1 is regression.
  package let labelCount: Int
  var head: HeadActivations

  /// A classifier whose parameters are all zero until they are initialized or loaded.
  package init(configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam = .alone) {
    self.labelCount = labelCount
    var measure = ArenaCutter(arena: nil)
    head = HeadActivations(&measure, sequences: 0, hiddenSize: 0, labelCount: 0)
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
      backwardHead(rows: chosen.count, gradients.tensors)
      backwardEncoder(tokens, chosen, gradients.tensors)
    }
    mixout?.backward(gradients.values, on: team)
    return BatchResult(
      lossSum: lossSum, logits: currentLogits(batch.sequenceCount),
      saturation: PoolerSaturation(head.pooled, count: batch.sequenceCount * configuration.hiddenSize))
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
    Array(UnsafeBufferPointer(start: head.logits, count: sequenceCount * labelCount))
  }

  /// From tokens to logits.
  private func forward(_ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?) {
    let (rows, size) = (chosen.count, configuration.hiddenSize)
    let firstTokens = forwardEncoder(tokens, chosen, dropout: dropout)
    linearForward(firstTokens, tensors.pooler, output: head.pooled, rows: rows, inputs: size, outputs: size)
    tanhForward(head.pooled, count: rows * size)
    head.dropped.update(from: head.pooled, count: rows * size)
    head.dropout = dropout.flatMap {
      $0.mask(.classifier, $0.classifierProbability, count: rows * size, into: head.marks, on: team)
    }
    if let mask = head.dropout { applyDropout(mask, to: head.dropped, count: rows * size) }
    linearForward(head.dropped, tensors.head, output: head.logits, rows: rows, inputs: size, outputs: labelCount)
  }

  /// Leaves the gradient of the first tokens in the row branch.
  private func backwardHead(rows: Int, _ gradients: ModelTensors) {
    let (size, buffers) = (configuration.hiddenSize, workspace.gradients)
    linearBackward(
      head.logitGradient, tensors.head, gradients.head, input: head.dropped, inputGradient: buffers.projection,
      rows: rows, inputs: size, outputs: labelCount)
    if let mask = head.dropout { applyDropout(mask, to: buffers.projection, count: rows * size) }
    tanhBackward(buffers.projection, output: head.pooled, count: rows * size)
    linearBackward(
      buffers.projection, tensors.pooler, gradients.pooler,
      input: workspace.layers[configuration.layerCount - 1].outputSum.output, inputGradient: buffers.rowBranch,
      rows: rows, inputs: size, outputs: size)
  }
}

/// The head's buffers, a row a sequence.
struct HeadActivations {
  /// tanh of the pooler, after classifier dropout what the head reads, (sequences, hidden).
  let pooled: UnsafeMutablePointer<Float>
  let dropped: UnsafeMutablePointer<Float>
  let marks: UnsafeMutablePointer<UInt8>
  var dropout: DropoutMask?
  /// (sequences, labels).
  let logits: UnsafeMutablePointer<Float>
  let logitGradient: UnsafeMutablePointer<Float>

  /// Buffers cut from an arena.
  init(_ cutter: inout ArenaCutter, sequences: Int, hiddenSize: Int, labelCount: Int) {
    pooled = cutter.floats(sequences * hiddenSize)
    dropped = cutter.floats(sequences * hiddenSize)
    marks = cutter.marks(sequences * hiddenSize)
    logits = cutter.floats(sequences * labelCount)
    logitGradient = cutter.floats(sequences * labelCount)
  }
}
