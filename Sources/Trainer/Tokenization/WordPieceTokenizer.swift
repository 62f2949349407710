// WordPiece as Hugging Face's BertTokenizerFast does it (where its slow tokenizer differs, the fast one is followed:
// Unicode categories, special tokens inside a text, which side an odd truncation favours). No padding, no offsets, no
// other tokenizer of that library.

import Files
import Foundation

/// Why a vocabulary cannot be used.
package struct VocabularyError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What was wrong, where, what was found and what is allowed.
  package let description: String
}

/// A BERT tokenizer: text in, token identifiers out.
package struct WordPieceTokenizer: Tokenizer {
  /// The tokens; a token's identifier is its position.
  package let vocabulary: [String]
  /// Whether text is lower-cased and its accents stripped.
  package let lowercases: Bool
  /// Tokens beside the vocabulary's pieces and BERT's five special ones.
  private let added: [AddedToken]
  /// Words of more scalars become `[UNK]`.
  static let longestWord = 100

  /// Bytes that the vocabulary and its trie take, about; long tokens, which are few, are not counted.
  package var byteCount: Int { vocabulary.count * MemoryLayout<String>.stride + trie.byteCount }

  /// What decides encodings beside the vocabulary.
  package var rules: String {
    (["WordPiece, lowercases: \(lowercases)"] + added.map { "added: \($0.rules)" }).joined(separator: "\n")
  }

  private let normalizer: TextNormalizer
  private let trie: TokenTrie
  package let unknown: Int32
  private let classification: Int32
  private let separator: Int32
  package let special: SpecialTokens
  /// The tokens that are cut out of raw text, and of normalized text.
  private let search: AddedTokenSearch
  private let normalizedSearch: AddedTokenSearch?

  /// A tokenizer of a vocabulary in identifier order.
  ///
  /// - Throws: `VocabularyError` if `[UNK]`, `[CLS]` or `[SEP]` is missing.
  package init(vocabulary: [String], lowercases: Bool) throws {
    try self.init(vocabulary: vocabulary, lowercases: lowercases, source: "vocabulary")
  }

  /// A tokenizer of a `vocab.txt`: one token a line, in identifier order.
  ///
  /// - Throws: `FileError`; `VocabularyError` if the file is not UTF-8 or lacks `[UNK]`, `[CLS]` or `[SEP]`.
  package init(contentsOf path: String, lowercases: Bool, added: [AddedToken] = []) throws {
    let data = Data(try InputFile.contents(of: path, operation: "read the vocabulary"))
    try self.init(text: data, lowercases: lowercases, added: added, source: path)
  }

  /// A tokenizer of the bytes of a `vocab.txt`; `source` is what messages call it.
  ///
  /// - Parameter added: Tokens beside those; one that is none of the vocabulary has the next identifier.
  /// - Throws: `VocabularyError` if they are not UTF-8 or lack `[UNK]`, `[CLS]` or `[SEP]`.
  package init(text data: Data, lowercases: Bool, added: [AddedToken] = [], source path: String) throws {
    try self.init(
      vocabulary: Self.tokens(of: data, source: path), lowercases: lowercases, added: added, source: path)
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

  private init(vocabulary: [String], lowercases: Bool, added: [AddedToken] = [], source: String) throws {
    self.vocabulary = vocabulary + added.filter { $0.identifier >= vocabulary.count }.map(\.content)
    self.lowercases = lowercases
    self.added = added
    let normalizer = TextNormalizer(lowercases: lowercases)
    self.normalizer = normalizer
    trie = TokenTrie(vocabulary)
    var identifiers: [String: Int32] = [:]
    for name in ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"] {
      identifiers[name] = vocabulary.lastIndex(of: name).map(Int32.init)
    }
    let missing = ["[UNK]", "[CLS]", "[SEP]"].filter { identifiers[$0] == nil }
    guard missing.isEmpty, let unknown = identifiers["[UNK]"], let classification = identifiers["[CLS]"],
      let separator = identifiers["[SEP]"]
    else {
      throw VocabularyError(
        description: "\(source): no \(missing.joined(separator: ", ")) among its \(vocabulary.count) tokens; "
          + "a BERT vocabulary has [UNK], [CLS] and [SEP], each on a line of its own")
    }
    self.unknown = unknown
    self.classification = classification
    self.separator = separator
    special = SpecialTokens(
      maskName: "[MASK]", mask: identifiers["[MASK]"],
      identifiers: Set(identifiers.values).union(added.filter(\.isSpecial).map(\.identifier)))
    // An added token with the text of a special one says how that one is looked for.
    let usual = identifiers.filter { name, _ in !added.contains { $0.content == name } }
      .map { AddedToken($0.key, identifier: $0.value) }
    let raw = usual + added.filter { !$0.isNormalized }
    search = AddedTokenSearch(raw.map { (Array($0.content.utf8), $0) })
    let normalized = added.filter(\.isNormalized)
    normalizedSearch =
      normalized.isEmpty ? nil : AddedTokenSearch(normalized.map { (normalizer.normalized($0.content), $0) })
  }

  /// The encoding of a text, or of a pair of texts, cut to at most `maximumLength` tokens with the special ones.
  ///
  /// Pairs are cut longest first as the fast tokenizer does it. `maximumLength` must leave room for the special
  /// tokens: 2, or 3 for a pair.
  package func encode(_ text: String, pair: String?, maximumLength: Int) -> Encoding {
    var first = tokenIdentifiers(of: text)
    guard let pair else {
      precondition(maximumLength >= 2, "a length of \(maximumLength) leaves no room for [CLS] and [SEP]")
      first.removeLast(max(0, first.count + 2 - maximumLength))
      let tokens = [classification] + first + [separator]
      return Encoding(tokenIdentifiers: tokens, typeIdentifiers: [Int32](repeating: 0, count: tokens.count))
    }
    precondition(maximumLength >= 3, "a length of \(maximumLength) leaves no room for [CLS] and two [SEP]")
    var second = tokenIdentifiers(of: pair)
    let kept = Self.longestFirst(first.count, second.count, budget: maximumLength - 3)
    first.removeLast(first.count - kept.first)
    second.removeLast(second.count - kept.second)
    return Encoding(
      tokenIdentifiers: [classification] + first + [separator] + second + [separator],
      typeIdentifiers: [Int32](repeating: 0, count: first.count + 2)
        + [Int32](repeating: 1, count: second.count + 1))
  }

  /// How many tokens of each text of a pair are kept: the longer one is cut first; when both are cut and the budget is
  /// odd, the second keeps one more unless the first was the longer.
  static func longestFirst(_ first: Int, _ second: Int, budget: Int) -> (first: Int, second: Int) {
    guard first + second > budget else { return (first, second) }
    let shorter = min(first, second)
    var kept = (short: shorter, long: budget - shorter)
    if kept.long < shorter { kept = (budget / 2, budget - budget / 2) }
    return first > second ? (kept.long, kept.short) : (kept.short, kept.long)
  }

  /// The token identifiers of a text without special tokens around it, uncut.
  package func tokenIdentifiers(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { bytes in
      var tokens: [Int32] = []
      tokens.reserveCapacity(bytes.count / 3 + 1)
      var normalized: [UInt8] = []
      search.cut(bytes, piece: { appendTokens($0, &normalized, to: &tokens) }, token: { tokens.append($0) })
      return tokens
    }
  }

  /// Normalizes a piece of text without tokens that are looked for in raw text, and appends its tokens.
  private func appendTokens(
    _ text: UnsafeBufferPointer<UInt8>, _ normalized: inout [UInt8], to tokens: inout [Int32]
  ) {
    normalized.removeAll(keepingCapacity: true)
    normalizer.normalize(text, into: &normalized)
    normalized.withUnsafeBufferPointer { bytes in
      guard let normalizedSearch else { return appendWords(bytes, to: &tokens) }
      normalizedSearch.cut(bytes, piece: { appendWords($0, to: &tokens) }, token: { tokens.append($0) })
    }
  }

  /// Appends the tokens of the words of a normalized text.
  private func appendWords(_ bytes: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    forEachWord(in: bytes) { appendWord(bytes, $0, to: &tokens) }
  }

  /// Appends a word's pieces, or `[UNK]` if it is too long or a part of it is in no token.
  private func appendWord(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, to tokens: inout [Int32]
  ) {
    if word.count > Self.longestWord {
      let scalarCount = text[word].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
      if scalarCount > Self.longestWord {
        tokens.append(unknown)
        return
      }
    }
    let countBefore = tokens.count
    var position = word.lowerBound
    while position < word.upperBound {
      let root = position == word.lowerBound ? TokenTrie.initialRoot : TokenTrie.continuationRoot
      let match = trie.longestMatch(text, position, end: word.upperBound, root: root)
      guard match.identifier >= 0 else {
        tokens.removeLast(tokens.count - countBefore)
        tokens.append(unknown)
        return
      }
      tokens.append(match.identifier)
      position += match.length
    }
  }
}
