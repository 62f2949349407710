// Which rules can be kept, and what they save at most, worked out by hand.

import Foundation
import Reports
import ResultsSupport
import StopRules
import Storage
import Trials
import XCTest

@testable import EarlyStops

final class EarlyCheckTests: FolderTestCase {
  /// Ten steps in an epoch of 160 examples.
  private func configuration(_ change: (inout TrialConfiguration) -> Void = { _ in }) -> TrialConfiguration {
    var configuration = TrialConfiguration()
    configuration.training.batchSize = 16
    configuration.training.epochs = 10
    change(&configuration)
    return configuration
  }

  private func problem(_ text: String, _ change: (inout TrialConfiguration) -> Void = { _ in }) throws -> String? {
    EarlyCheck.problem(try XCTUnwrap(EarlyRule(text)), configuration(change), exampleCount: 160)
  }

  func testARuleThatCanBeKept() throws {
    XCTAssertNil(try problem("score=baseline@25%"))
    XCTAssertNil(try problem("dev_loss=0.7@10"))
    XCTAssertNil(try problem("train_loss=flat@10"))
    XCTAssertNil(try problem("score=top50%@99"))
  }

  func testStepsOutsideOfARun() throws {
    XCTAssertEqual(
      try problem("score=baseline@100"),
      "stop.early: score=baseline@100 reads runs after step 100, and a run makes 100; choose a step below 100, or a share of the steps "
        + "such as score=baseline@25%")
    XCTAssertEqual(
      try problem("train_loss=flat@30") { $0.training.maximumSteps = 20 },
      "stop.early: train_loss=flat@30 reads runs after step 30, and a run makes 20; choose a step below 20, or a share of the steps such "
        + "as train_loss=flat@25%")
  }

  func testWhatIsNotRecordedByThen() throws {
    XCTAssertEqual(
      try problem("score=baseline@9"),
      "stop.early: score=baseline@9 reads what a run has recorded by step 9, and the first evaluation comes after step 10; set "
        + "training.evaluate_every to 9 or less, or choose step 10 or a later one")
    XCTAssertEqual(
      try problem("dev_loss=0.7@25%") { $0.training.evaluateEvery = 200 },
      "stop.early: dev_loss=0.7@25% reads what a run has recorded by step 25, and the first evaluation comes after step 100; set "
        + "training.evaluate_every to 25 or less")
    XCTAssertEqual(
      try problem("train_loss=flat@25%") { $0.record.curvesEvery = 50 },
      "stop.early: train_loss=flat@25% reads what a run has recorded by step 25, and record.curves_every is 50; set it to 25 or less, or "
        + "choose step 50 or a later one")
    XCTAssertEqual(
      try problem("train_loss=flat@25%") { $0.record.curvesEvery = 100 },
      "stop.early: train_loss=flat@25% reads what a run has recorded by step 25, and record.curves_every is 100; set it to 25 or less",
      "a run makes 100 steps")
    XCTAssertEqual(
      try problem("train_loss=flat@25%") { $0.record.curvesEvery = 0 },
      "stop.early: train_loss=flat@25% reads what a run has recorded by step 25, and record.curves_every is 0, which records no training "
        + "loss; set it to 25 or less")
  }

  private func plan(_ stop: EarlyStop, seeds: UInt64) throws -> SweepPlan {
    let configurations = [1.0, 2].map { rate in
      PlannedConfiguration(
        variant: "v\(Int(rate))", label: "v\(Int(rate))",
        configuration: configuration { $0.optimizer.learningRate = rate },
        axisValues: [], identifier: "000000000000000\(Int(rate))")
    }
    return try SweepPlan(
      name: "s", configurations: configurations, seeds: (1...seeds).map { TrialSeeds(tied: $0) }, stop: .early(stop))
  }

