// SentencePiece's precompiled character map: texts and what stands in their place, the texts in a double array of 32-bit units
// (Darts-clone's). It normalizes as the tokenizers library does, which looks at grapheme clusters of up to five bytes and
// then at single scalars, and takes the shortest entry that either begins with in place of the whole.

import Digests

/// A precompiled character map.
package struct CharacterMap: NormalizationStep {
  /// The double array.
  private let units: [UInt32]
  /// What stands in place of texts, each ended by a zero.
  private let replacements: [UInt8]
  private let digest: String
  /// Whether an ASCII letter is a cluster by itself before an ASCII one and stays as it is, (128).
  private var keepsASCII: [Bool] = []

  /// A map from its bytes: the array's size in bytes, the array, the replacements.
  ///
  /// - Throws: `VocabularyError` for bytes that are none.
  package init(_ bytes: [UInt8], source: String) throws {
    func fault(_ reason: String) -> VocabularyError {
      VocabularyError(description: "\(source): the precompiled character map \(reason)")
    }
    func number(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
    }
    guard bytes.count >= 4 else { throw fault("has \(bytes.count) bytes; its size takes 4") }
    let size = Int(number(0))
    guard size % 4 == 0, size > 0, size <= bytes.count - 4 else {
      throw fault("says that its array has \(size) bytes; it has \(bytes.count - 4)")
    }
    guard String(validating: bytes[(4 + size)...], as: UTF8.self) != nil else { throw fault("is not UTF-8") }
    guard !bytes[(4 + size)...].split(separator: 0).contains(where: { $0.count > Self.longestReplacement }) else {
      throw fault("puts more than \(Self.longestReplacement) bytes in place of one text")
    }
    units = (0..<size / 4).map { number(4 + 4 * $0) }
    replacements = Array(bytes[(4 + size)...])
    digest = bytes.withUnsafeBytes { SHA256.hex(of: $0) }
    keepsASCII = (0..<128).map { byte in
      var output: [UInt8] = []
      let isReplaced = [UInt8(byte)].withUnsafeBufferPointer { append($0, 0..<1, to: &output) }
      return byte != 0x0D && (!isReplaced || output == [UInt8(byte)])
    }
  }

  package var rules: String { "character map \(digest)" }

  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { keptEnd(text, 0) == text.count }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var position = 0
    while position < text.count {
      let start = position
      position = keptEnd(text, position)
      appendPart(start..<position, of: text, to: &output)
      guard position < text.count else { return }
      let end = GraphemeClusters.end(text, position)
      if end - position > Self.longestCluster || !append(text, position..<end, to: &output) {
        while position < end {
          let start = position
          _ = decodeScalar(text, &position)
          if !append(text, start..<position, to: &output) { output.append(contentsOf: text[start..<position]) }
        }
      }
      position = end
    }
  }

  /// Where the ASCII letters end that begin at `position`, are clusters by themselves and stay as they are. The last one before a
  /// letter beyond ASCII may be of its cluster.
  private func keptEnd(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
    var end = position
    while end < text.count, text[end] < 0x80, keepsASCII[Int(text[end])] { end += 1 }
    return end > position && end < text.count && text[end] >= 0x80 ? end - 1 : end
  }

  private static let longestCluster = 5
  /// No real one has more than 40.
  private static let longestReplacement = 256

  /// Appends what stands in place of the shortest entry that a part of a text begins with; false where there is none, and where
  /// it would begin inside a character, so that a damaged map makes no text that is not UTF-8.
  private func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) -> Bool {
    guard let start = shortestMatch(text, range), start <= replacements.count,
      start == replacements.count || replacements[start] & 0xC0 != 0x80
    else { return false }
    let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
    output += replacements[start..<end]
    return true
  }

  /// The value of the shortest entry with which a part of a text begins.
  @inline(__always)
  private func shortestMatch(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    var node = Self.offset(units[0])
    for index in range {
      let byte = text[index]
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      node ^= Self.offset(unit)
      guard node < units.count else { return nil }
      if unit >> 8 & 1 == 1 { return Int(units[node] & 0x7FFF_FFFF) }
    }
    return nil
  }

  @inline(__always)
  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
