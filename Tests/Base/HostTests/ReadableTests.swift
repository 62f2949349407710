// Numbers as a person reads them.

import Host
import XCTest

final class ReadableTests: XCTestCase {
  func testNumbersOfAnySizeFitIntoALine() {
    XCTAssertEqual(decimal(0.12349), "0.123")
    XCTAssertEqual(decimal(-999_999_999, digits: 1), "-999999999.0")
    XCTAssertEqual(decimal(1e9), "1e+09")
    XCTAssertEqual(decimal(-.greatestFiniteMagnitude), "-1.8e+308")
    XCTAssertEqual(decimal(.nan), "nan")
  }
}
