// The files that the trials of a process share, each read once: task data as tokens, tokenizers, model folders. What is
// read here never changes afterwards, so the leader's estimates and the trainer may share it from their threads; texts are
// let go as soon as they are tokens.

import Arithmetics
import Datasets
import EmbeddedModels
import FolderTokenizers
import Foundation
import ModelFiles
import Statistics
import Synchronization
import Tokenization
import Transformer
import Trials

/// Where a tokenizer comes from.
enum VocabularySource: Hashable, Sendable {
  /// A model folder, or a vocabulary file.
  case files(TokenizerFiles)
  /// The words of a language inside the program.
  case builtIn([String])

  /// The words of a language inside the program.
  static func language(_ name: String) throws -> Self {
    .builtIn(try BuiltInLanguage.named(name).vocabulary)
  }

  /// The tokenizer.
  ///
  /// - Throws: an error of the vocabulary's.
  func tokenizer() throws -> any Tokenizer {
    switch self {
    case .files(let files): try files.tokenizer()
    case .builtIn(let words): try TextTokenizer(wordPieces: words, lowercases: true)
    }
  }

  /// What a written model folder is given.
  var written: (vocabulary: ModelFolder.Vocabulary, lowercases: Bool, added: [AddedToken]) {
    switch self {
    case .files(let files):
      switch files.kind {
      case .wordPiece(let lowercases, let added): (.file(files.vocabularyPath), lowercases, added)
      case .folder(let folder): (.folder(folder.paths, padding: folder.padding), true, [])
      }
    case .builtIn(let words): (.tokens(words), true, [])
    }
  }

  /// What messages call it: the last part of the folder's path, or of the file's.
  var title: String {
    guard case .files(let files) = self else { return "the built-in language" }
    return files.title
  }
}

extension TrialConfiguration {
  /// Where the tokenizer of a random start comes from: a file, or the language of the task.
  fileprivate func vocabularySource() throws -> VocabularySource {
    guard let vocabularyPath = model.vocabularyPath else {
      return try .language(task.builtIn?.language ?? BuiltInLanguage.synthetic.name)
    }
    return .files(TokenizerFiles(.wordPiece(lowercases: true), vocabularyPath: vocabularyPath))
  }
}

/// A task's texts as tokens, with what follows from its labels.
struct EncodedTask: Sendable {
  let labelNames: [String]
  let isRegression: Bool
  let train: EncodedSet
  let dev: EvaluationSet
  /// The sets that are scored once, after the last step.
  let finalSets: [FinalSet<EvaluationSet>]
  /// The dev examples of the largest class; nil for regression.
  let majorityCount: Int?
  /// The training examples of each class; nil for regression.
  private let trainingCounts: [Int]?

  /// The width of the classification head.
  var labelCount: Int { max(1, labelNames.count) }

  init(_ data: TaskData, tokenizer: any Tokenizer, maximumLength: Int) {
    labelNames = data.labelNames
    isRegression = data.isRegression
    train = EncodedSet(data.train, tokenizer: tokenizer, maximumLength: maximumLength)
    let examples = EncodedSet(data.dev, tokenizer: tokenizer, maximumLength: maximumLength)
    dev = EvaluationSet(all: examples, positiveClass: data.positiveClass)
    finalSets = data.finalSets.map { set in
      set.map {
        EvaluationSet(
          all: EncodedSet($0, tokenizer: tokenizer, maximumLength: maximumLength), positiveClass: data.positiveClass)
      }
    }
    majorityCount = isRegression ? nil : classCounts(examples, data.labelCount).max()
    trainingCounts = isRegression ? nil : classCounts(train, data.labelCount)
  }

  /// The entropy of the training labels in nats; nil for regression.
  func chanceLoss(_ arithmetic: Arithmetic) -> Double? {
    trainingCounts.map { Sample.entropy(ofCounts: $0, arithmetic) }
  }
}

/// Reads each file once for all trials of a process.
package final class ResourceReader: Sendable {
  /// An encoder and where its weights come from.
  struct EncoderSource {
    let configuration: EncoderConfiguration
    let vocabulary: VocabularySource
    /// The model folder; nil for a random start.
    let folder: ModelFolder?
  }

  private let contents = Mutex(Contents())

  /// Nothing read yet.
  package init() {}

  /// What the models and data read so far ask to be told the user, such as a missing pooler or rows left out, in the order
  /// of reading.
  package var remarks: [String] { contents.withLock { $0.remarks } }

  /// A sentence for each task of files that was read: its classes and how much of its text the vocabulary lacks.
  package var facts: [String] { contents.withLock { $0.facts } }

  /// Bytes that the encoded tasks and the tokenizers take.
  package var byteCount: Int { contents.withLock { $0.byteCount } }

  /// An encoder's configuration, vocabulary and folder.
  func encoder(_ configuration: TrialConfiguration) throws -> EncoderSource {
    try contents.withLock { try $0.encoder(configuration) }
  }

  /// The tokenizer of a model folder.
  ///
  /// - Throws: an error of the vocabulary's.
  package func tokenizer(of folder: ModelFolder) throws -> any Tokenizer {
    try contents.withLock { try $0.tokenizer(.files(folder.tokenizer)) }
  }

  /// The task of a configuration as tokens, encoded once for each vocabulary, length and order of a kept head's classes.
  func encodedTask(_ configuration: TrialConfiguration, _ encoder: EncoderSource) throws -> EncodedTask {
    try contents.withLock { try $0.encodedTask(configuration, encoder) }
  }
}

