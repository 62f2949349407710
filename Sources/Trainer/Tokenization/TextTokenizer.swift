// A text on its way to tokens, as in the tokenizers library: added tokens are cut out of the raw text, the rest is normalized,
// added tokens are cut out of that, the rest is split into words, and a model makes tokens of each word. No padding, no
// offsets.

import Files
import Foundation

/// What a tokenizer is made of.
package struct TokenizerParts: Sendable {
  package var normalizer: Normalizer
  package var splitter: any Splitter
  package var model: any SubwordModel
  package var frame: Frame
  /// Tokens beside words, `[CLS]` and its like included.
  package var added: [AddedToken]
  package var special: SpecialTokens

  package init(
    normalizer: Normalizer, splitter: any Splitter, model: any SubwordModel, frame: Frame, added: [AddedToken],
    special: SpecialTokens
  ) {
    self.normalizer = normalizer
    self.splitter = splitter
    self.model = model
    self.frame = frame
    self.added = added
    self.special = special
  }
}

/// A tokenizer of any kind: text in, token identifiers out.
package struct TextTokenizer: Tokenizer {
  package let vocabulary: [String]
  private let parts: TokenizerParts
  /// The tokens that are cut out of raw text, and of normalized text.
  private let search: AddedTokenSearch
  private let normalizedSearch: AddedTokenSearch?
  /// The tokens of earlier words; nil where the model is as fast.
  private let cache: WordCache?

  package init(_ parts: TokenizerParts) {
    self.parts = parts
    var vocabulary = parts.model.vocabulary
    for token in parts.added.sorted(by: { $0.identifier < $1.identifier }) where token.identifier >= vocabulary.count {
      vocabulary.append(token.content)
    }
    self.vocabulary = vocabulary
    search = AddedTokenSearch(parts.added.filter { !$0.isNormalized }.map { (Array($0.content.utf8), $0) })
    // Of tokens that are normalized to the same text, special ones come first, as in the library.
    let normalized = (parts.added.filter(\.isSpecial) + parts.added.filter { !$0.isSpecial }).filter(\.isNormalized)
    normalizedSearch =
      normalized.isEmpty
      ? nil : AddedTokenSearch(normalized.map { (parts.normalizer.normalized($0.content), $0) })
    cache = parts.model.isSlow ? WordCache() : nil
  }

  /// What people call the kind of its model, such as "WordPiece".
  package var modelName: String { parts.model.name }
  package var frame: Frame { parts.frame }
  package var special: SpecialTokens { parts.special }
  package var unknown: Int32? { parts.model.unknown }

  /// Long tokens, which are few, are not counted.
  package var byteCount: Int {
    vocabulary.count * MemoryLayout<String>.stride + parts.model.byteCount + (cache == nil ? 0 : WordCache.byteCount)
  }

  package var rules: String {
    let added = parts.added.sorted { $0.identifier < $1.identifier }
    return
      ([parts.model.rules, parts.normalizer.rules, parts.splitter.rules, parts.frame.rules]
      + added.map { "added: \($0.rules)" }
      + ["special: \(special.identifiers.sorted()), mask: \(special.mask ?? -1)"])
      .joined(separator: "\n")
  }

  package func encode(_ text: String, pair: String?, maximumLength: Int) -> Encoding {
    parts.frame.encoding(tokenIdentifiers(of: text), pair.map(tokenIdentifiers), maximumLength: maximumLength)
  }

  /// The token identifiers of a text without special tokens around it, uncut.
  package func tokenIdentifiers(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { bytes in
      var tokens: [Int32] = []
      tokens.reserveCapacity(bytes.count / 3 + 1)
      var normalized: [UInt8] = []
      search.cut(bytes, piece: { append($0, &normalized, to: &tokens) }, token: { tokens.append($0) })
      return tokens
    }
  }

  /// Normalizes a piece of text without tokens that are looked for in raw text, and appends its tokens.
  private func append(_ text: UnsafeBufferPointer<UInt8>, _ normalized: inout [UInt8], to tokens: inout [Int32]) {
    normalized.removeAll(keepingCapacity: true)
    parts.normalizer.normalize(text, into: &normalized)
    normalized.withUnsafeBufferPointer { bytes in
      guard let normalizedSearch else { return appendWords(bytes, to: &tokens) }
      normalizedSearch.cut(bytes, piece: { appendWords($0, to: &tokens) }, token: { tokens.append($0) })
    }
  }

  /// Appends the tokens of the words of a normalized text.
  private func appendWords(_ text: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    guard let cache else { return parts.splitter.split(text) { parts.model.append($0, to: &tokens) } }
    cache.use(parts.model) { append in parts.splitter.split(text) { append($0, &tokens) } }
  }
}

