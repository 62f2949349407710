// The analysis `dose`: which property of a recipe's steps predicts how many of its runs fail (doses.csv, dose_fits.csv,
// dose_models.csv). Recipes that differ in nothing but the learning rate form one series of doses. Cells in which the corrected recipe
// learns nothing say nothing about early steps, and no fit counts them. It reads no weights.

import CommandLine
import Foundation
import Host
import Reports
import Schedules
import Statistics
import Storage
import Tables
import TrialTables
import Trials

/// How failure rates depend on the size of early steps.
package struct Dose: Analysis {
  package static let name = "dose"
  package static let summary = "which size of early steps predicts failed runs"
  private static let reference = Flag(
    "--reference", "VARIANT", "the variant whose LD50 the other recipes' are divided by", .text,
    unset: "the sweep's reference, or the first")
  package static let flags: [any FlagDeclaration] = [reference]
  private static let cells = table("doses")
  private static let fits = table("dose_fits")
  private static let models = table("dose_models")
  package static let tables = [cells, fits, models]
  package static let references = [DoseCell.reference, DoseFit.reference, DoseModel.reference]

  private let reference: String?

  package init(_ given: Given) { reference = given[Self.reference] }

  package func perform(_ work: AnalysisWork) throws {
    let plan = work.results.plan
    let series = try DoseSeries.all(of: work.trials, plan, reference: reference ?? plan.reference)
    try DoseCell.columns.write(series.flatMap(\.cells), to: work.output.path(of: Self.cells))
    let fits = DoseFit.all(series)
    try DoseFit.columns.write(fits, to: work.output.path(of: Self.fits))
    let models = DoseModel.all(series)
    try DoseModel.columns.write(models, to: work.output.path(of: Self.models))
    for line in Self.exclusions(series) + Self.middles(fits) + Self.lines(models) { say(line) }
    work.report(Self.tables)
  }

  /// How many rows no fit counts; empty where all are counted.
  static func exclusions(_ series: [DoseSeries]) -> [String] {
    let cells = series.flatMap(\.cells)
    let count = cells.count { $0.isExcluded }
    return count == 0
      ? []
      : [
        "\(count) of \(cells.count) rows of doses.csv are left out of all fits, because no run of the recipe with bias correction has "
          + "a score above the constant classifier's there (column excluded)"
      ]
  }

  /// The learning rate at which half of each recipe's runs fail, and what a recipe without one would need.
  static func middles(_ fits: [DoseFit]) -> [String] {
    fits.filter { $0.kind == .learningRate }.map { fit in
      let recipe = "\(fit.series.task), \(fit.series.recipe): "
      guard let curve = fit.curve else {
        let (cells, failed) = (fit.series.counted, fit.series.counted.reduce(0) { $0 + $1.failed })
        return recipe + "no LD50, as \(failed) of \(counted(cells.reduce(0) { $0 + $1.total }, "run")) at "
          + "\(counted(cells.count, "learning rate")) failed; it takes several rates, and more failures at the higher ones"
      }
      return recipe
        + String(
          format: "half of the runs fail at the learning rate %.3g (95 %% interval %.3g to %.3g)", exp(curve.middle),
          fit.middle.low, fit.middle.high)
    }
  }

  /// What the models of each task say, the best first.
  static func lines(_ models: [DoseModel]) -> [String] {
    let tasks = models.map(\.task).uniqued()
    return tasks.map { task in
      let known = models.filter { $0.task == task }.compactMap { model in model.leftOutDeviance.map { (model.kind, $0) }
      }
      let sorted = known.sorted { $0.1 < $1.1 }
      guard let best = sorted.first else {
        return
          "\(task): no dose is compared; that needs two recipes, the failure rate of each of which rises over several learning rates"
      }
      return "\(task): \(best.0.rawValue) predicts the failures of recipes left out best (deviance: "
        + sorted.map { "\($0.0.rawValue) \(decimal($0.1))" }.joined(separator: ", ") + ")"
    }
  }
}

/// A number of a recipe that may be the dose.
enum DoseKind: String, CaseIterable {
  case learningRate = "learning_rate"
  case peakRate = "peak_rate"
  case smoothedRate = "smoothed_rate"
  case earlyRate = "early_rate"
  case stepMass = "step_mass"
}

/// The runs of one recipe at one learning rate.
struct DoseCell {
  /// The first of its runs.
  let run: JudgedTrial
  /// The name of the recipe without its learning rate.
  let recipe: String
  let total: Int
  let failed: Int
  /// How large the steps of the runs were to be.
  let sizes: StepSizes?
  /// Whether no fit counts it: no run of the same configuration with bias correction has a score above the constant classifier's.
  let isExcluded: Bool

