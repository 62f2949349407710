// Which tokenizer a model folder has, from the files that say so, and those files written. Nothing else
// knows it: a new kind of tokenizer is a case here. The tokenizers themselves are `Tokenization`'s.

import Files
import Foundation
import JSON5
import Tokenization

/// The tokenizer of a model folder, or of a vocabulary file alone.
package struct TokenizerFiles: Hashable, Sendable {
  /// Which tokenizer it is.
  package enum Kind: Hashable, Sendable {
    /// BERT's WordPiece over a `vocab.txt`, one token a line, and tokens beside them.
    case wordPiece(lowercases: Bool, added: [AddedToken] = [])
  }

  /// Which tokenizer it is.
  package let kind: Kind
  /// The file of the vocabulary.
  package let vocabularyPath: String

  package init(_ kind: Kind, vocabularyPath: String) {
    self.kind = kind
    self.vocabularyPath = vocabularyPath
  }

  /// Whether text is lower-cased.
  package var lowercases: Bool {
    switch kind {
    case .wordPiece(let lowercases, _): lowercases
    }
  }

  /// The tokens that the folder's files add to the vocabulary's pieces.
  package var added: [AddedToken] {
    switch kind {
    case .wordPiece(_, let added): added
    }
  }

  /// The tokenizer, its vocabulary read.
  ///
  /// - Throws: `VocabularyError`.
  package func tokenizer() throws -> any Tokenizer {
    switch kind {
    case .wordPiece(let lowercases, let added):
      if let bytes = EmbeddedModel.contents(of: vocabularyPath) {
        try WordPieceTokenizer(text: Data(bytes), lowercases: lowercases, added: added, source: vocabularyPath)
      } else {
        try WordPieceTokenizer(contentsOf: vocabularyPath, lowercases: lowercases, added: added)
      }
    }
  }
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
  /// Reads a folder whose vocabulary is there; a tokenizer that is not supported is refused.
  ///
  /// - Parameter limit: the rows of the word embeddings, which the tokens of the vocabulary may not outnumber.
  /// - Throws: `ModelFileError` naming the file and the key; `VocabularyError`.
  package static func read(_ folder: String, limit: Int) throws -> TokenizerReading {
    let vocabularyPath = folder + "/vocab.txt"
    let vocabulary = try WordPieceTokenizer.tokens(
      of: Data(try ModelFile.contents(of: vocabularyPath)), source: vocabularyPath)
    guard (1...limit).contains(vocabulary.count) else {
      throw ModelFileError(
        path: vocabularyPath,
        reason:
          "it has \(vocabulary.count) tokens, one a line; 1 to \(limit), the vocab_size of config.json, are allowed")
    }
    let settings = try TokenizerSettings(of: folder)
    let added = try settings.addedTokens(vocabulary)
    let tokenCount = max(vocabulary.count, added.map { Int($0.identifier) + 1 }.max() ?? 0)
    var notes = settings.notes
    if tokenCount < limit {
      let more = tokenCount > vocabulary.count ? " and \(tokenCount - vocabulary.count) added ones" : ""
      notes.append("\(vocabularyPath) has \(vocabulary.count) tokens\(more) for the \(limit) of vocab_size.")
    }
    return TokenizerReading(
      files: TokenizerFiles(
        .wordPiece(lowercases: settings.lowercases, added: added), vocabularyPath: vocabularyPath),
      paths: [vocabularyPath] + [settings.configurationPath].compactMap(\.self),
      tokenPaths: added.isEmpty ? [] : settings.tokenPaths, notes: notes)
  }

  /// Refuses a folder without vocabulary, and says what to do when it is there in another form.
  package static func requireVocabulary(in folder: String) throws {
    guard !ModelFile.exists(folder + "/vocab.txt") else { return }
    let advice =
      ModelFile.exists(folder + "/tokenizer.json")
      ? """
       but a tokenizer.json, which is not read; extract it with
        python3 -c "import sys, json; d = sys.argv[1]; v = json.load(open(d + '/tokenizer.json'))['model']['vocab']; \
      open(d + '/vocab.txt', 'w').writelines(t + chr(10) for t in sorted(v, key=v.get))" \(folder)
      """ : ""
    throw ModelFileError(path: folder, reason: "there is no vocab.txt in this folder\(advice)")
  }
}

// MARK: - Writing

extension TokenizerFiles {
  /// The text of a WordPiece tokenizer's `tokenizer_config.json`.
  package static func configurationText(lowercases: Bool, added: [AddedToken], maximumLength: Int) -> String {
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
          writer.field("lstrip", false)
          writer.field("normalized", token.isNormalized)
          writer.field("rstrip", false)
          writer.field("single_word", token.isSingleWord)
          writer.field("special", token.isSpecial)
        }
      }
    }
    return writer.text
  }
}
