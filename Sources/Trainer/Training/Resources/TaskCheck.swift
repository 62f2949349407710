// Whether a task fits a model, said before any step is made.

import Datasets
import Transformer
import Trials

extension EncodedTask {
  /// Refuses a task that the encoder or its kept head cannot take, or that its metric cannot score.
  func check(of trial: TrialConfiguration, fits encoder: ResourceReader.EncoderSource) throws {
    let (specification, configuration) = (trial.task, encoder.configuration)
    let problems = configuration.problems
    guard problems.isEmpty else {
      throw TrainingError("the model's configuration is impossible: " + problems.joined(separator: "; "))
    }
    let layout = ParameterLayout(configuration, labelCount: labelCount)
    let start = StartingWeights(trial.model, folder: encoder.folder, seed: 0)
    if let problem = CureCheck.problem(of: trial, with: configuration)
      ?? CureCheck.problem(ofTrained: trial, in: layout, from: start)
    {
      throw TrainingError(problem)
    }
    if trial.model.head == .keep { try encoder.folder?.checkHead(labelCount: labelCount) }
    try TaskCheck.check(metricOf: specification, predictsNumbers: isRegression)
    for (split, set) in sets {
      let name = "the \(split == "train" ? "training" : split) set of task \"\(specification.name)\""
      try TaskCheck.check(set, of: name, fits: configuration)
    }
  }
}

/// Whether data, model and metric go together.
enum TaskCheck {
  /// Refuses a metric that does not score what the task predicts.
  static func check(metricOf specification: TaskSpecification, predictsNumbers: Bool) throws {
    let metric = specification.reportedMetric
    guard predictsNumbers == [.pearson, .spearman].contains(metric) else {
      throw TrainingError(
        "task \"\(specification.name)\" predicts \(predictsNumbers ? "numbers" : "classes"), which the metric "
          + "\(metric.rawValue) does not score; change task.metric")
    }
  }

  /// Refuses an empty set, sequences without tokens or longer than the position table, and tokens or types outside theirs.
  static func check(_ set: EncodedSet, of name: String, fits configuration: EncoderConfiguration) throws {
    guard set.count > 0 else { throw TrainingError("\(name) is empty") }
    for index in 0..<set.count {
      let length = set.offsets[index + 1] - set.offsets[index]
      guard length > 0 else {
        throw TrainingError(
          "example \(index) of \(name) has no token, as its text is empty and this model's tokenizer puts nothing around it; "
            + "remove the example")
      }
      guard length <= configuration.longestSequence else {
        throw TrainingError(
          "example \(index) of \(name) has \(length) tokens, but the model's position table has "
            + "\(configuration.longestSequence) rows: set task.max_length to \(configuration.longestSequence) or less "
            + "(evaluate: --max-length)")
      }
    }
    let largestToken = Int(set.tokenIdentifiers.max() ?? 0)
    guard largestToken < configuration.vocabularySize else {
      throw TrainingError(
        "\(name) has the token identifier \(largestToken), but the model's word embeddings have "
          + "\(configuration.vocabularySize) rows: vocabulary and weights belong to different models")
    }
    let largestType = Int(set.typeIdentifiers.max() ?? 0)
    guard !configuration.architecture.hasTypes || largestType < configuration.typeCount else {
      throw TrainingError(
        "\(name) has text pairs, but the model's token type table has \(configuration.typeCount) row; use a model with 2 types, or a "
          + "task of single texts")
    }
  }
}
