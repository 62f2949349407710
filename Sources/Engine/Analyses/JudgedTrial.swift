// The trials of a folder that have a result, each judged as failed or not, and the choice of those that an analysis reads:
// always the first in plan order, so that nobody can pick the most favourable ones.

import Foundation
import Reports
import Storage
import Tables
import TrialTables
import Trials

/// A trial with a result.
package struct JudgedTrial: Sendable {
  /// The trial.
  package let trial: Trial
  /// Its outcome.
  package let outcome: Outcome
  /// How it failed; nil for a trial that did not.
  package let failure: FailureKind?
  /// The rule that judged it.
  package let rule: FailureRule
  /// The score that the rule judged.
  package let score: ScoreChoice

  package init(trial: Trial, outcome: Outcome, failure: FailureKind?, rule: FailureRule, score: ScoreChoice) {
    self.trial = trial
    self.outcome = outcome
    self.failure = failure
    self.rule = rule
    self.score = score
  }

  /// The trial's identifier.
  package var identifier: String { trial.identifier }
  /// Its recipe's identifier.
  package var configurationIdentifier: String { trial.configurationIdentifier }
  /// Its recipe.
  package var configuration: TrialConfiguration { trial.configuration }

  /// Whether it reached its last step. Only such trials leave weights.
  package var isCompleted: Bool { outcome.status == .completed }

  /// The trials of a plan that have a result, in plan order.
  ///
  /// - Throws: an error of the journal.
  package static func all(_ plan: SweepPlan, _ index: JournalIndex, options: TableOptions) throws -> [JudgedTrial] {
    let options = options.named(for: plan)
    return try plan.trials.compactMap { trial in
      guard index[trial.identifier]?.hasResult == true, let record = try index.record(of: trial.identifier) else {
        return nil
      }
      let outcome = try record.outcome().judged(as: trial.configuration)
      return JudgedTrial(
        trial: trial, outcome: outcome, failure: options.rule.failure(of: outcome, score: options.score),
        rule: options.rule, score: options.score)
    }
  }

  /// The first failed and the first successful trials that were trained to their end, at most `count` of either, in the order
  /// of `trials`.
  ///
  /// - Throws: `AnalysisError` if no trial failed or none was successful.
  package static func first(
    _ count: Int, of trials: [JudgedTrial]
  ) throws -> (failed: [JudgedTrial], successful: [JudgedTrial]) {
    let completed = trials.filter(\.isCompleted)
    let failed = completed.filter { $0.failure != nil }
    let successful = completed.filter { $0.failure == nil }
    guard !failed.isEmpty, !successful.isEmpty else {
      throw AnalysisError(
        "failed and successful runs are compared, and of \(completed.count) completed runs \(failed.count) failed; "
          + "a higher learning rate makes more of them fail, a lower one fewer")
    }
    return (Array(failed.prefix(count)), Array(successful.prefix(count)))
  }

  /// The columns of the score and the rule that judged the run, named as in summary.csv.
  static let judgementColumns: [Column<JudgedTrial>] = [
    Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) { .text($0.score.rawValue) },
    Column("failure_rule", "What counts as a failed run.", role: .key) { .text($0.rule.name) },
  ]

  /// The columns of a run's configuration.
  static let configurationColumns: [Column<JudgedTrial>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.trial.configurationIdentifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.trial.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.trial.configuration.taskName) },
  ]

  /// The columns that identify the run in every table.
  static let columns: [Column<JudgedTrial>] =
    [Column("trial_id", "The trial's identifier.", role: .key) { .text($0.trial.identifier) }] + configurationColumns
    + TrialColumns.seeds.of(\.trial.seeds)
    + [Column("failed", "Whether the run failed.", role: .key) { .flag($0.failure != nil) }] + judgementColumns
}
