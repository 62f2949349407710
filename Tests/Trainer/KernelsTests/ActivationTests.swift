import Architectures
import XCTest

@testable import Kernels

final class ActivationTests: XCTestCase {
  func gelu(_ x: Double) -> Double { x * 0.5 * erfc(-x / 2.0.squareRoot()) }

  func testGELUAndItsDerivative() {
    let points = (0..<4_003).map { Float($0 - 2_001) / 160 }
    let (derivative, result) = (matrix(points, columns: points.count), Rows.unset(1, points.count))
    Activation.gelu.forward(derivative, into: result)
    let (values, output) = (derivative.values, result.values)
    for (index, x) in points.enumerated() {
      XCTAssertEqual(Double(output[index]), gelu(Double(x)), accuracy: 1.2e-7 * Double(max(1, abs(x))))
      let step = 1e-5
      let slope = (gelu(Double(x) + step) - gelu(Double(x) - step)) / (2 * step)
      // 1.2e-7 of the distribution function, and 1.2e-7 of the density times an |x| that is below 5.5 where the density is
      // not smaller still.
      XCTAssertEqual(Double(values[index]), slope, accuracy: 8e-7)
    }
  }

  /// Each is x times a share between 0 and 1 that a tanh or an exponential gives with a relative error below 3e-7, and some
  /// roundings of 2^-24: 5e-7 max(1, |x|). The derivative adds a product of x with two more of them, whose size stays
  /// below 1.2, so five times as much.
  func testOtherActivationsAndTheirDerivatives() {
    let functions: [(Activation, (Double) -> Double)] = [
      (.geluTanh, { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
      (.silu, { $0 / (1 + exp(-$0)) }),
      (.relu, { max(0, $0) }),
    ]
    // None is zero, where relu has no derivative.
    let points = (0..<4_002).map { (Float($0) - 2_000.5) / 160 } + [-90, 90]
    for (activation, function) in functions {
      let (derivative, output) = (matrix(points, columns: points.count), Rows.unset(1, points.count))
      activation.forward(derivative, into: output)
      let values = output.values
      for (index, x) in points.enumerated() {
        XCTAssertEqual(
          Double(values[index]), function(Double(x)), accuracy: 5e-7 * Double(max(1, abs(x))), "\(activation)")
      }
      let (slopes, step) = (derivative.values, 1e-5)
      for (index, x) in points.enumerated() {
        let slope = (function(Double(x) + step) - function(Double(x) - step)) / (2 * step)
        XCTAssertEqual(Double(slopes[index]), slope, accuracy: 2.5e-6, "\(activation) at \(x)")
      }
    }
  }

  func testBackwardMultipliesAndSumsColumns() {
    let (rows, columns) = (5, 11)
    let weights = normals(rows * columns, site: 1)
    let derivative = normals(rows * columns, site: 2)
    let expected = zip(weights, derivative).map { Double($0) * Double($1) }
    let gradient = matrix(weights, columns: columns)
    let bias = vector([Float](repeating: 1, count: columns))
    Activation.backward(gradient, derivative: matrix(derivative, columns: columns), biasGradient: bias)
    assertEqual(gradient.values, expected, roundings: 1)
    let sums = (0..<columns).map { column in (0..<rows).reduce(1) { $0 + expected[$1 * columns + column] } }
    assertEqual(bias.values(columns), sums, roundings: 10)
  }

  func testTanhForwardAndBackward() {
    let points = normals(37, site: 3, scale: 2)
    let weights = normals(37, site: 4)
    let output = matrix(points, columns: 37)
    tanhForward(output)
    // Relative 3e-7 is five roundings.
    assertEqual(output.values, points.map { tanh(Double($0)) }, roundings: 6)
    let gradient = matrix(weights, columns: 37)
    tanhBackward(gradient, output: output)
    let expected = centralDifferences(points) { dot($0.map(tanh), weights) }
    assertEqual(gradient.values, expected, roundings: 16)
  }

  func testNotANumberStaysVisible() {
    for activation in Activation.allCases {
      let values = Rows.unset(1, 9)
      let output = matrix([Float](repeating: 0, count: 9), columns: 9)
      activation.forward(values, into: output)
      XCTAssertTrue(output.values.allSatisfy(\.isNaN), "\(activation)")
      if activation != .relu { XCTAssertTrue(values.values.allSatisfy(\.isNaN), "\(activation)") }
    }
  }
}
