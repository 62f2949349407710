// What is read of a machine, and how it is written for people.

import XCTest

@testable import Host

final class MachineTests: XCTestCase {
  func testProcessorLists() {
    XCTAssertEqual(ProcessorAffinity.processors(inList: "0-3,8")?.count, 5)
    XCTAssertEqual(ProcessorAffinity.processors(inList: "7")?.count, 1)
  }

  func testBytesAreReadable() {
    XCTAssertEqual(readable(bytes: 512), "512 B")
    XCTAssertEqual(readable(bytes: 3 << 29), "1.5 GiB")
  }
}
