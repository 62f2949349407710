import Files
import XCTest

/// Where lines end, as Python's text files have it (`open(path, newline=None)`).
final class TextLinesTests: XCTestCase {
  private func lines(_ text: String) -> [String] {
    TextLines.lines(of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  func testLineEnds() {
    XCTAssertEqual(lines(""), [])
    XCTAssertEqual(lines("a"), ["a"])
    XCTAssertEqual(lines("a\nb\r\nc\rd"), ["a", "b", "c", "d"])
    XCTAssertEqual(lines("\n\r\n\r"), ["", "", ""])
    XCTAssertEqual(lines("a\r\r\n\nb\n"), ["a", "", "", "b"])
    XCTAssertEqual(
      lines("a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f\u{1C}g\n"), ["a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f\u{1C}g"])
  }

  func testTheEndOfATablesLines() {
    XCTAssertEqual(TextLines.lineEnd(of: Array("a\rb\r".utf8)), 13)
    XCTAssertEqual(TextLines.lineEnd(of: Array("a\rb\n".utf8)), 10)
    XCTAssertEqual(TextLines.lineEnd(of: Array("ab".utf8)), 10)
  }
}
