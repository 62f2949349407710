// An encoder with a dense layer, tanh and a classification head: forward and backward pass of the head beside each other.
// Which token of a sequence it reads, whether the dense layer is the encoder's pooler or the head's own, what precedes it and
// what follows, the architecture says.

import Architectures
import Kernels

/// A sequence classifier, or a regressor when it has one label (as Hugging Face's `BertForSequenceClassification`).
package final class Classifier: EncoderModel {
  /// Outputs of the head; 1 is regression.
  package let labelCount: Int
  var head: HeadActivations

  package init(configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam = .alone) {
    self.labelCount = labelCount
    var measure = ArenaCutter(arena: nil)
    head = HeadActivations(&measure, sequences: 0, configuration, labelCount: labelCount)
    super.init(configuration, head: .classification(labelCount: labelCount), team: team)
  }

  /// The head's outputs without dropout, (sequences, labels).
  package func logits(of batch: PackedSequences) -> [Float] {
    withReadTokens(batch) { tokens, chosen in
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
    withReadTokens(batch) { tokens, chosen in
      prepare(tokens, chosen, training: true)
      forward(tokens, chosen, dropout: dropout)
      lossSum = lossAtLogits(targets, sequenceCount: batch.sequenceCount)
      betweenPasses(lossSum)
      gradients.startStep(batch)
      backwardHead(gradients.tensors)
      backwardEncoder(tokens, chosen, gradients)
    }
    mixout?.backward(gradients.values, on: team)
    return BatchResult(
      lossSum: lossSum, logits: currentLogits(batch.sequenceCount), saturation: head.saturation)
  }

  /// Lends the batch's buffers and the token of each sequence that the head reads.
  private func withReadTokens(_ batch: PackedSequences, _ body: (PackedTokens, ChosenTokens) -> Void) {
    let tokens =
      switch configuration.architecture.head.token {
      case .first: Array(batch.offsets.dropLast())
      case .last: batch.offsets.dropFirst().map { $0 - 1 }
      }
    withPackedTokens(batch, reading: tokens, from: 0...batch.sequenceCount, body)
  }

  private func prepare(_ tokens: PackedTokens, _ chosen: ChosenTokens, training: Bool) {
    workspace.prepare(tokens, chosen, training: training) { cutter in
      head = HeadActivations(&cutter, sequences: chosen.count, configuration, labelCount: labelCount)
    }
  }

  /// The logits of the last forward pass, (sequences, labels).
  private func currentLogits(_ sequenceCount: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: head.logits.start, count: sequenceCount * labelCount))
  }

  private func forward(_ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?) {
    let readTokens = forwardEncoder(tokens, chosen, dropout: dropout)
    let weights = ClassifierTensors(tensors.set)
    dropForward(readTokens, .classifierInput, &head.input, dropout)
    denseForward(head.input?.rows ?? readTokens, weights.dense)
    var dropped = Optional(head.dropped)
    dropForward(head.pooled, .classifier, &dropped, dropout)
    head.dropped.mask = dropped?.mask
    products.linearForward(head.dropped.rows, weights.output, into: head.logits)
  }

  /// The dense layer and the nonlinearity behind it.
  private func denseForward(_ input: Rows, _ dense: LinearTensors) {
    switch head.nonlinearity {
    case .tanh:
      products.linearForward(input, dense, into: head.pooled)
      tanhForward(head.pooled)
    case .activation(let activation, let derivative):
      products.linearForward(input, dense, into: derivative)
      activation.forward(derivative, into: head.pooled)
    }
  }

  /// The gradient of `denseForward`: `gradient` enters as that of the pooled rows.
  private func denseBackward(
    _ gradient: Rows, _ dense: LinearTensors, _ gradients: LinearTensors, input: Rows, into inputGradient: Rows
  ) {
    switch head.nonlinearity {
    case .tanh:
      tanhBackward(gradient, output: head.pooled)
      products.biasBackward(gradient, into: gradients.bias)
    case .activation(_, let derivative):
      Activation.backward(gradient, derivative: derivative, biasGradient: gradients.bias)
    }
    products.linearBackward(gradient, dense, gradients, input: input, into: inputGradient)
  }

  /// Copies rows, (sequences, hidden), and drops some of the copy's elements.
  private func dropForward(
    _ values: Rows, _ site: DropoutSite, _ dropped: inout DroppedRows?, _ dropout: DropoutPlan?
  ) {
    guard let buffers = dropped else { return }
    buffers.rows.update(from: values)
    dropped?.mask = dropout.flatMap {
      $0.mask(site, $0.classifierProbability, count: values.elementCount, into: buffers.marks, on: team)
    }
    if let mask = dropped?.mask { applyDropout(mask, to: buffers.rows) }
  }

  /// Leaves the gradient of the tokens that the head reads in `workspace.gradients.chosen.norm`.
  private func backwardHead(_ gradients: ModelTensors) {
    let values = workspace.gradients.first(head.pooled.count).values
    let inputGradient = workspace.gradients.chosen.norm
    let (weights, gradients) = (ClassifierTensors(tensors.set), ClassifierTensors(gradients.set))
    products.biasBackward(head.logitGradient, into: gradients.output.bias)
    products.linearBackward(
      head.logitGradient, weights.output, gradients.output, input: head.dropped.rows, into: values)
    if let mask = head.dropped.mask { applyDropout(mask, to: values) }
    denseBackward(
      values, weights.dense, gradients.dense, input: head.input?.rows ?? workspace.output, into: inputGradient)
    if let mask = head.input?.mask { applyDropout(mask, to: inputGradient) }
  }
}

