// Spreads the jobs of an analysis over all ranks, in rounds. Nothing is journaled: an analysis that was stopped starts
// again from the beginning, though weights that it kept stay. The analyses define the jobs of their rounds.

import CommandLine
import Console
import Farm
import Foundation
import Host
import MPITransport
import Runs
import Storage

/// The ranks of an analysis, as rank 0 sees them.
final class AnalysisFarm {
  private let transport: RoundTransport
  private let identity = RankIdentity.current(threadCount: 1)
  private let rounds: [any AnalysisRound]
  private let request: AnalysisRequest
  let signals: StopSignals
  private var nextRound = 0
  /// The ranks that have said who they are.
  private var ranks: [Int: RankIdentity] = [:]
  /// Whether a rank was lost. mpirun then ends the others, so none is waited for.
  private var hasLost = false
  /// Whether ranks must compute with the bits of rank 0; not where all trials are computed portably.
  var comparesRanks = true

  /// The ranks of `transport` and the rounds that they will perform. Several ranks were started by mpirun or srun.
  init(
    _ transport: any Transport, rounds: [any AnalysisRound], of request: AnalysisRequest, signals: StopSignals
  ) {
    self.transport = RoundTransport(transport)
    self.rounds = rounds
    self.request = request
    self.signals = signals
  }

  /// Whether mpirun or srun started this process.
  var isLaunched: Bool { transport.size > 1 }

  /// What prepares a rank for a round.
  private static func preparation(
    _ round: any AnalysisRound, of request: AnalysisRequest, rank: Int
  ) -> @Sendable () throws -> Worker.Execution {
    {
      try request.requireFolder(rank: rank)
      return try round.execution(rank: rank)
    }
  }

  /// Does the jobs that rank 0 hands out in all rounds. Returns false if rank 0 is gone.
  static func serve(on world: MPIWorld, rounds: [any AnalysisRound], of request: AnalysisRequest) throws -> Bool {
    let identity = RankIdentity.current(threadCount: 1).encoded
    let leader = LeaseHolder(encoded: world.leaderAnnouncement)
    var watch = LeaderWatch { leader?.isGone ?? false }
    // A job under way leaves nothing to keep, so no time is left for that.
    watch.graceSeconds = 0
    for round in rounds {
      let worker = Worker(identity: identity, prepare: preparation(round, of: request, rank: world.rank))
      guard try worker.serve(on: world, watch: watch) else { return false }
    }
    return true
  }

  /// Does the jobs of the next round, which must be of type `Round`, and returns their answers in order. A folder that is claimed stays so
  /// meanwhile.
  ///
  /// - Throws: a `Refusal` if a rank failed at a job or was lost, if an answer cannot be read, or, with the exit code 75, if a
  ///   signal asked for an end; `LeaseError` if another leader took the folder over.
  func perform<Round: AnalysisRound>(
    _ jobs: [Round.Job], of round: Round.Type, under claim: FolderClaim? = nil
  ) throws -> [Round.Answer] {
    precondition(
      nextRound < rounds.count && rounds[nextRound] is Round,
      "rounds are performed in the order in which the analysis lists them")
    return try perform(jobs.map { try JobCoding.encoded($0) }, called: Round.name, claim).map(Round.answer)
  }

  /// Does encoded jobs, which progress lines call `name`.
  private func perform(_ jobs: [[UInt8]], called name: String, _ claim: FolderClaim? = nil) throws -> [[UInt8]] {
    if nextRound > 0 { transport.beginNextRound() }
    let ledger = AnalysisLedger(jobs, name, leader: identity, claim, signals: signals, ranks: ranks)
    ledger.comparesRanks = comparesRanks
    defer {
      ledger.clear()
      (ranks, hasLost) = (ledger.ranks, ledger.hasLost)
    }
    let worker = Worker(
      identity: identity.encoded, prepare: Self.preparation(rounds[nextRound], of: request, rank: 0))
    nextRound += 1
    var policy = Leader.Policy()
    policy.attemptCap = 1
    let leader = Leader(
      jobs: jobs.map { _ in Job() }, transport: transport, worker: worker, owner: .init(ledger),
      policy: policy)
    _ = try leader.run()
    if let problem = ledger.problem { throw Refusal(problem, code: .failure) }
    return ledger.results.map { $0 ?? [] }
  }

