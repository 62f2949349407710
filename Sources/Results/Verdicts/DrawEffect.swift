// A measure in one draw: its estimate with a sampling variance, on a scale on which it is about normal, and the numbers that the
// stratified tests take.

import Claims
import Foundation
import Host
import Statistics

/// A measure's estimate in one draw.
package struct DrawEffect: Equatable, Sendable {
  /// The estimate, on the measure's scale.
  package var estimate: Double
  /// Its sampling variance.
  package var variance: Double
  /// The runs of each group that it is about.
  package var runCounts: [Int]
  /// What stratified tests take of the draw.
  var stratum: Stratum
  /// The runs that are left out because they diverged and have no number in the measure's column.
  package var divergedCount = 0

  /// A draw's part in a test that compares within draws.
  enum Stratum: Equatable, Sendable {
    /// Counts of flags, and those of pairs where both groups have the same seeds.
    case rates(StratifiedRates.Stratum, pairs: PairedProportions?)
    /// Two groups of numbers, of which one may be larger.
    case location(StratifiedSamples.Stratum)
    /// Two groups of numbers, of which one may spread more.
    case spread(StratifiedSamples.Stratum)
    /// Two numbers of each run.
    case halves([Double], [Double])
    /// No such test.
    case none
  }

  /// The difference of two rates. In its variance half a run of either kind is added to each group, so that it is never 0.
  package init(rates: StratifiedRates.Stratum, pairs: PairedProportions? = nil) {
    self.init(
      estimate: Double(rates.first) / Double(rates.firstTotal) - Double(rates.second) / Double(rates.secondTotal),
      variance: Self.rateVariance(rates.first, rates.firstTotal) + Self.rateVariance(rates.second, rates.secondTotal),
      runCounts: [rates.firstTotal, rates.secondTotal], stratum: .rates(rates, pairs: pairs))
  }

  /// The log ratio of the standard deviations of two groups with the variance that normal numbers give it (Nakagawa et al. 2015); nil
  /// where a group has no spread.
  package init?(deviations samples: StratifiedSamples.Stratum) {
    let groups = [samples.first, samples.second]
    let deviations = groups.map { Sample.standardDeviation($0, ddof: 1) }
    guard deviations.allSatisfy({ $0 > 0 }) else { return nil }
    let halves = groups.map { 1 / (2 * Double($0.count - 1)) }
    self.init(
      estimate: log(deviations[0] / deviations[1]) + halves[0] - halves[1], variance: halves[0] + halves[1],
      runCounts: groups.map(\.count), stratum: .spread(samples))
  }

  init(estimate: Double, variance: Double, runCounts: [Int], stratum: Stratum, divergedCount: Int = 0) {
    self.estimate = estimate
    self.variance = variance
    self.runCounts = runCounts
    self.stratum = stratum
    self.divergedCount = divergedCount
  }

  /// The variance of a rate with half a success and half a failure added.
  static func rateVariance(_ count: Int, _ total: Int) -> Double {
    let rate = (Double(count) + 0.5) / (Double(total) + 1)
    return rate * (1 - rate) / Double(total)
  }

  /// The mean size of its groups.
  var groupSize: Double { Double(runCounts.reduce(0, +)) / Double(max(1, runCounts.count)) }
}

extension Measure {
  /// The measure in a draw.
  ///
  /// - Throws: `NotComputed` where rows are missing or too few.
  func effect(in tables: ResultTables) throws -> DrawEffect {
    switch self {
    case .riskDifference(let one, let other): try Self.rates(one, other, tables)
    case .meanDifference(let one, let other, let ofLogs): try Self.means(one, other, ofLogs: ofLogs, tables)
    case .deviationRatio(let one, let other): try Self.deviations(one, other, tables)
    case .mean(let rows, let against): try Self.mean(rows, against, tables)
    case .covariance(let rows, let second): try Self.covariance(rows, second, tables)
    case .spearman(let rows, let second): try Self.spearman(rows, second, tables)
    case .difference(let one, let other): try Self.difference(one.effect(in: tables), other.effect(in: tables))
    }
  }

