// What several keys of one configuration must keep together. Limits of a single key are in `ConfigurationSchema`; what
// depends on the contents of files is checked by whoever reads them.

import JSON5
import KeyValues
import Tasks
import Trials

extension TrialConfiguration {
  /// What is wrong with its numbers and between its keys, each sentence beginning with a key; empty when all is well.
  package var problems: [String] {
    let outside = ConfigurationSchema.keys.compactMap { key -> String? in
      guard case .number(let limits) = key.kind, case .number(let number) = key.value(in: self),
        !limits.contains(number)
      else { return nil }
      return "\(key.path): expected \(limits.allowed), found \(number)"
    }
    return outside + ConfigurationCheck(self).findings.map(\.message)
  }
}

/// The checks of one resolved configuration.
package struct ConfigurationCheck {
  /// Something wrong: the keys it is about, the most telling first, and what to say.
  package struct Finding {
    package var paths: [String]
    package var message: String
    /// Whether a key is missing rather than wrong.
    package var isMissing = false

    /// What is wrong with a key, or with several of which it is the most telling.
    package static func wrong(_ paths: [String], _ message: String) -> Finding {
      Finding(paths: paths, message: "\(paths[0]): \(message)")
    }
  }

  package private(set) var findings: [Finding] = []
  private let configuration: TrialConfiguration

  /// Checks a configuration.
  package init(_ configuration: TrialConfiguration) {
    self.configuration = configuration
    if configuration.hasProgram {
      checkKeys()
      return
    }
    checkModel()
    checkTaskName()
    checkKeys()
    checkColumns()
    checkMetric()
    checkSchedule()
    checkSubset()
  }

  /// What is wrong with a program whose score is named like one that is better where it is lower, where nobody says which of its
  /// scores is the best one. A configuration does not tell a `program.results.best` that is given from its default.
  package static func unclearDirection(of program: ProgramSpecification) -> [Finding] {
    guard let name = program.results.final, ScoreDirection.isLoss(name) else { return [] }
    return [
      .wrong(
        ["program.results.final"],
        "\(JSONWriter.quoted(name)) seems to be better where it is lower; set program.results.best to \"min\", or to \"max\" if it "
          + "is not")
    ]
  }

  private mutating func wrong(_ paths: [String], _ message: String) {
    findings.append(.wrong(paths, message))
  }

  private mutating func missing(_ path: String, at other: String, _ message: String) {
    findings.append(Finding(paths: [other], message: "\(path): missing; \(message)", isMissing: true))
  }

  private mutating func checkModel() {
    let model = configuration.model
    let task = configuration.task
    guard model.path == nil else { return }
    let shape = model.shape
    if shape.hiddenSize % shape.headCount != 0 {
      wrong(
        ["model.config.num_attention_heads", "model.config.hidden_size"],
        "\(shape.headCount) heads do not divide the hidden size \(shape.hiddenSize)")
    }
    findings += shape.sizeProblems.map { .wrong($0.paths, $0.message) }
    // What a task asks of the model depends on which task is meant.
    if isUnknownTask { return }
    if model.vocabularyPath == nil && task.builtIn == nil {
      missing(
        "model.path", at: "task.name",
        "the task \(JSONWriter.quoted(task.name)) needs a model folder, or model.vocab for a random model")
    }
    if task.maximumLength > shape.positionCount {
      wrong(
        ["task.max_length", "model.config.max_position_embeddings"],
        "\(task.maximumLength) tokens do not fit the model's \(shape.positionCount) positions "
          + "(model.config.max_position_embeddings)")
    }
    if task.hasPairs && shape.modelType.hasTypes && shape.typeCount < 2 {
      wrong(
        ["model.config.type_vocab_size"],
        "the task \(JSONWriter.quoted(task.name)) has pairs of texts and needs at least 2 types, found \(shape.typeCount)"
      )
    }
  }

  /// Whether the task's name is no built-in one and no file says that it is the user's own.
  package var isUnknownTask: Bool { configuration.task.isUnknown }

  private mutating func checkTaskName() {
    guard isUnknownTask else { return }
    let task = configuration.task
    let known = TaskSpecification.glueNames + BuiltInTask.names
    let cure =
      Suggestion.nearest(to: task.name, among: known).map { Suggestion.phrase($0) }
      ?? "; allowed: \(known.joined(separator: ", "))"
    findings.append(
      Finding(
        paths: ["task.name"],
        message: "task.name: \(JSONWriter.quoted(task.name)) is no built-in task, and task.train and task.dev name no "
          + "files of your own\(cure)", isMissing: true))
  }

  /// What the keys' own entries ask for.
  private mutating func checkKeys() {
    for key in ConfigurationSchema.checkedKeys {
      if let problem = key.problem?(configuration) { wrong([key.path], problem) }
      if let requirement = key.requirement, !isUnknownTask, key.isRead(configuration),
        key.value(in: configuration) == .null
      {
        missing(key.path, at: key.usage?.decider ?? key.path, requirement(configuration))
      }
    }
  }

  private mutating func checkColumns() {
    let task = configuration.task
    guard task.source == .files else { return }
    let columns = [("task.text", task.textColumn), ("task.pair", task.pairColumn), ("task.label", task.labelColumn)]
    for (index, column) in columns.enumerated() {
      for (path, earlier) in columns[..<index] where earlier != nil && earlier == column.1 {
        wrong(
          [column.0, path],
          "the column \(JSONWriter.quoted(earlier ?? "")) is given as \(path) already; name another column")
      }
    }
  }

  private mutating func checkMetric() {
    guard let metric = configuration.task.metric else { return }
    let isForNumbers = metric == .pearson || metric == .spearman
    guard isForNumbers != configuration.task.predictsNumbers else { return }
    let name = JSONWriter.quoted(configuration.task.name)
    let allowed = MetricName.allCases.filter { ($0 == .pearson || $0 == .spearman) != isForNumbers }
      .map { JSONWriter.quoted($0.rawValue) }
    wrong(
      ["task.metric", "task.regression", "task.name"],
      "the task \(name) predicts \(isForNumbers ? "classes" : "numbers"); expected \(alternatives(allowed)), "
        + "found \(JSONWriter.quoted(metric.rawValue))")
  }

  private mutating func checkSchedule() {
    let warmup = configuration.schedule.warmup
    guard warmup >= 1 else { return }
    guard warmup == warmup.rounded(), warmup <= Double(Int32.max) else {
      return wrong(
        ["schedule.warmup"],
        "expected a fraction below 1 or a whole number of steps up to \(Int32.max), found \(warmup)")
    }
    let horizons = [
      ("schedule.total_steps", configuration.schedule.totalSteps),
      ("training.max_steps", configuration.training.maximumSteps),
    ]
    guard let (path, horizon) = horizons.first(where: { $0.1 != nil }), let horizon, warmup > Double(horizon) else {
      return
    }
    wrong(
      ["schedule.warmup", path], "\(Int(warmup)) steps of warm-up are more than the schedule's \(horizon) (\(path))")
  }

  private mutating func checkSubset() {
    guard let subset = configuration.trainSubset, configuration.task.builtIn != nil else { return }
    let available = configuration.task.synthetic.trainCount
    if subset.size > available {
      wrong(
        ["train_subset.size", "task.train_size"],
        "\(subset.size) examples are more than the \(available) that the built-in task has (task.train_size)")
    }
  }
}
