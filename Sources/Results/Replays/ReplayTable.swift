// replay.csv: one row for each recipe and rule. The numbers are made in `RuleReplay`.

import Reports
import Statistics
import Storage
import Tables

/// The columns of replay.csv.
package enum ReplayTable {
  /// A rule on a recipe.
  package struct Row: Sendable {
    let recipe: RecipeReplay
    let rule: RuleReplay

    /// Nothing where the rule could not be replayed.
    fileprivate func known(_ value: Double) -> CSVField { rule.obstacle == nil ? .finite(value) : .missing }
    fileprivate func known(_ value: Int) -> CSVField { rule.obstacle == nil ? .integer(value) : .missing }

    fileprivate var level: Double { recipe.options.level }

    /// Clopper and Pearson's interval of a share.
    fileprivate func interval(_ count: Int, of total: Int) -> ConfidenceInterval {
      rule.obstacle == nil ? Proportion.clopperPearson(count: count, total: total, level: level) : .undefined
    }
    fileprivate func share(_ count: Int, of total: Int) -> CSVField { known(Double(count) / Double(total)) }
    fileprivate var earlyInterval: ConfidenceInterval {
      rule.obstacle == nil ? rule.runs.interval(level: level) : .undefined
    }
    fileprivate var caughtCount: Int { rule.stopped.count - rule.wrongCount }
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = keys + savings + wrong + best + estimate + conventions

  private static let conventions: [Column<Row>] = [
    Column("interval_method", "The method of the intervals of shares.", role: .convention) {
      .text($0.rule.obstacle == nil ? "clopper_pearson" : nil)
    },
    Column("level", "The level of all intervals of the row.", role: .convention) { .number($0.level) },
    Column("not_computed", "Why there are no numbers; empty where there are.") { .text($0.rule.obstacle) },
  ]

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "replay.csv",
    "One row for each recipe and rule for stopping runs early: what the rule would have done to the finished runs. Written by "
      + "`replay`.", columns)

  /// Writes replay.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ recipes: [RecipeReplay], to path: String) throws {
    try columns.write(recipes.lazy.flatMap { recipe in recipe.rules.map { Row(recipe: recipe, rule: $0) } }, to: path)
  }

  private static let keys: [Column<Row>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.recipe.configuration.identifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.recipe.configuration.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.recipe.configuration.configuration.taskName) },
    Column("metric", "The metric that scores the task.", role: .key) { .text($0.recipe.metric) },
    Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) {
      .text($0.recipe.options.score.rawValue)
    },
    Column("failure_rule", "What counts as a failed run.", role: .key) { .text($0.recipe.options.rule.name) },
    Column("rule", "The rule for stopping runs early, as `--rule` spells it.", role: .key) { .text($0.rule.rule.name) },
    Column("at_step", "The step at which the rule reads the runs.", role: .key) { .integer($0.rule.step) },
    Column("cohort_size", "The runs that start together, in plan order.", role: .key) {
      .integer($0.recipe.replayOptions.cohortSize)
    },
    Column("finish_share", "The share of the stopped runs that are finished anyway, at least 5.", role: .key) {
      .number($0.recipe.replayOptions.finishShare)
    },
  ]

  private static let savings: [Column<Row>] = [
    Column("n_runs", "The runs with a result.") { .integer($0.recipe.runCount) },
    Column("n_unmeasured", "The runs that go on because they had recorded nothing by that step.") {
      $0.known($0.rule.unmeasuredCount)
    },
    Column("n_stopped", "The runs that the rule stops.") { $0.known($0.rule.stopped.count) },
    Column("steps", "The steps of all runs.") { .integer($0.recipe.stepCount) },
    Column("steps_saved", "The steps that the stopped runs made after the rule's step.") {
      $0.known($0.rule.savedStepCount)
    },
    Column("saved_share", "Their share of `steps`.") { $0.share($0.rule.savedStepCount, of: $0.recipe.stepCount) },
  ]

  private static let wrong: [Column<Row>] = [
    Column("n_stopped_not_failed", "The stopped runs that did not fail in the end.") { $0.known($0.rule.wrongCount) },
    Column("wrong_share", "Their share of the stopped runs.") {
      $0.share($0.rule.wrongCount, of: $0.rule.stopped.count)
    },
    bound("wrong", .lower) { $0.interval($0.rule.wrongCount, of: $0.rule.stopped.count) },
    bound("wrong", .upper) { $0.interval($0.rule.wrongCount, of: $0.rule.stopped.count) },
    Column("caught_share", "The share of the failed runs that the rule stops.") {
      $0.share($0.caughtCount, of: $0.recipe.failedCount)
    },
    bound("caught", .lower) { $0.interval($0.caughtCount, of: $0.recipe.failedCount) },
    bound("caught", .upper) { $0.interval($0.caughtCount, of: $0.recipe.failedCount) },
  ]

  private static let best: [Column<Row>] = [
    Column("n_cohorts", "The whole cohorts with a run that has a score.") { $0.known($0.rule.cohorts.count) },
    Column("n_best_stopped", "The cohorts of which the rule stops every run with the best score.") {
      $0.known($0.rule.cohorts.bestStoppedCount)
    },
    Column("best_stopped_share", "Their share.") {
      $0.share($0.rule.cohorts.bestStoppedCount, of: $0.rule.cohorts.count)
    },
    bound("best_stopped", .lower) { $0.interval($0.rule.cohorts.bestStoppedCount, of: $0.rule.cohorts.count) },
    bound("best_stopped", .upper) { $0.interval($0.rule.cohorts.bestStoppedCount, of: $0.rule.cohorts.count) },
    Column("n_emptied", "The cohorts of which no run with a score goes on; they have no part in `mean_best_loss`.") {
      $0.known($0.rule.cohorts.emptiedCount)
    },
    Column(
      "mean_best_loss", "How much worse the best run that goes on is than the cohort's best, in the mean over cohorts."
    ) { $0.known(Sample.mean($0.rule.cohorts.losses)) },
  ]

  private static let estimate: [Column<Row>] = [
    Column("n_failed", "The runs that failed.") { .integer($0.recipe.failedCount) },
    Column("failure_rate", "Their share: the failure rate where every run is finished.") {
      $0.recipe.runCount == 0 ? .missing : .number(Double($0.recipe.failedCount) / Double($0.recipe.runCount))
    },
    bound("failure_rate", .lower, by: "Wilson's") { $0.recipe.failureInterval },
    bound("failure_rate", .upper, by: "Wilson's") { $0.recipe.failureInterval },
    Column("n_finished", "The stopped runs that are finished anyway, chosen by the hash of their identifiers.") {
      $0.known($0.rule.runs.finishedCount)
    },
    Column("n_finished_failed", "Those of them that failed.") { $0.known($0.rule.runs.finishedFailedCount) },
    Column("steps_saved_finishing", "The steps that are saved where those runs are finished.") {
      $0.known($0.rule.savedFinishingStepCount)
    },
    Column("saved_share_finishing", "Their share of `steps`.") {
      $0.share($0.rule.savedFinishingStepCount, of: $0.recipe.stepCount)
    },
    Column("early_rate", "The failure rate as it is then known: both kinds of runs, weighted by their numbers.") {
      $0.known($0.rule.runs.rate)
    },
    bound("early_rate", .lower, by: stratified) { $0.earlyInterval },
    bound("early_rate", .upper, by: stratified) { $0.earlyInterval },
  ]

  private static let stratified = "Wilson's, for as many runs as would tell the rate as well"

  /// One end of an interval.
  private enum End: String { case lower, upper }

  private static func bound(
    _ name: String, _ end: End, by method: String = "Clopper and Pearson's",
    _ value: @escaping @Sendable (Row) -> ConfidenceInterval
  ) -> Column<Row> {
    let stem = name.hasSuffix("_rate") ? String(name.dropLast(5)) : name
    let whole = name.hasSuffix("_rate") ? name : name + "_share"
    return Column(
      stem + (end == .lower ? "_low" : "_high"), "The \(end.rawValue) bound of the interval of `\(whole)`.",
      role: end == .lower ? .lowerBound(of: stem) : .upperBound(of: stem), .interval(method)
    ) {
      let interval = value($0)
      return .finite(end == .lower ? interval.low : interval.high)
    }
  }
}
