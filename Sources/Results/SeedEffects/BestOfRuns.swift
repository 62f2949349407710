// best_of_n.csv: what picking the best of n runs brings, for every n: the score to expect, how far it varies, what is left of it on
// examples that did not choose, and what the runs cost. The estimators are `ExpectedBest`'s and `OrderStatistics`'.

import Foundation
import Host
import Reports
import Statistics
import Tables
import TrialTables
import Trials

/// The expected best of n runs of one recipe.
package struct BestOfRuns: Sendable {
  /// The configuration.
  package let row: SummaryRow
  /// What the recipe is called.
  package let name: String
  let options: TableOptions
  /// Why there are no numbers.
  private(set) var obstacle: String?
  /// The mean number of steps of a run; nil where no result tells it.
  private(set) var stepCount: Double?
  private var curve: ExpectedBest?
  /// What choosing by one half of the dev set keeps on the other; nil where no run has scores on both.
  private var selection: HalfSelection?

  /// Whether there are numbers.
  package var isComputed: Bool { curve != nil }

  /// The curves of the recipes of a plan, in the order of its rows.
  package static func all(_ plan: SweepPlan, _ rows: [SummaryRow], options: TableOptions) -> [BestOfRuns] {
    zip(plan.configurations, rows).map { BestOfRuns($1, name: $0.recipeName, options: options) }
  }

  /// The curve of a recipe. Runs that diverged count with the constant classifier's score.
  init(_ row: SummaryRow, name: String, options: TableOptions) {
    self.row = row
    self.name = name
    self.options = options
    let values = row.values.map { row.direction * ($0.isNaN ? row.constantScore ?? .nan : $0) }
    curve = ExpectedBest(values)
    if curve == nil {
      obstacle =
        values.isEmpty
        ? "no run has a result" : "a run diverged and the constant classifier's score is not known"
    }
    let steps = row.runs.compactMap(\.stepCount)
    if !steps.isEmpty, steps.count == row.runs.count { stepCount = Sample.mean(steps.map(Double.init)) }
    let halves = row.selectionHalves
    selection = HalfSelection(halves.first.map { $0 * row.direction }, halves.second.map { $0 * row.direction })
  }

  /// The bounds between which the metric lies; nil where nobody knows them.
  private var range: ClosedRange<Double>? { row.metricOfTrainer?.bounds }

  /// The numbers of the best of `draws` runs; nil where nothing was computed.
  func point(_ draws: Int) -> Point? {
    guard let curve else { return nil }
    let best = curve.best(of: draws)
    let band = range.map { curve.band(of: draws, in: $0, level: options.level) } ?? .undefined
    let kept = selection?.best(of: draws) ?? (onFirst: .nan, onSecond: .nan, optimism: .nan)
    return Point(
      mean: row.direction * best.mean, deviation: best.deviation, band: band,
      onFirst: row.direction * kept.onFirst, onSecond: row.direction * kept.onSecond)
  }

  /// What the best of a number of runs is.
  struct Point: Sendable {
    var mean: Double
    var deviation: Double
    var band: ConfidenceInterval
    var onFirst: Double
    var onSecond: Double
  }

  /// The number of runs that a budget pays for, no more than there are; nil where the cost of a run is not known.
  func runCount(for budget: Double, in unit: CostUnit = .steps) -> Int? {
    guard let curve, let cost = cost(in: unit), cost > 0 else { return nil }
    let affordable = Int((budget / cost + 1e-9).rounded(.down))
    return affordable < 1 ? nil : min(curve.runCount, affordable)
  }

  /// The most that every recipe on a task can spend; nil where a recipe has no curve or its cost is not known.
  static func commonBudget(_ recipes: [BestOfRuns], in unit: CostUnit = .steps) -> Double? {
    let budgets = recipes.compactMap { recipe in
      recipe.curve.flatMap { curve in recipe.cost(in: unit).map { $0 * Double(curve.runCount) } }
    }
    return budgets.count == recipes.count ? budgets.min() : nil
  }
}