/// What was read so far.
private struct Contents {
  private struct EncodedKey: Equatable {
    var task: TaskDescription
    var vocabulary: VocabularySource
    var maximumLength: Int
    var headNames: [String]?
  }

  private var folders: [String: ModelFolder] = [:]
  private var tokenizers: [VocabularySource: any Tokenizer] = [:]
  private var encoded: [(key: EncodedKey, task: EncodedTask)] = []
  private(set) var remarks: [String] = []
  private(set) var facts: [String] = []

  var byteCount: Int {
    encoded.reduce(tokenizers.values.reduce(0) { $0 + $1.byteCount }) {
      $0 + $1.task.sets.reduce(0) { $0 + $1.set.byteCount }
    }
  }

  mutating func encoder(_ trial: TrialConfiguration) throws -> ResourceReader.EncoderSource {
    let model = trial.model
    guard let path = model.path else {
      let vocabulary = try trial.vocabularySource()
      return ResourceReader.EncoderSource(
        configuration: try EncoderConfiguration(model.shape, for: tokenizer(vocabulary)), vocabulary: vocabulary,
        folder: nil)
    }
    let folder = try folder(path)
    return ResourceReader.EncoderSource(
      configuration: folder.configuration, vocabulary: .files(folder.tokenizer), folder: folder)
  }

  mutating func encodedTask(_ configuration: TrialConfiguration, _ encoder: ResourceReader.EncoderSource) throws
    -> EncodedTask
  {
    let key = EncodedKey(
      task: try TaskDescription(configuration.task, subset: configuration.trainSubset),
      vocabulary: encoder.vocabulary, maximumLength: configuration.task.maximumLength,
      headNames: configuration.model.head == .keep ? try encoder.folder?.labelNames() : nil)
    if let known = encoded.first(where: { $0.key == key }) { return known.task }
    let task = try encode(key, encoder)
    giveBackFreedMemory()
    encoded.append((key, task))
    return task
  }

  private mutating func encode(_ key: EncodedKey, _ encoder: ResourceReader.EncoderSource) throws -> EncodedTask {
    let data = try TaskReader.load(key.task)
    note(data.remarks)
    let tokenizer = try tokenizer(key.vocabulary)
    try tokenizer.checkLength(key.maximumLength)
    let task = EncodedTask(
      try data.ordered(asIn: key.headNames, of: encoder.folder?.path ?? ""), tokenizer: tokenizer,
      maximumLength: key.maximumLength)
    let isBuiltIn =
      data.files.isEmpty && task.sets.allSatisfy { $0.set.unknownTokens.unknownCount == 0 && $0.set.cut.textCount == 0 }
    let (name, vocabulary, length) = (key.task.name, key.vocabulary.title, key.maximumLength)
    let fact = task.fact(task: name, vocabulary: vocabulary, maximumLength: length)
    if !isBuiltIn, !facts.contains(fact) { facts.append(fact) }
    note(task.warnings(task: name, vocabulary: vocabulary, maximumLength: length))
    return task
  }

  private mutating func folder(_ path: String) throws -> ModelFolder {
    if let known = folders[path] { return known }
    let folder = try ModelFolder(path)
    folders[path] = folder
    note(folder.notes)
    if EmbeddedModel.contents(of: folder.vocabularyPath) == nil { facts.append(folder.fact) }
    return folder
  }

  mutating func tokenizer(_ source: VocabularySource) throws -> any Tokenizer {
    if let known = tokenizers[source] { return known }
    let tokenizer = try source.tokenizer()
    tokenizers[source] = tokenizer
    return tokenizer
  }

  /// A file that is read for two vocabularies says the same twice.
  private mutating func note(_ new: [String]) {
    remarks += new.filter { !remarks.contains($0) }
  }
}

extension Tokenizer {
  /// Refuses a length that leaves no room for the tokens around a pair.
  func checkLength(_ length: Int) throws {
    let count = frame.tokenCount(isPair: true)
    guard length >= count else {
      throw TrainingError(
        "task.max_length is \(length), and this model's tokenizer puts \(count) tokens around a pair; give at least \(count)"
      )
    }
  }
}

/// Texts are many small pieces, whose pages glibc would keep for later ones; its `malloc_trim`, which Swift does not import
/// and other C libraries lack, gives them back.
private func giveBackFreedMemory() {
  typealias Trim = @convention(c) (Int) -> Int32
  guard let function = dlsym(nil, "malloc_trim") else { return }
  _ = unsafeBitCast(function, to: Trim.self)(0)
}

/// The examples of each class.
private func classCounts(_ set: EncodedSet, _ labelCount: Int) -> [Int] {
  set.classes.reduce(into: [Int](repeating: 0, count: labelCount)) { $0[Int($1)] += 1 }
}
