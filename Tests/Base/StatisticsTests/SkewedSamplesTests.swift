// Intervals of skewed samples against their definitions in SciPy and NumPy (Goldens/make_skewed.py).

import Foundation
import XCTest

@testable import Statistics

final class SkewedSamplesTests: XCTestCase {
  private struct Golden: Decodable {
    let x, y: [Double]
    let level: Double
    let mean, deviation, difference: [Double?]
  }

  func testGoldens() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/skewed.json")
    let cases = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let found = [
        SkewedSamples.meanInterval(golden.x, level: golden.level),
        SkewedSamples.deviationInterval(golden.x, level: golden.level),
        SkewedSamples.differenceInterval(golden.x, golden.y, level: golden.level),
      ]
      for (interval, expected) in zip(found, [golden.mean, golden.deviation, golden.difference]) {
        for (bound, value) in [(interval.low, expected[0]), (interval.high, expected[1])] {
          guard let value else {
            XCTAssertTrue(bound.isNaN, "case \(index)")
            continue
          }
          XCTAssertEqual(bound, value, accuracy: 1e-9 * max(1, abs(value)), "case \(index)")
        }
      }
    }
  }

  func testSmallAndConstantSamples() {
    XCTAssertTrue(SkewedSamples.meanInterval([]).low.isNaN)
    XCTAssertEqual(SkewedSamples.meanInterval([1, 2]), Student.interval(ofMeanOf: [1, 2]))
    XCTAssertEqual(SkewedSamples.meanInterval([3, 3, 3]), ConfidenceInterval(low: 3, high: 3))
    XCTAssertTrue(SkewedSamples.deviationInterval([0.7, 0.7, 0.7, 0.7]).low.isNaN)
    XCTAssertTrue(SkewedSamples.deviationInterval([0.7, 0.7, 0.7, 0.8]).low.isNaN, "without .8 no spread is left")
    XCTAssertTrue(SkewedSamples.deviationInterval([1, 2, 3]).low.isNaN)
    // Symmetric numbers leave Student's interval.
    XCTAssertEqual(SkewedSamples.meanInterval([1, 2, 3]), Student.interval(ofMeanOf: [1, 2, 3]))
  }
}
