// The CSV files of run folders, each read once: rows by the names of their columns. It writes nothing, and knows of a column
// only what a claims file asks for. Of the journal it asks only whether results in it were made under a fault.

import Foundation
import Host
import JSON5
import Storage
import Tables

/// Why a quantity could not be computed, for the verdict "not run".
package struct NotComputed: Error, Equatable, CustomStringConvertible {
  /// One sentence.
  package let description: String

  package init(description: String) { self.description = description }
}

/// The tables below a folder of run folders.
package final class ResultTables {
  private let folder: String
  private let failureRules: [String]
  private let score: String
  private var known: [String: [[String: String]]] = [:]
  /// The runs whose state was found fit to be judged.
  private var checked: Set<String> = []

  /// The tables below a folder, of runs that must have been judged as a claims file asks.
  package convenience init(folder: String, judgedFor file: ClaimsFile) {
    self.init(folder: folder, failureRule: file.failureRule, score: file.score)
  }

  /// The tables below a folder, of runs that must have been judged by a rule, nil for one of the default rules, and a score.
  package init(folder: String, failureRule: String?, score: String) {
    self.folder = folder
    failureRules = failureRule.map { [$0] } ?? ClaimsFile.defaultRules
    self.score = score
  }

  /// The fields of some columns, of every row that fits, in the order of the file; a row that lacks a field of the rows' own
  /// column or its divisor is passed over.
  ///
  /// - Throws: `NotComputed`.
  package func fields(_ rows: Rows, and more: [String] = []) throws -> [[String]] {
    let needed = ([rows.column] + [rows.divisor].compactMap { $0 }).filter { !$0.isEmpty }
    let table = try table(rows.run, rows.table)
    guard let first = table.first else { throw NotComputed(description: "\(rows.run)/\(rows.table) has no rows") }
    for column in needed + more + rows.requirements.map(\.column) where first[column] == nil {
      let near = Suggestion.phrase(Suggestion.nearest(to: column, among: first.keys.sorted()))
      throw NotComputed(description: "\(rows.run)/\(rows.table) has no column \(column)\(near)")
    }
    for (column, requirement) in rows.requirements {
      switch requirement {
      case .oneOf(let texts) where Self.namingColumns.contains(column):
        // A name that nothing has is a slip, and as a count of 0 it would pass for a finding.
        guard table.contains(where: { requirement.admits($0[column] ?? "") }) else {
          throw NotComputed(
            description: "\(rows.run)/\(rows.table) has no \(column) \(texts.joined(separator: " or "))")
        }
      case .oneOf: break
      case .number:
        if let field = table.lazy.compactMap({ $0[column] }).first(where: { !$0.isEmpty && $0.decimalNumber == nil }) {
          throw NotComputed(description: "\(rows.run)/\(rows.table): \"\(field)\" in \(column) is no number")
        }
      }
    }
    return table.filter { row in
      rows.requirements.allSatisfy { $0.requirement.admits(row[$0.column] ?? "") }
        && needed.allSatisfy { row[$0] != "" }
    }.map { row in (needed + more).map { row[$0] ?? "" } }
  }

  /// Columns whose values a sweep file names.
  private static let namingColumns: Set<String> = ["variant", "task", "model"]

  /// The numbers of the rows' column, divided by its divisor; flags are 1 and 0.
  ///
  /// - Throws: `NotComputed`.
  package func numbers(_ rows: Rows, and more: [String] = []) throws -> [[Double]] {
    let columns = [rows.column] + [rows.divisor].compactMap { $0 } + more
    return try fields(rows, and: more).map { fields in
      var numbers = try zip(columns, fields).map { column, field in
        guard let number = Self.number(field) else {
          throw NotComputed(description: "\(rows.run)/\(rows.table): \"\(field)\" in \(column) is no number")
        }
        return number
      }
      if let column = rows.divisor {
        let divisor = numbers.remove(at: 1)
        guard divisor != 0 else {
          throw NotComputed(
            description: "\(rows.title): \(rows.column) cannot be divided by \(column), which is 0 in a row")
        }
        numbers[0] /= divisor
      }
      return numbers
    }
  }

  /// The same numbers without the rows of runs that diverged and therefore have no finite number, and how many rows these are. Which runs
  /// diverged the column `status` says; of a table without it all rows are kept.
  ///
  /// - Throws: `NotComputed`.
  package func numbersWithoutDiverged(
    _ rows: Rows, and more: [String] = []
  ) throws -> (numbers: [[Double]], divergedCount: Int) {
    let all = try numbers(rows, and: more)
    guard all.contains(where: { !$0.allSatisfy(\.isFinite) }), let statuses = try? fields(rows, and: ["status"]) else {
      return (all, 0)
    }
    let kept = zip(all, statuses).filter { $0.allSatisfy(\.isFinite) || $1.last != "diverged" }.map(\.0)
    return (kept, all.count - kept.count)
  }

  static func number(_ field: String) -> Double? {
    switch field {
    case "true": 1
    case "false": 0
    default: field.decimalNumber
    }
  }

  private func table(_ run: String, _ name: String) throws -> [[String: String]] {
    if let rows = known["\(run)/\(name)"] { return rows }
    guard FileManager.default.fileExists(atPath: "\(folder)/\(run)") else {
      let isRun = FileManager.default.fileExists(atPath: RunFolder(folder).journal)
      throw NotComputed(
        description: "\(run) was not run"
          + (isRun ? "; \(folder) is a run folder itself, and --runs names the folder that it is in" : ""))
    }
    if !checked.contains(run) {
      try checkState(of: run)
      try checkFaults(of: run)
      checked.insert(run)
    }
    return try read(run, name)
  }

  /// Refuses a run of which trials are missing, which would be taken for results of their own kind, one with runs that were stopped for
  /// their curves, and one whose failures were judged by another rule.
  private func checkState(of run: String) throws {
    if let status = FileManager.default.contents(atPath: "\(folder)/\(run)/status.json"),
      let node = try? JSONReader.read([UInt8](status), name: "status")
    {
      guard node["verdict"]?.stringValue == "complete" else {
        throw NotComputed(description: "\(run) is not finished")
      }
      if let limit = node["limit"]?.intValue {
        throw NotComputed(description: "\(run) was run with --limit \(limit), not to its end")
      }
      if let shard = node["shard"]?.stringValue {
        throw NotComputed(description: "\(run) holds --shard \(shard) only; 'seedsweep merge' joins all shards")
      }
    }
    if FileManager.default.fileExists(atPath: "\(folder)/\(run)/summary.csv") { _ = try read(run, "summary.csv") }
    try checkStops(of: run)
  }

  /// Refuses a run with runs that a rule stopped early: what they would have come to nobody knows, and those that went on were chosen.
  private func checkStops(of run: String) throws {
    guard FileManager.default.fileExists(atPath: "\(folder)/\(run)/trials.csv") else { return }
    let count = try read(run, "trials.csv").count { ["stopped", "waiting"].contains($0["early_stop"]) }
    guard count > 0 else { return }
    throw NotComputed(
      description:
        "\(run) has \(counted(count, "run")) that an early-stop rule stopped before \(count == 1 ? "it" : "they") had a "
        + "result; \(RunFolder.stoppedAdvice)")
  }

  /// Refuses a run with results that `run --inject` changed, which no table shows.
  private func checkFaults(of run: String) throws {
    let journal = RunFolder("\(folder)/\(run)").journal
    guard FileManager.default.fileExists(atPath: journal) else { return }
    let index: JournalIndex
    do { index = try JournalIndex(path: journal) } catch { throw NotComputed(description: "\(run): \(error)") }
    if let injected = index.injectedSentence {
      throw NotComputed(
        description: "\(run): \(injected); 'seedsweep run' without --inject trains their trials again")
    }
  }

  /// Refuses rows that say that another rule or score was applied.
  private func checkJudgement(of rows: [[String: String]], _ run: String) throws {
    for row in rows {
      if let rule = row["failure_rule"], let evaluation = row["score"],
        !failureRules.contains(rule) || evaluation != score
      {
        throw NotComputed(
          description: "\(run) is judged by --failure-rule \(rule) --score \(evaluation), the claims are about "
            + "\(failureRules[0]) and \(score)")
      }
    }
  }

  /// A table's rows, which are read once, their judgement checked.
  private func read(_ run: String, _ name: String) throws -> [[String: String]] {
    if let rows = known["\(run)/\(name)"] { return rows }
    let path = "\(folder)/\(run)/\(name)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw NotComputed(description: "\(run) has no \(name); 'seedsweep columns' says which command writes it")
    }
    let rows: [[String: String]]
    do {
      let table = try TextTable(data, path: path, format: .commas)
      rows = table.rows.map { Dictionary(zip(table.columns, $0.fields)) { first, _ in first } }
    } catch let error as DataError {
      throw NotComputed(description: error.description.replacingOccurrences(of: folder + "/", with: ""))
    }
    try checkJudgement(of: rows, run)
    known["\(run)/\(name)"] = rows
    return rows
  }
}

