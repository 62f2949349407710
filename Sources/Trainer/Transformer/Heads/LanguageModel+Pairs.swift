// What a language model says about two sentences (Devlin et al. 2019): the pooler on the first token of each sequence, and two
// outputs. Forward and backward pass beside each other; which sentences belong together is not its business.

import Kernels

extension LanguageModel {
  /// From the first token of each sequence to the losses of its class; with a scale also to the logits' gradient.
  func relate(_ pairs: [Int32], gradientScale: Double?) {
    guard let buffers = head.pairs else { preconditionFailure("the head has buffers for two sentences") }
    let weights = PairTensors(tensors.set)
    buffers.firsts.gather(buffers.firstRows, of: workspace.output)
    products.linearForward(buffers.firsts, weights.pooler, into: buffers.pooled)
    tanhForward(buffers.pooled)
    products.linearForward(buffers.pooled, weights.relation, into: buffers.logits)
    head.pairs?.correctCount = pairs.indices.count { sequence in
      let logits = buffers.logits[sequence]
      return (logits[1] > logits[0]) == (pairs[sequence] == 1)
    }
    for (sequence, target) in pairs.enumerated() {
      buffers.losses[sequence] = crossEntropy(
        buffers.logits[sequence], target: Int(target), labelCount: 2,
        gradient: gradientScale == nil ? nil : buffers.logitGradient[sequence], scale: gradientScale ?? 0, arithmetic)
    }
  }

  /// Writes the gradient of the first tokens to their rows of `workspace.gradients.chosen.norm`.
  func backwardPairs(_ gradients: ModelTensors, count: Int) {
    guard let buffers = head.pairs else { preconditionFailure("the head has buffers for two sentences") }
    let (weights, gradients) = (PairTensors(tensors.set), PairTensors(gradients.set))
    let values = workspace.gradients.first(count).values
    products.biasBackward(buffers.logitGradient, into: gradients.relation.bias)
    products.linearBackward(
      buffers.logitGradient, weights.relation, gradients.relation, input: buffers.pooled, into: values)
    tanhBackward(values, output: buffers.pooled)
    products.biasBackward(values, into: gradients.pooler.bias)
    products.linearBackward(
      values, weights.pooler, gradients.pooler, input: buffers.firsts, into: buffers.firstGradient)
    buffers.firstGradient.scatter(to: buffers.firstRows, of: workspace.gradients.chosen.norm)
  }
}

extension Rows {
  /// Copies rows of another matrix.
  func gather(_ rows: [Int], of other: Rows) {
    for (row, source) in rows.enumerated() { self[row].update(from: other[source], count: columns) }
  }

  /// Copies its rows to some of another matrix.
  func scatter(to rows: [Int], of other: Rows) {
    for (row, target) in rows.enumerated() { other[target].update(from: self[row], count: columns) }
  }
}

/// The dense layer of the pooler and that of the relation.
private struct PairTensors {
  let pooler: LinearTensors
  let relation: LinearTensors

  init(_ set: TensorSet) {
    pooler = set.linear(.pooler)
    relation = set.linear(.pairRelation)
  }
}

/// The buffers of the head for two sentences, one row for each sequence.
struct PairActivations {
  /// The rows of the first tokens in the encoder's output.
  let firstRows: [Int]
  /// The first tokens and their gradient, (sequences, hidden).
  let firsts: Rows
  let firstGradient: Rows
  /// (sequences, hidden).
  let pooled: Rows
  /// (sequences, 2) each.
  let logits: Rows
  let logitGradient: Rows
  /// (sequences).
  let losses: UnsafeMutablePointer<Double>
  /// The sequences whose class has the larger logit.
  var correctCount = 0

  init(_ cutter: inout ArenaCutter, firstRows: [Int], hiddenSize: Int) {
    self.firstRows = firstRows
    firsts = cutter.rows(firstRows.count, hiddenSize)
    firstGradient = cutter.rows(firstRows.count, hiddenSize)
    pooled = cutter.rows(firstRows.count, hiddenSize)
    logits = cutter.rows(firstRows.count, 2)
    logitGradient = cutter.rows(firstRows.count, 2)
    losses = cutter.doubles(firstRows.count)
  }
}
