// Columns of text files, whole texts of what is wrong with them. More cases of data sets are in OwnFilesTests.

import Foundation
import XCTest

@testable import Tables

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

  /// What Python 3.11's csv module reads, `csv.reader(io.StringIO(text, newline=""))`.
  func testQuotesInsideUnquotedFieldsAreText() throws {
    let rows = try table(
      "a,b\n5\" disk,say \"hi\"\n x,\"\"\na\"b\",c\"\n \"y\", \"\"\n", .commas, columns: ["a", "b"]
    ).rows.map(\.fields)
    XCTAssertEqual(rows, [["5\" disk", "say \"hi\""], [" x", ""], ["a\"b\"", "c\""], [" \"y\"", " \"\""]])
  }

  func testACarriageReturnEndsARow() throws {
    for format in [TableFormat.commas, .tabs] {
      let text = "a,b\r1,2\r3,4\r".replacingOccurrences(of: ",", with: format == .tabs ? "\t" : ",")
      let rows = try table(text, format, columns: ["b", "a"]).rows
      XCTAssertEqual(rows.map(\.fields), [["2", "1"], ["4", "3"]])
      XCTAssertEqual(rows.map(\.line), [2, 3])
      assertError("FILE:4: 1 column where 2 are needed (a, b)") { try table(text + "\r5", format, columns: ["a"]) }
    }
    XCTAssertEqual(
      try table("a,b\n1,2\r3,4\r\n\"5\r6\",7\n8,9", .commas, columns: ["a"]).rows.map(\.line), [2, 3, 4, 6])
    XCTAssertEqual(
      try table("{\"a\": 1}\r{\"a\": 2}\r", .objects, columns: ["a"]).rows.map(\.fields), [["1"], ["2"]])
    // GLUE's tables have line feeds, and a carriage return is text in them.
    XCTAssertEqual(try table("a\tb\n1\r1\t2\r\n", .tabs, columns: ["a"]).rows.map(\.fields), [["1\r1"]])
  }

  /// A key that the first object lacks is no column, and is named as one that is left out.
  func testKeysAfterTheFirstObjectAreLeftOut() throws {
    let text = """

      {"text": "a", "n": 1}
      {"text": "b", "label": 1}
      {"label": 0, "text": "c", "id": "7"}

      """
    let table = try TextTable(Data(text.utf8), path: "x.jsonl", format: .objects)
    XCTAssertEqual(table.columns, ["text"])
    XCTAssertEqual(table.rows.map(\.fields), [["a"], ["b"], ["c"]])
    XCTAssertEqual(
      table.leftOutColumns,
      [
        LeftOutColumn(name: "label", line: 2, problem: "no column \"label\"; found \"n\", \"text\""),
        LeftOutColumn(name: "n", line: 3, problem: "no column \"n\"; found \"label\", \"text\""),
        LeftOutColumn(name: "id", line: 2, problem: "no column \"id\"; found \"n\", \"text\""),
      ])
  }

  func testJSONLinesAsPythonWritesThem() throws {
    let text = """
      {"a": NaN, "other": [NaN, Infinity, {"b": null}]}
      {"a": -Infinity, "other": NaN}
      {"a": "\\ud83d\\u00e9", "other": null}
      {"a": 2.0}
      {"a": 18446744073709551615}
      {"a": -0.0}
      {"a": 1e3}
      """
    XCTAssertEqual(
      try table(text, .objects, columns: ["a"]).rows.map(\.fields),
      [["nan"], ["-inf"], ["\u{FFFD}é"], ["2"], ["1.8446744073709552e+19"], ["0"], ["1000"]])
    assertError("FILE:2: \"a\" is null; allowed: a string, a number (NaN where there is none), a Boolean") {
      try table("{\"a\": 1}\n{\"a\": null}", .objects, columns: ["a"])
    }
    assertError(
      "FILE:2:8: JSON has no comma after the last element; each line holds an object, such as "
        + "{\"text\": \"...\", \"label\": 1}"
    ) { try table("{\"a\": 1}\n{\"a\": 1,}", .objects, columns: ["a"]) }
  }

  func testBytesThatAreNoText() {
    for format in [TableFormat.commas, .tabs, .objects] {
      assertError("FILE:2: a NUL byte, which no text has; save the file as UTF-8 (not UTF-16)") {
        try table("a\n\0\n", format, columns: ["a"])
      }
    }
  }

  func testControlCharactersAreEscapedInMessages() {
    assertError("FILE:1: no column \"a\"; found \"\\u001b[31mb\\n\"") {
      try table("\"\u{1B}[31mb\n\"\n1\n", .commas, columns: ["a"])
    }
  }

  /// The first is what pandas writes with `to_csv(sep="\\t", index=False)` of a text with a quote.
  func testQuotedFieldsInTabsAreNamed() throws {
    func remarks(_ text: String) throws -> [String] { try table(text, .tabs, columns: ["s"]).remarks }
    let end =
      " in quotes as CSV writers put them (the first on line 2), and in a .tsv quotes are part of the text; save the file "
      + "as .csv if they are not meant (pandas: to_csv without sep)"
    let pandas = "s\ty\n\"say \"\"hi\"\"\"\t1\nplain\t0\n"
    XCTAssertEqual(try remarks(pandas), ["FILE: 1 field stands" + end])
    XCTAssertEqual(try table(pandas, .tabs, columns: ["s"]).rows[0].fields, ["\"say \"\"hi\"\"\""], "quotes stay text")
    XCTAssertEqual(try remarks("s\ty\n\"a\"\t1\n\"b\"\t0\n"), ["FILE: 2 fields stand" + end])
    // As texts have quotes.
    for text in [
      "s\ty\n\"a\"\t1\nb\t0\n", "s\ty\n\"a\" b\t1\n\"say \"\"hi\"\"\"\t0\n", "s\ty\na \"\"b\"\"\t1\n", "s\ty\n\"\t1\n",
    ] {
      XCTAssertEqual(try remarks(text), [], text)
    }
    XCTAssertEqual(try table(pandas.replacingOccurrences(of: "\t", with: ","), .commas, columns: ["s"]).remarks, [])
    let hint =
      "; a field opens a quote that its line does not close, and in a .tsv quotes are part of the text: save the file as "
      + ".csv if fields hold line ends or tabs"
    assertError("FILE:2: 1 column where 2 are needed (s, y)" + hint) {
      try table("s\ty\n\"a\nb\"\t1\n", .tabs, columns: ["s"])
    }
    assertError("FILE:2: 3 columns where 2 are needed (s, y)" + hint) {
      try table("s\ty\n\"a\tb\"\t1\n", .tabs, columns: ["s"])
    }
  }

  /// What pandas writes with `to_csv(sep="\\t", quoting=csv.QUOTE_ALL)`.
  func testAHeaderInQuotesIsNamed() {
    assertError(
      "FILE:1: no column \"s\"; found \"\"s\"\", \"\"y\"\"; the names stand in quotes as CSV writers put them, and in a .tsv "
        + "quotes are part of the text; save the file as .csv (pandas: to_csv without sep)"
    ) { try table("\"s\"\t\"y\"\n\"a\"\t\"1\"\n", .tabs, columns: ["s"]) }
    // A name of which a part stands in quotes is a name.
    assertError("FILE:1: no column \"s\"; found \"\"a\" b\"") { try table("\"a\" b\nx\n", .tabs, columns: ["s"]) }
  }

  /// Python's csv module reads `"a"b` as `ab`, and a writer's mistake goes unseen; here it is an error.
  func testTextAfterAClosingQuote() {
    assertError("FILE:3: text after a field's closing quote; a quote inside a field is doubled") {
      try table("s,y\n\"a\",1\n\"a\"b,2\n", .commas, columns: ["s"])
    }
  }

  func testEmptyFilesAndMissingColumns() {
    assertError("FILE: the file is empty") { try table("", .commas, columns: ["a"]) }
    assertError("FILE: no rows below the header") { try table("a\n", .commas, columns: ["a"]) }
    assertError("FILE: no rows") { try table("\n", .objects, columns: ["a"]) }
    assertError("FILE:1: no column \"labe\"; found \"label\", \"b\"; did you mean \"label\"?") {
      try table("label,b\n1,2\n", .commas, columns: ["labe"])
    }
    // Each wrong name gets its own suggestion, swapped letters included.
    assertError(
      "FILE:1: no column \"sentense\", \"lable\"; found \"sentence\", \"label\"; did you mean \"sentence\", \"label\"?"
    ) { try table("sentence,label\na,1\n", .commas, columns: ["sentense", "lable"]) }
  }

  /// What pandas writes with other separators than the path's ending says.
  func testOtherSeparators() {
    let semicolons =
      "; semicolons seem to separate its columns, as in Excel's CSV of some languages: save it with commas (pandas: "
      + "read_csv(FILE, sep=\";\", decimal=\",\").to_csv(FILE, index=False))"
    assertError("FILE:1: no column \"a\", \"b\"; found \"a;b\"\(semicolons)") {
      try table("\u{FEFF}a;b\r\n1;0,5\r\n", .commas, columns: ["a", "b"])
    }
    assertError("FILE:1: no column \"a\"; found \"a;b\"\(semicolons)") {
      try table("a;b\n1;2\n", .tabs, columns: ["a"])
    }
    assertError("FILE:1: no column \"a\"; found \"a\\tb\"; tabs seem to separate its columns: call the file .tsv") {
      try table("a\tb\n1\t2\n", .commas, columns: ["a"])
    }
    assertError("FILE:1: no column \"a\"; found \"a,b\"; commas seem to separate its columns: call the file .csv") {
      try table("a,b\n1,2\n", .tabs, columns: ["a"])
    }
    assertError("FILE:3: 2 columns where 1 is needed (a;b)\(semicolons)") {
      try TextTable(Data("a;b\n1;2\n1;0,5\n".utf8), path: "FILE", format: .commas)
    }
    assertError("FILE:1: no column \"b\"; found \"a\"") { try table("a\n1\n", .commas, columns: ["b"]) }
  }

  func testAFileWithoutHeader() {
    let hint = "; the file seems to have no header: write the names of its columns into a first line"
    assertError("FILE:1: no column \"text\", \"label\"; found \"a film\", \"1\"\(hint)") {
      try table("a film\t1\nanother\t0\n", .tabs, columns: ["text", "label"])
    }
    assertError("FILE:1: no column \"text\"; found \"one two three four five\", \"yes\"\(hint)") {
      try table("one two three four five,yes\n", .commas, columns: ["text"])
    }
    // A header with pandas' unnamed column of row numbers is a header, and so is one that names one of the columns.
    assertError("FILE:1: no column \"text\"; found \"\", \"sentence\", \"label\"") {
      try table(",sentence,label\n0,a,1\n", .commas, columns: ["text"])
    }
    assertError("FILE:1: no column \"text\"; found \"label\", \"2019\"") {
      try table("label,2019\n1,a\n", .commas, columns: ["text", "label"])
    }
  }
}
