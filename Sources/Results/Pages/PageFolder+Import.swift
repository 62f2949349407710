// An imported folder for a page, from the tables that `import` wrote.

import Comparisons
import Figures
import Foundation
import Imports
import Reports
import Storage
import Tables
import Trials

extension PageFolder {
  /// The tables of an imported folder.
  ///
  /// - Throws: `ImportError`, `DataError`, `FileError`.
  init(imported folder: RunFolder) throws {
    let source = try ImportedFolder(folder)
    let options = TableOptions(score: source.score)
    let rows = source.runs.summary(score: source.score)
    let inks = Self.inks(rows.map(\.variant))
    let curves = Self.curves(of: folder)
    let byRecipe = Dictionary(grouping: source.runs.runs, by: ImportedRuns.configurationIdentifier)
    let recipes = rows.map { row in
      let own = byRecipe[row.configurationIdentifier] ?? []
      func run(_ number: Int, _ grain: CurveGrain) -> PageRun {
        Self.run(own[number], source, curves[ImportedRuns.trialIdentifier(own[number])] ?? [], grain)
      }
      let runs = Self.evened(own.indices.map { run($0, CurveGrain()) }) { part, grain in part.map { run($0, grain) } }
      return PageRecipe(
        row: row, name: row.variant, ink: inks[row.variant] ?? .series(0), runs: runs, options: options)
    }
    let name = URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
    // A task without the reference has one of its own, so that the reference is the recipe that gives all of them.
    let references = CSVRows.read(folder.comparisons, ["b_variant"]).map { $0["b_variant"] ?? "" }
    func pairs(_ reference: String?) -> [ComparedPair] {
      (try? source.runs.pairs(of: rows, reference: reference)) ?? []
    }
    let written = references.uniqued().map { pairs($0) }.first { $0.map(\.reference.variant) == references }
    self.init(folder, title: name, recipes: recipes, options: options, pairs: written ?? pairs(nil), plan: nil)
    let facts: [RunFacts.Fact] = [
      ("imported from", source.path), ("read as", source.settings),
      ("runs", "\(source.runs.runs.count { $0.missing == nil }) with a result"),
    ]
    self.facts = facts.filter { !$0.text.isEmpty }
  }

  private static func run(
    _ run: ImportedRun, _ source: ImportedFolder, _ curve: [CurveRecord], _ grain: CurveGrain
  ) -> PageRun {
    let failure = source.runs.failure(of: run, score: source.score)
    let isResult = run.missing == nil
    let score = failure == .diverged ? .nan : source.score == .final ? run.final : run.best ?? run.final
    var result = PageRun(
      identifier: ImportedRuns.trialIdentifier(run), seed: String(run.seed),
      status: run.missing?.status ?? (failure == .diverged ? .diverged : .completed), failure: failure,
      score: isResult ? score : .nan, final: isResult ? run.final : .nan)
    result.best = (run.best, run.bestStep)
    result.stepCount = run.stepCount
    func points(_ split: String, _ quantity: String, _ recordsPerPoint: Int) -> PageCurve {
      PageCurve(
        curve.lazy.filter { $0.split == split && $0.quantity == quantity }.map(\.point),
        recordsPerPoint: recordsPerPoint)
    }
    result.loss = points("train", "loss", grain.loss)
    result.devScore = points("dev", run.metric, grain.devScore)
    result.norm = points("train", "grad_norm", grain.norm)
    return result
  }

  private typealias CurveRecord = (split: String, quantity: String, point: FigurePoint)

  /// The recorded numbers of each run.
  private static func curves(of folder: RunFolder) -> [String: [CurveRecord]] {
    var curves: [String: [CurveRecord]] = [:]
    for row in CSVRows.read(folder.curves, ["trial_id", "step", "split", "quantity", "value"]) {
      guard let step = Double(row["step"] ?? "") else { continue }
      curves[row["trial_id"] ?? "", default: []].append(
        (row["split"] ?? "", row["quantity"] ?? "", FigurePoint(step, Double(row["value"] ?? "") ?? .nan)))
    }
    return curves
  }
}
