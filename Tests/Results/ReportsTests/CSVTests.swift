// Fields as RFC 4180 and pandas want them.

import XCTest

@testable import Reports

final class CSVTests: FolderTestCase {
  func testFields() {
    let fields: [(CSVField, String)] = [
      (.text("plain"), "plain"), (.text("a,b"), "\"a,b\""), (.text("say \"hi\""), "\"say \"\"hi\"\"\""),
      (.text("two\nlines"), "\"two\nlines\""), (.text("a\r\nb"), "\"a\r\nb\""), (.text("é, ü"), "\"é, ü\""),
      (.text(""), ""), (.missing, ""), (.integer(-3), "-3"), (.flag(true), "true"), (.flag(false), "false"),
      (.number(0.1), "0.1"), (.number(1), "1.0"), (.number(2e-5), "2e-05"), (.number(.nan), "nan"),
      (.number(-.nan), "nan"), (.number(.infinity), "inf"), (.number(-.infinity), "-inf"),
      (.number(nil as Double?), ""), (.integer(nil as Int?), ""), (.flag(nil as Bool?), ""),
      (.text(nil as String?), ""),
    ]
    for (field, text) in fields { XCTAssertEqual(field.encoded, text) }
  }

  func testNumbersReadBackTheSame() {
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<10_000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: bits)
      guard number.isFinite else { continue }
      XCTAssertEqual(Double(CSVField.number(number).encoded)?.bitPattern, number.bitPattern)
    }
  }

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
