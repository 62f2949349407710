// Layer norm over rows (Ba, Kiros and Hinton 2016), with the residual sum and dropout that precede it. Normalized rows are
// kept for the backward pass, which fuses the same three steps in reverse. Where the norm of a residual sum stands, before
// the next part or after the sum, is the caller's business.

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
  team.run(.rows(norm.values.count, columns: norm.values.columns)) {
    layerNormForward(
      norm, residual: residual, dropout: dropout, sums: sums, tensors: tensors, epsilon: epsilon, rows: $0)
  }
}

private func layerNormForward(
  _ norm: NormBuffers, residual: Rows?, dropout: DropoutMask?, sums: Rows?, tensors: LayerNormTensors,
  epsilon: Float, rows: Range<Int>
) {
  let columns = norm.values.columns
  for row in rows {
    let start = row &* columns
    let rowValues = norm.values[row]
    var sum = Lanes.zero
    if let residual {
      let rowResidual = residual[row]
      let scale = dropout?.scale ?? 1
      if let marks = dropout?.marks {
        forEachGroup(of: columns) { index, lanes in
          let kept = marks.marks(start &+ index, lanes) * scale
          let value = rowResidual.lanes(index, lanes).addingProduct(rowValues.lanes(index, lanes), kept)
          rowValues.store(value, index, lanes)
          sum += value
        }
      } else {
        forEachGroup(of: columns) { index, lanes in
          let value = rowResidual.lanes(index, lanes) + rowValues.lanes(index, lanes)
          rowValues.store(value, index, lanes)
          sum += value
        }
      }
    } else {
      forEachGroup(of: columns) { index, lanes in sum += rowValues.lanes(index, lanes) }
    }
    if let sums { sums[row].update(from: rowValues, count: columns) }
    norm.inverseDeviations[row] = normalize(
      rowValues, mean: sum.total / Float(columns), tensors: tensors, epsilon: epsilon, output: norm.output[row],
      columns: columns)
  }
}

/// Normalizes one row in place, writes the output row, and returns 1 / sqrt(variance + epsilon).
@inline(__always)
private func normalize(
  _ row: UnsafeMutablePointer<Float>, mean: Float, tensors: LayerNormTensors, epsilon: Float,
  output: UnsafeMutablePointer<Float>, columns: Int
) -> Float {
  let inside = Lanes(0, 1, 2, 3, 4, 5, 6, 7)
  var squares = Lanes.zero
  forEachGroup(of: columns) { index, lanes in
    var distance = row.lanes(index, lanes) - mean
    if lanes < 8 { distance.replace(with: 0, where: inside .>= Float(lanes)) }
    squares.addProduct(distance, distance)
  }
  let inverseDeviation = 1 / (squares.total / Float(columns) + epsilon).squareRoot()
  forEachGroup(of: columns) { index, lanes in
    let normalized = (row.lanes(index, lanes) - mean) * inverseDeviation
    row.store(normalized, index, lanes)
    output.store(
      tensors.shift.lanes(index, lanes).addingProduct(normalized, tensors.gain.lanes(index, lanes)), index, lanes)
  }
  return inverseDeviation
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
    for row in range {
      layerNormBackward(
        row: row, gradient, sumGradient: sumGradient, norm, tensors: tensors,
        tensorGradients: LayerNormTensors(gain: sums[0], shift: sums[1]))
      dropoutBackward(
        (sumGradient ?? gradient)[row], dropout, firstMark: row &* columns, valueGradient: valueGradient[row],
        biasGradient: sums[2], columns: columns)
    }
  }
}

/// One row of the gradient of dropout, whose column sums are added to the gradient of the bias before it.
@inline(__always)
private func dropoutBackward(
  _ gradient: UnsafeMutablePointer<Float>, _ dropout: DropoutMask?, firstMark: Int,
  valueGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, columns: Int
) {
  if let dropout {
    forEachGroup(of: columns) { index, lanes in
      let kept = dropout.marks.marks(firstMark &+ index, lanes) * dropout.scale
      let value = gradient.lanes(index, lanes) * kept
      valueGradient.store(value, index, lanes)
      biasGradient.store(biasGradient.lanes(index, lanes) + value, index, lanes)
    }
  } else {
    forEachGroup(of: columns) { index, lanes in
      let value = gradient.lanes(index, lanes)
      valueGradient.store(value, index, lanes)
      biasGradient.store(biasGradient.lanes(index, lanes) + value, index, lanes)
    }
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
    for row in range {
      layerNormBackward(
        row: row, gradient, sumGradient: sumGradient, norm, tensors: tensors,
        tensorGradients: LayerNormTensors(gain: sums[0], shift: sums[1]))
    }
  }
}

/// One row of it: with g = gradient gain, the input's gradient is (g - mean(g) - normalized mean(g normalized)) /
/// deviation.
@inline(__always)
private func layerNormBackward(
  row index: Int, _ gradient: Rows, sumGradient: Rows?, _ norm: NormBuffers, tensors: LayerNormTensors,
  tensorGradients: LayerNormTensors
) {
  let (row, normalized, inverseDeviation) = (gradient[index], norm.values[index], norm.inverseDeviations[index])
  let columns = gradient.columns
  var sum = Lanes.zero
  var products = Lanes.zero
  forEachGroup(of: columns) { index, lanes in
    let output = row.lanes(index, lanes)
    let value = normalized.lanes(index, lanes)
    tensorGradients.gain.store(
      tensorGradients.gain.lanes(index, lanes).addingProduct(output, value), index, lanes)
    tensorGradients.shift.store(tensorGradients.shift.lanes(index, lanes) + output, index, lanes)
    let scaled = output * tensors.gain.lanes(index, lanes)
    row.store(scaled, index, lanes)
    sum += scaled
    products.addProduct(scaled, value)
  }
  let mean = sum.total / Float(columns)
  let slope = products.total / Float(columns)
  forEachGroup(of: columns) { index, lanes in
    let centered = row.lanes(index, lanes) - mean
    let value = normalized.lanes(index, lanes)
    row.store(centered.addingProduct(value, Lanes(repeating: -slope)) * inverseDeviation, index, lanes)
  }
  guard let sumRow = sumGradient?[index] else { return }
  forEachGroup(of: columns) { index, lanes in
    sumRow.store(sumRow.lanes(index, lanes) + row.lanes(index, lanes), index, lanes)
  }
}
