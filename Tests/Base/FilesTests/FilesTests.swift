// Files that appear whole or not at all, errors of the system, and locks.

import Foundation
import XCTest

@testable import Files

final class FilesTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-\(UUID().uuidString)").path
    try RawFile.createFolder(folder + "/a/b")
  }

  override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  func testAFileAppearsOnlyWhenItIsFinished() throws {
    let path = folder + "/table.csv"
    var file: WholeFile? = try WholeFile(path: path)
    try file?.write("1,2\n")
    XCTAssertEqual(try names().filter { $0 != "a" }.map { $0.hasPrefix(WholeFile.temporaryPrefix) }, [true])
    file = nil
    XCTAssertEqual(try names(), ["a"], "what is not finished leaves nothing")
    try WholeFile.write("x,y\n", to: path)
    XCTAssertEqual(try names(), ["a", "table.csv"])
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "x,y\n")
  }

  func testErrorsNameOperationPathAndReason() {
    XCTAssertThrowsError(try RawFile(path: "/nowhere/file", flags: O_RDONLY)) {
      XCTAssertEqual("\($0)", "cannot open /nowhere/file: No such file or directory (error 2)")
    }
    XCTAssertThrowsError(try WholeFile.write("", to: "/nowhere/file")) {
      XCTAssertEqual("\($0)", "cannot create /nowhere/file: No such file or directory (error 2)")
    }
    XCTAssertThrowsError(try WholeFile.write("", to: folder + "/a")) {
      XCTAssertEqual("\($0)", "cannot rename a new file to \(folder)/a: Is a directory (error 21)")
    }
    XCTAssertEqual(
      [ENOSPC, EDQUOT, EFBIG, EIO, ENOENT, EACCES].map { FileError(operation: "", path: "", code: $0).isOfDisk },
      [true, true, true, true, false, false])
  }

  func testALockIsHeldUntilItsObjectGoes() throws {
    let path = folder + "/lock"
    var first = try FileLock(path, isShared: false)
    XCTAssertNotNil(first)
    XCTAssertNil(try FileLock(path, isShared: false))
    XCTAssertNil(try FileLock(path, isShared: true))
    first = nil
    let second = try FileLock(path, isShared: true)
    XCTAssertNotNil(try FileLock(path, isShared: true))
    XCTAssertNil(try FileLock(folder + "/missing/lock", isShared: true))
    withExtendedLifetime(second) {}
  }

  func testPathsAreSplitAtTheLastSlash() {
    XCTAssertEqual(["a", "/a", "b/a", "/b/a"].map(RawFile.folder), ["", "/", "b", "/b"])
    XCTAssertEqual(["a", "/a", "b/a", "/b/a"].map(RawFile.name), ["a", "a", "a", "a"])
  }
}
