// Spreads the jobs of an analysis over all ranks, in two rounds: weights that must be trained again, then the analysis
// itself. Nothing is journaled; an analysis that is stopped begins anew, but for weights that were kept.

import CommandLines
import Farm
import Foundation
import MPITransport
import Reports

/// The ranks of an analysis, as rank 0 sees them.
final class AnalysisFarm {
  /// Makes what does one round's jobs, on every rank.
  typealias Preparation = @Sendable () throws -> Worker.Execution

  private let transport: RoundTransport
  private let identity = RankIdentity.current(threadCount: 1)
  /// What each round's jobs are done by.
  private let rounds: [Preparation]
  private var nextRound = 0

  /// The ranks of a transport, which mpirun or srun started where there are several.
  init(_ transport: any Transport, rounds: [Preparation]) {
    self.transport = RoundTransport(transport)
    self.rounds = rounds
  }

  /// Whether mpirun or srun started this process.
  var isLaunched: Bool { transport.size > 1 }

  /// Serves rank 0 through all rounds.
  static func serve(on world: MPIWorld, rounds: [Preparation]) throws {
    let identity = RankIdentity.current(threadCount: 1).encoded
    for round in rounds { try Worker(identity: identity, prepare: round).serve(on: world) }
  }

  /// Does the jobs of the next round, called `name` in messages, and answers with their results in order. A lease is renewed
  /// meanwhile.
  ///
  /// - Throws: a `Refusal` with what a rank could not do, `LeaseError` if another took the folder over.
  func perform(_ jobs: [[UInt8]], _ name: String, lease: Lease? = nil) throws -> [[UInt8]] {
    if nextRound > 0 { transport.beginNextRound() }
    let ledger = AnalysisLedger(jobs, name, leader: identity, lease: lease)
    defer { ledger.clear() }
    let worker = Worker(identity: identity.encoded, prepare: rounds[nextRound])
    nextRound += 1
    var policy = Leader.Policy()
    policy.attemptCap = 1
    let leader = Leader(
      jobs: jobs.map { _ in Job() }, transport: transport, worker: worker, ledger: ledger, policy: policy)
    _ = try leader.run()
    if let problem = ledger.problem { throw Refusal("seedsweep analyze: \(problem)", code: .failure) }
    return ledger.results.map { $0 ?? [] }
  }

  /// Sends the ranks home that still wait for a round.
  func dismiss() {
    while nextRound < rounds.count, transport.size > 1 { _ = try? perform([], "") }
  }
}

/// Gathers the results of one round.
private final class AnalysisLedger: Ledger {
  private let jobs: [[UInt8]]
  private let name: String
  private let leader: RankIdentity
  private let lease: Lease?
  private var lastRenewal = monotonicSeconds()
  private let start = monotonicSeconds()
  private var printer: ProgressPrinter
  private(set) var results: [[UInt8]?]
  /// The first thing that a rank could not do.
  private(set) var problem: String?

  init(_ jobs: [[UInt8]], _ name: String, leader: RankIdentity, lease: Lease?) {
    self.lease = lease
    self.jobs = jobs
    self.name = name
    self.leader = leader
    printer = ProgressPrinter(isTerminal: ParentProcess(ProcessInfo.processInfo.environment).isTerminal, now: start)
    results = jobs.map { _ in nil }
  }

  func admit(rank: Int, identity: [UInt8]) throws {
    let other = try RankIdentity(encoded: identity)
    guard other.fingerprint == leader.fingerprint else {
      throw Refusal(
        "seedsweep analyze: rank \(rank) on \(other.host) computes with other bits than rank 0 on \(leader.host); set "
          + "OPENBLAS_CORETYPE=Haswell everywhere (mpirun -x OPENBLAS_CORETYPE=Haswell ...)")
    }
  }

  func payload(of job: Int) -> [UInt8] { jobs[job] }

  func record(answer: Answer, isFinal: Bool) {
    switch answer.content {
    case .finished(let result, _): results[answer.handOut.job] = result
    case .crashed(let message): problem = problem ?? message
    case .interrupted: problem = problem ?? "rank \(answer.handOut.rank) was asked to stop"
    }
  }

  func tick(_ state: FarmState) throws {
    let now = monotonicSeconds()
    if now - lastRenewal >= 1 {
      lastRenewal = now
      try lease?.renew()
    }
    guard state.finishedCount > 0 else { return }
    let left = (now - start) / Double(state.finishedCount) * Double(jobs.count - state.finishedCount)
    printer.show("\(name): \(state.finishedCount) of \(jobs.count) done, about \(Int(left)) s left", now: now)
  }

  /// Removes an open progress line.
  func clear() { printer.clear() }
}
