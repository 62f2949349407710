// Text as LaTeX takes it: labels with its special characters escaped, names of macros (letters only), rounded numbers. What a
// paper says with them is decided elsewhere.

import Foundation

/// Words and numbers for LaTeX.
enum LaTeX {
  /// A text with LaTeX's special characters escaped; a line end becomes a space.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\textbackslash{}"
      case "~": result += "\\textasciitilde{}"
      case "^": result += "\\textasciicircum{}"
      case "<": result += "\\textless{}"
      case ">": result += "\\textgreater{}"
      case "{", "}", "$", "&", "#", "_", "%": result += "\\\(character)"
      case "\n", "\r", "\r\n", "\t": result += " "
      default: result.append(character)
      }
    }
  }

  private static let digits = ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]

  /// A text as part of a macro's name, in letters only: every word begins with a capital, digits are spelled out, a point or
  /// sign before a digit too, and everything else is left out. `warmup=0.1` is `WarmupZeroPointOne`.
  static func letters(_ text: String) -> String {
    let characters = Array(text)
    var result = ""
    var isWordStart = true
    for (index, character) in characters.enumerated() {
      let isBeforeDigit = index + 1 < characters.count && digit(characters[index + 1]) != nil
      if let digit = digit(character) {
        result += digits[digit]
        isWordStart = true
      } else if character.isASCII && character.isLetter {
        result += isWordStart ? character.uppercased() : String(character)
        isWordStart = false
      } else {
        if isBeforeDigit { result += [".": "Point", "-": "Minus", "+": "Plus"][character] ?? "" }
        isWordStart = true
      }
    }
    return result
  }

  private static func digit(_ character: Character) -> Int? { character.isASCII ? character.wholeNumberValue : nil }

  /// Hexadecimal digits as letters from a to p.
  static func letters(hexadecimal text: String) -> String {
    String(text.compactMap { $0.hexDigitValue.map { Character(UnicodeScalar(UInt8(97 + $0))) } })
  }

  /// A number with `digits` decimals. A number that is not zero and would be rounded to it has two significant digits instead, and one
  /// that would fill a line has an exponent.
  static func decimal(_ value: Double, digits: Int) -> String {
    guard abs(value) < 1e9 else { return String(format: "%.\(digits)e", value) }
    let text = String(format: "%.\(digits)f", value)
    guard Double(text) == 0 else { return text }
    return value == 0 ? String(format: "%.\(digits)f", 0.0) : String(format: "%.1e", value)
  }

  /// "a", "a and b" or "a, b and c".
  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
