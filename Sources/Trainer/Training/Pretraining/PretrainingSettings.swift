// What decides every byte of a pre-training, as plain values, and the digest by which a checkpoint knows its own.

import Architectures
import Arithmetics
import Datasets
import Digests
import Schedules
import Tokenization
import Transformer
import Trials

/// What decides every byte of a pre-training run.
package struct PretrainingSettings: Equatable, Sendable {
  /// The language inside the program that is learned where there is no text.
  package var language = BuiltInLanguage.synthetic.name
  /// What is asked about two sentences; nil for single ones.
  package var pairs: SentencePairs?
  /// A text with one sentence on each line; nil for a language inside the program.
  package var textPath: String?
  /// A `vocab.txt`; nil for the language's words.
  package var vocabularyPath: String?
  /// Whether the tokenizer lower-cases.
  package var lowercases = true
  /// The encoder's sizes; the vocabulary's is counted.
  package var shape = EncoderShape()
  /// Dropout everywhere.
  package var dropout = 0.1
  /// Updates.
  package var stepCount = 10_000
  /// Sentences a step.
  package var batchSize = 32
  /// Steps between two evaluations.
  package var evaluateEvery = 500
  /// The optimizer.
  package var optimizer = OptimizerSpecification()
  /// The rate over the run.
  package var schedule = ScheduleSpecification()
  /// The seed of weights, order, masks and dropout.
  package var seed: UInt64 = 1
  /// Which products and functions compute it.
  package var arithmetic = Arithmetic.ofIdentifiers

  /// The defaults: Adam as PyTorch's AdamW has it, with bias correction.
  package init() {
    optimizer.algorithm = .torch
    optimizer.biasCorrection = true
    optimizer.learningRate = 5e-4
  }
}

extension PretrainingSettings {
  /// The settings as a trial has them, for what is checked and scheduled alike.
  package var trial: TrialConfiguration {
    var trial = TrialConfiguration()
    trial.model.shape = shape
    trial.task.maximumLength = shape.positionCount
    trial.training.maximumSteps = stepCount
    trial.optimizer = optimizer
    trial.schedule = schedule
    trial.training.arithmetic = arithmetic
    return trial
  }

  /// The encoder for a tokenizer.
  ///
  /// - Throws: `TrainingError` where the tokenizer lacks what the family needs.
  func encoder(for tokenizer: any Tokenizer) throws -> EncoderConfiguration {
    var configuration = try EncoderConfiguration(shape, for: tokenizer)
    configuration.hiddenDropoutProbability = dropout
    configuration.attentionDropoutProbability = dropout
    return configuration
  }

  /// A digest of the settings, the vocabulary and the text, which checkpoints hold.
  func digest(_ vocabulary: [String]) throws -> String {
    let content = text(textDigest: try textPath.map { try SHA256.hex(ofFile: $0) })
    return SHA256.hex(of: "\(content)\n" + vocabulary.joined(separator: "\n"))
  }

  /// The settings as digests hold them. 0.1.0 printed its values as Swift does, so the names, their order and the names of types
  /// are those of 0.1.0 and never change; a later setting is added behind them where it is not at its default.
  func text(textDigest: String?) -> String {
    let family = shape.modelType == .megatronBERT ? "megatronBERT" : shape.modelType.modelType
    let encoder = """
      Trials.EncoderShape(modelType: Trials.EncoderShape.ModelType.\(family), hiddenSize: \(shape.hiddenSize), \
      layerCount: \(shape.layerCount), headCount: \(shape.headCount), intermediateSize: \(shape.intermediateSize), \
      positionCount: \(shape.positionCount), typeCount: \(shape.typeCount), layerNormEpsilon: \(shape.layerNormEpsilon), \
      initializerRange: \(shape.initializerRange))
      """
    let clip = optimizer.clip.map { "Optional(Trials.OptimizerSpecification.Clip.\($0.rawValue))" } ?? "nil"
    let rule = """
      Trials.OptimizerSpecification(algorithm: Trials.OptimizerSpecification.Algorithm.\(optimizer.algorithm.rawValue), \
      learningRate: \(optimizer.learningRate), biasCorrection: \(optimizer.biasCorrection), beta1: \(optimizer.beta1), \
      beta2: \(optimizer.beta2), epsilon: \(optimizer.epsilon), weightDecay: \(optimizer.weightDecay), \
      decayTowards: Trials.OptimizerSpecification.DecayTarget.\(optimizer.decayTowards.rawValue), \
      matchesStepMass: \(optimizer.matchesStepMass), clip: \(clip), maximumGradientNorm: \(optimizer.maximumGradientNorm))
      """
    let rate = """
      Trials.ScheduleSpecification(kind: Trials.ScheduleSpecification.Kind.\(schedule.kind.rawValue), warmup: \(schedule.warmup), \
      totalSteps: \(schedule.totalSteps.map { "Optional(\($0))" } ?? "nil"))
      """
    let isOwn = textPath != nil || language == BuiltInLanguage.synthetic.name
    let later =
      (isOwn ? "" : ", language: \(language)") + (pairs.map { ", pairs: \($0.rawValue)" } ?? "")
      + (shape.embeddingSize.map { ", embeddingSize: \($0)" } ?? "")
      + (arithmetic == .ofIdentifiers ? "" : ", arithmetic: \(arithmetic.rawValue)")
    return """
      PretrainingSettings(textPath: \(textDigest.map { "Optional(\"\($0)\")" } ?? "nil"), vocabularyPath: nil, \
      lowercases: \(lowercases), shape: \(encoder), dropout: \(dropout), stepCount: \(stepCount), batchSize: \(batchSize), \
      evaluateEvery: \(evaluateEvery), optimizer: \(rule), schedule: \(rate), seed: \(seed)\(later))
      """
  }
}
