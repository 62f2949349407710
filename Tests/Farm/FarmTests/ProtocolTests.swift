// The leader against a rank 1 played by hand, message by message: what no well-behaved worker would send.

import FarmScenarios
import Foundation
import XCTest

@testable import Farm

final class ProtocolTests: XCTestCase {
  private let ledger = RecordingLedger()

  /// Runs jobs that only rank 1 may get while it plays the script.
  private func lead(
    jobCount: Int, policy: Leader.Policy = Leader.Policy(), script: @escaping @Sendable (Puppet) throws -> Void
  ) throws -> FarmReport {
    let ends = InProcessTransport.group(size: 2)
    let worker = Worker { { _ in Product(result: Array("from rank 0".utf8)) } }
    let leader = Leader(
      jobs: Array(repeating: Job(avoidedRanks: [0]), count: jobCount), transport: ends[0], worker: worker,
      owner: .init(ledger), policy: policy)
    let puppet = inBackground { try script(Puppet(transport: ends[1])) }
    defer { XCTAssertEqual(puppet.wait(timeout: .now() + 10), .success) }
    return try leader.run()
  }

  func testLateDuplicatesAreComparedAndDropped() throws {
    let report = try lead(jobCount: 2) { rank in
      try rank.send(.hello(identity: []))
      XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
      try rank.finish(0, "a")
      try rank.finish(0, "a")
      try rank.finish(0, "b")
      XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 1, attempt: 1, payload: []))
      try rank.finish(1, "c")
      XCTAssertEqual(try rank.receive(), .stop)
      try rank.send(.farewell)
    }
    XCTAssertEqual(report.finishedCount, 2)
    XCTAssertEqual(report.duplicateCount, 2)
    XCTAssertEqual(report.mismatches, [0])
    XCTAssertEqual(ledger.answers.map(\.handOut.job), [0, 1])
    XCTAssert(ledger.events.contains(.duplicate(job: 0, matches: true)))
    XCTAssert(ledger.events.contains(.duplicate(job: 0, matches: false)))
  }

  func testAnswersOfAnotherRunAreIgnored() throws {
    var policy = Leader.Policy()
    policy.epoch = 7
    _ = try lead(jobCount: 1, policy: policy) { rank in
      try rank.send(.hello(identity: []))
      XCTAssertEqual(try rank.receive(), .job(epoch: 7, job: 0, attempt: 1, payload: []))
      try rank.finish(0, "old", epoch: 6)
      try rank.finish(0, "new", epoch: 7)
      XCTAssertEqual(try rank.receive(), .stop)
      try rank.send(.farewell)
    }
    XCTAssertEqual(ledger.answers.map(\.content), [.finished(result: Array("new".utf8), remark: [])])
  }

  func testLateResultOfACrashedAttemptIsAccepted() throws {
    // The job would next go to rank 0, so rank 1 answers both before the leader looks again.
    let report = try lead(jobCount: 1) { rank in
      try rank.send(.hello(identity: []))
      _ = try rank.receive()
      try rank.send(
        .answer(epoch: 1, job: 0, attempt: 1, seconds: 1, content: .crashed(message: "no memory")))
      try rank.finish(0, "from rank 0")
      while try rank.receive() != .stop {}
      try rank.send(.farewell)
    }
    XCTAssertEqual(report.finishedCount, 1)
    XCTAssertEqual(report.mismatches, [])
    XCTAssertEqual(report.remaining, [])
  }

  func testMalformedAndMisplacedMessagesEndTheRun() throws {
    assertEnds(.malformedMessage(problem: "unknown kind 99", offset: 2, byteCount: 2)) {
      try $0.transport.send([5, 99], to: 0)
    }
    assertEnds(.foreignVersion(found: 1, expected: 5)) { try $0.transport.send([1, 1], to: 0) }
    assertEnds(.misdirected(kind: "stop", rank: 1)) { try $0.send(.stop) }
    assertEnds(.jobNotHandedOut(0, rank: 1)) { try $0.finish(0, "") }
    assertEnds(.unknownJob(5, rank: 1, jobCount: 1)) { try $0.finish(5, "") }
  }

  private func assertEnds(_ expected: FarmError, _ action: @escaping @Sendable (Puppet) throws -> Void) {
    XCTAssertThrowsError(
      try lead(jobCount: 1) { rank in
        try action(rank)
        XCTAssertEqual(try rank.receive(), .stop)
        try rank.send(.farewell)
      }
    ) { XCTAssertEqual($0 as? FarmError, expected) }
  }

  func testARefusedRankEndsTheRunBeforeAnythingStarts() {
    ledger.refusedRanks = [1]
    XCTAssertThrowsError(
      try lead(jobCount: 1) { rank in
        try rank.send(.hello(identity: []))
        XCTAssertEqual(try rank.receive(), .stop)
        try rank.send(.farewell)
      }
    ) { XCTAssertEqual($0 as? Refusal, Refusal(rank: 1)) }
    XCTAssertEqual(ledger.handOuts, [])
  }

  func testJobsThatAreNoLongerWantedAreForgotten() throws {
    // What the first answer tells makes two of the waiting jobs needless.
    ledger.onAnswer = { [ledger] answer in
      if answer.handOut.job == 0 { ledger.unwantedJobs = [1, 2] }
    }
    let report = try lead(jobCount: 4) { rank in
      try rank.send(.hello(identity: []))
      XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
      try rank.finish(0, "enough")
      XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 3, attempt: 1, payload: []))
      try rank.finish(3, "last")
      XCTAssertEqual(try rank.receive(), .stop)
      try rank.send(.farewell)
    }
    XCTAssertEqual(report.finishedCount, 2)
    XCTAssertEqual(report.remaining, [])
    XCTAssertEqual(report.exhausted, [])
  }

  func testASilentRankHoldsNobodyUp() throws {
    var policy = Leader.Policy()
    policy.helloSeconds = 0.05
    policy.farewellSeconds = 0.05
    let report = try lead(jobCount: 3, policy: policy) { _ in }
    XCTAssertEqual(report.finishedCount, 3, "rank 0 must do what it avoids when it is the only one")
    XCTAssertEqual(report.silentRanks, [1])
  }

  func testAJobSentAheadIsCalledBackForAnIdleRank() throws {
    // Jobs 0 and 1 take no time, so 2 and 3 go out together; rank 1 begins neither 3 nor anything else.
    let ends = InProcessTransport.group(size: 2)
    let leader = Leader(
      jobs: Array(repeating: Job(), count: 8), transport: ends[0],
      worker: Worker { { _ in Product(result: []) } }, owner: .init(ledger))
    let puppet = inBackground { try ProtocolTests.hoard(Puppet(transport: ends[1])) }
    let report = try leader.run()
    XCTAssertEqual(puppet.wait(timeout: .now() + 10), .success)
    XCTAssertEqual(report.finishedCount, 8)
    XCTAssert(ledger.events.contains { if case .returned = $0 { true } else { false } })
  }

  /// Answers its first job only once something it was sent ahead is called back, and gives that back.
  private static func hoard(_ rank: Puppet) throws {
    try rank.send(.hello(identity: []))
    var held: [(job: Int, attempt: Int)] = []
    while true {
      switch try rank.receive() {
      case .job(_, let job, let attempt, _): held.append((job, attempt))
      case .recall(_, let job):
        held.removeAll { $0.job == job }
        try rank.send(.returned(epoch: 1, job: job, attempt: 1))
        for (job, attempt) in held {
          let content = AnswerContent.finished(result: [], remark: [])
          try rank.send(.answer(epoch: 1, job: job, attempt: attempt, seconds: 0, content: content))
        }
        held = []
      case .stop:
        try rank.send(.farewell)
        return
      default: XCTFail("unexpected message")
      }
    }
  }
}
