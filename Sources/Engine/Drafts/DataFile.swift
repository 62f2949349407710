// A data file as a draft of a sweep needs it: its rows by column. How a trial reads the file is Datasets' work; nothing here
// decides it.

import Datasets
import Files
import Foundation
import JSON5
import Tables

/// One column of a data file, with what tells texts from labels.
struct DataColumn {
  let name: String
  /// The different values, each once, in the order of their first rows.
  let classes: [String]
  /// Whether every value is a number.
  let isNumeric: Bool
  /// Whether a number has a fraction.
  let hasFractions: Bool
  /// Whether a value is missing.
  let hasGaps: Bool
  /// The words of a value, on average.
  let meanWordCount: Double

  init(name: String, values: [String]) {
    self.name = name
    var seen: Set<TextBytes> = []
    classes = values.filter { seen.insert(TextBytes($0)).inserted }
    let numbers = classes.compactMap(\.decimalNumber).filter(\.isFinite)
    isNumeric = !classes.isEmpty && numbers.count == classes.count
    hasFractions = numbers.contains { $0 != $0.rounded() }
    hasGaps = values.contains(where: \.isEmpty)
    let words = values.reduce(0) { $0 + $1.split(separator: " ").count }
    meanWordCount = values.isEmpty ? 0 : Double(words) / Double(values.count)
  }
}

/// A data file with all its columns.
struct DataFile {
  let path: String
  let columns: [DataColumn]
  let rowCount: Int
  /// The columns of JSON lines that cannot be used.
  let leftOutColumns: [LeftOutColumn]

  /// Reads a TSV, CSV or JSONL file.
  ///
  /// - Throws: `FileError`, `DataError`.
  init(_ path: String) throws {
    self.path = path
    let format = try TableFormat(path: path)
    let content = Data(try InputFile.contents(of: path))
    let table = try TextTable(content, path: path, format: format, allowsNaN: false)
    leftOutColumns = table.leftOutColumns
    rowCount = table.rows.count
    columns = table.columns.enumerated().map { index, name in
      DataColumn(name: name, values: table.rows.map { $0.fields[index] })
    }
    if columns.isEmpty {
      throw DataError(
        "\(path):1: no key of the first line has a string, a number or a Boolean in every line\(leftOut)")
    }
    if let advice = TextTable.separatorAdvice(table.columns, format) {
      throw DataError("\(path):1: found one column, \(columnList); \(advice)")
    }
    if format != .objects, TextTable.looksLikeRow(table.columns) {
      throw DataError(
        "\(path):1: the first line looks like a row and not like the names of columns; write the names into a first line"
      )
    }
  }

  /// What follows a message about the columns: those that are left out, and why.
  var leftOut: String {
    leftOutColumns.isEmpty
      ? "" : "; left out: " + leftOutColumns.map { "\(path):\($0.line): \($0.problem)" }.joined(separator: "; ")
  }

  /// The names of the columns, for messages and comments.
  var columnList: String { columns.map { JSONWriter.quoted($0.name) }.joined(separator: ", ") }

  /// The column of a name.
  ///
  /// - Throws: `DataError` where there is none.
  func column(_ name: String) throws -> DataColumn {
    if let column = columns.first(where: { $0.name == name }) { return column }
    if let column = leftOutColumns.first(where: { $0.name == name }) {
      throw DataError("\(path):\(column.line): \(column.problem)")
    }
    let near = Suggestion.phrase(Suggestion.nearest(to: name, among: columns.map(\.name)))
    throw DataError("\(path): no column \(JSONWriter.quoted(name)); found \(columnList)\(near)")
  }
}
