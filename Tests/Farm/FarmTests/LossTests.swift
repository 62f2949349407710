// Ranks that die, hang, come back or are stopped, played by hand: what each costs and what is accepted from whom.

import FarmScenarios
import Foundation
import XCTest

@testable import Farm

final class LossTests: XCTestCase {
  private let ledger = RecordingLedger()
  private let clock = VirtualClock()
  private var policy = Leader.Policy()

  override func setUp() {
    policy.stallSeconds = 0.4
    policy.farewellSeconds = 0.5
  }

  /// Runs jobs on rank 0, where they answer "right", and on ranks played by scripts.
  private func lead(
    _ jobs: [Job], drain: DrainFlag = DrainFlag(),
    work: @escaping Worker.Execution = { _ in Product(result: Array("right".utf8)) },
    scripts: [@Sendable (Puppet) throws -> Void]
  ) throws -> FarmReport {
    let ends = InProcessTransport.group(size: scripts.count + 1)
    nonisolated(unsafe) let work = work
    clock.beginWork()
    defer { clock.endWork() }
    let leader = Leader(
      jobs: jobs, transport: ends[0], worker: Worker(clock: clock) { work }, owner: .init(ledger), policy: policy,
      drain: drain, clock: clock)
    let puppets = zip(scripts, ends.dropFirst()).map { [clock] script, end in
      inBackground(clock) { try script(Puppet(transport: end, clock: clock)) }
    }
    let report = Result { try leader.run() }
    // The scripts go on while this thread waits.
    clock.endWork()
    for puppet in puppets { XCTAssertEqual(puppet.wait(timeout: .now() + 20), .success) }
    clock.beginWork()
    return try report.get()
  }

  private func failures() -> [Event] { ledger.events.filter { if case .failed = $0 { true } else { false } } }

  /// Rank 0 goes on for some time after a job was tried again.
  private var slowly: Worker.Execution {
    { [clock] _ in
      clock.sleep(0.1)
      return Product(result: Array("right".utf8))
    }
  }

  /// Rank 0 avoids the job, so rank 1 gets it first.
  private let forOthers = Job(avoidedRanks: [0])

