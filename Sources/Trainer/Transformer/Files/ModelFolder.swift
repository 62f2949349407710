// A model folder as Hugging Face publishes it: `config.json`, `vocab.txt`, `tokenizer_config.json` and
// `model.safetensors`. Everything but the weights' values is read and checked when the folder is opened. It reads the
// families of `Architectures`, no pickled weights, and it does not tokenize.

import Host

/// A model folder whose configuration, vocabulary size and tensor shapes have been checked.
package struct ModelFolder: Sendable {
  package let path: String
  package let configuration: EncoderConfiguration
  package let tokenizer: TokenizerFiles
  /// The labels of `id2label` in the order of their numbers, or nil where `config.json` names none.
  package let labelNames: [String]?
  /// The labels of the classification head in `model.safetensors`, or nil where it holds none.
  package let headLabelCount: Int?
  /// Whether the folder holds a masked-language-model head whose decoder shares the word embeddings.
  package let holdsLanguageModelHead: Bool
  /// Every file whose bytes decide what a model does: what a content digest covers, in a fixed order.
  package let filePaths: [String]
  /// What a user should be told about the folder, one sentence each; usually nothing.
  package let notes: [String]
  /// Whether the folder holds the pooler of its family, or the family has none; if not, each trial draws its own.
  package let holdsPooler: Bool
  /// The weights' file, open as long as the folder is known: a file that takes its place changes nothing.
  let weights: WeightSource

  /// Opens a folder and checks all of it but the weights' values.
  ///
  /// - Throws: `ModelFileError` naming the file, the key or the tensor, what was found and what is allowed.
  package init(_ path: String) throws {
    let configurationPath = path + "/config.json"
    try Self.checkFiles(of: path)
    let file = try ConfigurationFile(configurationPath)
    let configuration = try file.encoderConfiguration()
    let source = try WeightSource(path + "/model.safetensors", configuration)
    let layout = ParameterLayout(configuration, labelCount: 1)
    let holdsPooler = source.holdsPooler || !layout.tensors.contains { $0.group == .pooler }
    for tensor in layout.tensors
    where tensor.group != .head && (holdsPooler || tensor.group != .pooler) {
      _ = try source.tensor(for: tensor)
    }
    var notes: [String] = []
    if !holdsPooler { notes.append("\(path) holds no pooler: it is drawn anew from each trial's initialization seed.") }
    let tokenCount = try TokenizerFiles.tokenCount(in: path, limit: configuration.vocabularySize)
    if tokenCount < configuration.vocabularySize {
      notes.append("\(path)/vocab.txt has \(tokenCount) tokens for the \(configuration.vocabularySize) of vocab_size.")
    }
    self.path = path
    self.configuration = configuration
    weights = source
    self.holdsPooler = holdsPooler
    self.notes = notes
    labelNames = try file.labelNames()
    headLabelCount = source.holdsHead ? try source.headLabelCount() : nil
    holdsLanguageModelHead =
      try source.holdsLanguageModelHead && file.flag("tie_word_embeddings", default: true)
    tokenizer = try TokenizerFiles(of: path)
    filePaths = [configurationPath] + TokenizerFiles.paths(of: path) + [path + "/model.safetensors"]
  }

  /// Whether the tokenizer lower-cases (`do_lower_case`; true where the folder does not say, as in Hugging Face).
  package var lowercases: Bool { tokenizer.lowercases }
  package var vocabularyPath: String { tokenizer.vocabularyPath }

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
      throw ModelFileError(
        path: weights.file.path,
        reason:
          "there is no masked-language-model head (\(name(of: .decoderBias).prefix(upToLast: "."))*) that shares the "
          + "word embeddings")
    }
    for tensor in model.layout.tensors { try weights.read(tensor, from: 0, into: model.values(of: tensor)) }
    try weights.file.checkUnchanged()
  }

  private func name(of role: TensorRole) -> String {
    configuration.architecture.name(of: role, layerCount: configuration.layerCount)
  }

  /// Checks that the folder holds a head of `labelCount` labels, and a pooler before it.
  ///
  /// - Throws: `ModelFileError` naming what is missing or differs.
  package func checkHead(labelCount: Int) throws {
    func fault(_ reason: String) -> ModelFileError { ModelFileError(path: weights.file.path, reason: reason) }
    let weight = name(of: .linear(.classifier, .weight))
    guard let found = headLabelCount else {
      throw fault(
        "there is no classification head to keep: neither \(weight) nor \(name(of: .linear(.classifier, .bias))) is in "
          + "the file; "
          + "a fine-tuned folder has them, and a new head needs none")
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
  /// Names what is missing from a folder, and what to do when the weights or the vocabulary are there in another form.
  private static func checkFiles(of path: String) throws {
    func missing(_ name: String, _ advice: String = "") -> ModelFileError {
      ModelFileError(path: path, reason: "there is no \(name) in this folder\(advice)")
    }
    guard ModelFile.exists(path) else { throw ModelFileError(path: path, reason: "there is no such model folder") }
    guard ModelFile.exists(path + "/config.json") else { throw missing("config.json") }
    guard ModelFile.exists(path + "/model.safetensors") else {
      if ModelFile.exists(path + "/model.safetensors.index.json") {
        throw missing("model.safetensors", ": its weights are split over several files; save them again as one file")
      }
      guard ModelFile.exists(path + "/pytorch_model.bin") else { throw missing("model.safetensors") }
      throw missing(
        "model.safetensors",
        """
         but a pytorch_model.bin, which is not read; convert it with
          python3 -c "import sys, torch, safetensors.torch as s; d = sys.argv[1]; w = torch.load(d + '/pytorch_model.bin', \
        map_location='cpu', weights_only=True); s.save_file({k: v.contiguous().clone() for k, v in w.items()}, \
        d + '/model.safetensors', {'format': 'pt'})" \(path)
        """)
    }
    try TokenizerFiles.requireVocabulary(in: path)
  }
}

extension String {
  /// The text up to the last occurrence of a character, with it; all of it where there is none.
  fileprivate func prefix(upToLast character: Character) -> Substring {
    lastIndex(of: character).map { self[...$0] } ?? self[...]
  }
}
