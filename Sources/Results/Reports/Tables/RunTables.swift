// Writes every table of a folder from its journal, in plan order, one outcome in memory at a time. Calling it again, in
// the middle of a run or with another rule, replaces the tables whole.

import Foundation
import JSON5
import Statistics
import Storage
import Tables
import Trials

/// Writes the tables of a folder.
package enum RunTables {
  /// Writes every table of a plan: of the trials that count, where it declares a stop. `check` is called before each trial's rows
  /// and before the tables take their names; what it throws leaves the old ones.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read, and what `check` throws.
  @discardableResult
  package static func write(
    _ plan: SweepPlan, from index: JournalIndex, to folder: RunFolder, options: TableOptions = TableOptions(),
    check: () throws -> Void = {}
  ) throws -> [SummaryRow] {
    let progress = try SequentialProgress(plan, from: index)
    return try write(
      reported(plan, progress), progress, from: index, to: folder, options: options.named(for: plan), check)
  }

  /// The summary of a plan, without writing anything: of the trials that count, where it declares a stop.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func summary(
    of plan: SweepPlan, part: PlanPart = PlanPart(), from index: JournalIndex, options: TableOptions = TableOptions()
  ) throws -> [SummaryRow] {
    let progress = try SequentialProgress(plan, from: index)
    var rows = try summary(of: reported(plan, progress, part), from: index, options: options)
    progress?.mark(&rows)
    return rows
  }

  /// The trials of a part of a plan that count.
  private static func reported(
    _ plan: SweepPlan, _ progress: SequentialProgress?, _ part: PlanPart = PlanPart()
  ) -> some Sequence<Trial> {
    zip(plan.trials, 0..<min(part.limit ?? .max, plan.trials.count)).lazy
      .filter { part.contains($0.1) && progress?.counts($0.1) ?? true }.map(\.0)
  }

  /// Writes trials.csv, curves.csv, timings.csv, summary.csv and, where ranks wrote norms, gradient_norms.csv, and returns
  /// the summary.
  ///
  /// - Parameters:
  ///   - trials: The plan; trials the journal does not mention have no rows.
  ///   - index: The journal of the folder.
  ///   - folder: Where the tables go.
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  @discardableResult
  package static func write(
    _ trials: some Sequence<Trial>, from index: JournalIndex, to folder: RunFolder,
    options: TableOptions = TableOptions()
  ) throws -> [SummaryRow] {
    var options = options
    options.rule = options.rule.named(for: trials.lazy.map(\.configuration.task.reportedMetric))
    return try write(trials, nil, from: index, to: folder, options: options) {}
  }

  private static func write(
    _ trials: some Sequence<Trial>, _ progress: SequentialProgress?, from index: JournalIndex, to folder: RunFolder,
    options: TableOptions, _ check: () throws -> Void
  ) throws -> [SummaryRow] {
    let trialsFile = try CSVFile(path: folder.trials, columns: TrialsTable.columns.names())
    let curvesFile = try CSVFile(path: folder.curves, columns: CurvesTable.columns.names())
    let timingsFile = try CSVFile(path: folder.timings, columns: TimingsTable.columns.names())
    var summary = SummaryBuilder()
    var norms = GradientNormsTable(folder: folder)
    for trial in trials {
      try check()
      let trialIndex = summary.trialIndex(of: trial)
      guard let record = try index.record(of: trial.identifier) else {
        summary.rows[trialIndex].missingCount += 1
        continue
      }
      let outcome = try decode(record, path: index.path)
      let failure = outcome.status.isResult ? options.rule.failure(of: outcome, score: options.score) : nil
      try trialsFile.write(
        TrialsTable.fields(
          TrialRow(trial, configuration: summary.fields[trialIndex], outcome: outcome, failure: failure, options)))
      try timingsFile.write(
        TimingsTable.columns.fields(of: TimingsTable.Row(record: record, history: index[trial.identifier])))
      guard outcome.status.isResult else {
        summary.rows[trialIndex].missingCount += 1
        continue
      }
      try CurvesTable.write(outcome, of: trial, to: curvesFile)
      try norms.add(trial.identifier)
      summary.rows[trialIndex].add(
        outcome, seeds: trial.seeds.title, trial: trial.identifier, failure: failure, score: options.score)
    }
    progress?.mark(&summary.rows)
    let summaryFile = try CSVFile(path: folder.summary, columns: SummaryTable.columns.names())
    for row in SummaryTable.rows(summary.rows, options: options) { try summaryFile.write(row) }
    try check()
    for file in [trialsFile, curvesFile, timingsFile, summaryFile] { try file.finish() }
    try norms.finish()
    return summary.rows
  }

  /// The summary of a journal without writing anything, for a status display.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func summary(
    of trials: some Sequence<Trial>, from index: JournalIndex, options: TableOptions = TableOptions()
  ) throws -> [SummaryRow] {
    var summary = SummaryBuilder()
    for trial in trials {
      let trialIndex = summary.trialIndex(of: trial)
      guard index[trial.identifier]?.hasResult == true, let record = try index.record(of: trial.identifier) else {
        summary.rows[trialIndex].missingCount += 1
        continue
      }
      let outcome = try decode(record, path: index.path)
      summary.rows[trialIndex].add(
        outcome, seeds: trial.seeds.title, trial: trial.identifier,
        failure: options.rule.failure(of: outcome, score: options.score), score: options.score)
    }
    return summary.rows
  }

  private static func decode(_ record: TrialRecord, path: String) throws -> Outcome {
    do { return try record.outcome() } catch {
      throw CodecError("\(path): the outcome of trial \(record.trial) cannot be read: \(error)")
    }
  }
}

/// Summary rows in the order in which their configurations first appear.
private struct SummaryBuilder {
  var rows: [SummaryRow] = []
  /// What each configuration's rows of trials.csv share.
  private(set) var fields: [EncodedFields] = []
  private var trialIndices: [String: Int] = [:]

  mutating func trialIndex(of trial: Trial) -> Int {
    if let trialIndex = trialIndices[trial.configurationIdentifier] { return trialIndex }
    trialIndices[trial.configurationIdentifier] = rows.count
    let hyperparameters = TrialColumns.values(of: trial.configuration)
    rows.append(SummaryRow(trial, hyperparameters: hyperparameters))
    fields.append(
      TrialsTable.configurationFields(
        TrialsTable.Configuration(
          identifier: trial.configurationIdentifier, variant: trial.variant, task: trial.configuration.task.name,
          hyperparameters: hyperparameters)))
    return rows.count - 1
  }
}
