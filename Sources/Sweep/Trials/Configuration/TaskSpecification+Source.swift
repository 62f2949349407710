// What a task's name implies: where its examples come from, whether it is a regression, which metric it reports.

extension TaskSpecification {
  /// Where a task's examples come from.
  package enum Source: Equatable, Sendable {
    /// A GLUE folder.
    case glue
    /// The built-in language.
    case synthetic
    /// The user's own files.
    case files
  }

  /// The names of the GLUE tasks.
  package static let glueNames = [
    "cola", "sst2", "rte", "mrpc", "qnli", "qqp", "wnli", "mnli", "mnli-mm", "stsb",
  ]

  /// The names of the tasks of the built-in language: whether a sentence is acceptable, and which of two is.
  package static let syntheticNames = ["synthetic", "synthetic-pairs"]

  /// Where this task's examples come from.
  package var source: Source {
    Self.syntheticNames.contains(name) ? .synthetic : Self.glueNames.contains(name) ? .glue : .files
  }

  /// Whether a number is predicted rather than a class.
  package var predictsNumbers: Bool {
    source == .files ? isRegression : name == "stsb"
  }

  /// Whether an example is a pair of texts.
  package var hasPairs: Bool {
    switch source {
    case .glue: name != "cola" && name != "sst2"
    case .files: pairColumn != nil
    case .synthetic: name == "synthetic-pairs"
    }
  }

  /// The metric the task reports unless told otherwise: accuracy for classes, Pearson's correlation for numbers, Matthews'
  /// for CoLA. For MRPC and QQP it is GLUE's mean of accuracy and F1, by which the first version of arXiv 2006.04884
  /// reports MRPC; the published version reports F1, `metric: "f1"` here.
  package var ownMetric: MetricName {
    if predictsNumbers { return .pearson }
    switch name {
    case "cola": return .matthews
    case "mrpc", "qqp": return .accuracyAndF1
    default: return .accuracy
    }
  }

  /// The metric the task reports.
  package var reportedMetric: MetricName { metric ?? ownMetric }
}
