// Every statistic against SciPy, scikit-learn and statsmodels on the inputs of Goldens/make_goldens.py.

import Foundation
import XCTest

@testable import Statistics

private struct Goldens: Decodable {
  struct Classification: Decodable {
    let classes: Int
    let labels, predictions: [Int]?
    let confusion: [[Int]]
    let accuracy, f1, matthews: Double
  }
  struct Correlations: Decodable {
    let x, y, ranks: [Double]
    let pearson, spearman: Double?
  }
  struct SampleCase: Decodable {
    let x: [Double]
    let mean, sd0, median, minimum, maximum, interquartileMean: Double
    let sd1: Double?
    let probabilities, quantiles: [Double]
  }
  struct Entropy: Decodable {
    let counts: [Int]
    let entropy: Double
  }
  struct Beta: Decodable { let a, b, x, cumulative: Double }
  struct ProportionCase: Decodable {
    let count, total: Int
    let level, rate, upperTail: Double
    let wilson, clopperPearson: [Double]
  }
  struct Table: Decodable {
    let table: [Int]
    let boschloo, fisher: Double
  }
  let classifications: [Classification]
  let correlations: [Correlations]
  let samples: [SampleCase]
  let entropies: [Entropy]
  let betas: [Beta]
  let proportions: [ProportionCase]
  let tables: [Table]
}

final class GoldenTests: XCTestCase {
  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/statistics.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  /// Scores are one division (two for a mean of F1s and a root for Matthews) of exact integers: a few units of 2^-53.
  func testClassificationScores() throws {
    let cases = try goldens().classifications
    XCTAssertGreaterThanOrEqual(cases.count, 90)
    for (index, golden) in cases.enumerated() {
      let matrix = ConfusionMatrix(counts: golden.confusion)
      if let labels = golden.labels, let predictions = golden.predictions {
        XCTAssertEqual(
          ConfusionMatrix(labels: labels, predictions: predictions, classCount: golden.classes), matrix, "case \(index)"
        )
      }
      XCTAssertEqual(matrix.accuracy, golden.accuracy, accuracy: 1e-15, "case \(index)")
      XCTAssertEqual(matrix.f1, golden.f1, accuracy: 1e-15, "case \(index)")
      XCTAssertEqual(matrix.matthews, golden.matthews, accuracy: 1e-14, "case \(index)")
    }
  }

