// The line about a run's steps.

import Trials
import XCTest

@testable import Console

final class StepCountsTests: XCTestCase {
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
