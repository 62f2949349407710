// The metrics by which a task is judged. How they are computed is Statistics' work.

/// A metric a task can report; all but the correlations come from class predictions.
package enum MetricName: String, CaseIterable, Sendable {
  /// The metrics of our own trainer, which a task may report.
  package static let allCases: [MetricName] = [
    .accuracy, .f1, .macroF1, .accuracyAndF1, .matthews, .pearson, .spearman,
  ]

  /// The share of correct predictions.
  case accuracy
  /// F1 of the positive class for two classes, which is the second one as the task lists them, macro-averaged for more.
  case f1
  /// The mean of all classes' F1, for two classes as well.
  case macroF1 = "macro_f1"
  /// The mean of accuracy and F1, as GLUE's MRPC and QQP report.
  case accuracyAndF1 = "accuracy_and_f1"
  /// Matthews' correlation, as CoLA reports.
  case matthews
  /// Pearson's correlation, for regression.
  case pearson
  /// Spearman's rank correlation, for regression.
  case spearman
  /// What a program of the user's own reports; its name stands in `program.results.final`.
  case score
}
