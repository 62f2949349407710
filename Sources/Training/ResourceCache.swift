// What trials of one process share: task data, encoded texts, model folders, pre-trained weights. Everything is read
// once and never changed; only the classifier's own weights are, and every trial overwrites all of them.

import Datasets
import Kernels
import Statistics
import Tokenization
import Transformer
import Trials

/// Everything a trial trains on: the encoded data and a classifier with its starting weights.
struct TrialResources {
  /// The classifier, weights at their start, with what its training needs.
  let workspace: TrainingWorkspace
  /// The weights at their start, as long as the layout; the head's may differ.
  let startWeights: [Float]
  /// The encoded task.
  let task: EncodedTask
  /// Where the vocabulary of a kept model comes from.
  let vocabulary: VocabularySource
  /// Whether the tokenizer lower-cases.
  let lowercases: Bool

  /// The classifier, weights at their start.
  var classifier: Classifier { workspace.classifier }

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

/// A classifier with its gradients and optimizer, whose memory one trial hands to the next: no trial reads what another
/// left in it.
final class TrainingWorkspace {
  let classifier: Classifier
  /// The moments; a trial restarts them.
  private(set) lazy var optimizer = Optimizer(
    OptimizerSpecification(), layout: classifier.layout, team: classifier.team)
  /// The gradients; every step overwrites them.
  private(set) lazy var gradients = GradientArena(classifier.layout)

  init(_ configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam) {
    classifier = Classifier(configuration: configuration, labelCount: labelCount, team: team)
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
    chanceLoss = isRegression ? nil : Sample.entropy(ofCounts: classCounts(train, data.labelCount))
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
  private var workspace: TrainingWorkspace?
  private let team: ThreadTeam
  /// What models and data ask to be told the user, in the order of reading.
  private(set) var remarks: [String] = []

  /// A cache that has read nothing yet, whose classifiers compute on a team.
  init(team: ThreadTeam = .alone) { self.team = team }

  /// The data and the starting weights of a trial.
  ///
  /// - Throws: what stands in the way of reading a file, or a `TrainingError` where data and model do not fit.
  func resources(_ configuration: TrialConfiguration, initializationSeed seed: UInt64) throws -> TrialResources {
    let model = configuration.model
    let encoder = try encoder(model)
    let task = try encodedTask(configuration, encoder)
    try check(task, of: configuration, fits: encoder)
    let workspace = workspace(encoder.configuration, labelCount: task.labelCount)
    let classifier = workspace.classifier
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
      workspace: workspace, startWeights: startWeights ?? Array(classifier.parameters), task: task,
      vocabulary: encoder.vocabulary, lowercases: encoder.folder?.lowercases ?? true)
  }

  /// A task's data, read once.
  func data(_ description: TaskDescription) throws -> TaskData {
    if let known = tasks.first(where: { $0.key == description }) { return known.data }
    let data = try TaskReader.load(description)
    tasks.append((description, data))
    remarks += data.remarks
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
    let folder = try folder(path)
    return Encoder(
      configuration: folder.configuration,
      vocabulary: .file(folder.vocabularyPath, lowercases: folder.lowercases), folder: folder)
  }

  private func folder(_ path: String) throws -> ModelFolder {
    if let known = folders[path] { return known }
    let folder = try ModelFolder(path)
    folders[path] = folder
    remarks += folder.notes
    return folder
  }

  /// The task of a configuration as tokens, encoded once for each vocabulary, length and order of a kept head's classes.
  func encodedTask(_ configuration: TrialConfiguration, _ encoder: Encoder) throws -> EncodedTask {
    let key = EncodedKey(
      task: try TaskDescription(configuration.task, subset: configuration.trainSubset),
      vocabulary: encoder.vocabulary, maximumLength: configuration.task.maximumLength,
      headNames: configuration.model.head == .keep ? encoder.folder?.labelNames : nil)
    if let known = encoded.first(where: { $0.key == key }) { return known.task }
    let task = EncodedTask(
      try data(key.task).ordered(asIn: key.headNames, of: encoder.folder?.path ?? ""),
      tokenizer: try tokenizer(key.vocabulary),
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
  private func workspace(_ configuration: EncoderConfiguration, labelCount: Int) -> TrainingWorkspace {
    if let workspace, workspace.classifier.configuration == configuration,
      workspace.classifier.labelCount == labelCount
    {
      return workspace
    }
    workspace = nil  // its memory goes before the next one's comes
    let made = TrainingWorkspace(configuration, labelCount: labelCount, team: team)
    workspace = made
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
