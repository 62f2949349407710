// Logistic regression and doses against statsmodels and SciPy (Goldens/make_pooling.py), and data that set no bound.

import Foundation
import XCTest

@testable import Statistics

final class DoseResponseTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Fit: Decodable {
      let x: [[Double]]
      let k, n: [Int]
      let coefficients: [Double]
      let deviance: Double
    }
    struct Dose: Decodable {
      let cells: [[Double]]
      let slope, middle, deviance: Double
      let half, tenth: [Double?]
    }
    struct Ratio: Decodable {
      let one, two: [[Double]]
      let interval: [Double?]
    }
    let fits: [Fit]
    let doses: [Dose]
    let ratios: [Ratio]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/pooling.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  private func response(_ cells: [[Double]]) -> DoseResponse {
    DoseResponse(cells.map { .init(logDose: $0[0], failed: Int($0[1]), total: Int($0[2])) })
  }

  /// A bound that the data do not set is infinite here and nil there.
  private func assertEqual(_ found: ConfidenceInterval, _ expected: [Double?], _ message: String) {
    XCTAssertEqual(expected.count, 2, message)
    if let low = expected[0] {
      XCTAssertEqual(found.low, low, accuracy: 1e-6, message)
    } else {
      XCTAssertEqual(found.low, -.infinity, message)
    }
    if let high = expected[1] {
      XCTAssertEqual(found.high, high, accuracy: 1e-6, message)
    } else {
      XCTAssertEqual(found.high, .infinity, message)
    }
  }

  func testLogisticRegression() throws {
    let cases = try goldens().fits
    XCTAssertGreaterThanOrEqual(cases.count, 12)
    for (index, golden) in cases.enumerated() {
      let fit = try XCTUnwrap(LogisticRegression(golden.x, successes: golden.k, totals: golden.n))
      for (found, expected) in zip(fit.coefficients, golden.coefficients) {
        XCTAssertEqual(found, expected, accuracy: 1e-8 * max(1, abs(expected)), "case \(index)")
      }
      XCTAssertEqual(fit.deviance, golden.deviance, accuracy: 1e-8 * max(1, golden.deviance), "case \(index)")
      XCTAssertEqual(
        LogisticRegression.deviance(of: fit.coefficients, golden.x, successes: golden.k, totals: golden.n),
        fit.deviance, accuracy: 1e-12)
    }
  }

  func testRegressionsWithoutAnEstimate() {
    let separated = [[1.0, -1], [1, 1]]
    XCTAssertNil(LogisticRegression(separated, successes: [0, 5], totals: [5, 5]))
    let dependent = [[1.0, 2], [1, 2], [1, 2]]
    XCTAssertNil(LogisticRegression(dependent, successes: [1, 2, 3], totals: [5, 5, 5]))
  }

  func testDoses() throws {
    let cases = try goldens().doses
    XCTAssertGreaterThanOrEqual(cases.count, 20)
    for (index, golden) in cases.enumerated() {
      let response = response(golden.cells)
      let curve = try XCTUnwrap(response.curve)
      XCTAssertEqual(curve.slope, golden.slope, accuracy: 1e-7 * golden.slope, "case \(index)")
      XCTAssertEqual(curve.middle, golden.middle, accuracy: 1e-8, "case \(index)")
      XCTAssertEqual(curve.deviance, golden.deviance, accuracy: 1e-8 * max(1, golden.deviance), "case \(index)")
      assertEqual(response.interval(ofLogDoseAt: 0.5), golden.half, "half, case \(index)")
      assertEqual(response.interval(ofLogDoseAt: 0.1), golden.tenth, "tenth, case \(index)")
    }
  }

  func testRatiosOfDoses() throws {
    let cases = try goldens().ratios
    XCTAssertGreaterThanOrEqual(cases.count, 6)
    for (index, golden) in cases.enumerated() {
      assertEqual(response(golden.one).interval(ofMiddleOver: response(golden.two)), golden.interval, "case \(index)")
    }
  }

  /// Where failures and successes do not overlap, the middle may lie anywhere between them, and nowhere else: a curve with its middle
  /// at a smaller dose would have half of the ten runs there fail.
  func testSeparatedDoses() throws {
    let response = response([[0, 0, 10], [1, 0, 10], [2, 10, 10]])
    let curve = try XCTUnwrap(response.curve)
    XCTAssertEqual(curve, DoseResponse.Curve(slope: .infinity, middle: 1.5, deviance: 0))
    XCTAssertEqual(curve.logDose(at: 0.1), 1.5)
    let interval = response.interval(ofLogDoseAt: 0.5)
    XCTAssertEqual(interval.low, 1, accuracy: 1e-4)
    XCTAssertEqual(interval.high, 2, accuracy: 1e-4)
    let mixed = self.response([[0, 0, 10], [1, 4, 10], [2, 10, 10]])
    XCTAssertEqual(mixed.curve, DoseResponse.Curve(slope: .infinity, middle: 1, deviance: 0))
    XCTAssertTrue(mixed.interval(ofLogDoseAt: 0.5).low < 1 && mixed.interval(ofLogDoseAt: 0.5).high > 1)
  }

  func testResponsesWithoutACurve() {
    XCTAssertNil(response([[0, 0, 5], [1, 0, 5]]).curve, "nothing failed")
    XCTAssertNil(response([[0, 5, 5], [1, 5, 5]]).curve, "all failed")
    XCTAssertNil(response([[0, 4, 5], [1, 1, 5]]).curve, "failures fall")
    XCTAssertNil(response([[0, 2, 5]]).curve, "one dose")
    XCTAssertTrue(response([[0, 0, 5], [1, 0, 5]]).interval(ofLogDoseAt: 0.5).low.isNaN)
    // Failures that rise but a little: no upper bound.
    let weak = response([[0, 1, 10], [0.1, 2, 10]])
    XCTAssertNotNil(weak.curve)
    XCTAssertEqual(weak.interval(ofLogDoseAt: 0.5).high, .infinity)
  }
}
