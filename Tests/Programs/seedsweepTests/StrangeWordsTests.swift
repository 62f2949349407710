import Foundation
import TestSupport
import XCTest

/// Command lines that no program should end at: names that are no text, control characters, a flag where a file is expected.
final class StrangeWordsTests: XCTestCase {
  private func run(_ script: String) throws -> Child.Result {
    let folder = try TemporaryFolder()
    let words = ["sh", "-c", script, "sh", Child.program, Child.products + "/seedsweep-coverage"]
    return try Child(words, in: folder.path).wait()
  }

  /// With U+FFFD in their places both names would be one folder.
  func testNamesThatAreNoUTF8AreRefused() throws {
    for (word, octal) in [("a\\xff", "a\\377"), ("a\\xfe", "a\\376")] {
      let result = try run("\"$1\" summarize \"$(printf '\(octal)')\"; code=$?; ls; exit $code")
      XCTAssertEqual(result.code, 2, word)
      XCTAssertTrue(
        result.errors.hasPrefix("seedsweep: word 2 of the command line, 'a\u{FFFD}', is not UTF-8;"), result.errors)
    }
  }

  func testControlCharactersOfACommandLineAreEscaped() throws {
    let result = try run("\"$1\" summarize \"$(printf 'a\\033[31mb\\rc')\"")
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(result.errors.contains("a\\u001b[31mb\\rc"), result.errors)
    XCTAssertFalse(result.errors.contains("\u{1B}"))
  }

  func testTheCoverageProgramExplainsItself() throws {
    let help = try run("\"$2\" --help")
    XCTAssertEqual(help.code, 0, help.errors)
    XCTAssertTrue(
      help.output.hasPrefix("usage: seedsweep-coverage [--verdicts] [RUNS.csv TASK=BASELINE ...]\n"), help.output)
    let flag = try run("\"$2\" --fast")
    XCTAssertEqual(flag.code, 2)
    XCTAssertTrue(flag.errors.hasPrefix("seedsweep-coverage: unknown flag '--fast'\n"), flag.errors)
    let missing = try run("\"$2\" none.csv")
    XCTAssertEqual(missing.code, 2)
    XCTAssertEqual(missing.errors, "seedsweep-coverage: cannot read none.csv: there is no such file\n")
  }
}
