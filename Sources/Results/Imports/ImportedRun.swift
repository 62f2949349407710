// One run that something else trained, as a value. Reading files of others is the business of `RunTable` and `TrainerStates`,
// judging runs that of `ImportedRuns`.

import Reports
import TrainerFiles
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
  /// The score at the end of training on the examples that choose checkpoints; NaN for a run that diverged, and for one without
  /// a result.
  package var final: Double
  /// The best score on them; nil if it is not known.
  package var best: Double?
  /// The score at the end of training on other examples; nil if it is not known.
  package var finalElsewhere: Double?
  /// The score on those other examples where the first ones are best; nil if it is not known.
  package var bestElsewhere: Double?
  /// Why the run has no result; nil for a run that has one.
  package var missing: MissingResult?
  /// The texts of hyperparameters by their columns in trials.csv.
  package var hyperparameters: [String: String] = [:]
  /// The updates that the run made; nil if it is not known.
  package var stepCount: Int?
  /// The step of the best score; nil if it is not known.
  package var bestStep: Int?
  /// What was recorded over training.
  package var curve: [RecordedNumber] = []

  /// The recipe of runs whose source names none.
  static let onlyVariant = "recipe"

  /// Whether the run has a result and something was recorded of its training.
  var hasCurve: Bool { missing == nil && !curve.isEmpty }

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

/// Why a run of others has no result.
package struct MissingResult: Equatable, Sendable {
  /// What happened to it, as tables say it.
  package var status: TrialStatus
  /// What its source says, such as `crashed` or `unfinished`.
  package var reason: String
  /// What a list of such runs adds in brackets, such as the step that it reached; empty for nothing.
  package var detail = ""

  package init(_ status: TrialStatus, _ reason: String, detail: String = "") {
    self.status = status
    self.reason = reason
    self.detail = detail
  }
}
