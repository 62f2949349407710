// What a screen and `status` count, against the rows of summary.csv, which another code path makes.

import Foundation
import ResultsSupport
import Statistics
import StopRules
import Storage
import Trials
import XCTest

@testable import Console
@testable import Reports

final class RunCountsTests: FolderTestCase {
  private var journal: String { folder + "/journal.jsonl" }

  private func plan(stop: StopRule? = nil) throws -> SweepPlan {
    try SweepPlan(
      name: "tiny",
      configurations: ["0123456789abcdef", "123456789abcdef0", "23456789abcdef01"].map {
        PlannedConfiguration(
          variant: $0, label: "recipe \($0.prefix(2))", configuration: TrialConfiguration(), axisValues: [],
          identifier: $0)
      }, seeds: (1...40).map { TrialSeeds(tied: $0) }, stop: stop)
  }

  /// A result that depends on the trial and on `round`.
  private func outcome(_ trial: Int, _ round: Int = 0) -> Outcome {
    switch (trial &* 7919 &+ round &* 104_729) % 11 {
    case 0: Example.diverged(after: [9])
    case 1, 2, 3: Example.outcome(correct: [9, 5])
    case 4: Example.outcome(correct: [6])
    default: Example.outcome(correct: [7 + trial % 4])
    }
  }

  private func record(_ plan: SweepPlan, _ trial: Int, _ outcome: Outcome) -> JournalRecord {
    .outcome(
      TrialRecord(
        trial: plan.trialIdentifier(at: trial), attempt: 1, fingerprint: "f", timing: Example.timing, outcome: outcome))
  }

  private func check(_ counts: RunCounts, _ index: JournalIndex, line: UInt = #line) throws {
    let rows = try RunTables.summary(of: counts.plan, part: counts.part, from: index, options: counts.options)
    XCTAssertEqual(counts.recipes.count { $0.plannedCount > 0 }, rows.count, line: line)
    for row in rows {
      let place = try XCTUnwrap(
        counts.plan.configurations.firstIndex { $0.identifier == row.configurationIdentifier }, line: line)
      let recipe = counts.recipes[place]
      XCTAssertEqual(recipe.plannedCount, row.count + row.missingCount, line: line)
      XCTAssertEqual(recipe.doneCount, row.count, line: line)
      XCTAssertEqual(recipe.failedCount, row.failedCount, line: line)
      XCTAssertEqual(recipe.divergedCount, row.count(of: .diverged), line: line)
      XCTAssertEqual(recipe.mean == nil, row.definedValues.isEmpty, line: line)
      if let mean = recipe.mean { XCTAssertEqual(mean, Sample.mean(row.definedValues), accuracy: 1e-12, line: line) }
    }
    XCTAssertEqual(counts.total.plannedCount, rows.reduce(0) { $0 + $1.count + $1.missingCount }, line: line)
    XCTAssertEqual(counts.total.doneCount, rows.reduce(0) { $0 + $1.count }, line: line)
    XCTAssertEqual(counts.total.failedCount, rows.reduce(0) { $0 + $1.failedCount }, line: line)
    XCTAssertEqual(counts.total.divergedCount, rows.reduce(0) { $0 + $1.count(of: .diverged) }, line: line)
  }

  /// One result after the other, in another order than the plan's, and all at once from the journal.
  private func checkGrowing(_ plan: SweepPlan, _ part: PlanPart, _ options: TableOptions) throws {
    unlink(journal)
    let writer = try JournalWriter(path: journal, epoch: 1)
    try writer.append([.runStart(Example.start)])
    let index = try JournalIndex(path: journal)
    var counts = RunCounts(plan, part, judgement: options)
    for step in plan.trials.indices {
      let trial = step * 37 % plan.trials.count
      try writer.append([record(plan, trial, outcome(trial))])
      try index.refresh()
      if step % 2 == 0 { counts.note(outcome(trial), ofTrial: trial) } else { try counts.note(trial, from: index) }
      if step % 8 == 0 { try check(counts, index) }
    }
    try check(counts, index)
    let again = try RunCounts(plan, part, from: index, judgement: options)
    try check(again, index)
    XCTAssertEqual(again.recipes.map(\.doneCount), counts.recipes.map(\.doneCount))
  }

