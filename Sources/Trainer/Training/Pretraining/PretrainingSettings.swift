// What decides every byte of a pre-training, as plain values, and the digest by which a checkpoint knows its own.

import Architectures
import Digests
import Transformer
import Trials

/// What decides every byte of a pre-training run.
package struct PretrainingSettings: Equatable, Sendable {
  /// A text with one sentence on each line; nil for the built-in language.
  package var textPath: String?
  /// A `vocab.txt`; nil for the built-in language's words.
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
    return trial
  }

  func encoder(vocabularySize: Int) -> EncoderConfiguration {
    var configuration = EncoderConfiguration(shape, vocabularySize: vocabularySize)
    configuration.hiddenDropoutProbability = dropout
    configuration.attentionDropoutProbability = dropout
    return configuration
  }

  /// A digest of the settings, the vocabulary and the text. Checkpoints hold it, so the settings' text, field names
  /// included, must not change.
  func digest(_ vocabulary: [String]) throws -> String {
    var content = self
    content.textPath = try textPath.map { try SHA256.hex(ofFile: $0) }
    content.vocabularyPath = nil
    return SHA256.hex(of: "\(content)\n" + vocabulary.joined(separator: "\n"))
  }
}

extension Architecture: CustomDebugStringConvertible {
  /// The family as settings' digests name it: since 0.1.0, where families were cases of an enumeration.
  package var debugDescription: String {
    "Trials.EncoderShape.ModelType." + (modelType == "megatron-bert" ? "megatronBERT" : modelType)
  }
}
