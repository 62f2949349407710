// WordPiece: the longest token at each position of a word, all of whose tokens but the first begin with `##`.

/// A WordPiece vocabulary.
package final class WordPieceModel: SubwordModel {
  package let vocabulary: [String]
  package let tokenCount: Int
  package var unknown: Int32? { unknownToken }
  /// The tokens that begin words. A word may begin with `##`.
  private let beginnings: TokenTrie
  /// The tokens that continue them, without their `##`; empty for the others.
  private let continuations: TokenTrie
  private let unknownToken: Int32
  /// Words of more scalars become the unknown token.
  private let longestWord: Int

  /// A vocabulary in identifier order, whose last token `unknownName` stands for words that it lacks.
  ///
  /// - Parameter tokenCount: the tokens where some numbers are not used or some tokens have two.
  /// - Throws: `VocabularyError` if that one is missing.
  package init(
    vocabulary: [String], tokenCount: Int? = nil, unknownName: String = "[UNK]", longestWord: Int = 100, source: String
  ) throws {
    guard let unknown = vocabulary.lastIndex(of: unknownName).map(Int32.init) else {
      throw VocabularyError(description: "\(source): no \(unknownName) among its \(vocabulary.count) tokens")
    }
    self.vocabulary = vocabulary
    self.tokenCount = tokenCount ?? vocabulary.count
    unknownToken = unknown
    self.longestWord = longestWord
    let texts = vocabulary.map { Array($0.utf8) }
    beginnings = TokenTrie(texts: texts)
    continuations = TokenTrie(texts: texts.map { $0.starts(with: "##".utf8) ? Array($0.dropFirst(2)) : [] })
  }

  package var byteCount: Int { beginnings.byteCount + continuations.byteCount }
  package var isSlow: Bool { false }

  package var name: String { "WordPiece" }

  package var rules: String { "\(name), unknown: \(unknownToken), longest word: \(longestWord)" }

  /// Appends a word's pieces, or the unknown token if the word is too long or a part of it is in no token.
  package func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    if word.count > longestWord {
      let scalarCount = word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
      if scalarCount > longestWord {
        tokens.append(unknownToken)
        return
      }
    }
    let countBefore = tokens.count
    var position = 0
    while position < word.count {
      let match = (position == 0 ? beginnings : continuations).longestMatch(word, position, end: word.count)
      guard match.identifier >= 0 else {
        tokens.removeLast(tokens.count - countBefore)
        tokens.append(unknownToken)
        return
      }
      tokens.append(match.identifier)
      position += match.length
    }
  }
}
