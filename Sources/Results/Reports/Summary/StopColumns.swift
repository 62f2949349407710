// The columns of summary.csv about stopping; empty in a sweep that declares none. When recipes stop is `SequentialProgress`'
// business.

import Statistics
import StopRules
import Tables

/// The stop rule and where it left a configuration.
enum StopColumns {
  private typealias SummaryColumn = SummaryTable.SummaryColumn

  /// The columns in order.
  static let all: [SummaryTable.SummaryColumn] =
    [
      SummaryColumn("stop_half_width", "The half width of the confidence sequence at which the sweep stops a recipe.") {
        if case .precision(let rule) = $0.summary.stop?.rule { .number(rule.halfWidth) } else { .missing }
      },
      SummaryColumn("stopped_at", "The number of seeds after which the recipe stopped; empty where it did not.") {
        .integer($0.summary.stop?.count)
      },
    ]
    + SummaryTable.interval(
      "stopped", of: "the failure rate by which the recipe may stop", by: "beta-binomial confidence sequence"
    ) { $0.stopInterval ?? .undefined } + [
      SummaryColumn("stopped_interval_method", "The method of `stopped_low` and `stopped_high`.", role: .convention) {
        .text($0.summary.stop == nil ? nil : "beta_binomial_sequence")
      },
      SummaryColumn("stop_level", "The level of the confidence sequence.") { .number($0.summary.stop?.rule.level) },
      SummaryColumn(
        "stop_rule",
        "The rule by which the sweep stops recipes: `half_width` of their failure rates, or `pairs_failures` or `pairs_scores` "
          + "where comparisons end when they are decided.",
        role: .convention
      ) { .text($0.summary.stop?.rule.name) },
    ] + early

  /// The runs that a rule stopped early.
  private static let early: [SummaryColumn] = [
    SummaryColumn(
      "early_rule", "The rule of `stop.early`, which stops runs at a step; empty in a sweep without one.",
      role: .convention
    ) { .text($0.summary.early?.rule.name) },
    SummaryColumn("early_step", "The step at which it reads the runs.", role: .convention) {
      .integer($0.summary.early?.step)
    },
    SummaryColumn(
      "n_early_stopped",
      "The runs that it stops, those included that are finished anyway; empty until every run was read."
    ) { row in .integer(row.summary.early.flatMap { $0.isRead ? $0.stoppedCount : nil }) },
    SummaryColumn(
      "n_early_finished",
      "The runs among them that were finished anyway and have a result, chosen by the hash of their identifiers."
    ) { row in .integer(row.summary.early.map { _ in row.summary.finishedAnyway.count }) },
    SummaryColumn("n_early_finished_failed", "The runs among those that failed.") { row in
      .integer(row.summary.early.map { _ in row.summary.finishedAnyway.failedCount })
    },
  ]
}
