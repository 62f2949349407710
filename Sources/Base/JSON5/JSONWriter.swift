// Writes JSON with JSON5's NaN and Infinity literals. The bytes are a pure function of the calls: keys as given, floats as
// the shortest decimal that reads back the same.

/// Appends JSON text to a byte array.
package struct JSONWriter {
  /// The text so far.
  package private(set) var bytes: [UInt8] = []
  private let isIndented: Bool
  private var depth = 0
  private var inlineDepth: Int?
  private var isFirst = true
  private var followsKey = false

  /// An empty text: on one line without spaces, or indented by two spaces.
  package init(indented: Bool = false) {
    isIndented = indented
  }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Writes an object; `body` writes its members.
  package mutating func object(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
    nested(UInt8(ascii: "{"), UInt8(ascii: "}"), inline: inline, body)
  }

  /// Writes a list; `body` writes its elements.
  package mutating func array(inline: Bool = false, _ body: (inout JSONWriter) -> Void) {
    nested(UInt8(ascii: "["), UInt8(ascii: "]"), inline: inline, body)
  }

  /// Writes a member's key; its value follows.
  package mutating func key(_ key: String) {
    separate()
    Self.append(key, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    if isIndented { bytes.append(UInt8(ascii: " ")) }
    followsKey = true
  }

  /// Writes a string.
  package mutating func value(_ text: String) {
    separate()
    Self.append(text, to: &bytes)
  }

  /// Writes a number as its shortest decimal, or as `NaN`, `Infinity` or `-Infinity`.
  package mutating func value(_ number: Double) {
    literal(Self.number(number))
  }

  /// Writes an integer.
  package mutating func value(_ integer: some BinaryInteger) {
    literal(String(integer))
  }

  /// Writes a boolean.
  package mutating func value(_ flag: Bool) {
    literal(flag ? "true" : "false")
  }

  /// Writes `null`.
  package mutating func null() {
    literal("null")
  }

  /// Writes a value that is JSON already.
  package mutating func literal(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  /// The shortest decimal that reads back as the same number, or `NaN`, `Infinity`, `-Infinity`.
  package static func number(_ number: Double) -> String {
    if number.isFinite { return number.description }
    return number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
  }

  /// A string as a JSON literal.
  package static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func nested(
    _ opening: UInt8, _ closing: UInt8, inline: Bool, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    bytes.append(opening)
    depth += 1
    if inline && inlineDepth == nil { inlineDepth = depth }
    isFirst = true
    body(&self)
    let wasEmpty = isFirst
    let wasInline = inlineDepth != nil
    if inlineDepth == depth { inlineDepth = nil }
    depth -= 1
    if !wasEmpty && !wasInline { newLine() }
    bytes.append(closing)
    isFirst = false
  }

  /// Writes the comma and the space before the next key or value.
  private mutating func separate() {
    if followsKey {
      followsKey = false
      return
    }
    let wasFirst = isFirst
    if !wasFirst && depth > 0 { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    guard depth > 0 else { return }
    if inlineDepth == nil {
      newLine()
    } else if isIndented && !wasFirst {
      bytes.append(UInt8(ascii: " "))
    }
  }

  private mutating func newLine() {
    guard isIndented else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        bytes.append(contentsOf: "\\u00".utf8)
        for digit in [byte >> 4, byte & 15] { bytes.append(Array("0123456789abcdef".utf8)[Int(digit)]) }
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension JSONWriter {
  /// Writes a member with a number, unless there is none.
  @inlinable package mutating func field(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  /// Writes a member with an integer, unless there is none.
  @inlinable package mutating func field(_ name: String, _ integer: Int?) {
    guard let integer else { return }
    key(name)
    value(integer)
  }

  /// Writes a member with an integer of any type.
  @inlinable package mutating func field(_ name: String, _ integer: some BinaryInteger) {
    key(name)
    value(integer)
  }

  /// Writes a member with a text, unless there is none.
  @inlinable package mutating func field(_ name: String, _ text: String?) {
    guard let text else { return }
    key(name)
    value(text)
  }

  /// Writes a member with a boolean.
  @inlinable package mutating func field(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  /// Writes a member with a text, or `null` where there is none.
  package mutating func field(_ name: String, orNull text: String?) {
    key(name)
    if let text { value(text) } else { null() }
  }

  /// Writes a member with a number, or `null` where there is none.
  package mutating func field(_ name: String, orNull number: Double?) {
    key(name)
    if let number { value(number) } else { null() }
  }
}
