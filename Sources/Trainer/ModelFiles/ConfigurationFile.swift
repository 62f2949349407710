// The JSON files of a model folder with their keys read by type: `config.json` and those of the tokenizer. They are read as
// Python's json module reads them. Keys that change nothing here are ignored, as Hugging Face's files hold many; a key that asks
// for something else is refused.

import JSON5

/// A JSON object read from a file; its keys are asked for by type, and null counts as absent.
package struct ConfigurationFile {
  /// The file.
  package let path: String
  /// The object.
  package let root: JSONNode

  /// Reads a file.
  ///
  /// - Throws: `ModelFileError` for anything but an object in JSON.
  package init(_ path: String) throws {
    self.path = path
    let bytes = try ModelFile.contents(of: path)
    do {
      root = try JSONReader.read(bytes, name: path, as: .python)
    } catch {
      throw ModelFileError(path: path, "this", error)
    }
    guard root.members != nil else {
      throw ModelFileError(path: path, reason: "this is \(root.summary); it must be an object")
    }
  }

  /// An object without keys, in place of a file that a folder does not have.
  package init(standingFor path: String) {
    self.path = path
    root = JSONNode(.object([]), at: SourceRange(source: 0, start: 0, end: 0))
  }

  /// The members of the object, as written.
  package var members: [JSONMember] { root.members ?? [] }

  /// The value of a key that is neither absent nor null.
  package subscript(key: String) -> JSONNode? {
    guard let value = root[key], value.content != .null else { return nil }
    return value
  }

  /// An error about a key.
  package func error(_ key: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "\(key) \(reason)")
  }

  /// A whole number from 1 to `limit`.
  package func count(_ key: String, default standard: Int, limit: Int) throws -> Int {
    guard let value = self[key] else { return standard }
    guard let count = value.intValue, (1...limit).contains(count) else {
      throw error(key, "is \(value.summary); a whole number from 1 to \(limit) is allowed")
    }
    return count
  }

  /// A number; nil where there is none.
  package func number(_ key: String) throws -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.doubleValue else {
      throw error(key, "is \(value.summary); a number is allowed")
    }
    return number
  }

  /// True or false.
  package func flag(_ key: String, default standard: Bool) throws -> Bool {
    guard let value = self[key] else { return standard }
    guard let flag = value.booleanValue else { throw error(key, "is \(value.summary); true or false is allowed") }
    return flag
  }

  /// Refuses any value but those given; absence is allowed where there is a default.
  package func require(_ key: String, _ allowed: [String], isOptional: Bool, because reason: String) throws {
    guard let value = self[key] else {
      guard isOptional else { throw error(key, "is missing; \(reason)") }
      return
    }
    guard let text = value.stringValue, allowed.contains(text) else {
      throw error(key, "is \(value.summary); \(reason)")
    }
  }

  /// Refuses a key that is true.
  package func refuse(_ key: String, because reason: String) throws {
    if try flag(key, default: false) { throw error(key, "is true; \(reason)") }
  }
}
