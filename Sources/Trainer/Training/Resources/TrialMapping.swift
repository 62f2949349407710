// The trainer's values for a trial's: every conversion from a value of Trials to one of Transformer, Kernels or Datasets stands
// here, and enumerations are mapped case by case, so that a new case does not compile until it is mapped. What an update rule
// gets of a trial is `Optimizer`'s. Whether data and model fit each other is `TaskCheck`'s question.

import Architectures
import Datasets
import Kernels
import Tokenization
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
    case .builtIn(let builtIn):
      let synthetic = task.synthetic
      var examples = BuiltInExamples(
        builtIn, synthetic.difficulty, dev: synthetic.devDifficulty, test: synthetic.testDifficulty,
        trainCount: synthetic.trainCount, devCount: synthetic.devCount, seed: synthetic.seed)
      examples.devSets = task.devSets.map { set in
        FinalSet(set.name, BuiltInSet(count: task.count(of: set), difficulty: task.difficulty(of: set)))
      }
      source = .builtIn(examples)
    case .glue(let glue):
      source = .glue(glue, folder: try required(task.dataPath, "task.data"))
    case .files:
      source = .files(
        OwnFiles(
          train: try required(task.trainPath, "task.train"), dev: try required(task.devPath, "task.dev"),
          textColumn: try required(task.textColumn, "task.text"), pairColumn: task.pairColumn,
          labelColumn: try required(task.labelColumn, "task.label"), isRegression: task.isRegression))
    }
    self.init(
      name: task.name, source: source, finalFiles: task.builtIn == nil ? task.finalFiles : [],
      subset: subset.map { Subset(size: $0.size, seed: $0.seed) },
      labelShuffleSeed: task.labelShuffleSeed,
      labelNoise: task.labelNoise > 0 ? LabelNoise(share: task.labelNoise, seed: task.noiseSeed) : nil)
  }
}

extension TaskSpecification {
  /// The files that are scored once, after the last step.
  fileprivate var finalFiles: [FinalSet<String>] {
    (testPath.map { [FinalSet(Self.testSetName, $0)] } ?? [])
      + devSets.compactMap { set in set.path.map { FinalSet(set.name, $0) } }
  }
}

extension ProductPrecision {
  /// A configuration's precision.
  package init(_ precision: TrainingSpecification.Precision) {
    self =
      switch precision {
      case .float32: .float32
      case .bfloat16: .bfloat16
      }
  }
}

extension EncoderConfiguration {
  /// A randomly initialized encoder's configuration for a tokenizer.
  ///
  /// - Throws: `TrainingError` where the family counts positions from a padding token on that the tokenizer lacks.
  init(_ shape: EncoderShape, for tokenizer: any Tokenizer) throws {
    let padding = tokenizer.vocabulary.firstIndex(of: "[PAD]")
    let firstPosition: Int
    switch shape.modelType.firstPosition {
    case .row(let row): firstPosition = row
    case .afterPadding:
      guard let padding else {
        throw TrainingError(
          "a model of type \"\(shape.modelType.modelType)\" counts positions from its padding token on, and the vocabulary has "
            + "no [PAD]")
      }
      firstPosition = padding + 1
    }
    self.init(shape, vocabularySize: tokenizer.vocabularySize, firstPosition: firstPosition)
    if case .last = architecture.head.token { paddingToken = padding.flatMap(Int32.init(exactly:)) }
  }

  /// A randomly initialized encoder's configuration; positions begin where the family's usually do unless something else is given.
  init(_ shape: EncoderShape, vocabularySize: Int, firstPosition: Int? = nil) {
    self.init(
      architecture: shape.modelType, vocabularySize: vocabularySize, hiddenSize: shape.hiddenSize,
      embeddingSize: shape.embeddingSize, layerCount: shape.layerCount, headCount: shape.headCount,
      intermediateSize: shape.intermediateSize, positionCount: shape.positionCount, firstPosition: firstPosition,
      typeCount: shape.typeCount, layerNormEpsilon: shape.layerNormEpsilon, initializerRange: shape.initializerRange)
  }
}

extension MixedWeights.GradientScale {
  init(_ gradient: TrainingSpecification.MixoutGradient) {
    self =
      switch gradient {
      case .exact: .exact
      case .published: .published
      }
  }
}

extension StartingWeights.Redrawn {
  /// What a trial draws anew.
  init(_ model: ModelSpecification) {
    self.init(layerCount: model.reinitializedLayerCount, includesPooler: model.reinitializesPooler)
  }
}

extension StartingWeights {
  /// The weights with which a trial of this model begins, of a folder or without one.
  init(_ model: ModelSpecification, folder: ModelFolder?, seed: UInt64) {
    guard let folder else {
      self.init(drawnFrom: seed)
      return
    }
    self.init(of: folder, keepsHead: model.head == .keep, redrawn: Redrawn(model), seed: seed)
  }
}

extension TrainedTensors {
  /// The tensors that a trial trains.
  init(_ training: TrainingSpecification, _ layout: ParameterLayout, from start: StartingWeights) {
    self.init(layout, frozen: Frozen(training), where: start.isPretrained)
  }
}

extension TrainedTensors.Frozen {
  fileprivate init(_ training: TrainingSpecification) {
    self =
      switch training.freeze {
      case .nothing: .nothing
      case .embeddings: .embeddings
      case .layers: .layers(training.frozenLayerCount ?? 0)
      case .encoder: .encoder
      case .allButBiases: .allButBiases
      }
  }
}
