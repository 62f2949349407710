import XCTest

@testable import JSON5

final class DiagnosticTests: XCTestCase {
  func testLinesEndAtEveryKindOfLineEndAndColumnsCountScalars() {
    let text = Array("a\nb\r\ncé😀d\re".utf8)
    let positions = text.withUnsafeBufferPointer { bytes in
      (0...text.count).map { SourcePosition(offset: $0, in: bytes).description }
    }
    XCTAssertEqual(
      positions,
      [
        "1:1", "1:2", "2:1", "2:2", "2:2", "3:1", "3:2", "3:3", "3:3", "3:4", "3:4", "3:4", "3:4", "3:5", "4:1", "4:2",
      ])
  }

  func testText() {
    let one = Diagnostic(name: "a", position: SourcePosition(line: 3, column: 4), message: "m")
    let two = Diagnostic(name: "k=v", message: "n")
    XCTAssertEqual(Diagnostics([one, two]).description, "a:3:4: m\nk=v: n")
  }
}
