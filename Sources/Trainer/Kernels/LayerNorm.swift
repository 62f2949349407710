// Layer norm over rows (Ba, Kiros and Hinton 2016), with the residual sum and dropout that precede it. Normalized rows are kept for the backward pass, which fuses the same three steps in reverse.

/// The gain and shift of a layer norm, or their gradients, each (columns).
package struct LayerNormTensors {
  /// Multiplies the normalized row (Hugging Face's `LayerNorm.weight`).
  package let gain: UnsafeMutablePointer<Float>
  /// Added to it (`LayerNorm.bias`).
  package let shift: UnsafeMutablePointer<Float>

  /// The two vectors.
  package init(gain: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>) {
    self.gain = gain
    self.shift = shift
  }
}

/// output = layerNorm(residual + dropout(values)), all (rows, columns). `values` becomes the normalized rows and
/// `inverseDeviations`, (rows), their 1 / sqrt(variance + epsilon); both are what `layerNormBackward` needs. Without a
/// residual it is the layer norm of `values`. `sums`, (rows, columns), if given, receives residual + dropout(values).
package func layerNormForward(
  _ values: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?, dropout: DropoutMask?,
  sums: UnsafeMutablePointer<Float>? = nil, tensors: LayerNormTensors, epsilon: Float,
  inverseDeviations: UnsafeMutablePointer<Float>,
  output: UnsafeMutablePointer<Float>, rows: Int, columns: Int, on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns)) {
    layerNormForward(
      values, residual: residual, dropout: dropout, sums: sums, tensors: tensors, epsilon: epsilon,
      inverseDeviations: inverseDeviations, output: output, rows: $0, columns: columns)
  }
}

private func layerNormForward(
  _ values: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?, dropout: DropoutMask?,
  sums: UnsafeMutablePointer<Float>?,
  tensors: LayerNormTensors, epsilon: Float, inverseDeviations: UnsafeMutablePointer<Float>,
  output: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Int
) {
  for row in rows {
    let start = row &* columns
    let rowValues = values + start
    var sum = Lanes.zero
    if let residual {
      let scale = dropout?.scale ?? 1
      if let marks = dropout?.marks {
        forEachGroup(of: columns) { index, lanes in
          let kept = marks.marks(start &+ index, lanes) * scale
          let value = (residual + start).lanes(index, lanes).addingProduct(rowValues.lanes(index, lanes), kept)
          rowValues.store(value, index, lanes)
          sum += value
        }
      } else {
        forEachGroup(of: columns) { index, lanes in
          let value = (residual + start).lanes(index, lanes) + rowValues.lanes(index, lanes)
          rowValues.store(value, index, lanes)
          sum += value
        }
      }
    } else {
      forEachGroup(of: columns) { index, lanes in sum += rowValues.lanes(index, lanes) }
    }
    if let sums { (sums + start).update(from: rowValues, count: columns) }
    inverseDeviations[row] = normalize(
      rowValues, mean: sum.total / Float(columns), tensors: tensors, epsilon: epsilon, output: output + start,
      columns: columns)
  }
}

/// Normalizes one row in place, writes the output row, and answers 1 / sqrt(variance + epsilon).
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

/// The gradient of `layerNormForward`: `gradient`, (rows, columns), enters as the output's and leaves as the residual's;
/// `valueGradient`, (rows, columns), becomes that of the values before dropout. Adds to the gradients of gain and shift,
/// and to `biasGradient`, (columns), the column sums of `valueGradient`. Where the sum was read past the norm, `carried`,
/// (rows, columns), enters as the gradient from there and leaves as the residual's in place of `gradient`.
package func layerNormBackward(
  _ gradient: UnsafeMutablePointer<Float>, normalized: UnsafePointer<Float>,
  inverseDeviations: UnsafePointer<Float>, dropout: DropoutMask?, tensors: LayerNormTensors,
  carried: UnsafeMutablePointer<Float>? = nil, tensorGradients: LayerNormTensors,
  valueGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
  on team: ThreadTeam = .alone
) {
  let sums = [tensorGradients.gain, tensorGradients.shift, biasGradient]
  team.run(.rows(rows, columns: columns), addingTo: sums, columns: columns) { range, sums in
    layerNormBackward(
      gradient, normalized: normalized, inverseDeviations: inverseDeviations, dropout: dropout, tensors: tensors,
      carried: carried, tensorGradients: LayerNormTensors(gain: sums[0], shift: sums[1]),
      valueGradient: valueGradient, biasGradient: sums[2], rows: range, columns: columns)
  }
}

private func layerNormBackward(
  _ gradient: UnsafeMutablePointer<Float>, normalized: UnsafePointer<Float>,
  inverseDeviations: UnsafePointer<Float>, dropout: DropoutMask?, tensors: LayerNormTensors,
  carried: UnsafeMutablePointer<Float>?, tensorGradients: LayerNormTensors,
  valueGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Int
) {
  for row in rows {
    let start = row &* columns
    let rowGradient = (carried ?? gradient) + start
    layerNormBackward(
      row: gradient + start, normalized: normalized + start, inverseDeviation: inverseDeviations[row],
      tensors: tensors, carried: carried.map { $0 + start }, tensorGradients: tensorGradients, columns: columns)
    if let dropout {
      forEachGroup(of: columns) { index, lanes in
        let kept = dropout.marks.marks(start &+ index, lanes) * dropout.scale
        let value = rowGradient.lanes(index, lanes) * kept
        (valueGradient + start).store(value, index, lanes)
        biasGradient.store(biasGradient.lanes(index, lanes) + value, index, lanes)
      }
    } else {
      forEachGroup(of: columns) { index, lanes in
        let value = rowGradient.lanes(index, lanes)
        (valueGradient + start).store(value, index, lanes)
        biasGradient.store(biasGradient.lanes(index, lanes) + value, index, lanes)
      }
    }
  }
}

/// The gradient of a layer norm alone, (rows, columns): `gradient` enters as the output's and leaves as the input's, which
/// is also added to `carried` if given.
package func layerNormBackward(
  _ gradient: UnsafeMutablePointer<Float>, normalized: UnsafePointer<Float>,
  inverseDeviations: UnsafePointer<Float>, tensors: LayerNormTensors, carried: UnsafeMutablePointer<Float>? = nil,
  tensorGradients: LayerNormTensors, rows: Int, columns: Int, on team: ThreadTeam = .alone
) {
  let sums = [tensorGradients.gain, tensorGradients.shift]
  team.run(.rows(rows, columns: columns), addingTo: sums, columns: columns) { range, sums in
    for row in range {
      layerNormBackward(
        row: gradient + row &* columns, normalized: normalized + row &* columns,
        inverseDeviation: inverseDeviations[row], tensors: tensors, carried: carried.map { $0 + row &* columns },
        tensorGradients: LayerNormTensors(gain: sums[0], shift: sums[1]), columns: columns)
    }
  }
}

/// One row of it: with g = gradient gain, the input's gradient is (g - mean(g) - normalized mean(g normalized)) /
/// deviation.
@inline(__always)
private func layerNormBackward(
  row: UnsafeMutablePointer<Float>, normalized: UnsafePointer<Float>, inverseDeviation: Float,
  tensors: LayerNormTensors, carried: UnsafeMutablePointer<Float>?, tensorGradients: LayerNormTensors, columns: Int
) {
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
  guard let carried else { return }
  forEachGroup(of: columns) { index, lanes in
    carried.store(carried.lanes(index, lanes) + row.lanes(index, lanes), index, lanes)
  }
}
