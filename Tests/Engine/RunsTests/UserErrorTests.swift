// What users read of an error of the file system.

import CommandLine
import Files
import Glibc
import XCTest

@testable import Runs

final class UserErrorTests: XCTestCase {
  func testAFileThatCannotBeWrittenSaysWhatToDo() {
    func problems(_ operation: String, _ code: Int32) -> [String] {
      FileError(operation: operation, path: "out", code: code).problems
    }
    XCTAssertEqual(
      problems("write to", EROFS),
      ["cannot write to out: Read-only file system (error 30); choose a place on another file system"])
    XCTAssertEqual(
      problems("create the folder", EACCES),
      [
        "cannot create the folder out: Permission denied (error 13); choose another place, or let this user write there"
      ])
    XCTAssertEqual(
      problems("rename a new file to", ENOSPC),
      [
        "cannot rename a new file to out: No space left on device (error 28); make space there and give the same command again"
      ])
    // Another place to read from does not help.
    XCTAssertEqual(
      problems("read the folder", EACCES), ["cannot read the folder out: Permission denied (error 13)"])
    // A reason that says what to do is left as it is.
    XCTAssertEqual(
      FileError(operation: "create", path: "out", code: EPERM, reason: "write elsewhere").problems,
      ["cannot create out: write elsewhere"])
    XCTAssertEqual(problems("write to", EIO), ["cannot write to out: Input/output error (error 5)"])
  }
}
