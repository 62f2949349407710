// What each quantity is, computed from tables. The statistics are those of the tables themselves.

import Foundation
import Host
import Statistics

extension Quantity {
  /// The quantity's value.
  ///
  /// - Throws: `NotComputed` where rows are missing or too few, or the value is not a number.
  func value(in tables: ResultTables) throws -> Double {
    let value = try computed(in: tables)
    guard !value.isNaN else { throw NotComputed(description: "a value is not a number") }
    return value
  }

  private func computed(in tables: ResultTables) throws -> Double {
    switch self {
    case .constant(let number): return number
    case .column(let rows, let reduction): return try Self.reduced(rows, reduction, tables)
    case .boschloo(let one, let other):
      let groups = try [one, other].map { rows in
        let flags = try Self.column(rows, tables, atLeast: 1)
        if let number = flags.first(where: { $0 != 0 && $0 != 1 }) {
          throw NotComputed(description: "\(rows.title): \(number) in \(rows.column) is no flag, as a rate needs")
        }
        return flags
      }
      let counts = groups.map { $0.count { $0 == 1 } }
      return TwoProportions.boschloo(
        first: counts[0], firstTotal: groups[0].count, second: counts[1], secondTotal: groups[1].count)
    case .levene(let one, let other, let aroundMedian):
      let groups = try [one, other].map { try Self.column($0, tables, atLeast: 2) }
      return Spread.levene(groups, center: aroundMedian ? .median : .mean).p
    case .mannWhitney(let one, let other):
      let groups = try [one, other].map { try Self.column($0, tables, atLeast: 1) }
      return LocationTests.mannWhitney(groups[0], groups[1]).p
    case .spearman(let rows, let other, let end):
      let pairs = try tables.numbers(rows, and: [other])
      guard pairs.count >= 4 else {
        throw NotComputed(description: "\(rows.title): \(pairs.count) rows, at least 4 are needed")
      }
      let correlation = Correlation.spearman(pairs.map { $0[0] }, pairs.map { $0[1] })
      if end != nil, abs(correlation) >= 1 {
        throw NotComputed(
          description:
            "\(rows.title): the ranks of \(pairs.count) rows are in one order or in the opposite one, and such "
            + "a correlation has no interval")
      }
      return Self.end(end, of: correlation, count: pairs.count)
    case .differing(let one, let other, let keys): return try Self.differing(one, other, keys, tables)
    case .ratio(let one, let other):
      let (above, below) = (try one.value(in: tables), try other.value(in: tables))
      guard below != 0 else { throw NotComputed(description: "a ratio is over 0") }
      return above / below
    case .difference(let one, let other): return try one.value(in: tables) - other.value(in: tables)
    }
  }

  private static func column(_ rows: Rows, _ tables: ResultTables, atLeast minimum: Int) throws -> [Double] {
    let values = try tables.numbers(rows).map { $0[0] }
    guard values.count >= minimum else {
      throw NotComputed(
        description: "\(rows.title): \(counted(values.count, "row")), at least \(minimum) needed")
    }
    return values
  }

  private static func reduced(_ rows: Rows, _ reduction: Reduction, _ tables: ResultTables) throws -> Double {
    if reduction == .count { return Double(try tables.fields(rows).count) }
    let values = try column(rows, tables, atLeast: reduction == .sd ? 2 : 1)
    switch reduction {
    case .only:
      guard values.count == 1 else {
        throw NotComputed(description: "\(rows.title): \(values.count) rows where one is meant")
      }
      return values[0]
    case .mean: return Sample.mean(values)
    case .median: return Sample.median(values)
    case .min: return Sample.minimum(values)
    case .max: return Sample.maximum(values)
    case .sum: return values.reduce(0, +)
    case .sd: return Sample.standardDeviation(values, ddof: 1)
    case .count: return Double(values.count)
    }
  }

  /// An end of Spearman's 95 % interval: tanh(atanh r -+ 1.96 sqrt((1 + r^2 / 2) / (n - 3))) (Bonett and Wright 2000).
  private static func end(_ end: End?, of correlation: Double, count: Int) -> Double {
    guard let end else { return correlation }
    let error = ((1 + correlation * correlation / 2) / Double(count - 3)).squareRoot()
    let reach = Normal.quantile(0.975) * error
    return tanh(atanh(correlation) + (end == .low ? -reach : reach))
  }

  private static func differing(
    _ one: Rows, _ other: Rows, _ keys: [String], _ tables: ResultTables
  ) throws -> Double {
    let groups = try [one, other].map { rows -> [[String]: String] in
      let fields = try tables.fields(rows, and: keys)
      let pairs = fields.map { (Array($0.dropFirst(rows.divisor == nil ? 1 : 2)), $0[0]) }
      let group = Dictionary(pairs) { first, _ in first }
      guard group.count == pairs.count, !pairs.isEmpty else {
        throw NotComputed(
          description: "\(rows.title): \(pairs.count) rows for \(group.count) keys (\(keys.joined(separator: ", ")))")
      }
      return group
    }
    let all = Set(groups[0].keys).union(groups[1].keys)
    return Double(all.count { groups[0][$0] != groups[1][$0] })
  }
}

extension Rows {
  /// The rows in words, for messages.
  package var title: String {
    let conditions = requirements.map { "\($0.column) \($0.requirement.words)" }
    return "\(run)/\(table)" + (conditions.isEmpty ? "" : " where \(conditions.joined(separator: ", "))")
  }
}

extension Rows.Requirement {
  fileprivate var words: String {
    switch self {
    case .oneOf(let texts): texts.joined(separator: " or ")
    case .number(let relation, let bound): "\(relation.words) \(bound)"
    }
  }
}
