// What trials of one process share: task data, encoded texts, model folders, pre-trained weights. Everything is read
// once and never changed; only the classifier's own weights are, and every trial overwrites all of them.

import Datasets
import Glibc
import Tokenization
import Transformer
import Trials

/// Everything a trial trains on: the encoded data and a classifier with its starting weights.
struct TrialResources {
  /// The classifier, weights at their start.
  let classifier: Classifier
  /// The weights at their start, as long as the layout; the head's may differ.
  let startWeights: [Float]
  /// The encoded task.
  let task: EncodedTask
  /// Where the vocabulary of a kept model comes from.
  let vocabulary: VocabularySource
  /// Whether the tokenizer lower-cases.
  let lowercases: Bool

  /// Writes the classifier as a model folder.
  func writeModel(to path: String) throws {
    let source: ModelFolder.Vocabulary =
      switch vocabulary {
      case .file(let path, _): .file(path)
      case .synthetic: .tokens(SyntheticLanguage.vocabulary)
      }
    try ModelFolder.write(
      classifier, labelNames: task.labelNames, vocabulary: source, lowercases: lowercases, to: path)
  }
}

/// Where a tokenizer's vocabulary comes from.
enum VocabularySource: Hashable, Sendable {
  /// A `vocab.txt`.
  case file(String, lowercases: Bool)
  /// The words of the built-in language.
  case synthetic
}

/// A task's texts as tokens, with what follows from its labels.
struct EncodedTask: Sendable {
  let labelNames: [String]
  let isRegression: Bool
  let train: EncodedSet
  let dev: EvaluationSet
  /// The dev examples of the largest class; nil for regression.
  let majorityCount: Int?
  /// The entropy of the training labels in nats; nil for regression.
  let chanceLoss: Double?

  /// The width of the classification head.
  var labelCount: Int { max(1, labelNames.count) }

  init(_ data: TaskData, tokenizer: WordPieceTokenizer, maximumLength: Int) {
    labelNames = data.labelNames
    isRegression = data.isRegression
    train = EncodedSet(data.train, tokenizer: tokenizer, maximumLength: maximumLength)
    let examples = EncodedSet(data.dev, tokenizer: tokenizer, maximumLength: maximumLength)
    dev = EvaluationSet(examples, indices: Array(0..<examples.count), halves: examples.halves())
    majorityCount = isRegression ? nil : classCounts(examples, data.labelCount).max()
    chanceLoss = isRegression ? nil : entropy(classCounts(train, data.labelCount))
  }
}

/// Reads each file once for all trials of a process.
final class ResourceCache {
  /// An encoder and where its weights come from.
  struct Encoder {
    let configuration: EncoderConfiguration
    let vocabulary: VocabularySource
    /// The model folder; nil for a random start.
    let folder: ModelFolder?
  }

  private struct EncodedKey: Equatable {
    var task: TaskDescription
    var vocabulary: VocabularySource
    var maximumLength: Int
    var headNames: [String]?
  }

  private struct WeightsKey: Hashable {
    var path: String
    var labelCount: Int
    var keepsHead: Bool
  }

  private var folders: [String: ModelFolder] = [:]
  private var tokenizers: [VocabularySource: WordPieceTokenizer] = [:]
  private var tasks: [(key: TaskDescription, data: TaskData)] = []
  private var encoded: [(key: EncodedKey, task: EncodedTask)] = []
  private var pretrained: [WeightsKey: [Float]] = [:]
  private var classifier: Classifier?

  /// The data and the starting weights of a trial.
  ///
  /// - Throws: what stands in the way of reading a file, or a `TrainingError` where data and model do not fit.
  func resources(_ configuration: TrialConfiguration, initializationSeed seed: UInt64) throws -> TrialResources {
    let model = configuration.model
    let encoder = try encoder(model)
    let task = try encodedTask(configuration, encoder)
    try check(task, of: configuration.task, fits: encoder.configuration)
    let classifier = classifier(encoder.configuration, labelCount: task.labelCount)
    var startWeights: [Float]?
    if let folder = encoder.folder {
      let key = WeightsKey(path: folder.path, labelCount: task.labelCount, keepsHead: model.head == .keep)
      let weights = try pretrained[key] ?? loaded(folder, into: classifier, key)
      _ = classifier.parameters.update(fromContentsOf: weights)
      if !key.keepsHead { classifier.initializeHead(seed: seed) }
      if folder.holdsPooler { startWeights = weights } else { classifier.initializePooler(seed: seed) }
    } else {
      classifier.initialize(seed: seed)
    }
    return TrialResources(
      classifier: classifier, startWeights: startWeights ?? Array(classifier.parameters), task: task,
      vocabulary: encoder.vocabulary, lowercases: encoder.folder?.lowercases ?? true)
  }

