// How often ranks tell their progress, and how the speed of a core is measured.

import XCTest

@testable import Runs

final class ReportingTests: XCTestCase {
  /// The leader gets at most 400 messages a second, and ten of them arrive before a rank is given up.
  func testProgressGrowsRarerWithTheNumberOfRanks() {
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1, stallSeconds: 300), 0.5)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 200, stallSeconds: 300), 0.5)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 300), 2.56)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 10_000, stallSeconds: 300), 25)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 100_000, stallSeconds: 300), 30)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 10), 1)
    XCTAssertEqual(ProgressReporter.interval(rankCount: 1024, stallSeconds: 3), 0.5)
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
