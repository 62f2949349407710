// Effects pooled over draws and comparisons within strata, against Goldens/make_pooling.py, and what no formula there holds.

import Foundation
import XCTest

@testable import Statistics

final class PoolingTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Effects: Decodable {
      let y, v, interval, prediction: [Double]
      let tau2, mean, error, p, q, qp: Double
    }
    struct Rates: Decodable {
      let strata: [[Int]]
      let difference, variance: Double
    }
    struct Samples: Decodable {
      let strata: [[[Double]]]
      let z, p: Double
    }
    struct Spreads: Decodable {
      let strata: [[[Double]]]
      let ratio, p: Double
    }
    let effects: [Effects]
    let rates: [Rates]
    let samples: [Samples]
    let spreads: [Spreads]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/pooling.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  private func assertEqual(_ found: ConfidenceInterval, _ expected: [Double], accuracy: Double, _ message: String) {
    XCTAssertEqual(found.low, expected[0], accuracy: accuracy, message)
    XCTAssertEqual(found.high, expected[1], accuracy: accuracy, message)
  }

  /// The minimizer that made the goldens finds tau^2 where a likelihood is flat, to about the root of its rounding.
  func testRandomEffects() throws {
    let cases = try goldens().effects
    XCTAssertGreaterThanOrEqual(cases.count, 40)
    XCTAssertGreaterThanOrEqual(cases.count { $0.tau2 == 0 }, 5)
    for (index, golden) in cases.enumerated() {
      let pooled = RandomEffects(estimates: golden.y, variances: golden.v)
      let name = "case \(index)"
      XCTAssertEqual(pooled.betweenVariance, golden.tau2, accuracy: 1e-6, name)
      XCTAssertEqual(pooled.mean, golden.mean, accuracy: 1e-6, name)
      XCTAssertEqual(pooled.standardError, golden.error, accuracy: 1e-6, name)
      XCTAssertEqual(pooled.p, golden.p, accuracy: 1e-5, name)
      let scale = max(1, golden.interval[1] - golden.interval[0])
      assertEqual(pooled.interval(), golden.interval, accuracy: 1e-5 * scale, name)
      assertEqual(pooled.predictionInterval(), golden.prediction, accuracy: 1e-5 * scale, name)
      XCTAssertEqual(pooled.heterogeneity.q, golden.q, accuracy: 1e-9 * max(1, golden.q), name)
      XCTAssertEqual(pooled.heterogeneity.p, golden.qp, accuracy: 1e-9, name)
    }
  }

  /// With equal variances v the mean is the plain one, tau^2 the sample variance less v, and Hartung and Knapp's interval that of a
  /// t test.
  func testEqualVariances() {
    let values = [0.1, 0.5, 0.3, 0.9]
    let pooled = RandomEffects(estimates: values, variances: Array(repeating: 0.01, count: 4))
    let deviation = Sample.standardDeviation(values, ddof: 1)
    XCTAssertEqual(pooled.betweenVariance, deviation * deviation - 0.01, accuracy: 1e-12)
    let interval = Student.interval(ofMeanOf: values)
    assertEqual(pooled.interval(), [interval.low, interval.high], accuracy: 1e-12, "")
    // The t of .975 has three degrees of freedom for one more draw, too.
    let reach = 3.182446305284263 * (pooled.betweenVariance + deviation * deviation / 4).squareRoot()
    assertEqual(pooled.predictionInterval(), [0.45 - reach, 0.45 + reach], accuracy: 1e-9, "")
    let alike = RandomEffects(estimates: [0.4, 0.41, 0.42], variances: [0.1, 0.1, 0.1], guarded: true)
    XCTAssertEqual(alike.betweenVariance, 0)
    let mean = alike.interval()
    assertEqual(
      alike.predictionInterval(), [mean.low, mean.high], accuracy: 1e-12, "one more draw has the mean's effect")
    XCTAssertEqual(pooled.meansWithoutOne(of: [1, 1, 2, 2]), 0.3...0.6)
    XCTAssertNil(pooled.meansWithoutOne(of: [1, 1, 1, 1]), "nothing is left")
    XCTAssertNil(pooled.meansWithoutOne(of: [1, 1, 1, 2]), "one draw is left")
  }

  func testStratifiedRates() throws {
    for (index, golden) in try goldens().rates.enumerated() {
      let rates = StratifiedRates(
        golden.strata.map { .init(first: $0[0], firstTotal: $0[1], second: $0[2], secondTotal: $0[3]) })
      XCTAssertEqual(rates.difference, golden.difference, accuracy: 1e-12, "case \(index)")
      XCTAssertEqual(rates.variance, golden.variance, accuracy: 1e-12, "case \(index)")
    }
    let empty = StratifiedRates.Stratum(first: 0, firstTotal: 0, second: 3, secondTotal: 5)
    let one = StratifiedRates.Stratum(first: 4, firstTotal: 5, second: 1, secondTotal: 5)
    XCTAssertEqual(StratifiedRates([empty, one]), StratifiedRates([one]))
    XCTAssertTrue(StratifiedRates([empty]).difference.isNaN)
    XCTAssertTrue(StratifiedRates([empty]).p.isNaN)
    let error = StratifiedRates([one]).variance.squareRoot()
    XCTAssertEqual(StratifiedRates([one]).p, Normal.twoSidedTail(0.6 / error), accuracy: 1e-14)
    // All against none, where Sato's variance is 0: statsmodels' StratifiedTable.test_null_odds.
    let all = [
      StratifiedRates.Stratum(first: 4, firstTotal: 4, second: 0, secondTotal: 4),
      StratifiedRates.Stratum(first: 5, firstTotal: 5, second: 0, secondTotal: 3),
    ]
    XCTAssertEqual(StratifiedRates(all).variance, 0)
    XCTAssertEqual(StratifiedRates(all).p, 0.0001842311018281917, accuracy: 1e-15)
    // A variance of 0 is no sign that the difference is known.
    let none = StratifiedRates.Stratum(first: 0, firstTotal: 8, second: 0, secondTotal: 8)
    for strata in [all, [none, none, none]] {
      XCTAssertTrue(StratifiedRates(strata).interval().low.isNaN)
      XCTAssertTrue(StratifiedRates(strata).interval().high.isNaN)
    }
    XCTAssertEqual(StratifiedRates([one]).interval().low, 0.6 - 1.959963984540054 * error, accuracy: 1e-12)
  }

  /// 3 to 0 and 2 to 1 discordant pairs: P(X >= 5) of 6 fair coins, doubled.
  func testStratifiedMcNemar() {
    let strata = [
      PairedProportions(both: 1, onlyFirst: 3, onlySecond: 0, neither: 9),
      PairedProportions(both: 0, onlyFirst: 2, onlySecond: 1, neither: 4),
    ]
    XCTAssertEqual(PairedProportions(sumOf: strata).mcNemar, 14.0 / 64)
    XCTAssertEqual(PairedProportions(sumOf: strata).total, 20)
  }

  func testVanElteren() throws {
    let cases = try goldens().samples
    XCTAssertGreaterThanOrEqual(cases.count, 20)
    for (index, golden) in cases.enumerated() {
      let found = StratifiedSamples(golden.strata.map { .init(first: $0[0], second: $0[1]) }).vanElteren
      XCTAssertEqual(found.z, golden.z, accuracy: 1e-10, "case \(index)")
      XCTAssertEqual(found.p, golden.p, accuracy: 1e-10, "case \(index)")
    }
    XCTAssertTrue(StratifiedSamples([.init(first: [1, 1], second: [1])]).vanElteren.p.isNaN)
    // Diverged runs rank as worst, so an infinite loss has a rank.
    XCTAssertGreaterThan(StratifiedSamples([.init(first: [.infinity, 3], second: [1, 2])]).vanElteren.z, 1)
  }

  /// Within four standard errors of 10,000 random reallocations of what all reallocations give.
  func testSpreadWithinStrata() throws {
    let cases = try goldens().spreads
    XCTAssertGreaterThanOrEqual(cases.count, 8)
    for (index, golden) in cases.enumerated() {
      let samples = StratifiedSamples(golden.strata.map { .init(first: $0[0], second: $0[1]) })
      XCTAssertEqual(samples.logDeviationRatio, golden.ratio, accuracy: 1e-12, "case \(index)")
      let error = (golden.p * (1 - golden.p) / 10_000).squareRoot() + 1e-4
      XCTAssertEqual(samples.spreadTest(), golden.p, accuracy: 4 * error, "case \(index)")
    }
    XCTAssertTrue(StratifiedSamples([.init(first: [1], second: [2, 3])]).spreadTest().isNaN)
    XCTAssertTrue(StratifiedSamples([.init(first: [1, 1], second: [2, 2])]).logDeviationRatio.isNaN)
    XCTAssertEqual(StratifiedSamples([.init(first: [1, 1], second: [2, 3])]).logDeviationRatio, -.infinity)
  }
}
