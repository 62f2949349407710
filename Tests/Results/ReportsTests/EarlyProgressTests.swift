// Runs that a rule stops: what tables say of them, worked out by hand for twenty runs, and that it does not depend on how far the
// stopped ones were trained.

import Digests
import ResultsSupport
import StopRules
import Storage
import Tables
import Trials
import XCTest

@testable import Reports

final class EarlyProgressTests: FolderTestCase {
  /// One recipe, whose runs make ten steps and are read after five: those with 6 of 10 correct stop.
  private func plan(seeds: UInt64 = 20, _ rule: String = "score=0.65@5") throws -> SweepPlan {
    let planned = PlannedConfiguration(
      variant: "v", label: "v", configuration: TrialConfiguration(), axisValues: [], identifier: "0000000000000001")
    let stop = EarlyStop(try XCTUnwrap(EarlyRule(rule)))
    return try SweepPlan(
      name: "s", configurations: [planned], seeds: (1...seeds).map { TrialSeeds(tied: $0) }, stop: .early(stop)
    ).reading(atSteps: [5])
  }

  /// The stopped runs that are finished: five of the last eight, by a sort of their own.
  private func finished(_ plan: SweepPlan) -> [Int] {
    (12..<20).map { (SHA256.hex(of: "finish \(plan.trialIdentifier(at: $0))"), $0) }.sorted { $0.0 < $1.0 }.prefix(5)
      .map(\.1)
  }

  /// Ten runs go on and succeed, two go on and fail. Of eight that stop, three of the five that are finished fail.
  private func outcomes(_ plan: SweepPlan) -> [Outcome] {
    let finished = finished(plan)
    return (0..<20).map { number in
      if number < 12 { return Example.outcome(correct: number < 10 ? [9, 9] : [9, 6]) }
      guard let rank = finished.firstIndex(of: number) else { return Example.outcome(correct: [6, 9]) }
      return Example.outcome(correct: rank < 3 ? [6, 6] : [6, 9])
    }
  }

  /// Writes a journal with these outcomes and the tables of the plan, and returns the folder.
  private func tables(_ plan: SweepPlan, _ outcomes: [Outcome?], in name: String) throws -> RunFolder {
    let results = RunFolder(folder + "/" + name)
    try results.create()
    let writer = try JournalWriter(path: results.journal, epoch: 1)
    try writer.append(
      [.runStart(Example.start)]
        + outcomes.enumerated().compactMap { number, outcome in
          outcome.map {
            .outcome(
              TrialRecord(
                trial: plan.trialIdentifier(at: number), attempt: 1, fingerprint: "f", timing: Example.timing,
                outcome: $0))
          }
        })
    try RunTables.write(plan, from: JournalIndex(path: results.journal), to: results)
    return results
  }

  private func rows(_ path: String, _ columns: [String]) throws -> [[String]] {
    try TextTable(path: path, format: .commas, columns: columns).rows.map(\.fields)
  }

  func testTablesOfStoppedRuns() throws {
    let plan = try plan()
    let (outcomes, finished) = (outcomes(plan), finished(plan))
    let stopped = Set(12..<20).subtracting(finished)
    let live = try tables(
      plan, outcomes.enumerated().map { stopped.contains($0) ? $1.stopped(at: 5) : $1 }, in: "live")
    let trials = try rows(live.trials, ["status", "early_stop", "failed", "value_final", "step_count"])
    for (number, row) in trials.enumerated() {
      if stopped.contains(number) {
        XCTAssertEqual(row, ["stopped", "stopped", "", "", "5"])
      } else {
        XCTAssertEqual(Array(row.prefix(2)), ["completed", finished.contains(number) ? "finished" : ""])
        XCTAssertEqual(row[4], "10")
      }
    }
    let curves = try rows(live.curves, ["trial_id", "step", "split"])
    let one = plan.trialIdentifier(at: try XCTUnwrap(stopped.first))
    XCTAssertEqual(Set(curves.filter { $0[0] == one }.map { $0[1] }), ["5"])

    // (2 + 8 * 3 / 5) / 20; the interval is that of 15.84 runs.
    let columns = [
      "n", "n_missing", "n_failed", "n_early_stopped", "n_early_finished", "n_early_finished_failed", "early_rule",
      "early_step", "interval_method", "clopper_pearson_low",
    ]
    XCTAssertEqual(
      try rows(live.summary, columns), [["17", "0", "5", "8", "5", "3", "score=0.65@5", "5", "wilson_two_strata", ""]])
    XCTAssertTrue(try rows(live.summary, ["warnings"])[0][0].hasSuffix("runs_stopped_early"))
    let rate = try rows(live.summary, ["failure_rate", "failure_low", "failure_high"])[0].compactMap(Double.init)
    XCTAssertEqual(rate[0], 0.34, accuracy: 1e-12)
    XCTAssertEqual(rate[1], 0.159636551, accuracy: 1e-9)
    XCTAssertEqual(rate[2], 0.582816538, accuracy: 1e-9)

    XCTAssertEqual(
      try RunTables.trialsTable(plan, from: JournalIndex(path: live.journal), options: TableOptions()),
      try bytes(live.trials))

    // A folder that was run without the rule before has results of all, and comes to the same tables.
    let whole = try tables(plan, outcomes, in: "whole")
    for (first, second) in [(live.trials, whole.trials), (live.curves, whole.curves), (live.summary, whole.summary)] {
      XCTAssertEqual(try contents(first), try contents(second))
    }
    try Data(plan.encodedJSON().utf8).write(to: URL(fileURLWithPath: live.sweep))
    let results = try ResultsFolder(live.path)
    XCTAssertEqual(
      try results.stoppedRemark(), "\(live.path): stop.early (score=0.65@5) stopped 3 runs that have no result")
    XCTAssertThrowsError(try results.requireNoStoppedRuns(for: "replay")) {
      XCTAssertEqual(
        "\($0)",
        "\(live.path): stop.early (score=0.65@5) stopped 3 runs that have no result, which replay needs of every run; run the sweep once "
          + "more with stop=null and the same --output, which continues the stopped runs and no others")
    }
  }

