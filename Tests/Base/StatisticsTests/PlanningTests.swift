// Confidence sequences, sample sizes and powers against SciPy and statsmodels (Goldens/make_planning.py), and what a
// sequence promises however often one looks.

import Foundation
import XCTest

@testable import Statistics

final class PlanningTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Sequence: Decodable {
      let count, total: Int
      let level: Double
      let interval: [Double]
    }
    struct Width: Decodable {
      let width: Double
      let count: Int
    }
    struct Power: Decodable {
      let rates: [Double]
      let total: Int
      let significance, boschloo: Double
      let mcnemar: Double?
    }

    let sequences: [Sequence]
    let widths: [Width]
    let powers, large: [Power]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/planning.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  /// `brentq` of `log(n + 1) + binom.logpmf(k, n, p) - log(1 - level)`.
  func testConfidenceSequences() throws {
    let cases = try goldens().sequences
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let found = Proportion.confidenceSequence(count: golden.count, total: golden.total, level: golden.level)
      XCTAssertEqual(found.low, golden.interval[0], accuracy: 1e-9, "\(golden)")
      XCTAssertEqual(found.high, golden.interval[1], accuracy: 1e-9, "\(golden)")
    }
    XCTAssertEqual(Proportion.confidenceSequence(count: 0, total: 0), ConfidenceInterval(low: 0, high: 1))
  }

  /// The probability, by going through every count, that a rate ever lies outside while one looks after each of 60 trials.
  func testSequenceHoldsAtEveryLook() {
    for rate in [0.02, 0.1, 0.3, 0.5] {
      var inside = [1.0]
      var missed = 0.0
      for total in 1...60 {
        var next = Array(repeating: 0.0, count: total + 1)
        for (count, chance) in inside.enumerated() {
          next[count] += chance * (1 - rate)
          next[count + 1] += chance * rate
        }
        for count in next.indices {
          let interval = Proportion.confidenceSequence(count: count, total: total)
          guard rate < interval.low || rate > interval.high else { continue }
          missed += next[count]
          next[count] = 0
        }
        inside = next
      }
      XCTAssertLessThanOrEqual(missed, 0.05, "rate \(rate)")
      XCTAssertGreaterThan(missed, 0, "rate \(rate)")
    }
  }

  /// `proportion_confint(n / 2, n, method="wilson")`.
  func testWilsonSizes() throws {
    let cases = try goldens().widths
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      XCTAssertEqual(SampleSize.wilson(halfWidth: golden.width), golden.count, "\(golden)")
      for count in 0...golden.count {
        let interval = Proportion.wilson(count: count, total: golden.count)
        XCTAssertLessThanOrEqual((interval.high - interval.low) / 2, golden.width + 1e-12)
      }
    }
  }

  /// Sums of `binom.pmf` over the outcomes that `binomtest` and `boschloo_exact` reject.
  func testPowers() throws {
    let cases = try goldens().powers
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let rates = (golden.rates[0], golden.rates[1])
      XCTAssertEqual(
        PairedProportions.mcNemarPower(rates: rates, total: golden.total, significance: golden.significance),
        try XCTUnwrap(golden.mcnemar), accuracy: 1e-9, "\(golden)")
      XCTAssertEqual(
        TwoProportions.boschlooPower(rates: rates, total: golden.total, significance: golden.significance),
        golden.boschloo, accuracy: 1e-6, "\(golden)")
    }
  }

  /// Boschloo's definition with `hypergeom.cdf` and a fine grid of rates.
  func testPowersOfLargeGroups() throws {
    for golden in try goldens().large {
      XCTAssertEqual(
        TwoProportions.boschlooPower(
          rates: (golden.rates[0], golden.rates[1]), total: golden.total, significance: golden.significance),
        golden.boschloo, accuracy: 1e-6, "\(golden)")
    }
  }

  /// The rejection region is that of the test itself, p-value by p-value.
  func testBoschlooPowerByItsPValues() {
    for (total, significance) in [(9, 0.05), (17, 0.05 / 3), (20, 0.05), (33, 0.05)] {
      let rates = (0.4, 0.05)
      var power = 0.0
      for x in 0...total {
        for y in 0...total
        where TwoProportions.boschloo(first: x, firstTotal: total, second: y, secondTotal: total) < significance {
          power += chance(x, total, rates.0) * chance(y, total, rates.1)
        }
      }
      XCTAssertEqual(
        TwoProportions.boschlooPower(rates: rates, total: total, significance: significance), power, accuracy: 1e-9)
    }
  }

  private func chance(_ count: Int, _ total: Int, _ rate: Double) -> Double {
    Proportion.binomialUpperTail(count: count, total: total, rate: rate)
      - Proportion.binomialUpperTail(count: count + 1, total: total, rate: rate)
  }

  func testSmallest() {
    // A saw: 7 is enough, 8 is not, 9 to 13 are, 14 is not, and all after it.
    let enough: Set<Int> = [7, 9, 10, 11, 12, 13]
    let power = { (count: Int) in count >= 15 || enough.contains(count) ? 0.9 : 0.1 }
    XCTAssertEqual(SampleSize.smallest(limit: 100, power: 0.8, power), 15)
    XCTAssertNil(SampleSize.smallest(limit: 14, power: 0.8, power))
    XCTAssertEqual(SampleSize.smallest(limit: 100, power: 0.8) { Double($0) / 25 }, 20)
    XCTAssertEqual(SampleSize.smallest(limit: 100, power: 0.8) { _ in 1 }, 1)
    // .40 against .00 on the same seeds: 6 discordant pairs decide, 2 / 2^6 < .05.
    let six = SampleSize.smallest(limit: 100, power: 0.8) {
      PairedProportions.mcNemarPower(rates: (0.4, 0), total: $0, significance: 0.05)
    }
    XCTAssertEqual(six, (1...100).first { Proportion.binomialUpperTail(count: 6, total: $0, rate: 0.4) >= 0.8 })
  }
}