struct ClassifierTensors {
  /// The pooler, or the head's own dense layer.
  let dense: LinearTensors
  let output: LinearTensors

  init(_ set: TensorSet) {
    dense = set.linear(set.layout.configuration.architecture.head.dense)
    output = set.linear(.classifier)
  }
}

struct DroppedRows {
  /// (sequences, hidden).
  let rows: Rows
  /// Room for the mask of (sequences, hidden).
  let marks: UnsafeMutablePointer<UInt8>
  var mask: DropoutMask?

  init(_ cutter: inout ArenaCutter, _ count: Int, _ columns: Int) {
    rows = cutter.rows(count, columns)
    marks = cutter.marks(count * columns)
  }
}

/// The head's buffers, one row for each sequence.
struct HeadActivations {
  /// What follows the dense layer.
  enum Nonlinearity {
    /// Its derivative follows from its output.
    case tanh
    /// The derivative's buffer, (sequences, hidden), holds the dense layer's output before.
    case activation(Activation, derivative: Rows)
  }

  /// What the dense layer reads, (sequences, hidden); nil where that is the encoder's output itself.
  var input: DroppedRows?
  let nonlinearity: Nonlinearity
  /// (sequences, hidden): tanh or another activation of the dense layer's output.
  let pooled: Rows
  /// What the output layer reads, (sequences, hidden).
  var dropped: DroppedRows
  /// (sequences, labels).
  let logits: Rows
  /// (sequences, labels).
  let logitGradient: Rows

  init(_ cutter: inout ArenaCutter, sequences: Int, _ configuration: EncoderConfiguration, labelCount: Int) {
    let size = configuration.hiddenSize
    let shape = configuration.architecture.head
    input = shape.dropsInput ? DroppedRows(&cutter, sequences, size) : nil
    nonlinearity =
      switch shape.nonlinearity {
      case .tanh: .tanh
      case .activation(let activation): .activation(activation, derivative: cutter.rows(sequences, size))
      }
    pooled = cutter.rows(sequences, size)
    dropped = DroppedRows(&cutter, sequences, size)
    logits = cutter.rows(sequences, labelCount)
    logitGradient = cutter.rows(sequences, labelCount)
  }

  /// How many outputs of a tanh were saturated in the last forward pass; of other activations nothing is counted.
  var saturation: PoolerSaturation {
    switch nonlinearity {
    case .tanh: PoolerSaturation(pooled)
    case .activation: PoolerSaturation()
    }
  }
}
