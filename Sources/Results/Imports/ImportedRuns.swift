// Runs that something else trained, as the same summaries, comparisons and tables have them: a score a run, judged by a given
// baseline instead of counts of correct predictions. Reading files of others is the importer's business.

import Digests
import JSON5
import Reports
import Tables
import Trials

/// One run that something else trained.
package struct ImportedRun: Equatable, Sendable {
  /// Where it stands, for messages: a file and a line.
  package var origin: String
  /// The task.
  package var task: String
  /// The recipe.
  package var variant: String
  /// The seed.
  package var seed: Int
  /// The metric's name.
  package var metric: String
  /// The score at the end of training on the examples that choose checkpoints; NaN for a run that diverged.
  package var final: Double
  /// The best score on them; nil if it is not known.
  package var best: Double?
  /// The score at the end of training on other examples; nil if it is not known.
  package var finalElsewhere: Double?
  /// The score on those other examples where the first ones are best; nil if it is not known.
  package var bestElsewhere: Double?

  /// A run with what is always known.
  package init(origin: String, task: String, variant: String, seed: Int, metric: String, final: Double) {
    self.origin = origin
    self.task = task
    self.variant = variant
    self.seed = seed
    self.metric = metric
    self.final = final
  }
}

/// What is wrong with runs to import, everything at once.
package struct ImportError: Error, Equatable, CustomStringConvertible {
  /// A line for each mistake, of many the first ones.
  package let description: String

  /// An error from its lines.
  package init(_ lines: [String]) {
    let shown = lines.prefix(20).map { $0.escapingControlCharacters() }
    description = (shown + (lines.count > 20 ? ["and \(lines.count - 20) more"] : [])).joined(separator: "\n")
  }
}

/// Imported runs that belong together, checked and judged.
package struct ImportedRuns: Sendable {
  /// The runs in the order of their file.
  package let runs: [ImportedRun]
  /// The score of the constant classifier for each task.
  package let baselines: [String: Double]
  /// How far above the baseline a score still counts as the baseline, for scores that were rounded.
  package let tolerance: Double

  /// Checks runs: each seed of a recipe once, one metric a task, a baseline for every task.
  ///
  /// - Throws: `ImportError`.
  package init(_ runs: [ImportedRun], baselines: [String: Double], tolerance: Double) throws {
    self.runs = runs
    self.baselines = baselines
    self.tolerance = tolerance
    var problems: [String] = []
    var first: [String: ImportedRun] = [:]
    var metrics: [String: ImportedRun] = [:]
    for run in runs {
      let other = first[Self.identity(run), default: run]
      if other.origin != run.origin {
        problems.append("\(run.origin): \(run.task) \(run.variant) seed \(run.seed) stands in \(other.origin) already")
      }
      first[Self.identity(run)] = other
      let sibling = metrics[run.task, default: run]
      if sibling.metric != run.metric {
        problems.append(
          "\(run.origin): the metric '\(run.metric)', where task \(run.task) has '\(sibling.metric)' in "
            + "\(sibling.origin); one metric a task")
      }
      metrics[run.task] = sibling
    }
    let tasks = runs.map(\.task).uniqued()
    let missing = tasks.filter { baselines[$0] == nil }
    if !missing.isEmpty {
      problems.append(
        "no baseline for \(missing.joined(separator: ", ")); give the score of a classifier that always predicts the largest "
          + "class, such as --baseline \(missing[0])=0.53")
    }
    for name in baselines.keys.sorted() where !tasks.contains(name) {
      let guess = Suggestion.nearest(to: name, among: tasks).map { "; did you mean '\($0)'?" } ?? ""
      problems.append("a baseline for '\(name)', but there is no such task: \(tasks.joined(separator: ", "))\(guess)")
    }
    guard problems.isEmpty else { throw ImportError(problems) }
  }

  /// A sentence for each task whose scores and baseline seem to be in different units, fractions and percent.
  package var remarks: [String] {
    runs.map(\.task).uniqued().compactMap { task in
      let scores = runs.filter { $0.task == task }.map(\.final).filter { !$0.isNaN }
      guard let baseline = baselines[task], let low = scores.min(), let high = scores.max() else { return nil }
      guard (low > 1 && baseline > 0 && baseline < 1) || (high <= 1 && baseline > 1) else { return nil }
      return "\(task): scores from \(low) to \(high) beside a baseline of \(baseline); one of them seems to "
        + "be in percent: give --baseline in the unit of the scores"
    }
  }

  /// How a run failed; nil if it did not. Judged is the score at the end or, if asked, the best one.
  package func failure(of run: ImportedRun, score: ScoreChoice) -> FailureKind? {
    let bound = (baselines[run.task] ?? .nan) + tolerance
    if run.final.isNaN { return .diverged }
    let judged = score == .final ? run.final : run.best ?? run.final
    guard judged <= bound else { return nil }
    return max(run.best ?? run.final, run.final) > bound ? .collapsed : .neverLearned
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
            importedFrom: run, identifier: identifier, baseline: baselines[run.task] ?? .nan, rule: ruleName(run.task)))
      }
      let index = indices[identifier] ?? 0
      let failure = failure(of: run, score: score)
      let value = failure == .diverged ? .nan : score == .final ? run.final : run.best ?? run.final
      rows[index].runs.append(
        ScoredRun(
          seeds: "seed \(run.seed)", value: value, failure: failure, finalHalves: (run.final, run.finalElsewhere),
          bestHalves: (run.best, run.bestElsewhere)))
    }
    return rows
  }

  /// The pairs to compare: on each task every recipe with one of them, by default the first.
  ///
  /// - Throws: `ImportError` if there is no such recipe.
  package func pairs(of rows: [SummaryRow], reference: String?) throws -> [ComparedPair] {
    let variants = runs.map(\.variant).uniqued()
    let chosen = reference ?? variants.first ?? ""
    guard variants.contains(chosen) else {
      throw ImportError([
        "no recipe '\(chosen)' to compare with; there are \(variants.joined(separator: ", "))"
      ])
    }
    return rows.compactMap { row in
      guard row.variant != chosen, let other = rows.first(where: { $0.task == row.task && $0.variant == chosen })
      else { return nil }
      return ComparedPair(
        candidate: row, reference: other, candidateName: row.variant, referenceName: other.variant)
    }
  }

  /// The rule of a task as tables name it.
  func ruleName(_ task: String) -> String {
    "baseline=\(baselines[task] ?? .nan)" + (tolerance > 0 ? "+\(tolerance)" : "")
  }

  static func configurationIdentifier(_ run: ImportedRun) -> String {
    String(SHA256.hex(of: "import\u{0}\(run.task)\u{0}\(run.variant)").prefix(16))
  }

  static func trialIdentifier(_ run: ImportedRun) -> String {
    String(SHA256.hex(of: "\(configurationIdentifier(run)) \(run.seed)").prefix(16))
  }

  private static func identity(_ run: ImportedRun) -> String { trialIdentifier(run) }

}

extension SummaryRow {
  /// A recipe without runs whose runs come from elsewhere.
  init(importedFrom run: ImportedRun, identifier: String, baseline: Double, rule: String) {
    self.init(
      configurationIdentifier: identifier, variant: run.variant, label: run.variant, task: run.task,
      hyperparameters: TrialColumns.configurationNames.map { _ in "" }, metric: run.metric)
    constantScore = baseline
    self.rule = rule
  }
}
