// summary.csv: one row for each configuration. Every number that needs a convention (ddof, interval, level, rule) has the
// convention in a column beside it or in its name; what too few runs cannot tell is an empty field.

import Host
import Statistics
import Tables
import TrialTables
import Trials

/// The columns of summary.csv and the rows of configurations.
package enum SummaryTable {
  /// A column of summary.csv.
  package typealias SummaryColumn = Column<SummaryMeasures>

  /// The columns in order.
  package static let columns: [SummaryColumn] =
    identity + judgement + rate + spread + signs + IntervalColumns.all + SelectionColumns.all + StopColumns.all
    + test + StepSizeColumns.all.of(\.summary.stepSizes)

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "summary.csv",
    "One row for each configuration, over its seeds. Written by `run` and `summarize`, and by `import`. The columns of a set NAME "
      + "are there where a trial of the sweep has such a set, and those behind them where one sets their key or has such a parameter.",
    columns + DevSetColumns.ofSummary("NAME") + RareColumns<SummaryMeasures>.reference)

  /// The rows of some configurations, spread over the cores; they do not depend on the number of those.
  ///
  /// - Parameter extra: The columns behind those of every sweep.
  package static func rows(
    _ summaries: [SummaryRow], options: TableOptions, extra: ExtraColumns = ExtraColumns()
  ) -> [[CSVField]] {
    var options = LargeSamples.options(options, for: summaries)
    options.rule = options.rule.named(for: summaries.compactMap(\.metricOfTrainer))
    let judged = options
    return NothingLearned.marked(summaries).concurrentMap {
      let measures = SummaryMeasures($0, options: judged)
      return columns.fields(of: measures) + extra.fields(of: measures)
    }
  }

  /// The two columns of an interval; `name` with `_low` and `_high`.
  static func interval(
    _ name: String, of what: String, by method: String, title: String? = nil, isDeviation: Bool = false,
    _ value: @escaping @Sendable (SummaryMeasures) -> ConfidenceInterval
  ) -> [SummaryColumn] {
    func facts(_ bound: String, _ ending: String, _ role: ColumnRole) -> ColumnFacts {
      ColumnFacts(
        name: name + ending, role: role, conventions: [.interval(method)] + (isDeviation ? [.sampleDeviation] : []),
        documentation: "The \(bound) bound of the interval of \(what).", title: title, head: nil)
    }
    return [
      SummaryColumn(facts("lower", "_low", .lowerBound(of: name))) { .finite(value($0).low) },
      SummaryColumn(facts("upper", "_high", .upperBound(of: name))) { .finite(value($0).high) },
    ]
  }
}

extension SummaryTable {
  /// The number of runs that failed.
  package static let failedCount = SummaryColumn(
    "n_failed", "The runs that failed, diverged ones among them.", title: "failed"
  ) { .integer($0.summary.failedCount) }
  /// Their share.
  package static let failureRate = SummaryColumn(
    "failure_rate",
    "The share of runs that failed, `n_failed` / `n`; where `stop.early` left runs without a result, the estimate from those that went on and from the stopped ones that were finished, weighted by the numbers of both kinds; empty until `stop.early` has read every run.",
    head: "rate"
  ) { .finite($0.hasRuns ? $0.summary.failureRate : .nan) }
  /// The mean over runs with a value.
  package static let mean = SummaryColumn("mean", "The mean score of the runs with a value.") {
    .number($0.defined.isEmpty ? nil : Sample.mean($0.defined))
  }
  /// The median over all runs.
  package static let median = SummaryColumn("median", "The median score, diverged runs ranking last.") {
    .number($0.hasRuns ? $0.summary.median : nil)
  }
  /// The interquartile mean over all runs.
  package static let interquartileMean = SummaryColumn(
    "iqm", "The mean score of the middle half of the runs, diverged runs ranking last.",
    .note("interquartile mean (Agarwal et al. 2021)"), title: "interquartile mean"
  ) { .number($0.hasRuns ? $0.summary.interquartileMean : nil) }

  /// The standard deviation over runs with a value.
  package static let deviation = SummaryColumn(
    "sd", "The standard deviation of the scores of the runs with a value.", .sampleDeviation
  ) { .number($0.defined.count < 2 ? nil : Sample.standardDeviation($0.defined, ddof: 1)) }
  /// The standard deviation over runs that did not fail.
  package static let successfulDeviation = SummaryColumn(
    "sd_successful", "The standard deviation of the scores of the runs that did not fail.", .sampleDeviation,
    head: "ok sd"
  ) { .number($0.successful.count < 2 ? nil : Sample.standardDeviation($0.successful, ddof: 1)) }

  private static let identity: [SummaryColumn] =
    [
      SummaryColumn("configuration_id", "The configuration's identifier, a hash of its keys.", role: .key) {
        .text($0.summary.configurationIdentifier)
      },
      SummaryColumn("variant", "The variant's key in the sweep file.", role: .key) { .text($0.summary.variant) },
      SummaryColumn("task", "The task's name.", role: .key) { .text($0.summary.task) },
    ]
    + TrialColumns.configuration.enumerated().map { index, column in
      SummaryColumn(column.facts) { .text($0.summary.hyperparameters[index]) }
    }

