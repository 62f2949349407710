// Which tokenizer a model folder has, from the files that say so, and those files written. Nothing else
// knows it: a new kind of tokenizer is a case here. The tokenizers themselves are `Tokenization`'s.

import Files
import Foundation
import JSON5
import Tokenization

/// The tokenizer of a model folder, or of a vocabulary file alone.
package struct TokenizerFiles: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// BERT's WordPiece over a `vocab.txt`, one token a line.
    case wordPiece(lowercases: Bool)
  }

  package let kind: Kind
  package let vocabularyPath: String

  package init(_ kind: Kind, vocabularyPath: String) {
    self.kind = kind
    self.vocabularyPath = vocabularyPath
  }

  /// Whether text is lower-cased.
  package var lowercases: Bool {
    switch kind {
    case .wordPiece(let lowercases): lowercases
    }
  }

  /// The tokenizer, its vocabulary read.
  ///
  /// - Throws: `VocabularyError`.
  package func tokenizer() throws -> any Tokenizer {
    switch kind {
    case .wordPiece(let lowercases):
      if let bytes = EmbeddedModel.contents(of: vocabularyPath) {
        try WordPieceTokenizer(text: Data(bytes), lowercases: lowercases, source: vocabularyPath)
      } else {
        try WordPieceTokenizer(contentsOf: vocabularyPath, lowercases: lowercases)
      }
    }
  }
}

// MARK: - Reading

extension TokenizerFiles {
  /// The tokenizer of a folder whose vocabulary is there; one that is not supported is refused.
  init(of folder: String) throws {
    let path = Self.configurationPath(folder)
    let lowercases = ModelFile.exists(path) ? try Self.lowercases(ConfigurationFile(path)) : true
    self.init(.wordPiece(lowercases: lowercases), vocabularyPath: Self.vocabularyPath(folder))
  }

  /// The files of a folder that decide how texts become tokens.
  static func paths(of folder: String) -> [String] {
    let configuration = configurationPath(folder)
    return [vocabularyPath(folder)] + (ModelFile.exists(configuration) ? [configuration] : [])
  }

  private static func vocabularyPath(_ folder: String) -> String { folder + "/vocab.txt" }
  private static func configurationPath(_ folder: String) -> String { folder + "/tokenizer_config.json" }

  /// Refuses a folder without vocabulary, and says what to do when it is there in another form.
  static func requireVocabulary(in folder: String) throws {
    guard !ModelFile.exists(vocabularyPath(folder)) else { return }
    let advice =
      ModelFile.exists(folder + "/tokenizer.json")
      ? """
       but a tokenizer.json, which is not read; extract it with
        python3 -c "import sys, json; d = sys.argv[1]; v = json.load(open(d + '/tokenizer.json'))['model']['vocab']; \
      open(d + '/vocab.txt', 'w').writelines(t + chr(10) for t in sorted(v, key=v.get))" \(folder)
      """ : ""
    throw ModelFileError(path: folder, reason: "there is no vocab.txt in this folder\(advice)")
  }

  /// The tokens of a folder's vocabulary, which may not outnumber the rows of the word embeddings.
  static func tokenCount(in folder: String, limit: Int) throws -> Int {
    let path = vocabularyPath(folder)
    let count = TextLines.lines(of: try ModelFile.contents(of: path)).count
    guard (1...limit).contains(count) else {
      throw ModelFileError(
        path: path,
        reason: "it has \(count) tokens, one a line; 1 to \(limit), the vocab_size of config.json, are allowed")
    }
    return count
  }

  /// Whether the tokenizer that a `tokenizer_config.json` describes lower-cases; any but BERT's own is refused.
  private static func lowercases(_ file: ConfigurationFile) throws -> Bool {
    try file.require(
      "tokenizer_class", ["BertTokenizer", "BertTokenizerFast"], isOptional: true,
      because: "only BertTokenizer and BertTokenizerFast are supported")
    let lowercases = try file.flag("do_lower_case", default: true)
    guard try file.flag("strip_accents", default: lowercases) == lowercases else {
      throw file.error(
        "strip_accents", "is \(!lowercases); only null or do_lower_case's value, \(lowercases), is supported")
    }
    for key in ["tokenize_chinese_chars", "do_basic_tokenize"] where try !file.flag(key, default: true) {
      throw file.error(key, "is false; only true is supported")
    }
    return lowercases
  }
}

// MARK: - Writing

extension TokenizerFiles {
  /// The text of a WordPiece tokenizer's `tokenizer_config.json`.
  static func configurationText(lowercases: Bool, maximumLength: Int) -> String {
    ModelFolder.object([
      ("cls_token", #""[CLS]""#),
      ("do_lower_case", "\(lowercases)"),
      ("mask_token", #""[MASK]""#),
      ("model_max_length", "\(maximumLength)"),
      ("pad_token", #""[PAD]""#),
      ("sep_token", #""[SEP]""#),
      ("strip_accents", "null"),
      ("tokenize_chinese_chars", "true"),
      ("tokenizer_class", #""BertTokenizer""#),
      ("unk_token", #""[UNK]""#),
    ])
  }
}
