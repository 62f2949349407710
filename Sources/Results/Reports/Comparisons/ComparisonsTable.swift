// comparisons.csv: one row a pair of recipes. `a` is the recipe, `b` the reference; the primary test's columns come first,
// everything whose name starts with `secondary` is just that.

import Statistics
import Tables

/// The columns of comparisons.csv and the rows of comparisons.
package enum ComparisonsTable {
  static let columns =
    [
      "task", "a", "b", "a_configuration_id", "b_configuration_id", "a_variant", "b_variant", "metric", "score",
      "failure_rule", "n_a", "n_b", "n_failed_a", "n_failed_b", "failure_rate_a", "failure_rate_b", "verdict",
      "failure_rate_difference", "difference_low", "difference_high", "difference_method", "level", "design",
      "primary_test", "primary_p", "primary_p_holm", "holm_family", "n_both_failed", "n_only_a_failed",
      "n_only_b_failed",
      "secondary_boschloo_p", "secondary_fisher_p", "secondary_barnard_p", "secondary_mean_difference",
      "secondary_welch_t", "secondary_welch_df", "secondary_welch_p", "secondary_welch_low", "secondary_welch_high",
      "secondary_mannwhitney_u", "secondary_mannwhitney_p", "secondary_p_a_greater", "secondary_permutation_p",
      "secondary_permutation_count", "secondary_permutation_exact",
    ] + spreadColumns("all") + spreadColumns("successful") + [
      "secondary_mean_difference_successful", "secondary_mean_difference_successful_low",
      "secondary_mean_difference_successful_high", "secondary_mean_difference_successful_method",
    ]
    + ["survivor_note", "ddof", "sd_ratio_interval_method", "resamples", "bootstrap_seed", "sentence"]

  private static func spreadColumns(_ group: String) -> [String] {
    [
      "n_a", "n_b", "mean_a", "mean_b", "sd_a", "sd_b", "sd_ratio", "sd_ratio_low", "sd_ratio_high", "levene_mean_w",
      "levene_mean_p", "brown_forsythe_w", "brown_forsythe_p",
    ].map { "secondary_\($0)_\(group)" }
  }

  /// Writes comparisons.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ comparisons: [Comparison], to path: String, options: TableOptions) throws {
    let file = try CSVFile(path: path, columns: columns)
    for comparison in comparisons { try file.write(row(comparison, options: options)) }
    try file.finish()
  }

  private static func row(_ comparison: Comparison, options: TableOptions) -> [CSVField] {
    identity(comparison, options: options) + primary(comparison) + locations(comparison)
      + spread(comparison.overall) + spread(comparison.successful)
      + difference(comparison) + [
        .text(survivorNote(comparison)), .integer(1), .text("bca"), .integer(options.resampleCount),
        .text(String(options.bootstrapSeed)), .text(comparison.sentence),
      ]
  }

  private static func identity(_ comparison: Comparison, options: TableOptions) -> [CSVField] {
    let (a, b) = (comparison.pair.candidate, comparison.pair.reference)
    return [
      .text(a.task), .text(comparison.pair.candidateName), .text(comparison.pair.referenceName),
      .text(a.configurationIdentifier), .text(b.configurationIdentifier), .text(a.variant), .text(b.variant),
      .text(a.metric), .text(options.score.rawValue), .text(a.rule ?? options.rule.name), .integer(a.count),
      .integer(b.count), .integer(a.failedCount), .integer(b.failedCount), .finite(a.failureRate),
      .finite(b.failureRate), .text(comparison.verdict.rawValue),
    ]
  }

  private static func primary(_ comparison: Comparison) -> [CSVField] {
    let pairing = comparison.pairing
    return [
      .finite(comparison.difference), .finite(comparison.differenceInterval.low),
      .finite(comparison.differenceInterval.high), .text(pairing == nil ? "newcombe" : "newcombe_paired"),
      .number(comparison.level), .text(pairing == nil ? "unpaired" : "same_seeds"),
      .text(comparison.primaryTest.rawValue), .finite(comparison.primaryP), .finite(comparison.adjustedP),
      .integer(comparison.familySize), .integer(pairing?.both), .integer(pairing?.onlyFirst),
      .integer(pairing?.onlySecond), .finite(comparison.boschloo), .finite(comparison.fisher),
      .finite(comparison.barnard),
    ]
  }

  private static func locations(_ comparison: Comparison) -> [CSVField] {
    let (welch, ranks, permutation) = (comparison.welch, comparison.mannWhitney, comparison.permutation)
    return [
      .finite(welch.difference), .finite(welch.t), .finite(welch.degrees), .finite(welch.p),
      .finite(welch.interval.low), .finite(welch.interval.high), .finite(ranks.u), .finite(ranks.p),
      .finite(ranks.superiority), .finite(permutation.p), .integer(permutation.arrangementCount),
      .flag(permutation.isExact),
    ]
  }

  private static func spread(_ spread: SpreadComparison) -> [CSVField] {
    [.integer(spread.count.candidate), .integer(spread.count.reference)]
      + [
        spread.mean.candidate, spread.mean.reference, spread.deviation.candidate, spread.deviation.reference,
        spread.ratio, spread.ratioInterval.low, spread.ratioInterval.high, spread.leveneMean.w, spread.leveneMean.p,
        spread.leveneMedian.w, spread.leveneMedian.p,
      ].map { .finite($0) }
  }

  /// The difference of the means of those that did not fail.
  private static func difference(_ comparison: Comparison) -> [CSVField] {
    let means = comparison.successful.mean
    let interval = comparison.successfulDifference
    return [
      .finite(means.candidate - means.reference), .finite(interval.low), .finite(interval.high),
      .text("mover_student_hall"),
    ]
  }

  /// What a comparison of those that did not fail is about.
  private static func survivorNote(_ comparison: Comparison) -> String? {
    let failed = comparison.pair.candidate.failedCount + comparison.pair.reference.failedCount
    return failed == 0
      ? nil : "the successful runs are those that were left after \(failed) failed; they are no fair sample"
  }
}
