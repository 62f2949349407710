// What a page is made of: the recipes and trials of folders, how they compare, and how they were run. A run's folder is read from
// its journal, an import from its tables, as every table is; nothing is computed here that tables do not hold.

import CommandLine
import Comparisons
import Console
import Figures
import Foundation
import Host
import Imports
import Reports
import Statistics
import Storage
import Tables
import TrialTables
import Trials

/// The results of a folder.
package struct PageFolder {
  let folder: RunFolder
  /// The name of the sweep.
  var title: String
  var recipes: [PageRecipe]
  /// How runs are judged.
  var options: TableOptions
  /// The pairs that are compared.
  var pairs: [ComparedPair]
  /// The plan; nil for an import.
  var plan: SweepPlan?
  /// How it was run: a name and a text each.
  var facts: [(name: String, text: String)]
  /// What a reader should know of the results.
  var warnings: [String]

  /// Opens a folder of results or an imported one.
  ///
  /// - Throws: a `Refusal` for a folder without results; `FileError`, `CodecError` for one that cannot be read.
  package init(_ path: String) throws {
    let folder = RunFolder(path)
    if FileManager.default.fileExists(atPath: folder.importSource) {
      do { try self.init(imported: folder) } catch let error as ImportError { throw Refusal("\(error)") }
      return
    }
    let results = try ResultsFolder(path)
    try self.init(
      folder, plan: results.plan, from: results.index,
      options: TableOptions(of: folder).named(for: results.plan))
  }

  init(
    _ folder: RunFolder, title: String, recipes: [PageRecipe], options: TableOptions, pairs: [ComparedPair],
    plan: SweepPlan?
  ) {
    self.folder = folder
    self.title = title
    self.recipes = recipes
    self.options = options
    self.pairs = pairs
    self.plan = plan
    facts = []
    warnings = []
  }

  /// The results of a plan in a journal. `check` is called often; what it throws ends the reading.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read, and what `check` throws.
  package init(
    _ folder: RunFolder, plan: SweepPlan, from index: JournalIndex, options: TableOptions, check: () throws -> Void = {}
  ) throws {
    let recipes = try Self.recipes(plan, from: index, options: options, check: check)
    let rows = recipes.map(\.row)
    let reference = Self.reference(in: folder).flatMap { name in
      plan.configurations.contains { $0.variant == name } ? name : nil
    }
    let declared = Result { try ComparisonPairs.declared(plan, rows, reference: reference) }
    let pairs = (try? declared.get()) ?? []
    self.init(folder, title: plan.name, recipes: recipes, options: options, pairs: pairs, plan: plan)
    facts = RunFacts.facts(of: folder, index, recipes)
    warnings = index.remarks + index.mismatches.map(\.description)
    guard rows.contains(where: { $0.unfinishedCount > 0 }) else { return }
    warnings.append(ConsoleTable.stoppedEarly(rows).joined(separator: " "))
    if case .failure(let error) = declared, plan.configurations.count > 1 { warnings.append("Not compared: \(error)") }
  }

  /// The variant that comparisons.csv compares with, where it is one.
  static func reference(in folder: RunFolder) -> String? {
    let names = CSVRows.read(folder.comparisons, ["b_variant"]).map { $0["b_variant"] ?? "" }
    return Set(names).count == 1 ? names.first : nil
  }

  /// The number of trials that are decoded together.
  private static let chunk = 256

  private static func recipes(
    _ plan: SweepPlan, from index: JournalIndex, options: TableOptions, check: () throws -> Void
  ) throws -> [PageRecipe] {
    let progress = try SequentialProgress(plan, from: index)
    let inks = Self.inks(plan.configurations.map(\.label))
    var recipes: [PageRecipe] = []
    for (number, planned) in plan.configurations.enumerated() {
      let first = number * plan.seeds.count
      let isEarly = progress?.early != nil
      let indices = (first..<first + plan.seeds.count).filter { isEarly || progress?.counts($0) ?? true }
      var row = SummaryRow(
        plan.trials[first], hyperparameters: TrialColumns.values(of: planned.configuration))
      var (runs, positions, chanceLoss) = ([PageRun](), [Int](), Double?.none)
      for start in stride(from: 0, to: indices.count, by: chunk) {
        try check()
        let part = Array(indices[start..<min(start + chunk, indices.count)])
        let decoded = try decode(part, of: plan, progress?.early, from: index, options, CurveGrain())
        for (position, decoded) in zip(part, decoded) {
          guard let (trial, run, outcome) = decoded else {
            row.missingCount += 1
            continue
          }
          runs.append(run)
          positions.append(position)
          guard outcome.status.isResult else {
            if progress?.early?.fate(position) != .stopped { row.missingCount += 1 }
            continue
          }
          chanceLoss = chanceLoss ?? outcome.chanceLoss
          row.add(
            outcome, seeds: trial.seeds.title, trial: trial.identifier, failure: run.failure, score: options.score)
          if progress?.isFinishedAnyway(position) == true { row.noteFinishedAnyway() }
        }
      }
      progress?.mark(&row, ofConfiguration: number)
      runs = try evened(runs) { part, grain in
        try check()
        return try decode(part.map { positions[$0] }, of: plan, progress?.early, from: index, options, grain)
          .map { $0?.run }
      }
      let values = planned.shortValues
      var recipe = PageRecipe(
        row: row, name: values.isEmpty ? planned.label : "\(planned.label) (\(values))",
        ink: inks[planned.label] ?? .series(0), runs: runs, options: options, chanceLoss: chanceLoss)
      recipe.group = (planned.label, values)
      recipes.append(recipe)
    }
    return recipes
  }

  /// The runs of a recipe with as many records in a point of each curve as the longest curve needs. `read` reads those again that have
  /// fewer, by their indices: mostly the few that diverged.
  static func evened(
    _ runs: [PageRun], _ read: (_ runs: [Int], _ grain: CurveGrain) throws -> [PageRun?]
  ) rethrows -> [PageRun] {
    // Where runs are lines, one that diverged early keeps its own points.
    guard runs.count > CurveFigures.mostLines else { return runs }
    let grain = CurveGrain(of: runs)
    let others = runs.indices.filter { runs[$0].status.isResult && runs[$0].grain != grain }
    var runs = runs
    for start in stride(from: 0, to: others.count, by: chunk) {
      let part = Array(others[start..<min(start + chunk, others.count)])
      for (number, run) in zip(part, try read(part, grain)) { runs[number] = run ?? runs[number] }
    }
    return runs
  }

  private typealias Decoded = (trial: Trial, run: PageRun, outcome: Outcome)

  /// The outcomes of some trials of a plan, decoded on all cores; nil for a trial that the journal has no end of.
  private static func decode(
    _ trials: [Int], of plan: SweepPlan, _ early: EarlyProgress?, from index: JournalIndex, _ options: TableOptions,
    _ grain: CurveGrain
  ) throws -> [Decoded?] {
    let records = try trials.map { number in
      let (trial, stopStep) = (plan.trials[number], early?.stopStep(number))
      let record = try stopStep == nil ? index.record(of: trial.identifier) : index.curves(of: trial.identifier)
      return (trial: trial, record: record, stopStep: stopStep)
    }
    return try records.concurrentMap { trial, record, stopStep -> Result<Decoded?, any Error> in
      Result { () throws -> Decoded? in
        guard let record else { return nil }
        let recorded = try record.outcome().judged(as: trial.configuration)
        let outcome = stopStep.map(recorded.stopped) ?? recorded
        let failure = outcome.status.isResult ? options.rule.failure(of: outcome, score: options.score) : nil
        // Curves are in the trial of the page by now, in fewer points.
        let run = PageRun(trial, record, outcome, failure, score: options.score, grain: grain)
        return (trial, run, outcome)
      }
    }.map { try $0.get() }
  }

  /// A colour for each name.
  static func inks(_ names: [String]) -> [String: Ink] {
    var inks: [String: Ink] = [:]
    for name in names where inks[name] == nil { inks[name] = .series(inks.count) }
    return inks
  }
}

/// Rows of a table by the names of its columns.
enum CSVRows {
  /// The asked-for columns of a table; no rows where there is no such table or it lacks a column.
  static func read(_ path: String, _ columns: [String]) -> [[String: String]] {
    guard let content = FileManager.default.contents(atPath: path),
      let table = try? TextTable(content, path: path, format: .commas, columns: columns)
    else { return [] }
    return table.rows.map { Dictionary(uniqueKeysWithValues: zip(columns, $0.fields)) }
  }
}