  /// Deviations of numbers near 1e6 carry an error of 1e6 * 2^-53 relative to a spread of 1e-2: 1e-8.
  func testCorrelations() throws {
    let cases = try goldens().correlations
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      XCTAssertEqual(Correlation.averageRanks(golden.x), golden.ranks, "case \(index)")
      let distance = golden.y.contains { abs($0) > 1e3 } ? 1e-8 : 1e-13
      for (found, expected, tolerance) in [
        (Correlation.pearson(golden.x, golden.y), golden.pearson, distance),
        (Correlation.spearman(golden.x, golden.y), golden.spearman, 1e-13),
      ] {
        if let expected {
          XCTAssertEqual(found, expected, accuracy: tolerance, "case \(index)")
        } else {
          XCTAssertTrue(found.isNaN, "case \(index)")
        }
      }
    }
  }

  /// Sums of at most 40 numbers of order 1.
  func testSamples() throws {
    let cases = try goldens().samples
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      XCTAssertEqual(Sample.mean(golden.x), golden.mean, accuracy: 1e-14, "case \(index)")
      XCTAssertEqual(Sample.standardDeviation(golden.x, ddof: 0), golden.sd0, accuracy: 1e-14, "case \(index)")
      let corrected = Sample.standardDeviation(golden.x, ddof: 1)
      if let expected = golden.sd1 {
        XCTAssertEqual(corrected, expected, accuracy: 1e-14, "case \(index)")
      } else {
        XCTAssertTrue(corrected.isNaN, "case \(index)")
      }
      XCTAssertEqual(Sample.median(golden.x), golden.median, accuracy: 1e-15, "case \(index)")
      XCTAssertEqual(Sample.minimum(golden.x), golden.minimum, "case \(index)")
      XCTAssertEqual(Sample.maximum(golden.x), golden.maximum, "case \(index)")
      XCTAssertEqual(Sample.interquartileMean(golden.x), golden.interquartileMean, accuracy: 1e-14, "case \(index)")
      for (probability, expected) in zip(golden.probabilities, golden.quantiles) {
        XCTAssertEqual(Sample.quantile(golden.x, at: probability), expected, accuracy: 1e-14, "case \(index)")
      }
    }
  }

  /// Five terms of order 1.
  func testEntropies() throws {
    let cases = try goldens().entropies
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      XCTAssertEqual(Sample.entropy(ofCounts: golden.counts), golden.entropy, accuracy: 1e-14, "\(golden.counts)")
    }
  }

  /// The difference of log gammas near (a + b) log(a + b) loses that many units of 2^-53; 1e-16 times 8 for eight roundings.
  func testBetaDistribution() throws {
    let cases = try goldens().betas
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let size = (golden.a + golden.b) * (1 + abs(log(golden.a + golden.b)))
      let found = BetaDistribution.cumulative(golden.x, golden.a, golden.b)
      XCTAssertEqual(found, golden.cumulative, accuracy: (1e-14 + 8e-16 * size) * max(golden.cumulative, 1e-3))
      // The quantile is the argument whose neighbours bracket the probability, within the same error.
      let quantile = BetaDistribution.quantile(golden.cumulative, golden.a, golden.b)
      let below = BetaDistribution.cumulative(quantile.nextDown, golden.a, golden.b)
      let above = BetaDistribution.cumulative(quantile.nextUp, golden.a, golden.b)
      XCTAssertLessThanOrEqual(below - golden.cumulative, 1e-14 + 8e-16 * size)
      XCTAssertLessThanOrEqual(golden.cumulative - above, 1e-14 + 8e-16 * size)
    }
  }

  /// The bounds inherit the beta distribution's error, 5,000 log(5,000) 2^-53 = 5e-12, times a slope below 1.
  func testProportions() throws {
    let cases = try goldens().proportions
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let name = "\(golden.count) of \(golden.total)"
      let wilson = Proportion.wilson(count: golden.count, total: golden.total, level: golden.level)
      XCTAssertEqual(wilson.low, golden.wilson[0], accuracy: 1e-14, name)
      XCTAssertEqual(wilson.high, golden.wilson[1], accuracy: 1e-14, name)
      let exact = Proportion.clopperPearson(count: golden.count, total: golden.total, level: golden.level)
      XCTAssertEqual(exact.low, golden.clopperPearson[0], accuracy: 1e-11, name)
      XCTAssertEqual(exact.high, golden.clopperPearson[1], accuracy: 1e-11, name)
      let tail = Proportion.binomialUpperTail(count: golden.count, total: golden.total, rate: golden.rate)
      XCTAssertEqual(tail, golden.upperTail, accuracy: 1e-11, name)
    }
  }

  /// Boschloo's p-value is a maximum: SciPy stops its search within 1e-6 of it, never above.
  func testTables() throws {
    let cases = try goldens().tables
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for golden in cases {
      let (first, firstTotal) = (golden.table[0], golden.table[1])
      let (second, secondTotal) = (golden.table[2], golden.table[3])
      let boschloo = TwoProportions.boschloo(
        first: first, firstTotal: firstTotal, second: second, secondTotal: secondTotal)
      XCTAssertEqual(boschloo, golden.boschloo, accuracy: 1e-6, "\(golden.table)")
      let fisher = TwoProportions.fisher(
        first: first, firstTotal: firstTotal, second: second, secondTotal: secondTotal)
      XCTAssertEqual(fisher, golden.fisher, accuracy: 1e-11, "\(golden.table)")
    }
  }

  /// scikit-learn's macro-averaged F1, which sums in another order: a few units of 2^-53.
  func testMacroF1() throws {
    struct Case: Decodable {
      let confusion: [[Int]]
      let macroF1: Double
    }
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/macro_f1.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    XCTAssertEqual(cases.count, 80)
    for golden in cases {
      let matrix = ConfusionMatrix(counts: golden.confusion)
      XCTAssertEqual(matrix.macroF1, golden.macroF1, accuracy: 1e-15, "\(golden.confusion)")
      if matrix.classCount > 2 { XCTAssertEqual(matrix.macroF1, matrix.f1) }
    }
  }
}
