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
    ]
}
