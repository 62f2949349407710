// What verdicts need beside pooled effects, against Goldens/make_verdicts.py, exact distributions and sums by hand.

import Foundation
import XCTest

@testable import Statistics

final class VerdictStatisticsTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Tail: Decodable {
      let t, shift, degrees, tail: Double
    }
    struct Guarded: Decodable {
      let y, v, interval: [Double]
      let error, p: Double
    }
    struct Crossed: Decodable {
      let table: [[Double]]
      let interval: [Double]
      let mean, error, degrees: Double
    }
    struct Permutations: Decodable {
      let correct: [[Bool]]
      let strata: [[[Double]]]
      let p, halvesP: Double
    }
    let noncentral: [Tail]
    let guarded: [Guarded]
    let crossed: [Crossed]
    let permutations: Permutations
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/verdicts.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  /// Simpson's rule over the scale or over the normal variable, of a smooth integrand but for a corner at 0.
  func testNoncentralT() throws {
    let cases = try goldens().noncentral
    XCTAssertEqual(cases.count, 100)
    for golden in cases {
      XCTAssertEqual(
        NoncentralT.upperTail(golden.t, shift: golden.shift, degrees: golden.degrees), golden.tail, accuracy: 1e-8,
        "\(golden)")
    }
  }

  /// With one degree of freedom and a strict level the bound is some hundreds, far out in a heavy tail. mpmath 1.3 integrated
  /// `ncdf(shift - t s)` over the density of the scale s, in pieces, with 30 digits.
  func testPowerWithFewDraws() {
    let cases: [(draws: Int, significance: Double, effect: Double, power: Double)] = [
      (2, 0.001, 0.0, 0.001), (2, 0.005, 0, 0.005), (2, 0.05, 0, 0.05), (3, 0.001, 0, 0.001), (9, 0.001, 0, 0.001),
      (2, 0.001, 50, 0.0626013151450416), (2, 0.005, 20, 0.124816638217502), (2, 0.05, 5, 0.305160102735156),
      (3, 0.001, 10, 0.0960222216231109), (4, 0.001, 6, 0.119834506576217),
    ]
    for (draws, significance, effect, power) in cases {
      // The standard error of the pooled effect is 1.
      let design = PooledDesign(betweenVariance: Double(draws), runVariance: 0, significance: significance)
      XCTAssertEqual(
        design.power(effect: effect, draws: draws, runs: 1), power, accuracy: 1e-8,
        "\(draws) draws, level \(significance), effect \(effect)")
    }
    // Without any variance an effect is certain.
    let certain = PooledDesign(betweenVariance: 0, runVariance: 0, significance: 0.001)
    XCTAssertEqual(certain.power(effect: 1, draws: 2, runs: 1), 1)
  }

  /// The test of a guarded model needs more runs: its standard error is never below that of known variances. SciPy 1.11's `quad` of
  /// `norm.cdf(shift - t max(s, g))` over the density of s, in pieces, where g^2 is the share of the sampling variance; 400,000 simulated
  /// studies like the second one find the effect in .1111.
  func testGuardedPower() {
    let cases: [(draws: Int, runs: Int, between: Double, run: Double, level: Double, effect: Double, power: Double)] = [
      (3, 50, 0, 0.5, 0.05, 0.3, 0.6465704098925622), (6, 20, 0.01, 0.4, 0.05 / 15, 0.25, 0.11099021839428531),
      (9, 10, 0, 0.4, 0.05, 0.15, 0.4089368152521819), (40, 10, 0.005, 0.4, 0.05, 0.05, 0.2884383451269465),
      (2, 30, 0.02, 0.4, 0.05, 1, 0.19597732071554078),
    ]
    for (draws, runs, between, run, level, effect, power) in cases {
      let design = PooledDesign(betweenVariance: between, runVariance: run, significance: level, isGuarded: true)
      XCTAssertEqual(design.power(effect: effect, draws: draws, runs: runs), power, accuracy: 1e-5, "\(draws) draws")
    }
    // Runs without sampling errors have nothing to guard, and without any variance an effect is certain.
    let free = PooledDesign(betweenVariance: 3, runVariance: 0, significance: 0.05, isGuarded: true)
    XCTAssertEqual(free.power(effect: 0, draws: 3, runs: 1), 0.05, accuracy: 1e-8)
    let certain = PooledDesign(betweenVariance: 0, runVariance: 0, significance: 0.001, isGuarded: true)
    XCTAssertEqual(certain.power(effect: 1, draws: 2, runs: 1), 1)
  }

  /// Equal and opposite orders have exactly 1 and -1, also where rounding makes less of the ratio of sums, as with five ranks.
  func testSpearmanOfEqualOrders() {
    for count in 4..<40 {
      let values = (0..<count).map { Double($0 * $0) }
      XCTAssertEqual(Correlation.spearman(values, values.map { $0 + 1 }), 1, "\(count) values")
      XCTAssertEqual(Correlation.spearman(values, values.map { -$0 }), -1, "\(count) values")
    }
    XCTAssertLessThan(Correlation.spearman([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]), 1)
    XCTAssertTrue(Correlation.spearman([1, 1, 1], [1, 1, 1]).isNaN)
  }

  func testGuardedErrors() throws {
    for golden in try goldens().guarded {
      let pooled = RandomEffects(estimates: golden.y, variances: golden.v, guarded: true)
      XCTAssertEqual(pooled.standardError, golden.error, accuracy: 1e-6)
      XCTAssertEqual(pooled.interval().low, golden.interval[0], accuracy: 1e-5)
      XCTAssertEqual(pooled.interval().high, golden.interval[1], accuracy: 1e-5)
      XCTAssertEqual(pooled.p, golden.p, accuracy: 1e-5)
    }
    // Nothing varies: the error is that of known variances, sqrt(1 / (4 / 0.01)), and not 0.
    let equal = RandomEffects(estimates: [0, 0, 0, 0], variances: [0.01, 0.01, 0.01, 0.01], guarded: true)
    XCTAssertEqual(equal.standardError, 0.05, accuracy: 1e-15)
    XCTAssertEqual(equal.p, 1)
  }

  /// A number of runs that is found has the power that was asked for, and one run fewer has not.
  func testNumbersThatAreNeeded() throws {
    let design = PooledDesign(betweenVariance: 0.15 * 0.15 / 4, runVariance: 0.4)
    let runs = try XCTUnwrap(design.runs(effect: 0.2, draws: 9))
    XCTAssertGreaterThanOrEqual(design.power(effect: 0.2, draws: 9, runs: runs), 0.8)
    XCTAssertLessThan(design.power(effect: 0.2, draws: 9, runs: runs - 1), 0.8)
    let draws = try XCTUnwrap(design.draws(effect: 0.2, runs: 10))
    XCTAssertGreaterThanOrEqual(design.power(effect: 0.2, draws: draws, runs: 10), 0.8)
    XCTAssertLessThan(design.power(effect: 0.2, draws: draws - 1, runs: 10), 0.8)
    // Draws that differ by more than the effect are too few, however many runs they have.
    XCTAssertNil(PooledDesign(betweenVariance: 1, runVariance: 0.4).runs(effect: 0.2, draws: 3))
    // Without effect the power is the level of the test.
    XCTAssertEqual(design.power(effect: 0, draws: 9, runs: 10), 0.05, accuracy: 1e-8)
  }

  func testCrossedMeans() throws {
    for golden in try goldens().crossed {
      let found = CrossedMean(golden.table)
      XCTAssertEqual(found.mean, golden.mean, accuracy: 1e-12)
      XCTAssertEqual(found.standardError, golden.error, accuracy: 1e-10)
      XCTAssertEqual(found.degrees, golden.degrees, accuracy: 1e-9)
      XCTAssertEqual(found.interval().low, golden.interval[0], accuracy: 1e-8)
      XCTAssertEqual(found.interval().high, golden.interval[1], accuracy: 1e-8)
    }
  }

  /// The share of a sample of arrangements is within four standard errors of that of all.
  func testPermutationsOfADevSet() throws {
    let golden = try goldens().permutations
    let count = 20_000
    func assertShare(_ found: Double, _ exact: Double) {
      let error = 4 * (exact * (1 - exact) / Double(count)).squareRoot()
      XCTAssertEqual(found, exact, accuracy: error)
    }
    assertShare(DevSetSpread.permutationP(golden.correct, count: count), golden.p)
    let strata = golden.strata.map { (first: $0[0], second: $0[1]) }
    assertShare(DevSetSpread.halvesP(strata, count: count), golden.halvesP)
    XCTAssertTrue(DevSetSpread.halvesP([(first: [1, 2], second: [1, 2])]).isNaN)
    // Jordan's formula at RTE's numbers: an error of .3 on 277 examples gives .0233.
    XCTAssertEqual(DevSetSpread.calibrated(accuracy: 0.7, exampleCount: 277), 0.0233, accuracy: 5e-5)
  }

  /// Where one thing alone varies, the resampled mean is a binomial or multinomial share, whose quantiles are known.
  func testMultiBootstrapOfOneThing() {
    let bootstrap = MultiBootstrap(resampleCount: 20_000)
    // 20 of 50 examples: P(X <= 12) = .013 and P(X <= 13) = .028; P(X <= 26) = .969 and P(X <= 27) = .984.
    let right = (0..<50).map { $0 < 20 ? 1.0 : 0 }
    let examples = bootstrap.interval([DrawScores(pretraining: 0, data: 0, scores: [right])])
    XCTAssertEqual(examples, ConfidenceInterval(low: 0.26, high: 0.54))
    // The same of seeds.
    let seeds = bootstrap.interval([DrawScores(pretraining: 0, data: 0, scores: right.map { [$0, $0] })])
    XCTAssertEqual(seeds, ConfidenceInterval(low: 0.26, high: 0.54))
    // One pre-training of three differs: none of it has chance 8 / 27 and all of it 1 / 27, so both ends are extreme.
    let pretrainings = bootstrap.interval(
      (0..<3).map { DrawScores(pretraining: $0, data: 0, scores: [[$0 == 0 ? 1.0 : 0]]) })
    XCTAssertEqual(pretrainings, ConfidenceInterval(low: 0, high: 1))
    // Nothing varies.
    XCTAssertTrue(bootstrap.interval([DrawScores(pretraining: 0, data: 0, scores: [[1, 1]])]).low.isNaN)
  }

  /// Recipes with the same examples have a difference whose interval is that of the differences, if their seeds do not vary.
  func testMultiBootstrapOfDifferences() {
    let bootstrap = MultiBootstrap(resampleCount: 2000)
    let first = (0..<4).map { index in
      DrawScores(
        pretraining: index / 2, data: index % 2,
        scores: [(0..<30).map { Double(($0 * 7 + index) % 5 < 3 ? 1 : 0) }])
    }
    let second = first.map { draw in
      DrawScores(pretraining: draw.pretraining, data: draw.data, scores: [draw.scores[0].map { 1 - $0 / 2 }])
    }
    let paired = bootstrap.interval(zip(first, second).map { $0.minus($1) })
    let both = bootstrap.interval(first, minus: second)
    // One seed each, so both resample the same things, but with other random numbers.
    XCTAssertEqual(paired.low, both.low, accuracy: 0.05)
    XCTAssertEqual(paired.high, both.high, accuracy: 0.05)
    XCTAssertLessThan(paired.low, first[0].minus(second[0]).mean)
    XCTAssertGreaterThan(paired.high, first[0].minus(second[0]).mean)
  }
}
