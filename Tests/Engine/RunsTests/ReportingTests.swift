// How often ranks tell their progress.

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
}
