// Processes that sleep while time passes: what others say meanwhile, or do not say, proves nothing about them.

import FarmScenarios
import Foundation
import Synchronization
import XCTest

@testable import Farm

final class SleepTests: XCTestCase {
  /// All ranks are stopped for longer than a leader may be silent (a batch system that suspends a job does so): the leader
  /// is not given up before it has been silent for that time afterwards.
  func testAWorkerThatWasStoppedDoesNotGiveItsLeaderUp() throws {
    for leaderWakes in [true, false] {
      let ends = InProcessTransport.group(size: 2)
      let clock = SleepingClock()
      let worker = Worker(clock: clock) { { _ in Product(result: []) } }
      try ends[0].send(Message.beat.encoded(), to: 1)
      if leaderWakes {
        clock.afterSleep = { try? ends[0].send(Message.stop.encoded(), to: 1) }
      }
      XCTAssertEqual(try worker.serve(on: ends[1], watch: LeaderWatch(silentSeconds: 5)), leaderWakes)
      if !leaderWakes {
        XCTAssertGreaterThan(clock.seconds, SleepingClock.end + 4)
        XCTAssertLessThan(clock.seconds, SleepingClock.end + 6 + LeaderWatch().graceSeconds)
      }
    }
  }

  /// A rank that was given up hears of its leader all the same. Without that it would leave instead of coming back.
  func testALostRankIsToldThatItsLeaderLives() throws {
    let clock = VirtualClock()
    let ledger = RecordingLedger()
    var policy = Leader.Policy()
    policy.stallSeconds = 0.4
    policy.beatSeconds = 0.5
    policy.prefetchSeconds = 0
    let ends = InProcessTransport.group(size: 2)
    clock.beginWork()
    defer { clock.endWork() }
    let worker = Worker(clock: clock) {
      { _ in
        clock.sleep(0.1)
        return Product(result: Array("right".utf8))
      }
    }
    let leader = Leader(
      jobs: [Job(avoidedRanks: [0])] + Array(repeating: Job(), count: 70), transport: ends[0], worker: worker,
      owner: .init(ledger), policy: policy, clock: clock)
    let puppet = inBackground(clock) {
      let rank = Puppet(transport: ends[1], clock: clock)
      try rank.send(.hello(identity: []))
      XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
      // It is given up after 2 s, and rank 0 goes on for 7.
      clock.sleep(3)
      while rank.transport.poll() != nil {}
      clock.sleep(1)
      XCTAssertEqual(try rank.transport.poll().map { try Message($0.bytes) }, .beat)
      try rank.finish(0, "right")
      try rank.finishAll()
    }
    let report = Result { try leader.run() }
    clock.endWork()
    XCTAssertEqual(puppet.wait(timeout: .now() + 20), .success)
    clock.beginWork()
    XCTAssertEqual(try report.get().lostRanks, [], "it spoke again")
    XCTAssertEqual(ledger.events.filter { $0 == .lost(rank: 1) }.count, 1)
    XCTAssertTrue(ledger.events.contains(.found(rank: 1)))
  }
}

/// A clock on which every wait ends at once, and one of them lasts for 100 s: this process was stopped meanwhile.
private final class SleepingClock: FarmClock, @unchecked Sendable {
  static let end = 101.0
  private let elapsed = Mutex(0.0)
  /// Called at every wait after the long one.
  var afterSleep: @Sendable () -> Void = {}

  var seconds: Double { elapsed.withLock { $0 } }
  var wallSeconds: Double { seconds }
  func beginWork() {}
  func endWork() {}
  func wait(atMost seconds: Double, _ wait: (Double) -> Void) { sleep(seconds) }

  func sleep(_ seconds: Double) {
    let now = elapsed.withLock { elapsed in
      elapsed += seconds
      if elapsed > 1, elapsed < Self.end { elapsed = Self.end }
      return elapsed
    }
    if now > Self.end { afterSleep() }
  }
}
