// Tests, intervals and order statistics against SciPy, statsmodels and definitions, on the inputs of
// Goldens/make_comparisons.py, where each library call stands.

import Foundation
import XCTest

@testable import Statistics

private struct Goldens: Decodable {
  struct TwoSamples: Decodable {
    let a, b: [Double]
    let welch, mannWhitney: [Double?]
    let leveneMean, leveneMedian: [Double?]?
  }
  struct Distribution: Decodable {
    let t, degrees, student, level, halfWidth, f, fisher, z, normal, normalQuantile: Double
    let above, below: Int
  }
  struct BootstrapCase: Decodable {
    let kind: String
    let estimate: Double?
    let samples: [[Double]]
    let replicates: [Double]
    let interval, bounds, deviations: [Double?]
  }
  struct Permutation: Decodable {
    let a, b: [Double]
    let p: Double
  }
  struct Intervals: Decodable {
    let x: [Double]
    let mean, median, bonett: [Double?]
  }
  struct Rates: Decodable {
    let table: [Int]
    let barnard, barnardSciPy: Double
    let newcombe: [Double]
  }
  struct Pairs: Decodable {
    let table: [Int]
    let mcNemar: Double
    let newcombe: [Double]
  }
  struct Family: Decodable { let p, holm: [Double] }
  struct Maximum: Decodable {
    let a, b: [Double]
    let draws: Int
    let withReplacement, deviation, withoutReplacement, onSecond, optimism: Double
  }
  struct HalvesCase: Decodable {
    let a, b: [Double]
    let covariance: Double
    let correlation, p: Double?
  }
  let twoSamples: [TwoSamples]
  let permutations: [Permutation]
  let distributions: [Distribution]
  let bootstraps: [BootstrapCase]
  let intervals: [Intervals]
  let rates: [Rates]
  let pairs: [Pairs]
  let families: [Family]
  let maxima: [Maximum]
  let halves: [HalvesCase]

  static func read() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/comparisons.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }
}

final class ComparisonGoldenTests: XCTestCase {
  /// Numbers agree to 1e-9 of their size (at least of 1); null stands for a number that is not finite.
  private func assertEqual(
    _ found: [Double], _ expected: [Double?], _ name: String, line: UInt = #line
  ) {
    XCTAssertEqual(found.count, expected.count, name, line: line)
    for (found, expected) in zip(found, expected) {
      if let expected {
        XCTAssertEqual(found, expected, accuracy: 1e-9 * max(1, abs(expected)), name, line: line)
      } else {
        XCTAssertFalse(found.isFinite, name, line: line)
      }
    }
  }

  private func assertEqual(
    _ found: ConfidenceInterval, _ expected: [Double?], _ name: String, line: UInt = #line
  ) { assertEqual([found.low, found.high], expected, name, line: line) }

