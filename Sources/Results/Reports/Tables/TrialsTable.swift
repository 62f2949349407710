// trials.csv: one row a trial. Where, when and how often a trial ran is in timings.csv, so that these bytes depend on
// nothing but the plan and its results.

import Foundation
import Statistics
import Tables
import Trials

/// The columns of trials.csv and the row of a trial.
package enum TrialsTable {
  package static let columns =
    ["trial_id", "configuration_id", "variant", "task"] + TrialColumns.configurationNames + TrialColumns.seedNames + [
      "status", "failed", "failure_kind", "metric", "value_final", "value_best", "step_best", "value_final_a",
      "value_final_b", "value_best_a", "value_best_b", "sd_last_third", "accuracy_final", "f1_final", "correct_final",
      "majority_count",
      "evaluation_count", "constant_prediction", "train_loss_flat", "majority_p", "chance_loss", "train_loss_final",
      "train_loss_full", "dev_loss_final", "step_count", "distance_from_pretrained", "weights_digest",
    ]

  /// The row of a trial.
  ///
  /// `value_best` and `step_best` are the first highest value on all dev examples. `value_best_a` is the highest value on
  /// half A and `value_best_b` is half B's value at that same evaluation: chosen on A, reported on B. A run that
  /// diverged has the value NaN at its end, whatever it reached before. `sd_last_third` is how far the value wanders late
  /// in a run: the standard deviation (ddof 1) over the evaluations in the last third of its steps. A trial without a result has its status only.
  ///
  /// `configuration` are the fields that all trials of a configuration share, as `configurationFields` gives them.
  static func row(
    _ trial: Trial, configuration: EncodedFields, outcome: Outcome, failure: FailureKind?
  ) -> [CSVField] {
    let identity: [CSVField] =
      [.text(trial.identifier), .shared(configuration)] + TrialColumns.values(of: trial.seeds).map { .text($0) }
    guard outcome.status.isResult else {
      let known = identity + [.text(outcome.status.rawValue), .missing, .missing, .text(outcome.metric.rawValue)]
      return known + unknown
    }
    return identity + [
      .text(outcome.status.rawValue), .flag(failure != nil), .text(failure?.rawValue), .text(outcome.metric.rawValue),
    ] + scores(outcome) + losses(outcome)
  }

  /// The fields of a trial without a result after its metric.
  private static let unknown = [CSVField](
    repeating: .missing, count: columns.count - (columns.firstIndex(of: "metric") ?? 0) - 1)

  /// The fields of a configuration from its identifier on, `hyperparameters` being those of `TrialColumns`.
  static func configurationFields(_ trial: Trial, hyperparameters: [String]) -> EncodedFields {
    let names = [trial.configurationIdentifier, trial.variant, trial.configuration.task.name]
    return EncodedFields((names + hyperparameters).map { .text($0) })
  }

  private static func scores(_ outcome: Outcome) -> [CSVField] {
    let last = outcome.finalEvaluation
    let best = outcome.evaluation(.best)
    let bestOfA = outcome.evaluations.highest(\.valueA)
    let none: Double? = outcome.isRegression ? nil : .nan
    return [
      .number(last?.value ?? .nan), .number(best?.value ?? .nan), .integer(best?.step),
      .number(last?.valueA ?? .nan), .number(last?.valueB ?? .nan),
      .number(bestOfA?.valueA ?? .nan), .number(bestOfA?.valueB ?? .nan), .number(outcome.lateSpread),
      .number(last == nil ? none : last?.accuracy), .number(last == nil ? none : last?.f1),
      .integer(last?.correctCount), .integer(outcome.majorityCount), .integer(outcome.evaluationCount),
      .flag(last?.isConstant), .flag(outcome.hasFlatLoss),
      // Six digits: the last bits of a tail sum depend on the C library.
      .text(last.flatMap(outcome.majorityTest).map { String(format: "%.6g", $0) }),
    ]
  }

  private static func losses(_ outcome: Outcome) -> [CSVField] {
    [
      .number(outcome.chanceLoss), .number(outcome.trainLossFinal), .number(outcome.trainLossFull),
      .number(outcome.finalEvaluation?.loss ?? .nan), .integer(outcome.stepCount),
      .number(outcome.distanceFromPretrained), .text(outcome.weightsDigest),
    ]
  }
}

extension Outcome {
  /// The evaluation at the end of training; nil for a run that diverged, which never got there.
  var finalEvaluation: Evaluation? { status == .diverged ? nil : evaluations.last }

  /// The standard deviation (ddof 1) of the metric over the evaluations past two thirds of the run's steps; nil for fewer
  /// than two, and for a run that diverged.
  var lateSpread: Double? {
    guard status == .completed else { return nil }
    let late = evaluations.filter { 3 * $0.step > 2 * stepCount }.map(\.value)
    return late.count < 2 ? nil : Sample.standardDeviation(late, ddof: 1)
  }

  /// The metric that scores the run; NaN for a run that diverged and is scored at its end.
  func value(_ score: ScoreChoice) -> Double {
    (score == .final ? finalEvaluation : evaluation(.best))?.value ?? .nan
  }
}
