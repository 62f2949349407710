// A column of a table as one value: its name, how its numbers are to be read, one sentence about it, and how its field is
// made from a row. A table is an array of columns; adding a column is adding one value to that array. What is called for each
// row is inlinable, so that other modules compile it for their own rows.

/// What a column is for.
package enum ColumnRole: Equatable, Sendable {
  /// It says which row this is: an identifier, a name, a hyperparameter, a seed, a metric, how runs are judged.
  case key
  /// A result.
  case number
  /// The lower bound of an interval, whose two columns share the name given here.
  case lowerBound(of: String)
  /// The upper bound.
  case upperBound(of: String)
  /// It says how other columns of the row were made: a method, a level, a divisor, a seed.
  case convention
}

/// How a column's numbers are to be read.
package enum Convention: Equatable, Sendable {
  /// A unit, such as `seconds`.
  case unit(String)
  /// A standard deviation with the divisor n - 1 (ddof = 1).
  case sampleDeviation
  /// The bounds of an interval by this method, in words. A name in braces stands for the row's value in the column of that
  /// name.
  case interval(String)
  /// Anything else, such as the paper behind a formula.
  case note(String)

  /// The convention in words, columns in backticks.
  package var words: String {
    switch self {
    case .unit(let unit): "unit: \(unit)"
    case .sampleDeviation: "divisor n - 1"
    case .interval(let method): method.replacing("{", with: "`").replacing("}", with: "`")
    case .note(let note): note
    }
  }
}

/// What a column is, without the rows that it reads.
@usableFromInline package struct ColumnFacts: Equatable, Sendable {
  /// The name in the table's first line.
  package let name: String
  /// What it is for.
  package let role: ColumnRole
  /// How its numbers are to be read.
  package let conventions: [Convention]
  /// One sentence.
  package let documentation: String
  /// What a sentence of a paper calls it; nil where the name's words will do.
  package let title: String?
  /// What the head of a paper's table calls it; nil where the title will do.
  package let head: String?

  package init(
    name: String, role: ColumnRole, conventions: [Convention], documentation: String, title: String? = nil,
    head: String? = nil
  ) {
    self.name = name
    self.role = role
    self.conventions = conventions
    self.documentation = documentation
    self.title = title
    self.head = head
  }
}

/// A column of a table with rows of one type.
@usableFromInline package struct Column<Row>: Sendable {
  /// What the column is.
  @usableFromInline package let facts: ColumnFacts
  /// The column's field in a row.
  @usableFromInline package let value: @Sendable (Row) -> CSVField

  /// The name in the table's first line.
  package var name: String { facts.name }

  /// A column that has the facts of another.
  @usableFromInline package init(_ facts: ColumnFacts, value: @escaping @Sendable (Row) -> CSVField) {
    self.facts = facts
    self.value = value
  }

  /// A column; the sentence about it comes second.
  package init(
    _ name: String, _ documentation: String, role: ColumnRole = .number, _ conventions: Convention...,
    title: String? = nil, head: String? = nil, value: @escaping @Sendable (Row) -> CSVField
  ) {
    self.init(
      ColumnFacts(
        name: name, role: role, conventions: conventions, documentation: documentation, title: title, head: head),
      value: value)
  }

  /// The column in a table whose rows hold a row of this kind.
  @inlinable package func of<Outer>(_ part: @escaping @Sendable (Outer) -> Row) -> Column<Outer> {
    Column<Outer>(facts) { value(part($0)) }
  }
}

extension Array {
  /// The columns in a table whose rows hold a row of their kind.
  @inlinable package func of<Row, Outer>(_ part: @escaping @Sendable (Outer) -> Row) -> [Column<Outer>]
  where Element == Column<Row> {
    map { $0.of(part) }
  }

  /// The names, in order.
  package func names<Row>() -> [String] where Element == Column<Row> { map(\.name) }

  /// A row's fields, in order.
  @inlinable package func fields<Row>(of row: Row) -> [CSVField] where Element == Column<Row> { map { $0.value(row) } }

  /// Appends the line of a row, its end included, with fields that many rows share on both sides of its own.
  @inlinable package func appendLine<Row>(
    of row: Row, after first: EncodedFields, before last: EncodedFields, to bytes: inout [UInt8]
  ) where Element == Column<Row> {
    first.append(to: &bytes)
    for column in self {
      bytes.append(0x2C)
      column.value(row).append(to: &bytes)
    }
    bytes.append(0x2C)
    last.append(to: &bytes)
    bytes.append(0x0A)
  }

  /// The header and the rows as the text of a file.
  package func text<Row>(_ rows: some Sequence<Row>) -> String where Element == Column<Row> {
    var bytes: [UInt8] = []
    names().map { CSVField.text($0) }.append(to: &bytes)
    bytes.append(0x0A)
    for row in rows { bytes.append(contentsOf: line(row).utf8) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A row as the line of a file, its end included.
  package func line<Row>(_ row: Row) -> String where Element == Column<Row> {
    var bytes: [UInt8] = []
    fields(of: row).append(to: &bytes)
    bytes.append(0x0A)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a table that is small enough to be made at once.
  ///
  /// - Throws: `FileError`.
  package func write<Row>(_ rows: some Sequence<Row>, to path: String) throws where Element == Column<Row> {
    let file = try CSVFile(path: path, columns: names())
    for row in rows { try file.write(fields(of: row)) }
    try file.finish()
  }
}
