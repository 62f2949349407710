// `seedsweep keys`: the reference of everything that a sweep file may say, or the entries of some words. Reads nothing.

import CommandLine
import SweepLanguage

/// Prints the reference of keys.
struct KeysCommand: Command {
  static let syntax = CommandSyntax(
    "keys", "every key of a sweep file, with values, default and meaning",
    details: """
      Prints every key of a sweep file as Markdown: its values, its default and what it means.
      With words, prints the keys that they name.
      """,
    operands: [Operand("WORD", "a key or the last part of one, a section, or another program's name of a key", .any)])

  private let words: [String]

  init(_ given: Given) { words = given.operands }

  func perform(_ context: Context) throws -> ExitCode {
    say(words.isEmpty ? KeyReference.markdown() : try entries())
    return .success
  }

  private func entries() throws -> String {
    let unknown = words.filter { KeyReference.entries([$0]) == nil }
    guard unknown.isEmpty, let entries = KeyReference.entries(words) else {
      throw Refusal(problems: unknown.map { "there is no key '\($0)'\(KeyReference.hint(for: $0))" })
    }
    return entries
  }
}
