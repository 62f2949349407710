// The normalizer of BERT: cleans, spaces ideographs and, for uncased models, decomposes, strips accents and lower-cases.
// Follows the fast tokenizer, scalar by scalar, in one pass over UTF-8. Words are cut here too; pieces are not.

import Foundation

/// Turns raw UTF-8 into the UTF-8 that words are cut from.
package struct TextNormalizer: NormalizationStep {
  /// Whether accents are stripped and letters lower-cased, which BERT does together.
  let lowercases: Bool
  private let classes = UnicodeClasses.shared

  package init(lowercases: Bool) { self.lowercases = lowercases }

  package var rules: String { "BERT's, lowercases: \(lowercases)" }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var pending: [(scalar: UInt32, combiningClass: UInt8)] = []
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        position += 1
        if byte >= 0x20 && byte != 0x7F {
          if !pending.isEmpty { flush(&pending, into: &output) }
          output.append(lowercases && byte &- 65 < 26 ? byte | 32 : byte)
        } else if byte == 9 || byte == 10 || byte == 13 {
          if !pending.isEmpty { flush(&pending, into: &output) }
          output.append(0x20)
        }
      } else {
        normalize(decodeScalar(text, &position), &pending, into: &output)
      }
    }
    if !pending.isEmpty { flush(&pending, into: &output) }
  }

  /// Normalizes one scalar beyond ASCII. `pending` holds kept scalars that canonical ordering may still move.
  private func normalize(
    _ scalar: UInt32, _ pending: inout [(scalar: UInt32, combiningClass: UInt8)], into output: inout [UInt8]
  ) {
    let flags = classes.flags(scalar)
    if flags.contains(.removed) { return }
    if lowercases {
      if flags.contains(.mark) { return }
      if flags.contains(.ordered) && !flags.contains(.folds) {
        pending.append((scalar, classes.combiningClass(scalar)))
        return
      }
    }
    if !pending.isEmpty { flush(&pending, into: &output) }
    if flags.contains(.space) {
      output.append(0x20)
      return
    }
    if lowercases && flags.contains(.starterMark) { return }
    if flags.contains(.ideograph) { output.append(0x20) }
    if !lowercases {
      appendScalar(scalar, to: &output)
    } else if flags.contains(.folds) {
      for part in classes.fold(scalar) {
        if classes.flags(part).contains(.ordered) {
          pending.append((part, classes.combiningClass(part)))
        } else {
          appendScalar(part, to: &output)
        }
      }
    } else if scalar &- 0xAC00 < 11172 {
      appendHangul(scalar, to: &output)
    } else {
      appendScalar(scalar, to: &output)
    }
    if flags.contains(.ideograph) { output.append(0x20) }
  }

  /// Appends the pending scalars by combining class, in their order within a class (Unicode's canonical ordering).
  private func flush(
    _ pending: inout [(scalar: UInt32, combiningClass: UInt8)], into output: inout [UInt8]
  ) {
    // Swift's sort is stable in fact but not by contract; the position makes it so.
    let order = pending.indices.sorted { (pending[$0].combiningClass, $0) < (pending[$1].combiningClass, $1) }
    for index in order { appendScalar(pending[index].scalar, to: &output) }
    pending.removeAll(keepingCapacity: true)
  }

  /// Appends the two or three jamo of a Hangul syllable (Unicode 3.12).
  private func appendHangul(_ syllable: UInt32, to output: inout [UInt8]) {
    let index = syllable - 0xAC00
    appendScalar(0x1100 + index / 588, to: &output)
    appendScalar(0x1161 + index % 588 / 28, to: &output)
    if index % 28 != 0 { appendScalar(0x11A7 + index % 28, to: &output) }
  }
}

/// Calls `body` with the bytes of each word: white space, also such as cleaning removes, separates words; punctuation stands alone.
@inline(__always)
func forEachWord(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
  let classes = UnicodeClasses.shared
  var start = 0
  var position = 0
  while position < text.count {
    let before = position
    let scalar = decodeScalar(text, &position)
    let flags = classes.flags(scalar)
    let isSpace = flags.contains(.space) || scalar == 0x0B || scalar == 0x0C || scalar == 0x85
    let standsAlone = flags.contains(.punctuation)
    guard isSpace || standsAlone else { continue }
    if start < before { body(start..<before) }
    if standsAlone { body(before..<position) }
    start = position
  }
  if start < text.count { body(start..<text.count) }
}

/// Where the ASCII letters that begin at `position` end.
func asciiEnd(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
  var end = position
  let bytes = UnsafeRawBufferPointer(text)
  while end + 8 <= text.count, bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
    end += 8
  }
  while end < text.count && text[end] < 0x80 { end += 1 }
  return end
}

/// The first position of a byte from `position` on; nil where there is none.
@inline(__always)
func firstPosition(of byte: UInt8, in text: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
  guard position < text.count, let start = text.baseAddress,
    let found = memchr(start + position, Int32(byte), text.count - position)
  else { return nil }
  return UnsafeRawPointer(start).distance(to: found)
}

/// Appends a part of a text.
@inline(__always)
func appendPart(_ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
  output.append(contentsOf: UnsafeBufferPointer(rebasing: text[range]))
}

/// Whether a pattern stands at a position of a text.
@inline(__always)
func stands(_ pattern: UnsafeBufferPointer<UInt8>, at position: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard pattern.count <= text.count - position else { return false }
  for index in 0..<pattern.count where text[position + index] != pattern[index] { return false }
  return true
}

/// The scalar that starts at `position` in valid UTF-8; moves `position` past it.
@inline(__always)
func decodeScalar(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt32 {
  let lead = UInt32(text[position])
  let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
  var scalar = length == 1 ? lead : lead & (0x7F >> UInt32(length))
  for offset in 1..<max(length, 1) where length > 1 { scalar = scalar << 6 | UInt32(text[position + offset] & 0x3F) }
  position += length
  return scalar
}

/// Appends a scalar's UTF-8 bytes.
@inline(__always)
func appendScalar(_ scalar: UInt32, to output: inout [UInt8]) {
  func continuation(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift & 0x3F | 0x80) }
  if scalar < 0x80 {
    output.append(UInt8(truncatingIfNeeded: scalar))
  } else if scalar < 0x800 {
    output.append(UInt8(truncatingIfNeeded: scalar >> 6 | 0xC0))
    output.append(continuation(0))
  } else if scalar < 0x10000 {
    output.append(UInt8(truncatingIfNeeded: scalar >> 12 | 0xE0))
    output.append(continuation(6))
    output.append(continuation(0))
  } else {
    output.append(UInt8(truncatingIfNeeded: scalar >> 18 | 0xF0))
    output.append(continuation(12))
    output.append(continuation(6))
    output.append(continuation(0))
  }
}
