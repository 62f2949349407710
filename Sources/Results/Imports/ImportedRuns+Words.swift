// What imported runs are compared with, and what a user is told of them: what was taken, what was left out and why, and what
// does not look right.

import Comparisons
import Files
import Host
import JSON5
import Reports
import Tables
import TrialTables
import Trials

extension ImportedRuns {
  /// The pairs to compare: on each task every recipe with one of them, by default the first. A task that lacks the reference
  /// compares its recipes with its own first one.
  ///
  /// - Throws: `ImportError` if no task has such a recipe.
  package func pairs(of rows: [SummaryRow], reference: String?) throws -> [ComparedPair] {
    let chosen = try self.reference(reference)
    let references = Dictionary(grouping: rows, by: \.task).mapValues { peers in
      peers.first { $0.variant == chosen } ?? peers[0]
    }
    return rows.compactMap { row in
      guard let other = references[row.task], other.variant != row.variant else { return nil }
      return ComparedPair(
        candidate: row, reference: other, candidateName: row.variant, referenceName: other.variant)
    }
  }

  /// A sentence for each task whose recipes are compared with its own first one, because it lacks the reference.
  ///
  /// - Throws: `ImportError` if no task has such a recipe.
  package func referenceRemarks(_ reference: String?) throws -> [String] {
    let chosen = try self.reference(reference)
    return runsByTask.compactMap { task, runs in
      let variants = runs.map(\.variant).uniqued()
      guard !variants.contains(chosen), variants.count > 1 else { return nil }
      return "\(task): there is no recipe '\(chosen)' to compare with, so its recipes are compared with its first, "
        + "'\(variants[0])'"
    }
  }

  private func reference(_ name: String?) throws -> String {
    let variants = runs.map(\.variant).uniqued()
    let chosen = name ?? variants.first ?? ""
    guard variants.contains(chosen) else {
      throw ImportError([
        "no recipe '\(chosen)' to compare with; there are \(Suggestion.list(variants, near: chosen))"
      ])
    }
    return chosen
  }

  /// What does not look right: tasks whose scores and baseline seem to be in different units, tasks without a baseline,
  /// recipes that are several.
  package var remarks: [String] {
    let tasks = runsByTask
    var remarks = tasks.compactMap { unitRemark($0, $1) }
    if baselines.isEmpty, let task = tasks.first?.task {
      remarks.append(
        "no baseline is given, so only diverged runs count as failed; give the score of a classifier that always predicts "
          + "the largest class, such as --baseline \(ShellText.quoted("\(task)=0.53"))")
    }
    return remarks + notes + tasks.flatMap { mixtureRemarks($0, $1) }
  }

  /// The runs of each task, in the order in which tasks first appear.
  private var runsByTask: [(task: String, runs: [ImportedRun])] {
    let groups = Dictionary(grouping: runs, by: \.task)
    return runs.map(\.task).uniqued().map { ($0, groups[$0] ?? []) }
  }

  /// The remark about scores and a baseline that seem to be in different units.
  private func unitRemark(_ task: String, _ runs: [ImportedRun]) -> String? {
    let scores = runs.map(\.final).filter { !$0.isNaN }
    guard !lowerIsBetter, let baseline = baselines[task], let low = scores.min(), let high = scores.max(),
      let mismatch = UnitMismatch(scores: low...high, baseline: baseline)
    else { return nil }
    let advice =
      switch mismatch {
      case .someScores: "those above 1 seem to be in percent: give all scores in one unit"
      case .scoresOrBaseline: "one of them seems to be in percent: give --baseline in the unit of the scores"
      }
    return "\(task): scores from \(low) to \(high) beside a baseline of \(baseline); \(advice)"
  }

  /// The remarks about recipes whose runs differ in a hyperparameter.
  private func mixtureRemarks(_ task: String, _ runs: [ImportedRun]) -> [String] {
    let recipes = Dictionary(grouping: runs, by: \.variant)
    return runs.map(\.variant).uniqued().flatMap { variant in
      TrialColumns.configurationNames.compactMap { name -> String? in
        let texts = (recipes[variant] ?? []).compactMap { $0.hyperparameters[name] }.uniqued()
        guard texts.count > 1 else { return nil }
        let shown = texts.prefix(4).joined(separator: ", ") + (texts.count > 4 ? ", ..." : "")
        return
          "\(task): the runs of '\(variant)' differ in \(name) (\(shown))"
          + (recipeFlag.map { "; to compare them, make them recipes of their own with \($0)" } ?? "")
      }
    }
  }

  /// Whether curves.csv is written.
  package var hasCurves: Bool { runs.contains(where: \.hasCurve) }

  /// What was taken, what was not and why, in one line.
  package var account: String {
    let results = runs.filter { $0.missing == nil }
    let recipes = runs.map { "\($0.task)\u{0}\($0.variant)" }.uniqued().count
    let total = runs.count + leftOut.reduce(0) { $0 + $1.origins.count }
    var sentences = [
      results.count == total
        ? "Imported \(counted(total, "run")) of \(counted(recipes, "recipe"))."
        : "Imported \(results.count) of \(counted(total, "run")), of \(counted(recipes, "recipe"))."
    ]
    let missing = LeftOut.grouped(
      runs.compactMap { run in
        run.missing.map { ($0.reason, $0.detail.isEmpty ? run.origin : "\(run.origin): \($0.detail)") }
      })
    if !missing.isEmpty {
      sentences.append("Without a result, counted in n_missing: \(missing.map(\.words).joined(separator: ", ")).")
    }
    if !leftOut.isEmpty { sentences.append("Left out: \(leftOut.map(\.words).joined(separator: ", ")).") }
    return sentences.joined(separator: " ")
  }
}
