// Reads the named fields of one JSON record into plain values; an error names the field, what was found and what belongs
// there. Unknown fields are passed over, so that a record may gain fields.

import JSON5

/// A record that does not hold what it should.
package struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which field, what was found and what is expected.
  package var description: String

  /// An error with its text.
  package init(_ description: String) { self.description = description }
}

/// The fields of one JSON object.
struct JSONFields {
  let members: [JSONMember]
  /// What the object is called in errors: empty, or a path that ends in a dot.
  let prefix: String

  init(_ node: JSONNode, prefix: String = "") throws {
    guard let members = node.members else {
      throw CodecError(
        "\(prefix.isEmpty ? "the record" : String(prefix.dropLast())): expected an object, found \(node.kindName)")
    }
    self.members = members
    self.prefix = prefix
  }

  /// The value of a field; nil where it is missing or null.
  func optional(_ name: String) -> JSONNode? {
    // Lengths of UTF-8 text are compared faster than text, and nothing but itself equals a name of small ASCII letters.
    let length = name.utf8.count
    for member in members where member.key.utf8.count == length && member.key == name {
      if case .null = member.value.content { return nil }
      return member.value
    }
    return nil
  }

  func required(_ name: String) throws -> JSONNode {
    guard let node = optional(name) else { throw CodecError("\(prefix)\(name): the field is missing") }
    return node
  }

  func double(_ name: String) throws -> Double { try Self.double(required(name), prefix + name) }

  func optionalDouble(_ name: String) throws -> Double? {
    try optional(name).map { try Self.double($0, prefix + name) }
  }

  func integer(_ name: String) throws -> Int { try Self.integer(required(name), prefix + name) }

  func count(_ name: String) throws -> Int { try Self.count(required(name), prefix + name) }

  func optionalCount(_ name: String) throws -> Int? {
    try optional(name).map { try Self.count($0, prefix + name) }
  }

  func text(_ name: String) throws -> String { try Self.text(required(name), prefix + name) }

  func optionalText(_ name: String) throws -> String? {
    try optional(name).map { try Self.text($0, prefix + name) }
  }

  func boolean(_ name: String) throws -> Bool {
    let node = try required(name)
    guard let flag = node.booleanValue else { throw Self.mismatch(prefix + name, "true or false", node) }
    return flag
  }

  func list(_ name: String) throws -> [JSONNode] { try Self.list(required(name), prefix + name) }

  func word<Word: RawRepresentable & CaseIterable>(_ name: String) throws -> Word where Word.RawValue == String {
    let text = try text(name)
    guard let word = Word(rawValue: text) else {
      let allowed = ValueKind.alternatives(Word.allCases.map { JSONWriter.quoted($0.rawValue) })
      throw CodecError("\(prefix)\(name): expected \(allowed), found \(JSONWriter.quoted(text))")
    }
    return word
  }

  static func double(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Double {
    guard let number = node.doubleValue else { throw mismatch(name(), "a number", node) }
    return number
  }

  static func integer(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Int {
    guard let integer = node.intValue else { throw mismatch(name(), "an integer", node) }
    return integer
  }

  /// A number of things, so small that sums and products of two never overflow.
  static func count(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Int {
    guard let count = node.intValue, (0...Int(Int32.max)).contains(count) else {
      throw mismatch(name(), "an integer from 0 to \(Int32.max)", node)
    }
    return count
  }

  static func seed(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> UInt64 {
    guard case .integer(let literal) = node.content, let seed = UInt64(literal) else {
      throw mismatch(name(), "an integer of 0 to 2^64 - 1", node)
    }
    return seed
  }

  static func text(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> String {
    guard let text = node.stringValue else { throw mismatch(name(), "a string", node) }
    return text
  }

  static func list(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> [JSONNode] {
    guard let elements = node.elements else { throw mismatch(name(), "a list", node) }
    return elements
  }

  static func mismatch(_ name: String, _ expected: String, _ node: JSONNode) -> CodecError {
    CodecError("\(name): expected \(expected), found \(node.kindName)")
  }
}

extension JSONWriter {
  /// Writes a member unless its value is nil.
  mutating func field(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }

  mutating func field(_ name: String, _ integer: Int?) {
    guard let integer else { return }
    key(name)
    value(integer)
  }

  mutating func field(_ name: String, _ text: String?) {
    guard let text else { return }
    key(name)
    value(text)
  }

  mutating func field(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }
}
