// The leader's durable side: every hand-out and answer becomes a journal record, written before anything is acted on.
// What the user sees meanwhile is in `TrialLedger+Reporting`.

import CommandLine
import Digests
import Farm
import FileExchange
import Files
import Foundation
import Host
import MPITransport
import Reports
import Storage
import Trials

/// The run was asked to end at once.
struct StopRequested: Error {}

/// Journals what the farm does with the trials of a sweep.
final class TrialLedger: JobJournal, FarmObserver, RankDirectory {
  /// What does not change during a run.
  struct Setting {
    /// The sweep.
    var sweep: PreparedSweep
    /// The text of sweep.json.
    var resolvedText: String
    /// The places in plan order of the trials to run, in the order of hand-out.
    var trials: [Int]
    /// The first trials in plan order that were asked for; nil for all.
    var limit: Int?
    /// How far recipes that may stop have got; nil where none may.
    var sequential: SequentialProgress?
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
    /// How long the run may last; nil where nobody says.
    var wallTime: WallTime?
    /// The attempts that a trial gets in a run.
    var attemptCap = 3
    /// How many trials may end without a result before the run stops.
    var failureLimit: FailureLimit?
    /// Whether trials leave their weights.
    var keepsWeights = false
    /// Whether trials under way can be stopped and go on later.
    var keepsCheckpoints = true
    /// Seconds from a signal that ends the run to its end.
    var graceSeconds = 0.0
    /// Makes writes of the journal go wrong on purpose.
    var writeFault: (() -> WriteFault?)?
  }

  let setting: Setting
  let index: JournalIndex
  var ranks: [Int: RankIdentity] = [:]
  var status: StatusReport
  var printer: ProgressPrinter
  var reportTimes = ReportTimes()
  var crashes = CrashWatch()
  var sequential: SequentialProgress?
  var doneFlops = 0.0
  var totalFlops: Double
  /// Seconds that the trials behind `doneFlops` took on their ranks.
  var doneSeconds = 0.0
  /// When a signal that ends the run was seen first.
  var urgentSince: Double?
  /// What the jobs that have no result ended as, the last time.
  var failures: [Int: TrialStatus] = [:]
  /// Why the run stops before its trials are done, if it does so of itself.
  var stopReason: String?
  let start = monotonicSeconds()
  private let journal: RunJournal
  /// Answers ranks that lack files; what the trials of each configuration read, once asked for.
  let desk = FileDesk()
  var inventories: [Int: [FileIdentity]] = [:]
  /// Trials whose results wait for the next commit.
  private var finished: [String] = []

  /// A ledger over an index of the folder's journal and the counts of what is reused.
  init(_ setting: Setting, index: JournalIndex, status: StatusReport) {
    self.setting = setting
    self.index = index
    self.status = status
    sequential = setting.sequential
    printer = ProgressPrinter(isTerminal: setting.parent.isTerminal, now: start)
    totalFlops = setting.trials.reduce(0) { $0 + setting.sweep.cost(ofTrial: $1).flopsTotal }
    let plan = setting.sweep.plan
    journal = RunJournal(
      path: setting.folder.journal, epoch: setting.lease.epoch, fingerprint: setting.leader.fingerprint,
      attempts: setting.trials.map { index[plan.trialIdentifier(at: $0)]?.lastAttempt ?? 0 }, fault: setting.writeFault,
      identifier: { plan.trialIdentifier(at: setting.trials[$0]) })
  }

  /// The jobs of the farm: earlier crashes count, but a trial that used up its attempts gets new ones with a new run.
  /// A trial that was under way on rank 0 when a leader died goes to another rank, if there is one.
  var jobs: [Job] {
    setting.trials.map { place in
      let history = index[setting.sweep.plan.trialIdentifier(at: place)]
      return Job(
        attemptCount: (history?.failedAttemptCount ?? 0) % setting.attemptCap,
        avoidedRanks: history?.openRank == 0 ? [0] : [])
    }
  }

  func trial(ofJob job: Int) -> Trial { setting.sweep.plan.trials[setting.trials[job]] }

  func wants(job: Int) -> Bool { sequential?.counts(setting.trials[job]) ?? true }

  func payload(of job: Int) -> [UInt8] { Array(trial(ofJob: job).encodedJSON().utf8) }

  func record(handOut: HandOut) {
    journal.handOut(job: handOut.job, rank: handOut.rank, host: host(ofRank: handOut.rank))
  }