  /// Dismisses the ranks that still wait for a round.
  func dismiss() {
    while nextRound < rounds.count, transport.size > 1, !hasLost {
      _ = try? perform([], called: "")
    }
  }
}

/// Gathers the answers of one round.
private final class AnalysisLedger: JobJournal, FarmObserver, RankDirectory {
  private let jobs: [[UInt8]]
  private let name: String
  private let leader: RankIdentity
  private let claim: FolderClaim?
  private let signals: StopSignals
  private(set) var ranks: [Int: RankIdentity]
  var comparesRanks = true
  /// Whether the problem is that a rank was lost.
  private(set) var hasLost = false
  private let start = monotonicSeconds()
  private var printer: ProgressPrinter
  private(set) var results: [[UInt8]?]
  /// The first error of a rank.
  private(set) var problem: String?

  init(
    _ jobs: [[UInt8]], _ name: String, leader: RankIdentity, _ claim: FolderClaim?, signals: StopSignals,
    ranks: [Int: RankIdentity]
  ) {
    self.claim = claim
    self.signals = signals
    self.ranks = ranks
    self.jobs = jobs
    self.name = name
    self.leader = leader
    let environment = ProcessInfo.processInfo.environment
    printer = ProgressPrinter(
      terminal: ProgressTerminal(ParentProcess(environment), environment: environment), now: start)
    results = jobs.map { _ in nil }
  }

  func admit(rank: Int, identity: [UInt8]) throws {
    let other = try RankIdentity(encoded: identity)
    guard !comparesRanks || other.fingerprint == leader.fingerprint else {
      throw Refusal(
        "rank \(rank) on \(other.host) computes with other bits than rank 0 on \(leader.host). \(NumericsPolicy.alike)")
    }
    ranks[rank] = other
  }

  func isGone(rank: Int) -> Bool { ranks[rank]?.holder.isGone ?? false }

  func notice(lost rank: Int, reason: String) {
    hasLost = true
    problem =
      "rank \(rank)\(ranks[rank].map { " on host \($0.host)" } ?? "") was lost: \(reason); the same command begins the analysis "
      + "again"
  }

  func wants(job: Int) -> Bool { true }
  func payload(of job: Int) -> [UInt8] { jobs[job] }
  func host(ofRank rank: Int) -> String { "" }
  func response(to request: [UInt8], of handOut: HandOut) -> [UInt8] { [] }
  // An analysis has no journal, and each of its jobs has one attempt.
  func record(handOut: HandOut) {}
  func record(returned handOut: HandOut) {}
  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) {}
  func commit() {}
  func released() -> [Int] { [] }
  func notice(duplicate answer: Answer, matches: Bool) {}
  func notice(progress report: [UInt8], of handOut: HandOut) {}
  func notice(found rank: Int) {}
  func notice(quarantined host: String) {}

  func record(answer: Answer, isFinal: Bool) {
    switch answer.content {
    case .finished(let result, _): results[answer.handOut.job] = result
    case .crashed(let message): problem = problem ?? message
    case .interrupted: problem = problem ?? "rank \(answer.handOut.rank) was asked to stop"
    case .paused: preconditionFailure("no job of an analysis pauses")
    }
  }

  func tick(_ state: FarmState) throws {
    if hasLost, let problem { throw Refusal(problem, code: .failure) }
    // After mpirun has lost a rank it ends all others with a signal. The leader is about to notice the loss and reports that.
    if !ranks.keys.contains(where: { $0 > 0 && isGone(rank: $0) }) { try signals.stopIfAsked() }
    try claim?.renew(after: 1)
    let now = monotonicSeconds()
    guard state.finishedCount > 0 else { return }
    let left = (now - start) / Double(state.finishedCount) * Double(jobs.count - state.finishedCount)
    printer.show(now: now) { _ in
      "\(name): \(state.finishedCount) of \(jobs.count) done, about \(Int(left)) s left"
    }
  }

  /// Removes an open progress line.
  func clear() { printer.clear() }
}

extension StopSignals {
  /// Ends an analysis, with the exit code 75, where a signal asked for that.
  func stopIfAsked() throws {
    let name = urgent.map { signalName($0) } ?? (drain.isRaised ? "SIGUSR1 or SIGUSR2" : nil)
    guard let name else { return }
    throw Refusal(
      "stopped by \(name): no table was written; the same command begins again, with the weights that were "
        + "kept", code: .resumable)
  }
}
