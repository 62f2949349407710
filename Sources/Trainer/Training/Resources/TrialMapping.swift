// The trainer's values for a trial's: every conversion from a value of Trials to one of Transformer, Kernels, Datasets or
// UpdateRules stands here, and enumerations are mapped case by case, so that a new case does not compile until it is
// mapped. Whether data and model fit each other is `TaskCheck`'s question.

import Datasets
import Kernels
import Tokenization
import Transformer
import Trials
import UpdateRules

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
      source = .synthetic(
        SyntheticLanguage.Difficulty(task.synthetic.difficulty), form: task.hasPairs ? .pair : .sentence,
        trainCount: task.synthetic.trainCount, devCount: task.synthetic.devCount, seed: task.synthetic.seed)
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
      name: task.name, source: source, testPath: task.source == .synthetic ? nil : task.testPath,
      subset: subset.map { Subset(size: $0.size, seed: $0.seed) },
      labelShuffleSeed: task.labelShuffleSeed)
  }
}

extension SyntheticLanguage.Difficulty {
  init(_ difficulty: SyntheticSpecification.Difficulty) {
    self =
      switch difficulty {
      case .order: .order
      case .local: .local
      case .distant: .distant
      }
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
  init(_ shape: EncoderShape, for tokenizer: any Tokenizer) {
    self.init(shape, vocabularySize: tokenizer.vocabularySize)
    if case .last = architecture.head.token {
      paddingToken = tokenizer.vocabulary.firstIndex(of: "[PAD]").flatMap(Int32.init(exactly:))
    }
  }

  /// A randomly initialized encoder's configuration.
  init(_ shape: EncoderShape, vocabularySize: Int) {
    self.init(
      architecture: shape.modelType, vocabularySize: vocabularySize, hiddenSize: shape.hiddenSize,
      layerCount: shape.layerCount, headCount: shape.headCount, intermediateSize: shape.intermediateSize,
      positionCount: shape.positionCount, typeCount: shape.typeCount, layerNormEpsilon: shape.layerNormEpsilon,
      initializerRange: shape.initializerRange)
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

extension UpdateConstants {
  init(_ specification: OptimizerSpecification) {
    self.init(
      biasCorrection: specification.biasCorrection, beta1: specification.beta1, beta2: specification.beta2,
      epsilon: specification.epsilon, weightDecay: specification.weightDecay)
  }
}
