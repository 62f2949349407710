// The runs of a folder, each judged as failed or not, and the choice of those that an analysis looks at: always the first in plan
// order, so that nobody picks the ones that look best.

import Foundation
import Reports
import Storage
import Tables
import Trials

/// A run with a result.
package struct JudgedRun: Sendable {
  /// The trial.
  package let trial: Trial
  /// What came of it.
  package let outcome: Outcome
  /// How it failed; nil for a successful run.
  package let failure: FailureKind?
  /// By which rule.
  package let rule: FailureRule
  /// On which of its scores.
  package let score: ScoreChoice

  /// A run with everything given.
  package init(trial: Trial, outcome: Outcome, failure: FailureKind?, rule: FailureRule, score: ScoreChoice) {
    self.trial = trial
    self.outcome = outcome
    self.failure = failure
    self.rule = rule
    self.score = score
  }

  /// Whether it reached its last step; only such runs leave weights.
  package var isCompleted: Bool { outcome.status == .completed }

  /// The runs of a plan that have a result, in plan order.
  ///
  /// - Throws: an error of the journal's.
  package static func all(_ plan: SweepPlan, _ index: JournalIndex, options: TableOptions) throws -> [JudgedRun] {
    try plan.trials.compactMap { trial in
      guard index[trial.identifier]?.hasResult == true, let record = try index.record(of: trial.identifier) else {
        return nil
      }
      let outcome = try record.outcome()
      return JudgedRun(
        trial: trial, outcome: outcome, failure: options.rule.failure(of: outcome, score: options.score),
        rule: options.rule, score: options.score)
    }
  }

  /// The first failed and the first successful runs that were trained to their end, at most `count` of either, in the order
  /// of `runs`.
  ///
  /// - Throws: `AnalysisError` where there is none of a kind.
  package static func first(_ count: Int, of runs: [JudgedRun]) throws -> (failed: [JudgedRun], successful: [JudgedRun])
  {
    let completed = runs.filter(\.isCompleted)
    let failed = completed.filter { $0.failure != nil }
    let successful = completed.filter { $0.failure == nil }
    guard !failed.isEmpty, !successful.isEmpty else {
      throw AnalysisError(
        "failed and successful runs are compared, and of \(completed.count) completed runs \(failed.count) failed; "
          + "a higher learning rate makes more of them fail, a lower one fewer")
    }
    return (Array(failed.prefix(count)), Array(successful.prefix(count)))
  }

  /// The columns of what the run was judged by, named as in summary.csv.
  static let judgementColumns: [Column<JudgedRun>] = [
    Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) { .text($0.score.rawValue) },
    Column("failure_rule", "What counts as a failed run.", role: .key) { .text($0.rule.name) },
  ]

  /// The columns of a run's configuration.
  static let configurationColumns: [Column<JudgedRun>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.trial.configurationIdentifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.trial.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.trial.configuration.task.name) },
  ]

  /// The columns that identify the run in every table.
  static let columns: [Column<JudgedRun>] =
    [Column("trial_id", "The trial's identifier.", role: .key) { .text($0.trial.identifier) }] + configurationColumns
    + TrialColumns.seeds.of(\.trial.seeds)
    + [Column("failed", "Whether the run failed.", role: .key) { .flag($0.failure != nil) }] + judgementColumns
}

/// The kept weights of a folder's runs.
package struct KeptWeights: Sendable {
  private let folder: RunFolder

  /// The weights in an output folder.
  package init(of folder: RunFolder) { self.folder = folder }

  /// The runs whose weights were not kept.
  package func missing(among runs: [JudgedRun]) -> [JudgedRun] {
    runs.filter { !FileManager.default.fileExists(atPath: path(of: $0.trial.identifier) + "/model.safetensors") }
  }

  /// The model folder of a trial.
  package func path(of trial: String) -> String { folder.weights(ofTrial: trial) }

  /// Refuses runs without kept weights, and offers to train them again.
  ///
  /// - Throws: `AnalysisError`.
  package func require(_ runs: [JudgedRun]) throws {
    let missing = missing(among: runs).map(\.trial.identifier)
    guard !missing.isEmpty else { return }
    let list = missing.prefix(6).joined(separator: ", ")
    throw AnalysisError(
      "the weights of \(missing.count) of \(runs.count) runs were not kept in \(folder.path)/weights: \(list). A trial gives "
        + "the same weights whenever it is trained: --retrain trains \(missing.count == 1 ? "it" : "them") again and keeps "
        + "them; run --keep-weights all keeps them at once")
  }
}
