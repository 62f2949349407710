import Arithmetics
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
    for arithmetic in Arithmetic.allCases { check(Products(arithmetic)) }
  }

  private func check(_ products: Products) {
    let (input, weight) = (normals(rows * inputs, site: 1), normals(outputs * inputs, site: 2))
    let (bias, weights) = (normals(outputs, site: 3), normals(rows * outputs, site: 4))
    let (wideInput, wideWeight) = (input.map(Double.init), weight.map(Double.init))
    let wideBias = bias.map(Double.init)
    let output = Rows.unset(rows, outputs)
    let layer = LinearTensors(weight: matrix(weight, columns: inputs), bias: vector(bias))
    let inputRows = matrix(input, columns: inputs)
    products.linearForward(inputRows, layer, into: output)
    assertEqual(output.values, reference(wideInput, wideWeight, wideBias), roundings: 2 * Double(inputs))

    let gradients = LinearTensors(
      weight: .unset(outputs, inputs), bias: vector([Float](repeating: 0, count: outputs)))
    let (gradient, inputGradient) = (matrix(weights, columns: outputs), Rows.unset(rows, inputs))
    products.linearBackward(gradient, layer, gradients, input: inputRows, into: inputGradient)
    let expected = centralDifferences(input) { dot(reference($0, wideWeight, wideBias), weights) }
    assertEqual(inputGradient.values, expected, roundings: 2 * Double(outputs))
    products.linearBackward(gradient, layer, gradients, input: inputRows, into: inputGradient, accumulating: true)
    assertEqual(inputGradient.values, expected.map { 2 * $0 }, roundings: 2 * Double(outputs))

    assertEqual(
      gradients.weight.values, centralDifferences(weight) { dot(reference(wideInput, $0, wideBias), weights) },
      roundings: 2 * Double(rows))

    products.biasBackward(gradient, into: gradients.bias)
    assertEqual(
      gradients.bias.values(outputs), centralDifferences(bias) { dot(reference(wideInput, wideWeight, $0), weights) },
      roundings: 2 * Double(rows))
  }
}
