// How often ranks tell their progress.

import Trials
import XCTest

@testable import Runs

final class ReportingTests: XCTestCase {
  /// The leader gets at most 400 messages a second, and ten of them arrive before a rank is given up.
  func testProgressGrowsRarerWithTheNumberOfRanks() {
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1, stallSeconds: 300), 0.5)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 200, stallSeconds: 300), 0.5)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 300), 2.56)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 10_000, stallSeconds: 300), 25)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 100_000, stallSeconds: 300), 30)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 10), 1)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 3), 0.5)
  }

  /// What a run says about the steps that it trained and did not have to.
  func testSteps() {
    var steps = StepCounts()
    XCTAssertNil(steps.line)
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.stepCount = 189
    var timing = TrialTiming(trainingSeconds: 1, totalSeconds: 1, host: "here", rank: 0)
    steps.add(outcome, timing)
    XCTAssertEqual(steps.line, "189 steps trained")
    timing.takenStepCount = 188
    steps.add(outcome, timing)
    XCTAssertEqual(steps.line, "190 steps trained, 188 taken from longer trials")
    steps.ofOtherFolders = 5
    XCTAssertEqual(steps.line, "190 steps trained, 188 taken from longer trials, 5 reused from other folders")
  }
}
