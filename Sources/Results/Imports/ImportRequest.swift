// What is to be imported: a tidy table, or the trainer_state.json files below a folder, and how its runs are judged.

import Foundation
import JSON5
import Reports
import Storage
import Tables
import Tasks
import TrialTables
import Trials

/// What the constant classifier scores on a task.
package struct TaskBaseline: Sendable {
  package let task: String
  package let score: Double

  /// The baseline that a text such as `RTE=0.5271` gives; nil for another text. The task's name may have an equals sign in it.
  package init?(_ text: String) {
    guard let sign = text.lastIndex(of: "="), let score = text[text.index(after: sign)...].decimalNumber, score.isFinite
    else { return nil }
    task = String(text[..<sign])
    self.score = score
  }
}

/// The column of a hyperparameter whose name nobody would guess.
package struct HyperparameterColumn: Sendable {
  /// The hyperparameter's column in trials.csv.
  package let name: String
  /// The column of the imported table.
  package let column: String

  /// The column that a text such as `learning_rate=peak` gives; nil for another text.
  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, TrialColumns.configurationNames.contains(parts[0]) else { return nil }
    (name, column) = (parts[0], parts[1])
  }
}

/// What was read, before it is judged.
struct ReadRuns {
  /// The runs in the order of the source.
  var runs: [ImportedRun] = []
  /// What was not taken.
  var leftOut: [LeftOut] = []
  /// What a user should know.
  var notes: [String] = []
  /// What import.json says of how they were read, beside the flags.
  var settings: [(name: String, value: String)] = []
  /// The SHA-256 of what was read.
  var digest = ""
}

/// What to import and how to read it.
package struct ImportRequest: Sendable {
  /// The table, or the folder of Trainer states.
  package let path: String
  /// Whether `path` is a folder.
  package let isFolder: Bool
  /// Column names by what they hold, for a table; those of the recipe are in `recipeColumns`.
  package let columns: [ImportedRun.Column: String]
  /// The columns that name the recipe, for a table; several in one text are separated by commas.
  package var recipeColumns: [String] = []
  /// The columns of hyperparameters that have unusual names, for a table.
  package var hyperparameters: [HyperparameterColumn] = []
  /// How paths name runs, for a folder.
  package var pattern: String?
  /// The key of the score, for a folder.
  package var metricKey = ""
  /// Whether a run that ended before its last step counts with its last score.
  package var countsUnfinished = false
  /// Whether evaluations after training are left out, for a folder.
  package var skipsAfterTraining = false
  /// Whether a lower score is better; nil where nobody says.
  package var lowerIsBetter: Bool?
  /// The constant classifier's score on each task.
  package var baselines: [String: Double] = [:]
  /// How far above the baseline a score still counts as the baseline.
  package var tolerance = 0.0
  /// The score that judges.
  package var score = ScoreChoice.final

  package init(path: String, columns: [ImportedRun.Column: String]) {
    self.path = path
    self.columns = columns
    var isFolder: ObjCBool = false
    self.isFolder = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The runs, checked and judged, and what import.json says of their source.
  ///
  /// - Throws: `ImportError`, `DataError`, `FileError`.
  package func read() throws -> (runs: ImportedRuns, source: ImportSource) {
    let states = states
    let read = try states?.runs() ?? runsOfTable()
    try checkDirection(read.runs)
    var imported = try ImportedRuns(
      read.runs, baselines: baselines, tolerance: tolerance, lowerIsBetter: lowerIsBetter ?? false,
      recipeFlag: isFolder ? "{variant} in --path-pattern" : "--variant-column")
    imported.leftOut = read.leftOut + imported.leftOut
    imported.notes = read.notes
    return (imported, ImportSource(path: path, digest: read.digest, settings: settings(states, read)))
  }

  /// What import.json says of how the source was read.
  private func settings(_ states: TrainerStates?, _ read: ReadRuns) -> [(name: String, value: String)] {
    var settings: [(name: String, value: String)] = ImportedRun.Column.allCases.flatMap { column in
      let value = column == .variant ? recipeColumns.joined(separator: ",") : columns[column] ?? ""
      return value.isEmpty ? [] : [(name: "\(column.rawValue)-column", value: value)]
    }
    settings += read.settings
    if let states {
      settings += [(name: "path-pattern", value: states.pattern), (name: "metric-key", value: states.metric)]
    }
    if countsUnfinished { settings.append((name: "count-unfinished", value: "true")) }
    if skipsAfterTraining { settings.append((name: "skip-after-training", value: "true")) }
    if lowerIsBetter == true { settings.append((name: "lower-is-better", value: "true")) }
    for (task, value) in baselines.sorted(by: { $0.key < $1.key }) {
      settings.append((name: "baseline \(task)", value: "\(value)"))
    }
    settings.append((name: "tolerance", value: "\(tolerance)"))
    settings.append((name: "score", value: score.rawValue))
    return settings
  }

  /// Refuses a score such as a loss until somebody says in which direction it is better.
  private func checkDirection(_ runs: [ImportedRun]) throws {
    guard lowerIsBetter == nil else { return }
    let names = isFolder ? [metricKey] : [columns[.final]].compactMap { $0 } + runs.map(\.metric).uniqued()
    guard let name = names.first(where: ScoreDirection.isLoss) else { return }
    throw ImportError([
      "'\(name)' seems to be better where it is lower; add --lower-is-better, or --higher-is-better if it is not"
    ])
  }

  /// The states of a folder; nil for a table.
  private var states: TrainerStates? {
    isFolder
      ? TrainerStates(
        folder: RunFolder(path).path, pattern: pattern ?? "", metric: metricKey, lowerIsBetter: lowerIsBetter ?? false,
        countsUnfinished: countsUnfinished, skipsAfterTraining: skipsAfterTraining) : nil
  }
}
