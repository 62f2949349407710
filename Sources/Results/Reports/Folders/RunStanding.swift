// How a run stands, from status.json and the journal, in lines for people and as an exit code. Writes nothing.

import CommandLine
import Foundation
import Host
import Storage
import Trials

/// How far the run of a folder is, or how it ended.
package struct RunStanding {
  /// Seconds without a sign of life after which a running leader is doubted; it writes status.json every 5 s.
  private static let patience = 60.0

  private let results: ResultsFolder
  private let status: StatusReport

  /// Reads a folder.
  ///
  /// - Throws: a `Refusal` for a folder without results or without a readable status.json.
  package init(of path: String) throws {
    results = try ResultsFolder(path)
    guard let data = FileManager.default.contents(atPath: results.folder.status) else {
      throw Refusal("\(path) holds no status.json; 'seedsweep run' writes one when it begins")
    }
    do {
      status = try StatusReport(json: String(decoding: data, as: UTF8.self), name: results.folder.status)
    } catch { throw Refusal("\(error)") }
  }

  /// What the run came to, as an exit code.
  package var exitCode: ExitCode { ExitCode(rawValue: Int32(status.ending.exitCode ?? 75)) ?? .failure }

  /// The lines about the run at a time in seconds since 1970, and about every trial that crashed and has no result.
  package func lines(now: Double) throws -> [String] {
    Self.lines(
      status, try results.trialCounts(limit: status.limit), now: now,
      departed: Lease.departedHolder(in: results.folder.leases)?.title,
      isMerged: results.index.runs.last?.planDigest == FolderMerge.planDigest) + crashLines
  }

  /// The lines about the run, with what the journal has of the trials that it was asked for, which may be ahead of
  /// status.json; `departed` is the last leader if it surely leads no more.
  static func lines(
    _ status: StatusReport, _ counts: (done: Int, missing: Int), now: Double, departed: String? = nil,
    isMerged: Bool = false
  ) -> [String] {
    let progress = ProgressLine(
      doneCount: counts.done, totalCount: counts.done + counts.missing,
      failedCount: status.failedCount, crashedCount: status.exhaustedCount,
      secondsLeft: status.ending == .running ? status.secondsLeft : nil)
    var lines = ["\(status.sweep): \(progress.text)"]
    switch status.ending {
    case .running where departed != nil:
      lines.append("stopped without an end: its leader, \(departed ?? ""), is gone; the same command resumes")
    case .running:
      let silence = now - status.updateTime
      lines.append(
        silence < patience
          ? "running: \(status.runningCount) trial\(status.runningCount == 1 ? " trains" : "s train") now"
          : "not heard of for \(readable(seconds: silence)): if it was killed, the same command resumes")
    case .complete:
      lines.append("complete: every trial\(status.limit.map { " of the first \($0)" } ?? "") has a result")
    case .incomplete where isMerged:
      lines.append(
        "incomplete: no merged folder has a result of the others; 'seedsweep run' with the sweep and this folder as --output "
          + "trains them")
    case .incomplete: lines.append("incomplete: some trials crashed; the same command tries them again")
    case .drained: lines.append("stopped early: the same command resumes")
    }
    return lines
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
