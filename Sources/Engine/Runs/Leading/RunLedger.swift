// Writes a run's records to the journal: one for every hand-out and every answer, durable before the leader acts on it. It shows
// users nothing (`RunReporter` does) and admits no ranks (`RankRoster` does).

import CommandLine
import Farm
import Faults
import Files
import Foundation
import Storage
import Trials

/// Journals what the farm does with the trials of a run.
final class RunLedger: JobJournal {
  private let work: RunWork
  private let roster: RankRoster
  private let reporter: RunReporter
  private let claim: FolderClaim
  private let journal: RunJournal
  /// The provenance of the run without its ranks.
  private let provenance: Provenance
  private let options: RunOptions
  /// The runs of provenance.json and the number of ranks that it names, once this run has written it.
  private var written: (runs: [RunStart], rankCount: Int)?
  /// Trials whose results wait for the next commit.
  private var finished: [String] = []

  /// A ledger of a run that has not begun.
  ///
  /// - Parameters:
  ///   - claim: The right to write to the run's folder.
  ///   - provenance: The provenance of the run without its ranks.
  /// - Throws: `LeaseError`, `FileError` where the folder is not claimed yet and cannot be.
  init(
    _ work: RunWork, _ reporter: RunReporter, _ claim: FolderClaim, _ provenance: Provenance, _ options: RunOptions
  ) throws {
    self.work = work
    roster = reporter.roster
    self.reporter = reporter
    self.claim = claim
    self.provenance = provenance
    self.options = options
    let epoch = try claim.take().epoch
    journal = RunJournal(
      path: work.folder.journal, epoch: epoch, fingerprint: work.fingerprint(of: roster.leader),
      attempts: work.trials.indices.map { work.index[work.identifier(ofJob: $0)]?.lastAttempt ?? 0 },
      fault: options.injection?.writeFault(epoch: epoch), identifier: { work.identifier(ofJob: $0) })
  }

  func wants(job: Int) -> Bool { reporter.tally.counts(work.trials[job]) }

  func payload(of job: Int) -> [UInt8] {
    var trial = work.trial(ofJob: job)
    trial.shorterTrials = work.shorterTrials(ofJob: job)
    trial.pause = reporter.tally.pause(ofJob: job)
    return Array(trial.encodedJSON().utf8)
  }

  // MARK: - Records

  func record(handOut: HandOut) {
    journal.handOut(job: handOut.job, rank: handOut.rank, host: roster.host(ofRank: handOut.rank))
  }

  func record(returned handOut: HandOut) {
    journal.takeBack(job: handOut.job, rank: handOut.rank, host: roster.host(ofRank: handOut.rank))
  }

