// `seedsweep keys`: the reference of everything that a sweep file may say. Reads nothing.

import CommandLine
import SweepLanguage

/// Prints the reference of keys.
struct KeysCommand: Command {
  static let syntax = CommandSyntax(
    "keys", "every key of a sweep file, with values, default and meaning",
    details: """
      Prints every key of a sweep file as Markdown: its values, its default and what it means.
      """)

  init(_ given: Given) {}

  func perform(_ context: Context) throws -> ExitCode {
    say(KeyReference.markdown())
    return .success
  }
}