  func testCountsAreThoseOfTheSummary() throws {
    let part = PlanPart(limit: 100, shard: Shard(index: 1, count: 3))
    for options in [TableOptions(), TableOptions(rule: .constant, score: .best), TableOptions(rule: .below(0.85))] {
      try checkGrowing(plan(), PlanPart(), options)
      try checkGrowing(plan(), part, options)
    }
  }

  /// Recipes that stop early lose the trials after the stop, whatever the order of the results.
  func testCountsOfRecipesThatStop() throws {
    try checkGrowing(
      plan(stop: .precision(SequentialStop(halfWidth: 0.3, looks: [10, 20, 30]))), PlanPart(),
      TableOptions(rule: .constant))
    var counts = RunCounts(
      try plan(stop: .precision(SequentialStop(halfWidth: 0.3, looks: [10, 20, 30]))), judgement: TableOptions())
    let stopped = counts.plan.trials.indices.flatMap { counts.note(outcome($0), ofTrial: $0) }
    XCTAssertEqual(stopped, [0, 1, 2], "each recipe stops once")
    XCTAssertLessThan(counts.total.plannedCount, 120)
  }

  /// Runs that stop early, against the rows of summary.csv, whatever the order in which they get there.
  func testRunsThatStopEarly() throws {
    let rule = try XCTUnwrap(EarlyRule("score=0.65@5"))
    let plan = try plan(stop: .early(EarlyStop(rule, finishShare: 0.2))).reading(atSteps: [5, 5, 5])
    func whole(_ trial: Int) -> Outcome { Example.outcome(correct: [trial % 3 == 0 ? 6 : 9, 5 + trial % 4]) }
    var counts = RunCounts(plan, judgement: TableOptions())
    var decided: [Int] = []
    for trial in plan.trials.indices.reversed() {
      // Those that stop report so first; the rule lets the others run on.
      decided += counts.note(trial % 3 == 0 ? whole(trial).stopped(at: 5) : whole(trial), ofTrial: trial)
    }
    XCTAssertEqual(decided, [2, 1, 0])
    XCTAssertGreaterThan(counts.total.stoppedCount, 0)
    let records = try plan.trials.indices.map { trial -> JournalRecord in
      let fate = try XCTUnwrap(counts.sequential?.early?.fate(trial))
      let outcome = fate == .stopped ? whole(trial).stopped(at: 5) : whole(trial)
      counts.note(outcome, ofTrial: trial)
      return record(plan, trial, outcome)
    }
    try JournalWriter(path: journal, epoch: 1).append([.runStart(Example.start)] + records)
    let index = try JournalIndex(path: journal)
    try check(counts, index)
    let fresh = try RunCounts(plan, from: index, judgement: TableOptions())
    try check(fresh, index)
    XCTAssertEqual(fresh.recipes, counts.recipes)
    // 40 runs of 120 stop; of 13 or 14 a recipe 5 are finished.
    XCTAssertEqual(fresh.total.stoppedCount, 40 - 15)
    XCTAssertEqual(fresh.total.plannedCount, 120 - 25)
    var status = StatusReport()
    status.plannedCount = 95
    status.completedCount = 95
    XCTAssertEqual(
      ProgressLine(fresh, status).text,
      "95 of 95 trials done, \(fresh.total.failedCount) at chance, 25 more stopped early")
    let rows = try RunTables.summary(of: plan, from: index)
    XCTAssertEqual(
      ConsoleTable.stoppedEarly(rows),
      [
        "40 runs were stopped early by score=0.65@5, of which 15 were finished anyway; the others have no result.",
        "  rate and CI weight runs that went on and stopped runs by their numbers; n, fail and scores are of runs with a result.",
      ])
    // A result that goes is read anew.
    counts.note(nil, ofTrial: 0)
    XCTAssertEqual(counts.recipes[0].stoppedCount, 0, "nothing is decided until every run was read")
  }

