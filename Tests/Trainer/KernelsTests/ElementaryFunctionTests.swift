// Domains and errors of exp, tanh and the normal distribution of floats, as elementwise.h states them.

import CElementwise
import XCTest

final class ElementaryFunctionTests: XCTestCase {
  /// Every float step of 1/1024 over a range.
  func grid(_ from: Float, _ to: Float) -> [Float] {
    Array(stride(from: from, through: to, by: 1 / 1024))
  }

  typealias Function = (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  func each(_ points: [Float], _ function: Function) -> [Float] {
    var values = points
    function(points, &values, points.count)
    return values
  }

  func normals(_ points: [Float]) -> (cumulative: [Float], density: [Float]) {
    var (cumulative, density) = (points, points)
    celementwise_normal(points, &cumulative, &density, points.count)
    return (cumulative, density)
  }

  func testExponentialErrorStaysBelowItsStatedBound() {
    let points = grid(-87.3, 88.36)
    let errors = zip(points, each(points, celementwise_exponential)).map { abs(Double($1) / exp(Double($0)) - 1) }
    XCTAssertLessThan(errors.max()!, 1.5e-7)
  }

  func testExponentialBeyondItsRange() {
    XCTAssertEqual(
      each([-87.4, -1000, -.infinity, -1e30, 88.4, 1000, .infinity, 1e30, 0], celementwise_exponential),
      [0, 0, 0, 0, .infinity, .infinity, .infinity, .infinity, 1])
  }

  func testHyperbolicTangentErrorStaysBelowItsStatedBound() {
    let points = grid(-12, 12) + [1e-30, -1e-30, 1e30, -1e30, .infinity, -.infinity]
    let errors = zip(points, each(points, celementwise_tanh)).map { x, value in
      x == 0 ? Double(value) : abs(Double(value) / tanh(Double(x)) - 1)
    }
    XCTAssertLessThan(errors.max()!, 3e-7)
  }

  func testNormalDistributionErrorStaysBelowItsStatedBound() {
    let points = grid(-14, 14) + [1e10, -1e10, .infinity, -.infinity]
    let (cumulative, density) = normals(points)
    let errors = zip(points, cumulative).map {
      abs(Double($1) - 0.5 * erfc(-Double($0) / 2.0.squareRoot()))
    }
    XCTAssertLessThan(errors.max()!, 1.2e-7)
    let densityErrors = zip(points, density).map {
      abs(Double($1) - exp(-Double($0) * Double($0) / 2) / (2 * Double.pi).squareRoot())
    }
    XCTAssertLessThan(densityErrors.max()!, 1.2e-7)
  }

  func testNotANumberStaysVisible() {
    let nan = [Float](repeating: .nan, count: 17)
    let (cumulative, density) = normals(nan)
    for values in [each(nan, celementwise_exponential), each(nan, celementwise_tanh), cumulative, density] {
      XCTAssertTrue(values.allSatisfy(\.isNaN))
    }
  }
}
