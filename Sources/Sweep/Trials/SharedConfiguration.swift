// A plan's configurations differ in a few values each. They are kept in parts that neighbours share, so that a million of
// them fit where a million whole ones would not.

/// A configuration whose parts may be another one's as well.
package struct SharedConfiguration: Equatable, Sendable {
  private final class Part<Value: Equatable & Sendable>: Equatable, Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }

    static func == (left: Part, right: Part) -> Bool { left === right || left.value == right.value }

    /// The neighbour's part if it holds the same value, else one of its own.
    static func holding(_ value: Value, near neighbor: Part?) -> Part {
      if let neighbor, neighbor.value == value { neighbor } else { Part(value) }
    }
  }

  private let model: Part<ModelSpecification>
  private let task: Part<TaskSpecification>
  private let training: Part<TrainingSpecification>
  private let optimizer: Part<OptimizerSpecification>
  private let schedule: Part<ScheduleSpecification>
  private let trainSubset: SubsetSpecification?
  private let record: RecordSpecification

  /// A configuration that shares with a neighbour what is equal.
  package init(_ configuration: TrialConfiguration, near neighbor: SharedConfiguration? = nil) {
    model = .holding(configuration.model, near: neighbor?.model)
    task = .holding(configuration.task, near: neighbor?.task)
    training = .holding(configuration.training, near: neighbor?.training)
    optimizer = .holding(configuration.optimizer, near: neighbor?.optimizer)
    schedule = .holding(configuration.schedule, near: neighbor?.schedule)
    trainSubset = configuration.trainSubset
    record = configuration.record
  }

  /// The configuration as plain values.
  package var whole: TrialConfiguration {
    var configuration = TrialConfiguration()
    configuration.model = model.value
    configuration.task = task.value
    configuration.training = training.value
    configuration.optimizer = optimizer.value
    configuration.schedule = schedule.value
    configuration.trainSubset = trainSubset
    configuration.record = record
    return configuration
  }
}
