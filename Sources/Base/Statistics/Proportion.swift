// One observed rate: its confidence intervals and its exact test against a given rate. Two rates are compared in
// `TwoProportions`.

import Foundation

/// A two-sided confidence interval.
package struct ConfidenceInterval: Equatable, Sendable {
  /// The lower bound.
  package var low: Double
  /// The upper bound.
  package var high: Double

  /// An interval from its bounds.
  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The interval of something that the data do not determine: both bounds are NaN.
  package static let undefined = ConfidenceInterval(low: .nan, high: .nan)
}

/// Intervals and tests for `count` successes in `total` trials.
package enum Proportion {
  /// Wilson's score interval (1927); NaN bounds for no trials.
  package static func wilson(count: Int, total: Int, level: Double = 0.95) -> ConfidenceInterval {
    guard total > 0 else { return .undefined }
    return wilson(rate: Double(count) / Double(total), effectiveTotal: Double(total), level: level)
  }

  /// The same of a rate that is known as well as one of `effectiveTotal` trials, which need not be a whole number.
  static func wilson(rate: Double, effectiveTotal n: Double, level: Double) -> ConfidenceInterval {
    let z = Normal.quantile(0.5 + level / 2)
    let center = (rate + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot()
    return ConfidenceInterval(low: rate == 0 ? 0 : center - half, high: rate == 1 ? 1 : center + half)
  }

  /// Clopper and Pearson's exact interval (1934), equal tails; NaN bounds for no trials.
  package static func clopperPearson(count: Int, total: Int, level: Double = 0.95) -> ConfidenceInterval {
    guard total > 0 else { return .undefined }
    let tail = (1 - level) / 2
    let (k, n) = (Double(count), Double(total))
    return ConfidenceInterval(
      low: count == 0 ? 0 : BetaDistribution.quantile(tail, k, n - k + 1),
      high: count == total ? 1 : BetaDistribution.quantile(1 - tail, k + 1, n - k))
  }

  /// The confidence sequence of a uniform mixture (Robbins 1970, Lai 1976): the rates with
  /// `(n + 1) P(X = count) >= 1 - level` under Binomial(n, rate).
  ///
  /// However often one looks, and however one decides when to stop, all the intervals together hold the rate with at least
  /// the probability `level`; so each is wider than an interval for a single look. Without trials it holds all rates.
  package static func confidenceSequence(count: Int, total: Int, level: Double = 0.95) -> ConfidenceInterval {
    let (k, n) = (Double(count), Double(total))
    let bound = log(1 - level) - log(n + 1) - (lgamma(n + 1).0 - lgamma(k + 1).0 - lgamma(n - k + 1).0)
    func isIn(_ rate: Double) -> Bool {
      let successes = count == 0 ? 0 : k * log(rate)
      return successes + (count == total ? 0 : (n - k) * log1p(-rate)) >= bound
    }
    /// The last rate from the observed one towards `end` that is in, by bisection to the last bit.
    func edge(_ end: Double) -> Double {
      if isIn(end) { return end }
      var (inside, outside) = (total == 0 ? 0.5 : k / n, end)
      while true {
        let middle = inside / 2 + outside / 2
        if middle == inside || middle == outside { return inside }
        if isIn(middle) { inside = middle } else { outside = middle }
      }
    }
    return ConfidenceInterval(low: edge(0), high: edge(1))
  }

  /// The exact one-sided p-value P(X >= count) of a binomial count under a given rate: small where the count is too
  /// large for that rate.
  package static func binomialUpperTail(count: Int, total: Int, rate: Double) -> Double {
    if count <= 0 { return 1 }
    if count > total { return 0 }
    return BetaDistribution.cumulative(rate, Double(count), Double(total - count + 1))
  }
}