  /// `ttest_ind(a, b, equal_var=False)`, `mannwhitneyu(a, b, method="auto")`.
  func testLocations() throws {
    let cases = try Goldens.read().twoSamples
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let name = "case \(index)"
      let welch = LocationTests.welch(golden.a, golden.b)
      // Of two constant groups SciPy divides by what rounding left of the variance; here it is NaN.
      if Set(golden.a).count > 1 || Set(golden.b).count > 1 {
        assertEqual([welch.t, welch.degrees, welch.p, welch.interval.low, welch.interval.high], golden.welch, name)
      }
      let ranks = LocationTests.mannWhitney(golden.a, golden.b)
      // Where all numbers are equal SciPy divides 0 by 0 or gives 1; two equal groups do not differ.
      if Set(golden.a + golden.b).count > 1 { assertEqual([ranks.u, ranks.p], golden.mannWhitney, name) }
      XCTAssertEqual(ranks.superiority, ranks.u / Double(golden.a.count * golden.b.count), name)
    }
  }

  /// `permutation_test(..., permutation_type="independent", n_resamples=inf)`.
  func testPermutations() throws {
    let cases = try Goldens.read().permutations
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let found = LocationTests.permutation(golden.a, golden.b)
      XCTAssertTrue(found.isExact, "case \(index)")
      XCTAssertEqual(found.p, golden.p, accuracy: 1e-9, "case \(index)")
    }
  }

  /// `levene(a, b, center="mean")` and `center="median"`.
  func testSpreads() throws {
    let cases = try Goldens.read().twoSamples.filter { $0.leveneMean != nil }
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      for (center, expected) in [(Spread.Center.mean, golden.leveneMean), (.median, golden.leveneMedian)] {
        let found = Spread.levene([golden.a, golden.b], center: center)
        assertEqual([found.w, found.p], try XCTUnwrap(expected), "case \(index), \(center)")
      }
    }
  }

  /// `t.sf`, `t.ppf`, `f.sf`, `norm.cdf`, `norm.ppf`.
  func testDistributions() throws {
    let cases = try Goldens.read().distributions
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let name = "\(golden)"
      assertEqual([Student.twoSidedTail(golden.t, degrees: golden.degrees)], [golden.student], name)
      assertEqual([Student.halfWidth(level: golden.level, degrees: golden.degrees)], [golden.halfWidth], name)
      assertEqual([FisherF.upperTail(golden.f, Double(golden.above), Double(golden.below))], [golden.fisher], name)
      assertEqual([Normal.cumulative(golden.z)], [golden.normal], name)
      assertEqual([Normal.quantile(golden.level)], [golden.normalQuantile], name)
      assertEqual([Normal.twoSidedTail(golden.z)], [2 * min(golden.normal, 1 - golden.normal)], name)
    }
  }

  private func statistic(_ kind: String) -> ([[Double]]) -> Double {
    switch kind {
    case "mean": { Sample.mean($0[0]) }
    case "sd": { Sample.standardDeviation($0[0], ddof: 1) }
    case "ratio":
      { Sample.standardDeviation($0[0], ddof: 1) / Sample.standardDeviation($0[1], ddof: 1) }
    default: { Correlation.covariance($0[0], $0[1]) }
    }
  }

  /// The interval that `bootstrap(data, ..., method="BCa", paired=kind == "covariance")` makes of the replicates it drew.
  func testBCaIntervals() throws {
    let cases = try Goldens.read().bootstraps
    for kind in ["mean", "sd", "ratio", "covariance"] {
      XCTAssertGreaterThanOrEqual(cases.count { $0.kind == kind }, 50, kind)
    }
    for (index, golden) in cases.enumerated() {
      let statistic = statistic(golden.kind)
      let pairs = golden.kind == "covariance" ? [golden.samples[0].indices.map(Double.init)] : golden.samples
      let leftOut = Bootstrap.leaveOneOut(pairs) { samples in
        golden.kind == "covariance"
          ? statistic(golden.samples.map { values in samples[0].map { values[Int($0)] } }) : statistic(samples)
      }
      // Replicates that equal the estimate count half, so it has to be SciPy's to the last bit.
      let estimate = golden.estimate ?? .nan
      assertEqual([statistic(golden.samples)], [golden.estimate], "case \(index), \(golden.kind)")
      let interval = Bootstrap.interval(
        estimate: estimate, replicates: golden.replicates, leftOut: leftOut, level: 0.95)
      assertEqual(interval, golden.interval, "case \(index), \(golden.kind)")
    }
  }

  /// Intervals of our own resamples against the mean bounds of 20 runs of `bootstrap(data, ..., method="BCa", n_resamples=5000)`:
  /// no further than six of SciPy's own standard deviations, or 3 % of the interval's width where scores are so few that it
  /// has next to none.
  func testBootstrapIntervals() throws {
    for (index, golden) in try Goldens.read().bootstraps.enumerated() {
      let bootstrap = Bootstrap(resampleCount: 5000, seed: UInt64(index))
      let statistic = statistic(golden.kind)
      let interval =
        golden.kind == "covariance"
        ? bootstrap.intervals(pairs: golden.samples[0], golden.samples[1], of: [Correlation.covariance])[0]
        : bootstrap.intervals(golden.samples, of: [statistic])[0]
      let name = "case \(index), \(golden.kind)"
      guard let low = golden.bounds[0], let high = golden.bounds[1] else {
        XCTAssertTrue(interval.low.isNaN && interval.high.isNaN, name)
        continue
      }
      for (found, expected, deviation) in [
        (interval.low, low, golden.deviations[0]), (interval.high, high, golden.deviations[1]),
      ] {
        XCTAssertEqual(found, expected, accuracy: max(6 * (deviation ?? 0), 0.03 * (high - low)), name)
      }
    }
  }

  /// `t.interval`, `quantile_test(...).confidence_interval`, and Bonett's formula.
  func testIntervals() throws {
    let cases = try Goldens.read().intervals
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      assertEqual(Student.interval(ofMeanOf: golden.x), golden.mean, "case \(index)")
      assertEqual(OrderStatistics.medianInterval(golden.x), golden.median, "case \(index)")
      assertEqual(Spread.bonett(golden.x), golden.bonett, "case \(index)")
    }
  }

  /// `confint_proportions_2indep(..., method="newcomb")`; Barnard by its definition and by `barnard_exact`, which compares
  /// statistics in floating point and so may lose a table that ties with the observed one.
  func testRates() throws {
    let cases = try Goldens.read().rates
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    var agreementCount = 0
    for golden in cases {
      let (a, n, b, m) = (golden.table[0], golden.table[1], golden.table[2], golden.table[3])
      assertEqual(
        TwoProportions.newcombe(first: a, firstTotal: n, second: b, secondTotal: m), golden.newcombe, "\(golden.table)")
      let barnard = TwoProportions.barnard(first: a, firstTotal: n, second: b, secondTotal: m)
      XCTAssertEqual(barnard, golden.barnard, accuracy: 1e-6, "\(golden.table)")
      XCTAssertGreaterThanOrEqual(barnard, golden.barnardSciPy - 1e-6, "\(golden.table)")
      if abs(barnard - golden.barnardSciPy) <= 1e-6 { agreementCount += 1 }
    }
    XCTAssertGreaterThanOrEqual(agreementCount, 55)
  }

  /// `mcnemar(table, exact=True)` and Newcombe's formula for pairs.
  func testPairs() throws {
    let cases = try Goldens.read().pairs
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let pairs = PairedProportions(
        both: golden.table[0], onlyFirst: golden.table[1], onlySecond: golden.table[2], neither: golden.table[3])
      XCTAssertEqual(pairs.mcNemar, golden.mcNemar, accuracy: 1e-9 * max(1e-3, golden.mcNemar), "\(golden.table)")
      assertEqual(pairs.newcombe(), golden.newcombe, "\(golden.table)")
    }
  }

  /// `multipletests(p, method="holm")`.
  func testHolm() throws {
    let cases = try Goldens.read().families
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      assertEqual(Multiplicity.holm(golden.p), golden.holm, "\(golden.p)")
    }
  }

  /// Every tuple and every subset of draws, gone through.
  func testMaxima() throws {
    let cases = try Goldens.read().maxima
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let (a, draws) = (golden.a, golden.draws)
      let selection = OrderStatistics.selection(a, golden.b, draws: draws)
      assertEqual(
        [
          OrderStatistics.expectedMaximum(a, draws: draws), OrderStatistics.maximumDeviation(a, draws: draws),
          OrderStatistics.expectedMaximumUnbiased(a, draws: draws), selection.onFirst, selection.onSecond,
          selection.optimism,
        ],
        [
          golden.withReplacement, golden.deviation, golden.withoutReplacement, golden.withoutReplacement,
          golden.onSecond, golden.optimism,
        ], "case \(index)")
    }
  }

  /// `numpy.cov` and `pearsonr(...).pvalue`.
  func testHalves() throws {
    let cases = try Goldens.read().halves
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let shared = Halves.shared(golden.a, golden.b, bootstrap: Bootstrap(resampleCount: 10))
      assertEqual(
        [shared.covariance, shared.correlation, shared.p], [golden.covariance, golden.correlation, golden.p],
        "case \(index)")
    }
  }
}
