// The tables of an imported folder: those of a run, with empty fields for what only a run of this program knows, and
// import.json, which says where they came from. There is no journal: importing again is how they are rebuilt.

import Comparisons
import Files
import Foundation
import JSON5
import Reports
import Storage
import Tables
import TrialTables
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

  /// Writes import.json, trials.csv, summary.csv, comparisons.csv and, where the source tells of training, curves.csv.
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
    try writeCurves(imported.runs, to: folder.curves)
    let summary = try CSVFile(path: folder.summary, columns: SummaryTable.columns.names())
    for row in SummaryTable.rows(rows, options: options) { try summary.write(row) }
    try summary.finish()
    try ComparisonsTable.write(comparisons, to: folder.comparisons, options: options)
  }

  /// Writes curves.csv of the runs with a result; without such curves there is no file, also none of an earlier import.
  private static func writeCurves(_ runs: [ImportedRun], to path: String) throws {
    guard runs.contains(where: \.hasCurve) else {
      if FileManager.default.fileExists(atPath: path) { try RawFile.remove(path) }
      return
    }
    let curves = try CSVFile(path: path, columns: CurvesTable.columns.names())
    for run in runs where run.hasCurve {
      try CurvesTable.write(
        run.curve, of: ImportedRuns.trialIdentifier(run), variant: run.variant, seed: String(run.seed), to: curves)
    }
    try curves.finish()
  }

  private static func trialRow(_ run: ImportedRun, _ imported: ImportedRuns, _ options: TableOptions) -> TrialRow {
    let failure = imported.failure(of: run, score: options.score)
    let configuration = TrialsTable.Configuration(
      identifier: ImportedRuns.configurationIdentifier(run), variant: run.variant, task: run.task,
      hyperparameters: TrialColumns.configurationNames.map { run.hyperparameters[$0] ?? "" })
    let scores = TrialRow.Scores(
      final: run.final, best: (run.best, run.bestStep), finalHalves: (run.final, run.finalElsewhere),
      bestHalves: (run.best, run.bestElsewhere))
    return TrialRow(
      identifier: ImportedRuns.trialIdentifier(run), configuration: TrialsTable.configurationFields(configuration),
      seeds: TrialColumns.seeds.map { _ in String(run.seed) },
      status: run.missing?.status ?? (failure == .diverged ? .diverged : .completed), failure: failure,
      metric: run.metric, scores: run.missing == nil ? scores : nil,
      judgement: (options.score.rawValue, imported.ruleName(run.task)), stepCount: run.stepCount)
  }

  /// The runs that the trials.csv of an imported folder holds.
  ///
  /// - Throws: `ImportError` for a row that no import wrote, `DataError`, `FileError`.
  package static func runs(_ path: String) throws -> [ImportedRun] {
    let content = Data(try InputFile.contents(of: path))
    let header = try TextTable.header(of: content, path: path, format: .commas)
    // A folder of an earlier version may lack columns of hyperparameters.
    let hyperparameters = TrialColumns.configurationNames.filter(header.contains)
    let table = try TextTable(content, path: path, format: .commas, columns: ownColumns + hyperparameters)
    return try table.rows.map { row in
      let fields = row.fields
      let status = TrialStatus(rawValue: fields[8])
      let isResult = status?.isResult ?? true
      guard let seed = Int(fields[2]), let final = isResult ? Double(fields[4]) : .nan else {
        throw ImportError(["\(path):\(row.line): no seed or score, so no import wrote this row"])
      }
      var run = ImportedRun(
        origin: "\(path):\(row.line)", task: fields[0], variant: fields[1], seed: seed, metric: fields[3], final: final)
      run.best = Double(fields[5])
      run.finalElsewhere = Double(fields[6])
      run.bestElsewhere = Double(fields[7])
      if let status, !isResult { run.missing = MissingResult(status, status.rawValue) }
      let texts = zip(hyperparameters, fields.dropFirst(ownColumns.count)).filter { !$1.isEmpty }
      run.hyperparameters = Dictionary(texts.map { ($0, $1) }, uniquingKeysWith: { one, _ in one })
      return run
    }
  }

  private static let ownColumns = [
    "task", "variant", "seed_init", "metric", "value_final", "value_best", "value_final_b", "value_best_b", "status",
  ]

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
