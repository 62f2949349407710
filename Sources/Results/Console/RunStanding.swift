// How a run stands, in lines for people and as an exit code. The journal decides what is done, failed and over; status.json only
// adds what the leader alone knows, such as the seconds that are left. Writes nothing.

import CommandLine
import Foundation
import Host
import Reports
import Storage
import Trials

/// How far the run of a folder is, or how it ended.
package struct RunStanding {
  /// How a run stands.
  enum Ending: Equatable {
    /// Its leader writes, or was killed.
    case running
    /// Every trial has a result.
    case complete
    /// Some trials crashed beyond their retries, or are in no merged folder.
    case incomplete
    /// It stopped, or more was asked for later.
    case stopped
    /// The journal lacks results that it had when the run ended.
    case lost
  }

  /// Seconds without a sign of life after which a running leader is doubted; it writes status.json every 5 s.
  private static let patience = 60.0

  private let results: ResultsFolder
  private var status: StatusReport
  /// What users are told where status.json cannot be read; nil where it can.
  private var statusRemark: String?
  private var counts: RunCounts
  private var ending = Ending.running
  /// The number of runs that the journal knew when the counts were made.
  private let runCount: Int
  private var folder: RunFolder { results.folder }

  /// Reads a folder.
  ///
  /// - Throws: a `Refusal` for a folder without results.
  package init(of path: String) throws {
    // It is read before the journal, which may only be ahead of it.
    let found = Self.status(RunFolder(path))
    results = try ResultsFolder(path)
    switch found {
    case .success(let written): status = written
    case .failure(let problem):
      status = Self.status(byJournalOf: results)
      statusRemark =
        "\(problem); what is said here comes from the journal and is about every trial of the sweep, because --limit and "
        + "--shard stand in that file alone; \(RunFolder.statusAdvice)"
    }
    counts = try RunCounts(
      results.plan, status.part, from: results.index,
      judgement: TableOptions(of: results.folder).named(for: results.plan))
    runCount = results.index.runs.count
    ending = judged
  }

  /// Reads what was written since the last reading: of the journal only what was appended, unless it is another one, or another
  /// run has begun that may have another plan.
  ///
  /// - Throws: what the initializer throws.
  package mutating func refresh() throws {
    // A file that is being replaced on a network file system may be missing for a moment.
    let found = try? Self.status(folder).get()
    let status = found ?? status
    var trials: Set<String> = []
    try results.index.refresh { trials.insert($0) }
    if results.index.isReplaced || results.index.runs.count != runCount || status.part != counts.part {
      self = try RunStanding(of: folder.path)
      return
    }
    self.status = status
    if found != nil { statusRemark = nil }
    for trial in trials {
      if let trial = results.plan.trialIndex(identifier: trial) { try counts.note(trial, from: results.index) }
    }
    ending = judged
  }

  /// The status that status.json holds, or why it cannot be read.
  private static func status(_ folder: RunFolder) -> Result<StatusReport, Refusal> {
    guard let data = FileManager.default.contents(atPath: folder.status) else {
      return .failure(Refusal("\(folder.status) is missing or cannot be read"))
    }
    do {
      return .success(try StatusReport(json: String(decoding: data, as: UTF8.self), name: folder.status))
    } catch { return .failure(Refusal("\(error)")) }
  }

  /// As much of a status as the journal knows: how the last run ended, or which trials were under way when it was written last.
  private static func status(byJournalOf results: ResultsFolder) -> StatusReport {
    var status = StatusReport()
    status.sweep = results.plan.name
    status.ending = results.index.lastEnd?.ending ?? .running
    let open = results.plan.trials.indices.compactMap { results.index[results.plan.trialIdentifier(at: $0)] }
      .filter { !$0.hasResult }
    status.runningCount = open.count { $0.openRank != nil }
    if status.ending != .running { status.exhaustedCount = open.count { $0.status?.isFailedAttempt ?? false } }
    let attributes = try? FileManager.default.attributesOfItem(atPath: results.folder.journal)
    status.updateTime = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return status
  }

  private var judged: Ending {
    Self.ending(status, counts, lastEnd: results.index.lastEnd?.ending, isForeign: isForeign)
  }

  /// Whether the journal mentions trials and none of the plan's.
  private var isForeign: Bool {
    results.index.trialCount > 0
      && results.plan.trials.indices.allSatisfy { results.index[results.plan.trialIdentifier(at: $0)] == nil }
  }

  /// How a run stands by its journal: `lastEnd` is the end of the last run that wrote to it, nil where that left none.
  static func ending(
    _ status: StatusReport, _ counts: RunCounts, lastEnd: Storage.Ending?, isForeign: @autoclosure () -> Bool
  ) -> Ending {
    if status.ending == .running && lastEnd == nil { return .running }
    guard counts.total.doneCount < counts.total.plannedCount else { return .complete }
    let isBehind = counts.total.doneCount < status.completedCount + status.divergedCount
    if status.ending != .running, isBehind || isForeign() || lastEnd == nil { return .lost }
    return lastEnd == .incomplete ? .incomplete : .stopped
  }

  /// What the run came to, as an exit code.
  package var exitCode: ExitCode {
    switch ending {
    case .complete: .success
    case .incomplete: .failure
    case .running, .stopped, .lost: .resumable
    }
  }

  /// Whether the run is over: nobody writes the folder, as far as can be told.
  package var isOver: Bool { ending != .running || Lease.departedHolder(in: folder.leases) != nil }

  /// A text that changes while a leader holds the folder; nil where surely nobody does.
  package var leaderBeat: String? { Lease.beat(in: folder.leases) }

  /// The lines about the run at a time in seconds since 1970, about every trial that crashed and has no result, about
  /// a status.json that cannot be read, and about what the journal lost and what of it does not count.
  package func lines(now: Double) -> [String] {
    let remarks = [statusRemark].compactMap(\.self) + results.index.remarks
    return [progressLine(), stateLine(now: now)] + crashLines + remarks + results.index.mismatches.map(\.description)
  }

  /// How far the run is. Only what fits into `width` columns with the sweep's name stands beside the counts, where that is given;
  /// where the counts do not fit with it, the name is left out.
  package func progressLine(width: Int? = nil) -> String {
    var line = ProgressLine(counts, status)
    if ending != .running { line.secondsLeft = nil }
    line.recipes = counts.few
    let title = status.sweep + ": "
    let titled = title + line.text(width: width.map { $0 - TerminalText.width(title) })
    guard let width, TerminalText.width(titled) > width else { return titled }
    return line.text(width: width)
  }

  /// The run for a terminal at a time in seconds since 1970.
  package func view(now: Double) -> RunView {
    var view = RunView(counts, status)
    view.title = status.sweep
    if ending != .running || now - status.updateTime >= Self.patience { view.remark = stateLine(now: now) }
    return view
  }

  private func stateLine(now: Double) -> String {
    let departed = Lease.departedHolder(in: folder.leases)?.title
    let isMerged = results.index.runs.last?.planDigest == ResultsFolder.mergedPlanDigest
    switch ending {
    case .running:
      if let departed { return "stopped without an end: its leader, \(departed), is gone; the same command resumes" }
      let silence = now - status.updateTime
      return silence < Self.patience
        ? "running: \(status.runningCount) trial\(status.runningCount == 1 ? " trains" : "s train") now"
        : "not heard of for \(readable(seconds: silence)): if it was killed, the same command resumes"
    case .complete:
      let stopped = counts.total.stoppedCount
      return "complete: every trial\(status.part.title) has a result"
        + (stopped == 0 ? "" : ", but for \(counted(stopped, "trial")) that stop.early stopped")
    case .incomplete where isMerged:
      return
        "incomplete: no merged folder has a result of the others; 'seedsweep run' with the sweep and this folder as --output "
        + "trains them"
    case .incomplete: return "incomplete: some trials crashed; the same command tries them again"
    case .stopped: return "stopped early: the same command resumes"
    case .lost:
      return "unfinished: the journal holds \(counts.total.doneCount) of the "
        + "\(counted(status.completedCount + status.divergedCount, "result")) that the last run ended with, so it was emptied, "
        + "cut or replaced; the same command trains the trials that have none"
    }
  }

  /// Every trial that crashed and has no result.
  private var crashLines: [String] {
    results.plan.trials.indices.compactMap { index in
      let identifier = results.plan.trialIdentifier(at: index)
      guard let history = results.index[identifier], !history.hasResult, let status = history.status,
        status.isFailedAttempt
      else { return nil }
      return "  \(identifier) \(status.rawValue) (\(results.plan.trialTitle(at: index))), see "
        + results.folder.log(ofTrial: identifier)
    }
  }
}

extension PlanPart {
  /// What stands behind "every trial"; nothing for the whole plan.
  fileprivate var title: String {
    (limit.map { " of the first \($0)" } ?? "") + (shard.map { " of shard \($0)" } ?? "")
  }
}
