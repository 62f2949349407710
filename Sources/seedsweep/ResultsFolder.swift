// An existing folder of results, opened for reading: the plan it was made from and the index of its journal.

import CommandLines
import Foundation
import Reports
import SweepFile
import Trials

/// An existing folder of results.
struct ResultsFolder {
  /// The folder.
  let folder: RunFolder
  /// The plan of the last run.
  let plan: SweepPlan
  /// What the journal says.
  let index: JournalIndex

  /// Opens a folder.
  ///
  /// - Throws: a `Refusal` for a folder without a journal or a readable sweep.json.
  init(_ path: String, command: String) throws {
    folder = RunFolder(path)
    guard FileManager.default.fileExists(atPath: folder.journal),
      let data = FileManager.default.contents(atPath: folder.sweep)
    else {
      throw Refusal(
        "seedsweep \(command): \(path) is no folder of results: it holds no journal.jsonl and sweep.json")
    }
    do { plan = try SweepPlan(json: String(decoding: data, as: UTF8.self), name: folder.sweep) } catch {
      throw Refusal("seedsweep \(command): \(error)")
    }
    index = try JournalIndex(path: folder.journal)
  }

  /// Prints what was wrong with the journal.
  func reportDamage() {
    for skipped in index.skipped { say("\(folder.journal): skipped \(skipped)") }
    for mismatch in index.mismatches { complain("\(mismatch)") }
  }

  /// The trials of the plan that have a result and, where recipes may stop, count.
  var resultCount: Int { get throws { try trialCount(withResult: true) } }

  /// Trials without a result, those aside that a recipe stopped before.
  var missingCount: Int { get throws { try trialCount(withResult: false) } }

  private func trialCount(withResult hasResult: Bool) throws -> Int {
    let progress = try SequentialProgress(plan, from: index)
    return plan.trials.indices.count {
      (index[plan.trialIdentifier(at: $0)]?.hasResult ?? false) == hasResult && progress?.counts($0) ?? true
    }
  }
}
