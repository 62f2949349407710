// What the results of a run came to so far, for each recipe and in all. A leader that gets results and a reader of its folder
// count with this type, so that a screen and `status` say the same. It reads journals; it prints nothing.

import JSON5
import Reports
import Storage
import Trials

/// The results of one recipe so far.
package struct RecipeCounts: Equatable, Sendable {
  /// Its trials that were asked for and that no rule stopped early for good.
  package internal(set) var plannedCount = 0
  /// Those of them with a result.
  package internal(set) var doneCount = 0
  /// Its trials that were asked for and that a rule stopped early for good.
  package internal(set) var stoppedCount = 0
  /// Results that count as failed runs, diverged ones among them.
  package internal(set) var failedCount = 0
  /// Results that diverged.
  package internal(set) var divergedCount = 0
  /// The scores of the runs that have one: their sum and number.
  fileprivate var (scoreSum, scoreCount) = (0.0, 0)

  /// The mean score of the runs that have one; nil where none has.
  package var mean: Double? { scoreCount > 0 ? scoreSum / Double(scoreCount) : nil }

  fileprivate init() {}

  /// What one run adds.
  fileprivate init(_ run: CountedRun) {
    guard let isFailed = run.isFailed else { return }
    doneCount = 1
    failedCount = isFailed ? 1 : 0
    divergedCount = run.isDiverged ? 1 : 0
    if !run.score.isNaN { (scoreSum, scoreCount) = (run.score, 1) }
  }

  fileprivate mutating func change(_ old: RecipeCounts, to new: RecipeCounts) {
    plannedCount += new.plannedCount - old.plannedCount
    stoppedCount += new.stoppedCount - old.stoppedCount
    doneCount += new.doneCount - old.doneCount
    failedCount += new.failedCount - old.failedCount
    divergedCount += new.divergedCount - old.divergedCount
    scoreSum += new.scoreSum - old.scoreSum
    scoreCount += new.scoreCount - old.scoreCount
  }
}

/// One trial as far as it is counted.
private struct CountedRun: Equatable {
  /// The score; NaN where there is none.
  var score = Double.nan
  /// Whether it failed; nil without a result.
  var isFailed: Bool?
  var isDiverged = false

  static func == (first: CountedRun, second: CountedRun) -> Bool {
    first.isFailed == second.isFailed && first.isDiverged == second.isDiverged
      && first.score.bitPattern == second.score.bitPattern
  }
}

