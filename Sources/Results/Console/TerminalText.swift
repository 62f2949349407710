// Names of files and sweeps as a terminal shows them: what it would obey becomes visible, and how many columns the rest takes
// is measured. Every cell of a view on a terminal goes through here. It does not wrap lines.

import JSON5

/// Text in the columns of a terminal.
package enum TerminalText {
  /// What stands for the part of a text that is cut off.
  static let ellipsis = "..."

  /// The text on one line, with everything that a terminal would obey or hide as an escape: control characters, line and
  /// paragraph separators, and marks that turn the direction of writing.
  package static func cleaned(_ text: String) -> String {
    let text = text.escapingControlCharacters()
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isHidden(scalar) { result += "\\u" + hexadecimal(scalar) } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Whether a terminal would not show a scalar where it stands. The zero-width joiner belongs to the signs beside it.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .lineSeparator, .paragraphSeparator: true
    case .format: scalar != "\u{200D}"
    default: false
    }
  }

  /// The columns that a text takes: two for a wide character, none for one that is put on the character before it. Where
  /// terminals disagree it is the larger number, so that no line becomes too long.
  package static func width(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }
  }

  /// The blocks whose characters are wide by Unicode's East Asian Width, unassigned code points between them included.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
    0x1F200...0x1F2FF, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
  ]

  /// The text in `width` columns at most; what does not fit is cut off at its end.
  package static func cut(_ text: String, to width: Int) -> String {
    guard self.width(text) > width else { return text }
    let mark = width > 2 * ellipsis.count ? ellipsis : ""
    var (result, used) = ("", mark.count)
    for character in text {
      let columns = self.width(String(character))
      guard used + columns <= width else { break }
      result.append(character)
      used += columns
    }
    return result + mark
  }

  /// The text in exactly `width` columns, cut or filled with spaces.
  package static func fitted(_ text: String, to width: Int, onRight: Bool = true) -> String {
    let text = cut(text, to: width)
    let padding = String(repeating: " ", count: max(0, width - self.width(text)))
    return onRight ? text + padding : padding + text
  }
}
