// A model folder as Hugging Face publishes it: `config.json`, a tokenizer's files and weights. Everything but
// the weights' values is read and checked when the folder is opened. It reads the families of `Architecture.all`, and it does not
// tokenize.

import Architectures
import Files
import FolderTokenizers
import Host
import ModelFiles
import WeightFiles

/// A model folder whose configuration, vocabulary size and tensor shapes have been checked.
package struct ModelFolder: Sendable {
  package let path: String
  package let configuration: EncoderConfiguration
  package let tokenizer: TokenizerFiles
  /// The file that describes the encoder, and the labels of a head that is kept.
  private let file: ConfigurationFile
  /// The labels of the classification head in the weights, or nil where it holds none.
  package let headLabelCount: Int?
  /// Whether the folder holds a masked-language-model head, with a decoder of its own if that does not share the word embeddings.
  package let holdsLanguageModelHead: Bool
  /// Every file that a model is read from, in a fixed order.
  package let filePaths: [String]
  /// Those whose bytes decide what a model does: what a content digest covers. The others only name tokens, which a digest
  /// covers as they are.
  package let digestedPaths: [String]
  /// What a user should be told about the folder, one sentence each; usually nothing.
  package let notes: [String]
  /// Whether the folder holds the pooler of its family, or the family has none; if not, each trial draws its own.
  package let holdsPooler: Bool
  /// The weights' files, open as long as the folder is known: a file that takes the place of one changes nothing.
  let weights: WeightSource

  /// Opens a folder and checks all of it but the weights' values.
  ///
  /// - Throws: `ModelFileError` naming the file, the key or the tensor, what was found and what is allowed.
  package init(_ path: String) throws {
    try Self.checkConfiguration(of: path)
    let file = try ConfigurationFile(path + "/config.json")
    // What kind of model this is comes first: advice about the files of another kind would lead nowhere.
    let configuration = try file.encoderConfiguration()
    try Self.checkFiles(of: path, modelType: configuration.architecture.modelType)
    let (source, holdsPooler) = try Self.weights(of: path, configuration, file)
    let tokens = try TokenizerFiles.read(
      path, modelType: configuration.architecture.modelType, limit: configuration.vocabularySize)
    var notes: [String] = []
    if !file.namesModelType {
      notes.append("\(file.path) has no model_type; it is read as \"bert\", whose names and shapes its tensors have.")
    }
    if !holdsPooler { notes.append("\(path) has no pooler; it is initialized from each trial's seed.") }
    self.path = path
    self.file = file
    self.configuration = configuration
    weights = source
    self.holdsPooler = holdsPooler
    self.notes = notes + tokens.notes
    headLabelCount = source.holdsHead ? try source.headLabelCount() : nil
    holdsLanguageModelHead =
      source.holdsLanguageModelHead && (configuration.sharesWordTable || source.holdsDecoder)
    tokenizer = tokens.files
    digestedPaths = [file.path] + tokens.paths + source.files.paths
    filePaths = digestedPaths + tokens.tokenPaths
  }

  /// The weights of a folder, whose tensors fit the configuration, and whether they hold the family's pooler.
  private static func weights(
    of path: String, _ configuration: EncoderConfiguration, _ file: ConfigurationFile
  ) throws -> (WeightSource, holdsPooler: Bool) {
    let files = try FolderWeights(of: path)
    do {
      let source = try WeightSource(files, configuration)
      let layout = ParameterLayout(configuration, labelCount: 1)
      let holdsPooler = source.holdsPooler || !layout.tensors.contains { $0.group == .pooler }
      for tensor in layout.tensors
      where tensor.group != .head && (holdsPooler || tensor.group != .pooler) {
        _ = try source.tensor(for: tensor)
      }
      // An encoder that was saved by itself has other families' names as well, which have other tokenizers or always had the key.
      let isKnown = file.namesModelType || source.hasPrefix || ModelFile.exists(path + "/vocab.txt")
      if isKnown { return (source, holdsPooler) }
      throw ModelFileError(
        path: files.path, reason: "no tensor's name begins with \"bert.\", and there is no vocab.txt")
    } catch let error as ModelFileError where !file.namesModelType {
      throw file.error(
        "model_type",
        "is missing, and the weights do not say that this is a BERT (\(error.reason)); "
          + "write \"model_type\": \"bert\" into the file if it is one")
    }
  }

  /// The labels of `id2label` in the order of their numbers, or nil where `config.json` names none. Only a head that is
  /// kept has them.
  ///
  /// - Throws: `ModelFileError` where they are not the labels of a head.
  package func labelNames() throws -> [String]? { try file.labelNames() }

  /// The file with the weights, or the index of those that hold them.
  package var weightsPath: String { weights.files.path }
  package var vocabularyPath: String { tokenizer.vocabularyPath }

  /// Its family, its tokenizer and what a classifier's head reads, in one sentence.
  package var fact: String {
    let family = configuration.architecture
    return "model \(RawFile.name(of: path)): \(family.modelType), tokenizer \(tokenizer.kindName); a classifier reads "
      + family.head.summary
  }

  /// Reads the weights into a classifier of this folder's configuration. The head, unless it is kept, and a pooler that the
  /// folder lacks are drawn from `seed`.
  ///
  /// - Throws: as `StartingWeights.write`.
  package func load(into classifier: Classifier, keepHead: Bool, seed: UInt64) throws {
    try StartingWeights(of: self, keepsHead: keepHead, seed: seed).write(to: classifier)
  }

  /// Reads the weights into a language model of this folder's configuration.
  ///
  /// - Throws: `ModelFileError` naming the tensor, what was found and what is expected.
  package func load(into model: LanguageModel) throws {
    guard holdsLanguageModelHead else {
      let names =
        configuration.architecture.languageModelHead.hasBias
        ? " (\(name(of: .decoderBias).prefix(upToLast: "."))*)" : ""
      throw ModelFileError(
        path: weightsPath,
        reason: "there is no masked-language-model head\(names) with a decoder")
    }
    for tensor in model.layout.tensors { try weights.read(tensor, from: 0, into: model.values(of: tensor)) }
    try weights.files.checkUnchanged()
  }

  private func name(of role: TensorRole) -> String {
    configuration.architecture.name(of: role, layerCount: configuration.layerCount)
  }

  /// Checks that the folder holds a head of `labelCount` labels, and a pooler before it.
  ///
  /// - Throws: `ModelFileError` naming what is missing or differs.
  package func checkHead(labelCount: Int) throws {
    func fault(_ reason: String) -> ModelFileError { ModelFileError(path: weightsPath, reason: reason) }
    let weight = name(of: .linear(.classifier, .weight))
    guard let found = headLabelCount else {
      let absence =
        configuration.architecture.head.hasOutputBias
        ? "neither \(weight) nor \(name(of: .linear(.classifier, .bias))) is in the file; a fine-tuned folder has them"
        : "\(weight) is not in the file; a fine-tuned folder has it"
      throw fault("there is no classification head to keep: \(absence), and a new head needs none")
    }
    guard holdsPooler else {
      throw fault(
        "there is a classification head to keep, but no pooler (\(name(of: .linear(.pooler, .weight)))) before it")
    }
    guard found == labelCount else {
      throw fault(
        "tensor \"\(weight)\": the head to keep has \(counted(found, "label")), "
          + "and \(labelCount) \(labelCount == 1 ? "is" : "are") expected")
    }
  }
}

extension ModelFolder {
  /// Refuses a path that is no folder, and a folder without configuration.
  private static func checkConfiguration(of path: String) throws {
    guard ModelFile.exists(path) else {
      throw ModelFileError(path: path, reason: MissingModelFolder.reason(path))
    }
    guard !ModelFile.exists(path + "/config.json") else { return }
    let advice =
      ModelFile.exists(path + "/bert_config.json")
      ? " but a bert_config.json, as Google published BERT; copy it to config.json, which Hugging Face reads" : ""
    throw ModelFileError(path: path, reason: "there is no config.json in this folder\(advice)")
  }

  /// Names what is missing from a folder.
  private static func checkFiles(of path: String, modelType: String) throws {
    guard FolderWeights.path(in: path) != nil else {
      throw ModelFileError(path: path, reason: FolderWeights.absence)
    }
    try TokenizerFiles.requireVocabulary(in: path, modelType: modelType)
  }
}

extension String {
  /// The text up to the last occurrence of a character, with it; all of it where there is none.
  fileprivate func prefix(upToLast character: Character) -> Substring {
    lastIndex(of: character).map { self[...$0] } ?? self[...]
  }
}
