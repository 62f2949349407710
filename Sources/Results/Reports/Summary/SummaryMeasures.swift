// The row of summary.csv before it is fields: a configuration's runs, the options, and the statistics that several columns
// share, each computed when the first column asks. What stands in which column is the columns' business.

import Statistics
import Trials

/// A configuration's runs and what is computed from them, for one thread.
package final class SummaryMeasures {
  /// The runs.
  package let summary: SummaryRow
  /// How they are scored and judged.
  package let options: TableOptions

  package init(_ summary: SummaryRow, options: TableOptions) {
    self.summary = summary
    self.options = options
  }

  /// Whether a run has a result.
  var hasRuns: Bool { summary.count > 0 }
  /// Wilson's interval of the failure rate.
  private(set) lazy var failureInterval = summary.failureInterval(level: options.level)
  /// Clopper and Pearson's.
  private(set) lazy var exactFailureInterval =
    summary.stoppedRuns == nil && !summary.isWaiting
    ? Proportion.clopperPearson(count: summary.failedCount, total: summary.count, level: options.level) : .undefined
  /// The scores that are numbers.
  private(set) lazy var defined = summary.definedValues
  /// The scores of the runs that did not fail.
  private(set) lazy var successful = summary.successfulValues
  /// The scores with the constant classifier's for runs without a value; NaN if that is unknown.
  private(set) lazy var imputed = summary.values.map { $0.isNaN ? summary.constantScore ?? .nan : $0 }

  /// The best score that a statistic of a maximum expects.
  func best(_ statistic: ([Double]) -> Double) -> Double {
    summary.direction * statistic(imputed.map { summary.direction * $0 })
  }

  /// Whether the intervals over all runs come from resamples.
  var isResampled: Bool { defined.count <= LargeSamples.largestResampled }
  /// The intervals of mean and standard deviation over all runs with a value.
  private(set) lazy var overall: (mean: ConfidenceInterval, deviation: ConfidenceInterval) = {
    guard isResampled else { return LargeSamples.overall(defined, level: options.level) }
    let intervals = options.bootstrap.intervals(
      defined, of: [Sample.mean, { Sample.standardDeviation($0, ddof: 1) }])
    return (intervals[0], intervals[1])
  }()
  private(set) lazy var medianInterval = OrderStatistics.medianInterval(summary.rankedValues, level: options.level)
  private(set) lazy var successfulMeanInterval = SkewedSamples.meanInterval(successful, level: options.level)
  private(set) lazy var successfulDeviationInterval = SkewedSamples.deviationInterval(successful, level: options.level)

  /// What choosing the best of several runs on half A promises and keeps, by the number of runs.
  private(set) lazy var selections = Dictionary(
    uniqueKeysWithValues: SelectionColumns.drawCounts.map { draws in
      let halves = summary.selectionHalves
      let (first, second) = (halves.first.map { $0 * summary.direction }, halves.second.map { $0 * summary.direction })
      return (draws, OrderStatistics.selection(first, second, draws: draws))
    })
  /// The runs that did not fail.
  private(set) lazy var successfulRuns = summary.runs.filter { $0.failure == nil }
  /// Their scores on both halves.
  package private(set) lazy var halves = successfulRuns.pairs(\.finalHalves.first, \.finalHalves.second)
  /// What the halves share.
  private(set) lazy var shared = SharedHalves(halves.first, halves.second, options: options)
  /// The p-value by permutation that they share nothing; NaN where there are too many runs to resample.
  private(set) lazy var sharedP =
    halves.first.count > LargeSamples.largestResampled
    ? .nan
    : DevSetSpread.halvesP(
      [(first: halves.first, second: halves.second)], count: options.resampleCount, seed: options.bootstrapSeed)

  /// The confidence sequence by which a recipe may stop; nil in a sweep that declares no stop.
  private(set) lazy var stopInterval = summary.stop?.rule.interval(count: summary.failedCount, total: summary.count)
}
