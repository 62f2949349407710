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

  /// Steps count in the run that trained them: not again where a trial goes on from a checkpoint, its own or a longer trial's.
  func testStepsOfCheckpoints() {
    var steps = StepCounts()
    steps.add(interruptedAfter: 0, kept: 0)
    XCTAssertNil(steps.line)
    steps.add(interruptedAfter: 120, kept: 100)
    XCTAssertEqual(steps.line, "20 steps trained")
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.stepCount = 189
    var timing = TrialTiming(trainingSeconds: 1, totalSeconds: 1, host: "here", rank: 0)
    timing.keptStepCount = 120
    steps.add(outcome, timing)
    XCTAssertEqual(steps.line, "89 steps trained")
    (timing.keptStepCount, timing.takenStepCount) = (188, 188)
    steps.add(outcome, timing)
    XCTAssertEqual(steps.line, "90 steps trained, 188 taken from longer trials")
    // A checkpoint from beyond the step at which a rule stops the trial.
    (outcome.status, outcome.stepCount, timing.takenStepCount, timing.keptStepCount) = (.stopped, 50, nil, 60)
    steps.add(outcome, timing)
    XCTAssertEqual(steps.line, "90 steps trained, 188 taken from longer trials")
  }
}
