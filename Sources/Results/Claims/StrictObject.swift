// An object of a claims or registration file, read strictly: what is unknown, missing or of another kind is refused with its position.

import JSON5

/// An object's members, with errors that tell their position.
package struct StrictObject {
  package let members: [JSONMember]
  package let node: JSONNode
  private let title: String
  private let reader: ClaimsReader

  package init(_ node: JSONNode, _ title: String, _ reader: ClaimsReader) throws {
    guard let members = node.members else {
      throw reader.error(node.range, "\(title): expected an object, found \(node.kindName)")
    }
    (self.members, self.node, self.title, self.reader) = (members, node, title, reader)
  }

  /// Refuses keys that are not among these.
  package func allow(_ keys: [String]) throws {
    for member in members where !keys.contains(member.key) {
      throw reader.error(
        member.keyRange, "\(title): unknown key \"\(member.key)\"; allowed: \(keys.joined(separator: ", "))")
    }
  }

  /// A key's value; nil where it is not given.
  package func optional(_ key: String) -> JSONNode? { members.first { $0.key == key }?.value }

  /// A key's value, which must be given.
  package func required(_ key: String) throws -> JSONNode {
    guard let value = optional(key) else { throw reader.error(node.range, "\(title): \(key) is missing") }
    return value
  }

  /// A key's text, which must not be empty.
  package func text(_ key: String) throws -> String {
    let value = try required(key)
    guard let text = value.stringValue, !text.isEmpty else {
      throw reader.error(value.range, "\(key): expected a text, found \(value.kindName)")
    }
    return text
  }

  /// A key's elements.
  package func list(_ key: String) throws -> [JSONNode] {
    let value = try required(key)
    guard let elements = value.elements else {
      throw reader.error(value.range, "\(key): expected a list, found \(value.kindName)")
    }
    return elements
  }

  /// A key's word, one of a list; nil where the key is not given.
  package func word<Word: RawRepresentable & CaseIterable>(_ key: String) throws -> Word?
  where Word.RawValue == String {
    guard let value = optional(key) else { return nil }
    guard let word = value.stringValue.flatMap(Word.init) else {
      throw reader.error(
        value.range, "\(key): expected \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }
}
