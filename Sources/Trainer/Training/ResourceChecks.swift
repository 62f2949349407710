// Whether a task fits a model, said before any step is made; and the mapping of a sweep's task to the reader's.

import Datasets
import Kernels
import Transformer
import Trials

extension TaskDescription {
  /// The reader's description of a sweep's task.
  ///
  /// - Throws: `TrainingError` naming the key that is missing.
  package init(_ task: TaskSpecification, subset: SubsetSpecification?) throws {
    func required(_ value: String?, _ key: String) throws -> String {
      guard let value else { throw TrainingError("task \"\(task.name)\" needs the key \(key)") }
      return value
    }
    let source: TaskDescription.Source
    switch task.source {
    case .synthetic:
      let synthetic = task.synthetic
      guard let difficulty = SyntheticLanguage.Difficulty(rawValue: synthetic.difficulty.rawValue) else {
        throw TrainingError("the synthetic language has no difficulty \"\(synthetic.difficulty.rawValue)\"")
      }
      source = .synthetic(
        difficulty, form: task.hasPairs ? .pair : .sentence, trainCount: synthetic.trainCount,
        devCount: synthetic.devCount, seed: synthetic.seed)
    case .glue:
      guard let glue = GlueTask(rawValue: task.name) else {
        throw TrainingError("no reader for the GLUE task \"\(task.name)\"")
      }
      source = .glue(glue, folder: try required(task.dataPath, "task.data"))
    case .files:
      source = .files(
        OwnFiles(
          train: try required(task.trainPath, "task.train"), dev: try required(task.devPath, "task.dev"),
          textColumn: try required(task.textColumn, "task.text"), pairColumn: task.pairColumn,
          labelColumn: try required(task.labelColumn, "task.label"), isRegression: task.isRegression))
    }
    self.init(
      name: task.name, source: source, subset: subset.map { Subset(size: $0.size, seed: $0.seed) },
      labelShuffleSeed: task.labelShuffleSeed)
  }
}

extension ProductPrecision {
  /// A configuration's precision.
  ///
  /// - Throws: `TrainingError` where this processor lacks it.
  package init(_ precision: TrainingSpecification.Precision) throws {
    self = precision == .bfloat16 ? .bfloat16 : .float32
    guard isSupported else {
      throw TrainingError(
        "training.precision: \(rawValue) needs a processor with AVX512_BF16, which this one lacks; float32 runs everywhere"
      )
    }
  }
}

extension Architecture {
  /// The family that a configuration names.
  fileprivate init(_ type: EncoderShape.ModelType) {
    switch type {
    case .bert: self = .bert
    case .megatronBERT: self = .megatronBERT
    }
  }
}

extension EncoderConfiguration {
  /// A randomly initialized encoder's configuration.
  init(_ shape: EncoderShape, vocabularySize: Int) {
    self.init(
      architecture: Architecture(shape.modelType), vocabularySize: vocabularySize,
      hiddenSize: shape.hiddenSize, layerCount: shape.layerCount,
      headCount: shape.headCount, intermediateSize: shape.intermediateSize, positionCount: shape.positionCount,
      typeCount: shape.typeCount, layerNormEpsilon: shape.layerNormEpsilon, initializerRange: shape.initializerRange)
  }
}

extension EncodedTask {
  /// Refuses a task that the encoder or its kept head cannot take, or that its metric cannot score.
  func check(of trial: TrialConfiguration, fits encoder: Readings.Encoder) throws {
    let (specification, configuration) = (trial.task, encoder.configuration)
    let problems = configuration.problems
    guard problems.isEmpty else {
      throw TrainingError("impossible encoder configuration: " + problems.joined(separator: "; "))
    }
    if trial.model.head == .keep { try encoder.folder?.checkHead(labelCount: labelCount) }
    let metric = specification.reportedMetric
    guard isRegression == [.pearson, .spearman].contains(metric) else {
      throw TrainingError(
        "task \"\(specification.name)\" predicts \(isRegression ? "numbers" : "classes"), which the metric "
          + "\(metric.rawValue) does not score")
    }
    for (split, set) in [("training", train), ("dev", dev.examples)] {
      guard set.count > 0 else { throw TrainingError("the \(split) set of task \"\(specification.name)\" is empty") }
      try check(set, of: "the \(split) set of task \"\(specification.name)\"", fits: configuration)
    }
  }

  /// Refuses sequences longer than the position table, and tokens or types outside theirs.
  private func check(_ set: EncodedSet, of name: String, fits configuration: EncoderConfiguration) throws {
    for index in 0..<set.count {
      let length = set.offsets[index + 1] - set.offsets[index]
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
    guard largestType < configuration.typeCount else {
      throw TrainingError(
        "\(name) has text pairs, but the model's token type table has \(configuration.typeCount) row")
    }
  }
}

extension TaskData {
  /// The task with its classes in the order of the head kept from the model folder at `path`, capitals aside. Where either
  /// side only counts its classes (`LABEL_0`, or `0` and `1`), they are taken by their position.
  ///
  /// - Throws: `TrainingError` where both sides name their classes and not alike.
  func ordered(asIn names: [String]?, of path: String) throws -> TaskData {
    guard let names, names != labelNames, names.count == labelNames.count else { return self }
    let known = names.map { $0.lowercased() }
    let places = labelNames.compactMap { known.firstIndex(of: $0.lowercased()) }
    guard Set(places).count == names.count else {
      let isCounted = labelNames.allSatisfy { Int($0) != nil } || names.enumerated().allSatisfy { $1 == "LABEL_\($0)" }
      if isCounted { return self }
      func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
      throw TrainingError(
        "\(path)/config.json: the head to keep calls its classes \(list(names)) (id2label), and those of task \"\(name)\" "
          + "are \(list(labelNames)): give them the same names in either place, or draw a new head (model.head)")
    }
    func moved(_ text: LabeledText) -> LabeledText {
      guard case .classIndex(let index) = text.target else { return text }
      var text = text
      text.target = .classIndex(places[index])
      return text
    }
    var data = self
    for (index, place) in places.enumerated() { data.labelNames[place] = labelNames[index] }
    data.train = train.map(moved)
    data.dev = dev.map(moved)
    return data
  }
}
