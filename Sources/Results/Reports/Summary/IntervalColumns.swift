// The columns of summary.csv that say how sure its numbers are: exact intervals of the rate, bootstrap intervals of what
// goes over all runs, the two-part report's over the successful ones, and the warnings that a mixture of both calls for.

import Statistics
import Tables

/// Intervals, quantiles and warnings of a configuration.
package enum IntervalColumns {
  static let names = [
    "clopper_pearson_low", "clopper_pearson_high", "q05", "q25", "q75", "q95", "mean_low", "mean_high", "sd_low",
    "sd_high", "overall_interval_method", "resamples", "bootstrap_seed", "overall_intervals_reliable", "median_low",
    "median_high", "median_interval_method", "mean_successful_low", "mean_successful_high",
    "mean_successful_interval_method", "sd_successful_low", "sd_successful_high", "sd_successful_interval_method",
    "median_successful", "iqm_successful", "min_successful", "max_successful", "warnings",
  ]

  /// From how many times the standard deviation on the upper bound of its interval is called far.
  private static let farBound = 3.0

  static func fields(_ summary: SummaryRow, options: TableOptions) -> [CSVField] {
    let exact = Proportion.clopperPearson(count: summary.failedCount, total: summary.count, level: options.level)
    let quantiles = [0.05, 0.25, 0.75, 0.95].map { probability in
      summary.count > 0 ? CSVField.number(summary.ranked { Sample.quantile($0, at: probability) }) : .missing
    }
    return [.finite(exact.low), .finite(exact.high)] + quantiles + overall(summary, options)
      + successful(summary, options) + [.text(warnings(summary, level: options.level).joined(separator: ";"))]
  }

  private static func overall(_ summary: SummaryRow, _ options: TableOptions) -> [CSVField] {
    let values = summary.definedValues
    let isResampled = values.count <= LargeSamples.largestResampled
    let intervals: [ConfidenceInterval]
    if isResampled {
      intervals = options.bootstrap.intervals(
        values, of: [Sample.mean, { Sample.standardDeviation($0, ddof: 1) }])
    } else {
      let overall = LargeSamples.overall(values, level: options.level)
      intervals = [overall.mean, overall.deviation]
    }
    let median = OrderStatistics.medianInterval(summary.rankedValues, level: options.level)
    return intervals.flatMap { [CSVField.finite($0.low), .finite($0.high)] } + [
      .text(isResampled ? "bca" : "student_t;bonett"), .integer(isResampled ? options.resampleCount : nil),
      .text(isResampled ? String(options.bootstrapSeed) : nil),
      .flag(summary.count > 0 ? summary.hasReliableBootstrap : nil), .finite(median.low), .finite(median.high),
      .text("order_statistics"),
    ]
  }

  private static func successful(_ summary: SummaryRow, _ options: TableOptions) -> [CSVField] {
    let values = summary.successfulValues
    let mean = SkewedSamples.meanInterval(values, level: options.level)
    let deviation = SkewedSamples.deviationInterval(values, level: options.level)
    return [
      .finite(mean.low), .finite(mean.high), .text("student_hall"), .finite(deviation.low), .finite(deviation.high),
      .text("jackknife_log_student_hall"), .finite(Sample.median(values)), .finite(Sample.interquartileMean(values)),
      .finite(Sample.minimum(values)), .finite(Sample.maximum(values)),
    ]
  }

  /// What a reader would miss: `iqm_hides_failures` where every failed run is trimmed away, `median_hides_failures` where fewer
  /// than half failed, the same with `successes` the other way round, `sd_successful_imprecise` where the upper bound of that
  /// deviation is at least three times the deviation, and `one_run_no_spread`.
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
    return warnings
  }
}
