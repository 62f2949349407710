// The columns of summary.csv about choosing: what picking the best of several runs or checkpoints promises on the half that
// chose, what is left of it on the other half, and how much of the spread over seeds both halves share.

import Statistics
import Tables
import Trials

/// Expected maxima, optimism and the spread that survives the dev set's chance.
enum SelectionColumns {
  static let names =
    SummaryTable.drawCounts.flatMap { draws in
      [
        "expected_max_\(draws)", "expected_max_unbiased_\(draws)", "selected_a_\(draws)", "selected_b_\(draws)",
        "optimism_\(draws)",
      ]
    } + [
      "checkpoint_gain_a", "checkpoint_gain_b", "checkpoint_gain_median_a", "checkpoint_gain_median_b",
      "checkpoint_gain_successful_a", "checkpoint_gain_successful_b",
      "dev_standard_error", "n_halves", "halves_covariance",
      "halves_covariance_low", "halves_covariance_high", "halves_interval_method", "halves_correlation", "halves_p",
      "sd_surviving",
    ]

  static func fields(_ summary: SummaryRow, options: TableOptions) -> [CSVField] {
    SummaryTable.drawCounts.flatMap { maxima(summary, draws: $0) } + gains(summary) + shared(summary, options)
  }

  /// Expected maxima, diverged runs at the constant classifier's score, and the selection on half A over runs with both
  /// halves.
  private static func maxima(_ summary: SummaryRow, draws: Int) -> [CSVField] {
    let values = summary.values.map { $0.isNaN ? summary.constantScore ?? .nan : $0 }
    let halves = summary.runs.pairs(\.finalHalves.first, \.finalHalves.second)
    let selection = OrderStatistics.selection(halves.first, halves.second, draws: draws)
    return [
      .finite(OrderStatistics.expectedMaximum(values, draws: draws)),
      .finite(OrderStatistics.expectedMaximumUnbiased(values, draws: draws)),
      .finite(selection.onFirst), .finite(selection.onSecond), .finite(selection.optimism),
    ]
  }

  /// What the checkpoint that is best on half A gains over the last one, on A and on B: in the mean over runs, among whose gains
  /// are those of runs that collapsed later, which dominate it; in their median; and in the mean over those that did not fail.
  private static func gains(_ summary: SummaryRow) -> [CSVField] {
    let successful = summary.runs.filter { $0.failure == nil }
    return [
      (summary.runs, Sample.mean), (summary.runs, Sample.median), (successful, Sample.mean),
    ].flatMap { (runs: [ScoredRun], location: ([Double]) -> Double) in
      [location(runs.checkpointGains(\.first)), location(runs.checkpointGains(\.second))].map { CSVField.finite($0) }
    }
  }

  private static func shared(_ summary: SummaryRow, _ options: TableOptions) -> [CSVField] {
    let halves = summary.runs.filter { $0.failure == nil }.pairs(\.finalHalves.first, \.finalHalves.second)
    let shared = SharedHalves(halves.first, halves.second, options: options)
    return [
      .finite(standardError(summary)), .integer(halves.first.count), .finite(shared.covariance),
      .finite(shared.interval.low), .finite(shared.interval.high), .text(shared.method),
      .finite(shared.correlation), .finite(shared.p), .finite(shared.deviation),
    ]
  }

  /// The sampling error of one run's accuracy on so many examples, at the mean of the successful runs; NaN for other metrics,
  /// which are no means over examples.
  private static func standardError(_ summary: SummaryRow) -> Double {
    guard summary.metric == MetricName.accuracy.rawValue, summary.evaluationCount > 0 else { return .nan }
    let mean = Sample.mean(summary.successfulValues)
    return (mean * (1 - mean) / Double(summary.evaluationCount)).squareRoot()
  }
}

extension [ScoredRun] {
  /// What the checkpoint that is best on half A gains over the last one on one half, in each run that has both.
  func checkpointGains(_ half: KeyPath<(first: Double?, second: Double?), Double?>) -> [Double] {
    let scores = pairs({ $0.bestHalves[keyPath: half] }, { $0.finalHalves[keyPath: half] })
    return zip(scores.first, scores.second).map { $0 - $1 }
  }
}