  /// Until every run was read nothing is stopped for good.
  func testRunsThatWait() throws {
    let plan = try plan()
    var outcomes: [Outcome?] = outcomes(plan).enumerated().map { $0 < 12 ? $1 : $1.stopped(at: 5) }
    outcomes[0] = nil
    let open = try tables(plan, outcomes, in: "open")
    XCTAssertEqual(
      try rows(open.summary, ["n", "n_missing", "n_early_stopped", "n_early_finished", "interval_method"]),
      [["11", "9", "", "0", "wilson"]])
    XCTAssertEqual(
      try rows(open.summary, ["n_failed", "failure_rate", "failure_low", "failure_high", "clopper_pearson_low"]),
      [["2", "", "", "", ""]], "those that wait would fail more often than the eleven")
    XCTAssertEqual(
      try rows(open.trials, ["status", "early_stop"]).suffix(8), Array(repeating: ["stopped", "waiting"], count: 8))
    outcomes[0] = Example.outcome(correct: [9, 9])
    let read = try tables(plan, outcomes, in: "read")
    XCTAssertEqual(
      try rows(read.summary, ["n", "n_missing", "n_early_stopped", "n_early_finished", "failure_rate", "failure_low"]),
      [["12", "5", "8", "0", "", ""]], "of the stopped runs nothing is known yet")
  }

  /// A run that diverges in the step after the rule's was there when the rule looked; one that diverged before it was not.
  func testRunsThatDivergeAreReadAsLiveOnesAre() throws {
    func diverged(after counts: [Int]) -> Outcome {
      var outcome = Example.outcome(correct: counts + [0])
      outcome.status = .diverged
      outcome.stepCount = 5 * counts.count
      outcome.evaluations[counts.count].step = outcome.stepCount
      outcome.evaluations[counts.count].value = .nan
      outcome.evaluations[counts.count].loss = .nan
      return outcome
    }
    let rule = try XCTUnwrap(EarlyRule("score=0.65@5"))
    XCTAssertEqual(RecordedRun(diverged(after: [6])).reading(rule, at: 5), .measured(0.6, stops: true))
    XCTAssertEqual(RecordedRun(diverged(after: [6]).stopped(at: 5)).reading(rule, at: 5), .measured(0.6, stops: true))
    XCTAssertEqual(diverged(after: [6]).stopped(at: 5), Example.outcome(correct: [6, 9]).stopped(at: 5))
    XCTAssertEqual(RecordedRun(diverged(after: [9, 6])).reading(rule, at: 5), .measured(0.9, stops: false))
    XCTAssertEqual(RecordedRun(diverged(after: [])).reading(rule, at: 5), .ended)
    XCTAssertNil(
      RecordedRun(Example.outcome(correct: [6, 9]).stopped(at: 5)).known(rule, at: 6), "it was stopped before")
    XCTAssertEqual(
      RecordedRun(Example.outcome(correct: [6, 9, 9]).stopped(at: 12)).known(rule, at: 5), .measured(0.6, stops: true),
      "what another rule stopped later tells it")
    XCTAssertTrue(rule.pauses(Example.outcome(correct: [6]).stopped(at: 5), at: 5))
    XCTAssertFalse(rule.pauses(Example.outcome(correct: [7]).stopped(at: 5), at: 5))
    XCTAssertTrue(
      EarlyRule(.score, .top(0.5), at: .step(5)).pauses(Example.outcome(correct: [9]).stopped(at: 5), at: 5))
  }

