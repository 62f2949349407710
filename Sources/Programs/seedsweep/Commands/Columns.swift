// `seedsweep columns`: the reference of every column of every table. Reads nothing.

import Analyses
import CommandLine

/// Prints the reference of columns.
struct ColumnsCommand: Command {
  static let syntax = CommandSyntax(
    "columns", "every column of every table, with meaning, unit and convention",
    details: """
      Prints every table as Markdown: what a row is, which command writes it, and each column's meaning, unit and convention.
      """)

  init(_ given: Given) {}

  func perform(_ context: Context) throws -> ExitCode {
    say(ColumnReference.markdown())
    return .success
  }
}
