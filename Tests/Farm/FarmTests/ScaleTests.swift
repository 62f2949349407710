// How the leader's work grows with the number of ranks, counted on ranks that are played by the transport.

import FarmScenarios
import Foundation
import XCTest

@testable import Farm

/// Ranks that take a while for each job, tell their progress meanwhile, and answer at once what they are asked. Their messages
/// arrive in the order of their times.
final class PlayedRanks: Transport, @unchecked Sendable {
  /// A message and when it arrives.
  private struct Arrival {
    var time: Double
    var number: Int
    var message: ReceivedMessage
  }

  let rank = 0
  let size: Int
  let unsentCount = 0
  private let clock: any FarmClock
  private let jobSeconds: @Sendable (Int) -> Double
  private let progressSeconds: Double
  private var arrivals: [Arrival] = []
  private var number = 0
  /// When each rank has done what it has.
  private var ends: [Double]
  private(set) var sentCount = 0
  private(set) var receivedCount = 0

  init(
    size: Int, clock: any FarmClock, progressSeconds: Double = .infinity,
    jobSeconds: @escaping @Sendable (Int) -> Double
  ) {
    self.size = size
    self.clock = clock
    self.jobSeconds = jobSeconds
    self.progressSeconds = progressSeconds
    ends = Array(repeating: 0, count: size)
    for rank in 1..<size { deliver(.hello(identity: []), from: rank, at: 0) }
  }

  private func deliver(_ message: Message, from rank: Int, at time: Double) {
    number += 1
    arrivals.append(
      Arrival(time: time, number: number, message: ReceivedMessage(source: rank, bytes: message.encoded())))
    // A heap: the parent of the element at `child` stands at (child - 1) / 2.
    var child = arrivals.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      arrivals.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private func isBefore(_ first: Int, _ second: Int) -> Bool {
    (arrivals[first].time, arrivals[first].number) < (arrivals[second].time, arrivals[second].number)
  }

  func send(_ bytes: [UInt8], to rank: Int) throws {
    sentCount += 1
    switch try Message(bytes) {
    case .job(let epoch, let job, let attempt, _):
      var time = max(ends[rank], clock.seconds)
      ends[rank] = time + jobSeconds(job)
      while time < ends[rank] {
        deliver(.progress(epoch: epoch, job: job, attempt: attempt, report: []), from: rank, at: time)
        time += progressSeconds
      }
      deliver(
        .answer(
          epoch: epoch, job: job, attempt: attempt, seconds: jobSeconds(job),
          content: .finished(result: [1], remark: [])),
        from: rank, at: ends[rank])
    case .stop: deliver(.farewell, from: rank, at: clock.seconds)
    default: break
    }
  }

  func poll() throws -> ReceivedMessage? {
    guard let first = arrivals.first, first.time <= clock.seconds else { return nil }
    receivedCount += 1
    let last = arrivals.removeLast()
    if !arrivals.isEmpty { arrivals[0] = last }
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < arrivals.count }
      guard let child = children.min(by: { isBefore($0, $1) }), isBefore(child, parent) else { break }
      arrivals.swapAt(child, parent)
      parent = child
    }
    return first.message
  }
}

final class ScaleTests: XCTestCase {
  private static let sizes = [2, 32, 256, 1024]

