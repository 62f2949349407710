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
  /// What the journal has of the trials that the run was asked for.
  struct Counts: Equatable {
    var doneCount = 0
    var missingCount = 0
    /// Results that count as failed runs, diverged ones among them.
    var failedCount = 0
    var divergedCount = 0
    /// The rule by which runs failed.
    var rule = FailureRule.baseline
    /// The recipes, where they are few.
    var recipes: [ProgressLine.Recipe] = []
  }

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
  private let status: StatusReport
  private let counts: Counts
  private let ending: Ending

  /// Reads a folder.
  ///
  /// - Throws: a `Refusal` for a folder without results or without a readable status.json.
  package init(of path: String) throws {
    // It is read before the journal, which may only be ahead of it.
    let status = try Self.status(RunFolder(path))
    results = try ResultsFolder(path)
    guard let status else {
      throw Refusal("\(path) holds no status.json; 'seedsweep run' writes one when it begins")
    }
    self.status = try status.get()
    counts = try Self.counts(results, self.status.part)
    ending = Self.ending(
      self.status, counts, lastEnd: results.index.lastEnd?.ending, isForeign: Self.isForeign(results))
  }

  /// The status that status.json holds, or why it cannot be read; nil where there is none.
  private static func status(_ folder: RunFolder) throws -> Result<StatusReport, Refusal>? {
    guard let data = FileManager.default.contents(atPath: folder.status) else { return nil }
    do {
      return .success(try StatusReport(json: String(decoding: data, as: UTF8.self), name: folder.status))
    } catch { return .failure(Refusal("\(error)")) }
  }

  private static func counts(_ results: ResultsFolder, _ part: PlanPart) throws -> Counts {
    // Failed is what it is on the leader's screen: see `RunTally`.
    let options =
      results.plan.stop == nil ? TableOptions(of: results.folder).named(for: results.plan) : TableOptions()
    let rows = try RunTables.summary(
      of: results.plan, part: part, from: results.index, options: options)
    var counts = Counts()
    counts.rule = options.rule
    for row in rows {
      counts.doneCount += row.count
      counts.missingCount += row.missingCount
      counts.failedCount += row.failedCount
      counts.divergedCount += row.count(of: .diverged)
    }
    counts.recipes = ProgressLine.Recipe.few(of: results.plan)
    if !counts.recipes.isEmpty { for row in rows { counts.recipes.set(row) } }
    return counts
  }

  /// Whether the journal mentions trials and none of the plan's.
  private static func isForeign(_ results: ResultsFolder) -> Bool {
    results.index.trialCount > 0
      && results.plan.trials.indices.allSatisfy { results.index[results.plan.trialIdentifier(at: $0)] == nil }
  }

  /// How a run stands by its journal: `lastEnd` is the end of the last run that wrote to it, nil where that left none.
  static func ending(
    _ status: StatusReport, _ counts: Counts, lastEnd: Storage.Ending?, isForeign: Bool = false
  ) -> Ending {
    if status.ending == .running && lastEnd == nil { return .running }
    guard counts.missingCount > 0 else { return .complete }
    let isBehind = counts.doneCount < status.completedCount + status.divergedCount
    if status.ending != .running, isBehind || isForeign || lastEnd == nil { return .lost }
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

  /// The lines about the run at a time in seconds since 1970, about every trial that crashed and has no result, and about what
  /// the journal lost and what of it does not count.
  package func lines(now: Double) -> [String] {
    Self.lines(
      status, counts, ending, now: now, departed: Lease.departedHolder(in: results.folder.leases)?.title,
      isMerged: results.index.runs.last?.planDigest == ResultsFolder.mergedPlanDigest) + crashLines
      + results.index.remarks
      + results.index.mismatches.map(\.description)
  }

  /// The lines about the run; `departed` is the last leader if it surely leads no more.
  static func lines(
    _ status: StatusReport, _ counts: Counts, _ ending: Ending, now: Double, departed: String? = nil,
    isMerged: Bool = false
  ) -> [String] {
    var progress = ProgressLine(
      doneCount: counts.doneCount, totalCount: counts.doneCount + counts.missingCount,
      failedCount: counts.failedCount, divergedCount: counts.divergedCount, crashedCount: status.exhaustedCount,
      secondsLeft: ending == .running ? status.secondsLeft : nil, rule: counts.rule)
    progress.recipes = counts.recipes
    return ["\(status.sweep): \(progress.text)", line(status, counts, ending, now, departed, isMerged)]
  }

  private static func line(
    _ status: StatusReport, _ counts: Counts, _ ending: Ending, _ now: Double, _ departed: String?, _ isMerged: Bool
  ) -> String {
    switch ending {
    case .running:
      if let departed { return "stopped without an end: its leader, \(departed), is gone; the same command resumes" }
      let silence = now - status.updateTime
      return silence < patience
        ? "running: \(status.runningCount) trial\(status.runningCount == 1 ? " trains" : "s train") now"
        : "not heard of for \(readable(seconds: silence)): if it was killed, the same command resumes"
    case .complete: return "complete: every trial\(status.part.title) has a result"
    case .incomplete where isMerged:
      return
        "incomplete: no merged folder has a result of the others; 'seedsweep run' with the sweep and this folder as --output "
        + "trains them"
    case .incomplete: return "incomplete: some trials crashed; the same command tries them again"
    case .stopped: return "stopped early: the same command resumes"
    case .lost:
      return "unfinished: the journal holds \(counts.doneCount) of the "
        + "\(counted(status.completedCount + status.divergedCount, "result")) that the last run ended with, so it was emptied, "
        + "cut or replaced; the same command trains the trials that have none"
    }
  }

  /// Every trial that crashed and has no result.
  private var crashLines: [String] {
    results.plan.trials.indices.compactMap { index in
      let identifier = results.plan.trialIdentifier(at: index)
      guard let history = results.index[identifier], !history.hasResult, let status = history.status,
        status != .preempted
      else { return nil }
      return "  \(identifier) \(status.rawValue) (\(results.plan.trials[index].variant), "
        + "\(results.plan.trials[index].seeds.title)), see \(results.folder.log(ofTrial: identifier))"
    }
  }
}

extension PlanPart {
  /// What stands behind "every trial"; nothing for the whole plan.
  fileprivate var title: String {
    (limit.map { " of the first \($0)" } ?? "") + (shard.map { " of shard \($0)" } ?? "")
  }
}
