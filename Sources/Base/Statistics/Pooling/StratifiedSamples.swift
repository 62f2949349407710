// Two groups of numbers compared within strata, such as draws: whether one group's numbers are larger, and whether they spread
// more. Numbers of different strata are never compared.

import Foundation

/// Two groups of numbers in several strata.
package struct StratifiedSamples: Equatable, Sendable {
  /// The two groups of one stratum.
  package struct Stratum: Equatable, Sendable {
    package var first: [Double]
    package var second: [Double]

    /// The numbers of both groups, none of them NaN.
    package init(first: [Double], second: [Double]) {
      precondition((first + second).allSatisfy { !$0.isNaN }, "a number is not a number")
      self.first = first
      self.second = second
    }
  }

  /// The strata.
  package let strata: [Stratum]

  /// Some strata.
  package init(_ strata: [Stratum]) { self.strata = strata }

  /// The result of van Elteren's test.
  package struct VanElteren: Equatable, Sendable {
    /// The standardized statistic, positive where the first group's numbers are larger.
    package var z: Double
    /// The two-sided p-value, by the normal distribution.
    package var p: Double
  }

  /// Van Elteren's test (1960) that in every stratum both groups have one distribution: Wilcoxon's rank sums weighted with
  /// `1 / (N + 1)`, with the variance of tied ranks; NaN where no stratum has two different numbers and two groups.
  package var vanElteren: VanElteren {
    var (excess, variance) = (0.0, 0.0)
    for stratum in strata where !stratum.first.isEmpty && !stratum.second.isEmpty {
      let ranks = Correlation.averageRanks(stratum.first + stratum.second)
      let (m, n) = (Double(stratum.first.count), Double(stratum.second.count))
      let total = m + n
      let mean = (total + 1) / 2
      let squares = ranks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let weight = 1 / (total + 1)
      excess += weight * (ranks.prefix(stratum.first.count).reduce(0, +) - m * mean)
      // The variance of a sum of m of the N ranks, drawn without replacement.
      variance += weight * weight * m * n / (total * (total - 1)) * squares
    }
    guard variance > 0 else { return VanElteren(z: .nan, p: .nan) }
    let z = excess / variance.squareRoot()
    return VanElteren(z: z, p: Normal.twoSidedTail(z))
  }

  /// The log of the first group's standard deviation over the second's, both pooled over the strata from deviations from the mean of
  /// the group in its stratum; NaN where a group has no degree of freedom or no spread.
  package var logDeviationRatio: Double {
    Self.logRatio(strata.map { ($0.first.deviations, $0.second.deviations) })
  }

  /// The two-sided p-value of equal spread: the share of `count` random reallocations of each stratum's deviations to the two groups
  /// whose log ratio is as far from 0 as the observed one, which counts as one of them.
  ///
  /// Deviations are divided by `sqrt(1 - 1 / n)`, since those from the mean of few numbers are smaller.
  package func spreadTest(count: Int = 10_000, seed: UInt64 = 1) -> Double {
    let scaled = strata.map { ($0.first.scaledDeviations, $0.second.scaledDeviations) }
    let observed = abs(Self.logRatio(scaled))
    guard observed.isFinite else { return .nan }
    var stream = IndexStream(seed: seed, site: .max - 2)
    // Sums of the same squares in another order differ by rounding.
    let slack = 1e-12
    var extreme = 1
    for _ in 0..<count {
      let shuffled = scaled.map { first, second -> ([Double], [Double]) in
        var pool = first + second
        stream.shuffle(&pool, first: first.count)
        return (Array(pool[..<first.count]), Array(pool[first.count...]))
      }
      // Groups without any spread are as far apart as can be.
      let ratio = abs(Self.logRatio(shuffled))
      if ratio.isNaN || ratio >= observed - slack { extreme += 1 }
    }
    return Double(extreme) / Double(count + 1)
  }

  /// The log ratio of the roots of the pooled variances of deviations.
  private static func logRatio(_ strata: [([Double], [Double])]) -> Double {
    func variance(_ groups: [[Double]]) -> Double {
      let squares = groups.joined().reduce(0) { $0 + $1 * $1 }
      return squares / Double(groups.reduce(0) { $0 + max(0, $1.count - 1) })
    }
    let (first, second) = (variance(strata.map(\.0)), variance(strata.map(\.1)))
    guard first > 0 || second > 0, first.isFinite, second.isFinite else { return .nan }
    return (log(first) - log(second)) / 2
  }
}

extension [Double] {
  /// The differences from the mean; exact zeros where all numbers are equal.
  fileprivate var deviations: [Double] {
    if let first, allSatisfy({ $0 == first }) { return map { _ in 0 } }
    let mean = Sample.mean(self)
    return map { $0 - mean }
  }

  fileprivate var scaledDeviations: [Double] {
    guard count > 1 else { return deviations }
    let scale = (1 - 1 / Double(count)).squareRoot()
    return deviations.map { $0 / scale }
  }
}
