// Shows users how a run goes: it prints results and crashes as they happen and the progress, and writes status.json and, every
// half minute, the tables. It does not write the journal; `RunLedger` does.

import CommandLine
import Console
import Farm
import Files
import Foundation
import Host
import Reports
import Storage
import Trials

/// Tells users how a run goes.
final class RunReporter {
  /// When each file was last written, in seconds on the monotonic clock.
  private struct Times {
    var status = monotonicSeconds()
    var tables = monotonicSeconds()
    /// The seconds that the tables took to write, the last time.
    var tablesCost = 0.0
  }

  let tally: RunTally
  let work: RunWork
  let roster: RankRoster
  private let stop: StopControl
  private let console: RunConsole
  private let start = monotonicSeconds()
  private var times = Times()
  private let tables: TableWriter
  private var crashes = CrashWatch()
  private var steps: RunningSteps
  /// What the farm said last.
  private var state = FarmState(finishedCount: 0, exhaustedCount: 0, waitingCount: 0)
  private var hasSaidFull = false
  /// How the last attempt at each job without a result ended.
  private var failures: [Int: TrialStatus] = [:]

  init(_ work: RunWork, _ tally: RunTally, _ roster: RankRoster, _ stop: StopControl, _ console: RunConsole) {
    self.work = work
    self.tally = tally
    self.roster = roster
    self.stop = stop
    self.console = console
    steps = RunningSteps(isOfProgram: work.plan.isOfProgram)
    tables = TableWriter(
      work.plan, from: work.index, to: work.folder, derived: work.derivedTables, options: work.judgement,
      page: work.page)
  }

  // MARK: - Answers

  /// Counts a result. Prints that its recipe stops, if it does, and the message that came with the outcome, if any.
  func note(_ outcome: Outcome, ofJob job: Int, seconds: Double) {
    failures[job] = nil
    crashes.noteResult()
    tally.add(seconds: seconds)
    let trial = work.trials[job]
    guard tally.counts(trial) else { return }
    for line in tally.add(outcome, ofTrial: trial) { console.say(line) }
    if outcome.status == .completed, let message = outcome.message {
      console.complain("a trial is complete, but \(message)")
    }
  }

  /// Says that a trial crashed.
  ///
  /// - Throws: a `Refusal` that ends the run if it does nothing but crash, unless a full disk is the cause, which stops it.
  func note(crash message: String, of handOut: HandOut, isFinal: Bool) throws {
    note(.crashed, "crashed", message, of: handOut, isFinal: isFinal)
    if let reason = crashes.note(crash: message, of: work.identifier(ofJob: handOut.job)) {
      let sentence = "the first \(CrashWatch.limit) trials all crashed the same way, so the run stops: \(reason)"
      guard FullDisk.isCause(ofCrash: reason) else { throw Refusal(sentence, code: .failure) }
      stop.note(fullDisk: sentence)
    }
  }

  /// Stops the run because a trial came to nothing on a disk that takes no more. Its attempt does not count.
  func note(fullDisk reason: String, of handOut: HandOut) {
    stop.note(
      fullDisk: "a disk of host \(roster.host(ofRank: handOut.rank)) takes no more, so the run ends; "
        + "\(work.title(ofJob: handOut.job)) came to no result there: \(reason)")
  }

  /// Prints that an attempt ended without an answer from its rank.
  func note(loss reason: String, _ status: TrialStatus, of handOut: HandOut, isFinal: Bool) {
    note(status, status == .timeout ? "was stopped" : "was lost", reason, of: handOut, isFinal: isFinal)
  }

  /// Prints and logs an attempt without a result.
  private func note(_ ending: TrialStatus, _ verb: String, _ message: String, of handOut: HandOut, isFinal: Bool) {
    failures[handOut.job] = ending
    let what =
      "\(work.title(ofJob: handOut.job)) \(verb) on host \(roster.host(ofRank: handOut.rank)), rank \(handOut.rank)"
    let text = "\(what), attempt \(handOut.attempt): \(message)"
    let log = try? work.folder.writeLog(text, ofTrial: work.identifier(ofJob: handOut.job))
    console.say("\(what)\(isFinal ? " for the last time" : ", will be tried again"): \(message)")
    if let log { console.say("  log: \(log)") }
    guard isFinal else { return }
    tally.exhaust(handOut.job)
    stop.noteFailures(tally.status.exhaustedCount, of: tally.status.plannedCount)
  }

  /// The line about a trial that has failed as often as it may.
  func crashLine(ofJob job: Int) -> String {
    "No result: \(work.title(ofJob: job)) \(failures[job]?.rawValue ?? "crashed"); see "
      + work.folder.log(ofTrial: work.identifier(ofJob: job))
  }

  // MARK: - Progress

  /// Notes how far a trial under way is.
  func note(step: Int, of stepCount: Int, ofJob job: Int) { steps.note(step, of: stepCount, ofJob: job) }

  /// Shows how far the run is, once all ranks are there.
  func show(_ state: FarmState, now: Double) {
    tally.status.runningCount = Set(state.running.map(\.handOut.rank)).count
    tally.status.secondsLeft = tally.left(elapsed: now - start).total
    self.state = state
    guard roster.isComplete || !state.running.isEmpty else { return }
    console.show(now: now) {
      progress(state, width: $0)
    } view: {
      tally.status.live = live(state, now: now)
      return RunView(tally.results, tally.status)
    }
  }

