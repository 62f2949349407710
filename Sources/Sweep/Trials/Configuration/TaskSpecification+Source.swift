// What a task's name implies: where its examples come from, whether it is a regression, which metric it reports. The facts
// about the GLUE tasks are `GlueTask`'s.

import Tasks

extension TaskSpecification {
  /// Where a task's examples come from.
  package enum Source: Equatable, Sendable {
    /// A GLUE folder.
    case glue(GlueTask)
    /// A language inside the program.
    case builtIn(BuiltInTask)
    /// The user's own files.
    case files
  }

  /// The names of the GLUE tasks.
  package static let glueNames = GlueTask.allCases.map(\.rawValue)

  /// Where this task's examples come from.
  package var source: Source {
    if let task = BuiltInTask(name: name) { return .builtIn(task) }
    return GlueTask(rawValue: name).map(Source.glue) ?? .files
  }

  /// The GLUE task that this is; nil for others.
  package var glue: GlueTask? {
    if case .glue(let task) = source { task } else { nil }
  }

  /// The built-in task that this is; nil for others.
  package var builtIn: BuiltInTask? {
    if case .builtIn(let task) = source { task } else { nil }
  }

  /// Whether the name is no built-in one and no file says that it is the user's own.
  package var isUnknown: Bool { source == .files && trainPath == nil && devPath == nil }

  /// Whether a number is predicted rather than a class.
  package var predictsNumbers: Bool {
    switch source {
    case .glue(let task): task.predictsNumbers
    case .files: isRegression
    case .builtIn(let task): task.predictsNumbers
    }
  }

  /// Whether an example is a pair of texts.
  package var hasPairs: Bool {
    switch source {
    case .glue(let task): task.columns.pair != nil
    case .files: pairColumn != nil
    case .builtIn(let task): task.hasPairs
    }
  }

  /// The metric the task reports by default: GLUE's, accuracy for classes, Pearson's correlation for numbers.
  package var ownMetric: MetricName {
    glue?.metric ?? builtIn?.metric ?? (predictsNumbers ? .pearson : .accuracy)
  }

  /// The metric the task reports.
  package var reportedMetric: MetricName { metric ?? ownMetric }
}
