// Tables in text files: tab-separated with quotes taken literally (as GLUE ships them), CSV (RFC 4180) and JSON lines.
// Returns the asked-for columns of every row with its line number; knows nothing of labels.

import Files
import Foundation
import Host
import JSON5

/// How a file holds its table.
package enum TableFormat: String {
  /// Tabs between fields, one line per row, quotes literal.
  case tabs = "tsv"
  /// RFC 4180.
  case commas = "csv"
  /// A JSON object a line.
  case objects = "jsonl"

  /// The format that a path's ending names.
  ///
  /// - Throws: `DataError` for another ending.
  package init(path: String) throws {
    let ending = URL(fileURLWithPath: path).pathExtension
    guard let format = TableFormat(rawValue: ending.lowercased()) else {
      throw DataError(
        "\(path): the ending tells the format, and \(ending.isEmpty ? "there is none" : "\".\(ending)\" is none"); "
          + "allowed: .tsv (quotes are literal), .csv (RFC 4180), .jsonl")
    }
    self = format
  }
}

/// The asked-for columns of a text file, row by row.
package struct TextTable {
  /// One row: the line it begins on, counted from 1, and the asked-for fields in the order asked.
  package struct Row {
    /// The line it begins on.
    package var line: Int
    /// The fields in the order asked.
    package var fields: [String]
  }

  /// What happens to a row whose number of fields is not that of the header.
  package enum RaggedRows {
    /// It is an error.
    case refused
    /// More fields are ignored, fewer are an error.
    case extraIgnored
    /// More fields are ignored, a row with too few for an asked-for column is left out and its line recorded.
    case shortLeftOut
  }

  /// The file.
  package let path: String
  /// The columns that were read.
  package private(set) var columns: [String]
  /// The rows in the order of the file.
  package private(set) var rows: [Row] = []
  /// The lines of rows that were left out.
  package private(set) var leftOutLines: [Int] = []
  /// Where all columns of JSON lines were asked for, those that cannot be read.
  package private(set) var leftOutColumns: [LeftOutColumn] = []
  /// What a user should be told about the file, one sentence each; usually nothing.
  package private(set) var remarks: [String] = []

  /// The columns of a file's content.
  ///
  /// - Parameters:
  ///   - content: The file's bytes.
  ///   - path: The file, for messages.
  ///   - columns: The columns to read, in this order; nil for all that the first line names. Of JSON lines these are the keys of
  ///     every object; the others are in `leftOutColumns`.
  ///   - header: The names of all columns of a file that does not name them itself.
  ///   - allowsNaN: Whether NaN and the infinities are numbers in JSON lines, as Python writes them.
  /// - Throws: `DataError` for an empty file, a missing column or a malformed row.
  package init(
    _ content: Data, path: String, format: TableFormat, columns: [String]? = nil, header: [String]? = nil,
    ragged: RaggedRows = .refused, allowsNaN: Bool = true
  ) throws {
    self.path = path
    self.columns = columns ?? []
    var bytes = [UInt8](content)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.isEmpty { throw DataError("\(path): the file is empty") }
    if let index = bytes.firstIndex(of: 0) {
      let line = bytes[..<index].count { $0 == TextLines.lineFeed } + 1
      throw DataError("\(path):\(line): a NUL byte, which no text has; save the file as UTF-8 (not UTF-16)")
    }
    switch format {
    case .objects:
      let lines = JSONLines(path: path, allowsNaN: allowsNaN)
      if let columns {
        rows = try lines.rows(bytes, columns: columns)
      } else {
        (self.columns, rows, leftOutColumns) = try lines.allRows(bytes)
      }
    case .tabs:
      var quotes = QuotedFields()
      try read(TabReader(bytes), header, ragged, readsAll: columns == nil) { quotes.note($0) }
      remarks = [quotes.remark(path)].compactMap(\.self)
    case .commas: try read(CommaReader(bytes, path: path), header, ragged, readsAll: columns == nil)
    }
    if rows.isEmpty {
      throw DataError("\(path): no rows\(format == .objects || header != nil ? "" : " below the header")")
    }
  }

  /// The columns of a file; `header` names the columns of a file that does not name them itself.
  ///
  /// - Throws: `FileError`; `DataError` for an empty file, a missing column or a malformed row.
  package init(
    path: String, format: TableFormat, columns: [String], header: [String]? = nil, ragged: RaggedRows = .refused,
    allowsNaN: Bool = true
  ) throws {
    try self.init(
      Data(try InputFile.contents(of: path)), path: path, format: format, columns: columns, header: header,
      ragged: ragged, allowsNaN: allowsNaN)
  }

  private mutating func read(
    _ reader: some RecordReader, _ givenHeader: [String]?, _ ragged: RaggedRows, readsAll: Bool,
    _ note: (Record) -> Void = { _ in }
  ) throws {
    var reader = reader
    var header = givenHeader
    if header == nil, let record = try reader.next() {
      header = try record.fields.map { try text($0, line: record.line) }
    }
    guard let header else { return }
    if readsAll { columns = header }
    let format: TableFormat = reader is TabReader ? .tabs : .commas
    let positions = try Self.positions(of: columns, in: header, path: path, format)
    while let record = try reader.next() {
      note(record)
      if let row = try row(record, header, positions, ragged, format) { rows.append(row) }
    }
  }

  private mutating func row(
    _ record: Record, _ header: [String], _ positions: [Int], _ ragged: RaggedRows, _ format: TableFormat
  ) throws -> Row? {
    let found = record.fields.count
    switch ragged {
    case .shortLeftOut:
      if positions.contains(where: { $0 >= found }) {
        leftOutLines.append(record.line)
        return nil
      }
    case .extraIgnored, .refused:
      if found < header.count || found > header.count && ragged == .refused {
        let hint =
          format == .tabs && QuotedFields.opensQuote(record)
          ? "; a field opens a quote that its line does not close, and in a .tsv quotes are part of the text: save the file as "
            + ".csv if fields hold line ends or tabs"
          : Self.separatorAdvice(header, format).map { "; \($0)" } ?? ""
        throw DataError(
          "\(path):\(record.line): \(counted(found, "column")) where \(header.count) \(header.count == 1 ? "is" : "are") "
            + "needed (\(header.joined(separator: ", ")))\(hint)")
      }
    }
    return Row(line: record.line, fields: try positions.map { try text(record.fields[$0], line: record.line) })
  }

  private func text(_ bytes: ArraySlice<UInt8>, line: Int) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError("\(path):\(line): not valid UTF-8; save the file as UTF-8")
    }
    return text
  }

  private static func positions(of columns: [String], in header: [String], path: String, _ format: TableFormat) throws
    -> [Int]
  {
    let positions = columns.compactMap { header.firstIndex(of: $0) }
    guard positions.count == columns.count else {
      let hint =
        QuotedFields.areQuoted(header)
        ? "; \(QuotedFields.headerAdvice)"
        : separatorAdvice(header, format).map { "; \($0)" }
          ?? (positions.isEmpty && looksLikeRow(header) ? "; \(noHeader)" : "")
      throw DataError("\(path):1: \(Self.missing(columns.filter { !header.contains($0) }, among: header))\(hint)")
    }
    for column in columns {
      let count = header.count { $0 == column }
      if count > 1 {
        throw DataError("\(path):1: the column \"\(column)\" occurs \(count) times; it must be unique")
      }
    }
    return positions
  }

  private static let noHeader = "the file seems to have no header: write the names of its columns into a first line"

  /// Whether a file's first line is a row rather than the names of its columns: a field is a number, a long text, or empty where
  /// it is no column of row numbers.
  package static func looksLikeRow(_ header: [String]) -> Bool {
    header.dropFirst().contains("") || header.contains { $0.decimalNumber != nil || $0.split(separator: " ").count > 4 }
  }

  /// What to say about columns that are not there; `meant` are those that were meant as far as a caller knows.
  static func missing(_ columns: [String], among found: [String], meant: [String] = []) -> String {
    func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
    let guesses = (meant + columns.compactMap { Suggestion.nearest(to: $0, among: found) }).uniqued()
    return "no column \(list(columns)); found \(list(found))"
      + (guesses.isEmpty ? "" : "; did you mean \(list(guesses))?")
  }
}
