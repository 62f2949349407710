// A folder of results as papers cite it: a run's, read from its journal, or an imported one, read from its trials.csv and
// import.json, since it has no journal.

import CommandLine
import Digests
import Foundation
import Imports
import Reports
import Storage
import Trials

/// Opens folders for `table` and `check`.
package enum PaperFolder {
  /// The summary of a folder and the digest of its results.
  ///
  /// - Parameters:
  ///   - score: The score of a run; nil for that of the folder's tables, or for the score that an import was told.
  ///   - rule: The rule that judges failure; nil for that of the folder's tables. Imported runs were judged by their baselines.
  /// - Throws: a `Refusal` for a folder that holds neither a run nor an import.
  package static func open(_ path: String, score: ScoreChoice?, rule: FailureRule?) throws -> PaperSource {
    let folder = RunFolder(path)
    let name = URL(fileURLWithPath: folder.path).lastPathComponent
    guard FileManager.default.fileExists(atPath: folder.importSource) else {
      let results = try ResultsFolder(path)
      results.reportDamage()
      let options = TableOptions(of: results.folder).with(rule: rule, score: score).named(for: results.plan)
      return PaperSource(
        name: name, recordName: "journal.jsonl", digest: try SHA256.hex(ofFile: folder.journal),
        rows: try RunTables.summary(of: results.plan, from: results.index, options: options),
        words: results.plan.configurations.map { planned in
          [planned.configuration.taskName, planned.variant]
            + planned.axisValues.map { "\($0.key.split(separator: ".").last ?? "")=\($0.text)" }
        }, options: options)
    }
    if rule != nil {
      throw Refusal("--failure-rule: \(path) is imported, and its baselines judge its runs")
    }
    do { return try imported(folder, name: name, score: score) } catch {
      throw Refusal("\(error)")
    }
  }

  private static func imported(_ folder: RunFolder, name: String, score: ScoreChoice?) throws -> PaperSource {
    let source = try ImportedFolder(folder)
    let score = score ?? source.score
    let rows = source.runs.summary(score: score)
    return PaperSource(
      name: name, recordName: "trials.csv", digest: try SHA256.hex(ofFile: folder.trials), rows: rows,
      words: rows.map { [$0.task, $0.variant] }, options: TableOptions(score: score))
  }
}
