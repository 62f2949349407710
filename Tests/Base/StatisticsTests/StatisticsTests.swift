// What goldens do not cover: empty input, NaN, infinities, limits, and numbers that a hand can check.

import XCTest

@testable import Statistics

final class StatisticsTests: XCTestCase {
  /// GLUE's MRPC dev set, 279 paraphrases of 408: the constant classifiers' scores.
  func testConstantClassifiersOfMRPC() {
    let allPositive = ConfusionMatrix(counts: [[0, 129], [0, 279]])
    XCTAssertEqual(allPositive.accuracy, 279.0 / 408)
    XCTAssertEqual(allPositive.f1, 558.0 / 687)
    XCTAssertEqual(allPositive.accuracyAndF1, (279.0 / 408 + 558.0 / 687) / 2)
    XCTAssertEqual(allPositive.matthews, 0)
    XCTAssertEqual(allPositive.majorityCount, 279)
    XCTAssertTrue(allPositive.isConstant)
    XCTAssertEqual(ConfusionMatrix(counts: [[129, 0], [279, 0]]).f1, 0)
  }

  func testConstantMeansMoreThanNinetyNinePercent() {
    XCTAssertFalse(ConfusionMatrix(counts: [[1, 49], [0, 50]]).isConstant, "99 of 100")
    XCTAssertTrue(ConfusionMatrix(counts: [[1, 49], [0, 51]]).isConstant, "100 of 101")
    XCTAssertFalse(ConfusionMatrix(counts: [[0, 0], [0, 0]]).isConstant)
  }

  func testNoExamples() {
    let empty = ConfusionMatrix(labels: [], predictions: [], classCount: 3)
    XCTAssertTrue(empty.accuracy.isNaN)
    XCTAssertEqual(empty.f1, 0)
    XCTAssertEqual(empty.matthews, 0)
    XCTAssertEqual(Sample.entropy(ofCounts: []), 0)
    for value in [
      Sample.mean([]), Sample.median([]), Sample.quantile([], at: 0.5), Sample.interquartileMean([]),
      Sample.minimum([]), Sample.maximum([]), Sample.standardDeviation([1], ddof: 1), Correlation.pearson([], []),
      Proportion.wilson(count: 0, total: 0).low, Proportion.clopperPearson(count: 0, total: 0).high,
      TwoProportions.boschloo(first: 0, firstTotal: 0, second: 1, secondTotal: 3),
      TwoProportions.fisher(first: 1, firstTotal: 3, second: 0, secondTotal: 0),
    ] { XCTAssertTrue(value.isNaN) }
  }

  func testNaNGoesThrough() {
    let values = [1, Double.nan, 2, 3]
    for value in [
      Sample.mean(values), Sample.median(values), Sample.quantile(values, at: 0), Sample.interquartileMean(values),
      Sample.minimum(values), Sample.maximum(values), Sample.standardDeviation(values, ddof: 1),
      Correlation.pearson(values, [1, 2, 3, 4]), Correlation.spearman([1, 2, 3, 4], values),
    ] { XCTAssertTrue(value.isNaN) }
  }

  /// A run without a value ranks last: as -infinity it moves a median and never turns it into NaN.
  func testInfinitiesRank() {
    let low = -Double.infinity
    XCTAssertEqual(Sample.median([0.7, low, 0.8]), 0.7)
    XCTAssertEqual(Sample.median([low, 0.7, 0.8, low]), low)
    XCTAssertEqual(Sample.quantile([low, low, 0.5, 0.9], at: 0.25), low)
  }

  func testEqualNumbersDoNotSpread() {
    XCTAssertEqual(Sample.standardDeviation(Array(repeating: 0.473, count: 7), ddof: 1), 0)
  }

  func testEntropyOfTwoEqualClassesIsLogTwo() {
    XCTAssertEqual(Sample.entropy(ofCounts: [50, 50]), 0.6931471805599453)
    XCTAssertEqual(Sample.entropy(ofCounts: [9, 0]), 0)
  }

