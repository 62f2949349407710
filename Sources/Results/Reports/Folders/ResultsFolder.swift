// An existing folder of results, opened for reading: the plan it was made from and the index of its journal.

import CommandLine
import Foundation
import Host
import JSON5
import Storage
import Trials

/// An existing folder of results.
package struct ResultsFolder {
  /// What stands for the digest of a plan in the journal of a merged folder.
  package static let mergedPlanDigest = "merge"

  /// The folder.
  package let folder: RunFolder
  /// The plan of the last run.
  package let plan: SweepPlan
  /// What the journal says.
  package let index: JournalIndex

  /// Opens a folder.
  ///
  /// - Throws: a `Refusal` for a folder without a journal or a readable sweep.json.
  package init(_ path: String) throws {
    folder = RunFolder(path)
    guard FileManager.default.fileExists(atPath: folder.journal),
      let data = FileManager.default.contents(atPath: folder.sweep)
    else {
      throw Refusal(folder.readersRefusal)
    }
    do { plan = try SweepPlan(json: String(decoding: data, as: UTF8.self), name: folder.sweep) } catch {
      let file = error is CodecError ? "\(folder.sweep): " : ""
      throw Refusal("\(file)\(error); \(RunFolder.sweepAdvice)")
    }
    index = try JournalIndex(path: folder.journal)
  }

  /// Prints what the journal lost and what of it does not count, and how many runs have no result because a rule stopped them.
  package func reportDamage() {
    for remark in index.remarks { say(remark) }
    for mismatch in index.mismatches { complain("\(mismatch)") }
    if let remark = try? stoppedRemark() { say(remark) }
  }

  /// How many runs have no result because a rule stopped them.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package func stoppedCount() throws -> Int {
    // Elsewhere no outcome needs to be read.
    guard plan.earlyStop != nil, let early = try SequentialProgress(plan, from: index)?.early else { return 0 }
    return plan.trials.indices.count { [.stopped, .waiting].contains(early.fate($0)) }
  }

  /// How many runs have no result because a rule stopped them, in words; nil where none is.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package func stoppedRemark() throws -> String? {
    let count = try stoppedCount()
    guard let stop = plan.earlyStop, count > 0 else { return nil }
    return
      "\(folder.path): stop.early (\(stop.rule.name)) stopped \(counted(count, "run")) that \(count == 1 ? "has" : "have") "
      + "no result"
  }

  /// Refuses a folder with runs that have no result because a rule stopped them.
  ///
  /// - Throws: a `Refusal`.
  package func requireNoStoppedRuns(for command: String) throws {
    guard let remark = try stoppedRemark() else { return }
    throw Refusal("\(remark), which \(command) needs of every run; \(RunFolder.stoppedAdvice)")
  }

  /// How many trials of a part of the plan have a result, and how many have none. Trials after their recipe's stop are left
  /// out.
  package func trialCounts(of part: PlanPart = PlanPart()) throws -> (done: Int, missing: Int) {
    let progress = try SequentialProgress(plan, from: index)
    var (done, missing) = (0, 0)
    for trial in part.indices(of: plan.trials.count) where progress?.counts(trial) ?? true {
      if index[plan.trialIdentifier(at: trial)]?.hasResult ?? false { done += 1 } else { missing += 1 }
    }
    return (done, missing)
  }

  /// Refuses a folder whose trials a program of the user's own trained.
  ///
  /// - Parameters:
  ///   - command: The command that refuses.
  ///   - what: What it needs and only our own trainer leaves.
  /// - Throws: a `Refusal`.
  package func requireOwnTrainer(for command: String, _ what: String) throws {
    guard plan.isOfProgram else { return }
    throw Refusal(
      "the trials of \(folder.path) were trained by a program of your own (program.command), and \(command) needs \(what), which "
        + "only the built-in trainer leaves; compare, components, table and report work with what this folder holds")
  }
}
