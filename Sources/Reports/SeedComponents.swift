// What initialization and data order contribute to the spread of a recipe, where the sweep crosses their seeds: variance
// components, the permutation test, and the published test of best against worst, which is none.

import Foundation
import Statistics
import Trials

/// The seeds' contributions to one configuration's spread.
public struct SeedComponents: Sendable {
  /// The configuration.
  public let row: SummaryRow
  /// What the configuration is called.
  public let name: String
  /// The scores by initialization and order; nil where cells are missing.
  let design: CrossedSeeds?
  /// Why there is no design.
  let obstacle: String?
  let options: TableOptions
  /// The two factors' tests, the initialization's first.
  private(set) var factors: [Factor] = []

  /// One factor's part.
  struct Factor: Sendable {
    var name: String
    var count: Int
    var variance: Double
    var interval: ConfidenceInterval
    var permutationP: Double
    var bestAgainstWorst: (f: Double, p: Double)
  }

  /// The contributions of each configuration of a plan whose seeds cross two factors; nil for another plan.
  public static func all(_ plan: SweepPlan, _ rows: [SummaryRow], options: TableOptions) -> [SeedComponents]? {
    let initializations = inOrder(plan.seeds.map(\.initialization))
    let orders = inOrder(plan.seeds.map(\.order))
    let cells = Set(plan.seeds.map { [$0.initialization, $0.order] })
    guard initializations.count > 1, orders.count > 1, cells.count == plan.seeds.count,
      cells.count == initializations.count * orders.count
    else { return nil }
    let titles = initializations.map { initialization in
      orders.compactMap { order in
        plan.seeds.first { $0.initialization == initialization && $0.order == order }?.title
      }
    }
    let pairs = zip(plan.configurations, rows).map { (name: $0.recipeName, row: $1) }
    return pairs.concurrentMap { SeedComponents($0.row, name: $0.name, titles: titles, options: options) }
  }

  private init(_ row: SummaryRow, name: String, titles: [[String]], options: TableOptions) {
    self.row = row
    self.name = name
    self.options = options
    let scores = Dictionary(row.runs.map { ($0.seeds, $0.value) }, uniquingKeysWith: { one, _ in one })
    let cells = titles.map { $0.map { scores[$0].map { $0.isNaN ? row.constantScore ?? .nan : $0 } } }
    let missing = cells.joined().count { $0 == nil }
    if missing > 0 {
      (design, obstacle) = (nil, "\(missing) of \(titles.count * titles[0].count) runs have no result")
    } else if cells.joined().contains(where: { $0?.isNaN ?? true }) {
      (design, obstacle) = (nil, "a run diverged and the constant classifier's score is not known")
    } else {
      let found = CrossedSeeds(cells.map { $0.compactMap { $0 } })
      (design, obstacle) = (found, nil)
      factors = [
        Self.factor("init", found, found.components.rows, options),
        Self.factor("order", found.transposed, found.components.columns, options),
      ]
    }
  }

  private static func factor(
    _ name: String, _ design: CrossedSeeds, _ variance: Double, _ options: TableOptions
  ) -> Factor {
    Factor(
      name: name, count: design.scores.count, variance: variance,
      interval: design.rowInterval(level: options.level),
      permutationP: design.permutationTest(seed: options.bootstrapSeed), bestAgainstWorst: design.bestAgainstWorst)
  }

  private static func inOrder(_ seeds: [UInt64]) -> [UInt64] {
    var known: Set<UInt64> = []
    return seeds.filter { known.insert($0).inserted }
  }

  /// What each factor contributes, in words.
  public var sentence: String {
    guard let design else { return "\(row.task): \(name): not decomposed: \(obstacle ?? "")." }
    let parts = factors.map { factor in
      String(
        format: "%@ sd %.4f (%g%% CI %.4f to %.4f; permutation test p = %.3g)", factor.name,
        factor.variance.squareRoot(), options.level * 100, factor.interval.low.squareRoot(),
        factor.interval.high.squareRoot(), factor.permutationP)
    }
    return "\(row.task): \(name): \(parts.joined(separator: ", ")), rest sd "
      + String(format: "%.4f", design.components.rest.squareRoot()) + "."
  }

  static let columns = [
    "configuration_id", "variant", "task", "metric", "score", "n_init", "n_order", "sd_total", "ddof", "sd_init",
    "sd_init_low", "sd_init_high", "sd_order", "sd_order_low", "sd_order_high", "sd_rest", "interval_method", "level",
    "permutation_p_init", "permutation_p_order", "permutations", "permutation_seed", "not_decomposed",
    "invalid_best_worst_f_init", "invalid_best_worst_p_init", "invalid_best_worst_f_order",
    "invalid_best_worst_p_order",
  ]

  /// Writes seed_components.csv.
  ///
  /// - Throws: `FileError`.
  public static func write(_ components: [SeedComponents], to path: String) throws {
    let file = try CSVFile(path: path, columns: columns)
    for component in components { try file.write(component.fields) }
    try file.finish()
  }

  private var fields: [CSVField] {
    func both(_ values: (Factor) -> [Double]) -> [CSVField] {
      factors.isEmpty ? [] : factors.flatMap { values($0).map { .finite($0) } }
    }
    let head: [CSVField] = [
      .text(row.configurationIdentifier), .text(row.variant), .text(row.task), .text(row.metric),
      .text(options.score.rawValue), .integer(factors.first?.count), .integer(factors.last?.count),
    ]
    guard let design else {
      return head + Self.columns.dropFirst(head.count).map { $0 == "not_decomposed" ? .text(obstacle) : .missing }
    }
    return head + [
      .finite(Sample.standardDeviation(design.scores.flatMap { $0 }, ddof: 1)), .integer(1),
    ] + both { [$0.variance.squareRoot(), $0.interval.low.squareRoot(), $0.interval.high.squareRoot()] } + [
      .finite(design.components.rest.squareRoot()), .text("williams_tukey"), .number(options.level),
    ] + both { [$0.permutationP] } + [.integer(10_000), .text(String(options.bootstrapSeed)), .missing]
      + both { [$0.bestAgainstWorst.f, $0.bestAgainstWorst.p] }
  }
}