  /// The difference of measures of different runs, which the reader of registrations ensures.
  private static func difference(_ one: DrawEffect, _ other: DrawEffect) -> DrawEffect {
    DrawEffect(
      estimate: one.estimate - other.estimate, variance: one.variance + other.variance,
      runCounts: one.runCounts + other.runCounts, stratum: .none, divergedCount: one.divergedCount + other.divergedCount
    )
  }

  private static func rates(_ one: Rows, _ other: Rows, _ tables: ResultTables) throws -> DrawEffect {
    let groups = try [one, other].map { try flags($0, tables) }
    let (first, second) = (groups[0], groups[1])
    let counts = groups.map { $0.count { $0 } }
    return DrawEffect(
      rates: StratifiedRates.Stratum(
        first: counts[0], firstTotal: first.count, second: counts[1], secondTotal: second.count),
      pairs: pairs(one, other, tables))
  }

  /// The pairs of runs with the same seed; nil where the groups have not the same seeds, or the table does not tell them.
  private static func pairs(_ one: Rows, _ other: Rows, _ tables: ResultTables) -> PairedProportions? {
    let groups = [one, other].map { rows -> [String: Bool]? in
      guard let fields = try? tables.fields(rows, and: ["seed"]) else { return nil }
      let group = Dictionary(fields.map { ($0[$0.count - 1], $0[0] == "true" || $0[0] == "1") }) { first, _ in first }
      return group.count == fields.count ? group : nil
    }
    guard let first = groups[0], let second = groups[1], Set(first.keys) == Set(second.keys) else { return nil }
    return PairedProportions(first.map { (first: $0.value, second: second[$0.key] == true) })
  }

  private static func means(_ one: Rows, _ other: Rows, ofLogs: Bool, _ tables: ResultTables) throws -> DrawEffect {
    let found = try [one, other].map { try numbers($0, tables) }
    let groups = try zip([one, other], found).map { rows, found -> [Double] in
      guard ofLogs else { return found.values }
      return try found.values.map { value in
        guard value > 0 else { throw NotComputed(description: "\(rows.title): \(value) has no logarithm") }
        return log(value)
      }
    }
    let deviations = groups.map { Sample.standardDeviation($0, ddof: 1) }
    let variance = zip(deviations, groups).reduce(0) { $0 + $1.0 * $1.0 / Double($1.1.count) }
    guard variance > 0 else { throw NotComputed(description: "\(one.title): all runs of both groups have one value") }
    return DrawEffect(
      estimate: Sample.mean(groups[0]) - Sample.mean(groups[1]), variance: variance, runCounts: groups.map(\.count),
      stratum: .location(StratifiedSamples.Stratum(first: groups[0], second: groups[1])),
      divergedCount: found[0].divergedCount + found[1].divergedCount)
  }

  private static func deviations(_ one: Rows, _ other: Rows, _ tables: ResultTables) throws -> DrawEffect {
    let found = try [one, other].map { try numbers($0, tables) }
    let samples = StratifiedSamples.Stratum(first: found[0].values, second: found[1].values)
    guard var effect = DrawEffect(deviations: samples) else {
      throw NotComputed(
        description: "\(one.title): all runs of a group have one value, so there is no ratio of deviations")
    }
    effect.divergedCount = found[0].divergedCount + found[1].divergedCount
    return effect
  }

  private static func mean(_ rows: Rows, _ against: Double, _ tables: ResultTables) throws -> DrawEffect {
    let (values, divergedCount) = try numbers(rows, tables)
    // Numbers that happen to be all 0 or 1 are no flags, and neither are quotients.
    let areFlags = try rows.divisor == nil && tables.fields(rows).allSatisfy { ["true", "false"].contains($0[0]) }
    let deviation = Sample.standardDeviation(values, ddof: 1)
    let variance =
      areFlags
      ? DrawEffect.rateVariance(values.count { $0 == 1 }, values.count) : deviation * deviation / Double(values.count)
    guard variance > 0 else { throw NotComputed(description: "\(rows.title): all runs have one value") }
    return DrawEffect(
      estimate: Sample.mean(values) - against, variance: variance, runCounts: [values.count], stratum: .none,
      divergedCount: divergedCount)
  }