  /// Of 40 runs at most all stop, 8 of which are finished; 32 of each recipe save 75 steps of 100.
  func testTheMostThatIsSaved() throws {
    let stop = EarlyStop(try XCTUnwrap(EarlyRule("score=baseline@25%")), finishShare: 0.2)
    let plan = try plan(stop, seeds: 40)
    XCTAssertEqual(EarlyCheck.steps(plan, exampleCounts: [160, 160]), [25, 25])
    let read = plan.reading(atSteps: [25, 25])
    XCTAssertEqual(
      EarlySavings.forecast(read, try XCTUnwrap(read.earlyStop), stepCounts: [100, 100]),
      [
        "stop: score=baseline@25% reads each run after step 25; of a recipe's stopped runs 20%, at least 5, are finished anyway; all steps "
          + "are counted here",
        "  where it stops every run of every recipe, which is the most, 8 of them are finished and 4800 of 8000 steps are saved (60%)",
      ])
  }

  /// The best half of 20 runs goes on; 5 of the other 10 are finished, so that 5 save 50 and 90 steps.
  func testTheMostThatACohortSaves() throws {
    let stop = EarlyStop(try XCTUnwrap(EarlyRule("score=top50%@50")))
    let read = try plan(stop, seeds: 20).reading(atSteps: [50, 10])
    XCTAssertEqual(
      EarlySavings.forecast(read, try XCTUnwrap(read.earlyStop), stepCounts: [100, 100]),
      [
        "stop: score=top50%@50 reads each run after step 10 to 50; of a recipe's stopped runs 25%, at least 5, are finished anyway; all "
          + "steps are counted here",
        "  where it stops 10 of 20 runs of every recipe, which is the most, 5 of them are finished and 700 of 4000 steps are saved (18%)",
      ])
  }

  /// Seven runs of each of two recipes stop after step 5 of 10; five of them are finished. What deletes the checkpoints of the others is
  /// said once nothing else is kept beside them.
  func testWhatIsSaidAtTheEnd() throws {
    let stop = EarlyStop(try XCTUnwrap(EarlyRule("score=0.65@5")))
    let plan = try plan(stop, seeds: 7).reading(atSteps: [5, 5])
    var progress = try XCTUnwrap(SequentialProgress(plan))
    let results = RunFolder(folder + "/my results")
    try results.create()
    func early() throws -> EarlyProgress { try XCTUnwrap(progress.early) }
    func lines(_ hasResult: (Int) -> Bool = { _ in false }) throws -> [String] {
      try EarlySavings.lines(plan, early(), stepCounts: [10, 10], in: results, hasResult: hasResult)
    }
    for trial in 0..<6 { progress.note(trial, Example.outcome(correct: [6, 9]).stopped(at: 5)) }
    XCTAssertEqual(
      try lines(), ["6 stopped runs wait until every run of the recipe has come to the step of stop.early"])
    for trial in 6..<14 { progress.note(trial, Example.outcome(correct: [6, 9]).stopped(at: 5)) }
    let spared = "20 steps not trained, because stop.early (score=0.65@5) stopped 4 runs"
    XCTAssertEqual(try lines(), [spared], "there is no checkpoint")
    let stopped = try plan.trials.indices.filter { try early().fate($0) == .stopped }
    XCTAssertEqual(stopped.count, 4)
    try FileManager.default.createDirectory(atPath: results.checkpoints, withIntermediateDirectories: true)
    for trial in stopped.prefix(2) {
      try Data(count: 1024).write(
        to: URL(fileURLWithPath: results.checkpoint(ofTrial: plan.trialIdentifier(at: trial))))
    }
    let kept =
      "  2 checkpoints in \(results.checkpoints) (2.0 KiB) let the stopped runs go on if the sweep is run without stop"
    XCTAssertEqual(try lines(), [spared, kept], "the others have no result yet")
    XCTAssertEqual(
      try lines { !stopped.contains($0) },
      [
        spared, kept,
        "  `rm '\(results.checkpoints)'/*.checkpoint` deletes them and no result; without stop, the stopped runs would then begin again",
      ])
  }

  func testOnlyUndecidedTrialsWait() {
    var paused = PausedTrials(waiting: [4])
    XCTAssertEqual(paused.released { _ in .waiting }, [])
    paused.pause(2)
    paused.pause(7)
    XCTAssertEqual(paused.released { $0 == 2 ? .waiting : $0 == 4 ? .finished : .stopped }, [4])
    XCTAssertEqual(paused.released { _ in .finished }, [], "nothing was decided since")
    paused.noteDecision()
    XCTAssertEqual(paused.released { _ in .goesOn }, [2], "job 7 stays stopped")
  }
}
