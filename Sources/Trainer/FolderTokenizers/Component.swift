// A component of a tokenizer.json: an object with a type and keys of its own, all of which are known or refused by name.

import JSON5
import ModelFiles

/// An object of a tokenizer.json, and where it is.
struct Component {
  let file: ConfigurationFile
  let node: JSONNode
  /// Its key in the file, such as `normalizer.normalizers[1]`.
  let key: String

  init(_ node: JSONNode, at key: String, of file: ConfigurationFile) throws {
    guard node.members != nil else { throw file.error(key, "is \(node.summary); an object is allowed") }
    (self.file, self.node, self.key) = (file, node, key)
  }

  /// The error of a key inside it.
  func error(_ name: String, _ reason: String) -> ModelFileError { file.error("\(key).\(name)", reason) }

  /// The value of a key that is neither absent nor null.
  subscript(name: String) -> JSONNode? {
    guard let value = node[name], value.content != .null else { return nil }
    return value
  }

  func component(_ name: String) throws -> Component? {
    try self[name].map { try Component($0, at: "\(key).\(name)", of: file) }
  }

  /// The objects of a list.
  func components(_ name: String) throws -> [Component] {
    guard let elements = self[name]?.elements else {
      throw error(name, "is \(self[name]?.summary ?? "missing"); a list of objects is allowed")
    }
    return try elements.enumerated().map { try Component($1, at: "\(key).\(name)[\($0)]", of: file) }
  }

  func flag(_ name: String, default standard: Bool) throws -> Bool {
    guard let value = self[name] else { return standard }
    guard let flag = value.booleanValue else { throw error(name, "is \(value.summary); true or false is allowed") }
    return flag
  }

  func text(_ name: String) throws -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.stringValue else { throw error(name, "is \(value.summary); a string is allowed") }
    return text
  }

  func number(_ name: String) throws -> Int? {
    guard let value = self[name] else { return nil }
    guard let number = value.intValue, number >= 0 else {
      throw error(name, "is \(value.summary); a whole number from 0 on is allowed")
    }
    return number
  }

  /// Refuses a value that is there and is none of those given.
  func require(_ name: String, _ allowed: [String]) throws {
    guard let text = try text(name), !allowed.contains(text) else { return }
    let names = allowed.map { JSONWriter.quoted($0) }.joined(separator: ", ")
    throw error(name, "is \(JSONWriter.quoted(text)); only \(names) \(allowed.count == 1 ? "is" : "are") supported")
  }

  /// Refuses keys that are none of those given; null counts as absent.
  func allow(_ names: [String]) throws {
    for member in node.members ?? [] where member.key != "type" && member.value.content != .null {
      if !names.contains(member.key) { throw error(member.key, "is not a key that is supported there") }
    }
  }

  /// What `table` has for the type.
  func choose<Entry>(_ table: [String: Entry]) throws -> Entry {
    guard let type = try text("type"), let entry = table[type] else {
      let names = table.keys.sorted().joined(separator: ", ")
      throw error("type", "is \(self["type"]?.summary ?? "missing"); the supported ones are \(names)")
    }
    return entry
  }
}
