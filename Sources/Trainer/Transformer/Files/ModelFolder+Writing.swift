// Writing a model folder that Hugging Face's `AutoModelForSequenceClassification`, or `AutoModelForMaskedLM` or
// `AutoModelForCausalLM`, and `AutoTokenizer` open. The same model gives the same bytes; the weights come last, so a folder with weights is complete.

import Architectures
import Files
import FolderTokenizers
import JSON5
import ModelFiles
import Tokenization
import WeightFiles

extension ModelFolder {
  /// Where the vocabulary of a written folder comes from.
  package enum Vocabulary: Sendable {
    /// A `vocab.txt`, copied byte by byte.
    case file(String)
    /// The tokens in the order of their numbers.
    case tokens([String])
    /// The files of another folder's tokenizer, copied byte by byte, and its padding token.
    case folder([String], padding: Int32?)

    /// The bytes of a `vocab.txt`; nil for other tokenizers.
    fileprivate func wordPieces() throws -> [UInt8]? {
      switch self {
      case .file(let path): return try ModelFile.contents(of: path)
      case .tokens(let tokens): return Array(tokens.map { $0 + "\n" }.joined().utf8)
      case .folder: return nil
      }
    }
  }

  /// Writes a classifier with its vocabulary, creating the folder where it does not exist.
  ///
  /// - Parameter labelNames: one name an output; may be empty for regression.
  /// - Throws: `FileError`, such as for a full disk.
  package static func write(
    _ classifier: Classifier, labelNames: [String], vocabulary: Vocabulary, lowercases: Bool, added: [AddedToken] = [],
    to path: String
  ) throws {
    let isRegression = classifier.labelCount == 1
    precondition(
      labelNames.count == classifier.labelCount || isRegression && labelNames.isEmpty,
      "\(labelNames.count) names for \(classifier.labelCount) labels")
    precondition(Set(labelNames).count == labelNames.count, "two labels have the same name")
    try write(
      classifier, headKeys: classifierKeys(classifier, labelNames.isEmpty ? ["LABEL_0"] : labelNames),
      vocabulary: vocabulary, lowercases: lowercases, added: added, to: path)
  }

  /// Writes a language model with its vocabulary, creating the folder where it does not exist. A decoder's weight that is
  /// the word table is not written twice.
  ///
  /// - Parameter element: What the weights are stored as.
  /// - Throws: `FileError`, such as for a full disk.
  package static func write(
    _ model: LanguageModel, vocabulary: Vocabulary, lowercases: Bool, as element: StoredElement = .float32,
    to path: String
  ) throws {
    try write(
      model,
      headKeys: [
        ("architectures", architecture(of: model, className(of: model)))
      ],
      vocabulary: vocabulary, lowercases: lowercases, added: [], as: element, to: path)
  }

  private static func className(of model: LanguageModel) -> String {
    let architecture = model.configuration.architecture
    return model.relatesPairs ? architecture.pairClassName ?? "" : architecture.languageModelHead.className
  }

  private static func write(
    _ encoder: EncoderModel, headKeys: [(key: String, value: String)], vocabulary: Vocabulary, lowercases: Bool,
    added: [AddedToken], as element: StoredElement = .float32, to path: String
  ) throws {
    try RawFile.createFolder(path)
    var padding: Int?
    if case .folder(let files, let index) = vocabulary {
      padding = index.map(Int.init)
      for file in files { try write(ModelFile.contents(of: file), to: path + "/" + RawFile.name(of: file)) }
    } else if let bytes = try vocabulary.wordPieces() {
      padding = paddingIndex(in: bytes)
      try write(bytes, to: path + "/vocab.txt")
      try WholeFile.write(
        TokenizerFiles.configurationText(
          lowercases: lowercases, added: added, maximumLength: encoder.configuration.longestSequence,
          hasTypes: encoder.configuration.architecture.hasTypes),
        to: path + "/tokenizer_config.json", durability: .contents)
    }
    // A head that passes over padding must find the same token again.
    if case .last = encoder.configuration.architecture.head.token {
      padding = encoder.configuration.paddingToken.map(Int.init)
    }
    try WholeFile.write(
      configurationText(
        encoder.configuration, headKeys: headKeys + tying(of: encoder),
        padding: positionPadding(of: encoder.configuration) ?? padding),
      to: path + "/config.json", durability: .contents)
    try SafetensorsFile.write(
      encoder.layout.tensors.map { $0.stored(as: $0.name, UnsafeBufferPointer(encoder.values(of: $0))) }, as: element,
      to: path + "/model.safetensors")
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try WholeFile(path: path, durability: .contents)
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.finish()
  }

  /// Hugging Face's class of a model, in a list.
  private static func architecture(of encoder: EncoderModel, _ task: String) -> String {
    "[\(JSONWriter.quoted(encoder.configuration.architecture.className + task))]"
  }

  /// The padding token's number where positions are counted from it on; nil where the tokenizer alone decides it.
  private static func positionPadding(of configuration: EncoderConfiguration) -> Int? {
    switch configuration.architecture.firstPosition {
    case .row: nil
    case .afterPadding: configuration.firstPosition - 1
    }
  }