/// What a run costs, in a unit that is the same for all recipes that are compared. Seconds are none: they depend on the machine, and those
/// of resumed runs and of steps that a longer trial made are not all of them.
enum CostUnit: Equatable {
  /// Steps of batches of one size.
  case steps
  /// Training examples. A batch has no padding, so that a step costs as much as its examples.
  case examples

  /// What messages call it.
  var noun: String {
    switch self {
    case .steps: "steps"
    case .examples: "training examples"
    }
  }
}

extension BestOfRuns {
  /// The columns of what decides how much a step computes, and how fast, beside its batch.
  private static let costColumns: Set<String> = [
    "model", "model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab",
    "data", "train_file", "text_column", "pair_column", "max_length", "difficulty", "arithmetic", "precision",
  ]
  /// The same of keys that few sweeps set.
  private static let costKeys = ["training.freeze", "training.freeze_layers"]
  private static let batchColumn = "batch_size"

  /// What a run costs, in the mean; nil where it is not known.
  fileprivate func cost(in unit: CostUnit) -> Double? {
    switch unit {
    case .steps: stepCount
    case .examples: stepCount.flatMap { steps in Double(setting(Self.batchColumn)).map { $0 * steps } }
    }
  }

  /// The value of a hyperparameter by its column or, of a key that few sweeps set, by its path; empty where it has none.
  private func setting(_ name: String) -> String {
    guard let index = TrialColumns.configurationNames.firstIndex(of: name) else {
      return ParameterColumns([name]).fields(of: row.parameters).first ?? ""
    }
    return index < row.hyperparameters.count ? row.hyperparameters[index] : ""
  }

  /// In what recipes of a task cost alike: steps, or examples where batches differ; nil where their steps differ otherwise, with the names of
  /// what they differ in.
  static func commonUnit(of recipes: [BestOfRuns]) -> (unit: CostUnit?, differing: [String]) {
    let names = TrialColumns.configurationNames.filter(costColumns.contains) + costKeys
    func differ(_ name: String) -> Bool { Set(recipes.map { $0.setting(name) }).count > 1 }
    let differing = names.filter(differ)
    guard differing.isEmpty else { return (nil, differing) }
    return (differ(batchColumn) ? .examples : .steps, [])
  }
}

extension BestOfRuns {
  /// A row: a recipe and a number of runs.
  package struct Row: Sendable {
    var recipe: BestOfRuns
    /// 0 where nothing was computed.
    var draws: Int
    var point: Point?
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = names + measures + conventions

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "best_of_n.csv",
    "One row for each recipe and number of runs: the score to expect of the best of `n` runs. Written by `pick`.",
    columns)

