// The key `task.dev_sets`: further sets on which the weights after the last step are scored, each under a name of its own. How
// they are read or drawn is Datasets' work.

import JSON5
import KeyValues
import Tasks

/// A further set on which a trained model is scored.
package struct DevSetSpecification: Hashable, Sendable {
  /// The set's name, 1 to 40 of `a`-`z`, `0`-`9` and `_`.
  package var name: String
  /// A labelled file with the columns of the other files; nil for a built-in task.
  package var path: String?
  /// What the classes of a built-in task's examples differ by; nil for what those of the evaluation examples do.
  package var difficulty: TaskDifficulty?
  /// The number of a built-in task's examples; nil for that of the evaluation examples.
  package var count: Int?

  package init(_ name: String, path: String? = nil, difficulty: TaskDifficulty? = nil, count: Int? = nil) {
    self.name = name
    self.path = path
    self.difficulty = difficulty
    self.count = count
  }

  /// The most sets of a task.
  static let mostCount = 8
  /// What no further set may be called: what the other sets of a task are, and what would give a column the name of another one
  /// (`sd_dev_set`).
  package static let reservedNames = ["train", "dev", TaskSpecification.testSetName, "set"]

  // MARK: - As the value of the key

  private static let (file, difficulty, size) = ("file", "difficulty", "size")

  /// The set that an entry of the key's value describes.
  private init(_ entry: NamedValue) {
    self.init(entry.name)
    guard case .table(let members) = entry.value else { return }
    for member in members {
      switch (member.name, member.value) {
      case (Self.file, .text(let text)): path = text
      case (Self.difficulty, .text(let text)): difficulty = TaskDifficulty(rawValue: text)
      case (Self.size, .integer(let size)): count = size
      default: break
      }
    }
  }

  private static func entry(
    _ name: String, path: String?, difficulty: TaskDifficulty?, count: Int?
  ) -> NamedValue {
    let members = [
      difficulty.map { NamedValue(Self.difficulty, .text($0.rawValue)) }, path.map { NamedValue(file, .text($0)) },
      count.map { NamedValue(size, .integer($0)) },
    ]
    return NamedValue(name, .table(members.compactMap(\.self)))
  }

  private var entry: NamedValue { Self.entry(name, path: path, difficulty: difficulty, count: count) }

  /// What identifiers hash of the set beside the contents of its file: of a built-in task what is drawn, given or not.
  private func identity(in task: TaskSpecification) -> NamedValue {
    guard let builtIn = task.builtIn else { return NamedValue(name, .table([])) }
    return Self.entry(
      name, path: nil, difficulty: builtIn.hasDifficulties ? task.difficulty(of: self) : nil,
      count: task.count(of: self))
  }

  /// What is wrong with the set beside the task; nil for nothing.
  private func problem(in task: TaskSpecification) -> String? {
    let title = "\(name): the task \(JSONWriter.quoted(task.name))"
    if Self.reservedNames.contains(name) {
      return "\(JSONWriter.quoted(name)) has another meaning among sets and columns; choose another name"
    }
    guard let builtIn = task.builtIn else {
      if difficulty != nil || count != nil { return "\(title) is read from files; give file: \"PATH\" alone" }
      return path == nil ? "\(title) is read from files; give file: \"PATH\"" : nil
    }
    if path != nil { return "\(title) makes its examples and reads no file; give difficulty, size or {} instead" }
    if difficulty != nil, !builtIn.hasDifficulties { return "\(title) has no difficulties; give size or {} instead" }
    return nil
  }

  static let key = ConfigurationKey(
    path: "task.dev_sets", column: nil,
    kind: .objects(
      [
        ObjectMember(file, .path), ObjectMember(difficulty, .choice(TaskDifficulty.allCases.map(\.rawValue))),
        ObjectMember(
          size,
          .integer(
            minimum: SyntheticSpecification.allowedCounts.lowerBound,
            maximum: SyntheticSpecification.allowedCounts.upperBound)),
      ], limit: mostCount),
    documentation:
      "Further sets, by names of your own, on which the weights after the last step are scored once. `{ hard: { file: \"hard.tsv\" } }` names a labelled file with the columns and labels of the other files; `{ far: { difficulty: \"diagnostic\", size: 1000 } }` asks a built-in task for further examples, and what is left out is as in the evaluation examples. Each set has columns of its own, such as `value_dev_hard` and `mean_dev_hard`. No failure rule and no choice of a checkpoint looks at them.",
    get: { configuration in
      let sets = configuration.task.devSets
      return sets.isEmpty ? .null : .table(sets.map(\.entry))
    },
    set: { configuration, value in
      if case .table(let entries) = value {
        configuration.task.devSets = entries.map { DevSetSpecification($0) }
      } else {
        configuration.task.devSets = []
      }
    }
  ).whenMissing("no further sets").writtenWhereSet().hashed { configuration in
    let task = configuration.task
    return task.devSets.isEmpty ? .null : .table(task.devSets.map { $0.identity(in: task) })
  }.checked { configuration in
    guard !configuration.hasProgram, !configuration.task.isUnknown else { return nil }
    return configuration.task.devSets.lazy.compactMap { $0.problem(in: configuration.task) }.first
  }
}

extension TaskSpecification {
  /// What the classes of a further set of a built-in task differ by.
  package func difficulty(of set: DevSetSpecification) -> TaskDifficulty {
    set.difficulty ?? synthetic.devDifficulty ?? synthetic.difficulty
  }

  /// The number of examples of a further set of a built-in task.
  package func count(of set: DevSetSpecification) -> Int { set.count ?? synthetic.devCount }

  // MARK: - Files

  /// The paths of the files and folders that the task names, nil where it names none.
  package var paths: [String?] { [dataPath, trainPath, devPath, testPath] + devSets.map(\.path) }

  /// The task with other paths for the files and folders that it names.
  package func withPaths(_ moved: (String) -> String) -> TaskSpecification {
    var task = self
    task.dataPath = dataPath.map(moved)
    task.trainPath = trainPath.map(moved)
    task.devPath = devPath.map(moved)
    task.testPath = testPath.map(moved)
    for index in devSets.indices { task.devSets[index].path = devSets[index].path.map(moved) }
    return task
  }
}
