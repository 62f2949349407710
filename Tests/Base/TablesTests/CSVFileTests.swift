// A table appears whole or not at all.

import Foundation
import Tables
import XCTest

final class CSVFileTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = NSTemporaryDirectory() + "/tables-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

  func testFileAppearsOnlyWhenFinished() throws {
    let path = folder + "/table.csv"
    let file = try CSVFile(path: path, columns: ["a", "b,c"])
    try file.write([.integer(1), .text("x")])
    XCTAssertFalse(FileManager.default.fileExists(atPath: path))
    try file.finish()
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "a,\"b,c\"\n1,x\n")
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), ["table.csv"])
  }

  func testAbandonedFileLeavesNothing() throws {
    var file: CSVFile? = try CSVFile(path: folder + "/table.csv", columns: ["a"])
    try file?.write([.integer(1)])
    file = nil
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), [])
  }
}
