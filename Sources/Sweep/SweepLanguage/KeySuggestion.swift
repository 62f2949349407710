// "Did you mean" for configuration keys: the nearest key, and the Transformers library's names for our keys.

import JSON5
import Trials

extension Suggestion {
  /// The configuration key that an unknown path probably means: nearest in its own section, nearest anywhere if
  /// the section is misspelt, then the same last part elsewhere.
  static func key(for path: String) -> String? {
    let last = path.split(separator: ".").last.map(String.init) ?? path
    let section = path.split(separator: ".").dropLast().joined(separator: ".")
    let keys = ConfigurationSchema.keys.map(\.path)
    func lastPart(_ key: String) -> String { String(key.split(separator: ".").last ?? "") }
    let siblings = keys.filter { $0.split(separator: ".").dropLast().joined(separator: ".") == section }
    if let near = nearest(to: last, among: siblings.map(lastPart)) { return siblings.first { lastPart($0) == near } }
    if !ConfigurationSchema.sections.contains(section), let near = nearest(to: path, among: keys) { return near }
    if let near = nearest(to: last, among: keys.map(lastPart)) { return keys.first { lastPart($0) == near } }
    return nil
  }
}

/// The Transformers library's names for our keys, from the keys' own entries.
enum TransformersNames {
  /// Each name with the key it has here.
  static let all: [(name: String, key: String)] =
    SweepMember.all.flatMap { member in member.transformersNames.map { ($0, member.path) } }
    + ConfigurationSchema.keys.flatMap { key in key.transformersNames.map { ($0, key.path) } }

  private static let keyByName = Dictionary(uniqueKeysWithValues: all)

  /// The key that a name of theirs has here.
  static func key(for name: String) -> String? { keyByName[name] }
}
