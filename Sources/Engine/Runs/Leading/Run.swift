// The leader's run, from the words of a command line to the printed table, in five states. It refuses a
// run only before a rank gets work, and then it also dismisses the ranks that already wait for work.

import CommandLine
import Console
import Farm
import Faults
import Files
import Foundation
import Host
import Kernels
import MPITransport
import Numerics
import Reports
import Storage
import Training

/// A run on rank 0.
package final class Run {
  /// How far a run is.
  private enum Stage: Int, Comparable {
    /// The sweep is read, and nothing else.
    case read
    /// A folder that exists is claimed.
    case claim
    /// Models, data and journal are looked at; what is to do is known.
    case prepare
    /// Ranks are led.
    case lead
    /// Tables are written, and the outcome of the run is printed.
    case close

    static func < (first: Stage, second: Stage) -> Bool { first.rawValue < second.rawValue }
  }

  let options: RunOptions
  /// How this process reaches its ranks, and what started it.
  let launch: RunLaunch
  /// What provenance.json says of the program.
  let program: Future<ProgramOrigin>
  private let context: Context
  private let signals: StopSignals
  private let folder: RunFolder
  private let claim: FolderClaim
  /// The sweep, or what is wrong with it.
  private let source: Result<SweepSource, any Error>
  let leader: RankIdentity
  private let worker: Worker
  /// What the estimates read, the trainer of this rank need not read again.
  private let readings = ResourceReader()
  private let trainer: TrainerFuture
  private let console: RunConsole
  private let signalCheck: SignalCheck
  private var stage = Stage.read
  /// The steps of the results of other folders that were put into the journal, which begins the run there; nil where none were.
  private var reusedStepCount: Int?
  /// Knows how far the run is, once ranks are led.
  private var reporter: RunReporter?
  /// Ranks that did not say that they leave.
  private var silent = SilentRanks()

  /// Leads a run to its end, prints its outcome, and returns the exit code with the ranks that did not say that they leave.
  package static func perform(
    _ options: RunOptions, _ launch: RunLaunch, _ context: Context, signals: StopSignals = .forLeader()
  ) -> (code: ExitCode, silent: SilentRanks) {
    let run = Run(options, launch, context, signals)
    return (run.perform(), run.silent)
  }

  private init(_ options: RunOptions, _ launch: RunLaunch, _ context: Context, _ signals: StopSignals) {
    self.options = options
    self.launch = launch
    self.context = context
    self.signals = signals
    folder = RunFolder(options.output)
    // Looked at before another thread takes addresses.
    var leader = RankIdentity.current(threadCount: options.threads, fingerprint: "")
    source = Result { try SweepSource(options) }
    leader.fingerprint = NumericsPolicy.fingerprint(for: (try? source.get())?.firstConfiguration)
    self.leader = leader
    program = Future { ProgramOrigin.current() }
    trainer = TrainerFuture(TrialExecution.context(rank: 0, identity: leader, options), readings: readings)
    worker = TrialExecution.worker(leader, trainer, options, rankCount: launch.transport.size)
    let console = RunConsole(
      context, terminal: ProgressTerminal(launch.parent, environment: context.environment), now: monotonicSeconds())
    self.console = console
    let signalCheck = SignalCheck(signals: signals, parent: launch.parent, console: console)
    self.signalCheck = signalCheck
    claim = FolderClaim(
      folder, isLaunched: launch.isLaunched, stallSeconds: options.stallSeconds, notice: { say($0) },
      checking: signalCheck.perform)
  }

  private func perform() -> ExitCode {
    do {
      let source = try begin()
      try claimFolder()
      let work = try prepare(source)
      let (watch, report) = try lead(work)
      let code = try close(watch, report)
      try claim.release()
      return code
    } catch {
      claim.release(after: error)
      return failed(error)
    }
  }

  /// Says why the run failed and returns the exit code.
  private func failed(_ error: any Error) -> ExitCode {
    if stage < .lead { dismissRanks() }
    if error is StopRequested { return .resumable }
    if let code = sayDiskIsFull(error) { return code }
    console.report(error)
    // Once ranks are led, only a `Refusal` says how the run ends: a folder that was good has become bad.
    let earlyCode = stage < .lead ? (error as? any UserError)?.exitCode : nil
    return (error as? Refusal)?.exitCode ?? earlyCode ?? .failure
  }

  /// Says what a disk that takes no more kept from being done, and returns the exit code; nil for other errors.
  private func sayDiskIsFull(_ error: any Error) -> ExitCode? {
    if stage < .lead {
      guard let error = error as? FileError, error.isOfSpace else { return nil }
      for line in FullDisk.sentences(beforeTraining: error, folder: folder.path) { context.complain(line) }
      return .resumable
    }
    let crashes = error as? FullDisk.Crashes
    let fileError = (error as? FileError).flatMap { $0.isOfDisk ? $0 : nil }
    guard crashes != nil || fileError != nil, let count = reporter?.unfinishedCount() else { return nil }
    let lines =
      fileError.map { FullDisk.sentences($0, folder: folder.path, remainingCount: count) }
      ?? crashes.map { FullDisk.sentences(crashes: "\($0)", folder: folder.path, remainingCount: count) } ?? []
    for line in lines { context.complain(line) }
    return count > 0 ? .resumable : .failure
  }

  // MARK: - Read, claim, prepare

  /// Lets this rank's trainer begin with the sweep's first trial.
  private func begin() throws -> SweepSource {
    let source = try source.get()
    do { _ = try ThreadTeam(threadCount: options.threads) } catch { throw Refusal("\(error)") }
    trainer.begin(with: source.firstConfiguration)
    return source
  }

  private func claimFolder() throws {
    stage = .claim
    try signalCheck.perform()
    try claim.takeExisting()
  }

  /// Looks at models, data and journal, and refuses what cannot be run here.
  private func prepare(_ source: SweepSource) throws -> RunWork {
    stage = .prepare
    let sweep = try claim.renewing { try source.prepared(readings) }
    try signalCheck.perform()
    try claim.take()
    // With hundreds of thousands of results each of these looks takes a while.
    return try claim.renewing { try work(of: sweep) }
  }

  /// Looks at the journal, and says what is to run and what the sweep's models and data are.
  private func work(of sweep: PreparedSweep) throws -> RunWork {
    let rankCount = launch.transport.size
    var work = try RunWork(sweep, in: folder, journal(), options, rankCount: rankCount)
    reusedStepCount = try takeResults(for: work, epoch: claim.take().epoch, checking: signalCheck.perform)
    if reusedStepCount != nil {
      try work.index.refresh()
      work = try RunWork(sweep, in: folder, work.index, options, rankCount: rankCount)
    }
    try numerics(work).check(
      results: work.fingerprints(on: leader), starts: work.index.runs.map(\.fingerprint), folder: folder.path)
    try checkMemory(work)
    for remark in [launch.parent.remark].compactMap(\.self) + sweep.remarks { say(remark) }
    say("\(sweep.plan.name): \(work.reuse.description)")
    for fact in sweep.facts { say(fact) }
    // Results that are there were computed with these kernels, and others are not mixed with them.
    if work.reuse.reusedCount == 0, work.usesOpenBLAS,
      let note = NumericsFingerprint.current().slowKernelsNote
    {
      say(note)
    }
    noteCheckpoints(work)
    noteMissingWeights(work)
    return work
  }

  /// What the folder's journal holds for this run. What it lost and what does not count is printed.
  private func journal() throws -> JournalIndex {
    let index = try JournalIndex(path: folder.journal)
    if options.injection?.outcomeFault == nil {
      if let injected = index.injectedSentence {
        say("\(injected): they do not count, and a run without --inject trains their trials again")
      }
      index.discardInjected()
    }
    for remark in index.remarks { say(remark) }
    for mismatch in index.mismatches { context.complain("\(mismatch)") }
    return index
  }

  func numerics(_ work: RunWork) -> NumericsPolicy {
    NumericsPolicy(
      fingerprint: work.fingerprint(of: leader),
      allowsMixture: options.allowsMixedNumerics || work.sweep.program != nil, comparesRanks: work.usesOpenBLAS)
  }

  private func checkMemory(_ work: RunWork) throws {
    let refusal = MemoryCheck.refusal(
      ranks: 1, bytesPerRank: work.bytesPerRank, host: leader.host, memoryByteCount: leader.memoryByteCount,
      addressByteCount: leader.addressByteCount, threads: options.threads)
    if let refusal { throw Refusal(refusal) }
  }

  /// Says how many of the trials to run were under way before.
  private func noteCheckpoints(_ work: RunWork) {
    let count = work.trials.indices.count {
      FileManager.default.fileExists(atPath: folder.checkpoint(ofTrial: work.identifier(ofJob: $0)))
    }
    if count > 0 {
      say("\(count) of them \(count == 1 ? "goes" : "go") on from \(count == 1 ? "its checkpoint" : "checkpoints")")
    }
  }

  /// Says that reused results bring no weights where the run that made them kept none.
  private func noteMissingWeights(_ work: RunWork) {
    guard options.keepsWeights else { return }
    let count = work.sweep.trialIndices(of: work.part).count { trial in
      let identifier = work.plan.trialIdentifier(at: trial)
      return work.index[identifier]?.status == .completed
        && !FileManager.default.fileExists(atPath: folder.weights(ofTrial: identifier))
    }
    guard count > 0 else { return }
    say(
      "\(count) of the reused results \(count == 1 ? "has" : "have") no kept weights, and trials with a result are not "
        + "trained again; choose another --output for weights of all")
  }

  // MARK: - Lead

  /// Leads the ranks until every trial has a result or the run stops.
  private func lead(_ work: RunWork) throws -> (RunWatch, FarmReport) {
    let watch = try claim.renewing {
      let watch = try self.watch(work)
      try signalCheck.perform()
      return watch
    }
    if reusedStepCount != nil { try watch.ledger.commit() }
    var jobs = work.jobs(options)
    if let fallen = try claim.take().fallen, let job = work.job(at: fallen, options) {
      jobs[job].attemptCount += 1
      try watch.ledger.record(fallen, at: job, attempt: jobs[job].attemptCount)
    }
    let farm = Leader(
      jobs: jobs, transport: launch.transport, worker: worker,
      owner: Leader.Owner(journal: watch.ledger, observer: watch, directory: watch.reporter.roster),
      policy: try policy(work), drain: watch.stop.drain, hold: watch.stop.hold)
    stage = .lead
    do {
      let report = try farm.run()
      silent = SilentRanks(report.silentRanks, watch.reporter.roster.ranks)
      if let fullDisk = watch.stop.fullDisk { throw fullDisk }
      return (watch, report)
    } catch {
      watch.reporter.cancelTables()
      if (error as? Refusal)?.exitCode == .failure { try watch.ledger.end(.incomplete) }
      // The leader's disk may have space where a rank's has none.
      if error is FullDisk.Crashes { try? watch.ledger.end(.drained) }
      throw error
    }
  }

  /// Everything that takes part in a run beside the farm.
  private func watch(_ work: RunWork) throws -> RunWatch {
    let environment = ProcessInfo.processInfo.environment
    let stop = StopControl(
      options, signals,
      wallTime: WallTime(
        limit: options.limitSeconds, environment: environment, date: Date().timeIntervalSince1970),
      graceSeconds: StopSignals.graceSeconds(environment, launched: launch.isLaunched))
    if !launch.isLaunched && launch.parent.isTerminal { TerminalBlock.giveWay(to: [SIGTSTP]) }
    let roster = RankRoster(work, leader: leader, size: launch.transport.size, numerics(work), console)
    let reporter = RunReporter(work, try RunTally(work), roster, stop, console)
    self.reporter = reporter
    let ledger = try RunLedger(work, reporter, claim, provenance(work.sweep), options)
    return RunWatch(ledger, reporter, stop, claim, launch.parent, console)
  }

  private func policy(_ work: RunWork) throws -> Leader.Policy {
    var policy = Leader.Policy()
    policy.attemptCap = options.attemptCap
    policy.prefetchCount = Leader.Policy.shortJobPrefetchCount
    policy.epoch = UInt64(try claim.take().epoch)
    policy.stallSeconds = options.stallSeconds
    policy.beatSeconds = Leader.Policy.beatSeconds(stallSeconds: options.stallSeconds)
    policy.interruptsJobs = options.checkpointSeconds > 0
    return policy
  }

  /// Dismisses the ranks that wait for work when the run ends before it has any.
  private func dismissRanks() {
    guard launch.transport.size > 1 else { return }
    _ = try? Leader(jobs: [], transport: launch.transport, worker: worker, owner: .init(journal: NoJournal())).run()
  }

  // MARK: - Close

  /// Writes the tables, and prints the summary and how the run ended.
  private func close(_ watch: RunWatch, _ report: FarmReport) throws -> ExitCode {
    stage = .close
    if let signal = signals.urgent, !report.remaining.isEmpty { throw try watch.stopped(by: signal) }
    let (work, reporter) = (watch.reporter.work, watch.reporter)
    let ending = ending(watch, report)
    reporter.tally.status.runningCount = 0
    reporter.tally.status.secondsLeft = nil
    // Ranks may have been waited for.
    try claim.renew(after: 1)
    let rows = try reporter.writeTables { try claim.renew(after: 1) }
    // A rank that died while it wrote, or lived though it was given up, may have left some.
    folder.removeTemporaryFiles()
    folder.removeCheckpoints(finishedIn: work.index)
    try WholeFile.write(work.planText, to: folder.sweep)
    try watch.ledger.end(ending)
    console.say("")
    put(ConsoleTable.text(rows, options: work.judgement), to: STDOUT_FILENO)
    console.say("")
    for job in report.exhausted { console.say(reporter.crashLine(ofJob: job)) }
    for rank in report.silentRanks where !report.lostRanks.contains(rank) {
      console.complain("rank \(rank) did not answer at the end")
    }
    if let reason = watch.stop.reason { console.say("Stopped: \(reason).") }
    if let remark = work.index.injectedRemark { console.say(remark) }
    reporter.tally.steps.ofOtherFolders = reusedStepCount ?? 0
    for line in [reporter.tally.steps.line].compactMap(\.self) + reporter.tally.earlyLines { console.say(line) }
    console.say(closingLine(ending, report, otherCount: reporter.tally.status.remainingCount))
    if ending != .drained {
      let comparableCount = rows.contains { $0.unfinishedCount > 0 } ? 0 : rows.count
      let lines = NextCommands.lines(
        path: ShellText.quoted(folder.path), recipeCount: comparableCount, lacksResults: ending == .incomplete)
      for line in lines { console.say(line) }
    }
    return ExitCode(rawValue: Int32(ending.exitCode ?? 0)) ?? .failure
  }

  private func closingLine(_ ending: Ending, _ report: FarmReport, otherCount count: Int) -> String {
    switch ending {
    case .drained where report.remaining.isEmpty:
      "\(count) other trial\(count == 1 ? " has" : "s have") no result yet; 'seedsweep run' trains \(count == 1 ? "it" : "them")."
    case .drained: "Stopped with \(counted(report.remaining.count, "trial")) to go; the same command resumes."
    case .running, .complete, .incomplete:
      "Tables: \(folder.path)/summary.csv, trials.csv, curves.csv, timings.csv; to look at: report.html"
    }
  }

  private func ending(_ watch: RunWatch, _ report: FarmReport) -> Ending {
    if watch.stop.reason != nil { return .incomplete }
    // A run that was to try some trials again leaves the others for the next one.
    let reporter = watch.reporter
    let othersCount = reporter.tally.status.remainingCount - reporter.work.trials.count + report.finishedCount
    if !report.remaining.isEmpty || othersCount > 0 { return .drained }
    return report.exhausted.isEmpty ? .complete : .incomplete
  }
}
