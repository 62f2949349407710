// The rows of a table of runs that something else trained, field by field. Where the columns are and how the file holds them is
// its reader's business.

import JSON5
import Tables

extension ImportedRun {
  /// What a column of a table of runs may hold.
  package enum Column: String, CaseIterable, Sendable {
    /// The task; one task where there is no such column.
    case task
    /// The recipe.
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
  }

  /// The runs that rows hold.
  ///
  /// - Parameters:
  ///   - rows: where each row stands, for messages, and its fields.
  ///   - columnNames: what the file calls its columns.
  /// - Throws: `ImportError` with every field that is not what it should be.
  package static func runs(
    rows: [(origin: String, fields: [Column: String])], columnNames: [Column: String]
  ) throws -> [ImportedRun] {
    var problems: [String] = []
    func complain(_ origin: String, _ column: Column, _ problem: String) {
      problems.append("\(origin): column '\(columnNames[column] ?? "")'\(problem)")
    }
    let runs = rows.map { origin, fields -> ImportedRun in
      func text(_ column: Column, or missing: String) -> String {
        guard let text = fields[column] else { return missing }
        if text.isEmpty { complain(origin, column, " is empty") }
        return text
      }
      func number(_ column: Column) -> Double? {
        guard let text = fields[column] else { return nil }
        if let number = text.decimalNumber { return number.isFinite ? number : .nan }
        complain(origin, column, ": found '\(text)', expected a number, or nan for a run that diverged")
        return .nan
      }
      let seedText = fields[.seed] ?? ""
      if Int(seedText) == nil { complain(origin, .seed, ": found '\(seedText)', expected a whole number") }
      var run = ImportedRun(
        origin: origin, task: text(.task, or: "task"), variant: text(.variant, or: "recipe"), seed: Int(seedText) ?? 0,
        metric: text(.metric, or: "score"), final: number(.final) ?? .nan)
      run.best = number(.best)
      run.finalElsewhere = number(.finalElsewhere)
      run.bestElsewhere = number(.bestElsewhere)
      return run
    }
    guard problems.isEmpty else { throw ImportError(problems) }
    return runs
  }
}
