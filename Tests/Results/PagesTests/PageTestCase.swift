// A folder with a journal that pages are made from.

import Digests
import Foundation
import Reports
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

class PageTestCase: FolderTestCase {
  /// A plan with one variant for each label and `seeds` seeds.
  func plan(_ variants: [(name: String, label: String)], seeds: Int, name: String = "s") throws -> SweepPlan {
    try SweepPlan(
      name: name,
      configurations: variants.enumerated().map { index, variant in
        PlannedConfiguration(
          variant: variant.name, label: variant.label, configuration: TrialConfiguration(), axisValues: [],
          identifier: String(SHA256.hex(of: "\(index)").prefix(16)))
      }, seeds: (1...UInt64(seeds)).map { TrialSeeds(tied: $0) })
  }

  /// A folder with the outcomes of a plan's trials, nil for a trial without one, and its tables.
  func results(_ plan: SweepPlan, in name: String = "out", _ outcome: (_ trial: Int) -> Outcome?) throws -> RunFolder {
    let folder = RunFolder("\(folder)/\(name)")
    try folder.create()
    try Data(plan.encodedJSON().utf8).write(to: URL(fileURLWithPath: folder.sweep))
    let journal = try JournalWriter(path: folder.journal, epoch: 1)
    try journal.append([.runStart(Example.start)])
    try journal.append(
      plan.trials.indices.compactMap { index in
        outcome(index).map {
          .outcome(
            TrialRecord(trial: plan.trialIdentifier(at: index), attempt: 1, timing: Example.timing, outcome: $0))
        }
      })
    try RunTables.write(plan, from: try JournalIndex(path: folder.journal), to: folder)
    return folder
  }

  /// An outcome with a training curve of some records: the chance loss and the majority's score where it fails.
  func outcome(failed: Bool, records: Int = 20, correct: Int = 9) -> Outcome {
    var outcome = Example.outcome(correct: failed ? [6, 6] : [7, correct], isConstant: failed)
    outcome.stepCount = records
    outcome.curve = (1...records).map { step in
      CurvePoint(step: step, epoch: 0, quantity: "loss", value: failed ? 0.69 : 0.69 / Double(step))
    }
    return outcome
  }

  func text(_ folder: RunFolder, time: Double = 0) throws -> String {
    ReportPage([try PageFolder(folder.path)], time: time).document { _, file in "./" + file }.text
  }

  /// The rows of a table by the names of their columns.
  func rows(_ path: String) throws -> [[String: String]] {
    let lines = try contents(path).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }
}
