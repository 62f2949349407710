// Comma-separated values as RFC 4180 has them, with line feeds: what pandas and R read without options. Written only;
// tables are projections of the journal and are never read back.

import Trials

/// One field of a row.
public enum CSVField: Equatable, Sendable {
  /// A text; an empty one cannot be told from a missing field.
  case text(String)
  /// An integer.
  case integer(Int)
  /// A number as its shortest text that reads back the same; NaN is `nan`, infinity is `inf`.
  case number(Double)
  /// `true` or `false`.
  case flag(Bool)
  /// Nothing: an empty field.
  case missing

  /// An integer, or a missing field for nil.
  public static func integer(_ value: Int?) -> CSVField { value.map { .integer($0) } ?? .missing }
  /// A number, or a missing field for nil.
  public static func number(_ value: Double?) -> CSVField { value.map { .number($0) } ?? .missing }
  /// A flag, or a missing field for nil.
  public static func flag(_ value: Bool?) -> CSVField { value.map { .flag($0) } ?? .missing }
  /// A text, or a missing field for nil.
  public static func text(_ value: String?) -> CSVField { value.map { .text($0) } ?? .missing }

  /// The field as it stands in a file, quoted where RFC 4180 asks for it.
  public var encoded: String {
    switch self {
    case .text(let text): text.csvQuoted
    case .integer(let value): String(value)
    case .number(let value): value.isNaN ? "nan" : "\(value)"
    case .flag(let value): value ? "true" : "false"
    case .missing: ""
    }
  }
}

/// A table being written to a file that appears when it is complete.
public final class CSVFile {
  private let file: WholeFile
  private let columnCount: Int

  /// Starts a table with its column names.
  ///
  /// - Throws: `FileError`.
  public init(path: String, columns: [String]) throws {
    file = try WholeFile(path: path)
    columnCount = columns.count
    try write(columns.map { .text($0) })
  }

  /// Adds a row with a field for every column.
  public func write(_ row: [CSVField]) throws {
    precondition(row.count == columnCount, "\(row.count) fields for \(columnCount) columns")
    try file.write { bytes in
      for (place, field) in row.enumerated() {
        if place > 0 { bytes.append(0x2C) }
        bytes.append(contentsOf: field.encoded.utf8)
      }
      bytes.append(0x0A)
    }
  }

  /// Adds whole rows that are already text.
  func write(encodedRows bytes: [UInt8]) throws { try file.write { $0.append(contentsOf: bytes) } }

  /// Gives the file its name and returns the SHA-256 of its contents.
  @discardableResult
  public func finish() throws -> String { try file.finish() }
}
