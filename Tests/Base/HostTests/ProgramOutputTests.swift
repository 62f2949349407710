// What other programs print, and those that never end: none may hold up the program that asks.

import XCTest

@testable import Host

final class ProgramOutputTests: XCTestCase {
  private func text(_ script: String, atMost seconds: Double = 20) throws -> String {
    try ProgramOutput.text(of: "/bin/sh", ["-c", script], atMost: seconds)
  }

  private func assertFails(_ description: String, line: UInt = #line, _ body: () throws -> String) {
    XCTAssertThrowsError(try body(), line: line) { XCTAssertEqual("\($0)", description, line: line) }
  }

  func testWhatIsPrinted() throws {
    XCTAssertEqual(try text("echo one; echo nothing >&2; sleep 0.1; echo two"), "one\ntwo\n")
    XCTAssertEqual(try text("head -c 300000 /dev/zero").utf8.count, 300_000)
    XCTAssertEqual(try text("cat"), "", "there is nothing on standard input")
  }

  func testProgramsThatFail() {
    assertFails("fails") { try text("echo words; exit 3") }
    assertFails("fails") { try text("kill -9 $$") }
    assertFails("does not start: No such file or directory") {
      try ProgramOutput.text(of: "/nowhere/program", [], atMost: 20)
    }
  }

  func testProgramsThatPrintWithoutEndAreKilled() {
    let start = Date()
    assertFails("prints more than 1048576 bytes") { try text("yes") }
    XCTAssertLessThan(-start.timeIntervalSinceNow, 10)
  }

  /// Neither one that prints nothing, nor one that closed its output, nor a child of its own is waited for.
  func testProgramsThatDoNotEndAreKilled() throws {
    for script in ["sleep 60", "exec >&-; sleep 60", "sleep 60 & echo words"] {
      let start = Date()
      assertFails("does not end within 1 s") { try text(script + "; exit 0", atMost: 0.3) }
      XCTAssertLessThan(-start.timeIntervalSinceNow, 10, script)
    }
  }
}
