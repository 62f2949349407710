// The one table of all configuration keys, joined from the sections. Parsing, limits, "did you mean", identifiers, CSV
// columns, `sweep.json`, costs and the reference of keys are read off it. A new key is one entry in its section's file,
// beside the field that holds its value.

import KeyValues

/// A part of a configuration and its keys.
struct ConfigurationSection: Sendable {
  /// The keys, in the order of columns and documentation.
  let keys: [ConfigurationKey]
  /// The section of a configuration as a part that configurations may share: the neighbour's if it holds the same value.
  let part: @Sendable (TrialConfiguration, _ neighbor: ConfigurationPart?) -> ConfigurationPart
  /// Puts a part's value into a configuration.
  let restore: @Sendable (ConfigurationPart, inout TrialConfiguration) -> Void

  /// The section of our own trainer that a field of a configuration holds.
  init<Value: Equatable & Sendable>(
    _ field: WritableKeyPath<TrialConfiguration, Value> & Sendable, _ keys: [ConfigurationKey]
  ) {
    self.init(plain: field, keys.map { $0.ofTrainer() })
  }

  /// A section whose keys say by themselves where they are read.
  init<Value: Equatable & Sendable>(
    plain field: WritableKeyPath<TrialConfiguration, Value> & Sendable, _ keys: [ConfigurationKey]
  ) {
    self.keys = keys
    part = { configuration, neighbor in
      let value = configuration[keyPath: field]
      if let neighbor = neighbor as? TypedPart<Value>, neighbor.value == value { return neighbor }
      return TypedPart(value)
    }
    restore = { part, configuration in
      guard let part = part as? TypedPart<Value> else { preconditionFailure("a part of another section") }
      configuration[keyPath: field] = part.value
    }
  }
}

/// The table of configuration keys.
package enum ConfigurationSchema {
  /// Every section, in the order of columns and documentation.
  static let sectionList: [ConfigurationSection] = [
    ConfigurationSection(\.model, ModelSpecification.keys),
    ConfigurationSection(\.task, TaskSpecification.keys),
    ConfigurationSection(\.trainSubset, SubsetSpecification.keys),
    ConfigurationSection(\.training, TrainingSpecification.keys),
    ConfigurationSection(\.optimizer, OptimizerSpecification.keys),
    ConfigurationSection(\.schedule, ScheduleSpecification.keys),
    ConfigurationSection(\.evaluation, EvaluationSpecification.keys),
    ConfigurationSection(\.record, RecordSpecification.keys),
    ConfigurationSection(plain: \.program, ProgramSpecification.keys),
  ]

  /// Every key, in the order of columns and documentation.
  package static let keys: [ConfigurationKey] = sectionList.flatMap(\.keys)

  /// The index of each path in `keys`.
  package static let indexByPath: [String: Int] =
    Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.path, $0) })

  /// The parts of each path, in the order of `keys`.
  static let components: [[String]] = keys.map { $0.path.split(separator: ".").map(String.init) }

  /// What each key holds in a configuration that says nothing, in the order of `keys`.
  static let defaultValues: [KeyValue] = keys.map { $0.get(TrialConfiguration()) }

  /// The indices in `keys` of those whose values identifiers hash: files are hashed by their contents instead.
  static let hashedIndices: [Int] = keys.indices.filter {
    keys[$0].kind != .path && keys[$0].kind != .files && keys[$0].role == .value && keys[$0].isHashed
  }

  /// The keys whose entries check more than the kind of their values.
  package static let checkedKeys: [ConfigurationKey] = keys.filter { $0.problem != nil || $0.requirement != nil }

  /// Every object that holds keys, such as `model` and `model.config`.
  package static let sections: Set<String> = Set(
    components.flatMap { parts in (1..<parts.count).map { parts[..<$0].joined(separator: ".") } })

  /// The keys with a column in every CSV file, in order; `task.name` is left out because every table has its own task column.
  package static let columnKeys: [ConfigurationKey] = keys.filter { $0.column != nil && !$0.isShownWhereSet }

  /// The keys with a column where they are set, in order.
  package static let rareKeys: [ConfigurationKey] = keys.filter(\.isShownWhereSet)

  /// The keys that hold seeds from which data is drawn.
  package static let dataSeeds: [ConfigurationKey] = keys.filter(\.drawsData)

  /// The key at a path; nil if there is none.
  package static func key(at path: String) -> ConfigurationKey? {
    indexByPath[path].map { keys[$0] }
  }
}