  func record(returned handOut: HandOut) {
    journal.takeBack(job: handOut.job, rank: handOut.rank, host: host(ofRank: handOut.rank))
  }

  func record(answer: Answer, isFinal: Bool) throws {
    let (job, rank) = (answer.handOut.job, answer.handOut.rank)
    switch answer.content {
    case .finished(let result, let remark):
      let trialAnswer = try TrialAnswer(result: result, remark: remark)
      journal.finish(job: job, trialAnswer, fingerprint: ranks[rank]?.fingerprint)
      finished.append(setting.sweep.plan.trialIdentifier(at: setting.trials[job]))
      failures[job] = nil
      doneSeconds += answer.seconds
      count(trialAnswer.outcome, ofTrial: setting.trials[job])
    case .crashed(let message):
      journal.finish(
        job: job, unfinished(.crashed, answer.handOut, seconds: answer.seconds, message: message),
        fingerprint: ranks[rank]?.fingerprint)
      failures[job] = .crashed
      try report(crash: message, of: answer.handOut, isFinal: isFinal)
    case .interrupted(let remark):
      journal.finish(
        job: job, unfinished(.preempted, answer.handOut, seconds: answer.seconds, stepCount: stepCount(remark)),
        fingerprint: ranks[rank]?.fingerprint)
    }
  }

  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) throws {
    let (status, reason): (TrialStatus, String) =
      switch loss {
      case .rank(let reason): (.lost, "its rank was lost: \(reason)")
      case .timeout(let seconds): (.timeout, "it took more than \(Int(seconds)) s")
      }
    failures[handOut.job] = status
    journal.finish(
      job: handOut.job, unfinished(status, handOut, seconds: seconds, message: reason),
      fingerprint: ranks[handOut.rank]?.fingerprint)
    report(loss: reason, status, of: handOut, isFinal: isFinal)
  }

  /// What stands for a result that an attempt did not come to.
  private func unfinished(
    _ status: TrialStatus, _ handOut: HandOut, seconds: Double, message: String? = nil, stepCount: Int = 0
  ) -> TrialAnswer {
    var outcome = Outcome(status: status, metric: trial(ofJob: handOut.job).configuration.task.reportedMetric)
    outcome.message = message
    outcome.stepCount = stepCount
    let timing = TrialTiming(
      trainingSeconds: 0, totalSeconds: seconds, host: host(ofRank: handOut.rank), rank: handOut.rank)
    return TrialAnswer(outcome: outcome, timing: timing)
  }

  /// The updates that a trial had made when it was stopped; 0 while it was being prepared, though an earlier checkpoint may
  /// stand further on.
  private func stepCount(_ remark: [UInt8]) -> Int {
    guard case .progress(let step, _) = try? TrialReport(encoded: remark) else { return 0 }
    return step
  }

  func commit() throws {
    // A leader that was stopped and wakes up may lead no more: it must not write before it has looked.
    if monotonicSeconds() - reportTimes.lease > 3 { try renewLease() }
    if !journal.hasBegun { try begin() }
    try journal.commit()
    for trial in finished { unlink(setting.folder.checkpoint(ofTrial: trial)) }
    finished.removeAll(keepingCapacity: true)
  }

  func site(ofRank rank: Int) -> String { host(ofRank: rank) }

  func isGone(rank: Int) -> Bool { ranks[rank]?.holder.isGone ?? false }

  /// Ends the run in the journal and in status.json; a run that wrote nothing leaves no mark in the journal.
  func end(_ verdict: Verdict) throws {
    try journal.end(RunEnd(time: Date().timeIntervalSince1970, verdict: verdict))
    status.verdict = verdict
    try writeStatus()
  }

  /// Makes the run visible in the folder just before the first trial is handed out.
  private func begin() throws {
    let start = RunStart(
      time: Date().timeIntervalSince1970, planDigest: String(SHA256.hex(of: setting.resolvedText).prefix(16)),
      version: Version.current, fingerprint: setting.leader.fingerprint, rankCount: setting.rankCount,
      keepsWeights: setting.keepsWeights)
    try journal.begin(start) {
      setting.folder.removeTemporaryFiles()
      setting.folder.removeCheckpoints(finishedIn: index)
      var provenance = setting.provenance
      provenance.hosts = hosts
      provenance.runs = index.runs + [start]
      try provenance.write(to: setting.folder)
      try WholeFile.write(setting.resolvedText, to: setting.folder.sweep)
    }
    try writeStatus()
  }

  func host(ofRank rank: Int) -> String { ranks[rank]?.host ?? "" }

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
