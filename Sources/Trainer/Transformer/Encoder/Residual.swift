// The two orders of a residual sum and its layer norm, each forward and backward. A model has one of them, chosen when it
// is made; nothing else in the passes asks which.

import Kernels

/// What a residual sum hands on, or the gradients of it.
struct ResidualStream {
  /// (rows, hidden): the layer norm of the sum, which the next part of the network reads.
  let norm: Rows
  /// (rows, hidden): what the next sum adds to; the same buffer as `norm` where that is the norm itself.
  let residual: Rows

  init(norm: Rows, residual: Rows) {
    self.norm = norm
    self.residual = residual
  }

  init(_ cutter: inout ArenaCutter, rows: Int, width: Int, _ order: any Residual) {
    norm = cutter.rows(rows, width)
    residual = order.isShared ? norm : cutter.rows(rows, width)
  }
}

protocol Residual {
  /// Whether the norm and the residual of a stream are one buffer, so that gradients of the norm are added to it.
  var isShared: Bool { get }

  /// From the embeddings' sum in `sum.values` to the stream that the first layer reads.
  func startForward(_ sum: SumActivations, _ norm: LayerNormTensors)
  /// From the stream's gradient to the gradient of the embeddings' sum, (tokens, hidden), which is returned.
  func startBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors
  ) -> Rows

  /// residual + dropout(sum.values), (rows, hidden), and its norm: the stream that the next part reads.
  func addForward(_ residual: Rows, _ sum: SumActivations, _ norm: LayerNormTensors)
  /// From the gradient of the sum's stream to that of the stream before it, in place, and in `valueGradient`, (rows,
  /// hidden), that of the values before dropout, whose column sums are added to `biasGradient`, (hidden).
  func addBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors,
    into valueGradient: Rows, bias biasGradient: UnsafeMutablePointer<Float>)

  /// From the stream of all tokens to that of the chosen ones.
  func gatherForward(_ stream: ResidualStream, of chosen: ChosenTokens, into rows: ResidualStream)
  /// The gradient of `gatherForward`. The norm's is added to what the keys and values left in `stream.norm`.
  func gatherBackward(_ gradient: ResidualStream, of chosen: ChosenTokens, into stream: ResidualStream)

  /// Completes the gradient of the last stream, of which the head reads the norm alone.
  func endBackward(_ gradient: ResidualStream)
}

/// Post-LN: each sum is normalized, and the next sum adds to the normalized rows (Vaswani et al. 2017).
struct PostNormResidual: Residual {
  let epsilon: Float
  let team: ThreadTeam
  var isShared: Bool { true }

  func startForward(_ sum: SumActivations, _ norm: LayerNormTensors) {
    layerNormForward(sum.buffers, tensors: norm, epsilon: epsilon, on: team)
    if let mask = sum.dropout { applyDropout(mask, to: sum.stream.norm, on: team) }
  }

  func startBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors
  ) -> Rows {
    if let mask = sum.dropout { applyDropout(mask, to: gradient.norm, on: team) }
    layerNormBackward(gradient.norm, sum.buffers, tensors: norm, tensorGradients: normGradients, on: team)
    return gradient.norm
  }

  func addForward(_ residual: Rows, _ sum: SumActivations, _ norm: LayerNormTensors) {
    layerNormForward(
      sum.buffers, residual: residual, dropout: sum.dropout, tensors: norm, epsilon: epsilon, on: team)
  }

  func addBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors,
    into valueGradient: Rows, bias biasGradient: UnsafeMutablePointer<Float>
  ) {
    layerNormBackward(
      gradient.norm, sum.buffers, dropout: sum.dropout, tensors: norm, tensorGradients: normGradients,
      valueGradient: valueGradient, biasGradient: biasGradient, on: team)
  }

  func gatherForward(_ stream: ResidualStream, of chosen: ChosenTokens, into rows: ResidualStream) {
    Kernels.gatherForward(stream.norm, of: chosen, into: rows.norm)
  }

  func gatherBackward(_ gradient: ResidualStream, of chosen: ChosenTokens, into stream: ResidualStream) {
    Kernels.gatherBackward(gradient.norm, of: chosen, into: stream.norm)
  }

  func endBackward(_ gradient: ResidualStream) {}
}

/// Pre-LN: sums add to sums, and each is normalized for the part that reads it (Shoeybi et al. 2019).
struct PreNormResidual: Residual {
  let epsilon: Float
  let team: ThreadTeam
  var isShared: Bool { false }

  func startForward(_ sum: SumActivations, _ norm: LayerNormTensors) {
    if let mask = sum.dropout { applyDropout(mask, to: sum.values, on: team) }
    sum.stream.residual.update(from: sum.values)
    layerNormForward(sum.buffers, tensors: norm, epsilon: epsilon, on: team)
  }

  func startBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors
  ) -> Rows {
    layerNormBackward(
      gradient.norm, sumGradient: gradient.residual, sum.buffers, tensors: norm, tensorGradients: normGradients,
      on: team)
    if let mask = sum.dropout { applyDropout(mask, to: gradient.residual, on: team) }
    return gradient.residual
  }

  func addForward(_ residual: Rows, _ sum: SumActivations, _ norm: LayerNormTensors) {
    layerNormForward(
      sum.buffers, residual: residual, dropout: sum.dropout, sums: sum.stream.residual, tensors: norm,
      epsilon: epsilon, on: team)
  }

  func addBackward(
    _ gradient: ResidualStream, _ sum: SumActivations, _ norm: LayerNormTensors, _ normGradients: LayerNormTensors,
    into valueGradient: Rows, bias biasGradient: UnsafeMutablePointer<Float>
  ) {
    layerNormBackward(
      gradient.norm, sumGradient: gradient.residual, sum.buffers, dropout: sum.dropout, tensors: norm,
      tensorGradients: normGradients, valueGradient: valueGradient, biasGradient: biasGradient, on: team)
  }

  func gatherForward(_ stream: ResidualStream, of chosen: ChosenTokens, into rows: ResidualStream) {
    Kernels.gatherForward(stream.norm, of: chosen, into: rows.norm)
    Kernels.gatherForward(stream.residual, of: chosen, into: rows.residual)
  }

  func gatherBackward(_ gradient: ResidualStream, of chosen: ChosenTokens, into stream: ResidualStream) {
    Kernels.gatherBackward(gradient.norm, of: chosen, into: stream.norm)
    stream.residual.update(repeating: 0)
    Kernels.gatherBackward(gradient.residual, of: chosen, into: stream.residual)
  }

  func endBackward(_ gradient: ResidualStream) { gradient.residual.update(repeating: 0) }
}
