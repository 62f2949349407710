// Reads the named fields of a JSON record as plain values. An error names the field, what was found and what is expected.
// Unknown fields are skipped, so that a later version may add fields.

/// A field of a record that is missing or has a wrong value.
package struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which field, what was found and what is expected.
  package var description: String

  /// An error with its text.
  package init(_ description: String) { self.description = description }
}

/// The words as a list in a sentence: "a, b or c".
package func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// The fields of one JSON object.
package struct JSONObject {
  /// The members as written.
  package let members: [JSONMember]
  /// What stands before a field's name in errors: empty, or a path that ends in a dot.
  package let prefix: String

  /// The fields of an object.
  ///
  /// - Throws: `CodecError` for anything else.
  @inlinable package init(_ node: JSONNode, prefix: String = "") throws {
    guard let members = node.members else {
      throw CodecError(
        "\(prefix.isEmpty ? "the record" : Self.title(prefix)): expected an object, found \(node.kindName)")
    }
    self.members = members
    self.prefix = prefix
  }

  /// A prefix without the punctuation at its end.
  @usableFromInline static func title(_ prefix: String) -> String {
    var title = prefix[...]
    while let last = title.last, ".: ".contains(last) { title.removeLast() }
    return String(title)
  }

  /// The value of a field; nil where it is missing or null.
  @inlinable package func optional(_ name: String) -> JSONNode? {
    // Comparing lengths first is faster. It is exact, because no other text is canonically equal to a name in ASCII letters.
    let length = name.utf8.count
    for member in members where member.key.utf8.count == length && member.key == name {
      if case .null = member.value.content { return nil }
      return member.value
    }
    return nil
  }

  /// The value of a field.
  @inlinable package func required(_ name: String) throws -> JSONNode {
    guard let node = optional(name) else { throw CodecError("\(prefix)\(name): the field is missing") }
    return node
  }

  /// A number.
  @inlinable package func double(_ name: String) throws -> Double { try Self.double(required(name), prefix + name) }

  /// A number; nil where it is missing or null.
  @inlinable package func optionalDouble(_ name: String) throws -> Double? {
    try optional(name).map { try Self.double($0, prefix + name) }
  }

  /// An integer.
  @inlinable package func integer(_ name: String) throws -> Int { try Self.integer(required(name), prefix + name) }

  /// An integer that counts something.
  @inlinable package func count(_ name: String) throws -> Int { try Self.count(required(name), prefix + name) }

  /// An integer that counts something; nil where it is missing or null.
  @inlinable package func optionalCount(_ name: String) throws -> Int? {
    try optional(name).map { try Self.count($0, prefix + name) }
  }

  /// A string.
  @inlinable package func text(_ name: String) throws -> String { try Self.text(required(name), prefix + name) }

  /// A string; nil where it is missing or null.
  @inlinable package func optionalText(_ name: String) throws -> String? {
    try optional(name).map { try Self.text($0, prefix + name) }
  }

  /// A boolean.
  @inlinable package func boolean(_ name: String) throws -> Bool {
    let node = try required(name)
    guard let flag = node.booleanValue else { throw Self.mismatch(prefix + name, "true or false", node) }
    return flag
  }

  /// The elements of a list.
  @inlinable package func list(_ name: String) throws -> [JSONNode] { try Self.list(required(name), prefix + name) }

  /// One of the words of an enumeration.
  @inlinable package func word<Word: RawRepresentable & CaseIterable>(_ name: String) throws -> Word
  where Word.RawValue == String {
    let text = try text(name)
    guard let word = Word(rawValue: text) else {
      let allowed = alternatives(Word.allCases.map { JSONWriter.quoted($0.rawValue) })
      throw CodecError("\(prefix)\(name): expected \(allowed), found \(JSONWriter.quoted(text))")
    }
    return word
  }

  /// The same for a value that errors call `name`.
  @inlinable package static func double(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Double {
    guard let number = node.doubleValue else { throw mismatch(name(), "a number", node) }
    return number
  }

  /// The same for a value that errors call `name`.
  @inlinable package static func integer(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Int {
    guard let integer = node.intValue else { throw mismatch(name(), "an integer", node) }
    return integer
  }

  /// A count, limited so that the sum or product of two counts never overflows.
  @inlinable package static func count(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> Int {
    guard let count = node.intValue, (0...Int(Int32.max)).contains(count) else {
      throw mismatch(name(), "an integer from 0 to \(Int32.max)", node)
    }
    return count
  }

  /// A seed.
  @inlinable package static func seed(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> UInt64 {
    guard case .integer(let literal) = node.content, let seed = UInt64(literal) else {
      throw mismatch(name(), "an integer of 0 to 2^64 - 1", node)
    }
    return seed
  }

  /// The same for a value that errors call `name`.
  @inlinable package static func text(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> String {
    guard let text = node.stringValue else { throw mismatch(name(), "a string", node) }
    return text
  }

  /// The same for a value that errors call `name`.
  @inlinable package static func list(_ node: JSONNode, _ name: @autoclosure () -> String) throws -> [JSONNode] {
    guard let elements = node.elements else { throw mismatch(name(), "a list", node) }
    return elements
  }

  /// An error about a value of the wrong kind.
  @inlinable package static func mismatch(_ name: String, _ expected: String, _ node: JSONNode) -> CodecError {
    CodecError("\(name): expected \(expected), found \(node.kindName)")
  }
}
