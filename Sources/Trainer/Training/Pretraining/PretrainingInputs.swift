// What a pre-training reads, and what it will take: known before anything is written or the model is made.

import Architectures
import ConfigurationChecks
import Datasets
import FolderTokenizers
import Kernels
import ModelFiles
import Tokenization
import Transformer
import Trials

/// What a run of some settings reads, and what it will take: known before anything is written or the model is made.
package struct PretrainingInputs {
  /// What decides the run's bytes.
  package let settings: PretrainingSettings
  /// Bytes that the run takes at most beside the program: weights, gradients and moments, the sentences, and the buffers of
  /// the largest batch.
  package let byteCount: Int
  let configuration: EncoderConfiguration
  let vocabulary: ModelFolder.Vocabulary
  let task: any LanguageModelTask
  let source: SentenceSource
  let heldOut: [PredictedBatch]
  /// The digest of everything that decides the run's bytes.
  package let digest: String

  /// Reads vocabulary and text.
  ///
  /// - Throws: what is wrong with the settings or a file.
  package init(_ settings: PretrainingSettings) throws {
    self.settings = settings
    let source = settings.vocabularyPath.map {
      VocabularySource.files(TokenizerFiles(.wordPiece(lowercases: settings.lowercases), vocabularyPath: $0))
    }
    let words = try source ?? .language(settings.language)
    let tokenizer = try words.tokenizer()
    vocabulary = words.written.vocabulary
    configuration = try settings.encoder(for: tokenizer)
    for problems in [settings.trial.problems, configuration.problems] where !problems.isEmpty {
      throw TrainingError(problems.joined(separator: "; "))
    }
    if settings.pairs != nil && configuration.architecture.pairClassName == nil {
      let families = Architecture.all.filter { $0.pairClassName != nil }.map(\.modelType).joined(separator: " or ")
      throw TrainingError(
        "a model of type \"\(configuration.architecture.modelType)\" has no head for two sentences; take \(families), or no pairs"
      )
    }
    task = try configuration.architecture.languageModelTask(tokenizer)
    let length = configuration.longestSequence
    if let path = settings.textPath {
      self.source = try SentenceSource(
        contentsOf: path, pairs: settings.pairs, tokenizer: tokenizer, task: task, maximumLength: length)
    } else {
      let language = try BuiltInLanguage.named(settings.language)
      self.source = try SentenceSource(of: language, pairs: settings.pairs, for: tokenizer, maximumLength: length)
    }
    heldOut = self.source.heldOutBatches(task, size: EvaluationSet.batchSize)
    digest = try settings.digest(tokenizer.vocabulary)
    byteCount = Self.byteCount(settings, configuration, self.source, share: task.share)
  }

  private static func byteCount(
    _ settings: PretrainingSettings, _ configuration: EncoderConfiguration, _ source: SentenceSource, share: Double
  ) -> Int {
    func activations(_ lengths: [Int], training: Bool) -> Int {
      // As many tokens as are predicted on average, and at least one a sentence.
      let counts = lengths.map { max(1, Int((share * Double($0)).rounded(.up))) }
      return LanguageModel.workspaceByteCount(
        configuration, lengths: lengths, maskedCounts: counts, relatesPairs: settings.pairs != nil, training: training)
    }
    let longestHeldOut = source.heldOut.lengths.sorted(by: >).prefix(EvaluationSet.batchSize)
    return Pretraining.stateByteCount(configuration, settings) + source.byteCount
      + max(
        activations(source.longestLengths(size: settings.batchSize), training: true),
        activations(Array(longestHeldOut), training: false))
  }
}

extension Architecture {
  /// What its language models predict.
  ///
  /// - Throws: `DataError` if the vocabulary lacks what the task needs.
  package func languageModelTask(_ tokenizer: any Tokenizer) throws -> any LanguageModelTask {
    switch mask {
    case .causal: NextTokens()
    case .all, .local: try WordMasking(tokenizer)
    }
  }
}
