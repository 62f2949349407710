// What is to be imported: a tidy table, or the trainer_state.json files below a folder, and how its runs are judged.

import Digests
import Foundation
import JSON5
import Reports
import Storage
import Tables

/// What the constant classifier scores on a task.
package struct TaskBaseline: Sendable {
  package let task: String
  package let score: Double

  /// The baseline that a text such as `RTE=0.5271` gives; nil for another text.
  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let score = parts[1].decimalNumber, score.isFinite else { return nil }
    task = parts[0]
    self.score = score
  }
}

/// What to import and how to read it.
package struct ImportRequest: Sendable {
  /// The table, or the folder of Trainer states.
  package let path: String
  /// Whether `path` is a folder.
  package let isFolder: Bool
  /// Column names by what they hold, for a table.
  package let columns: [ImportedRun.Column: String]
  /// How paths name runs, for a folder.
  package var pattern: String?
  /// The key of the score, for a folder.
  package var metricKey = ""
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

  /// The runs, checked and judged.
  ///
  /// - Throws: `ImportError`, `DataError`.
  package func runs() throws -> ImportedRuns {
    try ImportedRuns(states?.runs() ?? runsOfTable(), baselines: baselines, tolerance: tolerance)
  }

  /// What import.json says of the source.
  package func source() throws -> ImportSource {
    var settings = ImportedRun.Column.allCases.compactMap { column in
      columns[column].map { (name: "\(column.rawValue)-column", value: $0) }
    }
    if let states {
      settings += [(name: "path-pattern", value: states.pattern), (name: "metric-key", value: states.metric)]
    }
    for (task, value) in baselines.sorted(by: { $0.key < $1.key }) {
      settings.append((name: "baseline \(task)", value: "\(value)"))
    }
    settings.append((name: "tolerance", value: "\(tolerance)"))
    settings.append((name: "score", value: score.rawValue))
    return ImportSource(
      path: path, digest: try states?.digest() ?? SHA256.hex(ofFile: path), settings: settings)
  }

  /// The states of a folder; nil for a table.
  private var states: TrainerStates? {
    isFolder ? TrainerStates(folder: RunFolder(path).path, pattern: pattern ?? "", metric: metricKey) : nil
  }

  /// The rows of a table as runs.
  private func runsOfTable() throws -> [ImportedRun] {
    let read = ImportedRun.Column.allCases.filter { columns[$0] != nil }
    let table = try TextTable(path: path, format: try TableFormat(path: path), columns: read.compactMap { columns[$0] })
    return try ImportedRun.runs(
      rows: table.rows.map { row in
        ("\(path):\(row.line)", Dictionary(uniqueKeysWithValues: zip(read, row.fields)))
      }, columnNames: columns)
  }
}