  /// A cell.
  ///
  /// - Parameter corrected: The runs of the same configuration with bias correction, which may be these; empty where none ran.
  init(_ runs: [JudgedTrial], recipe: String, corrected: [JudgedTrial] = []) {
    precondition(!runs.isEmpty, "a cell has a run")
    (run, self.recipe, total) = (runs[0], recipe, runs.count)
    isExcluded =
      !corrected.isEmpty
      && corrected.allSatisfy { FailureRule.baseline.failure(of: $0.outcome, score: $0.score) != nil }
    failed = runs.count { $0.failure != nil }
    // A diverged run ended early; what it was to do is the dose.
    let known = StepSizesOfRuns(run.configuration)
    sizes = runs.lazy.compactMap { known.sizes(of: $0.outcome) }.first
  }

  subscript(kind: DoseKind) -> Double? {
    switch kind {
    case .learningRate: run.configuration.optimizer.learningRate
    case .peakRate: sizes?.peak
    case .smoothedRate: sizes?.smoothedPeak
    case .earlyRate: sizes?.earlyMean
    case .stepMass: sizes?.sum
    }
  }

  static let columns: [Column<DoseCell>] =
    JudgedTrial.configurationColumns.of(\.run) + JudgedTrial.judgementColumns.of(\.run) + [
      Column("recipe", "The recipe without its learning rate.", role: .key) { .text($0.recipe) },
      Column("learning_rate", "The highest learning rate.") { .number($0.run.configuration.optimizer.learningRate) },
    ] + StepSizeColumns.all.of(\.sizes) + [
      Column("n", "The completed and diverged runs.") { .integer($0.total) },
      Column("n_failed", "Those that failed.") { .integer($0.failed) },
      Column(
        "excluded",
        "Whether no fit counts the row: the recipe with bias correction, otherwise the same, has run and learned nothing, so that none of "
          + "its runs has a score above the constant classifier's."
      ) { .flag($0.isExcluded) },
    ]

  static let reference = TableReference(
    "doses.csv",
    "One row for each configuration: the size of its steps by several measures, and how many of its runs failed. Written by "
      + "`analyze dose`.", columns)
}

/// The cells of a recipe at every learning rate.
struct DoseSeries {
  let recipe: String
  let task: String
  /// Whether the LD50s of the task's other recipes are divided by this one's.
  let isReference: Bool
  let cells: [DoseCell]

  /// The cells that fits count.
  var counted: [DoseCell] { cells.filter { !$0.isExcluded } }

  /// The failures at the doses of a kind; nil where a cell has no such dose, or none counts.
  func response(_ kind: DoseKind) -> DoseResponse? {
    let counted = counted
    let doses = counted.map { cell in cell[kind].flatMap { $0 > 0 ? $0 : nil } }
    guard !counted.isEmpty, doses.allSatisfy({ $0 != nil }) else { return nil }
    return DoseResponse(
      zip(counted, doses).compactMap { cell, dose in
        dose.map { DoseResponse.Cell(logDose: log($0), failed: cell.failed, total: cell.total) }
      })
  }

  /// The series of a plan, in plan order: configurations that are the same but for the learning rate.
  ///
  /// - Throws: `AnalysisError` where the sweep has no variant of the reference's name.
  static func all(of trials: [JudgedTrial], _ plan: SweepPlan, reference: String?) throws -> [DoseSeries] {
    if let reference, !plan.configurations.contains(where: { $0.variant == reference }) {
      let variants = plan.configurations.map(\.variant).uniqued()
      throw AnalysisError(
        "--reference: the sweep has no variant '\(reference)'; it has \(variants.joined(separator: ", "))")
    }
    let runs = Dictionary(grouping: trials, by: \.configurationIdentifier)
    let identifiers = Dictionary(
      plan.configurations.map { ($0.configuration, $0.identifier) }, uniquingKeysWith: { first, _ in first })
    func corrected(_ planned: PlannedConfiguration) -> [JudgedTrial] {
      var configuration = planned.configuration
      configuration.optimizer.biasCorrection = true
      configuration.optimizer.matchesStepMass = false  // which is not read with bias correction
      return identifiers[configuration].flatMap { runs[$0] } ?? []
    }
    let judged = plan.configurations.filter { runs[$0.identifier] != nil }
    return RecipeAcrossRates.all(judged, reference: reference).map { recipe in
      DoseSeries(
        recipe: recipe.name, task: recipe.task, isReference: recipe.isReference,
        cells: recipe.members.compactMap { planned in
          runs[planned.identifier].map { DoseCell($0, recipe: recipe.name, corrected: corrected(planned)) }
        })
    }
  }
}