/// The results of a run so far.
package struct RunCounts: Sendable {
  /// The plan.
  package let plan: SweepPlan
  /// The trials of it that were asked for.
  package let part: PlanPart
  /// How runs are counted as failed: as in the folder's tables, but by the default where recipes may get fewer seeds, because that
  /// decides which runs count.
  package let options: TableOptions
  /// The recipes in plan order.
  package private(set) var recipes: [RecipeCounts]
  /// All recipes together; scores of several tasks have no mean that says anything.
  package private(set) var total = RecipeCounts()
  /// The progress of the recipes that may stop early; nil if none may.
  package private(set) var sequential: SequentialProgress?
  private var runs: [CountedRun]

  /// The counts of a plan without results; `judgement` is that of the folder's tables.
  package init(_ plan: SweepPlan, _ part: PlanPart = PlanPart(), judgement: TableOptions) {
    self.plan = plan
    self.part = part
    options = plan.stop == nil || plan.earlyStop != nil ? judgement : TableOptions()
    sequential = SequentialProgress(plan)
    runs = Array(repeating: CountedRun(), count: plan.trials.count)
    recipes = Array(repeating: RecipeCounts(), count: plan.configurations.count)
    for recipe in recipes.indices { recount(recipe) }
  }

  /// The counts of the results that a journal has.
  ///
  /// - Throws: `FileError`, `CodecError` for a result that cannot be read.
  package init(
    _ plan: SweepPlan, _ part: PlanPart = PlanPart(), from index: JournalIndex, judgement: TableOptions
  ) throws {
    self.init(plan, part, judgement: judgement)
    let trials = plan.trials.indices.lazy.map { (trial: $0, identifier: plan.trialIdentifier(at: $0)) }
    try index.forEachResult(of: trials, orStopped: sequential?.early != nil) { note($1, ofTrial: $0) }
  }

  /// Counts what a journal now has of the trial with a plan index, which may be nothing.
  ///
  /// - Throws: `FileError`, `CodecError` for a result that cannot be read.
  package mutating func note(_ trial: Int, from index: JournalIndex) throws {
    let record = try index.curves(of: plan.trialIdentifier(at: trial))
    guard let record, record.status.isResult || sequential?.early != nil else {
      note(nil, ofTrial: trial)
      return
    }
    note(try record.outcome(in: index.path), ofTrial: trial)
  }

  /// Counts the result of the trial with a plan index, instead of an earlier one if there was any. Returns the indices of the
  /// recipes that this result stops.
  @discardableResult
  package mutating func note(_ outcome: Outcome?, ofTrial trial: Int) -> [Int] {
    let (recipe, old) = (plan.configurationIndex(trialIndex: trial), runs[trial])
    let outcome = outcome?.judged(as: plan.configurations[recipe].configuration)
    let new = outcome.flatMap { $0.status.isResult ? run($0) : nil } ?? CountedRun()
    guard new != old || sequential?.early != nil else { return [] }
    let isCounted = part.contains(trial) && counts(trial)
    runs[trial] = new
    if isCounted {
      recipes[recipe].change(RecipeCounts(old), to: RecipeCounts(new))
      total.change(RecipeCounts(old), to: RecipeCounts(new))
    }
    guard sequential != nil else { return [] }
    guard sequential?.early == nil else {
      let decided = sequential?.noteEarly(trial, outcome) ?? []
      for recipe in decided { recount(recipe) }
      return decided
    }
    guard old.isFailed == nil, let outcome else {
      sequential?.replace(trial, with: outcome)
      for recipe in recipes.indices { recount(recipe) }
      return []
    }
    let stopped = sequential?.note(trial, outcome) ?? []
    for recipe in stopped { recount(recipe) }
    return stopped
  }

  /// Whether the trial with a plan index is reported: its recipe did not stop before it.
  package func counts(_ trial: Int) -> Bool { sequential?.counts(trial) ?? true }

  /// Whether the trial with a plan index has a result.
  package func hasResult(_ trial: Int) -> Bool { runs[trial].isFailed != nil }

  /// The recipes of a progress line; none where there is one only, or too many for a line.
  package var few: [ProgressLine.Recipe] {
    guard (2...4).contains(recipes.count) else { return [] }
    return zip(plan.configurations, recipes).map { planned, counts in
      ProgressLine.Recipe(
        name: planned.shortTitle, doneCount: counts.doneCount, failedCount: counts.failedCount - counts.divergedCount)
    }
  }

  private func run(_ outcome: Outcome) -> CountedRun {
    let failure = options.rule.failure(of: outcome, score: options.score)
    return CountedRun(
      score: failure == .diverged ? .nan : outcome.value(options.score), isFailed: failure != nil,
      isDiverged: failure == .diverged)
  }

  private mutating func recount(_ recipe: Int) {
    let old = recipes[recipe]
    var counts = RecipeCounts()
    for trial in recipe * plan.seeds.count..<(recipe + 1) * plan.seeds.count
    where part.contains(trial) {
      guard self.counts(trial) else {
        if sequential?.early != nil { counts.stoppedCount += 1 }
        continue
      }
      counts.plannedCount += 1
      counts.change(RecipeCounts(), to: RecipeCounts(runs[trial]))
    }
    recipes[recipe] = counts
    total.change(old, to: counts)
  }
}

extension PlannedConfiguration {
  /// What a recipe is called where there is little room: its label and its grid values.
  var shortTitle: String { ([label] + axisValues.map(\.text)).joined(separator: " ") }
}
