// Linear layers as Hugging Face stores them: a weight of (outputs, inputs) and a bias of (outputs).

/// output = input weight^T + bias: (rows, inputs) to (rows, outputs).
package func linearForward(
  _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  output: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int,
  precision: ProductPrecision = .float32, on team: ThreadTeam = .alone
) {
  multiplyInBlocks(rows, outputs, team) { rows, columns in
    let corner = output + (rows.lowerBound &* outputs &+ columns.lowerBound)
    for row in 0..<rows.count {
      (corner + row &* outputs).update(from: bias + columns.lowerBound, count: columns.count)
    }
    multiply(
      input + rows.lowerBound &* inputs, stride: inputs, by: weight + columns.lowerBound &* inputs, .transposed,
      stride: inputs, into: corner, stride: outputs, m: rows.count, n: columns.count, k: inputs,
      accumulating: true, precision: precision)
  }
}

/// inputGradient (+)= outputGradient weight: (rows, outputs) to (rows, inputs).
package func linearBackward(
  _ outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>,
  inputGradient: UnsafeMutablePointer<Float>, accumulating: Bool, rows: Int, inputs: Int, outputs: Int,
  precision: ProductPrecision = .float32, on team: ThreadTeam = .alone
) {
  multiplyInBlocks(rows, inputs, team) { rows, columns in
    multiply(
      outputGradient + rows.lowerBound &* outputs, stride: outputs, by: weight + columns.lowerBound, stride: inputs,
      into: inputGradient + (rows.lowerBound &* inputs &+ columns.lowerBound), stride: inputs, m: rows.count,
      n: columns.count, k: outputs, accumulating: accumulating, precision: precision)
  }
}

/// weightGradient = outputGradient^T input, overwriting: (outputs, inputs) from (rows, outputs) and (rows, inputs).
package func linearWeightBackward(
  _ outputGradient: UnsafePointer<Float>, input: UnsafePointer<Float>,
  weightGradient: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int,
  precision: ProductPrecision = .float32, on team: ThreadTeam = .alone
) {
  multiplyInBlocks(outputs, inputs, team) { outputRange, columns in
    multiply(
      outputGradient + outputRange.lowerBound, .transposed, stride: outputs, by: input + columns.lowerBound,
      stride: inputs, into: weightGradient + (outputRange.lowerBound &* inputs &+ columns.lowerBound),
      stride: inputs, m: outputRange.count, n: columns.count, k: rows, accumulating: false,
      precision: precision)
  }
}

/// sums += the column sums of `values`, (rows, columns): a bias's gradient.
package func addColumnSums(
  _ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
  on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns), addingTo: [sums], columns: columns) { range, sums in
    for row in range { add(values + row &* columns, to: sums[0], count: columns) }
  }
}

/// Cuts a product's result, (m, n), into blocks of rows, or of columns where there are few rows, and runs `body` with
/// the rows and columns of each.
private func multiplyInBlocks(
  _ m: Int, _ n: Int, _ team: ThreadTeam, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
) {
  if m >= 768 || m >= n {
    team.run(.product(m)) { body($0, 0..<n) }
  } else {
    team.run(.product(n)) { body(0..<m, $0) }
  }
}
