// Intervals of the mean accuracy belong to it, also where there are more runs than are resampled.

import Statistics
import XCTest

@testable import SeedEffects

final class AgreementTableTests: XCTestCase {
  /// The predictions of a run that is right on the first `rightCount` of 100 examples of two classes.
  private func file(_ rightCount: Int) throws -> PredictionFile {
    let rows = (0..<100).map { $0 < rightCount ? "\($0),1,1,0,1\n" : "\($0),1,0,1,0\n" }
    return try XCTUnwrap(PredictionFile(Array(("index,label,prediction,logit_0,logit_1\n" + rows.joined()).utf8)))
  }

  /// Runs in plan order, of which every third one failed: successful ones are right on 90 examples, failed ones on 50.
  private func groups(_ count: Int) throws -> RecipeAgreement.Groups {
    let (successful, failed) = (try file(90), try file(50))
    var groups = RecipeAgreement.Groups(exampleCount: 100, classCount: 2)
    for index in 0..<count {
      let isFailed = index % 3 == 0
      groups.add(isFailed ? failed : successful, isFailed: isFailed)
    }
    return groups
  }

  /// What is right in the runs that are resampled, the successful ones first.
  private func correct(successful: Int, failed: Int) -> [[Bool]] {
    (0..<successful).map { _ in (0..<100).map { $0 < 90 } } + (0..<failed).map { _ in (0..<100).map { $0 < 50 } }
  }

  /// Of 300 runs the first 200 are resampled, of which 67 failed. The mean over all is (200 x .9 + 100 x .5) / 300.
  func testManyRuns() throws {
    let groups = try groups(300)
    XCTAssertEqual(groups.correctOfFirst, correct(successful: 133, failed: 67))
    let pairs = RecipeAgreement.pairs(groups)
    XCTAssertEqual(pairs.map(\.name), ["all", "successful", "failed_successful", "failed"])
    XCTAssertEqual(pairs.map(\.runCount), [300, 200, 300, 100])
    let all = pairs[0]
    XCTAssertEqual(all.accuracy, 23.0 / 30, accuracy: 1e-12)
    let first = MultiBootstrap().interval([DrawScores(correct: correct(successful: 133, failed: 67))])
    let distance = 23.0 / 30 - (133 * 0.9 + 67 * 0.5) / 200
    XCTAssertEqual(all.accuracyInterval.low, first.low + distance, accuracy: 1e-12)
    XCTAssertEqual(all.accuracyInterval.high, first.high + distance, accuracy: 1e-12)
    // A hundred runs of either kind would have a mean of .7. Over examples the standard error is .03, over seeds .013.
    XCTAssertEqual(all.accuracyInterval.low / 2 + all.accuracyInterval.high / 2, 23.0 / 30, accuracy: 0.015)
  }

  /// Up to 100 runs of either kind nothing is left out and nothing is moved: these bounds are those of earlier versions.
  func testFewRuns() throws {
    let groups = try groups(150)
    let correct = correct(successful: 100, failed: 50)
    XCTAssertEqual(groups.correctOfFirst, correct)
    let all = RecipeAgreement.pairs(groups)[0]
    XCTAssertEqual(all.accuracy, DrawScores(correct: correct).mean)
    XCTAssertEqual(all.accuracyInterval, MultiBootstrap().interval([DrawScores(correct: correct)]))
    XCTAssertEqual(all.accuracyVarianceP, DevSetSpread.permutationP(correct))
  }
}
