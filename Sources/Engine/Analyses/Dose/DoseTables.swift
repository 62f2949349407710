// The fits of the analysis `dose`: a curve for each recipe in each dose, and for each dose one curve for all recipes.

import Foundation
import Reports
import Statistics
import Tables

/// The curve of one recipe in one dose.
struct DoseFit {
  let kind: DoseKind
  let series: DoseSeries
  let curve: DoseResponse.Curve?
  /// The 95 % interval of the dose at which half of the runs fail.
  let middle: ConfidenceInterval
  /// LD50 over the reference's; nil for the reference itself, and where one of the two has no curve.
  let ratio: Double?
  /// Its 90 % interval.
  let ratioInterval: ConfidenceInterval

  static func all(_ series: [DoseSeries]) -> [DoseFit] {
    DoseKind.allCases.flatMap { kind -> [DoseFit] in
      let references = Dictionary(
        series.filter(\.isReference).map { ($0.task, $0.response(kind)) }, uniquingKeysWith: { first, _ in first })
      return series.compactMap { series in
        let reference = series.isReference ? nil : references[series.task] ?? nil
        return series.response(kind).map { DoseFit(kind, series, $0, reference: reference) }
      }
    }
  }

  private init(_ kind: DoseKind, _ series: DoseSeries, _ response: DoseResponse, reference: DoseResponse?) {
    (self.kind, self.series) = (kind, series)
    let own = response.curve
    curve = own
    middle = response.interval(ofLogDoseAt: 0.5).exponential
    ratio = own.flatMap { own in reference?.curve.map { exp(own.middle - $0.middle) } }
    ratioInterval = reference.map { response.interval(ofMiddleOver: $0, level: 0.9).exponential } ?? .undefined
  }

  /// The dose at which a share of the runs fail; nil where the curve is a step, which has no width.
  private func dose(_ rate: Double) -> Double? { curve.flatMap { $0.slope.isFinite ? exp($0.logDose(at: rate)) : nil } }

  static let columns: [Column<DoseFit>] = [
    Column("dose", "The measure of the steps' size, a column of doses.csv.", role: .key) { .text($0.kind.rawValue) },
    Column("task", "The task's name.", role: .key) { .text($0.series.task) },
    Column("recipe", "The recipe without its learning rate.", role: .key) { .text($0.series.recipe) },
    Column("reference", "Whether others' LD50s are divided by this recipe's.") { .flag($0.series.isReference) },
    Column("doses", "The learning rates that count.") { .integer($0.series.counted.count) },
    Column("n", "Their runs.") { .integer($0.series.counted.reduce(0) { $0 + $1.total }) },
    Column("n_failed", "The failed ones.") { .integer($0.series.counted.reduce(0) { $0 + $1.failed }) },
    Column(
      "slope",
      "How the log odds of a failure rise with the log of the dose; empty where no curve rises, `inf` where failed and successful runs "
        + "overlap at one dose at most.", .note("log(p / (1 - p)) = slope (log dose - log LD50), by maximum likelihood")
    ) { .number($0.curve?.slope) },
    Column("ld10", "The dose at which a tenth of the runs fail; empty if `slope` is `inf`.") { .number($0.dose(0.1)) },
    Column(
      "ld50",
      "The dose at which half of the runs fail; with an infinite slope the one at which some runs fail and some do not, or without such a "
        + "dose the geometric mean of those on both sides of the step."
    ) { .number($0.curve.map { exp($0.middle) }) },
    Column("ld90", "The dose at which nine of ten runs fail; empty if `slope` is `inf`.") { .number($0.dose(0.9)) },
    Column(
      "ld50_low", "Lower bound of the 95 % interval of `ld50`.",
      .note("profile likelihood; infinite bounds are doses that the runs do not exclude")
    ) { .number($0.middle.low) },
    Column("ld50_high", "Upper bound of the 95 % interval of `ld50`.") { .number($0.middle.high) },
    Column("ld50_ratio", "`ld50` over the reference recipe's.") { .number($0.ratio) },
    Column("ld50_ratio_low", "Lower bound of the 90 % interval of `ld50_ratio`.", .note("joint profile likelihood")) {
      .number($0.ratioInterval.low)
    },
    Column("ld50_ratio_high", "Upper bound of the 90 % interval of `ld50_ratio`.") { .number($0.ratioInterval.high) },
  ]

  static let reference = TableReference(
    "dose_fits.csv",
    "One row for each dose and recipe: the logistic curve of its failures. Recipes that differ only in the learning rate are one "
      + "recipe here. Written by `analyze dose`.", columns)
}

/// One curve in one dose for all recipes of a task.
struct DoseModel {
  let kind: DoseKind
  let task: String
  let recipeCount: Int
  let cellCount: Int
  /// The deviance of one curve for all recipes.
  let deviance: Double
  /// Summed over recipes: the deviance of their cells from the curve of all other recipes; nil where one has no curve.
  let leftOutDeviance: Double?
  /// What a level for each recipe takes off the deviance; nil where such levels have no estimate.
  let recipeDeviance: Double?
  /// 1 - Var(log LD50 in this dose) / Var(log LD50 in the learning rate), over recipes with both; nil for fewer than two.
  let explained: Double?

