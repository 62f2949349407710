// summary.csv: one row a configuration. Every number that needs a convention (ddof, interval, level, rule) has the
// convention in a column beside it or in its name; what cannot be told from so few runs is an empty field.

import Statistics
import Tables
import Trials

/// The columns of summary.csv and the rows of configurations.
package enum SummaryTable {
  /// The numbers of runs for which the expected best one is reported.
  static let drawCounts = [5, 10]

  package static let columns =
    ["configuration_id", "variant", "task"] + TrialColumns.configurationNames + [
      "metric", "score", "failure_rule", "n", "n_missing", "n_failed", "failure_rate", "failure_low", "failure_high",
      "interval_method", "level", "n_never_learned", "n_collapsed", "n_diverged", "n_value", "mean", "sd", "ddof",
      "median", "iqm", "min", "max", "mean_imputed", "constant_score", "n_successful", "mean_successful",
      "sd_successful", "n_constant", "n_flat_loss", "n_disagreements",
    ] + IntervalColumns.names + SelectionColumns.names + StopColumns.names

  /// The rows of some configurations, spread over the cores; they do not depend on the number of those.
  package static func rows(_ summaries: [SummaryRow], options: TableOptions) -> [[CSVField]] {
    let options = LargeSamples.options(options, for: summaries)
    return summaries.concurrentMap { row($0, options: options) }
  }

  private static func row(_ summary: SummaryRow, options: TableOptions) -> [CSVField] {
    let identity: [CSVField] =
      [.text(summary.configurationIdentifier), .text(summary.variant), .text(summary.task)]
      + summary.hyperparameters.map { .text($0) }
    return identity
      + [.text(summary.metric), .text(options.score.rawValue), .text(summary.rule ?? options.rule.name)]
      + rate(summary, level: options.level) + spread(summary) + IntervalColumns.fields(summary, options: options)
      + SelectionColumns.fields(summary, options: options) + StopColumns.fields(summary)
  }

  private static func rate(_ summary: SummaryRow, level: Double) -> [CSVField] {
    let interval = summary.failureInterval(level: level)
    let hasRuns = summary.count > 0
    return [
      .integer(summary.count), .integer(summary.missingCount), .integer(summary.failedCount),
      .number(hasRuns ? summary.failureRate : nil), .number(hasRuns ? interval.low : nil),
      .number(hasRuns ? interval.high : nil), .text("wilson"), .number(level),
      .integer(summary.count(of: .neverLearned)), .integer(summary.count(of: .collapsed)),
      .integer(summary.count(of: .diverged)),
    ]
  }

  private static func spread(_ summary: SummaryRow) -> [CSVField] {
    let defined = summary.definedValues
    let successful = summary.successfulValues
    let hasRuns = summary.count > 0
    return [
      .integer(defined.count), .number(defined.isEmpty ? nil : Sample.mean(defined)),
      .number(defined.count < 2 ? nil : Sample.standardDeviation(defined, ddof: 1)), .integer(1),
      .number(hasRuns ? summary.median : nil), .number(hasRuns ? summary.interquartileMean : nil),
      .number(defined.min()), .number(defined.max()), .number(hasRuns ? summary.imputedMean : nil),
      .number(summary.constantScore), .integer(successful.count),
      .number(successful.isEmpty ? nil : Sample.mean(successful)),
      .number(successful.count < 2 ? nil : Sample.standardDeviation(successful, ddof: 1)),
    ] + signs(summary)
  }
}

extension SummaryTable {
  /// What predictions and losses say about failure; nothing where runs from elsewhere bring neither.
  private static func signs(_ summary: SummaryRow) -> [CSVField] {
    [summary.constantCount, summary.flatLossCount, summary.disagreementCount].map {
      summary.isImported ? .missing : .integer($0)
    }
  }
}

extension CSVField {
  /// A number that may be undefined or without bound: an empty field where it is not finite.
  package static func finite(_ value: Double) -> CSVField { .number(value.isFinite ? value : nil) }
}
