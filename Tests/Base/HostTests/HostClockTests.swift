// The system's clocks against Foundation's, and virtual time.

import Foundation
import TestSupport
import XCTest

@testable import Host

final class HostClockTests: XCTestCase {
  func testSystemClocksAreTheSystems() {
    let clock = SystemClock()
    let (start, foundation) = (clock.seconds, Double(DispatchTime.now().uptimeNanoseconds) * 1e-9)
    XCTAssertEqual(start, foundation, accuracy: 5)
    XCTAssertEqual(clock.wallSeconds, Date().timeIntervalSince1970, accuracy: 5)
    clock.sleep(0.02)
    XCTAssertGreaterThanOrEqual(clock.seconds - start, 0.02)
    clock.sleep(-1)
  }

  func testVirtualTimeMovesOnlyWhenItIsMoved() {
    let clock = ManualClock(wallStart: 100)
    XCTAssertEqual(clock.seconds, 0)
    clock.sleep(3600)
    clock.advance(0.5)
    XCTAssertEqual(clock.seconds, 3600.5)
    XCTAssertEqual(clock.wallSeconds, 3700.5)
  }
}
