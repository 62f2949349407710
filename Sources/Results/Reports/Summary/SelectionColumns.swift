// The columns of summary.csv about choosing: what picking the best of several runs or checkpoints promises on the half that
// chose, what is left of it on the other half, and how much of the spread over seeds both halves share.

import Statistics
import Tables
import Tasks
import Trials

/// Expected maxima, optimism and the spread that survives the dev set's chance.
enum SelectionColumns {
  private typealias SummaryColumn = SummaryTable.SummaryColumn

  /// The numbers of runs for which the expected best one is reported.
  static let drawCounts = [5, 10]

  /// The columns in order.
  static let all: [SummaryTable.SummaryColumn] = drawCounts.flatMap { maxima(draws: $0) } + gains + shared

  /// Expected maxima and the selection on half A, both with diverged runs at the constant classifier's score.
  private static func maxima(draws: Int) -> [SummaryColumn] {
    [
      SummaryColumn(
        "expected_max_\(draws)",
        "The best score to expect of \(draws) runs, as a paper that reports its best run has it; runs drawn with replacement.",
        .note("Dodge et al. 2019; diverged runs count with `constant_score`")
      ) { row in .finite(row.best { OrderStatistics.expectedMaximum($0, draws: draws) }) },
      SummaryColumn(
        "expected_max_unbiased_\(draws)",
        "The same with \(draws) different runs, drawn without replacement, which is unbiased.",
        .note("Tang et al. 2020; diverged runs count with `constant_score`")
      ) { row in .finite(row.best { OrderStatistics.expectedMaximumUnbiased($0, draws: draws) }) },
      SummaryColumn(
        "selected_a_\(draws)",
        "Of \(draws) runs the one is kept that is best on half A of the dev set: its expected score on half A.",
        .note("diverged runs count with `constant_score` on both halves")
      ) { .finite($0.summary.direction * ($0.selections[draws]?.onFirst ?? .nan)) },
      SummaryColumn(
        "selected_b_\(draws)",
        "The expected score of that same run on half B, whose examples had no part in the choice.",
        .note("diverged runs count with `constant_score` on both halves")
      ) {
        .finite($0.summary.direction * ($0.selections[draws]?.onSecond ?? .nan))
      },
      SummaryColumn(
        "optimism_\(draws)",
        "How much better the chosen run looks than it is: its lead over the mean run on half A less its lead on half B."
      ) { .finite($0.selections[draws]?.optimism ?? .nan) },
    ]
  }

  /// What the checkpoint that is best on half A gains over the last one, on A and on B: in the mean over runs, among whose gains
  /// are those of runs that collapsed later, which dominate it; in their median; and in the mean over those that did not fail.
  private static let gains: [SummaryColumn] = [
    gain("checkpoint_gain_a", "mean", "half A", "all runs") { Sample.mean($0.summary.runs.checkpointGains(\.first)) },
    gain("checkpoint_gain_b", "mean", "half B", "all runs") { Sample.mean($0.summary.runs.checkpointGains(\.second)) },
    gain("checkpoint_gain_median_a", "median", "half A", "all runs") {
      Sample.median($0.summary.runs.checkpointGains(\.first))
    },
    gain("checkpoint_gain_median_b", "median", "half B", "all runs") {
      Sample.median($0.summary.runs.checkpointGains(\.second))
    },
    gain("checkpoint_gain_successful_a", "mean", "half A", "the runs that did not fail") {
      Sample.mean($0.successfulRuns.checkpointGains(\.first))
    },
    gain("checkpoint_gain_successful_b", "mean", "half B", "the runs that did not fail") {
      Sample.mean($0.successfulRuns.checkpointGains(\.second))
    },
  ]

  private static func gain(
    _ name: String, _ location: String, _ half: String, _ runs: String,
    _ value: @escaping @Sendable (SummaryMeasures) -> Double
  ) -> SummaryColumn {
    SummaryColumn(
      name,
      "What a run gains if, instead of its last checkpoint, the one is kept that is best on half A, measured on \(half): the "
        + "\(location) over \(runs)."
    ) { .finite($0.summary.direction * value($0)) }
  }

  private static let shared: [SummaryColumn] =
    [
      SummaryColumn(
        "dev_standard_error",
        "How far chance in the choice of dev examples moves one run's accuracy: the root of p (1 - p) / examples, p the mean of the "
          + "runs that did not fail."
      ) { .finite(standardError($0.summary)) },
      SummaryColumn(
        "sd_dev_set",
        "The spread over seeds that a finite dev set gives by itself, to runs that did not fail, err independently of each other and "
          + "have calibrated votes; two classes scored by accuracy only.",
        .note("the root of (1 - p) / (2 examples), p their mean (Jordan 2023)")
      ) { .finite(deviationOfDevSet($0.summary)) },
      SummaryColumn("n_halves", "The runs that did not fail and have a score on both halves of the dev set.") {
        .integer($0.halves.first.count)
      },
      SummaryColumn(
        "halves_covariance",
        "The covariance, over runs, of the scores on the two halves: the variance over seeds that both halves see."
      ) { .finite($0.shared.covariance) },
    ]
    + LargeSamples.interval("halves_covariance") { $0.shared.interval } + [
      SummaryColumn("halves_interval_method", "The method of the interval of `halves_covariance`.", role: .convention) {
        .text($0.shared.method)
      },
      SummaryColumn("halves_correlation", "Pearson's correlation over runs of the scores on the two halves.") {
        .finite($0.shared.correlation)
      },
      SummaryColumn("halves_p", "The two-sided p-value of no correlation between the halves.") {
        .finite($0.shared.p)
      },
      SummaryColumn(
        "halves_permutation_p",
        "The one-sided p-value that the halves share nothing: the share of random pairings of their scores with as large a covariance."
      ) { .finite($0.sharedP) },
      SummaryColumn(
        "sd_surviving",
        "The spread over seeds that is left without the chance of the dev examples: the root of `halves_covariance`.",
        .sampleDeviation
      ) { .finite($0.shared.deviation) },
    ]

  /// The sampling error of one run's accuracy on the dev examples, at the mean of the successful runs; NaN for other metrics,
  /// which are no means over examples.
  private static func standardError(_ summary: SummaryRow) -> Double {
    guard summary.metric == MetricName.accuracy.rawValue, summary.evaluationCount > 0 else { return .nan }
    let mean = Sample.mean(summary.successfulValues)
    return (mean * (1 - mean) / Double(summary.evaluationCount)).squareRoot()
  }

  /// The spread that the dev set gives by itself; NaN for other metrics and for more classes, which have another formula.
  private static func deviationOfDevSet(_ summary: SummaryRow) -> Double {
    guard summary.metric == MetricName.accuracy.rawValue, summary.classCount == 2 else { return .nan }
    return DevSetSpread.calibrated(
      accuracy: Sample.mean(summary.successfulValues), exampleCount: summary.evaluationCount)
  }
}

extension [ScoredRun] {
  /// What the checkpoint that is best on half A gains over the last one on one half, in each run that has both.
  func checkpointGains(_ half: KeyPath<(first: Double?, second: Double?), Double?>) -> [Double] {
    let scores = pairs({ $0.bestHalves[keyPath: half] }, { $0.finalHalves[keyPath: half] })
    return zip(scores.first, scores.second).map { $0 - $1 }
  }
}
