// A table as an array of columns: its text, its file, columns of rows within rows, and its reference.

import Foundation
import Tables
import XCTest

final class ColumnTests: XCTestCase {
  private struct Point {
    var name: String
    var value: Double
  }

  private struct Measured {
    var point: Point
    var count: Int
  }

  private let columns: [Column<Point>] = [
    Column("name", "Which point | it is.", role: .key) { .text($0.name) },
    Column("value_s", "How long it took.", .unit("seconds"), .interval("by {seed}")) { .number($0.value) },
  ]

  func testTextAndLines() {
    let points = [Point(name: "a,b", value: 0.1), Point(name: "c", value: .nan)]
    XCTAssertEqual(columns.text(points), "name,value_s\n\"a,b\",0.1\nc,nan\n")
    XCTAssertEqual(columns.line(points[1]), "c,nan\n")
    XCTAssertEqual(columns.text([]), "name,value_s\n")
  }

  func testColumnsOfAPartOfARow() throws {
    let all: [Column<Measured>] = columns.of(\.point) + [Column("n", "How often.") { .integer($0.count) }]
    XCTAssertEqual(all.names(), ["name", "value_s", "n"])
    XCTAssertEqual(all[1].facts, columns[1].facts)
    let path = NSTemporaryDirectory() + "/columns-\(UUID().uuidString).csv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try all.write([Measured(point: Point(name: "a", value: 2), count: 3)], to: path)
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "name,value_s,n\na,2.0,3\n")
  }

  func testDescribedNumbersKeepTheSignOfANaN() {
    XCTAssertEqual(CSVField.described(-Double.nan).encoded, (-Double.nan).description)
    XCTAssertEqual(CSVField.described(Float(0.1)).encoded, "0.1")
    XCTAssertEqual(CSVField.finite(.infinity).encoded, "")
  }

  func testTheReferenceIsAMarkdownTable() {
    XCTAssertEqual(
      TableReference("times.csv", "One row a point.", columns).markdown,
      """
      ## times.csv

      One row a point.

      | column | meaning | convention |
      |---|---|---|
      | `name` | Which point \\| it is. |  |
      | `value_s` | How long it took. | unit: seconds; by `seed` |

      """)
  }
}
