import XCTest

@testable import Kernels

final class LinearTests: XCTestCase {
  let (rows, inputs, outputs) = (7, 13, 10)

  func reference(_ input: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    (0..<rows * outputs).map { index in
      let (row, output) = (index / outputs, index % outputs)
      return (0..<inputs).reduce(bias[output]) { $0 + input[row * inputs + $1] * weight[output * inputs + $1] }
    }
  }

  /// Sums of n products round at most n + 1 times; terms may be a few times larger than their sum.
  func testForwardAndBackward() {
    let (input, weight) = (normals(rows * inputs, site: 1), normals(outputs * inputs, site: 2))
    let (bias, weights) = (normals(outputs, site: 3), normals(rows * outputs, site: 4))
    let (wideInput, wideWeight) = (input.map(Double.init), weight.map(Double.init))
    let wideBias = bias.map(Double.init)
    var output = [Float](repeating: .nan, count: rows * outputs)
    linearForward(
      input, weight: weight, bias: bias, output: &output, rows: rows, inputs: inputs, outputs: outputs)
    assertEqual(output, reference(wideInput, wideWeight, wideBias), roundings: 2 * Double(inputs))

    var inputGradient = [Float](repeating: .nan, count: rows * inputs)
    linearBackward(
      weights, weight: weight, inputGradient: &inputGradient, accumulating: false, rows: rows, inputs: inputs,
      outputs: outputs)
    let expected = centralDifferences(input) { dot(reference($0, wideWeight, wideBias), weights) }
    assertEqual(inputGradient, expected, roundings: 2 * Double(outputs))
    linearBackward(
      weights, weight: weight, inputGradient: &inputGradient, accumulating: true, rows: rows, inputs: inputs,
      outputs: outputs)
    assertEqual(inputGradient, expected.map { 2 * $0 }, roundings: 2 * Double(outputs))

    var weightGradient = [Float](repeating: .nan, count: outputs * inputs)
    linearWeightBackward(
      weights, input: input, weightGradient: &weightGradient, rows: rows, inputs: inputs, outputs: outputs)
    assertEqual(
      weightGradient, centralDifferences(weight) { dot(reference(wideInput, $0, wideBias), weights) },
      roundings: 2 * Double(rows))

    var biasGradient = [Float](repeating: 0, count: outputs)
    addColumnSums(weights, to: &biasGradient, rows: rows, columns: outputs)
    assertEqual(
      biasGradient, centralDifferences(bias) { dot(reference(wideInput, wideWeight, $0), weights) },
      roundings: 2 * Double(rows))
  }
}
