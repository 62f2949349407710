// The reference of all configuration keys as Markdown, from the one table of keys. What a sweep file holds besides (grid, variants,
// seeds and so on) is described by hand in the page of the sweep file.

import JSON5

/// Builds the reference of keys.
package enum KeyReference {
  /// The page: for every section a table of its keys.
  package static var markdown: String {
    let defaults = TrialConfiguration()
    var sections: [(name: String, rows: [String])] = []
    for key in ConfigurationSchema.keys {
      let section = key.path.split(separator: ".").dropLast().joined(separator: ".")
      let index = sections.firstIndex { $0.name == section } ?? sections.count
      if index == sections.count { sections.append((section, [])) }
      sections[index].rows.append(row(key, defaults))
    }
    let tables = sections.map { section in
      """
      ## \(section.name)

      | key | type | default | allowed | meaning |
      |---|---|---|---|---|
      \(section.rows.joined(separator: "\n"))
      """
    }
    return """
      # Keys

      Every key of a configuration. A sweep file gives them as members of their sections, in `variants` and in `grid`; the
      command line gives them as `KEY=VALUE`. [The sweep file](SweepFile.md) describes what it holds besides. This page is
      what `seedsweep keys` prints.

      \(tables.joined(separator: "\n\n"))
      """
  }

  private static func row(_ key: ConfigurationKey, _ defaults: TrialConfiguration) -> String {
    var meaning = key.documentation
    if case .alias(let keys) = key.role {
      meaning += " It stands for \(ValueKind.list(keys.map { "`\($0)`" }))."
    }
    if let reader = key.reader { meaning += " Only \(reader) reads it." }
    let cells = [
      "`\(key.path)`", key.kind.name, defaultText(key, defaults), key.kind.allowedInMarkdown, meaning,
    ]
    return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  /// The default as a sweep file would spell it; empty where leaving the key out leaves a choice to the model, the task or
  /// another key.
  private static func defaultText(_ key: ConfigurationKey, _ defaults: TrialConfiguration) -> String {
    guard key.role == .value else { return "" }
    switch key.value(in: defaults) {
    case .null: return ""
    case .text(let text): return "`\"\(text)\"`"
    case let value: return "`\(value.text)`"
    }
  }
}

extension ValueKind {
  /// What kind of value it is, in one word.
  fileprivate var name: String {
    switch self {
    case .boolean: "switch"
    case .integer: "integer"
    case .seed: "seed"
    case .number: "number"
    case .choice: "word"
    case .text: "text"
    case .path: "path"
    }
  }

  /// What is allowed, with the words of a choice as code.
  fileprivate var allowedInMarkdown: String {
    guard case .choice(let words) = self else { return allowed }
    return alternatives(words.map { "`\"\($0)\"`" })
  }

  /// Several things, joined by commas and `and`.
  fileprivate static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