// MARK: - BERT's

extension TextTokenizer {
  /// BERT's special tokens.
  package static let bertNames = ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]

  /// The tokenizer of a BERT vocabulary in identifier order.
  ///
  /// - Throws: `VocabularyError` if `[UNK]`, `[CLS]` or `[SEP]` is missing.
  package init(wordPieces vocabulary: [String], lowercases: Bool) throws {
    try self.init(wordPieces: vocabulary, lowercases: lowercases, source: "vocabulary")
  }

  /// The tokenizer of a `vocab.txt`: one token a line, in identifier order.
  ///
  /// - Throws: `FileError`; `VocabularyError` if the file is not UTF-8 or lacks `[UNK]`, `[CLS]` or `[SEP]`.
  package init(wordPiecesOf path: String, lowercases: Bool) throws {
    let data = Data(try InputFile.contents(of: path, operation: "read the vocabulary"))
    try self.init(wordPieces: Self.tokens(of: data, source: path), lowercases: lowercases, source: path)
  }

  /// The tokens of a `vocab.txt`.
  ///
  /// - Throws: `VocabularyError` if it is not UTF-8.
  package static func tokens(of data: Data, source path: String) throws -> [String] {
    var lines: [String] = []
    for (index, line) in TextLines.lines(of: Array(data)).enumerated() {
      guard let token = String(validating: line, as: UTF8.self) else {
        throw VocabularyError(description: "\(path):\(index + 1): not valid UTF-8; a vocabulary is UTF-8 text")
      }
      lines.append(token)
    }
    return lines
  }

  /// The tokenizer of a BERT vocabulary; `source` is what messages call it.
  ///
  /// - Parameter added: Tokens beside those and BERT's own; one that is none of the vocabulary has the next identifier.
  /// - Parameter splitsAtBlanks: Whether texts are split at blanks alone and not normalized, without BERT's basic tokenization.
  /// - Parameter hasTypes: Whether the second text of a pair has type 1.
  /// - Throws: `VocabularyError` if `[UNK]`, `[CLS]` or `[SEP]` is missing.
  package init(
    wordPieces vocabulary: [String], lowercases: Bool, added: [AddedToken] = [], splitsAtBlanks: Bool = false,
    hasTypes: Bool = true, source: String
  ) throws {
    var identifiers: [String: Int32] = [:]
    for name in Self.bertNames {
      identifiers[name] = vocabulary.lastIndex(of: name).map(Int32.init)
    }
    let missing = ["[UNK]", "[CLS]", "[SEP]"].filter { identifiers[$0] == nil }
    guard missing.isEmpty, let classification = identifiers["[CLS]"], let separator = identifiers["[SEP]"] else {
      throw VocabularyError(
        description: "\(source): no \(missing.joined(separator: ", ")) among its \(vocabulary.count) tokens; "
          + "a BERT vocabulary has [UNK], [CLS] and [SEP], each on a line of its own")
    }
    // An added token with the text of a special one says how that one is looked for.
    let usual = identifiers.filter { name, _ in !added.contains { $0.content == name } }
      .map { AddedToken($0.key, identifier: $0.value) }
    let frame = Frame.bert(classification: classification, separator: separator)
    self.init(
      TokenizerParts(
        normalizer: Normalizer(splitsAtBlanks ? [] : [TextNormalizer(lowercases: lowercases)]),
        splitter: splitsAtBlanks ? BlankSplitter(asPython: true) : BERTSplitter(),
        model: try WordPieceModel(vocabulary: vocabulary, source: source),
        frame: hasTypes ? frame : frame.withoutTypes, added: usual + added,
        special: SpecialTokens(
          maskName: "[MASK]", mask: identifiers["[MASK]"],
          identifiers: Set(identifiers.values).union(added.filter(\.isSpecial).map(\.identifier)))))
  }
}
