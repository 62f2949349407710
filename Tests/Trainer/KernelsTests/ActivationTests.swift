import XCTest

@testable import Kernels

final class ActivationTests: XCTestCase {
  func gelu(_ x: Double) -> Double { x * 0.5 * erfc(-x / 2.0.squareRoot()) }

  func testGELUAndItsDerivative() {
    let points = (0..<4_003).map { Float($0 - 2_001) / 160 }
    var values = points
    var output = [Float](repeating: 0, count: points.count)
    geluForward(&values, output: &output, count: points.count)
    for (index, x) in points.enumerated() {
      XCTAssertEqual(Double(output[index]), gelu(Double(x)), accuracy: 1.2e-7 * Double(max(1, abs(x))))
      let step = 1e-5
      let slope = (gelu(Double(x) + step) - gelu(Double(x) - step)) / (2 * step)
      // 1.2e-7 of the distribution function, and 1.2e-7 of the density times an |x| that is below 5.5 where the density is
      // not smaller still.
      XCTAssertEqual(Double(values[index]), slope, accuracy: 8e-7)
    }
  }

  func testGELUBackwardMultipliesAndSumsColumns() {
    let (rows, columns) = (5, 11)
    var gradient = normals(rows * columns, site: 1)
    let derivative = normals(rows * columns, site: 2)
    let expected = zip(gradient, derivative).map { Double($0) * Double($1) }
    var bias = [Float](repeating: 1, count: columns)
    geluBackward(&gradient, derivative: derivative, biasGradient: &bias, rows: rows, columns: columns)
    assertEqual(gradient, expected, roundings: 1)
    let sums = (0..<columns).map { column in (0..<rows).reduce(1) { $0 + expected[$1 * columns + column] } }
    assertEqual(bias, sums, roundings: 10)
  }

  func testTanhForwardAndBackward() {
    let points = normals(37, site: 3, scale: 2)
    let weights = normals(37, site: 4)
    var output = points
    tanhForward(&output, count: 37)
    // Relative 3e-7 is five roundings.
    assertEqual(output, points.map { tanh(Double($0)) }, roundings: 6)
    var gradient = weights
    tanhBackward(&gradient, output: output, count: 37)
    let expected = centralDifferences(points) { dot($0.map(tanh), weights) }
    assertEqual(gradient, expected, roundings: 16)
  }

  func testNotANumberStaysVisible() {
    var values = [Float](repeating: .nan, count: 9)
    var output = [Float](repeating: 0, count: 9)
    geluForward(&values, output: &output, count: 9)
    XCTAssertTrue((values + output).allSatisfy(\.isNaN))
  }
}
