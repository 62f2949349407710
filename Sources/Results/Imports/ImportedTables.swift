// The tables of an imported folder: those of a run, with empty fields for what only a run of this program knows, and
// import.json, which says where they came from. There is no journal: importing again is how they are rebuilt.

import Files
import Foundation
import JSON5
import Reports
import Storage
import Tables
import Trials

/// Where imported runs came from.
package struct ImportSource: Sendable {
  /// The file or folder as it was named.
  package var path: String
  /// The SHA-256 of what was read.
  package var digest: String
  /// What was read as what: the words of the command line, without dashes.
  package var settings: [(name: String, value: String)]

  package init(path: String, digest: String, settings: [(name: String, value: String)]) {
    self.path = path
    self.digest = digest
    self.settings = settings
  }
}

/// Writes the tables of an imported folder.
package enum ImportedTables {
  /// Creates the folder, or checks that it is one that an import made.
  ///
  /// - Throws: `RunFolderError` for a folder with other files, `FileError`.
  package static func create(_ folder: RunFolder) throws {
    try RawFile.createFolder(folder.path)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasPrefix(WholeFile.temporaryPrefix) }
    guard names.isEmpty || names.contains("import.json") else {
      throw RunFolderError(
        description:
          "\(folder.path) holds files and no import.json, so no import made it; choose a new or empty folder "
          + "for --output")
    }
  }

  /// Writes import.json, trials.csv, summary.csv and comparisons.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(
    _ imported: ImportedRuns, _ rows: [SummaryRow], _ comparisons: [Comparison], from source: ImportSource,
    to folder: RunFolder, options: TableOptions
  ) throws {
    try WholeFile.write(provenance(source), to: folder.importSource)
    let trials = try CSVFile(path: folder.trials, columns: TrialsTable.columns.names())
    for run in imported.runs { try trials.write(TrialsTable.fields(trialRow(run, imported, options))) }
    try trials.finish()
    let summary = try CSVFile(path: folder.summary, columns: SummaryTable.columns.names())
    for row in SummaryTable.rows(rows, options: options) { try summary.write(row) }
    try summary.finish()
    try ComparisonsTable.write(comparisons, to: folder.comparisons, options: options)
  }

  private static func trialRow(_ run: ImportedRun, _ imported: ImportedRuns, _ options: TableOptions) -> TrialRow {
    let failure = imported.failure(of: run, score: options.score)
    let configuration = TrialsTable.Configuration(
      identifier: ImportedRuns.configurationIdentifier(run), variant: run.variant, task: run.task,
      hyperparameters: TrialColumns.configurationNames.map { _ in "" })
    return TrialRow(
      identifier: ImportedRuns.trialIdentifier(run), configuration: TrialsTable.configurationFields(configuration),
      seeds: TrialColumns.seeds.map { _ in String(run.seed) },
      status: failure == .diverged ? .diverged : .completed, failure: failure, metric: run.metric,
      scores: TrialRow.Scores(
        final: run.final, best: (run.best, nil), finalHalves: (run.final, run.finalElsewhere),
        bestHalves: (run.best, run.bestElsewhere)),
      judgement: (options.score.rawValue, imported.ruleName(run.task)))
  }

  private static func provenance(_ source: ImportSource) -> String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      writer.field("source", source.path)
      writer.field("sha256", source.digest)
      for (name, value) in source.settings {
        writer.field(name, value)
      }
    }
    return writer.text + "\n"
  }
}
