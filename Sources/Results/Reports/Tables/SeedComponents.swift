// What initialization, data order and dropout contribute to the spread of a recipe, where the sweep crosses their seeds:
// variance components, the permutation test, and the published test of best against worst, which is none.

import Foundation
import Statistics
import Tables
import Trials

/// The seeds' contributions to one configuration's spread.
package struct SeedComponents: Sendable {
  /// The configuration.
  package let row: SummaryRow
  /// What the configuration is called.
  package let name: String
  /// What none of the factors explains, a variance; nil where cells are missing.
  private(set) var rest: Double?
  /// All scores of the design.
  private(set) var scores: [Double] = []
  /// Why there is no decomposition.
  private(set) var obstacle: String?
  let options: TableOptions
  /// The factors' parts: initialization, order and, where it is crossed as well, dropout.
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

  /// The factors that may be crossed, and their seeds.
  private static let allFactors: [(name: String, seed: @Sendable (TrialSeeds) -> UInt64)] = [
    ("init", { $0.initialization }), ("order", { $0.order }), ("dropout", { $0.dropout }),
  ]

  /// The contributions of each configuration of a plan whose seeds cross initialization and order, or dropout too; nil for
  /// another plan.
  package static func all(_ plan: SweepPlan, _ rows: [SummaryRow], options: TableOptions) -> [SeedComponents]? {
    let crossed = [3, 2].first { isCrossed(plan.seeds, by: $0) }
    guard let crossed else { return nil }
    let pairs = zip(plan.configurations, rows).map { (name: $0.recipeName, row: $1) }
    return pairs.concurrentMap {
      SeedComponents($0.row, name: $0.name, seeds: plan.seeds, factorCount: crossed, options: options)
    }
  }

  /// Whether the seeds are every combination of the first factors' seeds, each once.
  private static func isCrossed(_ seeds: [TrialSeeds], by factorCount: Int) -> Bool {
    let factors = allFactors.prefix(factorCount)
    let counts = factors.map { factor in Set(seeds.map(factor.seed)).count }
    let cells = Set(seeds.map { triple in factors.map { $0.seed(triple) } })
    return counts.allSatisfy { $0 > 1 } && cells.count == seeds.count && cells.count == counts.reduce(1, *)
  }

  private init(
    _ row: SummaryRow, name: String, seeds: [TrialSeeds], factorCount: Int, options: TableOptions
  ) {
    self.row = row
    self.name = name
    self.options = options
    let known = Dictionary(row.runs.map { ($0.seeds, $0.value) }, uniquingKeysWith: { one, _ in one })
    let values = seeds.map { known[$0.title].map { $0.isNaN ? row.constantScore ?? .nan : $0 } }
    let missing = values.count { $0 == nil }
    if missing > 0 {
      obstacle = "\(missing) of \(values.count) runs have no result"
      return
    }
    scores = values.compactMap { $0 }
    if scores.contains(where: \.isNaN) {
      obstacle = "a run diverged and the constant classifier's score is not known"
      return
    }
    let designs = Self.allFactors.prefix(factorCount).map { factor in
      CrossedSeeds(Self.table(scores, rows: seeds.map(factor.seed)))
    }
    rest = CrossedSeeds.rest(of: scores, factors: designs)
    factors = zip(Self.allFactors, designs).map { Self.factor($0.name, $1, options) }
  }

  /// The scores with a row for each seed of a factor, in each row those of the other factors' combinations in one order.
  private static func table(_ scores: [Double], rows: [UInt64]) -> [[Double]] {
    var places: [UInt64: Int] = [:]
    var table: [[Double]] = []
    for (score, row) in zip(scores, rows) {
      let place = places[row] ?? table.count
      if place == table.count {
        places[row] = place
        table.append([])
      }
      table[place].append(score)
    }
    return table
  }

  private static func factor(_ name: String, _ design: CrossedSeeds, _ options: TableOptions) -> Factor {
    Factor(
      name: name, count: design.scores.count, variance: design.components.rows,
      interval: design.rowInterval(level: options.level),
      permutationP: design.permutationTest(seed: options.bootstrapSeed), bestAgainstWorst: design.bestAgainstWorst)
  }

  /// What each factor contributes, in words.
  package var sentence: String {
    guard let rest else { return "\(row.task): \(name): not decomposed: \(obstacle ?? "")." }
    let parts = factors.map { factor in
      String(
        format: "%@ sd %.4f (%g%% CI %.4f to %.4f; permutation test p = %.3g)", factor.name,
        factor.variance.squareRoot(), options.level * 100, factor.interval.low.squareRoot(),
        factor.interval.high.squareRoot(), factor.permutationP)
    }
    return "\(row.task): \(name): \(parts.joined(separator: ", ")), rest sd "
      + String(format: "%.4f", rest.squareRoot()) + "."
  }

  static let columns =
    [
      "configuration_id", "variant", "task", "metric", "score", "n_init", "n_order", "n_dropout", "sd_total", "ddof",
    ] + ofEach("sd", "", "_low", "_high") + ["sd_rest", "interval_method", "level"] + ofEach("permutation_p", "")
    + ["permutations", "permutation_seed", "not_decomposed"] + ofEach("invalid_best_worst_f", "")
    + ofEach("invalid_best_worst_p", "")

  /// `sd_init`, `sd_init_low`, ..., `sd_order`, ...
  private static func ofEach(_ start: String, _ endings: String...) -> [String] {
    allFactors.flatMap { factor in endings.map { "\(start)_\(factor.name)\($0)" } }
  }

  /// Writes seed_components.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ components: [SeedComponents], to path: String) throws {
    let file = try CSVFile(path: path, columns: columns)
    for component in components { try file.write(component.fields) }
    try file.finish()
  }

  private var fields: [CSVField] {
    /// Some numbers of every factor; empty fields for one that is not crossed.
    func each(_ count: Int, _ values: (Factor) -> [Double]) -> [CSVField] {
      Self.allFactors.indices.flatMap { place -> [CSVField] in
        factors.indices.contains(place)
          ? values(factors[place]).map { .finite($0) } : Array(repeating: .missing, count: count)
      }
    }
    let counts = Self.allFactors.indices.map { factors.indices.contains($0) ? factors[$0].count : nil }
    let head: [CSVField] = [
      .text(row.configurationIdentifier), .text(row.variant), .text(row.task), .text(row.metric),
      .text(options.score.rawValue),
    ]
    guard let rest else {
      return head + Self.columns.dropFirst(head.count).map { $0 == "not_decomposed" ? .text(obstacle) : .missing }
    }
    let spread: [CSVField] = [.finite(Sample.standardDeviation(scores, ddof: 1)), .integer(1)]
    return head + counts.map { .integer($0) } + spread
      + each(3) { [$0.variance.squareRoot(), $0.interval.low.squareRoot(), $0.interval.high.squareRoot()] }
      + [.finite(rest.squareRoot()), .text("williams_tukey"), .number(options.level)] + each(1) { [$0.permutationP] }
      + [.integer(10_000), .text(String(options.bootstrapSeed)), .missing] + each(1) { [$0.bestAgainstWorst.f] }
      + each(1) { [$0.bestAgainstWorst.p] }
  }
}
