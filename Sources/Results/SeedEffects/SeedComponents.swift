// What initialization, data order and dropout contribute to the spread of a recipe, where the sweep crosses their seeds:
// variance components, the permutation test, and the published test of best against worst, which is none.

import Foundation
import Host
import Reports
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
    let seeds = sorted(plan.seeds, by: crossed)
    return pairs.concurrentMap {
      SeedComponents($0.row, name: $0.name, seeds: seeds, factorCount: crossed, options: options)
    }
  }

  /// The seeds in the order of the first factor's seeds, then of the second's and so on. In that order every row of a factor's table has
  /// the same columns, and nothing depends on the order in which a sweep lists its seeds.
  private static func sorted(_ seeds: [TrialSeeds], by factorCount: Int) -> [TrialSeeds] {
    let factors = allFactors.prefix(factorCount)
    return seeds.sorted { one, other in
      factors.map { $0.seed(one) }.lexicographicallyPrecedes(factors.map { $0.seed(other) })
    }
  }

  /// Whether the seeds are every combination of the first factors' seeds, each once.
  private static func isCrossed(_ seeds: [TrialSeeds], by factorCount: Int) -> Bool {
    let factors = allFactors.prefix(factorCount)
    let counts = factors.map { factor in Set(seeds.map(factor.seed)).count }
    let cells = Set(seeds.map { triple in factors.map { $0.seed(triple) } })
    return counts.allSatisfy { $0 > 1 } && cells.count == seeds.count && cells.count == counts.reduce(1, *)
  }

  /// Decomposes the scores of a configuration; `seeds` are in the order of `sorted`.
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

  /// The scores, which are in the order of `sorted`, with a row for each seed of a factor and a column for each combination of the
  /// other factors' seeds.
  private static func table(_ scores: [Double], rows: [UInt64]) -> [[Double]] {
    var cellIndices: [UInt64: Int] = [:]
    var table: [[Double]] = []
    for (score, row) in zip(scores, rows) {
      let cellIndex = cellIndices[row] ?? table.count
      if cellIndex == table.count {
        cellIndices[row] = cellIndex
        table.append([])
      }
      table[cellIndex].append(score)
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

  /// The columns in order.
  package static let columns: [Column<SeedComponents>] =
    names
    + eachFactor { factor, index in
      [
        number("sd_\(factor)", "What \(factor) contributes to the spread.", .sampleDeviation) {
          $0.factor(index)?.variance.squareRoot()
        },
        number(
          "sd_\(factor)_low", "The lower bound of the interval of `sd_\(factor)`.", .interval("Williams and Tukey's"),
          role: .lowerBound(of: "sd_\(factor)")
        ) { $0.factor(index)?.interval.low.squareRoot() },
        number(
          "sd_\(factor)_high", "The upper bound of the interval of `sd_\(factor)`.", .interval("Williams and Tukey's"),
          role: .upperBound(of: "sd_\(factor)")
        ) { $0.factor(index)?.interval.high.squareRoot() },
      ]
    } + rest
    + eachFactor { factor, index in
      [
        number("permutation_p_\(factor)", "The p-value of no effect of \(factor), by permutation.") {
          $0.factor(index)?.permutationP
        }
      ]
    } + conventions
    + eachFactor { factor, index in
      [
        number(
          "invalid_best_worst_f_\(factor)", "The published F of the best against the worst seed of \(factor).",
          .note("invalid: the two are chosen by their scores; for comparison with papers only")
        ) { $0.factor(index)?.bestAgainstWorst.f }
      ]
    }
    + eachFactor { factor, index in
      [
        number(
          "invalid_best_worst_p_\(factor)", "The p-value of that F.",
          .note("invalid: the two are chosen by their scores; for comparison with papers only")
        ) { $0.factor(index)?.bestAgainstWorst.p }
      ]
    }

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "seed_components.csv",
    "One row for each configuration, where the sweep crosses seeds: what `init`, `order` and `dropout` seeds contribute to the "
      + "spread of its scores, as standard deviations. Written by `components`.", columns)

  private static let names: [Column<SeedComponents>] =
    [
      Column("configuration_id", "The configuration's identifier.", role: .key) {
        .text($0.row.configurationIdentifier)
      },
      Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.row.variant) },
      Column("task", "The task's name.", role: .key) { .text($0.row.task) },
      Column("metric", "The metric that scores the task.", role: .key) { .text($0.row.metric) },
      Column("score", "The evaluation that scores a run: `final` or `best`.", role: .key) {
        .text($0.options.score.rawValue)
      },
    ]
    + eachFactor { factor, index in
      [
        Column("n_\(factor)", "The number of \(factor) seeds; empty where they are not crossed.") {
          .integer($0.factor(index)?.count)
        }
      ]
    } + [
      number("sd_total", "The standard deviation of all scores of the design.", .sampleDeviation) {
        $0.rest == nil ? nil : Sample.standardDeviation($0.scores, ddof: 1)
      },
      Column("ddof", "What is taken from n in the divisor of `sd_total`.", role: .convention) {
        .integer($0.rest == nil ? nil : 1)
      },
    ]

  private static let rest: [Column<SeedComponents>] = [
    number("sd_rest", "What none of the crossed seeds explains.") { $0.rest?.squareRoot() },
    Column("interval_method", "The method of all intervals of the row.", role: .convention) {
      .text($0.rest == nil ? nil : "williams_tukey")
    },
    Column("level", "Their level.", role: .convention) { .number($0.rest == nil ? nil : $0.options.level) },
  ]

  private static let conventions: [Column<SeedComponents>] = [
    Column("permutations", "The permutations of each permutation test.", role: .convention) {
      .integer($0.rest == nil ? nil : 10_000)
    },
    Column("permutation_seed", "The seed of those permutations.", role: .convention) {
      .text($0.rest == nil ? nil : String($0.options.bootstrapSeed))
    },
    Column("not_decomposed", "Why there are no numbers; empty where there are.") { .text($0.obstacle) },
  ]

  /// Some columns for each factor.
  private static func eachFactor(
    _ columns: (_ factor: String, _ index: Int) -> [Column<SeedComponents>]
  ) -> [Column<SeedComponents>] {
    allFactors.enumerated().flatMap { index, factor in columns(factor.name, index) }
  }

  /// A number that may be undefined or, for seeds that are not crossed, missing.
  private static func number(
    _ name: String, _ documentation: String, _ convention: Convention? = nil, role: ColumnRole = .number,
    _ value: @escaping @Sendable (SeedComponents) -> Double?
  ) -> Column<SeedComponents> {
    Column(
      ColumnFacts(
        name: name, role: role, conventions: [convention].compactMap { $0 }, documentation: documentation)
    ) { row in value(row).map { .finite($0) } ?? .missing }
  }

  /// The part of a factor; nil where its seeds are not crossed or nothing was decomposed.
  private func factor(_ index: Int) -> Factor? { factors.indices.contains(index) ? factors[index] : nil }

  /// Writes seed_components.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ components: [SeedComponents], to path: String) throws {
    try columns.write(components, to: path)
  }
}