  private func progress(_ state: FarmState, width: Int?) -> String {
    var line = ProgressLine(tally.results, tally.status)
    line.recipes = tally.recipes
    line.running = steps.text(ofJobs: Set(state.running.map(\.handOut.job)))
    let text = line.text(width: width)
    return state.isDraining ? text + ", stopping when \(tally.status.runningCount) running end" : text
  }

  /// What is under way.
  private func live(_ state: FarmState, now: Double) -> LiveReport {
    var live = LiveReport()
    live.isDraining = state.isDraining
    live.secondsLeft = tally.left(elapsed: now - start).recipes
    live.hosts = roster.hosts.map { host in
      LiveReport.Host(
        name: host.name, rankCount: host.ranks.count, lostRanks: host.ranks.filter(state.lostRanks.contains),
        isQuarantined: state.quarantinedHosts.contains(host.name))
    }
    // Further jobs of a rank were sent ahead.
    var ranks: Set<Int> = []
    let running = state.running.filter { ranks.insert($0.handOut.rank).inserted }.map { running in
      let (step, stepCount) = steps.step(ofJob: running.handOut.job)
      // A pause is no stall unless it is much longer than those before it, and reading files takes its time.
      let patience = max(20, 3 * state.longestPause) * (stepCount > 0 ? 1 : Leader.Policy.preparationFactor)
      return LiveReport.Running(
        trial: work.identifier(ofJob: running.handOut.job), rank: running.handOut.rank,
        host: roster.host(ofRank: running.handOut.rank), step: step, stepCount: stepCount,
        stallSeconds: running.silentSeconds > patience ? running.silentSeconds : nil)
    }
    live.running = running.filter { $0.stallSeconds != nil } + running.filter { $0.stallSeconds == nil }
    return live
  }

  /// Writes what users may read meanwhile: status.json every 5 s, and the tables, on their own thread, every 30 s. Large tables
  /// are written less often, so that they take half a percent of a core's time at most.
  func writeIfDue(now: Double) throws {
    if now - times.status >= 5 {
      times.status = now
      try unlessFull { try writeStatus() }
    }
    try unlessFull {
      let isWriting = tables.isWriting
      defer { if isWriting, !tables.isWriting { times.tables = now } }
      if let written = try tables.poll() { note(written) }
    }
    if now - times.tables >= max(30, 200 * times.tablesCost), tally.doneFlops > 0 { tables.begin() }
  }

  /// Does what a full disk may keep from being done while a run lasts: these files are made of the journal, again and again.
  private func unlessFull(_ write: () throws -> Void) throws {
    do { try write() } catch let error as FileError where error.isOfDisk {
      if !hasSaidFull { console.complain("\(error); the run goes on, and writes it when there is space") }
      hasSaidFull = true
    }
  }

  /// The trials of this run that the journal has no result of; nil where it cannot be read.
  func unfinishedCount() -> Int? {
    tables.cancel()
    guard (try? work.index.refresh()) != nil else { return nil }
    return work.trials.indices.count {
      tally.counts(work.trials[$0]) && work.index[work.identifier(ofJob: $0)]?.hasResult != true
    }
  }

  /// The most trials of a plan whose results are shown when a run is stopped, so that it takes no time that the run may not
  /// have.
  private static let mostShownTrials = 20_000

  /// Prints the summary of the results that are there, if there are any.
  func showResults() {
    guard tally.status.completedCount + tally.status.divergedCount > 0, work.plan.trials.count <= Self.mostShownTrials,
      (try? work.index.refresh()) != nil,
      let rows = try? RunTables.summary(of: work.plan, from: work.index, options: work.judgement)
    else { return }
    console.say("")
    console.say(ConsoleTable.text(rows, options: work.judgement))
  }

  /// Makes the journal of a run that has handed nothing out yet: a folder of results is known by its journal, so that is there
  /// before other files are.
  private func markFolder() throws {
    // One that another leader makes meanwhile stays as it is.
    _ = try RawFile(path: work.folder.journal, flags: O_WRONLY | O_CREAT | O_APPEND)
  }

  /// Writes status.json.
  func writeStatus() throws {
    try markFolder()
    tally.status.live = live(state, now: monotonicSeconds())
    tally.status.updateTime = Date().timeIntervalSince1970
    try tally.status.write(to: work.folder)
  }

  /// Rebuilds every table from the journal and returns the summary. Calls `waiting` ten times a second meanwhile.
  func writeTables(waiting: () throws -> Void) throws -> [SummaryRow] {
    try markFolder()
    // Tables that are being written lack the last results.
    if let written = try tables.finish(waiting: waiting) { note(written) }
    work.page.expectLast()
    tables.begin()
    guard let written = try tables.finish(waiting: waiting) else { return [] }
    note(written)
    return written.rows
  }

  /// Ends a writing of tables before the folder is given up.
  func cancelTables() { tables.cancel() }

  private func note(_ written: TableWriter.Written) {
    times.tablesCost = written.seconds
    if let notice = written.notice { console.say(notice) }
  }
}