  private static let names: [Column<Row>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.recipe.row.configurationIdentifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.recipe.row.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.recipe.row.task) },
    Column("metric", "The metric that scores the task.", role: .key) { .text($0.recipe.row.metric) },
    Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) {
      .text($0.recipe.options.score.rawValue)
    },
    Column("n", "The number of runs of which the best is kept.", role: .key) {
      .integer($0.point == nil ? nil : $0.draws)
    },
  ]

  private static let measures: [Column<Row>] = [
    Column("n_runs", "The runs that the numbers rest on.") { .integer($0.recipe.row.count) },
    Column("steps", "The steps that n runs take, in the mean.") { row in
      .number(row.point == nil ? nil : row.recipe.stepCount.map { $0 * Double(row.draws) })
    },
    number(
      "expected_best", "The best score to expect of n different runs.",
      .note("Tang et al. 2020; diverged runs count with `constant_score`")
    ) { $0.mean },
    number("sd_best", "The standard deviation of that best score over the choices of n runs.") { $0.deviation },
    number(
      "expected_best_low", "The lower bound of the band of `expected_best`.",
      .interval("Dvoretzky, Kiefer and Wolfowitz', for all n at once"), role: .lowerBound(of: "expected_best")
    ) { $0.band.low },
    number(
      "expected_best_high", "The upper bound of the band of `expected_best`.",
      .interval("Dvoretzky, Kiefer and Wolfowitz', for all n at once"), role: .upperBound(of: "expected_best")
    ) { $0.band.high },
    number("selected_a", "The run is kept that is best on half A of the dev set: its expected score on half A.") {
      $0.onFirst
    },
    number("selected_b", "The expected score of that same run on half B, whose examples had no part in the choice.") {
      $0.onSecond
    },
  ]

  private static let conventions: [Column<Row>] = [
    Column("interval_method", "The method of the band.", role: .convention) {
      .text($0.point.map(\.band.low.isNaN) ?? true ? "" : "dkw")
    },
    Column("level", "The level of the band.", role: .convention) {
      .number($0.point.map(\.band.low.isNaN) ?? true ? nil : $0.recipe.options.level)
    },
    Column("not_computed", "Why there are no numbers; empty where there are.") { .text($0.recipe.obstacle) },
  ]

  private static func number(
    _ name: String, _ documentation: String, _ convention: Convention? = nil, role: ColumnRole = .number,
    _ value: @escaping @Sendable (Point) -> Double
  ) -> Column<Row> {
    Column(
      ColumnFacts(
        name: name, role: role, conventions: [convention].compactMap { $0 }, documentation: documentation)
    ) { row in row.point.map { .finite(value($0)) } ?? .missing }
  }

  /// Writes best_of_n.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ recipes: [BestOfRuns], to path: String) throws {
    try columns.write(recipes.lazy.flatMap(\.rows), to: path)
  }

  private var rows: [Row] {
    guard let curve else { return [Row(recipe: self, draws: 0)] }
    return Array(1...curve.runCount).concurrentMap { Row(recipe: self, draws: $0, point: point($0)) }
  }

  /// What picking brings, in words.
  package var sentence: String {
    let start = "\(row.task): \(name): "
    guard let curve else { return start + "not computed: \(obstacle ?? "")." }
    let sizes = [1, 5, 10, 25].filter { $0 < curve.runCount } + [curve.runCount]
    let parts = sizes.compactMap { draws -> String? in
      guard let point = point(draws) else { return nil }
      let kept = point.onSecond.isNaN ? "" : String(format: " (%.4f where another half chose it)", point.onSecond)
      return String(format: "of %d %.4f", draws, point.mean) + kept
    }
    return start + "the best " + parts.joined(separator: ", ") + "."
  }

  /// The recipes of each task at the highest cost that all of them can pay, in words, or why they are not compared; nothing for a task of
  /// one recipe, and where steps are not known.
  package static func budgetSentences(_ recipes: [BestOfRuns]) -> [String] {
    var tasks: [String] = []
    for recipe in recipes where !tasks.contains(recipe.row.task) { tasks.append(recipe.row.task) }
    return tasks.compactMap { task in
      let rivals = recipes.filter { $0.row.task == task }
      guard rivals.count > 1, commonBudget(rivals) != nil else { return nil }
      let (unit, differing) = commonUnit(of: rivals)
      guard let unit else {
        return
          "\(task): the recipes are not compared at equal cost, because steps of one may cost more than those of another (they differ in "
          + "\(differing.joined(separator: ", "))); timings.csv has the seconds of each run."
      }
      guard let budget = commonBudget(rivals, in: unit), budget > 0 else { return nil }
      let parts = rivals.map { recipe -> String in
        guard let count = recipe.runCount(for: budget, in: unit), let point = recipe.point(count) else {
          return "\(recipe.name) none, because one run takes more"
        }
        return String(format: "%@ %.4f (best of %d)", recipe.name, point.mean, count)
      }
      return "\(task): for \(Int(budget)) \(unit.noun): \(parts.joined(separator: ", "))."
    }
  }
}
