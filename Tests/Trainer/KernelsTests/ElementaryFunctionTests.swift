import XCTest

@testable import Kernels

final class ElementaryFunctionTests: XCTestCase {
  /// Every float step of 1/1024 over a range.
  func grid(_ from: Float, _ to: Float) -> [Float] {
    Array(stride(from: from, through: to, by: 1 / 1024))
  }

  func each(_ points: [Float], _ function: (Lanes) -> Lanes) -> [Float] {
    points.map { function(Lanes(repeating: $0))[3] }
  }

  func testExponentialErrorStaysBelowItsStatedBound() {
    let points = grid(-87.3, 88.36)
    let errors = zip(points, each(points, exponential)).map { abs(Double($1) / exp(Double($0)) - 1) }
    XCTAssertLessThan(errors.max()!, 1.5e-7)
  }

  func testExponentialBeyondItsRange() {
    XCTAssertEqual(
      exponential(Lanes(-87.4, -1000, -.infinity, -1e30, 88.4, 1000, .infinity, 1e30)),
      Lanes(0, 0, 0, 0, .infinity, .infinity, .infinity, .infinity))
    XCTAssertEqual(exponential(Lanes(repeating: 0)), Lanes(repeating: 1))
  }

  func testHyperbolicTangentErrorStaysBelowItsStatedBound() {
    let points = grid(-12, 12) + [1e-30, -1e-30, 1e30, -1e30, .infinity, -.infinity]
    let errors = zip(points, each(points, hyperbolicTangent)).map { x, value in
      x == 0 ? Double(value) : abs(Double(value) / tanh(Double(x)) - 1)
    }
    XCTAssertLessThan(errors.max()!, 3e-7)
  }

  func testNormalDistributionErrorStaysBelowItsStatedBound() {
    let points = grid(-14, 14) + [1e10, -1e10, .infinity, -.infinity]
    let errors = zip(points, each(points) { normalDistribution($0).cumulative }).map {
      abs(Double($1) - 0.5 * erfc(-Double($0) / 2.0.squareRoot()))
    }
    XCTAssertLessThan(errors.max()!, 1.2e-7)
    let densityErrors = zip(points, each(points) { normalDistribution($0).density }).map {
      abs(Double($1) - exp(-Double($0) * Double($0) / 2) / (2 * Double.pi).squareRoot())
    }
    XCTAssertLessThan(densityErrors.max()!, 1.2e-7)
  }

  func testNotANumberStaysVisible() {
    let nan = Lanes(repeating: .nan)
    for value in [exponential(nan), hyperbolicTangent(nan), normalDistribution(nan).0, normalDistribution(nan).1] {
      for lane in 0..<8 { XCTAssertTrue(value[lane].isNaN) }
    }
  }
}