  /// The models of every dose and task that have one.
  static func all(_ series: [DoseSeries]) -> [DoseModel] {
    series.map(\.task).uniqued().flatMap { task in
      DoseKind.allCases.compactMap { DoseModel($0, series.filter { $0.task == task && !$0.counted.isEmpty }) }
    }
  }

  /// The model of some recipes of one task, each with cells that count; nil where no curve fits all of them.
  init?(_ kind: DoseKind, _ series: [DoseSeries]) {
    let responses = series.map { $0.response(kind) }
    let known = responses.compactMap { $0 }
    let cells = known.map(\.cells)
    guard known.count == series.count, let task = series.first?.task, let fit = Self.fit(cells) else { return nil }
    (self.kind, self.task) = (kind, task)
    (recipeCount, cellCount) = (series.count, cells.reduce(0) { $0 + $1.count })
    deviance = fit.deviance
    let leftOut = cells.indices.map { Self.deviance(of: cells[$0], from: cells.without($0)) }
    leftOutDeviance = leftOut.allSatisfy { $0 != nil } ? leftOut.reduce(0) { $0 + ($1 ?? 0) } : nil
    recipeDeviance = Self.fit(cells, levels: true).map { max(0, fit.deviance - $0.deviance) }
    let middles = zip(known, series).compactMap { response, series -> (dose: Double, rate: Double)? in
      guard let dose = response.curve, let rate = series.response(.learningRate)?.curve else { return nil }
      return (dose.middle, rate.middle)
    }
    let spreads = (Self.variance(middles.map(\.dose)), Self.variance(middles.map(\.rate)))
    explained = spreads.1 > 0 ? 1 - spreads.0 / spreads.1 : nil
  }

  /// The p-value that recipes differ beyond the dose: the likelihood ratio test of the levels; nil for one recipe.
  var recipeP: Double? {
    guard recipeCount > 1 else { return nil }
    return recipeDeviance.map { ChiSquared.upperTail($0, degrees: Double(recipeCount - 1)) }
  }

  private static func variance(_ values: [Double]) -> Double {
    let deviation = Sample.standardDeviation(values, ddof: 1)
    return deviation.isNaN ? 0 : deviation * deviation
  }

  /// A common curve of several recipes' cells; with `levels` a common slope and a level for each recipe.
  private static func fit(_ recipes: [[DoseResponse.Cell]], levels: Bool = false) -> LogisticRegression? {
    let rows = recipes.enumerated().flatMap { number, cells in
      cells.map { cell -> [Double] in
        let intercepts = levels ? recipes.indices.map { $0 == number ? 1.0 : 0 } : [1]
        return intercepts + [cell.logDose]
      }
    }
    let cells = recipes.flatMap { $0 }
    return LogisticRegression(rows, successes: cells.map(\.failed), totals: cells.map(\.total))
  }

  /// How badly the curve of some recipes predicts the cells of another.
  private static func deviance(of cells: [DoseResponse.Cell], from others: [[DoseResponse.Cell]]) -> Double? {
    guard !others.isEmpty, let fit = fit(others) else { return nil }
    return LogisticRegression.deviance(
      of: fit.coefficients, cells.map { [1, $0.logDose] }, successes: cells.map(\.failed), totals: cells.map(\.total))
  }

  static let columns: [Column<DoseModel>] = [
    Column("dose", "The measure of the steps' size, a column of doses.csv.", role: .key) { .text($0.kind.rawValue) },
    Column("task", "The task's name.", role: .key) { .text($0.task) },
    Column("recipes", "The recipes.") { .integer($0.recipeCount) },
    Column("cells", "Their rows in doses.csv that count.") { .integer($0.cellCount) },
    Column("deviance", "How far the failures lie from one logistic curve for all recipes; less is better.") {
      .number($0.deviance)
    },
    Column(
      "left_out_deviance", "The same for each recipe from the curve of all others, summed; the smallest predicts best."
    ) { .number($0.leftOutDeviance) },
    Column("recipe_chi2", "What a level for each recipe takes off `deviance`.") { .number($0.recipeDeviance) },
    Column(
      "recipe_p", "The p-value of the likelihood ratio test that recipes differ at the same dose.",
      .note("chi-squared with one degree of freedom fewer than recipes")
    ) { .number($0.recipeP) },
    Column(
      "explained", "The share of the variance of log LD50 between recipes that the dose explains.",
      .note("1 - Var(log LD50 in the dose) / Var(log LD50 in the learning rate)")
    ) { .number($0.explained) },
  ]

  static let reference = TableReference(
    "dose_models.csv",
    "One row for each dose and task: how well one logistic curve in the dose describes the failures of all recipes. Written by `analyze dose`.",
    columns)
}

extension ConfidenceInterval {
  /// The interval of the exponential.
  fileprivate var exponential: ConfidenceInterval { ConfidenceInterval(low: exp(low), high: exp(high)) }
}

extension [[DoseResponse.Cell]] {
  fileprivate func without(_ index: Int) -> Self { Array(self[..<index] + self[(index + 1)...]) }
}
