// comparisons.csv: one row for each pair of recipes. `a` is the recipe, `b` the reference; the primary test's columns come first,
// everything whose name starts with `secondary` is just that.

import Reports
import Statistics
import Tables

/// The columns of comparisons.csv and the rows of comparisons.
package enum ComparisonsTable {
  /// A row: a comparison and the options that it was made with.
  package struct Row: Sendable {
    var comparison: Comparison
    var options: TableOptions

    var a: SummaryRow { comparison.pair.candidate }
    var b: SummaryRow { comparison.pair.reference }
  }

  /// The columns in order.
  package static let columns: [Column<Row>] =
    names + counts + difference + primary + secondaryTests + locations + spread("all", of: "with a value", \.overall)
    + spread("successful", of: "that did not fail", \.successful) + survivors + conventions + stopping

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "comparisons.csv",
    "One row for each pair of recipes on one task: `a`, the recipe, against `b`, the reference. Differences are a - b. Written by "
      + "`compare` and `import`.", columns)

  /// Writes comparisons.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ comparisons: [Comparison], to path: String, options: TableOptions) throws {
    try columns.write(comparisons.lazy.map { Row(comparison: $0, options: options) }, to: path)
  }

  private static let names: [Column<Row>] = [
    Column("task", "The task's name.", role: .key) { .text($0.a.task) },
    Column("a", "What the recipe is called.", role: .key) { .text($0.comparison.pair.candidateName) },
    Column("b", "What the reference is called.", role: .key) { .text($0.comparison.pair.referenceName) },
    Column("a_configuration_id", "The recipe's configuration.", role: .key) { .text($0.a.configurationIdentifier) },
    Column("b_configuration_id", "The reference's configuration.", role: .key) { .text($0.b.configurationIdentifier) },
    Column("a_variant", "The recipe's variant.", role: .key) { .text($0.a.variant) },
    Column("b_variant", "The reference's variant.", role: .key) { .text($0.b.variant) },
    Column("metric", "The metric that scores the task.", role: .key) { .text($0.a.metric) },
    Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) {
      .text($0.options.score.rawValue)
    },
    Column("failure_rule", "What counts as a failed run.", role: .key) { .text($0.a.rule ?? $0.options.rule.name) },
  ]

  private static let counts: [Column<Row>] = [
    Column("n_a", "The runs of a with a result.") { .integer($0.a.count) },
    Column("n_b", "The runs of b with a result.") { .integer($0.b.count) },
    Column("n_failed_a", "The runs of a that failed.") { .integer($0.a.failedCount) },
    Column("n_failed_b", "The runs of b that failed.") { .integer($0.b.failedCount) },
    Column("failure_rate_a", "The share of a's runs that failed.") { .finite($0.a.failureRate) },
    Column("failure_rate_b", "The share of b's runs that failed.") { .finite($0.b.failureRate) },
    Column(
      "verdict",
      "What the primary test, adjusted, says of a: `more_stable`, `less_stable` or `undecided`; `no_runs` without runs. Where "
        + "`stop_rule` is `pairs_failures`, what `stop_e_value` says."
    ) { .text($0.comparison.conclusion.rawValue) },
  ]

  private static let difference: [Column<Row>] = [
    Column(
      "failure_rate_difference",
      "The failure rate of a less that of b; where `design` is `common_seeds`, over the seeds that both ran with."
    ) { .finite($0.comparison.difference) },
    Column(
      "difference_low", "The lower bound of the interval of `failure_rate_difference`.",
      role: .lowerBound(of: "difference"), .interval("Newcombe's")
    ) { .finite($0.comparison.differenceInterval.low) },
    Column(
      "difference_high", "The upper bound of the interval of `failure_rate_difference`.",
      role: .upperBound(of: "difference"), .interval("Newcombe's")
    ) { .finite($0.comparison.differenceInterval.high) },
    Column(
      "difference_method", "The method of that interval, for pairs of runs with the same seeds or without pairs.",
      role: .convention
    ) { .text($0.comparison.pairing == nil ? "newcombe" : "newcombe_paired") },
    Column("level", "The level of all intervals of the row.", role: .convention) { .number($0.comparison.level) },
    Column(
      "design",
      "The design: `same_seeds` where both recipes ran with the same seeds, each once; `common_seeds` where at least half of each recipe's runs have a seed of the other's, which then make the pairs; otherwise `unpaired`.",
      role: .convention
    ) {
      .text($0.comparison.pairing == nil ? "unpaired" : $0.comparison.isPartlyPaired ? "common_seeds" : "same_seeds")
    },
  ]

  private static let primary: [Column<Row>] = [
    Column(
      "primary_test",
      "The test that decides: McNemar's exact test on pairs of the same seeds, else Boschloo's, for very many runs Fisher's.",
      role: .convention
    ) { .text($0.comparison.primaryTest.rawValue) },
    Column("primary_p", "Its two-sided p-value.") { .finite($0.comparison.primaryP) },
    Column("primary_p_holm", "That p-value adjusted by Holm over the declared pairs of the task.") {
      .finite($0.comparison.adjustedP)
    },
    Column(
      "holm_family",
      "The number of comparisons that `primary_p_holm` is adjusted over: the declared pairs of the task.",
      role: .convention
    ) {
      .integer($0.comparison.familySize)
    },
    Column("n_common_seeds", "The seeds that both ran with, each once; the pairs, unless `design` is `unpaired`.") {
      .integer($0.comparison.commonCount)
    },
    Column("n_both_failed", "The seeds with which both failed.") { .integer($0.comparison.pairing?.both) },
    Column("n_only_a_failed", "The seeds with which only a failed.") { .integer($0.comparison.pairing?.onlyFirst) },
    Column("n_only_b_failed", "The seeds with which only b failed.") { .integer($0.comparison.pairing?.onlySecond) },
  ]

  private static let secondaryTests: [Column<Row>] = [
    Column(
      "secondary_boschloo_p", "The p-value of Boschloo's test of the failure rates.",
      .note("twice the smaller one-sided p-value")
    ) { .finite($0.comparison.boschloo) },
    Column("secondary_fisher_p", "The two-sided p-value of Fisher's exact test of the failure rates.") {
      .finite($0.comparison.fisher)
    },
    Column("secondary_barnard_p", "The two-sided p-value of Barnard's test of the failure rates.") {
      .finite($0.comparison.barnard)
    },
  ]

  private static let locations: [Column<Row>] = [
    Column("secondary_mean_difference", "The mean score of a less that of b, over runs with a value.") {
      .finite($0.comparison.welch.difference)
    },
    Column("secondary_welch_t", "Welch's t of that difference.") { .finite($0.comparison.welch.t) },
    Column("secondary_welch_df", "Its degrees of freedom.") { .finite($0.comparison.welch.degrees) },
    Column("secondary_welch_p", "Its two-sided p-value.") { .finite($0.comparison.welch.p) },
    Column(
      "secondary_welch_low", "The lower bound of the interval of the difference of means.",
      role: .lowerBound(of: "secondary_welch"), .interval("Welch's")
    ) { .finite($0.comparison.welch.interval.low) },
    Column(
      "secondary_welch_high", "The upper bound of the interval of the difference of means.",
      role: .upperBound(of: "secondary_welch"), .interval("Welch's")
    ) { .finite($0.comparison.welch.interval.high) },
    Column("secondary_mannwhitney_u", "Mann and Whitney's U over all runs, diverged ones ranking last.") {
      .finite($0.comparison.mannWhitney.u)
    },
    Column("secondary_mannwhitney_p", "Its two-sided p-value.") { .finite($0.comparison.mannWhitney.p) },
    Column("secondary_p_a_greater", "The chance that a run of a scores above one of b, ties counted half.") {
      .finite($0.comparison.mannWhitney.superiority)
    },
    Column("secondary_permutation_p", "The two-sided p-value of the permutation test of the means.") {
      .finite($0.comparison.permutation.p)
    },
    Column("secondary_permutation_count", "The arrangements that the permutation test looked at.", role: .convention) {
      .integer($0.comparison.permutation.arrangementCount)
    },
    Column(
      "secondary_permutation_exact", "Whether these are all arrangements; otherwise they were drawn.", role: .convention
    ) { .flag($0.comparison.permutation.isExact) },
  ]

  private static func spread(
    _ group: String, of which: String, _ part: @escaping @Sendable (Comparison) -> SpreadComparison
  ) -> [Column<Row>] {
    func column(
      _ name: String, _ documentation: String, _ conventions: [Convention] = [], role: ColumnRole = .number,
      _ value: @escaping @Sendable (SpreadComparison) -> CSVField
    ) -> Column<Row> {
      Column(
        ColumnFacts(
          name: "secondary_\(name)_\(group)", role: role, conventions: conventions, documentation: documentation)
      ) { value(part($0.comparison)) }
    }
    let runs = "the runs \(which)"
    let bootstrap = [Convention.interval("BCa bootstrap, {resamples} resamples, seed {bootstrap_seed}")]
    return [
      column("n_a", "The number of \(runs), of a.") { .integer($0.count.candidate) },
      column("n_b", "The number of \(runs), of b.") { .integer($0.count.reference) },
      column("mean_a", "The mean score of \(runs), of a.") { .finite($0.mean.candidate) },
      column("mean_b", "The mean score of \(runs), of b.") { .finite($0.mean.reference) },
      column("sd_a", "The standard deviation of the scores of \(runs), of a.", [.sampleDeviation]) {
        .finite($0.deviation.candidate)
      },
      column("sd_b", "The standard deviation of the scores of \(runs), of b.", [.sampleDeviation]) {
        .finite($0.deviation.reference)
      },
      column("sd_ratio", "The first standard deviation over the second.") { .finite($0.ratio) },
      column(
        "sd_ratio_low", "The lower bound of the interval of that ratio.", bootstrap,
        role: .lowerBound(of: "secondary_sd_ratio")
      ) { .finite($0.ratioInterval.low) },
      column(
        "sd_ratio_high", "The upper bound of the interval of that ratio.", bootstrap,
        role: .upperBound(of: "secondary_sd_ratio")
      ) { .finite($0.ratioInterval.high) },
      column("levene_mean_w", "Levene's W of equal spread of \(runs), about the means.") { .finite($0.leveneMean.w) },
      column("levene_mean_p", "Its p-value.") { .finite($0.leveneMean.p) },
      column("brown_forsythe_w", "Brown and Forsythe's W of equal spread of \(runs), about the medians.") {
        .finite($0.leveneMedian.w)
      },
      column("brown_forsythe_p", "Its p-value.") { .finite($0.leveneMedian.p) },
    ]
  }

  /// The difference of the means of those that did not fail.
  private static let survivors: [Column<Row>] = [
    Column(
      "secondary_mean_difference_successful", "The mean score of a less that of b, over runs that did not fail."
    ) { .finite($0.comparison.successful.mean.candidate - $0.comparison.successful.mean.reference) },
    Column(
      "secondary_mean_difference_successful_low", "The lower bound of the interval of that difference.",
      role: .lowerBound(of: "secondary_mean_difference_successful"), .interval("Student's and Hall's, joined by MOVER")
    ) { .finite($0.comparison.successfulDifference.low) },
    Column(
      "secondary_mean_difference_successful_high", "The upper bound of the interval of that difference.",
      role: .upperBound(of: "secondary_mean_difference_successful"), .interval("Student's and Hall's, joined by MOVER")
    ) { .finite($0.comparison.successfulDifference.high) },
    Column("secondary_mean_difference_successful_method", "The method of that interval.", role: .convention) { _ in
      .text("mover_student_hall")
    },
    Column(
      "survivor_note",
      "A warning where runs failed: what compares the successful runs compares those that were left, no fair sample.",
      role: .convention
    ) { .text(survivorNote($0.comparison)) },
  ]

  private static let conventions: [Column<Row>] = [
    Column("ddof", "What is taken from n in the divisor of the row's standard deviations.", role: .convention) { _ in
      .integer(1)
    },
    Column("sd_ratio_interval_method", "The method of the intervals of the ratios.", role: .convention) { _ in
      .text("bca")
    },
    Column("resamples", "The resamples of bootstrap intervals.", role: .convention) {
      .integer($0.options.resampleCount)
    },
    Column("bootstrap_seed", "The seed of resamples and of drawn arrangements.", role: .convention) {
      .text(String($0.options.bootstrapSeed))
    },
    Column("sentence", "What the comparison comes to, in words.") { .text($0.comparison.sentence) },
  ]

  /// How the sweep's rule ended the comparison; nothing in a sweep without such a rule.
  private static let stopping: [Column<Row>] = [
    Column(
      "stop_rule", "The rule by which the sweep ends comparisons: `pairs_failures` or `pairs_scores`.",
      role: .convention
    ) { $0.comparison.evidence == nil ? .missing : .text($0.a.stop?.rule.name) },
    Column("stop_pairs", "The pairs of runs with equal seeds, in plan order, until the comparison ended.") {
      .integer($0.comparison.evidence?.pairCount)
    },
    Column("stop_only_a_failed", "Those in which only a failed.") {
      .integer($0.comparison.evidence?.candidateFailedCount)
    },
    Column("stop_only_b_failed", "Those in which only b failed.") {
      .integer($0.comparison.evidence?.referenceFailedCount)
    },
    Column(
      "stop_e_value", "The e-value against no difference, which holds whenever one stops.",
      .note("Ramdas et al. 2023; for scores Waudby-Smith and Ramdas 2023")
    ) { $0.comparison.evidence.map { .finite($0.evidence) } ?? .missing },
    Column(
      "stop_e_threshold", "The e-value that decides: the number of comparisons on the task over alpha.",
      role: .convention
    ) { .number($0.comparison.evidence?.threshold) },
    Column("stop_ending", "How the comparison ended: `decided`, `undecided`, or `open` while it goes on.") {
      .text($0.comparison.evidence?.ending.rawValue)
    },
  ]

  /// What a comparison of those that did not fail is about.
  private static func survivorNote(_ comparison: Comparison) -> String? {
    let failed = comparison.pair.candidate.failedCount + comparison.pair.reference.failedCount
    return failed == 0
      ? nil : "the successful runs are those that were left after \(failed) failed; they are no fair sample"
  }
}
