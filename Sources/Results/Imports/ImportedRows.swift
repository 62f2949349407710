// The rows of a table of runs that something else trained, field by field. Where the columns are and how the file holds them is
// its reader's business.

import JSON5
import Tables
import TrainerFiles
import Trials

extension ImportedRun {
  /// What a column of a table of runs may hold.
  package enum Column: String, CaseIterable, Sendable {
    /// The task; one task where there is no such column.
    case task
    /// The recipe; one recipe where there is no such column.
    case variant
    /// The seed, a whole number.
    case seed
    /// The metric's name.
    case metric
    /// The score at the end of training.
    case final
    /// The best score.
    case best
    /// The score at the end of training on other examples.
    case finalElsewhere = "final-b"
    /// The score on other examples where the first ones are best.
    case bestElsewhere = "best-b"
    /// How the run ended.
    case state
  }

  /// A row of a table of runs.
  package struct Row: Sendable {
    /// Where it stands, for messages.
    package var origin: String
    /// Its fields; one that is a null of JSON has no text.
    package var fields: [Column: String]
    /// Why the run has no result; nil for one that came to its end.
    package var missing: MissingResult?
    /// Whether its source says that it diverged, whatever its scores say.
    package var isDiverged = false
    /// The hyperparameters that it tells, by the columns of trials.csv.
    package var hyperparameters: [String: String] = [:]
    /// The updates that the run made.
    package var stepCount: Int?

    package init(_ origin: String, _ fields: [Column: String]) {
      self.origin = origin
      self.fields = fields
    }
  }

  /// The runs that rows hold, and what was left out.
  ///
  /// - Parameter columnNames: what the file calls its columns.
  /// - Throws: `ImportError` with every field that is not what it should be.
  package static func runs(
    rows: [Row], columnNames: [Column: String]
  ) throws -> (runs: [ImportedRun], leftOut: [LeftOut]) {
    var problems = ImportProblems()
    var unnamed: [(reason: String, origin: String)] = []
    let runs = rows.compactMap { row -> ImportedRun? in
      var reader = RowReader(row: row, columnNames: columnNames)
      let run = reader.run()
      if let missing = row.missing, !reader.problems.isEmpty {
        unnamed.append(("\(missing.reason) without a recipe or seed", row.origin))
        return nil
      }
      for problem in reader.problems { problems.add(row.origin, problem.text, kind: problem.kind) }
      return run
    }
    try problems.check()
    return (runs, LeftOut.grouped(unnamed))
  }
}

/// Reads the fields of one row and gathers what is wrong with them.
private struct RowReader {
  let row: ImportedRun.Row
  let columnNames: [ImportedRun.Column: String]
  /// What is wrong, and what the same mistake has in common in other rows.
  private(set) var problems: [(text: String, kind: String)] = []

  init(row: ImportedRun.Row, columnNames: [ImportedRun.Column: String]) {
    self.row = row
    self.columnNames = columnNames
  }

  mutating func run() -> ImportedRun {
    let seed = seed()
    let (task, variant) = (text(.task, or: "task"), text(.variant, or: ImportedRun.onlyVariant))
    let metric = text(.metric, or: "score")
    var run = ImportedRun(
      origin: row.origin, task: task, variant: variant, seed: seed, metric: metric, final: number(.final) ?? .nan)
    run.best = number(.best)
    run.finalElsewhere = number(.finalElsewhere)
    run.bestElsewhere = number(.bestElsewhere)
    run.missing = row.missing
    run.hyperparameters = row.hyperparameters
    run.stepCount = row.stepCount
    return run
  }

  private mutating func complain(_ column: ImportedRun.Column, _ problem: String) {
    let text = ": column '\(columnNames[column] ?? "")'\(problem)"
    problems.append((text, text))
  }

  /// Complains of a text that is no number.
  private mutating func complain(_ column: ImportedRun.Column, of text: String, expected: String) {
    let advice = NumberAdvice.advice(on: text)
    problems.append(
      (
        ": column '\(columnNames[column] ?? "")': found '\(text)', expected \(expected)\(advice)",
        "\(column) \(advice)\(advice.isEmpty ? text : "")"
      ))
  }

  private mutating func text(_ column: ImportedRun.Column, or missing: String) -> String {
    guard columnNames[column] != nil else { return missing }
    guard let text = row.fields[column], !text.isEmpty else {
      complain(column, " is empty")
      return ""
    }
    return text
  }

  /// A whole number; pandas writes those of a column with gaps as 1.0.
  private mutating func seed() -> Int {
    let text = row.fields[.seed] ?? ""
    if let seed = Int(text) ?? HyperparameterColumns.number(text).flatMap({ Int($0) }) { return seed }
    complain(.seed, of: text, expected: Self.expectedSeed(insteadOf: text))
    return 0
  }

  /// What is expected where a text is no seed. A whole number is one that is too large, or that a point or an exponent may have
  /// rounded.
  private static func expectedSeed(insteadOf text: String) -> String {
    guard let number = text.decimalNumber, number == number.rounded() else { return "a whole number" }
    let isRounded = text.contains(where: ".eE".contains)
    return "a whole number from \(Int.min) to \(Int.max)" + (isRounded ? ", without a point or an exponent" : "")
  }

  /// A score; NaN for a run that diverged or has no result.
  private mutating func number(_ column: ImportedRun.Column) -> Double? {
    guard columnNames[column] != nil else { return nil }
    if row.missing != nil || row.isDiverged && column == .final { return column == .final ? .nan : nil }
    if row.isDiverged, row.fields[column]?.isEmpty ?? true { return nil }
    guard let text = row.fields[column] else {
      complain(
        column,
        " is null, an array or an object; allowed: a number, or NaN or \"nan\" for a run that diverged. A run without a "
          + "result needs a state, such as \"crashed\", in the column that --state-column names")
      return .nan
    }
    if let number = text.decimalNumber { return number.isFinite ? number : .nan }
    if text.isEmpty {
      complain(
        column,
        " is empty; write nan for a run that diverged (pandas: to_csv(..., na_rep='nan')), and for one without a result its "
          + "state, such as crashed, in the column that --state-column names")
    } else {
      complain(column, of: text, expected: "a number, or nan for a run that diverged")
    }
    return .nan
  }
}
