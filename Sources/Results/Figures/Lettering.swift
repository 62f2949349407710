// How long words become: an estimate for the sans-serif fonts that browsers and papers use, on the wide side, because nobody knows
// which one draws them.

/// Widths of words.
package enum Lettering {
  /// The width of a text, at a font size of 1.
  package static func width(of text: String) -> Double { text.unicodeScalars.reduce(0) { $0 + width(of: $1) } }

  private static func width(of scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "'", "|", "!", ".", ",", ":", ";": 0.3
    case " ", "f", "t", "r", "I", "(", ")", "[", "]", "/", "-", "\"": 0.4
    case "m", "w", "M", "W", "@", "%": 0.95
    case "A"..."Z", "_", "=", "+", "<", ">", "~", "#", "&": 0.75
    case "\u{1100}"...: 1.05
    default: 0.62
    }
  }

  /// The text, cut with an ellipsis where it is wider than `width` at a font size.
  package static func fitted(_ text: String, to width: Double, size: Double) -> String {
    guard self.width(of: text) * size > width else { return text }
    var kept = ""
    for character in text {
      guard self.width(of: kept + "\(character)…") * size <= width else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// The text in lines that are no wider than `width` at a font size, at most `count`; the last is cut where that does not do.
  package static func lines(_ text: String, width: Double, size: Double, most count: Int = 3) -> [String] {
    var lines: [String] = []
    var words = text.split(separator: " ").map(String.init)[...]
    while let first = words.first, lines.count < count - 1 {
      var line = first
      words.removeFirst()
      while let next = words.first, self.width(of: line + " " + next) * size <= width {
        line += " " + next
        words.removeFirst()
      }
      lines.append(fitted(line, to: width, size: size))
    }
    if !words.isEmpty { lines.append(fitted(words.joined(separator: " "), to: width, size: size)) }
    return lines
  }
}
