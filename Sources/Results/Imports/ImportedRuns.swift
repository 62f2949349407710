// Runs that something else trained, as the same summaries, comparisons and tables have them: a score for each run, judged by a
// given baseline instead of counts of correct predictions. Reading files of others is the importer's business.

import Digests
import Files
import JSON5
import Reports
import Tables
import TrialTables
import Trials

/// Imported runs that belong together, checked and judged.
package struct ImportedRuns: Sendable {
  /// The runs in the order of their file: those with a result, and of the others those whose seed no result has.
  package let runs: [ImportedRun]
  /// The score of the constant classifier for each task; empty where only divergence counts as failure.
  package let baselines: [String: Double]
  /// How far above the baseline a score still counts as the baseline, for scores that were rounded.
  package let tolerance: Double
  /// Whether a lower score is better, as of a loss.
  package let lowerIsBetter: Bool
  /// The part of the command line of `import` that makes recipes of runs, in words; nil for runs that were imported before.
  let recipeFlag: String?
  /// What was left out on the way, and why.
  package internal(set) var leftOut: [LeftOut] = []
  /// What a user should know of how the runs were read.
  package internal(set) var notes: [String] = []

  /// Checks runs: each seed of a recipe once, one metric a task, a baseline for every task or for none.
  ///
  /// - Throws: `ImportError`.
  package init(
    _ runs: [ImportedRun], baselines: [String: Double], tolerance: Double, lowerIsBetter: Bool = false,
    recipeFlag: String? = nil
  ) throws {
    self.baselines = baselines
    self.tolerance = tolerance
    self.lowerIsBetter = lowerIsBetter
    self.recipeFlag = recipeFlag
    let problems = Self.problems(of: runs, recipeFlag) + Self.problems(of: baselines, for: runs.map(\.task).uniqued())
    guard problems.isEmpty else { throw ImportError(problems) }
    (self.runs, leftOut) = Self.chosen(runs)
  }

  /// Seeds that stand twice, and tasks with two metrics.
  private static func problems(of runs: [ImportedRun], _ recipeFlag: String?) -> [String] {
    var problems: [String] = []
    var first: [String: ImportedRun] = [:]
    var metrics: [String: ImportedRun] = [:]
    for run in runs {
      if run.missing == nil {
        let identifier = trialIdentifier(run)
        let other = first[identifier, default: run]
        if other.origin != run.origin {
          problems.append(
            "\(run.origin): \(run.task) \(run.variant) seed \(run.seed) stands in \(other.origin) already"
              + differences(run, other, recipeFlag))
        }
        first[identifier] = other
      }
      let sibling = metrics[run.task, default: run]
      if sibling.metric != run.metric {
        problems.append(
          "\(run.origin): the metric '\(run.metric)', where task \(run.task) has '\(sibling.metric)' in "
            + "\(sibling.origin); one metric a task")
      }
      metrics[run.task] = sibling
    }
    return problems
  }

  /// In what two runs differ that are one but for their hyperparameters, and what to do about that.
  private static func differences(_ run: ImportedRun, _ other: ImportedRun, _ recipeFlag: String?) -> String {
    let names = TrialColumns.configurationNames.filter { run.hyperparameters[$0] != other.hyperparameters[$0] }
    let differences = names.isEmpty ? "" : "; they differ in \(names.joined(separator: ", "))"
    guard let recipeFlag else { return differences }
    let advice = "tell them apart with \(recipeFlag)"
    guard names.isEmpty else { return "\(differences): \(advice)" }
    return run.variant == ImportedRun.onlyVariant ? "; if they are of different recipes, \(advice)" : ""
  }

  private static func problems(of baselines: [String: Double], for tasks: [String]) -> [String] {
    var problems: [String] = []
    let missing = tasks.filter { baselines[$0] == nil }
    if !missing.isEmpty && !baselines.isEmpty {
      problems.append(
        "no baseline for \(missing.joined(separator: ", ")); give the score of a classifier that always predicts the largest "
          + "class, such as --baseline \(ShellText.quoted("\(missing[0])=0.53"))")
    }
    for name in baselines.keys.sorted() where !tasks.contains(name) {
      let guess = Suggestion.nearest(to: name, among: tasks).map { "; did you mean '\($0)'?" } ?? ""
      problems.append("a baseline for '\(name)', but there is no such task: \(tasks.joined(separator: ", "))\(guess)")
    }
    return problems
  }

  /// Every result, and one run for each seed that has none; the others were tried again and are left out.
  private static func chosen(_ runs: [ImportedRun]) -> (runs: [ImportedRun], leftOut: [LeftOut]) {
    var known = Set(runs.filter { $0.missing == nil }.map(trialIdentifier))
    var repeated: [(reason: String, origin: String)] = []
    let chosen = runs.filter { run in
      guard let missing = run.missing, !known.insert(trialIdentifier(run)).inserted else { return true }
      repeated.append(("\(missing.reason) whose seed was run again", run.origin))
      return false
    }
    return (chosen, LeftOut.grouped(repeated))
  }

  /// The score that judges a run: the one at the end or, if it is asked for and known, the best one.
  private func judgedScore(of run: ImportedRun, _ score: ScoreChoice) -> Double {
    switch score {
    case .final: run.final
    case .best: run.best ?? run.final
    }
  }

  /// How a run failed; nil if it did not, and for one without a result. Judged is the score at the end or, if asked, the best
  /// one. A run whose judged score or score at the end is NaN diverged. Without a baseline only diverged runs failed.
  package func failure(of run: ImportedRun, score: ScoreChoice) -> FailureKind? {
    guard run.missing == nil else { return nil }
    let judged = judgedScore(of: run, score)
    if run.final.isNaN || judged.isNaN { return .diverged }
    guard let baseline = baselines[run.task] else { return nil }
    guard !isBetter(judged, than: baseline) else { return nil }
    return [run.best, run.final].contains { $0.map { isBetter($0, than: baseline) } ?? false }
      ? .collapsed : .neverLearned
  }

  /// Whether a score is better than a baseline by more than the tolerance.
  private func isBetter(_ score: Double, than baseline: Double) -> Bool {
    lowerIsBetter ? score < baseline - tolerance : score > baseline + tolerance
  }

  /// One row for each task and recipe, in the order in which they first appear.
  package func summary(score: ScoreChoice) -> [SummaryRow] {
    var rows: [SummaryRow] = []
    var indices: [String: Int] = [:]
    for run in runs {
      let identifier = Self.configurationIdentifier(run)
      if indices[identifier] == nil {
        indices[identifier] = rows.count
        rows.append(
          SummaryRow(
            importedFrom: run, identifier: identifier, baseline: baselines[run.task], rule: ruleName(run.task)))
      }
      let index = indices[identifier] ?? 0
      rows[index].lowerIsBetter = lowerIsBetter
      guard run.missing == nil else {
        rows[index].missingCount += 1
        continue
      }
      let failure = failure(of: run, score: score)
      let value = failure == .diverged ? .nan : judgedScore(of: run, score)
      rows[index].runs.append(
        ScoredRun(
          seeds: "seed \(run.seed)", value: value, failure: failure, finalHalves: (run.final, run.finalElsewhere),
          bestHalves: (run.best, run.bestElsewhere)))
    }
    for (identifier, texts) in sharedHyperparameters() {
      if let index = indices[identifier] { rows[index].hyperparameters = texts }
    }
    return rows
  }

  /// The hyperparameters that all runs of a recipe share, by the recipe's identifier; empty texts for the others.
  private func sharedHyperparameters() -> [String: [String]] {
    Dictionary(grouping: runs, by: Self.configurationIdentifier).mapValues { runs in
      TrialColumns.configurationNames.map { name in
        let texts = Set(runs.map { $0.hyperparameters[name] ?? "" })
        return texts.count == 1 ? texts.first ?? "" : ""
      }
    }
  }

  /// The rule of a task as tables name it.
  func ruleName(_ task: String) -> String {
    BaselineRule.name(baseline: baselines[task], tolerance: tolerance, lowerIsBetter: lowerIsBetter)
  }

  /// The identifier of a run's recipe.
  package static func configurationIdentifier(_ run: ImportedRun) -> String {
    String(SHA256.hex(of: "import\u{0}\(run.task)\u{0}\(run.variant)").prefix(16))
  }

  /// The identifier of a run.
  package static func trialIdentifier(_ run: ImportedRun) -> String {
    String(SHA256.hex(of: "\(configurationIdentifier(run)) \(run.seed)").prefix(16))
  }
}

extension SummaryRow {
  /// A recipe without runs whose runs come from elsewhere.
  init(importedFrom run: ImportedRun, identifier: String, baseline: Double?, rule: String) {
    self.init(
      configurationIdentifier: identifier, variant: run.variant, label: run.variant, task: run.task,
      hyperparameters: TrialColumns.configurationNames.map { _ in "" }, metric: run.metric)
    constantScore = baseline
    self.rule = rule
  }
}
