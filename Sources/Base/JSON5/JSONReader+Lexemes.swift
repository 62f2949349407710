// How the reader reads white space and comments, bare keys, and strings with their escapes. Every rule is the dialect's, except
// that the escape of a lone surrogate, which no UTF-8 text can hold, is refused; in files that Python writes, whose json module
// reads it, it becomes U+FFFD.

extension JSONReader {
  /// Skips white space and comments.
  @inline(__always)
  mutating func skipSpace() throws(Diagnostic) {
    if index < bytes.count, bytes[index] > 0x20, bytes[index] < 0x80, bytes[index] != UInt8(ascii: "/") { return }
    try skipAnySpace()
  }

  private mutating func skipAnySpace() throws(Diagnostic) {
    while index < bytes.count {
      switch bytes[index] {
      case 0x09, 0x0A, 0x0D, 0x20: index += 1
      case _ where !dialect.isJSON5: return
      case 0x0B, 0x0C: index += 1
      case UInt8(ascii: "/"): try skipComment()
      case 0x80...:
        guard let next = scalar(at: index), Self.isSpace(next.value) else { return }
        index += next.length
      default: return
      }
    }
  }

  private mutating func skipComment() throws(Diagnostic) {
    let start = index
    switch index + 1 < bytes.count ? bytes[index + 1] : 0 {
    case UInt8(ascii: "/"):
      while let next = scalar(at: index), !Self.endsLine(next.value) { index += next.length }
    case UInt8(ascii: "*"):
      index += 2
      while index + 1 < bytes.count {
        if bytes[index] == UInt8(ascii: "*") && bytes[index + 1] == UInt8(ascii: "/") {
          index += 2
          return
        }
        index += 1
      }
      throw failure(at: start, "the comment is never closed with */")
    default:
      throw failure(at: start, "expected // or /* to open a comment, found \"/\"")
    }
  }

