// Writes every table of a folder from its journal, in plan order, a block of outcomes in memory at a time. Calling it again, in
// the middle of a run or with another rule, replaces the tables whole.

import Foundation
import Host
import JSON5
import Schedules
import Statistics
import StopRules
import Storage
import Tables
import TrialTables
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
    // Runs that a rule stopped early have rows, but no results.
    let trials = reported(plan, progress?.early == nil ? progress : nil)
    return try write(
      trials, progress, from: index, to: folder, options: options.named(for: plan), extra: ExtraColumns(plan), check)
  }

  /// The summary of a plan, without writing anything: of the trials that count, where it declares a stop.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func summary(
    of plan: SweepPlan, part: PlanPart = PlanPart(), from index: JournalIndex, options: TableOptions = TableOptions()
  ) throws -> [SummaryRow] {
    let progress = try SequentialProgress(plan, from: index)
    let early = progress?.early
    var rows = try summary(of: reported(plan, progress, part), from: index, options: options) { trial in
      // Most sweeps have no such rule, and no trial is looked up for it.
      guard let early, let trialIndex = plan.trialIndex(identifier: trial.identifier) else { return false }
      return early.fate(trialIndex) == .finished
    }
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
  /// the summary. Trials that the journal does not mention have no rows.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read, and what `check` throws.
  @discardableResult
  static func write(
    _ trials: some Sequence<Trial>, _ progress: SequentialProgress?, from index: JournalIndex, to folder: RunFolder,
    options: TableOptions, extra: ExtraColumns = ExtraColumns(), _ check: () throws -> Void
  ) throws -> [SummaryRow] {
    let trialsFile = try CSVFile(path: folder.trials, columns: TrialsTable.columns.names() + extra.trialNames)
    let curvesFile = try CSVFile(path: folder.curves, columns: CurvesTable.columns.names())
    let timingsFile = try CSVFile(path: folder.timings, columns: TimingsTable.columns.names())
    var norms = GradientNormsTable(folder: folder)
    var summary = try forEachRows(of: trials, progress, from: index, options, extra, check) { rows, summary in
      try trialsFile.write(encodedRows: rows.trials)
      try timingsFile.write(encodedRows: rows.timings)
      try curvesFile.write(encodedRows: rows.curves)
      let trial = rows.source.trial
      guard rows.outcome.status.isResult else {
        if rows.source.fate != .stopped { summary.missingCount += 1 }
        return
      }
      try norms.add(trial.identifier)
      summary.add(
        rows.outcome, seeds: trial.seeds.title, trial: trial.identifier, failure: rows.failure, score: options.score)
      if rows.source.fate == .finished { summary.noteFinishedAnyway() }
    }
    progress?.mark(&summary)
    let summaryFile = try CSVFile(path: folder.summary, columns: SummaryTable.columns.names() + extra.summaryNames)
    for row in SummaryTable.rows(summary, options: options, extra: extra) { try summaryFile.write(row) }
    try check()
    for file in [trialsFile, curvesFile, timingsFile, summaryFile] { try file.finish() }
    try norms.finish()
    return summary
  }

  /// The bytes of trials.csv as `write` makes it, without writing anything.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  static func trialsTable(
    _ plan: SweepPlan, from index: JournalIndex, options: TableOptions
  ) throws -> [UInt8] {
    let progress = try SequentialProgress(plan, from: index)
    let (named, extra) = (options.named(for: plan), ExtraColumns(plan))
    let columns = TrialsTable.columns.names() + extra.trialNames
    var bytes: [UInt8] = []
    columns.map { CSVField.text($0) }.appendLine(ofColumns: columns.count, to: &bytes)
    let trials = reported(plan, progress?.early == nil ? progress : nil)
    _ = try forEachRows(of: trials, progress, from: index, named, extra, {}) { rows, _ in bytes += rows.trials }
    return bytes
  }

  /// Makes the rows of trials, in order and a block at a time, and calls `body` with those of each trial and the row of the summary that it
  /// belongs to, which it may change. Returns the rows of the summary, with the number of trials that the journal does not mention. Calls
  /// `check` before each trial.
  private static func forEachRows(
    of trials: some Sequence<Trial>, _ progress: SequentialProgress?, from index: JournalIndex, _ options: TableOptions,
    _ extra: ExtraColumns, _ check: () throws -> Void, _ body: (TrialRows, inout SummaryRow) throws -> Void
  ) throws -> [SummaryRow] {
    var summary = SummaryBuilder()
    var block: [TrialRows.Source] = []
    func flush() throws {
      for rows in block.concurrentMap({ source in Result { try TrialRows(source, options, extra) } }) {
        let rows = try rows.get()
        try body(rows, &summary.rows[rows.source.trialIndex])
      }
      block.removeAll(keepingCapacity: true)
    }
    for (position, trial) in trials.enumerated() {
      try check()
      guard let source = try Self.source(of: trial, at: position, &summary, progress, from: index) else { continue }
      block.append(source)
      if block.count == TrialRows.blockSize { try flush() }
    }
    try flush()
    return summary.rows
  }

  /// What a trial's rows are made of; nil for a trial that the journal does not mention, which is noted in the summary.
  private static func source(
    of trial: Trial, at position: Int, _ summary: inout SummaryBuilder, _ progress: SequentialProgress?,
    from index: JournalIndex
  ) throws -> TrialRows.Source? {
    let trialIndex = summary.trialIndex(of: trial)
    let stopStep = progress?.early?.stopStep(position)
    guard let history = index[trial.identifier],
      let line = try stopStep == nil ? index.line(of: history) : index.curveLine(of: history)
    else {
      summary.rows[trialIndex].missingCount += 1
      return nil
    }
    return TrialRows.Source(
      trial: trial, trialIndex: trialIndex, configuration: summary.fields[trialIndex],
      stepSizes: summary.rows[trialIndex].stepSizesOfRuns, history: history, line: line,
      fate: progress?.early?.fate(position), stopStep: stopStep)
  }

  /// The summary of a journal without writing anything, for a status display.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func summary(
    of trials: some Sequence<Trial>, from index: JournalIndex, options: TableOptions = TableOptions(),
    isFinishedAnyway: (Trial) -> Bool = { _ in false }
  ) throws -> [SummaryRow] {
    var summary = SummaryBuilder()
    try index.forEachResult(of: trials.lazy.map { (trial: $0, identifier: $0.identifier) }) { trial, outcome in
      let trialIndex = summary.trialIndex(of: trial)
      guard let outcome = outcome?.judged(as: trial.configuration) else {
        summary.rows[trialIndex].missingCount += 1
        return
      }
      summary.rows[trialIndex].add(
        outcome, seeds: trial.seeds.title, trial: trial.identifier,
        failure: options.rule.failure(of: outcome, score: options.score), score: options.score)
      if isFinishedAnyway(trial) { summary.rows[trialIndex].noteFinishedAnyway() }
    }
    return summary.rows
  }
}

