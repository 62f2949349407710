// Vectors that were published or worked out elsewhere, what an undefined statistic answers, and the bootstrap's own promises.

import Foundation
import XCTest

@testable import Statistics

final class ComparisonTests: XCTestCase {
  /// Five scores whose expected maxima, for 1 to 5 draws, were computed from the definitions.
  func testExpectedMaximumVectors() {
    let scores = [0.61, 0.473, 0.71, 0.527, 0.69]
    let biased = [0.602, 0.65296, 0.676736, 0.689229, 0.696358]
    let unbiased = [0.602, 0.6657, 0.694, 0.706, 0.71]
    let deviations = [0.091365, 0.071581, 0.053448, 0.040177, 0.030647]
    for draws in 1...5 {
      let place = draws - 1
      XCTAssertEqual(
        OrderStatistics.expectedMaximum(scores, draws: draws), biased[place], accuracy: 5.1e-7)
      XCTAssertEqual(OrderStatistics.expectedMaximumUnbiased(scores, draws: draws), unbiased[place], accuracy: 1e-12)
      XCTAssertEqual(
        OrderStatistics.maximumDeviation(scores, draws: draws), deviations[place], accuracy: 5.1e-7)
    }
    XCTAssertTrue(OrderStatistics.expectedMaximumUnbiased(scores, draws: 6).isNaN)
    XCTAssertGreaterThan(OrderStatistics.expectedMaximum(scores, draws: 6), biased[4])
  }

  /// Newcombe (1998), paired data, method 10: (36, 12, 2, 0) gives .0569 to .3404 and (20, 12, 2, 16) .0562 to .3292.
  func testNewcombesPairedExamples() {
    for (both, neither, low, high) in [(36, 0, 0.0569, 0.3404), (20, 16, 0.0562, 0.3292)] {
      let interval = PairedProportions(both: both, onlyFirst: 12, onlySecond: 2, neither: neither).newcombe()
      XCTAssertEqual(interval.low, low, accuracy: 5e-5)
      XCTAssertEqual(interval.high, high, accuracy: 5e-5)
    }
  }

  /// 5 of 25 against 0 of 25 is .021 by Barnard, beside Boschloo's .033 and Fisher's .050.
  func testFiveFailuresAgainstNone() {
    XCTAssertEqual(
      TwoProportions.barnard(first: 5, firstTotal: 25, second: 0, secondTotal: 25), 0.021, accuracy: 5e-4)
  }

  /// 3 failures in 20 runs against 25 tight ones: the mean-centred test is sure, the median-centred one is not. The scores
  /// have quantiles of normal distributions in place of draws; SciPy's `levene(failing, corrected, center="mean")` and
  /// `center="median"` of the same (`norm.ppf((arange(n) + .5) / n)`) lie on either side of .001.
  func testSplitVerdictOfLevenesTests() {
    func scores(_ count: Int, mean: Double, deviation: Double) -> [Double] {
      (0..<count).map { mean + deviation * Normal.quantile((Double($0) + 0.5) / Double(count)) }
    }
    let failing = [0, 0, 7] + scores(17, mean: 60, deviation: 1.5)
    let corrected = scores(25, mean: 62, deviation: 1)
    let byMean = Spread.levene([failing, corrected], center: .mean)
    let byMedian = Spread.levene([failing, corrected], center: .median)
    XCTAssertEqual(byMean.w, 21.869396473086784, accuracy: 1e-9)
    XCTAssertEqual(byMean.p, 2.8985603040420657e-05, accuracy: 1e-13)
    XCTAssertEqual(byMedian.w, 4.613997809486036, accuracy: 1e-9)
    XCTAssertEqual(byMedian.p, 0.03738874048546826, accuracy: 1e-10)
  }

  func testMedianIntervalNeedsSixNumbers() {
    let values = [5.0, 1, 4, 2, 3]
    XCTAssertEqual(OrderStatistics.medianInterval(values), ConfidenceInterval(low: -.infinity, high: .infinity))
    // P(all six on one side) is 2 / 64 < .05.
    XCTAssertEqual(OrderStatistics.medianInterval(values + [6]), ConfidenceInterval(low: 1, high: 6))
  }

