// Two rates compared within strata, such as draws: each stratum has its own level, and only differences within strata count. The
// results are about these strata; `RandomEffects` is about strata in general.

import Foundation

/// Successes of two groups in several strata.
package struct StratifiedRates: Equatable, Sendable {
  /// The counts of one stratum.
  package struct Stratum: Equatable, Sendable {
    /// Successes of the first group.
    package var first: Int
    /// Trials of the first group.
    package var firstTotal: Int
    /// Successes of the second group.
    package var second: Int
    /// Trials of the second group.
    package var secondTotal: Int

    /// Counts; successes are at most as many as trials.
    package init(first: Int, firstTotal: Int, second: Int, secondTotal: Int) {
      precondition((0...firstTotal).contains(first) && (0...secondTotal).contains(second), "more successes than trials")
      self.first = first
      self.firstTotal = firstTotal
      self.second = second
      self.secondTotal = secondTotal
    }

    /// The first rate minus the second.
    var difference: Double { Double(first) / Double(firstTotal) - Double(second) / Double(secondTotal) }
  }

  /// The strata in which both groups have trials.
  package let strata: [Stratum]

  /// Strata, of which those with an empty group say nothing about a difference and are left out.
  package init(_ strata: [Stratum]) { self.strata = strata.filter { $0.firstTotal > 0 && $0.secondTotal > 0 } }

  /// Mantel and Haenszel's difference of rates, first minus second: each stratum's weighted with `n_1 n_2 / (n_1 + n_2)`; NaN without
  /// strata.
  package var difference: Double {
    strata.reduce(0) { $0 + $1.weight * $1.difference } / strata.reduce(0) { $0 + $1.weight }
  }

  /// Its variance after Sato (1989), which holds for few large strata and for many small ones: `(difference P + Q) / W^2` with P, Q
  /// and W summed over the strata.
  package var variance: Double {
    let weight = strata.reduce(0) { $0 + $1.weight }
    let (p, q) = strata.reduce((0, 0)) { ($0.0 + $1.satoTerms.p, $0.1 + $1.satoTerms.q) }
    return max(0, difference * p + q) / (weight * weight)
  }

  /// The two-sided p-value of equal rates by Sato's variance; NaN without strata. Where one group always succeeds and the other one
  /// never does that variance is 0, and the p-value is Mantel and Haenszel's (1959), whose variance is that of successes that are dealt
  /// to the two groups at random.
  package var p: Double {
    if difference == 0 { return 1 }
    if abs(difference) < 1, variance > 0 { return Normal.twoSidedTail(difference / variance.squareRoot()) }
    let excess = strata.reduce(0) { $0 + $1.weight * $1.difference }
    let dealt = strata.reduce(0) { $0 + $1.dealtVariance }
    return Normal.twoSidedTail(excess / dealt.squareRoot())
  }

  /// The interval of the difference by Sato's variance and the normal distribution; undefined where that variance is 0, as where no
  /// trial of either group succeeds: the counts do not say then how far the difference may be from its estimate.
  package func interval(level: Double = 0.95) -> ConfidenceInterval {
    guard variance > 0 else { return .undefined }
    let half = Normal.quantile(0.5 + level / 2) * variance.squareRoot()
    return ConfidenceInterval(low: difference - half, high: difference + half)
  }
}

extension StratifiedRates.Stratum {
  fileprivate var weight: Double {
    Double(firstTotal) * Double(secondTotal) / Double(firstTotal + secondTotal)
  }

  /// The variance of the first group's successes where all of the stratum's are dealt to the groups at random.
  fileprivate var dealtVariance: Double {
    let (m, n, successes) = (Double(firstTotal), Double(secondTotal), Double(first + second))
    let total = m + n
    return m * n * successes * (total - successes) / (total * total * (total - 1))
  }

  /// Sato's P and Q of one stratum. With a of m and b of n successes and N = m + n:
  /// `P = (m^2 b - n^2 a + m n (n - m) / 2) / N^2` and `Q = (a (n - b) + b (m - a)) / 2 N`.
  fileprivate var satoTerms: (p: Double, q: Double) {
    let (a, b, m, n) = (Double(first), Double(second), Double(firstTotal), Double(secondTotal))
    let total = m + n
    return (
      (m * m * b - n * n * a + m * n * (n - m) / 2) / (total * total), (a * (n - b) + b * (m - a)) / (2 * total)
    )
  }
}

extension PairedProportions {
  /// The pairs of several strata. McNemar's exact test of the sum is the exact stratified test, because the discordant pairs of a
  /// stratum are binomial with rate 1/2 under the hypothesis, whatever the stratum, and such counts add.
  package init(sumOf strata: [PairedProportions]) {
    self.init(
      both: strata.reduce(0) { $0 + $1.both }, onlyFirst: strata.reduce(0) { $0 + $1.onlyFirst },
      onlySecond: strata.reduce(0) { $0 + $1.onlySecond }, neither: strata.reduce(0) { $0 + $1.neither })
  }
}
