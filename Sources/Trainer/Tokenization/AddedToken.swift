// Tokens that are cut out of a text before its words are, and the search for them, as the tokenizers library does both
// (`AddedVocabulary`).

/// A token that a tokenizer has beside the pieces of words: one that users added, or `[MASK]` and its like.
package struct AddedToken: Hashable, Sendable {
  /// The text that it stands for.
  package var content: String
  /// Its identifier.
  package var identifier: Int32
  /// Whether it counts only where no letter, digit or underscore stands beside it.
  package var isSingleWord: Bool
  /// Whether it is looked for in the normalized text, in its own normalized form, rather than in the raw text.
  package var isNormalized: Bool
  /// Whether it stands for no text, so that it is never masked.
  package var isSpecial: Bool
  /// Whether it takes the white space before it.
  package var takesSpaceBefore = false
  /// Whether it takes the white space behind it.
  package var takesSpaceAfter = false

  package init(
    _ content: String, identifier: Int32, isSingleWord: Bool = false, isNormalized: Bool = false, isSpecial: Bool = true
  ) {
    self.content = content
    self.identifier = identifier
    self.isSingleWord = isSingleWord
    self.isNormalized = isNormalized
    self.isSpecial = isSpecial
  }

  /// Everything that decides an encoding, for digests.
  package var rules: String {
    let flags = [
      (isSingleWord, " word"), (isNormalized, " normalized"), (isSpecial, " special"), (takesSpaceBefore, " lstrip"),
      (takesSpaceAfter, " rstrip"),
    ]
    return "\(identifier)\(flags.filter(\.0).map(\.1).joined()) \(content)"
  }
}

/// Finds added tokens in a text: the leftmost first, of several that begin there the longest.
struct AddedTokenSearch: Sendable {
  private let trie: TokenTrie
  private let tokens: [AddedToken]
  /// Whether a token begins with a byte, (256).
  private let begins: [Bool]

  /// A search for tokens by their UTF-8; of those with the same text the first counts.
  init(_ tokens: [(text: [UInt8], token: AddedToken)]) {
    // Of equal texts a trie has the last.
    let tokens = Array(tokens.filter { !$0.text.isEmpty }.reversed())
    trie = TokenTrie(texts: tokens.map(\.text))
    self.tokens = tokens.map(\.token)
    let firstBytes = Set(tokens.map { $0.text[0] })
    begins = (0..<256).map { firstBytes.contains(UInt8($0)) }
  }

  /// Cuts a text into the pieces between tokens and the tokens, in order.
  @inline(__always)
  func cut(
    _ text: UnsafeBufferPointer<UInt8>, piece: (UnsafeBufferPointer<UInt8>) -> Void, token found: (Int32) -> Void
  ) {
    var start = 0
    // Where the white space ends that a token took last, so that tokens in it do not look for that end again.
    var spaceEnd = 0
    var position = 0
    while position < text.count {
      guard begins[Int(text[position])], case let match = trie.longestMatch(text, position, end: text.count),
        match.identifier >= 0
      else {
        position += 1
        continue
      }
      let end = position + match.length
      let token = tokens[Int(match.identifier)]
      // One that is part of a word is text, and the search goes on behind it.
      if !token.isSingleWord || Self.standsAlone(position..<end, in: text) {
        let before = token.takesSpaceBefore ? WhiteSpace.start(before: position, in: text, from: start) : position
        if start < before { piece(UnsafeBufferPointer(rebasing: text[start..<before])) }
        // The search goes on in the space that this token takes: a token that stands there counts as well, unless it takes that
        // space itself, and what is left of the space is text.
        if token.takesSpaceAfter, spaceEnd < end { spaceEnd = WhiteSpace.end(after: end, in: text) }
        let stop = token.takesSpaceAfter ? spaceEnd : end
        if before < stop { found(token.identifier) }
        start = stop
      }
      position = end
    }
    if start < text.count { piece(UnsafeBufferPointer(rebasing: text[start...])) }
  }

  /// Whether no word character stands right before or behind a range.
  private static func standsAlone(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    if range.upperBound < text.count {
      var position = range.upperBound
      if isWordCharacter(decodeScalar(text, &position)) { return false }
    }
    if range.lowerBound > 0 {
      var position = range.lowerBound - 1
      while position > 0 && text[position] & 0xC0 == 0x80 { position -= 1 }
      if isWordCharacter(decodeScalar(text, &position)) { return false }
    }
    return true
  }

  /// What `\w` means in Unicode's regular expressions (UTS 18, annex C).
  private static func isWordCharacter(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    let (properties, category) = (scalar.properties, scalar.properties.generalCategory)
    return properties.isAlphabetic || properties.isJoinControl
      || [.nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation].contains(category)
  }
}