  /// Whether the decoder shares the word table, which a file says where there is one or it does not.
  private static func tying(of encoder: EncoderModel) -> [(key: String, value: String)] {
    let shares = encoder.configuration.sharesWordTable
    return encoder is LanguageModel || !shares ? [("tie_word_embeddings", "\(shares)")] : []
  }

  /// The line of `[PAD]` in a vocabulary, from 0.
  private static func paddingIndex(in vocabulary: [UInt8]) -> Int? {
    vocabulary.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .firstIndex { $0.elementsEqual("[PAD]".utf8) || $0.elementsEqual("[PAD]\r".utf8) }
  }

  private static func classifierKeys(
    _ classifier: Classifier, _ labelNames: [String]
  ) -> [(key: String, value: String)] {
    let quotedNames = labelNames.map { JSONWriter.quoted($0) }
    let numbered = quotedNames.enumerated().map { "\"\($0)\": \($1)" }
    let named = quotedNames.enumerated().map { "\($1): \($0)" }
    return [
      ("architectures", architecture(of: classifier, "ForSequenceClassification")),
      ("id2label", "{\(numbered.joined(separator: ", "))}"),
      ("label2id", "{\(named.joined(separator: ", "))}"),
      ("problem_type", classifier.labelCount == 1 ? #""regression""# : #""single_label_classification""#),
    ]
  }

  /// The text of a `config.json`, its keys in alphabetical order.
  private static func configurationText(
    _ configuration: EncoderConfiguration, headKeys: [(key: String, value: String)], padding: Int?
  ) -> String {
    let names = configuration.architecture.keys
    let members: [(key: String, value: String)?] = [
      ("model_type", JSONWriter.quoted(configuration.architecture.modelType)),
      ("pad_token_id", padding.map { "\($0)" } ?? "null"),
      member(names.activation, JSONWriter.quoted(configuration.activation.name)),
      member(names.attentionDropout, "\(configuration.attentionDropoutProbability)"),
      classifierDropout(configuration),
      member(
        names.embeddingDropout,
        "\(configuration.embeddingDropoutProbability ?? configuration.hiddenDropoutProbability)"),
      member(names.embeddingSize, "\(configuration.embeddingSize)"),
      member(names.headCount, "\(configuration.headCount)"),
      member(names.hiddenDropout, "\(configuration.hiddenDropoutProbability)"),
      member(names.hiddenSize, "\(configuration.hiddenSize)"),
      member(names.initializerRange, "\(configuration.initializerRange)"),
      member(names.intermediateSize, "\(configuration.intermediateSize)"),
      member(names.layerCount, "\(configuration.layerCount)"),
      member(names.layerNormEpsilon, "\(configuration.layerNormEpsilon)"),
      member(names.positionCount, "\(configuration.positionCount)"),
      member(names.typeCount, "\(configuration.typeCount)"),
      member(names.vocabularySize, "\(configuration.vocabularySize)"),
    ]
    let fixed = names.fixed.filter(\.isWritten).map { (key: $0.name, value: $0.value.text) }
    return object((members.compactMap { $0 } + fixed + headKeys).sorted { $0.key < $1.key })
  }

  /// A key with its value; nil where the family's files lack the key.
  private static func member<Value>(_ key: ModelKey<Value>, _ value: String) -> (key: String, value: String)? {
    key.isFixed ? nil : (key.name, value)
  }

  /// The dropout before the output layer; in those families where a file need not give it, null stands for the hidden dropout. A
  /// `megatron-bert`, which always has the hidden one, is written with a null too: its folders have always had that, and the digest of a
  /// folder counts every byte.
  private static func classifierDropout(_ configuration: EncoderConfiguration) -> (key: String, value: String)? {
    let key = configuration.architecture.keys.classifierDropout
    guard key.standard == nil else {
      return member(key, "\(configuration.classifierDropoutProbability ?? configuration.hiddenDropoutProbability)")
    }
    let own = key.isFixed ? nil : configuration.classifierDropoutProbability
    return (key.name, own.map { "\($0)" } ?? "null")
  }

  /// A JSON object with a key a line.
  private static func object(_ members: [(key: String, value: String)]) -> String {
    "{\n" + members.map { "  \(JSONWriter.quoted($0.key)): \($0.value)" }.joined(separator: ",\n") + "\n}\n"
  }
}

extension ParameterLayout.Tensor {
  /// An array of the tensor's shape, such as its gradient, as files hold it.
  package func stored(as name: String, _ values: UnsafeBufferPointer<Float>) -> NamedTensor {
    NamedTensor(name: name, shape: storedShape, values: values, isTransposed: isStoredTransposed)
  }
}

extension FixedKey.Value {
  /// The value as JSON.
  fileprivate var text: String {
    switch self {
    case .text(let text): JSONWriter.quoted(text)
    case .flag(let flag): "\(flag)"
    case .count(let count): "\(count)"
    }
  }
}
