// The difference of two recipes' accuracies, against counts made by hand.

import XCTest

@testable import SeedEffects

final class AgreementDifferenceTests: XCTestCase {
  /// Runs of which the first is right on `first` of `count` examples, the next on one more, and so on.
  private func answers(_ runCount: Int, first: Int, of count: Int, indices: [UInt8] = [1]) -> RecipeAnswers {
    let correct = (0..<runCount).map { run in (0..<count).map { $0 < first + run } }
    let rightCount = correct.reduce(0) { $0 + $1.count { $0 } }
    return RecipeAnswers(
      correct: correct, indices: indices, accuracy: Double(rightCount) / Double(runCount * count))
  }

  func testTheDifferenceOfTheMeansWithAnInterval() throws {
    // Accuracies .7, .72, .74 and .76 against .5, .52 and .54: means .73 and .52.
    let found = try XCTUnwrap(
      AgreementDifference(answers(4, first: 35, of: 50), less: answers(3, first: 25, of: 50), name: "other"))
    XCTAssertEqual(found.difference, 0.21, accuracy: 1e-12)
    // Whether an example is answered differently has the standard error sqrt(.21 x .79 / 50) = .058 over examples; seeds add .02.
    XCTAssertEqual(found.interval.low, 0.21 - 1.96 * 0.058, accuracy: 0.04)
    XCTAssertEqual(found.interval.high, 0.21 + 1.96 * 0.058, accuracy: 0.04)
    XCTAssertEqual(
      found.sentence(of: "mine"),
      String(
        format: "mine less other: accuracy +0.2100 (95 %% %+.4f to %+.4f, over other seeds and other examples)",
        found.interval.low, found.interval.high))
  }

  /// Of many runs the first ones are resampled: the interval keeps their width and lies about the difference of all.
  func testTheIntervalLiesAboutTheDifferenceOfAllRuns() throws {
    var mine = answers(4, first: 35, of: 50)
    let other = answers(3, first: 25, of: 50)
    let first = try XCTUnwrap(AgreementDifference(mine, less: other, name: "other"))
    mine.accuracy = 0.78
    let found = try XCTUnwrap(AgreementDifference(mine, less: other, name: "other"))
    XCTAssertEqual(found.difference, 0.26, accuracy: 1e-12)
    XCTAssertEqual(found.interval.low, first.interval.low + 0.05, accuracy: 1e-12)
    XCTAssertEqual(found.interval.high, first.interval.high + 0.05, accuracy: 1e-12)
  }

  func testExamplesAreSharedAndSeedsAreNot() throws {
    // The same answers in both: examples cancel out, seeds do not.
    let mine = answers(4, first: 20, of: 50)
    let found = try XCTUnwrap(AgreementDifference(mine, less: mine, name: "other"))
    XCTAssertEqual(found.difference, 0)
    XCTAssertLessThan(found.interval.low, 0)
    XCTAssertGreaterThan(found.interval.high, 0)
    // Over seeds, a mean of four runs between .40 and .46 has the standard error .011 and the difference of two .016: a width of .062, and
    // somewhat more where the four examples that tell the runs apart are drawn more than once. If both had examples of their own, the
    // standard error would be sqrt(2 x .43 x .57 / 50) = .099 and the width .39.
    XCTAssertLessThan(found.interval.high - found.interval.low, 0.12)
  }

  func testNothingToCompare() {
    let mine = answers(3, first: 20, of: 50)
    XCTAssertNil(AgreementDifference(mine, less: answers(3, first: 20, of: 50, indices: [2]), name: "other"))
    XCTAssertNil(AgreementDifference(mine, less: answers(1, first: 20, of: 50), name: "other"))
  }
}
