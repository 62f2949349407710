// The pre-tokenizers of the tokenizers library: each cuts a normalized text into the words that a model makes tokens of. A
// word may hold what the text does not, such as a space before it.

/// A step that cuts texts.
package protocol Splitter: Sendable {
  /// Everything that decides what it does, in words.
  var rules: String { get }
  /// Calls `body` with each word, in order; none is empty.
  func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void)
}

/// BERT's: white space separates words, punctuation stands alone.
package struct BERTSplitter: Splitter {
  package init() {}

  package var rules: String { "words and punctuation" }

  package func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    forEachWord(in: text) { body(UnsafeBufferPointer(rebasing: text[$0])) }
  }
}

/// White space separates words.
package struct BlankSplitter: Splitter {
  /// Whether U+001C to U+001F are white space as well, as in Python.
  let asPython: Bool

  package init(asPython: Bool = false) { self.asPython = asPython }

  package var rules: String { "blanks, as Python: \(asPython)" }

  package func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    let tables = UnicodeFormTables.shared
    var start = 0
    var position = 0
    while position < text.count {
      let before = position
      let scalar = decodeScalar(text, &position)
      guard tables.has(.space, scalar) || asPython && (0x1C...0x1F).contains(scalar) else { continue }
      if start < before { body(UnsafeBufferPointer(rebasing: text[start..<before])) }
      start = position
    }
    if start < text.count { body(UnsafeBufferPointer(rebasing: text[start...])) }
  }
}

/// SentencePiece's: spaces become a visible sign, with which each word begins.
package struct MetaspaceSplitter: Splitter {
  let sign: [UInt8]
  /// Whether a text begins with the sign even where it begins with no space.
  let prepends: Bool
  /// Whether words are cut.
  let splits: Bool

  package init(sign: Unicode.Scalar = "\u{2581}", prepends: Bool = true, splits: Bool = true) {
    self.sign = Array(String(Character(sign)).utf8)
    self.prepends = prepends
    self.splits = splits
  }

  package var rules: String { "sign \(sign), prepends: \(prepends), splits: \(splits)" }

  package func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard !text.isEmpty else { return }
    sign.withUnsafeBufferPointer { sign in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (text.count + 1) * sign.count) { word in
        split(text, sign, word, body)
      }
    }
  }

  /// Puts one word after the other into `word`.
  private func split(
    _ text: UnsafeBufferPointer<UInt8>, _ sign: UnsafeBufferPointer<UInt8>, _ word: UnsafeMutableBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var count = 0
    func append(_ byte: UInt8) {
      word.initializeElement(at: count, to: byte)
      count += 1
    }
    if prepends && text[0] != 0x20 && !stands(sign, at: 0, in: text) { sign.forEach(append) }
    var position = 0
    while position < text.count {
      let byte = text[position]
      guard byte == 0x20 || byte == sign[0] && stands(sign, at: position, in: text) else {
        append(byte)
        position += 1
        continue
      }
      if splits && count > 0 {
        body(UnsafeBufferPointer(rebasing: word[..<count]))
        count = 0
      }
      sign.forEach(append)
      position += byte == 0x20 ? 1 : sign.count
    }
    body(UnsafeBufferPointer(rebasing: word[..<count]))
  }
}

/// GPT-2's: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`. Its words are raw bytes, where
/// the library writes them in `ByteAlphabet`.
package struct ByteLevelSplitter: Splitter {
  /// Whether a text begins with a space even where it has none.
  let prepends: Bool
  /// Whether words are cut.
  let splits: Bool

  package init(prepends: Bool, splits: Bool = true) { (self.prepends, self.splits) = (prepends, splits) }

  package var rules: String { "GPT-2's words, prepends: \(prepends), splits: \(splits)" }

  package func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard !text.isEmpty else { return }
    guard prepends && text[0] != 0x20 else { return cut(text, body) }
    ([0x20] + text).withUnsafeBufferPointer { cut($0, body) }
  }

  private func cut(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    guard splits else { return body(text) }
    var start = 0
    while start < text.count {
      let end = Self.wordEnd(text, start)
      body(UnsafeBufferPointer(rebasing: text[start..<end]))
      start = end
    }
  }

  /// The kinds of scalars that the expression tells apart.
  private enum Kind { case letter, number, space, other }

  @inline(__always)
  private static func kind(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Kind {
    let byte = text[position]
    if byte < 0x80 {
      position += 1
      if (byte | 32) &- 97 < 26 { return .letter }
      if byte &- 48 < 10 { return .number }
      return byte == 0x20 || byte &- 9 < 5 ? .space : .other
    }
    let classes = UnicodeFormTables.shared.classes(decodeScalar(text, &position))
    if classes.contains(.letter) { return .letter }
    if classes.contains(.number) { return .number }
    return classes.contains(.space) ? .space : .other
  }

  /// Where the word that begins at `start` ends.
  private static func wordEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    if text[start] == UInt8(ascii: "'"), let end = contractionEnd(text, start) { return end }
    var position = start
    var kind = kind(text, &position)
    if kind == .space {
      // One space belongs to the word behind it.
      guard text[start] == 0x20, position < text.count else { return spaceEnd(text, position) }
      var next = position
      kind = Self.kind(text, &next)
      if kind == .space { return spaceEnd(text, position) }
      position = next
    }
    while position < text.count {
      var next = position
      guard Self.kind(text, &next) == kind else { break }
      position = next
    }
    return position
  }

  /// Where white space that goes on at `position` ends: before its last scalar, if a word follows it and it is not the only one.
  private static func spaceEnd(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
    var end = position
    var last: Int?
    while end < text.count {
      var next = end
      guard kind(text, &next) == .space else { return last ?? end }
      (last, end) = (end, next)
    }
    return end
  }

  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.utf8) }

  private static func contractionEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    contractions.first { text[start...].starts(with: $0) }.map { start + $0.count }
  }
}

/// Splitters one after the other: each cuts the words of the one before it.
package struct SplitterSequence: Splitter {
  let parts: [any Splitter]

  package init(_ parts: [any Splitter]) { self.parts = parts }

  package var rules: String { "splitter: " + parts.map(\.rules).joined(separator: ", ") }

  package func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    split(text, from: 0, body)
  }

  private func split(
    _ text: UnsafeBufferPointer<UInt8>, from index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard index < parts.count else {
      if !text.isEmpty { body(text) }
      return
    }
    guard index + 1 < parts.count else { return parts[index].split(text, body) }
    parts[index].split(text) { split($0, from: index + 1, body) }
  }
}
