// Writes a table of comma-separated values. The file appears when it is complete.

import Files

/// A table being written to a file that appears when it is complete.
package final class CSVFile {
  private let file: WholeFile
  private let columnCount: Int

  /// Starts a table with its column names.
  ///
  /// - Throws: `FileError`.
  package init(path: String, columns: [String]) throws {
    file = try WholeFile(path: path)
    columnCount = columns.count
    try write(columns.map { .text($0) })
  }

  /// Adds a row with a field for every column.
  package func write(_ row: [CSVField]) throws { try file.write { row.appendLine(ofColumns: columnCount, to: &$0) } }

  /// Adds whole rows that are already text.
  package func write(encodedRows bytes: [UInt8]) throws { try file.write { $0.append(contentsOf: bytes) } }

  /// Gives the file its name.
  package func finish() throws { try file.finish() }
}
