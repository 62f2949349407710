// What a table is, for the reference of all tables: its file, when it is written, its columns. It makes no table.

/// A table as its reference describes it.
package struct TableReference: Equatable, Sendable {
  /// The file, in the folder that it is written to.
  package let file: String
  /// What a row is, and which command writes the table when.
  package let documentation: String
  /// The columns, in order.
  package private(set) var columns: [ColumnFacts]

  /// The table of some columns.
  package init<Row>(_ file: String, _ documentation: String, _ columns: [Column<Row>]) {
    self.file = file
    self.documentation = documentation
    self.columns = columns.map(\.facts)
  }

  /// The table with the columns that are among some names; all of it where they name the table; nil where it has none of them.
  package func part(named names: [String]) -> TableReference? {
    if names.contains(where: { [file, file.replacing(".csv", with: "")].contains($0) }) { return self }
    var part = self
    part.columns = columns.filter { names.contains($0.name) }
    return part.columns.isEmpty ? nil : part
  }

  /// Whether the table may have a column of some name. A name that ends in `NAME` stands for one with any text there.
  package func mayHave(_ column: String) -> Bool {
    columns.contains { known in
      guard known.name.hasSuffix("NAME") else { return known.name == column }
      let start = known.name.dropLast(4)
      return column.hasPrefix(start) && column.count > start.count
    }
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
