// Every recipe's scores as a matrix of runs by tasks, for programs that compare over tasks (rliable, Agarwal et al. 2021, takes a
// dictionary of such matrices). A table of its own; what is compared is theirs.

import Reports
import Tables
import Trials

/// The scores of a folder, one matrix for each recipe.
package enum ScoreMatrix {
  /// Writes one row for each recipe and its seeds and one column for each task. A run without a value has its task's constant classifier's score, as
  /// `mean_imputed` counts it (`nan` if that is unknown); one that is missing is an empty field.
  ///
  /// - Throws: `PaperError` if a task has two recipes of one name, or a task is called like a column; `FileError`.
  package static func write(_ source: PaperSource, to path: String) throws {
    let tasks = source.rows.map(\.task).uniqued()
    let own = ["algorithm", "run"]
    if let task = tasks.first(where: own.contains) {
      throw PaperError(
        description: "--score-matrix: a task called '\(task)' has no column beside \(own.joined(separator: " and "))")
    }
    var scores: [String: [String: [String: Double]]] = [:]
    let names = source.words.map { $0.dropFirst().joined(separator: " ") }
    for (name, row) in zip(names, source.rows) {
      guard scores[name]?[row.task] == nil else {
        throw PaperError(description: "--score-matrix: \(row.task) has two recipes called '\(name)'")
      }
      let values = zip(row.runs.map(\.seeds), row.values.map { $0.isNaN ? row.constantScore ?? .nan : $0 })
      scores[name, default: [:]][row.task] = Dictionary(values, uniquingKeysWith: { one, _ in one })
    }
    let file = try CSVFile(path: path, columns: own + tasks)
    for name in names.uniqued() {
      let columns = scores[name] ?? [:]
      let rows = zip(names, source.rows).filter { $0.0 == name }.map(\.1)
      for seeds in rows.flatMap({ $0.runs.map(\.seeds) }).uniqued() {
        try file.write([.text(name), .text(seeds)] + tasks.map { .number(columns[$0]?[seeds]) })
      }
    }
    try file.finish()
  }
}
