// What this machine says of itself.

import Host
import Numerics
import XCTest

final class NumericsTests: XCTestCase {
  func testThisMachineIsRead() {
    let machine = Machine.current()
    XCTAssertFalse(machine.host.isEmpty)
    XCTAssertGreaterThanOrEqual(machine.coreCount, 1)
    XCTAssertLessThanOrEqual(machine.usableCoreCount, machine.coreCount)
    XCTAssertGreaterThan(machine.memoryByteCount, machine.availableByteCount)
    XCTAssertEqual(NumericsFingerprint.current(), NumericsFingerprint.current())
  }
}