extension Rows {
  /// Whether two may be about the same runs: both read one sweep, and no column is asked to have values in one of them that it is not
  /// allowed to have in the other.
  package func mayShareRuns(with other: Rows) -> Bool {
    guard run == other.run else { return false }
    return !requirements.contains { own in
      other.requirements.contains { $0.column == own.column && own.requirement.excludes($0.requirement) }
    }
  }
}

extension Rows.Requirement {
  /// Whether no field is what both ask for.
  fileprivate func excludes(_ other: Rows.Requirement) -> Bool {
    switch (self, other) {
    case (.oneOf(let texts), _): return !texts.contains { other.admits($0) }
    case (_, .oneOf(let texts)): return !texts.contains { admits($0) }
    case (.number(let one, let first), .number(let two, let second)):
      // Where two half lines meet, they have an end, the middle between their ends or an infinity in common.
      let points = [first, second, first / 2 + second / 2, -.infinity, .infinity]
      return !points.contains { one.holds($0, first) && two.holds($0, second) }
    }
  }

  /// Whether a field is what it must be.
  func admits(_ field: String) -> Bool {
    switch self {
    case .oneOf(let texts):
      return texts.contains { text in
        if text == field { return true }
        guard let one = text.decimalNumber, let other = field.decimalNumber else { return false }
        return one == other
      }
    case .number(let relation, let bound): return field.decimalNumber.map { relation.holds($0, bound) } ?? false
    }
  }
}
