// Tests of whether one group's scores are higher than another's: Welch's t, Mann and Whitney's U and a permutation test. They
// are secondary here, because a difference of means says little about a mixture of failed and successful runs.

import Foundation

/// Tests of two independent samples.
package enum LocationTests {
  /// The result of Welch's test.
  package struct Welch: Equatable, Sendable {
    /// The first mean minus the second.
    package var difference: Double
    /// The t statistic.
    package var t: Double
    /// Welch and Satterthwaite's degrees of freedom.
    package var degrees: Double
    /// The two-sided p-value.
    package var p: Double
    /// The interval of the difference.
    package var interval: ConfidenceInterval
  }

  /// Welch's t test (1947) of the means; NaN for a group of fewer than two and for two constant groups.
  package static func welch(_ first: [Double], _ second: [Double], level: Double = 0.95) -> Welch {
    let difference = Sample.mean(first) - Sample.mean(second)
    func squaredError(_ values: [Double]) -> Double {
      let deviation = Sample.standardDeviation(values, ddof: 1)
      return deviation * deviation / Double(values.count)
    }
    let (a, b) = (squaredError(first), squaredError(second))
    let degrees =
      (a + b) * (a + b) / (a * a / Double(first.count - 1) + b * b / Double(second.count - 1))
    guard a + b > 0, degrees.isFinite else {
      return Welch(difference: difference, t: .nan, degrees: .nan, p: .nan, interval: .undefined)
    }
    let error = (a + b).squareRoot()
    let t = difference / error
    let half = Student.halfWidth(level: level, degrees: degrees) * error
    return Welch(
      difference: difference, t: t, degrees: degrees, p: Student.twoSidedTail(t, degrees: degrees),
      interval: ConfidenceInterval(low: difference - half, high: difference + half))
  }

  /// The result of Mann and Whitney's test.
  package struct MannWhitney: Equatable, Sendable {
    /// The number of pairs in which the first group's number is larger; ties count half.
    package var u: Double
    /// The two-sided p-value.
    package var p: Double
    /// U over the number of pairs: the probability that a number of the first group exceeds one of the second, ties
    /// counted half.
    package var superiority: Double
  }

  /// Mann and Whitney's test (1947): exact without ties if one group has at most 8 numbers and the other fewer than some
  /// hundreds, otherwise the normal approximation with corrections for ties and continuity.
  /// Infinities have ranks; NaN and an empty group give NaN.
  package static func mannWhitney(_ first: [Double], _ second: [Double]) -> MannWhitney {
    guard !first.isEmpty, !second.isEmpty, !(first + second).contains(where: \.isNaN) else {
      return MannWhitney(u: .nan, p: .nan, superiority: .nan)
    }
    let ranks = Correlation.averageRanks(first + second)
    let (m, n) = (Double(first.count), Double(second.count))
    let u = ranks.prefix(first.count).reduce(0, +) - m * (m + 1) / 2
    let extreme = max(u, m * n - u)
    let ties = tieSizes(ranks)
    let p: Double
    if ties.isEmpty, min(first.count, second.count) <= 8, let counts = rankSumCounts(first.count, second.count) {
      p = 2 * counts[Int(extreme)...].reduce(0, +) / counts.reduce(0, +)
    } else {
      let total = m + n
      let tieSum = ties.reduce(0) { $0 + Double($1) * (Double($1) * Double($1) - 1) }
      let variance = m * n / 12 * (total + 1 - tieSum / (total * (total - 1)))
      // All numbers are equal, so the groups do not differ.
      p = variance > 0 ? 2 * Normal.cumulative(-(extreme - m * n / 2 - 0.5) / variance.squareRoot()) : 1
    }
    return MannWhitney(u: u, p: min(1, p), superiority: u / (m * n))
  }

  private static func tieSizes(_ ranks: [Double]) -> [Int] {
    Dictionary(grouping: ranks, by: { $0 }).values.map(\.count).filter { $0 > 1 }
  }

  /// The number of arrangements with each U, the coefficients of the Gaussian binomial; nil where they are not exact in
  /// `Double`.
  private static func rankSumCounts(_ first: Int, _ second: Int) -> [Double]? {
    guard binomial(first + second, min(first, second)) < 0x1p53 else { return nil }
    var counts = Array(repeating: 0.0, count: first * second + 1)
    counts[0] = 1
    let (small, large) = (min(first, second), max(first, second))
    for factor in 1...small {
      for index in stride(from: counts.count - 1, through: large + factor, by: -1) {
        counts[index] -= counts[index - large - factor]
      }
      for index in stride(from: factor, to: counts.count, by: 1) { counts[index] += counts[index - factor] }
    }
    return counts
  }

  /// The result of a permutation test.
  package struct Permutation: Equatable, Sendable {
    /// The two-sided p-value, twice the smaller one-sided one.
    package var p: Double
    /// The number of arrangements compared.
    package var arrangementCount: Int
    /// Whether all possible arrangements were compared.
    package var isExact: Bool
  }

  /// The permutation test of the difference of means: over all arrangements if there are at most `limit`, otherwise over
  /// `limit` random ones, which include the observed one; NaN for an empty group.
  package static func permutation(
    _ first: [Double], _ second: [Double], limit: Int = 10_000, seed: UInt64 = 1
  ) -> Permutation {
    let pool = first + second
    guard !first.isEmpty, !second.isEmpty, pool.allSatisfy(\.isFinite) else {
      return Permutation(p: .nan, arrangementCount: 0, isExact: false)
    }
    let observed = first.reduce(0, +)
    // Sums of the same numbers in different orders differ by rounding.
    let slack = 1e-13 * pool.reduce(0) { $0 + abs($1) }
    var (lowCount, highCount) = (0, 0)
    func count(_ sum: Double) {
      if sum <= observed + slack { lowCount += 1 }
      if sum >= observed - slack { highCount += 1 }
    }
    let isExact = binomial(pool.count, first.count) <= Double(limit)
    if isExact {
      visitSubsets(of: pool, size: first.count, count)
    } else {
      (lowCount, highCount) = (1, 1)
      var stream = IndexStream(seed: seed, site: .max)
      var shuffled = pool
      for _ in 0..<limit {
        stream.shuffle(&shuffled, first: first.count)
        count(shuffled.prefix(first.count).reduce(0, +))
      }
    }
    let arrangements = isExact ? Int(binomial(pool.count, first.count).rounded()) : limit + 1
    return Permutation(
      p: min(1, 2 * Double(min(lowCount, highCount)) / Double(arrangements)), arrangementCount: arrangements,
      isExact: isExact)
  }

  /// Calls with the sum of every subset of a size, the subsets in the order of their indices.
  private static func visitSubsets(of values: [Double], size: Int, _ visit: (Double) -> Void) {
    var chosen = Array(0..<size)
    // The sums of the first 0, 1, ... chosen values: what comes before the first index that changes is not added again.
    var sums = Array(repeating: 0.0, count: size + 1)
    var firstChanged = 0
    while true {
      for index in firstChanged..<size { sums[index + 1] = sums[index] + values[chosen[index]] }
      visit(sums[size])
      guard let last = chosen.indices.last(where: { chosen[$0] < values.count - size + $0 }) else { return }
      chosen[last] += 1
      for index in last + 1..<size { chosen[index] = chosen[index - 1] + 1 }
      firstChanged = last
    }
  }

  private static func binomial(_ total: Int, _ chosen: Int) -> Double {
    (0..<min(chosen, total - chosen)).reduce(1) { $0 * Double(total - $1) / Double($1 + 1) }
  }
}