  /// The covariance with the sampling variance that normal numbers give it, `(s_12^2 + s_1^2 s_2^2) / (n - 1)`.
  private static func covariance(_ rows: Rows, _ second: String, _ tables: ResultTables) throws -> DrawEffect {
    let (first, second, divergedCount) = try pairs(rows, second, tables)
    let covariance = Correlation.covariance(first, second)
    let deviations = [first, second].map { Sample.standardDeviation($0, ddof: 1) }
    let product = deviations[0] * deviations[0] * deviations[1] * deviations[1]
    guard product > 0 else { throw NotComputed(description: "\(rows.title): all runs have one value") }
    return DrawEffect(
      estimate: covariance, variance: (covariance * covariance + product) / Double(first.count - 1),
      runCounts: [first.count], stratum: .halves(first, second), divergedCount: divergedCount)
  }

  /// Fisher's transformation with Bonett and Wright's (2000) variance.
  private static func spearman(_ rows: Rows, _ second: String, _ tables: ResultTables) throws -> DrawEffect {
    let (first, second, divergedCount) = try pairs(rows, second, tables)
    let correlation = Correlation.spearman(first, second)
    guard abs(correlation) < 1 else {
      throw NotComputed(
        description: "\(rows.title): the ranks of \(first.count) runs agree entirely, or all runs have one value")
    }
    return DrawEffect(
      estimate: atanh(correlation), variance: (1 + correlation * correlation / 2) / Double(first.count - 3),
      runCounts: [first.count], stratum: .none, divergedCount: divergedCount)
  }

  private static func pairs(
    _ rows: Rows, _ second: String, _ tables: ResultTables
  ) throws -> (first: [Double], second: [Double], divergedCount: Int) {
    let (pairs, divergedCount) = try tables.numbersWithoutDiverged(rows, and: [second])
    try require(pairs.joined(), rows)
    try require(pairs.count, rows, atLeast: 4, divergedCount)
    return (pairs.map { $0[0] }, pairs.map { $0[1] }, divergedCount)
  }

  private static func flags(_ rows: Rows, _ tables: ResultTables) throws -> [Bool] {
    let values = try tables.numbers(rows).map { $0[0] }
    try require(values.count, rows, atLeast: 1, 0)
    if rows.divisor != nil {
      throw NotComputed(description: "\(rows.title): quotients are no flags, as a rate needs; leave over out")
    }
    if let number = values.first(where: { $0 != 0 && $0 != 1 }) {
      throw NotComputed(description: "\(rows.title): \(number) in \(rows.column) is no flag, as a rate needs")
    }
    return values.map { $0 == 1 }
  }

  /// At least two numbers, without those of runs that diverged and have none.
  private static func numbers(
    _ rows: Rows, _ tables: ResultTables
  ) throws -> (values: [Double], divergedCount: Int) {
    let (found, divergedCount) = try tables.numbersWithoutDiverged(rows)
    let values = found.map { $0[0] }
    try require(values.count, rows, atLeast: 2, divergedCount)
    try require(values, rows)
    return (values, divergedCount)
  }

  /// Refuses too few rows.
  private static func require(_ count: Int, _ rows: Rows, atLeast least: Int, _ divergedCount: Int) throws {
    guard count < least else { return }
    let diverged = divergedCount == 0 ? "" : ", beside \(divergedCount) of runs that diverged and have no number"
    throw NotComputed(description: "\(rows.title): \(counted(count, "row"))\(diverged), at least \(least) are needed")
  }

  /// Refuses values that are no numbers, of runs that did not diverge.
  private static func require(_ values: some Sequence<Double>, _ rows: Rows) throws {
    guard values.allSatisfy(\.isFinite) else {
      throw NotComputed(
        description:
          "\(rows.title): a row has no finite \(rows.column), and its status is not diverged, for which it would be left out; a bound "
          + "in where, such as \(rows.column): { below: 1e9 }, leaves such rows out, if it is registered before the runs"
      )
    }
  }
}
