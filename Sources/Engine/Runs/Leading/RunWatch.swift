// What a leader does ten times a second beside handing out trials: it looks for reasons to stop, shows progress, renews its
// lease, and writes status.json and the tables. It also tells users what happens to ranks.

import Farm
import Foundation
import Host
import MPITransport
import Storage

/// The run was asked to end at once, and has ended.
struct StopRequested: Error {}

/// Watches a run for its leader.
final class RunWatch: FarmObserver {
  let ledger: RunLedger
  let reporter: RunReporter
  let stop: StopControl
  private let claim: FolderClaim
  private let parent: ParentProcess
  private let console: RunConsole

  init(
    _ ledger: RunLedger, _ reporter: RunReporter, _ stop: StopControl, _ claim: FolderClaim, _ parent: ParentProcess,
    _ console: RunConsole
  ) {
    self.ledger = ledger
    self.reporter = reporter
    self.stop = stop
    self.claim = claim
    self.parent = parent
    self.console = console
  }

  private func host(_ rank: Int) -> String { reporter.roster.host(ofRank: rank) }

  func tick(_ state: FarmState) throws {
    let now = monotonicSeconds()
    if let signal = stop.signalToObey(state, now: now) { throw try stopped(by: signal) }
    let trialSeconds = reporter.tally.expectedSeconds(ofJob: state.nextJob)
    if let line = stop.watchWallTime(state, now: now, trialSeconds: trialSeconds) { console.say(line) }
    reporter.show(state, now: now)
    try claim.renew(after: 1)
    try reporter.writeIfDue(now: now)
  }

  /// Ends the run because of a signal, while there is time for it.
  ///
  /// - Throws: `LeaseError` if another leader took over, before anything is written; `FileError`.
  func stopped(by signal: Int32) throws -> StopRequested {
    Departure.expectKill()
    reporter.cancelTables()
    try claim.renew(after: 0)
    try ledger.end(.drained)
    try claim.release()
    _ = parent.reported(.resumable)
    // From here on nothing is lost should the launcher lose its patience.
    reporter.showResults()
    let status = reporter.tally.status
    // mpirun makes SIGTERM of SIGINT; the command that started it knows better.
    console.say(
      "\(StopSignals.words(for: parent.signal ?? signal)): everything finished is kept, "
        + "\(status.remainingCount) of \(counted(status.plannedCount, "trial")) \(status.remainingCount == 1 ? "is" : "are") to "
        + "go, and the same command resumes.")
    return StopRequested()
  }

  func notice(lost rank: Int, reason: String) {
    // One that was never admitted has told no host.
    console.say("rank \(rank)\(host(rank).isEmpty ? "" : " on host \(host(rank))") is lost: \(reason)")
  }

  func notice(found rank: Int) { console.say("rank \(rank) on host \(host(rank)) is back") }

  func notice(quarantined host: String) {
    console.say("host \(host) gets no more trials while others do: several failed there at once, one after another")
  }

  func notice(progress report: [UInt8], of handOut: HandOut) {
    switch try? TrialReport(encoded: report) {
    case .notice(let text): console.complain("rank \(handOut.rank) on host \(host(handOut.rank)): \(text)")
    case .progress(let step, let stepCount): reporter.note(step: step, of: stepCount, ofJob: handOut.job)
    case .interruption, .fullDisk, nil: break
    }
  }

  func notice(duplicate answer: Answer, matches: Bool) {
    guard !matches else { return }
    let configuration = reporter.work.trial(ofJob: answer.handOut.job).configuration
    if configuration.hasProgram, !configuration.program.isDeterministic { return }
    console.complain(
      "trial \(reporter.work.identifier(ofJob: answer.handOut.job)) gave two different results, the second on rank "
        + "\(answer.handOut.rank); the first is kept. A processor or its memory may be faulty, or the ranks run different "
        + "programs.")
  }
}
