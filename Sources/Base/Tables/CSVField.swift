// The fields of a row of comma-separated values (RFC 4180, line feeds), as pandas and R read them without options. Files
// are written by `CSVFile` and read by `TextTable`.

/// One field of a row.
@usableFromInline package enum CSVField: Equatable, Sendable {
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
  /// Several fields that many rows share.
  case shared(EncodedFields)

  /// An integer, or a missing field for nil.
  @inlinable package static func integer(_ value: Int?) -> CSVField { value.map { .integer($0) } ?? .missing }
  /// A number, or a missing field for nil.
  @inlinable package static func number(_ value: Double?) -> CSVField { value.map { .number($0) } ?? .missing }
  /// A flag, or a missing field for nil.
  @inlinable package static func flag(_ value: Bool?) -> CSVField { value.map { .flag($0) } ?? .missing }
  /// A text, or a missing field for nil.
  @inlinable package static func text(_ value: String?) -> CSVField { value.map { .text($0) } ?? .missing }

  /// A number that may be undefined or without bound: a missing field where it is not finite.
  @inlinable package static func finite(_ value: Double) -> CSVField { .number(value.isFinite ? value : nil) }
  /// A value as Swift describes it: what files of ranks hold, whose numbers keep the sign of a NaN.
  package static func described(_ value: some CustomStringConvertible) -> CSVField { .text(value.description) }

  /// The field as it stands in a file, quoted where RFC 4180 asks for it.
  package var encoded: String {
    switch self {
    case .text(let text): text.csvQuoted
    case .integer(let value): String(value)
    case .number(let value): value.isNaN ? "nan" : value.description
    case .flag(let value): value ? "true" : "false"
    case .missing: ""
    case .shared(let fields): String(decoding: fields.bytes, as: UTF8.self)
    }
  }

  /// Appends the field as it stands in a file.
  @usableFromInline func append(to bytes: inout [UInt8]) {
    switch self {
    case .shared(let fields): fields.append(to: &bytes)
    case .missing: break
    case .text(var text):
      text.withUTF8 { utf8 in
        if utf8.needsQuotes { bytes.append(contentsOf: encoded.utf8) } else { bytes.append(contentsOf: utf8) }
      }
    case .integer, .number, .flag:
      var text = encoded
      text.withUTF8 { bytes.append(contentsOf: $0) }
    }
  }

  /// The number of columns it fills.
  package var count: Int {
    if case .shared(let fields) = self { fields.count } else { 1 }
  }
}

/// Neighbouring fields of a row as they stand in a file, encoded once for many rows.
@usableFromInline package struct EncodedFields: Equatable, Sendable {
  fileprivate var bytes: [UInt8] = []
  fileprivate let count: Int

  /// The fields, at least one.
  package init(_ fields: [CSVField]) {
    count = fields.reduce(0) { $0 + $1.count }
    bytes.reserveCapacity(16 * count)
    fields.append(to: &bytes)
  }

  @usableFromInline func append(to bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }
}

extension [CSVField] {
  /// Appends the fields and the commas between them.
  package func append(to bytes: inout [UInt8]) {
    for (index, field) in enumerated() {
      if index > 0 { bytes.append(0x2C) }
      field.append(to: &bytes)
    }
  }

  /// Appends a row that has a field for every column, and its line end.
  package func appendLine(ofColumns columnCount: Int, to bytes: inout [UInt8]) {
    let count = reduce(0) { $0 + $1.count }
    precondition(count == columnCount, "\(count) fields for \(columnCount) columns")
    append(to: &bytes)
    bytes.append(0x0A)
  }
}