  func testMatthewsOfManyExamplesDoesNotOverflow() {
    XCTAssertEqual(ConfusionMatrix(counts: [[1_000_000_000, 0], [0, 1_000_000_000]]).matthews, 1)
    XCTAssertEqual(ConfusionMatrix(counts: [[0, 1_000_000_000], [1_000_000_000, 0]]).matthews, -1)
  }

  /// 0 of 25 failures still allows 13.7 %; 6 of 25 allows 9.4 to 45.1 %.
  func testIntervalsOfTwentyFiveSeeds() {
    XCTAssertEqual(Proportion.clopperPearson(count: 0, total: 25).high, 0.137, accuracy: 5e-4)
    let interval = Proportion.clopperPearson(count: 6, total: 25)
    XCTAssertEqual(interval.low, 0.094, accuracy: 5e-4)
    XCTAssertEqual(interval.high, 0.451, accuracy: 5e-4)
  }

  /// 5 of 25 against 0 of 25 is .050 by Fisher and .033 by Boschloo.
  func testFiveFailuresAgainstNone() {
    XCTAssertEqual(
      TwoProportions.fisher(first: 5, firstTotal: 25, second: 0, secondTotal: 25), 0.0502, accuracy: 5e-5)
    XCTAssertEqual(
      TwoProportions.boschloo(first: 5, firstTotal: 25, second: 0, secondTotal: 25), 0.033, accuracy: 5e-4)
  }

  func testTestsAreSymmetric() {
    for (a, b) in [(0, 5), (2, 9), (7, 7)] {
      XCTAssertEqual(
        TwoProportions.boschloo(first: a, firstTotal: 12, second: b, secondTotal: 20),
        TwoProportions.boschloo(first: b, firstTotal: 20, second: a, secondTotal: 12))
    }
  }

  func testNormalQuantiles() {
    XCTAssertEqual(Normal.quantile(0.975), 1.959963984540054, accuracy: 2e-15)
    XCTAssertEqual(Normal.quantile(0.5), 0, accuracy: 1e-15)
    XCTAssertEqual(Normal.quantile(0.1), -Normal.quantile(0.9), accuracy: 1e-15)
  }

  /// mpmath 1.4's `gammainc(k/2, x/2, inf, regularized=True)` with 40 digits. The logarithm of a tail has terms up to x/2, which
  /// are rounded by up to x/2 units of 2^-53 each; the rest is for the roundings of a few dozen terms.
  func testSmallTailsOfChiSquared() {
    let cases: [(x: Double, degrees: Double, tail: Double)] = [
      (0.001, 1, 0.97477287936996039), (0.5, 1, 0.47950012218695346), (3, 4, 0.55782540037107457),
      (10, 4, 0.040427681994512803), (40, 30, 0.10486428110798467), (30, 1, 4.3204630578274973e-8),
      (80, 2, 4.248354255291589e-18), (100, 3, 1.5541594313896049e-21), (150, 8, 1.9607890424131311e-28),
      (300, 1, 3.2943623833140412e-67), (500, 14, 9.2724363178404568e-98), (1000, 30, 5.131435321572533e-191),
      (1400, 1, 2.1010145162642175e-306),
    ]
    for (x, degrees, tail) in cases {
      XCTAssertEqual(
        ChiSquared.upperTail(x, degrees: degrees) / tail, 1, accuracy: 2e-14 + x * 0x1p-52, "\(x), \(degrees) degrees")
    }
    XCTAssertEqual(ChiSquared.upperTail(0, degrees: 3), 1)
    XCTAssertEqual(ChiSquared.upperTail(.infinity, degrees: 3), 0)
    XCTAssertTrue(ChiSquared.upperTail(.nan, degrees: 3).isNaN)
  }

  func testBinomialTailLimits() {
    XCTAssertEqual(Proportion.binomialUpperTail(count: 0, total: 10, rate: 0.3), 1)
    XCTAssertEqual(Proportion.binomialUpperTail(count: 11, total: 10, rate: 0.3), 0)
    XCTAssertEqual(Proportion.binomialUpperTail(count: 2, total: 2, rate: 0.5), 0.25, accuracy: 1e-15)
  }
}
