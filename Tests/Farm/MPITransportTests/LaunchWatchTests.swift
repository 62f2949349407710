// When an mpirun that does not do its work is killed, at moments that the tests make.

import Foundation
import XCTest

@testable import MPITransport

final class LaunchWatchTests: XCTestCase {
  private func watch(hasStarted: Bool, noteSignal: @escaping (Int32) -> Void = { _ in }) -> LaunchWatch {
    LaunchWatch(patience: 300, hasStarted: { hasStarted }, noteSignal: noteSignal, now: 1000)
  }

  func testAStartThatTakesTooLong() {
    var slow = watch(hasStarted: false)
    XCTAssertEqual(slow.look(now: 1299, processCount: 8), .nothing)
    XCTAssertEqual(
      slow.look(now: 1301, processCount: 8), .kill(.startedNothing(seconds: 300, processCount: 8)))
    var sound = watch(hasStarted: true)
    XCTAssertEqual(sound.look(now: 1301, processCount: 8), .nothing)
    XCTAssertEqual(sound.look(now: 1e9, processCount: 8), .nothing)
  }

  func testSignalsArePassedOnOnce() {
    var noted: [Int32] = []
    var watch = watch(hasStarted: true) { noted.append($0) }
    XCTAssertEqual(watch.take(SIGUSR1, now: 1001), .pass(SIGUSR1))
    XCTAssertEqual(watch.take(SIGINT, now: 1002), .pass(SIGINT))
    XCTAssertEqual(watch.take(SIGHUP, now: 1002.1), .nothing, "a shell and its terminal both send one")
    XCTAssertEqual(watch.take(SIGHUP, now: 1100), .nothing)
    XCTAssertEqual(watch.take(SIGUSR1, now: 1101), .pass(SIGUSR1))
    XCTAssertEqual(watch.look(now: 1200, processCount: 2), .nothing, "the ranks end by themselves")
    XCTAssertEqual(noted, [SIGINT])
  }

  /// mpirun and ranks that are being started would die of it.
  func testASignalThatAsksForNoEndWaitsForTheRanks() {
    var isReady = false
    var watch = LaunchWatch(patience: 300, hasStarted: { true }, isReady: { isReady }, now: 1000)
    XCTAssertEqual(watch.take(SIGUSR1, now: 1001), .nothing)
    XCTAssertEqual(watch.look(now: 1002, processCount: 2), .nothing)
    XCTAssertEqual(watch.take(SIGTERM, now: 1003), .pass(SIGTERM), "this one does not wait")
    isReady = true
    XCTAssertEqual(watch.look(now: 1004, processCount: 2), .pass(SIGUSR1))
    XCTAssertEqual(watch.look(now: 1005, processCount: 2), .nothing, "once")
    XCTAssertEqual(watch.take(SIGUSR2, now: 1006), .pass(SIGUSR2))
  }

  func testASecondSignalKills() {
    for second in [SIGINT, SIGTERM] {
      var watch = watch(hasStarted: true)
      XCTAssertEqual(watch.take(SIGTERM, now: 1001), .pass(SIGTERM))
      XCTAssertEqual(watch.take(second, now: 1002), .kill(.killed(signal: second, wasStarting: false)))
    }
  }

  func testOneSignalKillsWhatHasStartedNothing() {
    var watch = watch(hasStarted: false)
    XCTAssertEqual(watch.take(SIGTERM, now: 1001), .pass(SIGTERM))
    XCTAssertEqual(watch.look(now: 1005, processCount: 2), .nothing, "mpirun may end by itself")
    XCTAssertEqual(watch.look(now: 1007, processCount: 2), .kill(.killed(signal: SIGTERM, wasStarting: true)))
  }
}
