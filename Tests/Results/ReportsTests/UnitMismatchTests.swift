// Which scores and baselines seem to be in different units: the bounds on both sides.

import XCTest

@testable import Reports

final class UnitMismatchTests: XCTestCase {
  func testPercentBesideFractions() {
    let cases: [(scores: ClosedRange<Double>, baseline: Double, found: UnitMismatch?)] = [
      (0.2...70, 0.5, .someScores), (1...1.01, 0.5, .someScores), (0...100, 0.5, .someScores),
      (1.01...70, 0.5, .scoresOrBaseline), (0...1, 52.7, .scoresOrBaseline), (0.3...0.9, 100, .scoresOrBaseline),
      // One unit, or none that is known.
      (0...1, 0.5, nil), (30...70, 52.7, nil), (0.2...70, 0, nil), (0.2...70, 1, nil), (0...1, 1, nil),
      (0...1, 100.5, nil), (-0.1...70, 0.5, nil), (-0.1...1, 52.7, nil), (0.2...100.5, 0.5, nil),
    ]
    for (scores, baseline, found) in cases {
      XCTAssertEqual(UnitMismatch(scores: scores, baseline: baseline), found, "\(scores) beside \(baseline)")
    }
  }
}
