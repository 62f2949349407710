// What the user sees while trials train: the banner, progress, crashes the moment they happen, tables every half minute.

import CommandLine
import Farm
import Foundation
import Host
import Reports
import Trials

/// When what was last refreshed, in seconds on the monotonic clock.
struct ReportTimes {
  var lease = monotonicSeconds()
  var status = monotonicSeconds()
  var tables = monotonicSeconds()
  /// Seconds the last writing of tables took.
  var tablesCost = 0.0
}

/// Notices that nothing but the same crash happens.
struct CrashWatch {
  /// Distinct trials after which a run of nothing but equal crashes stops.
  static let limit = 3
  private var trials: Set<String> = []
  private var reason: String?
  private var isHopeless = true

  /// A trial got a result, so the others may as well.
  mutating func noteResult() { isHopeless = false }

  /// Notes a crash and answers with its reason if the first few trials all crashed for it.
  mutating func note(crash message: String, of trial: String) -> String? {
    let text = message.replacingOccurrences(of: trial, with: "TRIAL_ID")
    if let reason, reason != text { isHopeless = false }
    reason = text
    trials.insert(trial)
    return isHopeless && trials.count >= Self.limit ? message : nil
  }
}

extension TrialLedger {
  func admit(rank: Int, identity: [UInt8]) throws {
    let identity = try RankIdentity(encoded: identity)
    try setting.numerics.check(identity, rank: rank, leader: setting.leader)
    ranks[rank] = identity
    guard ranks.count == setting.rankCount, !setting.trials.isEmpty else { return }
    let bytes = setting.sweep.bytesPerRank(of: setting.trials)
    for host in Set(ranks.values.map(\.host)).sorted() {
      let local = ranks.values.filter { $0.host == host }
      let memory = local.map(\.memoryByteCount).min() ?? 0
      if let refusal = MemoryCheck.refusal(
        ranks: local.count, bytesPerRank: bytes, host: host, memoryByteCount: memory,
        addressByteCount: local.compactMap(\.addressByteCount).min(), threads: setting.leader.threadCount)
      {
        throw Refusal("seedsweep run: \(refusal)")
      }
    }
    printer.clear()
    for line in Banner.lines(ranks: ranks, leader: setting.leader) { say(line) }
  }

  /// Counts a result, unless its recipe has stopped before it.
  func count(_ outcome: Outcome, ofTrial place: Int) {
    crashes.noteResult()
    if sequential?.counts(place) == false { return }
    if outcome.status == .diverged { status.divergedCount += 1 } else { status.completedCount += 1 }
    if FailureRule.accuracy.failure(of: outcome, score: .final) != nil { status.failedCount += 1 }
    doneFlops += setting.sweep.cost(ofTrial: place).flopsTotal
    if let stopped = sequential?.note(place, SequentialProgress.Fate(outcome)) { withdraw(stopped) }
    if outcome.status == .completed, let message = outcome.message {
      printer.clear()
      complain("seedsweep run: a trial is complete, but \(message)")
    }
  }

  /// Takes the trials beyond a recipe's stop out of what is planned and counted.
  private func withdraw(_ configuration: Int) {
    guard let sequential else { return }
    let plan = setting.sweep.plan
    let trials = configuration * plan.seeds.count..<(configuration + 1) * plan.seeds.count
    for place in trials.clamped(to: setting.sweep.trialIndices(limit: setting.limit)) where !sequential.counts(place) {
      status.plannedCount -= 1
      switch sequential.fate(place) {
      case .unknown: totalFlops -= setting.sweep.cost(ofTrial: place).flopsTotal
      case .successful: status.completedCount -= 1
      case .failed: (status.completedCount, status.failedCount) = (status.completedCount - 1, status.failedCount - 1)
      case .diverged: (status.divergedCount, status.failedCount) = (status.divergedCount - 1, status.failedCount - 1)
      }
    }
    printer.clear()
    say("\(plan.configurations[configuration].title): " + sequential.description(ofConfiguration: configuration))
  }

  /// Prints a crash and stops the run if it does nothing but crash.
  func report(crash message: String, of handOut: HandOut, isFinal: Bool) throws {
    report(failure: "crashed", message, of: handOut, isFinal: isFinal)
    let trial = trial(ofJob: handOut.job)
    if let reason = crashes.note(crash: message, of: trial.identifier) {
      throw Refusal(
        "seedsweep run: the first \(CrashWatch.limit) trials all crashed the same way, so the run stops: \(reason)",
        code: .failure)
    }
  }

  /// Prints an attempt that its rank did not end.
  func report(loss reason: String, _ status: TrialStatus, of handOut: HandOut, isFinal: Bool) {
    report(failure: status == .timeout ? "was stopped" : "was lost", reason, of: handOut, isFinal: isFinal)
  }

  /// Prints and logs an attempt without a result, and stops the run if there are more such trials than allowed.
  private func report(failure verb: String, _ message: String, of handOut: HandOut, isFinal: Bool) {
    let trial = trial(ofJob: handOut.job)
    let what =
      "trial \(trial.identifier) (\(trial.variant), \(trial.seeds.title)) \(verb) on host \(host(ofRank: handOut.rank)), "
      + "rank \(handOut.rank)"
    let text = "\(what), attempt \(handOut.attempt): \(message)"
    let log = try? setting.folder.writeLog(text, ofTrial: trial.identifier)
    printer.clear()
    say("\(what)\(isFinal ? " for the last time" : ", will be tried again"): \(message)")
    if let log { say("  log: \(log)") }
    guard isFinal else { return }
    status.exhaustedCount += 1
    guard let limit = setting.failureLimit, stopReason == nil,
      limit.isExceeded(by: status.exhaustedCount, of: status.plannedCount)
    else { return }
    stopReason =
      "\(status.exhaustedCount) trial\(status.exhaustedCount == 1 ? "" : "s") without a result, and --max-failures is \(limit)"
    setting.signals.drain.raise()
  }

