// Bets against one mean, number by number, beside the confidence sequence of all means.

import XCTest

@testable import Statistics

final class BettingTestTests: XCTestCase {
  /// E-values by Goldens/make_paired_stops.py.
  func testEvidence() {
    let values = [0.5, 0.25, -0.125, 0.5, 0.375, 0.75, 0.5, 0.25, 0, 0.625]
    let expected = [
      0.625, 0.703125, 0.6591796875, 0.823974609375, 0.9784698486328125, 1.3453960418701172, 1.6817450523376467,
      1.8919631838798523, 1.8919631838798523, 2.4832016788423066,
    ]
    var test = BettingTest(mean: 0, in: -1...1, alpha: 0.05)
    for (value, evidence) in zip(values, expected) {
      test.add(value)
      XCTAssertEqual(test.evidence, evidence, accuracy: 1e-9)
      XCTAssertTrue(test.isAbove)
      XCTAssertFalse(test.isDecided)
    }
  }

  /// A mean is rejected where the interval of the same numbers leaves it out, on either side.
  func testTheIntervalLeavesOutWhatIsRejected() {
    for (sign, mean) in [(1.0, 0.0), (-1, 0), (1, 0.25), (-1, 0.1)] {
      var test = BettingTest(mean: mean, in: -1...1, alpha: 0.1)
      var values: [Double] = []
      var decisions = 0
      for number in 0..<60 {
        values.append(sign * [0.9, 0.3, 0.75, 0.6, 0.45][number % 5])
        test.add(values[number])
        let interval = BettingSequence.interval(ofMeanOf: values, in: -1...1, level: 0.9)
        XCTAssertEqual(test.isDecided, mean < interval.low || mean > interval.high, "\(sign) \(mean) \(number)")
        if test.isDecided { decisions += 1 }
      }
      XCTAssertGreaterThan(decisions, 0)
      XCTAssertEqual(test.isAbove, sign > 0)
      XCTAssertEqual(test.evidence >= 10, test.isDecided)
    }
  }
}
