// How the speed of a core is measured.

import XCTest

@testable import Estimates

final class SpeedProbeTests: XCTestCase {
  func testThisCoreHasASpeed() {
    XCTAssertGreaterThan(SpeedProbe.gigaflops(seconds: 0.01), 0.1)
  }

  /// Other programs make some probes slow; the fastest one counts.
  func testTheSpeedIsTheBestProbes() {
    // Each call of the body takes as many seconds as the list says, in turn.
    let seconds = [2, 2, 1, 2, 1, 1, 2, 3, 2, 2].map { $0 / 64.0 }
    var (now, calls) = (0.0, 0)
    let speed = SpeedProbe.best(seconds: 8 / 32.0, { now }) {
      now += seconds[calls % seconds.count]
      calls += 1
    }
    // In 64ths of a second, of which each probe lasts 2 at least: 2 | 2 | 1 + 2 | 1 + 1 | 2 | 3 | 2 | 2
    XCTAssertEqual(speed, 64)
    XCTAssertEqual(calls, 10)
  }
}