  func testASilentRankCostsOneTrialWhichRunsElsewhere() throws {
    let report = try lead(
      [forOthers, Job(), Job()],
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
        }
      ])
    XCTAssertEqual(report.finishedCount, 3)
    XCTAssertEqual(report.exhausted, [])
    XCTAssertEqual(report.lostRanks, [1])
    XCTAssertEqual(report.silentRanks, [1])
    XCTAssertEqual(ledger.events.filter { $0 == .lost(rank: 1) }.count, 1)
    XCTAssertEqual(
      failures(), [.failed(.rank(reason: "no progress for 2 s"), HandOut(job: 0, attempt: 1, rank: 1), isFinal: false)])
    XCTAssertEqual(ledger.handOuts.filter { $0.job == 0 }.map(\.rank), [1, 0])
  }

  func testAProcessThatIsGoneIsNoticedAtOnce() throws {
    policy.stallSeconds = 1000
    ledger.goneRanks = [1]
    let start = clock.seconds
    let report = try lead(
      [forOthers],
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          _ = try rank.receive()
        }
      ])
    XCTAssertEqual(report.finishedCount, 1)
    XCTAssertLessThan(clock.seconds - start, 30)
    XCTAssertEqual(
      failures(), [.failed(.rank(reason: "its process is gone"), HandOut(job: 0, attempt: 1, rank: 1), isFinal: false)])
  }

  /// A beat of the process proves nothing; progress does.
  func testProgressKeepsARankAlive() throws {
    let report = try lead(
      [forOthers],
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          _ = try rank.receive()
          for _ in 0..<20 {
            try rank.send(.progress(epoch: 1, job: 0, attempt: 1, report: []))
            clock.sleep(0.1)
          }
          try rank.finish(0, "slow")
          XCTAssertEqual(try rank.receive(), .stop)
          try rank.send(.farewell)
        }
      ])
    XCTAssertEqual(report.finishedCount, 1)
    XCTAssertEqual(report.lostRanks, [])
    XCTAssertEqual(failures(), [])
  }

  /// Its answer is the second one: compared and dropped, whether it agrees or not.
  func testALateAnswerIsComparedAndDropped() throws {
    let jobs = [forOthers] + Array(repeating: Job(), count: 40)
    let report = try lead(
      jobs,
      work: slowly,
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          _ = try rank.receive()
          clock.sleep(3)
          try rank.finish(0, "right")
          try rank.finish(0, "wrong")
          try rank.finishAll()
        }
      ])
    XCTAssertEqual(report.finishedCount, 41)
    // What was sent ahead to it went elsewhere as well.
    XCTAssertEqual(
      ledger.events.filter { if case .duplicate(0, _) = $0 { true } else { false } },
      [.duplicate(job: 0, matches: true), .duplicate(job: 0, matches: false)])
    XCTAssertEqual(report.mismatches, [0])
    XCTAssertEqual(report.lostRanks, [], "it spoke again")
    XCTAssertTrue(ledger.events.contains(.found(rank: 1)))
    XCTAssertEqual(ledger.answers.filter { $0.handOut.job == 0 }.count, 1)
  }

  /// A rank that comes back and is still at its old job gets nothing new, which would wait behind that and seem to stall.
  func testAFoundRankGetsNothingNewBeforeItsOldJobEnds() throws {
    policy.prefetchSeconds = 0
    let report = try lead(
      [forOthers] + Array(repeating: Job(), count: 70),
      work: slowly,
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
          clock.sleep(2.6)
          // Longer than a job may be without progress.
          for _ in 0..<30 {
            try rank.send(.progress(epoch: 1, job: 0, attempt: 1, report: []))
            clock.sleep(0.1)
          }
          while let received = rank.transport.poll() { XCTAssertEqual(try Message(received.bytes), .beat) }
          try rank.finish(0, "right")
          guard case .job(_, let job, let attempt, _) = try rank.receive() else { return XCTFail("no job") }
          try rank.finish(job, "right", attempt: attempt)
          try rank.finishAll()
        }
      ])
    XCTAssertEqual(report.finishedCount, 71)
    XCTAssertEqual(ledger.events.filter { $0 == .found(rank: 1) }.count, 1)
    XCTAssertEqual(ledger.events.filter { $0 == .lost(rank: 1) }.count, 1)
    XCTAssertEqual(
      failures(), [.failed(.rank(reason: "no progress for 2 s"), HandOut(job: 0, attempt: 1, rank: 1), isFinal: false)])
  }

  /// What was sent ahead to a rank is called back when it is found, and one that falls silent again costs nothing more.
  func testAFoundRankThatFallsSilentIsLostAgain() throws {
    let report = try lead(
      [forOthers] + Array(repeating: Job(), count: 70),
      work: slowly,
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 0, attempt: 1, payload: []))
          guard case .job(_, let ahead, _, _) = try rank.receive() else { return XCTFail("nothing was sent ahead") }
          clock.sleep(2.6)
          try rank.send(.progress(epoch: 1, job: 0, attempt: 1, report: []))
          XCTAssertEqual(try rank.receive(), .recall(epoch: 1, job: ahead))
          try rank.send(.returned(epoch: 1, job: ahead, attempt: 1))
        }
      ])
    XCTAssertEqual(report.finishedCount, 71)
    XCTAssertEqual(report.lostRanks, [1])
    XCTAssertEqual(ledger.events.filter { $0 == .lost(rank: 1) }.count, 2)
    XCTAssertEqual(failures().count, 1)
    XCTAssertEqual(ledger.handOuts.filter { $0.rank == 1 }.count, 2)
  }

  func testAPoisonousJobIsCapped() throws {
    let swallow: @Sendable (Puppet) throws -> Void = { rank in
      try rank.send(.hello(identity: []))
      while true {
        switch try rank.receive() {
        case .job(_, 0, _, _): return
        case .job(_, let job, let attempt, _): try rank.finish(job, "right", attempt: attempt)
        case .stop:
          try rank.send(.farewell)
          return
        default: break
        }
      }
    }
    let report = try lead([forOthers, Job(), Job(), Job()], scripts: [swallow, swallow, swallow])
    XCTAssertEqual(report.exhausted, [0])
    XCTAssertEqual(report.finishedCount, 3)
    XCTAssertEqual(report.lostRanks, [1, 2, 3])
    XCTAssertEqual(failures().count, 3)
    guard case .failed(_, let handOut, isFinal: true) = failures()[2] else { return XCTFail("\(failures())") }
    XCTAssertEqual([handOut.job, handOut.attempt], [0, 3])
  }

  /// What waited behind the job under way never began, so it counts against nobody.
  func testAJobSentAheadToALostRankIsNotCounted() throws {
    let report = try lead(
      Array(repeating: forOthers, count: 3),
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          // One quick answer, after which one more job is sent ahead.
          guard case .job(_, 0, _, _) = try rank.receive() else { return XCTFail("no job") }
          let content = AnswerContent.finished(result: Array("right".utf8), remark: [])
          try rank.send(.answer(epoch: 1, job: 0, attempt: 1, seconds: 0.2, content: content))
          XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 1, attempt: 1, payload: []))
          XCTAssertEqual(try rank.receive(), .job(epoch: 1, job: 2, attempt: 1, payload: []))
        }
      ])
    XCTAssertEqual(report.finishedCount, 3)
    XCTAssertEqual(failures().count, 1)
    XCTAssertTrue(ledger.events.contains(.returned(HandOut(job: 2, attempt: 1, rank: 1))))
  }

  func testARankThatLeavesGivesBackWhatItHad() throws {
    let report = try lead(
      [forOthers],
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          _ = try rank.receive()
          try rank.send(.farewell)
        }
      ])
    XCTAssertEqual(report.finishedCount, 1)
    XCTAssertEqual(failures(), [])
  }

  func testDrainingInterruptsJobsThatCanGoOnLater() throws {
    policy.interruptsJobs = true
    policy.stallSeconds = 100
    let drain = DrainFlag()
    let report = try lead(
      [Job(), Job(), Job()], drain: drain,
      work: { [clock] assignment in
        drain.raise()
        while !assignment.isInterrupted { clock.sleep(1e-3) }
        throw Interruption(remark: [9])
      },
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          guard case .job(_, let job, let attempt, _) = try rank.receive() else { return XCTFail("no job") }
          XCTAssertEqual(try rank.receive(), .interrupt(epoch: 1, job: job))
          try rank.send(.answer(epoch: 1, job: job, attempt: attempt, seconds: 1, content: .interrupted(remark: [])))
          XCTAssertEqual(try rank.receive(), .stop)
          try rank.send(.farewell)
        }
      ])
    XCTAssertEqual(report.remaining, [0, 1, 2])
    XCTAssertEqual(report.finishedCount, 0)
    XCTAssertEqual(
      Set(ledger.answers.map { "\($0.handOut.rank) \($0.content)" }),
      ["0 interrupted(remark: [9])", "1 interrupted(remark: [])"])
    XCTAssertEqual(failures(), [])
  }

  /// Two jobs pause. One is let go on once both have, and the other stays where it is.
  func testPausedJobsGoOnWhereTheirOwnerSaysSo() throws {
    var pausedCount = 0
    ledger.onAnswer = { [ledger] answer in
      if case .paused = answer.content { pausedCount += 1 }
      if pausedCount == 2 {
        pausedCount = 0
        ledger.releasedJobs = [1]
      }
    }
    nonisolated(unsafe) var attempts: [Int: Int] = [:]
    let report = try lead(
      [Job(), Job(), Job()],
      work: { assignment in
        attempts[assignment.job, default: 0] += 1
        if assignment.job < 2, attempts[assignment.job] == 1 {
          throw Pause(Product(result: [UInt8(assignment.job)], remark: [7]))
        }
        return Product(result: [9])
      }, scripts: [])
    XCTAssertEqual(report.finishedCount, 2)
    XCTAssertEqual(report.remaining, [], "a job that nobody lets go on is none that remains")
    XCTAssertEqual(
      ledger.answers.map { "\($0.handOut.job) \($0.content)" },
      [
        "0 paused(result: [0], remark: [7])", "1 paused(result: [1], remark: [7])",
        "2 finished(result: [9], remark: [])", "1 finished(result: [9], remark: [])",
      ])
    XCTAssertEqual(failures(), [])
  }

  /// A run that is drained leaves its paused jobs to the next one, which gets them as such.
  func testPausedJobsRemainWhereARunIsDrained() throws {
    policy.interruptsJobs = true
    let drain = DrainFlag()
    let report = try lead(
      [Job(), Job(isPaused: true), Job()], drain: drain,
      work: { assignment in
        drain.raise()
        throw Pause(Product(result: []))
      }, scripts: [])
    XCTAssertEqual(report.remaining, [0, 1, 2])
    ledger.releasedJobs = [1]
    let next = try lead([Job(isPaused: true), Job(isPaused: true)], scripts: [])
    XCTAssertEqual(next.finishedCount, 1)
    XCTAssertEqual(ledger.answers.last?.handOut.job, 1)
  }

  /// What a rank says that was given up is not taken for a pause of the rank that has the job now.
  func testAPauseOfALostRankIsDropped() throws {
    let report = try lead(
      [forOthers, Job(), Job()],
      work: { [clock] assignment in
        clock.sleep(assignment.job == 0 ? 2 : 0.1)
        return Product(result: Array("right".utf8))
      },
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          guard case .job(_, let job, let attempt, _) = try rank.receive() else { return XCTFail("no job") }
          clock.sleep(3)
          try rank.send(
            .answer(epoch: 1, job: job, attempt: attempt, seconds: 1, content: .paused(result: [], remark: [])))
          XCTAssertEqual(try rank.receive(), .stop)
          try rank.send(.farewell)
        }
      ])
    XCTAssertEqual(report.finishedCount, 3)
    XCTAssertFalse(ledger.answers.contains { if case .paused = $0.content { true } else { false } })
  }

  func testAJobThatTakesTooLongIsStoppedAndCounted() throws {
    policy.attemptCap = 2
    policy.stallSeconds = 100
    let report = try lead(
      [Job(mostSeconds: 0.3), Job(), Job(mostSeconds: 100)],
      work: { [clock] assignment in
        if assignment.job > 0 { clock.sleep(1) }
        while !assignment.isInterrupted && assignment.job == 0 { clock.sleep(1e-3) }
        if assignment.isInterrupted { throw Interruption() }
        return Product(result: [])
      }, scripts: [])
    XCTAssertEqual(report.exhausted, [0])
    XCTAssertEqual(report.finishedCount, 2, "each job has a limit of its own")
    XCTAssertEqual(failures().count, 2)
    guard case .failed(.timeout(let seconds), _, isFinal: true) = failures()[1] else { return XCTFail("\(failures())") }
    XCTAssertGreaterThan(seconds, 0.29)
  }

  func testASiteWhereEverythingFailsGetsNoMoreJobs() throws {
    ledger.hosts = [0: "good", 1: "bad", 2: "bad"]
    policy.attemptCap = 10
    policy.prefetchSeconds = 0
    let crash: @Sendable (Puppet) throws -> Void = { rank in
      try rank.send(.hello(identity: []))
      while true {
        switch try rank.receive() {
        case .job(_, let job, let attempt, _):
          try rank.send(
            .answer(epoch: 1, job: job, attempt: attempt, seconds: 0.01, content: .crashed(message: "no library")))
        case .stop:
          try rank.send(.farewell)
          return
        default: break
        }
      }
    }
    let report = try lead(
      Array(repeating: Job(), count: 30),
      work: { [clock] _ in
        clock.sleep(0.02)
        return Product(result: [])
      }, scripts: [crash, crash])
    XCTAssertEqual(report.finishedCount, 30)
    XCTAssertEqual(ledger.events.filter { $0 == .quarantined(host: "bad") }.count, 1)
    let failed = ledger.answers.filter { if case .crashed = $0.content { true } else { false } }
    // Two ranks of the host may have had one each under way when the third failed.
    XCTAssertTrue((3...4).contains(failed.count), "\(failed.count)")
  }

  /// All ranks of a host are all there are: it is used on.
  func testTheOnlySiteIsNeverQuarantined() throws {
    policy.attemptCap = 3
    var crashes = 0
    let report = try lead(
      Array(repeating: Job(), count: 5),
      work: { assignment in
        crashes += 1
        if crashes <= 6 { throw WorkerTests.Crash() }
        return Product(result: [])
      }, scripts: [])
    XCTAssertEqual(report.finishedCount, 3)
    XCTAssertEqual(report.exhausted, [0, 1])
    XCTAssertFalse(ledger.events.contains(.quarantined(host: "")))
  }

  func testARunWhoseRanksAreAllLostEnds() throws {
    policy.stallSeconds = 0.1
    let report = try lead(
      [Job(), Job(), Job()],
      work: { [clock] assignment in
        if assignment.job == 1 { clock.sleep(4) }
        return Product(result: [])
      },
      scripts: [
        { [clock] rank in
          try rank.send(.hello(identity: []))
          _ = try rank.receive()
        }
      ])
    XCTAssertEqual(report.lostRanks, [0, 1])
    XCTAssertFalse(report.remaining.isEmpty)
  }

  /// A rank that comes late and does not fit costs nothing: it gets no jobs, and the run goes on.
  func testALateRankThatDoesNotFitIsRefusedAlone() throws {
    policy.helloSeconds = 0.2
    policy.stallSeconds = 100
    policy.beatSeconds = 0.5
    ledger.refusedRanks = [1]
    let report = try lead(
      Array(repeating: Job(), count: 20), work: slowly,
      scripts: [
        { [clock] rank in
          clock.sleep(0.5)
          try rank.send(.hello(identity: []))
          while rank.transport.poll() != nil {}
          clock.sleep(1)
          XCTAssertEqual(
            try rank.transport.poll().map { try Message($0.bytes) }, .beat, "it waits for the end of the run")
          XCTAssertEqual(try rank.receive(), .stop)
          try rank.send(.farewell)
        }
      ])
    XCTAssertEqual(report.finishedCount, 20)
    XCTAssertEqual(report.silentRanks, [])
    XCTAssertEqual(ledger.events.filter { $0 == .lost(rank: 1) }.count, 1)
    XCTAssertEqual(Set(ledger.handOuts.map(\.rank)), [0])
  }

  func testAWorkerWithoutItsLeaderKeepsItsJobAndLeaves() throws {
    let ends = InProcessTransport.group(size: 2)
    nonisolated(unsafe) var wasInterrupted = false
    clock.beginWork()
    defer { clock.endWork() }
    let worker = Worker(clock: clock) { [clock] in
      { assignment in
        while !assignment.isInterrupted { clock.sleep(1e-3) }
        wasInterrupted = true
        throw Interruption()
      }
    }
    // The leader hands out a job, beats once and is never heard of again.
    try ends[0].send(Message.job(epoch: 1, job: 0, attempt: 1, payload: []).encoded(), to: 1)
    try ends[0].send(Message.beat.encoded(), to: 1)
    XCTAssertFalse(try worker.serve(on: ends[1], watch: LeaderWatch(silentSeconds: 0.5)))
    XCTAssertTrue(wasInterrupted)
    // A leader that never spoke is waited for, unless its process is gone.
    let other = Worker(clock: clock) { { _ in Product(result: []) } }
    XCTAssertFalse(
      try other.serve(on: InProcessTransport.group(size: 2)[1], watch: LeaderWatch(silentSeconds: 0.1) { true }))
  }
}