/// What one trial adds to the tables: its rows as they stand in the files, made from its line in the journal on any thread.
private struct TrialRows: Sendable {
  /// A trial with an outcome.
  struct Source: Sendable {
    let trial: Trial
    /// The index of its configuration among the rows of the summary.
    let trialIndex: Int
    let configuration: EncodedFields
    let stepSizes: StepSizesOfRuns?
    let history: TrialHistory
    let line: IndexedLine
    /// What happens to the trial by a rule that stops runs early; nil in a sweep without such a rule.
    let fate: EarlyRule.Fate?
    /// The step at which it counts as stopped, whatever it did afterwards; nil where it does not.
    let stopStep: Int?
  }

  /// The trials whose rows are made at once: enough to keep all cores busy, and few enough to need little memory.
  static let blockSize = 256

  let source: Source
  let outcome: Outcome
  let failure: FailureKind?
  let trials: [UInt8]
  let timings: [UInt8]
  let curves: [UInt8]

  /// - Throws: `CodecError` for an outcome that cannot be read.
  init(_ source: Source, _ options: TableOptions, _ extra: ExtraColumns) throws {
    let record = try source.line.record()
    let recorded = try record.outcome(in: source.line.path).judged(as: source.trial.configuration)
    let outcome = source.stopStep.map(recorded.stopped) ?? recorded
    let failure = outcome.status.isResult ? options.rule.failure(of: outcome, score: options.score) : nil
    var (trials, timings): ([UInt8], [UInt8]) = ([], [])
    let row = TrialRow(
      source.trial, configuration: source.configuration, outcome: outcome,
      fate: TrialRow.Fate(failure: failure, earlyStop: source.fate?.word),
      stepSizes: source.stepSizes?.sizes(of: outcome), options)
    let own = extra.fields(of: row, source.trial.configuration)
    (TrialsTable.fields(row) + own).appendLine(ofColumns: TrialsTable.columns.count + own.count, to: &trials)
    TimingsTable.columns.fields(of: TimingsTable.Row(record: record, history: source.history))
      .appendLine(ofColumns: TimingsTable.columns.count, to: &timings)
    (self.source, self.outcome, self.failure) = (source, outcome, failure)
    (self.trials, self.timings) = (trials, timings)
    let hasCurves = outcome.status.isResult || source.stopStep != nil
    curves = hasCurves ? CurvesTable.encodedRows(outcome, of: source.trial) : []
  }
}

extension EarlyRule.Fate {
  /// What trials.csv says of it; nil for a run that goes on.
  fileprivate var word: String? {
    switch self {
    case .unread, .goesOn: nil
    case .waiting: "waiting"
    case .stopped: "stopped"
    case .finished: "finished"
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
          identifier: trial.configurationIdentifier, variant: trial.variant, task: trial.configuration.taskName,
          hyperparameters: hyperparameters)))
    return rows.count - 1
  }
}
