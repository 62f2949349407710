// Texts with named placeholders in braces. What a name stands for is the caller's business; nothing here knows a program.

/// A text with placeholders such as `{seed}`. `{{seed}}` stands for `{seed}` itself; other braces are text.
package struct TextTemplate {
  /// A part of the text.
  enum Part: Equatable {
    case text(String)
    case placeholder(String)
  }

  let parts: [Part]

  /// The template that a text is.
  package init(_ text: String) {
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let first = rest.first {
      if first == "{", let literal = Self.name(in: rest.dropFirst(), isDoubled: true) {
        plain += "{\(literal)}"
        rest = rest.dropFirst(literal.count + 4)
      } else if first == "{", let name = Self.name(in: rest, isDoubled: false) {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        parts.append(.placeholder(name))
        rest = rest.dropFirst(name.count + 2)
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    self.parts = parts
  }

  /// The most letters of a name.
  private static let longestName = 100

  /// The name in the braces at the start of a text; nil where they hold none.
  private static func name(in text: Substring, isDoubled: Bool) -> String? {
    guard text.first == "{" else { return nil }
    let name = text.dropFirst().prefix(longestName + 1).prefix { $0 != "}" }
    guard isName(name), text.dropFirst(name.count + 1).hasPrefix(isDoubled ? "}}" : "}") else { return nil }
    return String(name)
  }

  /// Whether a text may be the name of a parameter: a letter or `_`, then letters, digits, `_`, `-` and `.`.
  package static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= longestName, first == UInt8(ascii: "_") || isLetter(first)
    else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-.".utf8.contains(byte)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The names of its placeholders.
  package var names: [String] {
    parts.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
  }

  /// The text with values in place of the placeholders; one without a value stays as it is.
  package func expanded(_ value: (String) -> String?) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .placeholder(let name): value(name) ?? "{\(name)}"
      }
    }.joined()
  }
}
