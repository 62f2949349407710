// Whole runs of the farm that hold on every transport: the same body is run on threads by the tests of Farm and under
// mpirun by `farm-selftest`. On rank 0 a scenario returns what is wrong, elsewhere it serves.

import Farm
import Foundation

/// A run of the farm and what must be true of it.
package enum Scenario: String, CaseIterable, Sendable {
  case everyJobOnce, slowJobBlocksNobody, crashesAreRetried, noJobs, fewerJobsThanRanks, largePayloads, prefetch
  case manyAhead
  case drain, progress, diskFull

  /// Plays this rank's part; on rank 0 the result lists what is wrong, elsewhere it is empty.
  package func run(on transport: some Transport, clock: any FarmClock = SystemFarmClock()) throws -> [String] {
    let worker = Worker(identity: Array("rank \(transport.rank)".utf8), clock: clock) { [self] in
      { try work($0, clock) }
    }
    guard transport.rank == 0 else {
      try worker.serve(on: transport)
      return []
    }
    let ledger = RecordingLedger { [self] in payload(of: $0) }
    let drain = DrainFlag()
    if self == .drain { ledger.onAnswer = { _ in if ledger.answers.count >= 10 { drain.raise() } } }
    if self == .diskFull { ledger.onAnswer = { _ in ledger.isDiskFull = ledger.answers.count == 3 } }
    var policy = Leader.Policy()
    if self == .manyAhead { policy.prefetchCount = Leader.Policy.shortJobPrefetchCount }
    let leader = Leader(
      jobs: Array(repeating: Job(), count: jobCount), transport: transport, worker: worker,
      owner: .init(ledger), policy: policy, drain: drain, clock: clock)
    let start = clock.seconds
    var play = Play(scenario: self, size: transport.size, events: ledger.events)
    do { play.report = try leader.run() } catch { play.error = String(describing: error) }
    play.seconds = clock.seconds - start
    play.events = ledger.events
    return play.problems()
  }

  /// The number of jobs.
  var jobCount: Int {
    switch self {
    case .everyJobOnce: 300
    case .slowJobBlocksNobody, .manyAhead: 40
    case .crashesAreRetried: 12
    case .noJobs: 0
    case .fewerJobsThanRanks: 1
    case .largePayloads: 6
    case .prefetch: 2000
    case .drain: 100
    case .progress: 8
    case .diskFull: 100
    }
  }

  /// The length of the large payloads, 8 MB and a byte that divides nothing.
  static let largeCount = 8_000_001

  func payload(of job: Int) -> [UInt8] {
    self == .largePayloads ? Scenario.pattern(job) : Array("payload \(job)".utf8)
  }

  /// Bytes that depend on the index and the job.
  static func pattern(_ job: Int) -> [UInt8] {
    (0..<largeCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ job) }
  }

  /// The result that a job must have.
  func expectedResult(_ job: Int) -> [UInt8] {
    self == .largePayloads ? Scenario.pattern(job + 1) : Array("result \(job)".utf8)
  }

  /// What the job does on its rank.
  func work(_ assignment: Assignment, _ clock: any FarmClock) throws -> Product {
    let job = assignment.job
    guard assignment.payload == payload(of: job) else { throw WrongPayload(job: job) }
    switch self {
    case .slowJobBlocksNobody, .manyAhead: clock.sleep(job == 3 ? 1 : 0.002)
    case .crashesAreRetried where job == 4: throw Hopeless(job: job)
    case .crashesAreRetried where job == 7 && assignment.attempt == 1: throw Hopeless(job: job)
    case .drain: clock.sleep(0.01)
    case .diskFull where job >= 3: clock.sleep(30)
    case .progress:
      for step in 0..<3 { assignment.report(Array("job \(job) step \(step)".utf8)) }
    default: break
    }
    return Product(result: expectedResult(job), remark: Array("attempt \(assignment.attempt)".utf8))
  }
}

/// Thrown by jobs that are meant to crash.
struct Hopeless: Error, CustomStringConvertible {
  let job: Int
  var description: String { "job \(job) is hopeless: \u{1F4A5}" }
}

/// Thrown when a payload did not arrive as it was given.
struct WrongPayload: Error {
  let job: Int
}
