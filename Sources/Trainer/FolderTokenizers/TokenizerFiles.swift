// Which tokenizer a model folder has, from the files that say so, and those files written. Nothing else knows it. The tokenizers
// themselves are `Tokenization`'s.

import EmbeddedModels
import Files
import Foundation
import JSON5
import ModelFiles
import Tokenization

/// The tokenizer of a model folder, or of a vocabulary file alone.
package struct TokenizerFiles: Hashable, Sendable {
  /// Which tokenizer it is.
  package enum Kind: Hashable, Sendable {
    /// BERT's WordPiece over a `vocab.txt`, one token a line, and tokens beside them.
    case wordPiece(lowercases: Bool, added: [AddedToken] = [])
    /// Any other, with the files that say what it is.
    case folder(FolderTokenizer)
  }

  /// Which tokenizer it is.
  package let kind: Kind
  /// The file of the vocabulary.
  package let vocabularyPath: String

  package init(_ kind: Kind, vocabularyPath: String) {
    self.kind = kind
    self.vocabularyPath = vocabularyPath
  }

  /// What people call the kind of tokenizer, such as "WordPiece".
  package var kindName: String {
    switch kind {
    case .wordPiece: "WordPiece"
    case .folder(let folder): folder.tokenizer.modelName
    }
  }

  /// The tokens that count beside the bytes of the folder's files.
  package var added: [AddedToken] {
    switch kind {
    case .wordPiece(_, let added): added
    case .folder: []
    }
  }

  /// The tokenizer, its vocabulary read.
  ///
  /// - Throws: `VocabularyError`.
  package func tokenizer() throws -> any Tokenizer {
    switch kind {
    case .wordPiece(let lowercases, let added):
      let data =
        try EmbeddedModel.contents(of: vocabularyPath).map { Data($0) }
        ?? Data(InputFile.contents(of: vocabularyPath, operation: "read the vocabulary"))
      return try TextTokenizer(
        wordPieces: TextTokenizer.tokens(of: data, source: vocabularyPath), lowercases: lowercases, added: added,
        source: vocabularyPath)
    case .folder(let folder): return folder.tokenizer
    }
  }

  /// What messages call it: the name of the folder, or of a vocabulary that is not called as in folders.
  package var title: String {
    let parts = vocabularyPath.split(separator: "/").map(String.init)
    guard let last = parts.last else { return vocabularyPath }
    return Self.names.contains(last) ? parts.dropLast().last ?? last : last
  }

  private static let names = Set(TokenizerClass.all.flatMap(\.olderNames) + ["tokenizer.json"])
}

/// A tokenizer that was read from a folder, known by what it does.
package final class FolderTokenizer: Hashable, Sendable {
  package let tokenizer: TextTokenizer
  /// The files that a written folder is given, byte by byte.
  package let paths: [String]
  /// The token that fills batches in other programs; nil where there is none.
  package let padding: Int32?
  private let fingerprint: String

  init(_ tokenizer: TextTokenizer, paths: [String], padding: Int32?) {
    self.tokenizer = tokenizer
    self.paths = paths
    self.padding = padding
    fingerprint = tokenizer.fingerprint
  }

  package static func == (left: FolderTokenizer, right: FolderTokenizer) -> Bool {
    left.fingerprint == right.fingerprint && left.paths == right.paths
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

// MARK: - Reading

/// What a folder says about its tokenizer.
package struct TokenizerReading {
  /// The tokenizer.
  package let files: TokenizerFiles
  /// The files that say how texts become tokens, in a fixed order.
  package let paths: [String]
  /// Further files, which do so where tokens are added.
  package let tokenPaths: [String]
  /// What a user should be told, one sentence each.
  package let notes: [String]
}

extension TokenizerFiles {
  /// Reads the tokenizer of a folder; one that is not supported is refused.
  ///
  /// - Parameters:
  ///   - modelType: the `model_type` of config.json.
  ///   - limit: the rows of the word embeddings, which the tokens may not outnumber.
  /// - Throws: `ModelFileError` naming the file and the key; `VocabularyError`.
  package static func read(_ folder: String, modelType: String = "bert", limit: Int) throws -> TokenizerReading {
    try FolderReader(folder, modelType: modelType, limit: limit).read()
  }

  /// Refuses a folder without the files of a tokenizer.
  package static func requireVocabulary(in folder: String, modelType: String = "bert") throws {
    let tokenizerClass = try TokenizerSettings(of: folder, modelType: modelType).tokenizerClass
    guard !ModelFile.exists(folder + "/tokenizer.json") else { return }
    for name in tokenizerClass.olderNames where !ModelFile.exists("\(folder)/\(name)") {
      throw ModelFileError(path: folder, reason: "there is no \(name) in this folder")
    }
    if tokenizerClass.olderNames.isEmpty {
      throw ModelFileError(path: folder, reason: "there is no tokenizer.json in this folder")
    }
  }
}

// MARK: - Writing

extension TokenizerFiles {
  /// The text of a WordPiece tokenizer's `tokenizer_config.json`, for an encoder with token types or without.
  package static func configurationText(
    lowercases: Bool, added: [AddedToken], maximumLength: Int, hasTypes: Bool = true
  ) -> String {
    var keys = [
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
    ]
    if !added.isEmpty { keys.insert(("added_tokens_decoder", decoder(of: added)), at: 0) }
    // Otherwise Transformers hands the model types that it has no table for.
    if !hasTypes { keys.append(("model_input_names", #"["input_ids", "attention_mask"]"#)) }
    let special = added.filter { $0.isSpecial && !TokenizerSettings.usual.contains($0.content) }
    if !special.isEmpty {
      let names = special.map { JSONWriter.quoted($0.content) }.joined(separator: ", ")
      keys.insert(("additional_special_tokens", "[\(names)]"), at: 1)
    }
    return "{\n" + keys.map { "  \(JSONWriter.quoted($0.0)): \($0.1)" }.joined(separator: ",\n") + "\n}\n"
  }

  /// The tokens by their identifiers, as Transformers writes and reads them.
  private static func decoder(of added: [AddedToken]) -> String {
    var writer = JSONWriter()
    writer.object(inline: true) { writer in
      for token in added.sorted(by: { $0.identifier < $1.identifier }) {
        writer.key("\(token.identifier)")
        writer.object(inline: true) { writer in
          writer.field("content", token.content)
          writer.field("lstrip", token.takesSpaceBefore)
          writer.field("normalized", token.isNormalized)
          writer.field("rstrip", token.takesSpaceAfter)
          writer.field("single_word", token.isSingleWord)
          writer.field("special", token.isSpecial)
        }
      }
    }
    return writer.text
  }
}