  /// Leads `size` ranks through some jobs each and returns what that took.
  private func lead(
    _ size: Int, progressSeconds: Double = .infinity, prefetchCount: Int = 1,
    jobSeconds: @escaping @Sendable (Int) -> Double
  ) throws -> (visits: Double, messages: Double, perSecond: Double) {
    let clock = VirtualClock()
    clock.beginWork()
    defer { clock.endWork() }
    let transport = PlayedRanks(size: size, clock: clock, progressSeconds: progressSeconds, jobSeconds: jobSeconds)
    var policy = Leader.Policy()
    policy.prefetchCount = prefetchCount
    if prefetchCount == 1 { policy.backoff = Backoff(shortest: 1e-3, longest: 1) }
    let jobCount = (prefetchCount == 1 ? 5 : 20) * size
    let leader = Leader(
      jobs: Array(repeating: Job(), count: jobCount), transport: transport,
      worker: Worker(clock: clock) {
        {
          clock.sleep(jobSeconds($0.job)); return Product(result: [1])
        }
      },
      owner: .init(RecordingLedger()), policy: policy, clock: clock)
    let report = try leader.run()
    XCTAssertEqual(report.finishedCount, jobCount, "\(size) ranks")
    XCTAssertEqual(report.silentRanks, [], "\(size) ranks")
    let messages = Double(transport.sentCount + transport.receivedCount)
    return (
      Double(leader.visitCount) / Double(jobCount), messages / Double(jobCount),
      Double(transport.receivedCount) / max(clock.seconds, 1)
    )
  }

  /// Looks at ranks and messages for each job are as few for 1,024 ranks as for 2, whether jobs are long or so short that many
  /// are sent ahead.
  func testWorkForAJobDoesNotGrowWithTheNumberOfRanks() throws {
    for (name, prefetchCount, jobSeconds) in [
      ("long", 1, { @Sendable (job: Int) in 60 + Double(job * 7919 % 100) }),
      (
        "short", Leader.Policy.shortJobPrefetchCount,
        { @Sendable (job: Int) in 0.001 + Double(job * 7919 % 100) * 1e-5 }
      ),
    ] {
      for size in Self.sizes {
        let work = try lead(size, prefetchCount: prefetchCount, jobSeconds: jobSeconds)
        print("\(name) jobs, \(size) ranks: \(work.visits) looks and \(work.messages) messages a job")
        // A rank may be offered a job ahead as often as there are jobs to send ahead.
        XCTAssertLessThan(work.visits, name == "long" ? 1.5 : 17, "\(name) jobs on \(size) ranks")
        XCTAssertLessThan(work.messages, name == "long" ? 40 : 4, "\(name) jobs on \(size) ranks")
      }
    }
  }

  func testTheLoadsAreThoseOfTheRanks() {
    var loads = RankLoads(rankCount: 3)
    XCTAssertEqual([loads.absentCount, loads.openCount], [3, 0])
    XCTAssertNil(loads.rankWithMostAhead)
    func state(_ count: Int, recalled: Int = 0) -> Leader.RankState {
      var state = Leader.RankState(now: 0)
      state.isAdmitted = true
      for job in 0..<count {
        var open = Leader.OpenHandOut(handOut: HandOut(job: job, attempt: 1, rank: 0), start: 0)
        open.isRecalled = job >= count - recalled
        state.openHandOuts.append(open)
      }
      return state
    }
    for rank in 0..<3 { loads.update(rank, state(0)) }
    XCTAssertEqual(loads.idle.members, [0, 1, 2])
    XCTAssertEqual(loads.takeChanged(), [0, 1, 2])
    XCTAssertEqual(loads.takeChanged(), [])
    loads.update(2, state(4))
    loads.update(0, state(3))
    loads.update(1, state(1))
    XCTAssertEqual([loads.absentCount, loads.openCount, loads.recalledCount], [0, 8, 0])
    XCTAssertEqual(loads.rankWithMostAhead, 2)
    XCTAssertEqual(loads.takeChanged(), [0, 1, 2])
    loads.update(2, state(4, recalled: 2))
    XCTAssertEqual(loads.rankWithMostAhead, 0)
    XCTAssertEqual(loads.recalledCount, 2)
    loads.update(0, state(0))
    XCTAssertEqual(loads.idle.members, [0])
    XCTAssertEqual([loads.openCount, loads.recalledCount], [5, 2])
    var lost = state(0)
    lost.isLost = true
    loads.update(0, lost)
    XCTAssertEqual(loads.idle.members, [])
  }
}
