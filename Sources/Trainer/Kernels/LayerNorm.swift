// Layer norm over rows (Ba, Kiros and Hinton 2016), with the residual sum and dropout that precede it. Normalized rows are
// kept for the backward pass, which fuses the same three steps in reverse. Where the norm of a residual sum stands, before
// the next part or after the sum, is the caller's business. The loops are C's (`CElementwise`).

import CElementwise

/// The gain and shift of a layer norm, or their gradients.
package struct LayerNormTensors {
  /// Multiplies the normalized row (Hugging Face's `LayerNorm.weight`), (columns).
  package let gain: UnsafeMutablePointer<Float>
  /// Added to it (`LayerNorm.bias`), (columns).
  package let shift: UnsafeMutablePointer<Float>

  /// The two vectors.
  package init(gain: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>) {
    self.gain = gain
    self.shift = shift
  }
}

/// The buffers of one layer norm.
package struct NormBuffers {
  /// (rows, columns): what enters, then the normalized rows.
  package let values: Rows
  /// (rows): 1 / sqrt(variance + epsilon) of each row.
  package let inverseDeviations: UnsafeMutablePointer<Float>
  /// (rows, columns): normalized rows times gain plus shift.
  package let output: Rows

  /// The three buffers.
  package init(values: Rows, inverseDeviations: UnsafeMutablePointer<Float>, output: Rows) {
    values.requireShape(of: output)
    self.values = values
    self.inverseDeviations = inverseDeviations
    self.output = output
  }
}

/// output = layerNorm(residual + dropout(values)), all (rows, columns). `values` becomes the normalized rows; they and the
/// inverse deviations are what `layerNormBackward` needs. Without a residual it is the layer norm of `values`. `sums`,
/// (rows, columns), if given, receives residual + dropout(values).
package func layerNormForward(
  _ norm: NormBuffers, residual: Rows? = nil, dropout: DropoutMask? = nil, sums: Rows? = nil,
  tensors: LayerNormTensors, epsilon: Float, on team: ThreadTeam = .alone
) {
  residual?.requireShape(of: norm.values)
  sums?.requireShape(of: norm.values)
  team.run(.rows(norm.values.count, columns: norm.values.columns)) { range in
    let first = range.lowerBound
    var rows = norm.rows(range, tensors: tensors, dropout: dropout)
    celementwise_norm_forward(&rows, residual?[first], sums?[first], epsilon, norm.output[first])
  }
}

extension NormBuffers {
  /// A range of the rows as C takes them.
  fileprivate func rows(
    _ range: Range<Int>, tensors: LayerNormTensors, dropout: DropoutMask?
  ) -> celementwise_norm {
    let first = range.lowerBound
    return celementwise_norm(
      rows: range.count, columns: values.columns, values: values[first], inverse_deviations: inverseDeviations + first,
      gain: tensors.gain, shift: tensors.shift, marks: dropout.map { $0.marks + first &* values.columns },
      scale: dropout?.scale ?? 1)
  }
}

/// The gradient of `layerNormForward` with a residual: `gradient`, (rows, columns), enters as the output's and leaves as the
/// sum's, which is the residual's; `valueGradient`, (rows, columns), becomes that of the values before dropout. Adds to
/// the gradients of gain and shift, and to `biasGradient`, (columns), the column sums of `valueGradient`. Where the sum
/// itself was read as well, `sumGradient`, (rows, columns), enters as the gradient from there and leaves as the sum's, in
/// place of `gradient`.
package func layerNormBackward(
  _ gradient: Rows, sumGradient: Rows? = nil, _ norm: NormBuffers, dropout: DropoutMask?, tensors: LayerNormTensors,
  tensorGradients: LayerNormTensors, valueGradient: Rows, biasGradient: UnsafeMutablePointer<Float>,
  on team: ThreadTeam = .alone
) {
  gradient.requireShape(of: norm.values)
  gradient.requireShape(of: valueGradient)
  sumGradient?.requireShape(of: gradient)
  let columns = gradient.columns
  let sums = [tensorGradients.gain, tensorGradients.shift, biasGradient]
  team.run(.rows(gradient.count, columns: columns), addingTo: sums, columns: columns) { range, sums in
    let first = range.lowerBound
    var rows = norm.rows(range, tensors: tensors, dropout: dropout)
    var gradients = celementwise_norm_gradients(
      rows: gradient[first], sum_rows: sumGradient?[first], gain: sums[0], shift: sums[1],
      values: valueGradient[first], value_sums: sums[2])
    celementwise_norm_backward(&rows, &gradients)
  }
}

/// The gradient of `layerNormForward` without a residual: `gradient`, (rows, columns), enters as the output's and leaves as
/// the input's, which is also added to `sumGradient`, (rows, columns), if given.
package func layerNormBackward(
  _ gradient: Rows, sumGradient: Rows? = nil, _ norm: NormBuffers, tensors: LayerNormTensors,
  tensorGradients: LayerNormTensors, on team: ThreadTeam = .alone
) {
  gradient.requireShape(of: norm.values)
  sumGradient?.requireShape(of: gradient)
  let columns = gradient.columns
  let sums = [tensorGradients.gain, tensorGradients.shift]
  team.run(.rows(gradient.count, columns: columns), addingTo: sums, columns: columns) { range, sums in
    let first = range.lowerBound
    var rows = norm.rows(range, tensors: tensors, dropout: nil)
    var gradients = celementwise_norm_gradients(
      rows: gradient[first], sum_rows: sumGradient?[first], gain: sums[0], shift: sums[1], values: nil,
      value_sums: nil)
    celementwise_norm_backward(&rows, &gradients)
  }
}
