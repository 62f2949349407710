// Evidence about two recipes from pairs of runs with equal seeds, which may be looked at after every pair: an e-value in place of
// McNemar's p-value. Only discordant pairs count, in which one run failed and the other did not.

import Foundation

/// The e-value of discordant pairs against "either way is as likely".
package enum PairedEvidence {
  /// E = 2^d B(k + 1/2, d - k + 1/2) / B(1/2, 1/2) for `k` of `d` discordant pairs that go one way: the likelihood under a Jeffreys
  /// mixture of all probabilities over that under 1/2. If neither recipe is better, the largest E over all looks reaches 1 / alpha
  /// with at most the probability alpha, however one decides when to look (Ville 1939, Ramdas et al. 2023, arXiv 2210.01948).
  package static func value(_ k: Int, of d: Int) -> Double { exp(logarithm(k, of: d)) }

  private static func logarithm(_ k: Int, of d: Int) -> Double {
    precondition(k >= 0 && k <= d, "\(k) of \(d) discordant pairs")
    let (one, other) = (Double(k), Double(d - k))
    return Double(d) * log(2) + lgamma(one + 0.5).0 + lgamma(other + 0.5).0 - lgamma(one + other + 1).0 - log(Double.pi)
  }

  /// Whether E reaches `threshold`, which is the number of comparisons divided by alpha (Bonferroni's bound for e-values).
  package static func decides(_ k: Int, of d: Int, threshold: Double) -> Bool {
    logarithm(k, of: d) >= log(threshold)
  }

  /// Whether E can still reach `threshold` with `remaining` more pairs, if all of them were discordant and went the way that most
  /// have gone so far: where not, a comparison that ends then can be given up at once, at no cost in decisions.
  package static func canDecide(_ k: Int, of d: Int, remaining: Int, threshold: Double) -> Bool {
    decides(max(k, d - k) + remaining, of: d + remaining, threshold: threshold)
  }
}

/// A comparison of two recipes that stops when it is decided, with at most a number of pairs.
package struct PairedDesign: Equatable, Sendable {
  /// The most pairs.
  package var pairCount: Int
  /// 1 / alpha, times the number of comparisons.
  package var threshold: Double
  /// The pairs between two looks.
  package var lookEvery: Int
  /// Whether the comparison ends where it can no longer be decided.
  package var stopsForFutility: Bool

  package init(
    pairCount: Int, alpha: Double = 0.05, comparisonCount: Int = 1, lookEvery: Int = 1, stopsForFutility: Bool = true
  ) {
    precondition(pairCount > 0 && lookEvery > 0 && alpha > 0 && comparisonCount > 0)
    self.pairCount = pairCount
    threshold = Double(comparisonCount) / alpha
    self.lookEvery = lookEvery
    self.stopsForFutility = stopsForFutility
  }

  /// What a look after some pairs says.
  package enum Answer: Equatable, Sendable {
    case goesOn
    /// The recipes differ.
    case decided
    /// No answer, and none to come.
    case undecided
  }

  /// The answer after `pairs` pairs, of which `d` were discordant and `k` went one way. Without a look it is to go on.
  package func answer(_ k: Int, of d: Int, after pairs: Int) -> Answer {
    guard pairs % lookEvery == 0 || pairs == pairCount else { return .goesOn }
    if PairedEvidence.decides(k, of: d, threshold: threshold) { return .decided }
    guard stopsForFutility || pairs == pairCount else { return .goesOn }
    let isPossible = PairedEvidence.canDecide(k, of: d, remaining: pairCount - pairs, threshold: threshold)
    return isPossible && pairs < pairCount ? .goesOn : .undecided
  }

  /// How the comparison ends where a pair is discordant one way with the probability `one` and the other way with `other`,
  /// exactly: the probability that it is decided, and the expected number of pairs.
  package func course(one: Double, other: Double) -> (power: Double, meanPairCount: Double) {
    precondition(one >= 0 && other >= 0 && one + other <= 1 + 1e-12, "probabilities of \(one) and \(other)")
    let neither = max(0, 1 - one - other)
    let size = pairCount + 1
    // The probability of each number of pairs that went one way (rows) and the other (columns), while the comparison goes on.
    var going = [Double](repeating: 0, count: size * size)
    going[0] = 1
    var (power, mean) = (0.0, 0.0)
    for pairs in 1...pairCount {
      // From the largest numbers down, so that each is read before it is written.
      for k in stride(from: pairs, through: 0, by: -1) {
        for l in stride(from: pairs - k, through: 0, by: -1) {
          let index = k * size + l
          let chance =
            going[index] * neither + (k > 0 ? going[index - size] * one : 0) + (l > 0 ? going[index - 1] * other : 0)
          going[index] = 0
          guard chance > 0 else { continue }
          switch answer(k, of: k + l, after: pairs) {
          case .goesOn: going[index] = chance
          case .decided:
            power += chance
            mean += chance * Double(pairs)
          case .undecided: mean += chance * Double(pairs)
          }
        }
      }
    }
    return (power, mean)
  }
}