  func testUndefinedStatistics() {
    let bootstrap = Bootstrap(resampleCount: 50)
    let constant = [0.5, 0.5, 0.5, 0.5, 0.5]
    for value in [
      LocationTests.welch([1], [1, 2]).p, LocationTests.welch([1, 1], [2, 2]).p, LocationTests.welch([], []).difference,
      LocationTests.mannWhitney([], [1]).p, LocationTests.mannWhitney([.nan], [1]).p,
      LocationTests.permutation([], [1]).p, LocationTests.permutation([.nan], [1]).p,
      Spread.levene([[1, 2], []], center: .mean).p, Spread.levene([[1], [2]], center: .median).p,
      Spread.levene([constant, constant], center: .mean).p, Spread.ratio([1], [1, 2], bootstrap: bootstrap).ratio,
      Spread.bonett([1, 2, 3]).low, Spread.bonett(constant).high, Student.interval(ofMeanOf: [1]).low,
      bootstrap.intervals(constant, of: [Sample.mean])[0].low, bootstrap.intervals([1], of: [Sample.mean])[0].high,
      OrderStatistics.medianInterval([]).low, OrderStatistics.expectedMaximum([], draws: 1),
      OrderStatistics.selection([], [], draws: 1).optimism, Halves.shared([1, 2], [1, 2], bootstrap: bootstrap).p,
      TwoProportions.barnard(first: 0, firstTotal: 0, second: 1, secondTotal: 2),
      TwoProportions.newcombe(first: 0, firstTotal: 0, second: 1, secondTotal: 2).low,
      PairedProportions([]).mcNemar, PairedProportions([]).newcombe().high, Normal.quantile(.nan),
    ] { XCTAssertTrue(value.isNaN) }
    XCTAssertEqual(LocationTests.mannWhitney([1, 1], [1, 1, 1]).p, 1)
    XCTAssertEqual(Multiplicity.holm([]), [])
    let adjusted = Multiplicity.holm([0.01, .nan, 0.04])
    XCTAssertEqual([adjusted[0], adjusted[2]], [0.02, 0.04])
    XCTAssertTrue(adjusted[1].isNaN)
  }

  /// A run without a value ranks last and never turns a test of ranks into NaN.
  func testInfinitiesRank() {
    let low = -Double.infinity
    XCTAssertEqual(
      LocationTests.mannWhitney([0.7, low, 0.8], [0.6, low]), LocationTests.mannWhitney([0.7, 0, 0.8], [0.6, 0]))
  }

  func testBootstrapDependsOnItsSeedOnly() {
    let values = (0..<20).map { Double($0 * $0 % 17) }
    func interval(_ seed: UInt64) -> ConfidenceInterval {
      Bootstrap(resampleCount: 400, seed: seed).intervals(values, of: [Sample.mean])[0]
    }
    XCTAssertEqual(interval(1), interval(1))
    XCTAssertNotEqual(interval(1), interval(2))
    let both = Bootstrap(resampleCount: 400).intervals(values, of: [Sample.maximum, Sample.mean])
    XCTAssertEqual(both[1], interval(1), "statistics share resamples and do not disturb each other")
  }

  /// Of 20,000 resamples the bounds lie within some hundredths of a standard error of the exact distribution's, which for
  /// the mean of 0 and 1 is binomial: with 8 of 20 that is .4 in steps of .05, so the bounds are within a step of
  /// SciPy's `binom.ppf([.025, .975], 20, .4) / 20` = .2, .6.
  func testBootstrapOfARate() {
    let values = (0..<20).map { $0 < 8 ? 1.0 : 0 }
    let interval = Bootstrap(resampleCount: 20_000).intervals(values, of: [Sample.mean])[0]
    XCTAssertEqual(interval.low, 0.2, accuracy: 0.0501)
    XCTAssertEqual(interval.high, 0.6, accuracy: 0.0501)
  }

  /// Places are uniform: of 60,000 draws below 7 each occurs 8571 times, give or take five standard deviations of 86.
  func testIndexStream() {
    var stream = IndexStream(seed: 3, site: 0)
    var counts = Array(repeating: 0, count: 7)
    for _ in 0..<60_000 { counts[stream.next(below: 7)] += 1 }
    for count in counts { XCTAssertEqual(Double(count), 60_000 / 7, accuracy: 430) }
  }

  /// All arrangements of 9,999 numbers against one are compared on the small stack of a thread. Leaving out 10,000 makes the smallest sum
  /// of all, so that p is 2 of 10,000.
  func testManyNumbersAgainstOne() {
    nonisolated(unsafe) var found = LocationTests.Permutation(p: .nan, arrangementCount: 0, isExact: false)
    let isDone = DispatchSemaphore(value: 0)
    let thread = Thread {
      found = LocationTests.permutation((1...9999).map { Double($0) }, [10_000])
      isDone.signal()
    }
    thread.stackSize = 256 << 10
    thread.start()
    isDone.wait()
    XCTAssertEqual(found, LocationTests.Permutation(p: 0.0002, arrangementCount: 10_000, isExact: true))
  }

  /// Random arrangements agree with all of them within five standard errors of 10,000 draws.
  func testRandomPermutations() {
    let (first, second) = ([0.7, 0.72, 0.69, 0.75, 0.71, 0.73, 0.7], [0.71, 0.66, 0.68, 0.7, 0.67, 0.69, 0.65])
    let exact = LocationTests.permutation(first, second)
    XCTAssertEqual(exact.arrangementCount, 3432)
    let random = LocationTests.permutation(first, second, limit: 3000)
    XCTAssertFalse(random.isExact)
    XCTAssertEqual(random.arrangementCount, 3001)
    XCTAssertEqual(random.p, exact.p, accuracy: 10 * (exact.p / 2 / 3000).squareRoot())
  }
}