  private static let judgement: [SummaryColumn] = [
    SummaryColumn("metric", "The metric that scores the task.", role: .key) { .text($0.summary.metric) },
    SummaryColumn(
      "score",
      "The evaluation that scores a run: `final`, the last one, or `best`, the one with the highest metric (the lowest where "
        + "lower is better).",
      role: .key
    ) { .text($0.options.score.rawValue) },
    SummaryColumn("failure_rule", "What counts as a failed run, as `--failure-rule` spells it.", role: .key) {
      .text($0.summary.rule ?? $0.options.rule.name)
    },
  ]

  private static let rate: [SummaryColumn] = [
    SummaryColumn("n", "The runs with a result.") { .integer($0.summary.count) },
    SummaryColumn(
      "n_missing", "The planned runs without a result, those apart that `stop.early` stopped for good."
    ) { .integer($0.summary.missingCount) },
    failedCount, failureRate,
    SummaryColumn(
      "failure_low", "The lower bound of the interval of the failure rate.", role: .lowerBound(of: "failure"),
      .interval("Wilson's"), title: "failure rate"
    ) { .finite($0.hasRuns ? $0.failureInterval.low : .nan) },
    SummaryColumn(
      "failure_high", "The upper bound of the interval of the failure rate.", role: .upperBound(of: "failure"),
      .interval("Wilson's"), title: "failure rate"
    ) { .finite($0.hasRuns ? $0.failureInterval.high : .nan) },
    SummaryColumn(
      "interval_method",
      "The method of `failure_low` and `failure_high`: `wilson`, or `wilson_two_strata` where `stop.early` left runs without a result.",
      role: .convention
    ) { .text($0.summary.stoppedRuns == nil ? "wilson" : "wilson_two_strata") },
    SummaryColumn("level", "The level of all intervals of the row.", role: .convention) { .number($0.options.level) },
    SummaryColumn("n_never_learned", "The failed runs of which no evaluation was any better.") {
      .integer($0.summary.count(of: .neverLearned))
    },
    SummaryColumn("n_collapsed", "The failed runs of which an earlier evaluation was better.") {
      .integer($0.summary.count(of: .collapsed))
    },
    SummaryColumn("n_diverged", "The runs in which a loss or weight became NaN or infinite.") {
      .integer($0.summary.count(of: .diverged))
    },
  ]

  private static let spread: [SummaryColumn] = [
    SummaryColumn(
      "n_value",
      "The runs with a score, which are all but the diverged ones; `mean`, `sd`, `min` and `max` go over these."
    ) { .integer($0.defined.count) },
    mean,
    deviation,
    SummaryColumn(
      "ddof", "What is taken from n in the divisor of the row's standard deviations.", role: .convention
    ) { _ in .integer(1) },
    median, interquartileMean,
    SummaryColumn("min", "The lowest score.") { .number($0.defined.min()) },
    SummaryColumn("max", "The highest score.") { .number($0.defined.max()) },
    SummaryColumn(
      "mean_imputed",
      "The mean score of all runs, where a diverged run counts like a constant classifier, with `constant_score`."
    ) {
      .number($0.hasRuns ? $0.summary.imputedMean : nil)
    },
    SummaryColumn(
      "constant_score",
      "The best score of a classifier that always predicts one class, which is the largest but for F1; 0 for a correlation."
    ) { .number($0.summary.constantScore) },
    SummaryColumn("n_successful", "The runs that did not fail.") { .integer($0.successful.count) },
    SummaryColumn("mean_successful", "The mean score of the runs that did not fail.", head: "ok mean") {
      .number($0.successful.isEmpty ? nil : Sample.mean($0.successful))
    },
    successfulDeviation,
  ]

  /// The scores on the test set, which nothing else in the row looks at; nothing for a task without one.
  private static let test: [SummaryColumn] = [
    SummaryColumn(
      "n_test", "The runs with a score on the test set: those that did not diverge, of a task that has one."
    ) {
      $0.summary.testValues.isEmpty ? .missing : .integer($0.summary.testValues.count)
    },
    SummaryColumn("mean_test", "The mean score on the test set, over failed and successful runs.") {
      .number($0.summary.testValues.isEmpty ? nil : Sample.mean($0.summary.testValues))
    },
    SummaryColumn("sd_test", "The standard deviation of the scores on the test set.", .sampleDeviation) {
      .number(
        $0.summary.testValues.count < 2 ? nil : Sample.standardDeviation($0.summary.testValues, ddof: 1))
    },
  ]

  /// What predictions and losses say about failure; nothing where runs from elsewhere bring neither.
  private static let signs: [SummaryColumn] = [
    SummaryColumn(
      "n_constant", "The runs, diverged ones apart, with more than 99 % equal predictions at the judged evaluation."
    ) { $0.summary.isImported ? .missing : .integer($0.summary.constantCount) },
    SummaryColumn(
      "n_flat_loss",
      "The runs, diverged ones apart, whose final training loss is at least 0.9 of the training labels' entropy."
    ) { $0.summary.isImported ? .missing : .integer($0.summary.flatLossCount) },
    SummaryColumn(
      "n_disagreements",
      "The borderline runs: those, diverged ones apart, on which the failure rule, constant predictions and a flat training loss "
        + "disagree."
    ) { $0.summary.isImported ? .missing : .integer($0.summary.disagreementCount) },
  ]
}
