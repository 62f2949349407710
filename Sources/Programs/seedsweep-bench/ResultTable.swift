// The result of a benchmark: sections of items by quantities, printed as an aligned table and written as CSV with one value in
// each row.

import CommandLine
import Foundation
import Reports
import Tables

/// A column of a section.
struct Quantity: Equatable {
  /// The name, in the CSV file's `quantity`.
  let name: String
  /// The unit, such as `s` or `GB/s`; empty for a count or a share.
  let unit: String

  init(_ name: String, _ unit: String = "") {
    self.name = name
    self.unit = unit
  }

  /// The heading of the column.
  var heading: String { unit.isEmpty || unit == name ? name : "\(name) \(unit)" }
}

/// The sections of one benchmark.
struct ResultTable {
  /// Items that have the same quantities.
  struct Section {
    /// What the items are measured on, a line above the table.
    var heading: String
    /// What the items are, above their names.
    var itemHeading: String
    var quantities: [Quantity]
    /// Each item with a value for every quantity.
    var rows: [(item: String, values: [Double])] = []
  }

  /// The command that measured.
  let benchmark: String
  var sections: [Section] = []

  /// Prints the table and writes the CSV file if one is asked for.
  func report(_ output: OutputOptions) throws {
    say(sections.map(\.text).joined(separator: "\n\n"))
    guard let path = output.csvPath else { return }
    let measurements = sections.flatMap { section in
      section.rows.flatMap { row in
        zip(section.quantities, row.values).map {
          Measurement(benchmark: benchmark, item: row.item, quantity: $0, value: $1)
        }
      }
    }
    try Measurement.columns.write(measurements, to: path)
  }

  /// A row of the CSV file.
  private struct Measurement {
    var benchmark: String
    var item: String
    var quantity: Quantity
    var value: Double

    static let columns: [Column<Measurement>] = [
      Column("benchmark", "The command that measured.", role: .key) { .text($0.benchmark) },
      Column("item", "What was measured.", role: .key) { .text($0.item) },
      Column("quantity", "Which of its quantities.", role: .key) { .text($0.quantity.name) },
      Column("unit", "The quantity's unit; empty for a count or a share.", role: .convention) {
        .text($0.quantity.unit)
      },
      Column("value", "The number.") { .number($0.value) },
    ]
  }
}

extension ResultTable.Section {
  /// The section as aligned lines: one for each item, or, where there is one item only, one for each quantity.
  var text: String {
    if rows.count == 1 {
      let lines = zip(quantities, rows[0].values).map { [$0.name, Self.rounded($1), $0.unit] }
      return ([heading] + Self.aligned(lines, toTheLeft: [0, 2])).joined(separator: "\n")
    }
    let lines = [[itemHeading] + quantities.map(\.heading)] + rows.map { [$0.item] + $0.values.map(Self.rounded) }
    return ([heading] + Self.aligned(lines, toTheLeft: [0])).joined(separator: "\n")
  }

  /// Cells under one another, flush left in some columns and flush right in the others, without spaces at the ends.
  private static func aligned(_ lines: [[String]], toTheLeft left: Set<Int>) -> [String] {
    let widths = lines[0].indices.map { index in lines.map { $0[index].count }.max() ?? 0 }
    return lines.map { line in
      let cells = line.enumerated().map { index, cell in
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        return left.contains(index) ? cell + padding : padding + cell
      }
      return cells.joined(separator: "  ").trimmingSuffix(" ")
    }
  }

  /// Four significant digits, but whole numbers whole.
  static func rounded(_ value: Double) -> String {
    value.isFinite && abs(value) >= 1000 || value == value.rounded()
      ? String(format: "%.0f", value) : String(format: "%.4g", value)
  }
}

extension String {
  /// The text without the given characters at its end.
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    String(self[..<(lastIndex { $0 != character }.map(index(after:)) ?? startIndex)])
  }
}
