// A trial that a rule pauses: what it has recorded by then, and that it goes on to the bytes of one that nothing paused.

import Foundation
import StopRules
import Trials
import XCTest

@testable import Training

final class PausedTrialTests: CheckpointTestCase {
  /// Eight steps, evaluated after every third, with norms of gradients and updates.
  override var trial: Trial {
    TinyTrial.trial { configuration in
      configuration.training.evaluateEvery = 3
      configuration.record.gradientNormsEvery = 2
      configuration.record.updateNorms = true
    }
  }

  /// A trial that a rule stops has the records of an undisturbed one up to there, and goes on to the same bytes: from its checkpoint, from
  /// its first step where that is gone, and where the rule lets it.
  func testPausedAndGoneOn() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    let expected = try leftovers("whole")
    for step in [1, 6, 7] {
      var paused = trial
      paused.pause = PausePoint(step: step, rule: EarlyRule(.score, .level(0.5), at: .step(step)))
      let files = "paused\(step)"
      var seen: [Outcome] = []
      let outcome = trainer(files).run(
        paused,
        stops: {
          seen.append($0)
          return true
        }
      ).outcome
      XCTAssertEqual(outcome, undisturbed.stopped(at: step))
      XCTAssertEqual(seen, [outcome], "the rule looks once")
      XCTAssertTrue(has(checkpoint(files)))
      XCTAssertFalse(has("\(folder)/\(files)/p/\(trial.identifier).csv"), "a stopped trial has no predictions")
      let result = trainer(files, rank: 1).run(trial)
      XCTAssertEqual(result.outcome, undisturbed)
      XCTAssertEqual(result.timing.keptStepCount, step)
      XCTAssertEqual(try leftovers(files), expected)
      // Without a checkpoint.
      _ = trainer(files + "b").run(paused)
      try FileManager.default.removeItem(atPath: checkpoint(files + "b"))
      let again = trainer(files + "b").run(trial)
      XCTAssertEqual(again.outcome, undisturbed)
      XCTAssertNil(again.timing.keptStepCount)
      // Where the rule does not stop it.
      XCTAssertEqual(trainer(files + "c").run(paused, stops: { _ in false }).outcome, undisturbed)
    }
  }

  /// A checkpoint from beyond the pause tells what the run had recorded there.
  func testAPauseThatIsBehind() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    _ = trainer("one").run(trial) { $0.step > 6 ? .stop : .proceed }
    var paused = trial
    paused.pause = PausePoint(step: 6, rule: EarlyRule(.score, .level(0.5), at: .step(6)))
    XCTAssertEqual(trainer("one").run(paused).outcome, undisturbed.stopped(at: 6))
    XCTAssertEqual(trainer("one").run(trial).outcome, undisturbed)
  }
}
