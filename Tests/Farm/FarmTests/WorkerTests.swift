// A rank's hands and the small parts beside them.

import FarmScenarios
import Foundation
import Host
import Synchronization
import XCTest

@testable import Farm

final class WorkerTests: XCTestCase {
  struct Crash: Error {}

  func testPreparationRunsAgainAfterItThrew() throws {
    struct NoModel: Error {}
    let calls = Mutex(0)
    let worker = Worker {
      let call = calls.withLock { calls in
        calls += 1
        return calls
      }
      if call == 1 { throw NoModel() }
      return { _ in Product(result: [1]) }
    }
    let ledger = RecordingLedger()
    let leader = Leader(
      jobs: [Job(), Job(), Job()], transport: InProcessTransport.group(size: 1)[0], worker: worker, owner: .init(ledger)
    )
    XCTAssertEqual(try leader.run().finishedCount, 3)
    XCTAssertEqual(ledger.answers.first?.content, .crashed(message: "NoModel()"))
    XCTAssertEqual(calls.withLock { $0 }, 2)
  }

  /// What `prepare` made is the same function for every job: wrapped once more for each, it would take more and more of
  /// the stack, and all of this one.
  func testManyJobsNeedNoMoreStackThanOne() throws {
    let worker = Worker(stackSize: 256 << 10) { { _ in Product(result: [1]) } }
    let leader = Leader(
      jobs: Array(repeating: Job(), count: 20_000), transport: InProcessTransport.group(size: 1)[0], worker: worker,
      owner: .init(RecordingLedger()))
    XCTAssertEqual(try leader.run().finishedCount, 20_000)
  }

  func testJobsHaveADeepStack() throws {
    let worker = Worker { { _ in Product(result: [WorkerTests.descend(from: nil) > 0 ? 1 : 0]) } }
    let leader = Leader(
      jobs: [Job()], transport: InProcessTransport.group(size: 1)[0], worker: worker, owner: .init(RecordingLedger()))
    XCTAssertEqual(try leader.run().finishedCount, 1)
  }

  /// Calls itself until 14 MB of stack lie behind it: the process dies where a thread has the usual 8 MB.
  @inline(never)
  private static func descend(from top: UInt?) -> Int {
    withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { frame in
      let here = UInt(bitPattern: frame.baseAddress)
      if let top, top > here, top - here > 14 << 20 { return 1 }
      return descend(from: top ?? here) + 1
    }
  }

  func testBackoffDoublesUpToItsLimit() {
    var backoff = Backoff(shortest: 1, longest: 5)
    XCTAssertEqual((0..<5).map { _ in backoff.next() }, [1, 2, 4, 5, 5])
    backoff.reset()
    XCTAssertEqual(backoff.next(), 1)
  }

  func testASignalRaisesTheFlag() {
    let flag = DrainFlag.raised(by: [SIGUSR2])
    XCTAssertFalse(flag.isRaised)
    kill(getpid(), SIGUSR2)
    let deadline = monotonicSeconds() + 5
    while !flag.isRaised && monotonicSeconds() < deadline { SystemClock().sleep(1e-3) }
    XCTAssert(flag.isRaised)
  }

  func testMeanOfTheLatestDurations() {
    var durations = RecentDurations()
    XCTAssertEqual(durations.mean, .infinity)
    durations.add(100)
    XCTAssertEqual(durations.mean, 100)
    for _ in 0..<16 { durations.add(2) }
    XCTAssertEqual(durations.mean, 2)
  }
}
