// Columns of text files, whole texts of what is wrong with them. More cases of data sets are in OwnFilesTests.

import Foundation
import Tables
import XCTest

final class TextTableTests: XCTestCase {
  private func table(
    _ text: String, _ format: TableFormat, columns: [String], header: [String]? = nil,
    ragged: TextTable.RaggedRows = .refused
  ) throws -> TextTable {
    try TextTable(
      Data(text.utf8), path: "FILE", format: format, columns: columns, header: header, ragged: ragged)
  }

  private func assertError(_ expected: String, line: UInt = #line, _ body: () throws -> TextTable) {
    XCTAssertThrowsError(try body(), line: line) { error in
      XCTAssertEqual(error as? DataError, DataError(expected), line: line)
    }
  }

  func testFieldsComeInTheOrderAskedWithTheirLines() throws {
    let rows = try table("\u{FEFF}a,b,c\r\n1,\"x\n\"\"y\"\"\",3\r\n4,5,6\r\n\r\n", .commas, columns: ["c", "b"]).rows
    XCTAssertEqual(rows.map(\.line), [2, 4])
    XCTAssertEqual(rows.map(\.fields), [["3", "x\n\"y\""], ["6", "5"]])
  }

  func testWhatAWriterQuotesComesBack() throws {
    let texts = ["plain", "a,b", "say \"hi\"", "two\nlines", "a\r\nb", "\"", "é", ""]
    let content = "t,n\n" + texts.map { $0.csvQuoted + ",1\n" }.joined()
    XCTAssertEqual(try table(content, .commas, columns: ["t"]).rows.map(\.fields), texts.map { [$0] })
  }

  func testRowsOfOtherLengths() throws {
    let text = "a\tb\n1\n2\t3\t4\n5\t6\n"
    assertError("FILE:2: 1 column where 2 are needed (a, b)") { try table(text, .tabs, columns: ["a"]) }
    let extra = "a\tb\n2\t3\t4\n"
    assertError("FILE:2: 3 columns where 2 are needed (a, b)") { try table(extra, .tabs, columns: ["a"]) }
    XCTAssertEqual(
      try table(extra, .tabs, columns: ["b"], ragged: .extraIgnored).rows.map(\.fields), [["3"]])
    let some = try table(text, .tabs, columns: ["b"], ragged: .shortLeftOut)
    XCTAssertEqual(some.rows.map(\.fields), [["3"], ["6"]])
    XCTAssertEqual(some.leftOutLines, [2])
  }

  func testAGivenHeaderNamesTheColumns() throws {
    let rows = try table("1\t2\n", .tabs, columns: ["second"], header: ["first", "second"]).rows
    XCTAssertEqual(rows.map(\.fields), [["2"]])
    XCTAssertEqual(rows.map(\.line), [1])
  }

  func testEmptyFilesAndMissingColumns() {
    assertError("FILE: the file is empty") { try table("", .commas, columns: ["a"]) }
    assertError("FILE: no rows below the header") { try table("a\n", .commas, columns: ["a"]) }
    assertError("FILE: no rows") { try table("\n", .objects, columns: ["a"]) }
    assertError("FILE:1: no column \"labe\"; found \"label\", \"b\"; did you mean \"label\"?") {
      try table("label,b\n1,2\n", .commas, columns: ["labe"])
    }
  }
}
