// The rows of a table as runs: which of them came to their end, and which hyperparameters they tell.

import Digests
import Foundation
import JSON5
import Tables
import TrainerFiles
import Trials

extension ImportRequest {
  /// The runs of a table, what was left out, and what a user should know of them.
  func runsOfTable() throws -> ReadRuns {
    let read = ImportedRun.Column.allCases.filter { $0 != .variant && columns[$0] != nil }
    let named = hyperparameters.map(\.column)
    let table = try RunTable(
      path: path, columns: read.compactMap { columns[$0] } + named, recipeColumns: recipeColumns)
    var names = columns
    if !table.recipeColumns.isEmpty { names[.variant] = table.recipeColumns.joined(separator: ",") }
    let states = try States(self, table)
    var result = ReadRuns()
    result.notes = table.remarks
    if let column = states.column, columns[.state] == nil { result.settings.append(("state-column", column)) }
    result.settings += settings(table)
    let rows = zip(table.rows, states.missing).map { row, missing -> ImportedRun.Row in
      var imported = ImportedRun.Row(
        "\(path):\(row.line)",
        Dictionary(
          uniqueKeysWithValues: read.compactMap { column in
            row.texts[columns[column] ?? ""].map { (column, $0) }
          }))
      imported.fields[.variant] = recipe(table.recipeColumns, row)
      imported.missing = missing
      imported.isDiverged = states.word(of: row).flatMap(RunStates.status) == .diverged
      let texts = table.header.compactMap { name in row.texts[name].map { (name: name, text: $0) } }
      imported.hyperparameters = HyperparameterColumns.values(texts)
      for given in hyperparameters {
        imported.hyperparameters[given.name] =
          row.texts[given.column].flatMap { HyperparameterColumns.usable($0, for: given.name) }
      }
      imported.stepCount = HyperparameterColumns.stepCount(texts)
      return imported
    }
    (result.runs, result.leftOut) = try ImportedRun.runs(rows: rows, columnNames: names)
    result.digest = try SHA256.hex(ofFile: path)
    return result
  }

  /// The name of a recipe: the one column's text, or `lr=1e-5, warmup=0.1` of several.
  private func recipe(_ columns: [String], _ row: RunTable.Row) -> String? {
    let texts = columns.map { row.texts[$0] ?? "" }
    guard !texts.isEmpty, !texts.contains("") else { return nil }
    if columns.count == 1 { return texts[0] }
    return zip(columns, texts).map { "\(HyperparameterColumns.key($0))=\($1)" }.joined(separator: ", ")
  }

  /// What import.json says of the columns that were found by their names.
  private func settings(_ table: RunTable) -> [(name: String, value: String)] {
    let known = HyperparameterColumns.known(among: table.header)
    let named = hyperparameters.map { (name: "hyperparameter \($0.name)", value: $0.column) }
    return named + (known.isEmpty ? [] : [(name: "hyperparameter-columns", value: known.joined(separator: ", "))])
  }

  /// The rows of Ray Tune's table whose trial ended before the others of its task and recipe. Its column `done` is no help: it
  /// is false for every trial of a function that returned.
  fileprivate func rayResults(_ table: RunTable) -> [MissingResult?] {
    let none = [MissingResult?](repeating: nil, count: table.rows.count)
    guard table.header.contains(RunTable.iterationColumn), table.header.contains(RunTable.trialColumn),
      !countsUnfinished
    else { return none }
    func iteration(_ row: RunTable.Row) -> Int {
      row.texts[RunTable.iterationColumn].flatMap { HyperparameterColumns.number($0) }.flatMap { Int($0) } ?? 0
    }
    // Tasks differ in their number of iterations as recipes do.
    func taskAndRecipe(_ row: RunTable.Row) -> [String] {
      [columns[.task].flatMap { row.texts[$0] } ?? "", recipe(table.recipeColumns, row) ?? ""]
    }
    var longest: [[String]: Int] = [:]
    for row in table.rows {
      let name = taskAndRecipe(row)
      longest[name] = max(longest[name] ?? 0, iteration(row))
    }
    return table.rows.map { row in
      let most = longest[taskAndRecipe(row)] ?? 0
      guard iteration(row) < most, row.texts[RunTable.doneColumn]?.lowercased() != "true" else { return nil }
      return MissingResult(.preempted, "unfinished", detail: "iteration \(iteration(row)) of \(most)")
    }
  }
}

/// How the runs of a table ended.
private struct States {
  /// The column that says it; nil where none does.
  let column: String?
  /// Why each row has no result, nil for those that have one.
  let missing: [MissingResult?]

  init(_ request: ImportRequest, _ table: RunTable) throws {
    let column = request.columns[.state] ?? RunStates.column(of: table.header, words: table.texts(of:))
    self.column = column
    var missing = request.rayResults(table)
    var problems = ImportProblems()
    for (index, row) in table.rows.enumerated() {
      guard let column else { break }
      let word = row.texts[column] ?? ""
      switch RunStates.status(word) {
      case .completed, .diverged: break
      case .preempted where request.countsUnfinished && Self.isScore(row.texts[request.columns[.final] ?? ""]): break
      case .crashed, .lost, .timeout, .preempted, .stopped:
        missing[index] = MissingResult(RunStates.status(word) ?? .crashed, word.lowercased())
      case nil:
        problems.add(
          "\(request.path):\(row.line)",
          ": column '\(column)': found '\(word)', expected the state of a run, such as finished, crashed or running; "
            + "--state-column names another column")
      }
    }
    try problems.check()
    self.missing = missing
  }

  /// Whether the last score of an unfinished run is one. `nan` is none there: it may stand for an empty field, as pandas writes
  /// that with na_rep='nan'.
  private static func isScore(_ text: String?) -> Bool {
    guard let text, !text.isEmpty else { return false }
    return text.decimalNumber?.isNaN != true
  }

  /// What a row says of its run's end; nil where no column does.
  func word(of row: RunTable.Row) -> String? { column.flatMap { row.texts[$0] } }
}
