// Linear layers as Hugging Face stores them: a weight of (outputs, inputs) and a bias of (outputs).

/// output = input weight^T + bias: (rows, inputs) to (rows, outputs).
public func linearForward(
  _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  output: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int
) {
  for row in 0..<rows { (output + row &* outputs).update(from: bias, count: outputs) }
  multiply(
    input, stride: inputs, by: weight, .transposed, stride: inputs, into: output, stride: outputs, m: rows, n: outputs,
    k: inputs, beta: 1)
}

/// inputGradient (+)= outputGradient weight: (rows, outputs) to (rows, inputs).
public func linearBackward(
  _ outputGradient: UnsafePointer<Float>, weight: UnsafePointer<Float>,
  inputGradient: UnsafeMutablePointer<Float>, accumulating: Bool, rows: Int, inputs: Int, outputs: Int
) {
  multiply(
    outputGradient, stride: outputs, by: weight, stride: inputs, into: inputGradient, stride: inputs, m: rows,
    n: inputs, k: outputs, beta: accumulating ? 1 : 0)
}

/// weightGradient = outputGradient^T input, overwriting: (outputs, inputs) from (rows, outputs) and (rows, inputs).
public func linearWeightBackward(
  _ outputGradient: UnsafePointer<Float>, input: UnsafePointer<Float>,
  weightGradient: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int
) {
  multiply(
    outputGradient, .transposed, stride: outputs, by: input, stride: inputs, into: weightGradient, stride: inputs,
    m: outputs, n: inputs, k: rows)
}

/// sums += the column sums of `values`, (rows, columns): a bias's gradient.
public func addColumnSums(
  _ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, rows: Int, columns: Int
) {
  for row in 0..<rows {
    let rowValues = values + row &* columns
    forEachGroup(of: columns) { index, lanes in
      sums.store(sums.lanes(index, lanes) + rowValues.lanes(index, lanes), index, lanes)
    }
  }
}