  /// A task's data, read once.
  func data(_ description: TaskDescription) throws -> TaskData {
    if let known = tasks.first(where: { $0.key == description }) { return known.data }
    let data = try TaskReader.load(description)
    tasks.append((description, data))
    return data
  }

  /// An encoder's configuration, vocabulary and folder.
  func encoder(_ model: ModelSpecification) throws -> Encoder {
    guard let path = model.path else {
      let vocabulary = model.vocabularyPath.map { VocabularySource.file($0, lowercases: true) } ?? .synthetic
      let size = try tokenizer(vocabulary).vocabulary.count
      return Encoder(
        configuration: EncoderConfiguration(model.shape, vocabularySize: size), vocabulary: vocabulary, folder: nil)
    }
    let folder = try folders[path] ?? ModelFolder(path)
    folders[path] = folder
    return Encoder(
      configuration: folder.configuration,
      vocabulary: .file(folder.vocabularyPath, lowercases: folder.lowercases), folder: folder)
  }

  /// The task of a configuration as tokens, encoded once for each vocabulary, length and order of a kept head's classes.
  func encodedTask(_ configuration: TrialConfiguration, _ encoder: Encoder) throws -> EncodedTask {
    let key = EncodedKey(
      task: try TaskDescription(configuration.task, subset: configuration.trainSubset),
      vocabulary: encoder.vocabulary, maximumLength: configuration.task.maximumLength,
      headNames: configuration.model.head == .keep ? encoder.folder?.labelNames : nil)
    if let known = encoded.first(where: { $0.key == key }) { return known.task }
    let task = EncodedTask(
      try data(key.task).ordered(asIn: key.headNames), tokenizer: try tokenizer(key.vocabulary),
      maximumLength: key.maximumLength)
    encoded.append((key, task))
    return task
  }

  /// The tokenizer of a vocabulary, read once.
  func tokenizer(_ source: VocabularySource) throws -> WordPieceTokenizer {
    if let known = tokenizers[source] { return known }
    let tokenizer =
      switch source {
      case .file(let path, let lowercases): try WordPieceTokenizer(contentsOf: path, lowercases: lowercases)
      case .synthetic: try WordPieceTokenizer(vocabulary: SyntheticLanguage.vocabulary, lowercases: true)
      }
    tokenizers[source] = tokenizer
    return tokenizer
  }

  /// The one classifier of this process, made anew only where its shape changes.
  private func classifier(_ configuration: EncoderConfiguration, labelCount: Int) -> Classifier {
    if let classifier, classifier.configuration == configuration, classifier.labelCount == labelCount {
      return classifier
    }
    classifier = nil  // its memory goes before the next one's comes
    let made = Classifier(configuration: configuration, labelCount: labelCount)
    classifier = made
    return made
  }

  private func loaded(_ folder: ModelFolder, into classifier: Classifier, _ key: WeightsKey) throws -> [Float] {
    try folder.load(into: classifier, keepHead: key.keepsHead, seed: 0)
    let weights = Array(classifier.parameters)
    pretrained[key] = weights
    return weights
  }
}

/// The examples of each class.
private func classCounts(_ set: EncodedSet, _ labelCount: Int) -> [Int] {
  set.classes.reduce(into: [Int](repeating: 0, count: labelCount)) { $0[Int($1)] += 1 }
}

/// The entropy of counts, in nats.
func entropy(_ counts: [Int]) -> Double {
  let total = Double(counts.reduce(0, +))
  return counts.reduce(0.0) { sum, count in
    count == 0 ? sum : sum - Double(count) / total * log(Double(count) / total)
  }
}
