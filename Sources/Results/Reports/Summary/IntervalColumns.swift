// The columns of summary.csv that say how sure its numbers are: exact intervals of the rate, bootstrap intervals of what
// goes over all runs, the two-part report's over the successful ones, and the warnings that a mixture of both calls for.

import Statistics
import Tables
import Trials

/// Intervals, quantiles and warnings of a configuration.
package enum IntervalColumns {
  private typealias SummaryColumn = SummaryTable.SummaryColumn

  /// The columns in order.
  static let all: [SummaryTable.SummaryColumn] = exact + quantiles + overall + successful + [warningsColumn]

  private static let exact = SummaryTable.interval(
    "clopper_pearson", of: "the failure rate", by: "Clopper and Pearson's", title: "failure rate, exact"
  ) { $0.exactFailureInterval }

  private static let quantiles: [SummaryColumn] = [
    ("q05", 0.05, "5 %"), ("q25", 0.25, "25 %"), ("q75", 0.75, "75 %"), ("q95", 0.95, "95 %"),
  ].map { name, probability, share in
    SummaryColumn(name, "The \(share) quantile of the scores, diverged runs ranking last.") { row in
      row.hasRuns ? .number(row.summary.ranked { Sample.quantile($0, at: probability) }) : .missing
    }
  }

  private static let overall: [SummaryColumn] =
    LargeSamples.interval("mean") { $0.overall.mean }
    + LargeSamples.interval("sd", isDeviation: true) { $0.overall.deviation } + [
      SummaryColumn(
        "overall_interval_method",
        "The method of the intervals of `mean` and `sd`: `bca`, or `student_t;bonett` where a configuration has more than \(LargeSamples.largestResampled) runs with a value.",
        role: .convention
      ) { .text($0.isResampled ? "bca" : "student_t;bonett") },
      SummaryColumn("resamples", "The resamples of bootstrap intervals.", role: .convention) {
        .integer($0.isResampled ? $0.options.resampleCount : nil)
      },
      SummaryColumn("bootstrap_seed", "The seed of those resamples.", role: .convention) {
        .text($0.isResampled ? String($0.options.bootstrapSeed) : nil)
      },
      SummaryColumn(
        "overall_intervals_reliable",
        "Whether the intervals of `mean` and `sd` may be relied upon: from 50 runs on, of which 5 failed and 5 did not.",
        role: .convention
      ) { .flag($0.hasRuns ? $0.summary.hasReliableBootstrap : nil) },
    ]
    + SummaryTable.interval("median", of: "`median`", by: "order statistics") { $0.medianInterval } + [
      SummaryColumn("median_interval_method", "The method of the interval of `median`.", role: .convention) { _ in
        .text("order_statistics")
      }
    ]

  private static let successful: [SummaryColumn] =
    SummaryTable.interval(
      "mean_successful", of: "`mean_successful`", by: "the wider of Student's and Hall's at either end"
    ) { $0.successfulMeanInterval } + [
      SummaryColumn(
        "mean_successful_interval_method", "The method of the interval of `mean_successful`.", role: .convention
      ) { _ in .text("student_hall") }
    ]
    + SummaryTable.interval(
      "sd_successful", of: "`sd_successful`",
      by: "the wider of Student's and Hall's at either end, of the jackknife's log sd", isDeviation: true
    ) { $0.successfulDeviationInterval } + [
      SummaryColumn(
        "sd_successful_interval_method", "The method of the interval of `sd_successful`.", role: .convention
      ) { _ in .text("jackknife_log_student_hall") },
      SummaryColumn("median_successful", "The median score of the runs that did not fail.", head: "ok median") {
        .finite(Sample.median($0.successful))
      },
      SummaryColumn(
        "iqm_successful", "The mean score of the middle half of the runs that did not fail.",
        title: "interquartile mean of successful", head: "ok iqm"
      ) { .finite(Sample.interquartileMean($0.successful)) },
      SummaryColumn("min_successful", "The lowest score of the runs that did not fail.", head: "ok min") {
        .finite(Sample.minimum($0.successful))
      },
      SummaryColumn("max_successful", "The highest score of the runs that did not fail.", head: "ok max") {
        .finite(Sample.maximum($0.successful))
      },
    ]

  private static let warningsColumn = SummaryColumn(
    "warnings", "What a reader of the row would miss, separated by semicolons; the page on comparing explains each.",
    role: .convention
  ) { .text(warnings($0.summary, level: $0.options.level).joined(separator: ";")) }

  /// From how many times the standard deviation on the upper bound of its interval is called far.
  private static let farBound = 3.0

  /// What a reader would miss: `iqm_hides_failures` where every failed run is trimmed away, `median_hides_failures` where fewer
  /// than half failed, the same with `successes` the other way round, `sd_successful_imprecise` where the upper bound of that
  /// deviation is at least three times the deviation, `one_run_no_spread`, `all_runs_failed` where every run of every recipe on
  /// the task failed, `unknown_tokens` where at least 5 % of the word pieces are the unknown token, and `runs_stopped_early` where
  /// runs have no result because a rule stopped them.
  package static func warnings(_ summary: SummaryRow, level: Double) -> [String] {
    var warnings: [String] = []
    for (kind, count) in [
      ("failures", summary.failedCount), ("successes", summary.count - summary.failedCount),
    ] where count > 0 && count < summary.count {
      if count <= summary.count / 4 { warnings.append("iqm_hides_\(kind)") }
      if 2 * count < summary.count { warnings.append("median_hides_\(kind)") }
    }
    let successful = summary.successfulValues
    let highest = SkewedSamples.deviationInterval(successful, level: level).high
    if highest >= farBound * Sample.standardDeviation(successful, ddof: 1) {
      warnings.append("sd_successful_imprecise")
    }
    if summary.count == 1 { warnings.append("one_run_no_spread") }
    if summary.isOnHopelessTask { warnings.append("all_runs_failed") }
    if (summary.unknownShare ?? 0) >= Outcome.remarkableUnknownShare { warnings.append("unknown_tokens") }
    if summary.unfinishedCount > 0 { warnings.append("runs_stopped_early") }
    return warnings
  }
}