  static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r" || scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{FEFF}" || scalar == "\u{2028}" || scalar == "\u{2029}"
      || scalar.properties.generalCategory == .spaceSeparator
  }

  /// The scalar that starts at a byte of the (valid) text and its length in bytes; nil at the end.
  func scalar(at offset: Int) -> (value: Unicode.Scalar, length: Int)? {
    guard offset < bytes.count else { return nil }
    let first = UInt32(bytes[offset])
    if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard offset + length <= bytes.count else { return nil }
    var value = first & (0xFF >> UInt32(length + 1))
    for next in 1..<length { value = value << 6 | UInt32(bytes[offset + next]) & 0x3F }
    return Unicode.Scalar(value).map { ($0, length) }
  }

  // MARK: Bare keys

  func startsIdentifier(at offset: Int) -> Bool {
    guard let scalar = scalar(at: offset)?.value else { return false }
    return scalar == "\\" || Self.startsIdentifier(scalar)
  }

  func continuesIdentifier(at offset: Int) -> Bool {
    guard offset < bytes.count else { return false }
    let byte = bytes[offset]
    if byte < 0x80 { return Self.startsIdentifier(byte) || byte &- 0x30 < 10 || byte == UInt8(ascii: "\\") }
    guard let scalar = scalar(at: offset)?.value else { return false }
    return scalar == "\\" || Self.continuesIdentifier(scalar)
  }

  private static func startsIdentifier(_ byte: UInt8) -> Bool {
    let lowered = byte | 0x20
    return lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "$")
  }

  private static func startsIdentifier(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return startsIdentifier(UInt8(scalar.value)) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber: return true
    default: return false
    }
  }

  private static func continuesIdentifier(_ scalar: Unicode.Scalar) -> Bool {
    if startsIdentifier(scalar) || ("0"..."9").contains(scalar) { return true }
    if scalar.isASCII { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: return true
    default: return scalar == "\u{200C}" || scalar == "\u{200D}"
    }
  }

  mutating func identifier() throws(Diagnostic) -> String {
    var text = ""
    while let next = scalar(at: index) {
      if next.value == "\\" {
        let start = index
        index += 1
        guard take(UInt8(ascii: "u")) else {
          throw failure(at: start, "expected \\u and four hexadecimal digits in a bare key, found \"\\\"")
        }
        let scalar = try unicodeEscape(from: start)
        guard text.isEmpty ? Self.startsIdentifier(scalar) : Self.continuesIdentifier(scalar) else {
          throw failure(at: start, "the escape stands for a character that a bare key may not have; quote the key")
        }
        text.unicodeScalars.append(scalar)
      } else if Self.continuesIdentifier(next.value) {
        text.unicodeScalars.append(next.value)
        index += next.length
      } else {
        break
      }
    }
    return text
  }

  // MARK: Strings

  mutating func string() throws(Diagnostic) -> String {
    let start = index
    let quote = bytes[index]
    guard dialect.isJSON5 || quote == UInt8(ascii: "\"") else {
      throw failure(at: start, "JSON writes strings in double quotes, found \(found(at: start))")
    }
    index += 1
    var runStart = index
    var text = ""
    while index < bytes.count {
      let byte = bytes[index]
      if byte == quote {
        let run = String(decoding: UnsafeBufferPointer(rebasing: bytes[runStart..<index]), as: UTF8.self)
        index += 1
        return text.isEmpty ? run : text + run
      }
      if byte == UInt8(ascii: "\\") {
        text += String(decoding: UnsafeBufferPointer(rebasing: bytes[runStart..<index]), as: UTF8.self)
        try escape(into: &text)
        runStart = index
      } else if byte == 0x0A || byte == 0x0D {
        throw failure(at: start, "the string is not closed on its line")
      } else if byte < 0x20 && !dialect.isJSON5 {
        throw failure(at: index, "a control character in a string; JSON writes it as \\u00\(hexadecimal(byte))")
      } else {
        index += 1
      }
    }
    throw failure(at: start, "the string is never closed with \(Character(Unicode.Scalar(quote)))")
  }

  /// Reads one escape, the backslash included; a backslash and the end of the line after it add nothing.
  private mutating func escape(into text: inout String) throws(Diagnostic) {
    let start = index
    index += 1
    guard let next = scalar(at: index) else { throw failure(at: start, "the text ends inside an escape") }
    if !dialect.isJSON5, !"\"\\/bfnrtu".unicodeScalars.contains(next.value) {
      throw failure(at: start, "JSON has no escape that begins with a backslash and \(found(at: index))")
    }
    index += next.length
    switch next.value {
    case "b": text.unicodeScalars.append("\u{08}")
    case "f": text.unicodeScalars.append("\u{0C}")
    case "n": text.unicodeScalars.append("\n")
    case "r": text.unicodeScalars.append("\r")
    case "t": text.unicodeScalars.append("\t")
    case "v": text.unicodeScalars.append("\u{0B}")
    case "x": text.unicodeScalars.append(Unicode.Scalar(UInt8(try hexadecimal(digits: 2, escapeAt: start))))
    case "u": text.unicodeScalars.append(try unicodeEscape(from: start))
    case "0":
      if let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
        throw failure(at: start, "octal escapes are not allowed; write \\x and two hexadecimal digits")
      }
      text.unicodeScalars.append("\0")
    case "1"..."9": throw failure(at: start, "the escape \"\\\(next.value)\" is not allowed")
    case "\r": _ = take(0x0A)
    case "\n", "\u{2028}", "\u{2029}": break
    default: text.unicodeScalars.append(next.value)
    }
  }

  /// Reads what follows `\u`, and the second half of a surrogate pair.
  private mutating func unicodeEscape(from start: Int) throws(Diagnostic) -> Unicode.Scalar {
    let first = try hexadecimal(digits: 4, escapeAt: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    let end = index
    if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try hexadecimal(digits: 4, escapeAt: start)
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    if dialect == .python {
      // What follows the half is read again: it may be an escape of its own.
      index = end
      return "\u{FFFD}"
    }
    throw failure(at: start, "the escape is half of a surrogate pair and stands for no character")
  }

  private mutating func hexadecimal(digits: Int, escapeAt start: Int) throws(Diagnostic) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = peek(), let digit = Self.hexadecimalDigit(byte) else {
        throw failure(at: start, "the escape needs \(digits) hexadecimal digits, found \(found(at: index))")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  static func hexadecimalDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
