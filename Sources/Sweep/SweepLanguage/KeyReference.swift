// The reference of everything that a sweep file may say, as Markdown, from the entries of the keys themselves.

import JSON5
import KeyValues
import Trials

/// The reference of all sweep keys.
package enum KeyReference {
  /// The reference as a page of Markdown, without a line end behind it.
  package static func markdown() -> String {
    var page = """
      # Keys

      Everything that a sweep file may say, which `seedsweep keys` prints. [The sweep file](../SweepFile.md) tells how a sweep
      is written.

      A key such as `optimizer.learning_rate` stands in its section, `optimizer: { learning_rate: 3e-5 }`, or with its whole
      name, `"optimizer.learning_rate": 3e-5`. On the command line it is `optimizer.learning_rate=3e-5`. `null` stands for
      the default. Paths in a sweep file resolve against the file, paths on the command line against the working directory.

      ## The sweep


      """ + head
    page += SweepMember.all.map(row).joined()
    for section in sections { page += "\n## `\(section.name)`\n\n" + head + section.keys.map(row).joined() }
    page += otherPrograms
    return String(page.dropLast())
  }

  /// What names of other programs are here, as a section of the page.
  private static var otherPrograms: String {
    let rows = ForeignNames.all.map { entry in
      let names = entry.names.map { "`\($0)`" }.joined(separator: ", ")
      let advice = entry.key.map { "`\($0)`" } ?? entry.advice + "."
      return "| \(names) | \(advice.replacingOccurrences("|", with: "\\|")) |\n"
    }
    return
      "\n## Names of other programs\n\nWhat other programs call it, and what it is here. Names that stand beside a key above "
      + "are left out.\n\n| there | here |\n|---|---|\n" + rows.joined()
  }

  /// The keys by the section they stand in, in the order of the table.
  private static var sections: [(name: String, keys: [ConfigurationKey])] {
    var sections: [(name: String, keys: [ConfigurationKey])] = []
    for key in ConfigurationSchema.keys {
      let name = key.path.split(separator: ".").dropLast().joined(separator: ".")
      if let index = sections.firstIndex(where: { $0.name == name }) {
        sections[index].keys.append(key)
      } else {
        sections.append((name, [key]))
      }
    }
    return sections
  }

  private static func defaultText(of key: ConfigurationKey) -> String {
    if let meaning = key.missingMeaning { return meaning }
    switch key.sweepDefault == .null ? key.value(in: TrialConfiguration()) : key.sweepDefault {
    case .text(let text): return "`\(JSONWriter.quoted(text))`"
    case let value: return "`\(value.text)`"
    }
  }

  private static func sentences(_ key: ConfigurationKey) -> String {
    var sentences = [key.documentation]
    if let usage = key.usage { sentences.append("Has an effect only where \(usage.condition).") }
    if case .alias(let paths) = key.role {
      sentences.append("These are \(paths.map { "`\($0)`" }.joined(separator: ", ")).")
    }
    return (sentences + transformers(key.transformersNames)).joined(separator: " ")
  }

  private static func sentences(_ member: SweepMember) -> String {
    ([member.documentation] + transformers(member.transformersNames)).joined(separator: " ")
  }

  private static func transformers(_ names: [String]) -> [String] {
    names.isEmpty ? [] : ["In the Transformers library: \(names.map { "`\($0)`" }.joined(separator: ", "))."]
  }

  /// The rows of the keys that some words name: a key, its last part, a section, or another program's name of a key; nil where
  /// they name none.
  package static func entries(_ words: [String]) -> String? {
    let wanted =
      words
      + words.compactMap { word in
        TransformersNames.key(for: word) ?? ForeignNames.all.first { $0.names.contains(word) }?.key
      }
    func isWanted(_ path: String) -> Bool {
      wanted.contains { path == $0 || path.hasPrefix($0 + ".") || path.hasSuffix("." + $0) }
    }
    let rows =
      SweepMember.all.filter { isWanted($0.path) }.map(row)
      + ConfigurationSchema.keys.filter { isWanted($0.path) }.map(row)
    return rows.isEmpty ? nil : String((head + rows.joined()).dropLast())
  }

  /// What to say of a word that names no key: what it is here, or the nearest key.
  package static func hint(for word: String) -> String {
    if let advice = ForeignNames.advice(for: word) { return ": \(advice)" }
    let near = Suggestion.key(for: word) ?? Suggestion.nearest(to: word, among: SweepMember.all.map(\.path))
    return near.map { "; did you mean '\($0)'?" } ?? "."
  }

  private static let head = "| key | values | default | meaning |\n|---|---|---|---|\n"

  private static func row(_ member: SweepMember) -> String {
    row(member.path, member.values, member.missingMeaning, sentences(member))
  }

  private static func row(_ key: ConfigurationKey) -> String {
    row(key.path, key.kind.shortForm, defaultText(of: key), sentences(key))
  }

  private static func row(_ path: String, _ cells: String...) -> String {
    "| `\(path)` | " + cells.map { $0.replacingOccurrences("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }
}

extension ValueKind {
  /// What is allowed, in a few words of Markdown.
  fileprivate var shortForm: String {
    switch self {
    case .boolean: "`true` or `false`"
    case .integer(let minimum, Int(Int32.max)): "integer from \(minimum)"
    case .integer(let minimum, let maximum): "integer from \(minimum) to \(maximum)"
    case .seed: "seed: integer from 0 to 2^64 - 1"
    case .number(.positive): "number above 0"
    case .number(.nonnegative): "number from 0"
    case .number(.fraction): "number from 0 and below 1"
    case .number(.share): "number above 0 and up to 1"
    case .number(.finite): "number"
    case .number(.positiveSeconds): "seconds above 0"
    case .number(.nonnegativeSeconds): "seconds from 0"
    case .choice(let words): alternatives(words.map { "`\(JSONWriter.quoted($0))`" })
    case .text: "text"
    case .path: "path"
    case .scalar: "number, text, `true` or `false`"
    case .texts: "list of texts"
    case .scalarTable: "object of names with numbers, texts, `true` or `false`"
    case .textTable: "object of names with texts"
    case .files: "list of paths, or object of names with paths"
    case .objects(let known, let limit):
      "object of at most \(limit) names with objects of \(alternatives(known.map { "`\($0.name)`" }))"
    }
  }
}

extension String {
  fileprivate func replacingOccurrences(_ character: Character, with text: String) -> String {
    reduce(into: "") { $0 += $1 == character ? text : String($1) }
  }
}
