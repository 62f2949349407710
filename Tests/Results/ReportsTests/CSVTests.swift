// A table appears whole or not at all.

import Tables
import XCTest

@testable import Reports

final class CSVTests: FolderTestCase {
  func testFileAppearsOnlyWhenFinished() throws {
    let path = folder + "/table.csv"
    let file = try CSVFile(path: path, columns: ["a", "b,c"])
    try file.write([.integer(1), .text("x")])
    XCTAssertFalse(FileManager.default.fileExists(atPath: path))
    try file.finish()
    XCTAssertEqual(try contents(path), "a,\"b,c\"\n1,x\n")
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), ["table.csv"])
  }

  func testAbandonedFileLeavesNothing() throws {
    var file: CSVFile? = try CSVFile(path: folder + "/table.csv", columns: ["a"])
    try file?.write([.integer(1)])
    file = nil
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), [])
  }
}