  func record(answer: Answer, isFinal: Bool) throws {
    let handOut = answer.handOut
    switch answer.content {
    case .finished(let result, let remark), .paused(let result, let remark):
      let trialAnswer = try TrialAnswer(result: result, remark: remark)
      finish(handOut, trialAnswer)
      if trialAnswer.outcome.status.isResult { finished.append(work.identifier(ofJob: handOut.job)) }
      reporter.tally.addSteps(trialAnswer, ofJob: handOut.job)
      reporter.note(trialAnswer.outcome, ofJob: handOut.job, seconds: answer.seconds)
    case .crashed(let message):
      finish(handOut, unfinished(.crashed, handOut, seconds: answer.seconds, message: message))
      try reporter.note(crash: message, of: handOut, isFinal: isFinal)
    case .interrupted(let remark):
      // A trial that was being prepared made none, even if an earlier checkpoint has some.
      var (step, kept, message) = (0, 0, String?.none)
      switch try? TrialReport(encoded: remark) {
      case .interruption(let all, let old): (step, kept) = (all, old)
      case .fullDisk(let reason):
        message = reason
        reporter.note(fullDisk: reason, of: handOut)
      case .progress, .notice, nil: break
      }
      reporter.tally.steps.add(interruptedAfter: step, kept: kept)
      finish(handOut, unfinished(.preempted, handOut, seconds: answer.seconds, message: message, stepCount: step))
    }
  }

  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) throws {
    let (status, reason): (TrialStatus, String) =
      switch loss {
      case .rank(let reason): (.lost, "its rank was lost: \(reason)")
      case .timeout(let seconds):
        (.timeout, "it took too long and was stopped after \(String(format: "%.1f", seconds)) s")
      }
    finish(handOut, unfinished(status, handOut, seconds: seconds, message: reason))
    reporter.note(loss: reason, status, of: handOut, isFinal: isFinal)
  }

  /// Records that the last leader died at the trial of a job, as the loss of an attempt on rank 0.
  func record(_ fallen: FallenLeader, at job: Int, attempt: Int) throws {
    roster.fallenHost = fallen.host
    let reason =
      "its process died, and the run with it, before a checkpoint of the trial was written; too little memory is a common cause"
    let isFinal = attempt >= options.attemptCap
    try record(
      loss: .rank(reason: reason), of: HandOut(job: job, attempt: attempt, rank: 0), seconds: 0, isFinal: isFinal)
    // Where no other trial is left, nothing else is recorded.
    if isFinal { try commit() }
  }

  private func finish(_ handOut: HandOut, _ answer: TrialAnswer) {
    let fingerprint = roster.ranks[handOut.rank].map { work.fingerprint(ofJob: handOut.job, on: $0) }
    journal.finish(job: handOut.job, answer, fingerprint: fingerprint)
  }

  /// The outcome that is recorded for an attempt without a result.
  private func unfinished(
    _ status: TrialStatus, _ handOut: HandOut, seconds: Double, message: String? = nil, stepCount: Int = 0
  ) -> TrialAnswer {
    var outcome = Outcome(status: status, metric: work.trial(ofJob: handOut.job).configuration.reportedMetric)
    outcome.message = message
    outcome.stepCount = stepCount
    let timing = TrialTiming(
      trainingSeconds: 0, totalSeconds: seconds, host: roster.host(ofRank: handOut.rank), rank: handOut.rank)
    return TrialAnswer(outcome: outcome, timing: timing)
  }

  func released() -> [Int] { reporter.tally.released() }

  // MARK: - Durability

  func commit() throws {
    // A leader that was suspended may have lost its lease meanwhile, so it checks the lease before it writes.
    try claim.renew(after: 3)
    if !journal.hasBegun { try begin() }
    try journal.commit()
    for trial in finished { unlink(work.folder.checkpoint(ofTrial: trial)) }
    finished.removeAll(keepingCapacity: true)
  }

  /// Makes the run visible in the folder just before the first trial is handed out.
  private func begin() throws {
    let start = work.start(roster.leader, rankCount: roster.size, options)
    try journal.begin(start) {
      work.folder.removeTemporaryFiles()
      work.folder.removeCheckpoints(finishedIn: work.index)
      try writeProvenance(of: work.index.runs + [start])
      try WholeFile.write(work.planText, to: work.folder.sweep)
    }
    try reporter.writeStatus()
  }

  private func writeProvenance(of runs: [RunStart]) throws {
    var provenance = provenance
    provenance.hosts = roster.hosts
    provenance.runs = runs
    try provenance.write(to: work.folder)
    written = (runs, roster.ranks.count)
  }

  /// Ends the run in the journal and in status.json; a run that wrote nothing leaves no mark in the journal.
  func end(_ ending: Ending) throws {
    // It may have been removed; of the runs that trained, the journal knows.
    if !journal.hasBegun, !work.index.runs.isEmpty, access(work.folder.provenance, F_OK) != 0 {
      try writeProvenance(of: work.index.runs)
    }
    try journal.end(RunEnd(time: Date().timeIntervalSince1970, ending: ending))
    reporter.tally.status.ending = ending
    try reporter.writeStatus()
    // Ranks may have come late, and none had come when results of other folders were taken.
    if let written, roster.ranks.count > written.rankCount { try writeProvenance(of: written.runs) }
  }
}
