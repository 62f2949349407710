// The order in which jobs go out, without threads.

import XCTest

@testable import Farm

final class JobQueueTests: XCTestCase {
  private func drawAll(_ queue: inout JobQueue, rank: Int, others: [Int]) -> [Int] {
    var drawn: [Int] = []
    while let (job, _) = queue.take(for: rank, others: others) { drawn.append(job) }
    return drawn
  }

  func testJobsGoInTheOrderGivenAndReturnedOnesFirst() {
    var queue = JobQueue(Array(repeating: Job(), count: 5), attemptCap: 3)
    XCTAssertEqual(queue.take(for: 0, others: [])?.job, 0)
    XCTAssertEqual(queue.take(for: 0, others: [])?.job, 1)
    queue.putBack(1)
    queue.putBack(0)
    XCTAssertEqual(queue.waiting, [0, 1, 2, 3, 4])
    XCTAssertEqual(drawAll(&queue, rank: 0, others: []), [0, 1, 2, 3, 4])
    XCTAssert(queue.isEmpty)
  }

  func testACrashedJobGoesToAnotherRankWhileThereIsOne() {
    var queue = JobQueue([Job(), Job()], attemptCap: 4)
    XCTAssertEqual(queue.take(for: 0, others: [1])?.job, 0)
    queue.fail(0, on: 0)
    XCTAssertEqual(queue.take(for: 0, others: [1])?.job, 1)
    XCTAssertNil(queue.take(for: 0, others: [1])?.job)
    let second = queue.take(for: 1, others: [0])
    XCTAssertEqual(second?.job, 0)
    XCTAssertEqual(second?.attempt, 2)
    queue.fail(0, on: 1)
    XCTAssertEqual(queue.take(for: 0, others: [1])?.attempt, 3, "both ranks have tried it")
    queue.fail(0, on: 0)
    XCTAssert(queue.isLastAttempt(0))
    XCTAssertNotNil(queue.take(for: 0, others: []))
    queue.fail(0, on: 0)
    XCTAssertEqual(queue.exhausted, [0])
    XCTAssert(queue.isEmpty)
  }

  func testPausedJobsWaitUntilTheyAreReleased() {
    var queue = JobQueue([Job(isPaused: true), Job(), Job(), Job(isPaused: true)], attemptCap: 3)
    XCTAssertEqual(queue.paused, [0, 3])
    XCTAssertEqual(queue.waiting, [1, 2])
    XCTAssertFalse(queue.wasTaken(0), "no rank can know of it")
    XCTAssertEqual(queue.take(for: 0, others: [])?.job, 1)
    queue.pause(1)
    queue.release(3)
    queue.release(2)
    XCTAssertEqual(queue.waiting, [3, 2], "only paused jobs are released")
    XCTAssertEqual(drawAll(&queue, rank: 0, others: []), [3, 2])
    XCTAssertTrue(queue.wasTaken(3))
    XCTAssert(queue.isEmpty, "paused jobs do not wait for a rank")
    queue.release(1)
    XCTAssertEqual(queue.take(for: 0, others: [])?.attempt, 1, "a pause is no failed attempt")
    queue.release(1)
    XCTAssert(queue.isEmpty)
    XCTAssertEqual(queue.paused, [0])
  }

  func testEarlierRunsCount() {
    let jobs = [Job(attemptCount: 3), Job(attemptCount: 2, avoidedRanks: [0]), Job(), Job(attemptCount: 5)]
    var queue = JobQueue(jobs, attemptCap: 3)
    XCTAssertEqual(queue.exhausted, [0, 3])
    XCTAssertEqual(queue.waiting, [1, 2])
    XCTAssertEqual(queue.take(for: 0, others: [1])?.job, 2)
    XCTAssertFalse(queue.isEmpty)
    XCTAssertEqual(queue.take(for: 1, others: [0])?.attempt, 3)
    XCTAssert(queue.isEmpty)
    XCTAssertFalse(queue.wasTaken(0))
    XCTAssert(queue.wasTaken(1))
  }

  func testALateResultTakesItsJobOut() {
    var queue = JobQueue([Job(), Job()], attemptCap: 2)
    XCTAssertEqual(drawAll(&queue, rank: 0, others: []), [0, 1])
    queue.fail(0, on: 0)
    queue.fail(1, on: 0)
    queue.fail(1, on: 0)
    queue.remove(0)
    queue.remove(1)
    XCTAssert(queue.isEmpty)
    XCTAssertEqual(queue.exhausted, [])
  }
}
