// Removes the tables that other commands made of a folder's results once the folder reports other trials or judges them in
// another way: the trials in trials.csv are compared with those of the table that is about to replace it, the rule and the score
// with those that each table names.

import CommandLine
import Files
import Foundation
import JSON5
import Storage
import Tables
import Trials

/// Tables that were made of other results than those that are reported next, or by another judgement.
package enum StaleTables {
  /// Removes those of `tables` that the folder has and that are stale, and returns a line that names them and the commands that
  /// make them again; nil where none is.
  ///
  /// - Throws: an error of the journal's.
  package static func remove(
    _ tables: [DerivedTable], from folder: RunFolder, before plan: SweepPlan, _ index: JournalIndex,
    options: TableOptions
  ) throws -> String? {
    let present = tables.filter { access(folder.path(of: $0), F_OK) == 0 }
    guard !present.isEmpty else { return nil }
    let (planned, written) = (try reported(plan, index), reported(in: folder))
    let isOfOtherTrials = planned != written
    let options = options.named(for: plan)
    let isJudgedAnew = !TableOptions(of: folder).named(for: plan).judges(as: options)
    let relabelled = present.filter { hasFormerNames(folder.path(of: $0), plan) }
    let stale = present.filter { table in
      isOfOtherTrials || relabelled.contains(table) || table.isJudged && isJudgedAnew
        || TableJudgement(ofTable: folder.path(of: table))?.differs(from: options) ?? false
    }
    let removed = stale.filter { unlink(folder.path(of: $0)) == 0 }
    guard !removed.isEmpty else { return nil }
    let commands = removed.map(\.command).uniqued()
    let isOne = removed.count == 1
    let areRenamed = Set(planned.map { $0.dropLast() }) == Set(written.map { $0.dropLast() })
    let reason =
      if isOfOtherTrials ? areRenamed : removed.allSatisfy(relabelled.contains) {
        "of variants with other names"
      } else {
        isOfOtherTrials ? "of other results" : "by another failure rule or score"
      }
    return removed.map { folder.path(of: $0) }.joined(separator: ", ")
      + (isOne ? " was made \(reason) and is removed; " : " were made \(reason) and are removed; ")
      + commands.map { ShellText.cited("seedsweep \($0) \(ShellText.quoted(folder.path))") }.joined(separator: ", ")
      + (commands.count == 1 ? " makes " : " make ") + (isOne ? "it anew" : "them anew") + figures(folder)
  }

  /// How trials.csv differs from the table that the journal gives now by the rule and the score that trials.csv names, in words that
  /// follow the folder's name; nil where it does not. A copy of parts from different times differs, and so does a table that was
  /// changed. Columns that trials.csv lacks are not asked for, because older versions of the program did not write all of them.
  ///
  /// - Throws: an error of the journal's.
  package static func difference(
    _ folder: RunFolder, from plan: SweepPlan, _ index: JournalIndex
  ) throws -> String? {
    let other = "has no trials.csv with the results of its journal"
    let names = ["trial_id", "status", "variant"]
    guard let data = FileManager.default.contents(atPath: folder.trials),
      let found = try? TextTable(data, path: folder.trials, format: .commas), names.allSatisfy(found.columns.contains)
    else { return other }
    let judgement = TableJudgement(ofTable: folder.trials)
    let options = TableOptions(of: folder).with(
      rule: judgement?.rule.flatMap { FailureRule($0) }, score: judgement?.score.flatMap { ScoreChoice(rawValue: $0) })
    let bytes = Data(try RunTables.trialsTable(plan, from: index, options: options))
    guard let given = try? TextTable(bytes, path: folder.trials, format: .commas) else { return other }
    if let unknown = found.columns.first(where: { !given.columns.contains($0) }) {
      return "has a trials.csv with the column \(unknown), which its journal does not give"
    }
    let columns = found.columns.map { name in (name: name, index: given.columns.firstIndex(of: name) ?? 0) }
    let keys = columns.indices.filter { names.contains(columns[$0].name) }
    guard found.rows.count == given.rows.count else { return other }
    for (row, expected) in zip(found.rows, given.rows) {
      if keys.contains(where: { row.fields[$0] != expected.fields[columns[$0].index] }) { return other }
      let differing = columns.indices.first { !agree(row.fields[$0], expected.fields[columns[$0].index]) }
      if let differing {
        let trial = keys.first { columns[$0].name == "trial_id" }.map { row.fields[$0] } ?? ""
        return "has a trials.csv in which \(columns[differing].name) of trial \(trial) is not what its journal gives"
      }
    }
    return nil
  }

  /// Whether two fields say the same. Numbers with a fraction may differ in their last digits, which depend on the C library, and paths
  /// in the folder that they begin with, which copies for others leave out.
  private static func agree(_ one: String, _ other: String) -> Bool {
    if one == other { return true }
    if one.isEmpty || other.isEmpty || Int(one) != nil && Int(other) != nil { return false }
    if let first = one.decimalNumber, let second = other.decimalNumber {
      return abs(first - second) <= 1e-9 * max(abs(first), abs(second))
    }
    return one.hasSuffix("/" + other) || other.hasSuffix("/" + one)
  }

  /// A trial that a table of a folder names and that the plan does not have; nil where there is none, or no such table.
  package static func foreignTrial(inTable name: String, of folder: RunFolder, _ plan: SweepPlan) -> String? {
    let path = "\(folder.path)/\(name)"
    guard let data = FileManager.default.contents(atPath: path),
      let table = try? TextTable(data, path: path, format: .commas)
    else { return nil }
    let columns = table.columns.indices.filter { trialColumns.contains(table.columns[$0]) }
    for row in table.rows {
      for column in columns where !row.fields[column].isEmpty {
        if plan.trialIndex(identifier: row.fields[column]) == nil { return row.fields[column] }
      }
    }
    return nil
  }

  /// The columns in which tables of analyses name trials.
  private static let trialColumns: Set<String> = [
    "trial_id", "trial_a", "trial_b", "trial_failed", "trial_successful",
  ]

  /// Whether a table of pairs calls a recipe of the plan by another name than the plan does. In a table of several folders
  /// names end with the folder.
  private static func hasFormerNames(_ path: String, _ plan: SweepPlan) -> Bool {
    let columns = ["a_configuration_id", "a", "b_configuration_id", "b"]
    guard let table = try? TextTable(path: path, format: .commas, columns: columns) else { return false }
    let names = Dictionary(plan.configurations.map { ($0.identifier, [$0.recipeName]) }, uniquingKeysWith: +)
    func isFormer(_ identifier: String, _ name: String) -> Bool {
      guard let known = names[identifier], !name.contains(" in ") else { return false }
      return !known.contains(name)
    }
    return table.rows.contains { isFormer($0.fields[0], $0.fields[1]) || isFormer($0.fields[2], $0.fields[3]) }
  }

  /// What follows for the folder's figures, if it has any.
  private static func figures(_ folder: RunFolder) -> String {
    let path = folder.path + "/figures"
    guard access(path, F_OK) == 0 else { return "" }
    return "; the figures in \(path) still show what was, "
      + "\(ShellText.cited("scripts/figures.py \(ShellText.quoted(folder.path))")) draws them anew"
  }

  /// The trials of a plan that have a result and count, what the result is (one that was made under a fault is replaced by
  /// another), and their variant.
  private static func reported(_ plan: SweepPlan, _ index: JournalIndex) throws -> Set<[String]> {
    let progress = try SequentialProgress(plan, from: index)
    return Set(
      plan.trials.indices.lazy.filter { progress?.counts($0) ?? true }.compactMap { position in
        let (trial, planned) = (plan.trialIdentifier(at: position), plan.configurationIndex(trialIndex: position))
        guard let status = index[trial]?.status, status.isResult else { return nil }
        return [trial, status.rawValue, plan.configurations[planned].variant]
      })
  }

  /// The trials with a result in a folder's trials.csv; none where there is no such table.
  private static func reported(in folder: RunFolder) -> Set<[String]> {
    let table = try? TextTable(path: folder.trials, format: .commas, columns: ["trial_id", "status", "variant"])
    return Set((table?.rows ?? []).map(\.fields).filter { TrialStatus(rawValue: $0[1])?.isResult == true })
  }
}