  func notice(lost rank: Int, reason: String) {
    printer.clear()
    say("rank \(rank) on host \(host(ofRank: rank)) is lost: \(reason)")
  }

  func notice(found rank: Int) {
    printer.clear()
    say("rank \(rank) on host \(host(ofRank: rank)) is back")
  }

  func notice(quarantined site: String) {
    printer.clear()
    say("host \(site) gets no more trials while others do: several failed there at once, one after another")
  }

  func notice(progress report: [UInt8], of handOut: HandOut) {
    guard case .notice(let text) = try? TrialReport(encoded: report) else { return }
    printer.clear()
    complain("seedsweep run: rank \(handOut.rank) on host \(host(ofRank: handOut.rank)): \(text)")
  }

  /// The line about a trial that has failed as often as it may.
  func crashLine(ofJob job: Int) -> String {
    let trial = trial(ofJob: job)
    return "No result: trial \(trial.identifier) (\(trial.variant), \(trial.seeds.title)) "
      + "\(failures[job]?.rawValue ?? "crashed"); "
      + "see \(setting.folder.log(ofTrial: trial.identifier))"
  }

  func notice(duplicate answer: Answer, matches: Bool) {
    guard !matches else { return }
    printer.clear()
    let trial = trial(ofJob: answer.handOut.job)
    complain(
      "seedsweep run: trial \(trial.identifier) gave two different results, the second on rank \(answer.handOut.rank); "
        + "the first is kept. A processor or its memory may be faulty, or the ranks run different programs.")
  }

  func tick(_ state: FarmState) throws {
    let now = monotonicSeconds()
    if let signal = setting.signals.urgent {
      // What is under way keeps what it has, as far as mpirun leaves time for it.
      if setting.keepsCheckpoints { setting.signals.drain.raise() }
      let since = urgentSince ?? now
      urgentSince = since
      if state.running.isEmpty || now - since >= setting.graceSeconds { throw try stopped(by: signal) }
    }
    watchWallTime(state, now)
    status.runningCount = Set(state.running.map(\.handOut.rank)).count
    status.secondsLeft = ProgressLine.secondsLeft(
      doneWork: doneFlops, remainingWork: totalFlops - doneFlops, elapsedSeconds: now - start)
    if ranks.count == setting.rankCount || !state.running.isEmpty { printer.show(progress(state), now: now) }
    if now - reportTimes.lease >= 1 { try renewLease() }
    if now - reportTimes.status >= 5 {
      reportTimes.status = now
      try writeStatus()
    }
    // Large tables are written less often, so that they take half a percent of the leader's time at most.
    if now - reportTimes.tables >= max(30, 200 * reportTimes.tablesCost), doneFlops > 0 {
      try writeTables()
      reportTimes.tables = monotonicSeconds()
      reportTimes.tablesCost = reportTimes.tables - now
    }
  }

  /// Says that this leader lives, and throws if it leads no more.
  func renewLease() throws {
    reportTimes.lease = monotonicSeconds()
    try setting.lease.renew()
  }

  /// Ends the run because of a signal, while there is time for it.
  func stopped(by signal: Int32) throws -> StopRequested {
    try end(.drained)
    try setting.lease.release()
    _ = setting.parent.reported(.resumable)
    printer.clear()
    say("Stopped by signal \(signal): everything finished is kept, and the same command resumes.")
    return StopRequested()
  }

  /// Starts nothing that the remaining time is too short for, and stops everything before it is over.
  private func watchWallTime(_ state: FarmState, _ now: Double) {
    guard let wallTime = setting.wallTime else { return }
    let next = state.nextJob.map { setting.sweep.cost(ofTrial: setting.trials[$0]).flopsTotal } ?? 0
    let need =
      setting.keepsCheckpoints
      ? wallTime.startSeconds : doneFlops == 0 ? 0 : next / doneFlops * doneSeconds
    let left = wallTime.secondsLeft(now: now, longestPause: state.longestPause)
    if left < need, !setting.signals.hold.isRaised {
      setting.signals.hold.raise()
      printer.clear()
      say("The time is nearly over: no trial starts any more.")
    }
    if left <= 0 { setting.signals.drain.raise() }
  }

  private func progress(_ state: FarmState) -> String {
    let line = ProgressLine(
      doneCount: status.completedCount + status.divergedCount, totalCount: status.plannedCount,
      failedCount: status.failedCount, crashedCount: status.exhaustedCount, secondsLeft: status.secondsLeft)
    return state.isDraining ? line.text + ", stopping when \(status.runningCount) running end" : line.text
  }

  /// Writes status.json.
  func writeStatus() throws {
    status.updateTime = Date().timeIntervalSince1970
    try status.write(to: setting.folder)
  }

  /// Rebuilds every table from the journal and returns the summary.
  @discardableResult
  func writeTables() throws -> [SummaryRow] {
    try index.refresh()
    if let notice = try StaleTables.remove(from: setting.folder, before: setting.sweep.plan, index) {
      printer.clear()
      say(notice)
    }
    return try RunTables.write(setting.sweep.plan, from: index, to: setting.folder)
  }
}
