// `seedsweep keys`: the reference of every configuration key. Reads nothing.

import CommandLine
import Trials

/// Prints the reference of keys.
struct KeysCommand: Command {
  static let syntax = CommandSyntax(
    "keys", "every key that a sweep file may set, with type, default and meaning",
    details: """
      Prints every key of a configuration as Markdown: its type, its default, what is allowed and what it means.
      """)

  init(_ given: Given) {}

  func perform(_ context: Context) throws -> ExitCode {
    say(KeyReference.markdown)
    return .success
  }
}
