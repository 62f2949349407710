// What a table is, for the reference of all tables: its file, when it is written, its columns. It makes no table.

/// A table as its reference describes it.
package struct TableReference: Equatable, Sendable {
  /// The file, in the folder that it is written to.
  package let file: String
  /// What a row is, and which command writes the table when.
  package let documentation: String
  /// The columns, in order.
  package let columns: [ColumnFacts]

  /// The table of some columns.
  package init<Row>(_ file: String, _ documentation: String, _ columns: [Column<Row>]) {
    self.file = file
    self.documentation = documentation
    self.columns = columns.map(\.facts)
  }

  /// The table as a section of a Markdown page.
  package var markdown: String {
    let lines = columns.map { column in
      let conventions = column.conventions.map(\.words).joined(separator: "; ")
      return "| `\(column.name)` | \(Self.cell(column.documentation)) | \(Self.cell(conventions)) |"
    }
    return (["## \(file)", "", documentation, "", "| column | meaning | convention |", "|---|---|---|"] + lines)
      .joined(separator: "\n") + "\n"
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
