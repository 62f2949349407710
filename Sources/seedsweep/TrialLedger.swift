// The leader's durable side: every hand-out and answer becomes a journal record, written before anything is acted on.
// What the user sees meanwhile is in `TrialLedger+Reporting`.

import CommandLines
import Farm
import Foundation
import Reports
import Trials

/// The run was asked to end at once.
struct StopRequested: Error {}

/// Journals what the farm does with the trials of a sweep.
final class TrialLedger: Ledger {
  /// What does not change during a run.
  struct Setting {
    /// The sweep.
    var sweep: PreparedSweep
    /// The places in plan order of the trials to run, in the order of hand-out.
    var trials: [Int]
    /// The number of trials asked for, reused ones included.
    var plannedCount: Int
    /// Where everything is written.
    var folder: RunFolder
    /// The right to write there.
    var lease: Lease
    /// This rank.
    var leader: RankIdentity
    /// The number of ranks.
    var rankCount: Int
    /// What mixture of ranks is accepted.
    var numerics: NumericsPolicy
    /// What signals ask for.
    var signals: StopSignals
    /// What started the leader, if `run --processes` did.
    var parent: ParentProcess
    /// What the run knows of itself, ranks apart.
    var provenance: Provenance
  }

  let setting: Setting
  let index: JournalIndex
  var ranks: [Int: RankIdentity] = [:]
  var status: StatusReport
  var printer: ProgressPrinter
  var reportTimes = ReportTimes()
  var crashes = CrashWatch()
  var doneFlops = 0.0
  let totalFlops: Double
  let start = monotonicSeconds()
  private var writer: JournalWriter?
  private var group: [JournalRecord] = []
  /// The number of each trial's last attempt, over all runs.
  private var attempts: [Int]

  /// A ledger over an index of the folder's journal and the counts of what is reused.
  init(_ setting: Setting, index: JournalIndex, status: StatusReport) {
    self.setting = setting
    self.index = index
    self.status = status
    printer = ProgressPrinter(isTerminal: setting.parent.isTerminal, now: start)
    totalFlops = setting.trials.reduce(0) { $0 + setting.sweep.cost(ofTrial: $1).flopsTotal }
    attempts = setting.trials.map { index[setting.sweep.plan.trialIdentifier(at: $0)]?.lastAttempt ?? 0 }
  }

  /// The attempts a trial gets in a run.
  static let attemptCap = 3

  /// The jobs of the farm: earlier crashes count, but a trial that used up its attempts gets new ones with a new run.
  /// A trial that was under way on rank 0 when a leader died goes to another rank, if there is one.
  var jobs: [Job] {
    setting.trials.map { place in
      let history = index[setting.sweep.plan.trialIdentifier(at: place)]
      return Job(
        attemptCount: (history?.failedAttemptCount ?? 0) % Self.attemptCap,
        avoidedRanks: history?.openRank == 0 ? [0] : [])
    }
  }

  func trial(ofJob job: Int) -> Trial { setting.sweep.plan.trials[setting.trials[job]] }

  func payload(of job: Int) -> [UInt8] { Array(trial(ofJob: job).encodedJSON().utf8) }

  func record(handOut: HandOut) {
    attempts[handOut.job] += 1
    group.append(.handOut(journaled(handOut)))
  }

  func record(returned handOut: HandOut) { group.append(.returned(journaled(handOut))) }

  func record(answer: Answer, isFinal: Bool) throws {
    let trial = trial(ofJob: answer.handOut.job)
    let host = ranks[answer.handOut.rank]?.host ?? ""
    switch answer.content {
    case .finished(let result, let remark):
      let outcome = try Outcome(json: String(decoding: result, as: UTF8.self))
      let timing = try TrialTiming(json: String(decoding: remark, as: UTF8.self))
      group.append(outcomeRecord(answer, trial, outcome, timing))
      count(outcome, flops: setting.sweep.cost(ofTrial: setting.trials[answer.handOut.job]).flopsTotal)
    case .crashed(let message):
      var outcome = Outcome(status: .crashed, metric: trial.configuration.task.reportedMetric)
      outcome.message = message
      let timing = TrialTiming(
        trainingSeconds: 0, totalSeconds: answer.seconds, host: host, rank: answer.handOut.rank)
      group.append(outcomeRecord(answer, trial, outcome, timing))
      try report(crash: message, of: trial, answer, host: host, isFinal: isFinal)
    }
  }

  func commit() throws {
    if writer == nil { try begin() }
    try writer?.append(group)
    group.removeAll(keepingCapacity: true)
  }

  /// Ends the run in the journal and in status.json; a run that wrote nothing leaves no mark in the journal.
  func end(_ verdict: Verdict) throws {
    try writer?.append(group + [.runEnd(RunEnd(time: Date().timeIntervalSince1970, verdict: verdict))])
    group = []
    status.verdict = verdict
    try writeStatus()
  }

  /// Makes the run visible in the folder just before the first trial is handed out.
  private func begin() throws {
    let journal = try JournalWriter(path: setting.folder.journal, epoch: setting.lease.epoch)
    setting.folder.removeTemporaryFiles()
    let start = RunStart(
      time: Date().timeIntervalSince1970, planDigest: setting.sweep.planDigest, version: Version.current,
      fingerprint: setting.leader.fingerprint, rankCount: setting.rankCount)
    var provenance = setting.provenance
    provenance.hosts = hosts
    provenance.runs = index.runs + [start]
    try provenance.write(to: setting.folder)
    try WholeFile.write(setting.sweep.resolvedText, to: setting.folder.sweep)
    try journal.append([.runStart(start)])
    writer = journal
    try writeStatus()
  }

  private func journaled(_ handOut: HandOut) -> HandOutRecord {
    HandOutRecord(
      trial: setting.sweep.plan.trialIdentifier(at: setting.trials[handOut.job]), attempt: attempts[handOut.job],
      rank: handOut.rank, host: ranks[handOut.rank]?.host ?? "")
  }

  private func outcomeRecord(
    _ answer: Answer, _ trial: Trial, _ outcome: Outcome, _ timing: TrialTiming
  ) -> JournalRecord {
    let fingerprint = ranks[answer.handOut.rank]?.fingerprint
    return .outcome(
      TrialRecord(
        trial: trial.identifier, attempt: attempts[answer.handOut.job],
        fingerprint: fingerprint == setting.leader.fingerprint ? nil : fingerprint, timing: timing, outcome: outcome))
  }

  /// The machines of this run by first rank.
  private var hosts: [Provenance.Host] {
    var hosts: [Provenance.Host] = []
    for rank in ranks.keys.sorted() {
      guard let identity = ranks[rank] else { continue }
      if let place = hosts.firstIndex(where: { $0.name == identity.host }) {
        hosts[place].ranks.append(rank)
      } else {
        hosts.append(
          Provenance.Host(
            name: identity.host, processor: identity.processor, coreCount: identity.coreCount, ranks: [rank],
            fingerprint: identity.fingerprint))
      }
    }
    return hosts
  }
}

/// Seconds on the monotonic clock; only differences mean anything.
func monotonicSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