  /// A result may be replaced, as one that was made under a fault is, and go.
  func testReplacedResults() throws {
    for stop: StopRule? in [
      nil, .precision(SequentialStop(halfWidth: 0.3, looks: [10, 20, 30])), .pairs(PairedStop(.failures)),
      .pairs(PairedStop(.scores, lookEvery: 3)),
    ] {
      let plan = try plan(stop: stop)
      var (counts, fresh) = (RunCounts(plan, judgement: TableOptions()), RunCounts(plan, judgement: TableOptions()))
      for trial in plan.trials.indices { counts.note(outcome(trial), ofTrial: trial) }
      for trial in plan.trials.indices {
        counts.note(outcome(trial), ofTrial: trial)
        counts.note(trial % 5 == 0 ? nil : outcome(trial, 1), ofTrial: trial)
        fresh.note(trial % 5 == 0 ? nil : outcome(trial, 1), ofTrial: trial)
      }
      XCTAssertEqual(counts.recipes.map(\.plannedCount), fresh.recipes.map(\.plannedCount))
      XCTAssertEqual(counts.recipes.map(\.doneCount), fresh.recipes.map(\.doneCount))
      XCTAssertEqual(counts.recipes.map(\.failedCount), fresh.recipes.map(\.failedCount))
      XCTAssertEqual(counts.recipes.map(\.divergedCount), fresh.recipes.map(\.divergedCount))
      for (old, new) in zip(counts.recipes, fresh.recipes) {
        XCTAssertEqual(try XCTUnwrap(old.mean), try XCTUnwrap(new.mean), accuracy: 1e-12)
      }
      XCTAssertEqual(counts.total.doneCount, fresh.total.doneCount)
    }
  }

  func testForecast() throws {
    let plan = try plan()
    // The third recipe's trials cost twice as much and come first.
    let order = Array(80..<120) + Array(0..<80)
    var forecast = RecipeForecast(order) { $0 < 80 ? 1 : 2 }
    var counts = RunCounts(plan, judgement: TableOptions())
    // In all, then by recipe.
    func left(_ elapsed: Double, exhausted: Set<Int> = []) -> [Double?] {
      let left = forecast.left(counts, elapsed: elapsed, exhausted: exhausted)
      return [left.total] + plan.configurations.map { left.recipes[$0.identifier] }
    }
    func end(_ trials: Range<Int>) {
      for trial in trials {
        counts.note(outcome(trial), ofTrial: trial)
        forecast.noteResult(ofTrial: trial)
      }
    }
    XCTAssertEqual(left(3), [nil, nil, nil, nil], "nothing is known before a trial ends")
    end(80..<90)
    // 20 of 160 units took 10 s: 60, 40 and 40 more are left.
    XCTAssertEqual(left(10), [70, 50, 70, 30])
    XCTAssertEqual(left(10.25), [69.75, 49.75, 69.75, 29.75], "time passes between two looks at all trials")
    end(90..<120)
    XCTAssertEqual(
      left(40, exhausted: [0, 79]), [39, 19.5, 39, nil], "trials that crashed for the last time take no time")
    end(0..<80)
    XCTAssertEqual(left(80), [0, nil, nil, nil])
  }

  /// Steps before a pause count once, as done and as no longer left, where a checkpoint keeps them; what was done in an earlier run counts
  /// as neither.
  func testForecastOfTrialsThatPause() throws {
    let plan = try plan()
    var forecast = RecipeForecast(Array(0..<8)) { _ in 4 }
    var counts = RunCounts(plan, judgement: TableOptions())
    func left(_ elapsed: Double) -> Double? { forecast.left(counts, elapsed: elapsed, exhausted: []).total }
    func end(_ trial: Int) {
      counts.note(outcome(trial), ofTrial: trial)
      forecast.noteResult(ofTrial: trial)
    }
    forecast.noteKept(0.5, ofTrial: 7)
    XCTAssertEqual(forecast.work(ofTrial: 7), 2)
    for trial in 0..<4 { forecast.notePause(after: 0.25, isKept: true, ofTrial: trial) }
    XCTAssertEqual(forecast.doneWork, 4)
    // 4 units took 8 s; 4 times 3, 3 times 4 and 2 are left.
    XCTAssertEqual(left(8), 52)
    end(0)
    XCTAssertEqual(forecast.doneWork, 7)
    XCTAssertEqual(left(14), 46)
    end(7)
    XCTAssertEqual(forecast.doneWork, 9)
    // Without a checkpoint the steps are made twice.
    forecast.notePause(after: 0.25, isKept: false, ofTrial: 4)
    XCTAssertEqual([forecast.doneWork, forecast.work(ofTrial: 4)], [10, 4])
    end(4)
    XCTAssertEqual(forecast.doneWork, 14)
    for trial in [1, 2, 3, 5, 6] { end(trial) }
    XCTAssertEqual(
      forecast.doneWork, 8 * 4 - 2 + 1, "each trial once, but for what was done before and what was done twice")
    XCTAssertEqual(left(62), 0)
  }
}
