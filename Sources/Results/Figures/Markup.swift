// Text with elements, for SVG and XHTML: every name is ours, every attribute and every text is escaped here and nowhere else, so
// that no label, path or name of a user can become markup. It checks no schema.

/// A document that is being written.
package struct Markup {
  /// The document so far, in UTF-8.
  package private(set) var bytes: [UInt8] = []
  private var openNames: [String] = []

  /// An empty document.
  package init() {}

  /// The document as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Begins an element.
  package mutating func open(_ name: StaticString, _ attributes: [(StaticString, String)] = []) {
    tag(name, attributes)
    add(">")
    openNames.append("\(name)")
  }

  /// Ends the element that was begun last.
  package mutating func close() {
    guard let name = openNames.popLast() else { return }
    add("</\(name)>")
  }

  /// An element without contents.
  package mutating func empty(_ name: StaticString, _ attributes: [(StaticString, String)] = []) {
    tag(name, attributes)
    add("/>")
  }

  /// An element without attributes that holds a text.
  package mutating func element(_ name: StaticString, _ text: String) { element(name, [], text) }

  /// An element that holds a text.
  package mutating func element(_ name: StaticString, _ attributes: [(StaticString, String)], _ text: String) {
    open(name, attributes)
    self.text(text)
    close()
  }

  /// A text.
  package mutating func text(_ text: String) { Self.append(text, to: &bytes) }

  /// Markup of our own, as it is: a document type, a style sheet, a script.
  package mutating func literal(_ text: StaticString) { add("\(text)") }

  /// Another document, as it is.
  package mutating func add(_ other: Markup) { bytes += other.bytes }

  /// A line end, between elements.
  package mutating func newLine() { bytes.append(0x0A) }

  private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func tag(_ name: StaticString, _ attributes: [(StaticString, String)]) {
    add("<\(name)")
    for (name, value) in attributes {
      add(" \(name)=\"")
      Self.append(value, to: &bytes)
      bytes.append(0x22)
    }
  }

  /// A text as it may stand in an element and in an attribute.
  package static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    let isPlain = text.withUTF8 { utf8 in
      let isPlain = utf8.allSatisfy(standsForItself)
      if isPlain { bytes.append(contentsOf: utf8) }
      return isPlain
    }
    if !isPlain { appendEscaped(text, to: &bytes) }
  }

  private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes.append(contentsOf: "&amp;".utf8)
      case "<": bytes.append(contentsOf: "&lt;".utf8)
      case ">": bytes.append(contentsOf: "&gt;".utf8)
      case "\"": bytes.append(contentsOf: "&quot;".utf8)
      case "'": bytes.append(contentsOf: "&#39;".utf8)
      case "\n", "\t": bytes.append(0x20)
      default: bytes.append(contentsOf: UTF8.encode(isAllowed(scalar) ? scalar : "\u{FFFD}") ?? .init())
      }
    }
  }

  /// Whether a byte stands for itself wherever it is.
  private static func standsForItself(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: byte >= 0x20 && byte < 0x7F
    }
  }

  /// Whether XML and HTML may hold a character: no control characters, no noncharacters.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    return value >= 0x20 && !(0x7F...0x9F).contains(value) && value & 0xFFFE != 0xFFFE
      && !(0xFDD0...0xFDEF).contains(value)
  }
}