  /// A measure that is not finite reaches no bound: the run stops as it is trained, and is read so where it went on, ended or not.
  func testMeasuresThatAreNotFiniteStop() throws {
    func run(_ change: (inout Evaluation) -> Void) -> Outcome {
      var outcome = Example.outcome(correct: [9, 9])
      change(&outcome.evaluations[0])
      return outcome
    }
    var diverged = run { $0.loss = .nan }
    diverged.status = .diverged
    diverged.stepCount = 5
    (diverged.evaluations[1].step, diverged.evaluations[1].loss) = (5, .nan)
    let cases: [(String, Outcome)] = [
      ("dev_loss=0.7@5", run { $0.loss = .nan }), ("dev_loss=0.7@5", run { $0.loss = .infinity }),
      ("dev_loss=0.7@5", run { $0.loss = -.infinity }), ("dev_loss=0.7@7", run { $0.loss = .nan }),
      ("dev_loss=0.7@5", diverged), ("score=0.65@5", run { $0.value = .nan }),
      ("score=-1@5", run { $0.value = -.infinity }), ("score=0.65@5", run { $0.value = .infinity }),
    ]
    for (text, outcome) in cases {
      let rule = try XCTUnwrap(EarlyRule(text))
      let step = rule.moment.step(of: 10)
      let expected = EarlyRule.Reading.measured(-.infinity, stops: true)
      if outcome.stepCount > step || outcome.status == .diverged {
        XCTAssertEqual(RecordedRun(outcome).reading(rule, at: step), expected, text)
      }
      XCTAssertEqual(RecordedRun(outcome.stopped(at: step)).known(rule, at: step), expected, text)
      XCTAssertTrue(rule.pauses(outcome.stopped(at: step), at: step), text)
    }
    // The best of a cohort are found although one run diverged.
    XCTAssertEqual(
      RecordedRun(cases[0].1).reading(EarlyRule(.devLoss, .top(0.5), at: .step(5)), at: 5),
      .measured(-.infinity, stops: false))
    // A regression has no correct predictions.
    var regression = run { ($0.value, $0.pearson) = (.nan, .nan) }
    regression.metric = .pearson
    XCTAssertEqual(
      RecordedRun(regression).reading(EarlyRule(.score, .chance, at: .step(5)), at: 5),
      .measured(-.infinity, stops: true))
  }

  /// A program may leave scores without losses, which is not a loss of NaN.
  func testLossesThatAProgramDoesNotTell() throws {
    var outcome = Example.outcome(correct: [9, 9])
    outcome.metric = .score
    outcome.evaluations[0].loss = .nan
    let rule = try XCTUnwrap(EarlyRule("dev_loss=0.7@5"))
    outcome.evaluationCurve = [CurvePoint(step: 5, epoch: 1, quantity: "accuracy", value: 0.9)]
    XCTAssertEqual(RecordedRun(outcome).reading(rule, at: 5), .unmeasured)
    outcome.evaluationCurve.append(CurvePoint(step: 5, epoch: 1, quantity: "loss", value: .nan))
    XCTAssertEqual(RecordedRun(outcome).reading(rule, at: 5), .measured(-.infinity, stops: true))
  }

  func testWhatIsSaidOfARecipe() throws {
    let plan = try plan()
    var progress = try XCTUnwrap(SequentialProgress(plan))
    for (number, outcome) in outcomes(plan).enumerated().dropLast() {
      XCTAssertEqual(progress.note(number, outcome.stopped(at: 5)), [])
      XCTAssertTrue(progress.counts(number))
    }
    XCTAssertEqual(progress.note(19, outcomes(plan)[19]), [0])
    XCTAssertEqual(
      progress.description(ofConfiguration: 0),
      "score=0.65@5 stops 8 of 20 runs at step 5; 5 of them are finished anyway")
    XCTAssertEqual((0..<20).filter { !progress.counts($0) }.count, 3)
    XCTAssertEqual((0..<20).filter(progress.isFinishedAnyway), finished(plan).sorted())
    XCTAssertEqual(try SweepPlan(json: plan.encodedJSON()).stop, plan.stop)
  }
}
