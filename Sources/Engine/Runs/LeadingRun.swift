// The leader's run from the checked sweep to the printed table. Everything it refuses is refused before a rank gets work;
// ranks that wait already are sent home whatever happens.

import CommandLine
import Farm
import Files
import Foundation
import JSON5
import Kernels
import MPITransport
import Reports
import Storage
import Training
import Trials

/// A run on rank 0.
package struct LeadingRun {
  let options: RunOptions
  let place: RunPlace
  let signals: StopSignals
  let folder: RunFolder
  let worker: Worker
  let leader: RankIdentity
  /// What the estimates read, the trainer of this rank need not read again.
  private let readings = Readings()
  private let trainer: TrainerAhead
  /// What provenance.json says of the program.
  let program: Ahead<ProgramOrigin>
  private let standing = Standing()

  /// Leads a run to its end, prints what became of it and returns the exit code.
  package static func perform(
    _ options: RunOptions, _ place: RunPlace, _ context: Context
  ) -> (code: ExitCode, silent: SilentRanks) {
    let run = LeadingRun(options, place)
    do {
      return (try run.perform(), run.standing.silent)
    } catch is StopRequested {
      return (.resumable, run.standing.silent)
    } catch {
      let isLed = run.standing.isLed
      if !isLed { run.dismissRanks() }
      context.report(error)
      // Once ranks are led, only a `Refusal` says how the run ends: a folder that was good has become bad.
      let earlyCode = isLed ? nil : (error as? any UserError)?.exitCode
      let code = (error as? Refusal)?.exitCode ?? earlyCode ?? .failure
      return (code, run.standing.silent)
    }
  }

  /// How far the run has come, for what must be done when it ends.
  private final class Standing {
    /// Whether ranks were led, and know that the run is over.
    var isLed = false
    /// Ranks that did not take leave.
    var silent = SilentRanks()
  }

  private init(_ options: RunOptions, _ place: RunPlace) {
    self.options = options
    self.place = place
    signals = .forLeader()
    folder = RunFolder(options.output)
    // Looked at before another thread takes addresses.
    leader = .current(threadCount: options.threads)
    program = Ahead { ProgramOrigin.current() }
    trainer = TrainerAhead(TrialExecution.context(rank: 0, identity: leader, options), readings: readings)
    worker = TrialExecution.worker(leader, trainer, options)
  }

  private func perform() throws -> ExitCode {
    let source = try SweepSource(options)
    do { _ = try ThreadTeam(threadCount: options.threads) } catch { throw Refusal("\(error)") }
    trainer.begin(with: source.firstConfiguration)
    // An existing folder may have a leader: it is asked first, because digests of large models take seconds.
    let early = FileManager.default.fileExists(atPath: folder.path) ? try claim() : nil
    let prepared: PreparedSweep
    do { prepared = try source.prepared(readings) } catch {
      try early?.release()
      throw error
    }
    let lease = try early ?? claim()
    do {
      let code = try lead(prepared, lease)
      try lease.release()
      return code
    } catch {
      if !(error is LeaseError) { try? lease.release() }
      throw error
    }
  }

  /// Makes the folder and takes the right to write there.
  private func claim() throws -> Lease {
    try folder.create()
    var patience = LeasePatience()
    patience.silentSeconds = min(patience.silentSeconds, max(3, options.stallSeconds))
    return try Lease(
      folder: folder.leases, holder: .current(launchedByParent: place.isLaunched), patience: patience,
      notice: { say($0) })
  }

  private func lead(_ sweep: PreparedSweep, _ lease: Lease) throws -> ExitCode {
    let index = try JournalIndex(path: folder.journal)
    for skipped in index.skipped { say("\(folder.journal): skipped \(skipped)") }
    for mismatch in index.mismatches { complain("seedsweep run: \(mismatch)") }
    let sequential = try SequentialProgress(sweep.plan, from: index)
    let (trials, reuse) = try remaining(sweep, index, sequential)
    let numerics = NumericsPolicy(
      fingerprint: leader.fingerprint, allowsMixture: options.allowsMixedNumerics)
    try numerics.check(results: fingerprints(sweep.plan, index), folder: folder.path)
    try checkMemory(sweep, trials)
    for remark in sweep.remarks { say(remark) }
    say("\(sweep.plan.name): \(reuse.description)")
    noteCheckpoints(of: trials.map { sweep.plan.trialIdentifier(at: $0) })
    noteMissingWeights(sweep, index)
    let environment = ProcessInfo.processInfo.environment
    let ledger = TrialLedger(
      TrialLedger.Setting(
        sweep: sweep, resolvedText: sweep.plan.encodedJSON(), trials: trials, limit: options.limit,
        sequential: sequential,
        folder: folder, lease: lease, leader: leader,
        rankCount: place.transport.size, numerics: numerics, signals: signals, parent: place.parent,
        provenance: provenance(sweep),
        wallTime: WallTime(
          limit: options.limitSeconds, environment: environment, date: Date().timeIntervalSince1970),
        attemptCap: options.attemptCap, failureLimit: options.failureLimit,
        keepsWeights: options.keepsWeights, keepsCheckpoints: options.checkpointSeconds > 0,
        graceSeconds: options.checkpointSeconds > 0
          ? StopSignals.graceSeconds(environment, launched: place.isLaunched) : 0,
        writeFault: options.injection?.writeFault(epoch: lease.epoch)),
      index: index, status: try status(sweep, index, reuse))
    let farm = Leader(
      jobs: ledger.jobs, transport: place.transport, worker: worker, owner: .init(ledger), policy: policy(lease),
      drain: signals.drain, hold: signals.hold)
    standing.isLed = true
    do {
      let report = try farm.run()
      standing.silent = SilentRanks(report.silentRanks, ledger.ranks)
      return try finish(ledger, report, sweep)
    } catch let error as Refusal where error.exitCode == .failure {
      try ledger.end(.incomplete)
      throw error
    }
  }

  private func policy(_ lease: Lease) -> Leader.Policy {
    var policy = Leader.Policy()
    policy.attemptCap = options.attemptCap
    policy.prefetchCount = Leader.Policy.shortJobPrefetchCount
    policy.epoch = UInt64(lease.epoch)
    policy.stallSeconds = options.stallSeconds
    policy.jobSeconds = options.trialSeconds ?? .infinity
    policy.interruptsJobs = options.checkpointSeconds > 0
    return policy
  }

  /// What the results of a plan's trials were computed with.
  private func fingerprints(_ plan: SweepPlan, _ index: JournalIndex) -> some Sequence<String> {
    plan.trials.indices.lazy.compactMap { place in
      index[plan.trialIdentifier(at: place)].flatMap { $0.hasResult ? $0.fingerprint : nil }
    }
  }

  /// The trials to run in the order of hand-out, and how much is reused.
  private func remaining(
    _ sweep: PreparedSweep, _ index: JournalIndex, _ sequential: SequentialProgress?
  ) throws -> ([Int], ReuseReport) {
    let plan = sweep.plan
    var reuse = try folder.reuse(of: index, by: plan.trials.indices.lazy.map { plan.trialIdentifier(at: $0) })
    let wanted = sweep.trialIndices(limit: options.limit).filter { sequential?.counts($0) ?? true }
    var missing = wanted.filter { index[plan.trialIdentifier(at: $0)]?.hasResult != true }
    reuse.plannedCount = wanted.count
    reuse.reusedCount = wanted.count - missing.count
    if let retries = options.retries {
      let places = try retries.places(in: plan, index)
      missing.removeAll { !places.contains($0) }
    }
    return (sweep.longestFirst(missing, before: sequential), reuse)
  }

  /// Says how many of the trials to run were under way before.
  private func noteCheckpoints(of trials: [String]) {
    let count = trials.count { FileManager.default.fileExists(atPath: folder.checkpoint(ofTrial: $0)) }
    if count > 0 {
      say("\(count) of them \(count == 1 ? "goes" : "go") on from \(count == 1 ? "its checkpoint" : "checkpoints")")
    }
  }

  /// Says that reused results bring no weights where the run that made them kept none.
  private func noteMissingWeights(_ sweep: PreparedSweep, _ index: JournalIndex) {
    guard options.keepsWeights else { return }
    let count = sweep.trialIndices(limit: options.limit).count { place in
      let identifier = sweep.plan.trialIdentifier(at: place)
      return index[identifier]?.status == .completed
        && !FileManager.default.fileExists(atPath: folder.weights(ofTrial: identifier))
    }
    guard count > 0 else { return }
    say(
      "\(count) of the reused results \(count == 1 ? "has" : "have") no kept weights, and trials with a result are not "
        + "trained again; choose another --output for weights of all")
  }

  private func checkMemory(_ sweep: PreparedSweep, _ trials: [Int]) throws {
    let refusal = MemoryCheck.refusal(
      ranks: 1, bytesPerRank: sweep.bytesPerRank(of: trials), host: leader.host,
      memoryByteCount: leader.memoryByteCount, addressByteCount: leader.addressByteCount,
      threads: options.threads)
    if let refusal { throw Refusal(refusal) }
  }

  /// The counts that the reused results begin with.
  private func status(_ sweep: PreparedSweep, _ index: JournalIndex, _ reuse: ReuseReport) throws -> StatusReport {
    var status = StatusReport()
    status.sweep = sweep.plan.name
    status.limit = options.limit
    status.plannedCount = reuse.plannedCount
    status.reusedCount = reuse.reusedCount
    status.startTime = Date().timeIntervalSince1970
    guard reuse.reusedCount > 0 else { return status }
    let rows = try RunTables.summary(of: sweep.plan, limit: options.limit ?? .max, from: index)
    for row in rows {
      status.divergedCount += row.count(of: .diverged)
      status.completedCount += row.count - row.count(of: .diverged)
      status.failedCount += row.failedCount
    }
    return status
  }

  /// Writes the tables, prints the summary and the verdict.
  private func finish(_ ledger: TrialLedger, _ report: FarmReport, _ sweep: PreparedSweep) throws -> ExitCode {
    if let signal = signals.urgent, !report.remaining.isEmpty { throw try ledger.stopped(by: signal) }
    ledger.printer.clear()
    let verdict = verdict(ledger, report)
    ledger.status.runningCount = 0
    ledger.status.secondsLeft = nil
    let rows = try ledger.writeTables()
    // A rank that died while it wrote, or lived though it was given up, may have left some.
    folder.removeTemporaryFiles()
    folder.removeCheckpoints(finishedIn: ledger.index)
    try WholeFile.write(ledger.setting.resolvedText, to: folder.sweep)
    try ledger.end(verdict)
    say("")
    put(ConsoleTable.text(rows), to: STDOUT_FILENO)
    say("")
    for job in report.exhausted { say(ledger.crashLine(ofJob: job)) }
    for rank in report.silentRanks where !report.lostRanks.contains(rank) {
      complain("seedsweep run: rank \(rank) did not answer at the end")
    }
    if let reason = ledger.stopReason { say("Stopped: \(reason).") }
    switch verdict {
    case .drained where report.remaining.isEmpty:
      let count = ledger.status.remainingCount
      say(
        "\(count) other trial\(count == 1 ? " has" : "s have") no result yet; 'seedsweep run' trains \(count == 1 ? "it" : "them")."
      )
    case .drained: say("Stopped with \(report.remaining.count) trials to go; the same command resumes.")
    default: say("Tables: \(folder.path)/summary.csv, trials.csv, curves.csv, timings.csv")
    }
    return ExitCode(rawValue: Int32(verdict.exitCode ?? 0)) ?? .failure
  }

  private func verdict(_ ledger: TrialLedger, _ report: FarmReport) -> Verdict {
    if ledger.stopReason != nil { return .incomplete }
    // A run that was to try some trials again leaves the others for the next one.
    let othersCount = ledger.status.remainingCount - ledger.setting.trials.count + report.finishedCount
    if !report.remaining.isEmpty || othersCount > 0 { return .drained }
    return report.exhausted.isEmpty ? .complete : .incomplete
  }

  /// Sends ranks home that wait for a leader which will not lead.
  private func dismissRanks() {
    guard place.transport.size > 1 else { return }
    _ = try? Leader(jobs: [], transport: place.transport, worker: worker, owner: .init(journal: NoJournal())).run()
  }
}
