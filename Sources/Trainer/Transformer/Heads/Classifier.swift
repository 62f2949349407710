// An encoder with a classification head: forward and backward pass of the head beside each other. Which token of a sequence it
// reads, whether it has a dense layer, whether that is the encoder's pooler or the head's own, what precedes it and what
// follows, the architecture says.

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
  /// that of the classifier's own. With `labelSmoothing` the gradient is that of the loss whose labels are smoothed, while the losses
  /// are those of the labels themselves. `betweenPasses` is told the sum of losses after the forward pass and before the backward pass.
  package func lossAndGradients(
    of batch: PackedSequences, targets: Targets, dropout: DropoutPlan?, mixout: MixedWeights? = nil,
    labelSmoothing: Double = 0, into gradients: GradientArena, betweenPasses: (Double) -> Void = { _ in }
  ) -> BatchResult {
    gradients.require(layout)
    let own = tensors
    if let mixout { tensors = mixout.tensors }
    defer { tensors = own }
    var lossSum = 0.0
    withReadTokens(batch) { tokens, chosen in
      prepare(tokens, chosen, training: true)
      forward(tokens, chosen, dropout: dropout)
      lossSum = lossAtLogits(targets, sequenceCount: batch.sequenceCount, smoothing: labelSmoothing)
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
      case .last: batch.lastTokens(but: configuration.paddingToken)
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
    let pooled = weights.dense.map { denseForward(readTokens, $0, dropout) } ?? readTokens
    dropForward(pooled, .classifier, &head.dropped, dropout)
    products.outputForward(head.dropped.rows, weights.output, into: head.logits)
  }

  /// The dense layer, with the dropout before it and the nonlinearity behind it: (sequences, hidden).
  private func denseForward(_ readTokens: Rows, _ weights: LinearTensors, _ dropout: DropoutPlan?) -> Rows {
    guard var dense = head.dense else { preconditionFailure("the head has buffers for its dense layer") }
    if var input = dense.input {
      dropForward(readTokens, .classifierInput, &input, dropout)
      dense.input = input
      head.dense = dense
    }
    let input = dense.input?.rows ?? readTokens
    switch dense.nonlinearity {
    case .tanh:
      products.linearForward(input, weights, into: dense.pooled)
      tanhForward(dense.pooled)
    case .activation(let activation, let derivative):
      products.linearForward(input, weights, into: derivative)
      activation.forward(derivative, into: dense.pooled)
    }
    return dense.pooled
  }

  /// The gradient of `denseForward`: `gradient` enters as that of the pooled rows, and `inputGradient` becomes that of the
  /// tokens that the head reads.
  private func denseBackward(
    _ gradient: Rows, _ dense: DenseActivations, _ weights: LinearTensors, _ gradients: LinearTensors,
    into inputGradient: Rows
  ) {
    switch dense.nonlinearity {
    case .tanh:
      tanhBackward(gradient, output: dense.pooled)
      products.biasBackward(gradient, into: gradients.bias)
    case .activation(_, let derivative):
      Activation.backward(gradient, derivative: derivative, biasGradient: gradients.bias)
    }
    products.linearBackward(
      gradient, weights, gradients, input: dense.input?.rows ?? workspace.output, into: inputGradient)
    if let mask = dense.input?.mask { applyDropout(mask, to: inputGradient) }
  }

  /// Copies rows, (sequences, hidden), and drops some of the copy's elements.
  private func dropForward(
    _ values: Rows, _ site: DropoutSite, _ dropped: inout DroppedRows, _ dropout: DropoutPlan?
  ) {
    dropped.rows.update(from: values)
    dropped.mask = dropout.flatMap {
      $0.mask(site, $0.classifierProbability, count: values.elementCount, into: dropped.marks, on: team)
    }
    if let mask = dropped.mask { applyDropout(mask, to: dropped.rows) }
  }

  /// Leaves the gradient of the tokens that the head reads in `workspace.gradients.chosen.norm`.
  private func backwardHead(_ gradients: ModelTensors) {
    let inputGradient = workspace.gradients.chosen.norm
    let (weights, gradients) = (ClassifierTensors(tensors.set), ClassifierTensors(gradients.set))
    let values = head.dense == nil ? inputGradient : workspace.gradients.first(head.logits.count).values
    products.outputBackward(
      head.logitGradient, weights.output, gradients.output, input: head.dropped.rows, into: values)
    if let mask = head.dropped.mask { applyDropout(mask, to: values) }
    if let dense = head.dense, let weights = weights.dense, let gradients = gradients.dense {
      denseBackward(values, dense, weights, gradients, into: inputGradient)
    }
  }
}

struct ClassifierTensors {
  /// The pooler, or the head's own dense layer; nil where the head has none.
  let dense: LinearTensors?
  let output: OutputTensors

  init(_ set: TensorSet) {
    dense = set.layout.configuration.architecture.head.dense.map { set.linear($0) }
    output = set.output(.classifier)
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

/// The buffers of a head's dense layer, one row for each sequence.
struct DenseActivations {
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

  init(_ cutter: inout ArenaCutter, sequences: Int, hiddenSize: Int, _ shape: HeadShape) {
    input = shape.dropsInput ? DroppedRows(&cutter, sequences, hiddenSize) : nil
    nonlinearity =
      switch shape.nonlinearity {
      case .tanh: .tanh
      case .activation(let activation): .activation(activation, derivative: cutter.rows(sequences, hiddenSize))
      }
    pooled = cutter.rows(sequences, hiddenSize)
  }
}

/// The head's buffers, one row for each sequence.
struct HeadActivations {
  /// Those of its dense layer; nil where it has none.
  var dense: DenseActivations?
  /// What the output layer reads, (sequences, hidden).
  var dropped: DroppedRows
  /// (sequences, labels).
  let logits: Rows
  /// (sequences, labels).
  let logitGradient: Rows

  init(_ cutter: inout ArenaCutter, sequences: Int, _ configuration: EncoderConfiguration, labelCount: Int) {
    let size = configuration.hiddenSize
    let shape = configuration.architecture.head
    dense = shape.dense == nil ? nil : DenseActivations(&cutter, sequences: sequences, hiddenSize: size, shape)
    dropped = DroppedRows(&cutter, sequences, size)
    logits = cutter.rows(sequences, labelCount)
    logitGradient = cutter.rows(sequences, labelCount)
  }

  /// How many outputs of a tanh were saturated in the last forward pass; of other heads nothing is counted.
  var saturation: PoolerSaturation {
    guard let dense, case .tanh = dense.nonlinearity else { return PoolerSaturation() }
    return PoolerSaturation(dense.pooled)
  }
}
