// `seedsweep columns`: the reference of every column of every table, or the entries of some words. Reads nothing.

import Analyses
import CommandLine
import JSON5
import Tables

/// Prints the reference of columns.
struct ColumnsCommand: Command {
  static let syntax = CommandSyntax(
    "columns", "every column of every table, with meaning, unit and convention",
    details: """
      Prints every table as Markdown: what a row is, which command writes it, and each column's meaning, unit and convention.
      With words, prints the tables and columns that they name.
      """,
    operands: [Operand("WORD", "a table such as summary.csv, or a column", .any)])

  private let words: [String]

  init(_ given: Given) { words = given.operands }

  func perform(_ context: Context) throws -> ExitCode {
    say(words.isEmpty ? ColumnReference.markdown() : try entries())
    return .success
  }

  private func entries() throws -> String {
    let tables = ColumnReference.tables
    let names = tables.map(\.file) + tables.flatMap { $0.columns.map(\.name) }
    let unknown = words.filter { word in !tables.contains { $0.part(named: [word]) != nil } }
    guard unknown.isEmpty else {
      throw Refusal(
        problems: unknown.map { "there is no table and no column '\($0)'\(Suggestion.hint(for: $0, among: names))" })
    }
    return String(tables.compactMap { $0.part(named: words)?.markdown }.joined(separator: "\n").dropLast())
  }
}
