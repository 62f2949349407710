// The regularized incomplete beta function and its inverse: the tail sums of the binomial distribution in closed form.
// Nothing else about the beta distribution is here.

import Foundation

/// The beta distribution with two positive shapes.
package enum BetaDistribution {
  /// The regularized incomplete beta function I_x(a, b), by the continued fraction of DLMF 8.17.22.
  ///
  /// The error is about `(a + b) log(a + b)` units in the last place, from the difference of log gammas.
  package static func cumulative(_ x: Double, _ a: Double, _ b: Double) -> Double {
    precondition(a > 0 && b > 0, "shapes \(a) and \(b) are positive")
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - lowerTail(1 - x, b, a) }
    return lowerTail(x, a, b)
  }

  /// The x with I_x(a, b) = p, by bisection to the last bit.
  package static func quantile(_ probability: Double, _ a: Double, _ b: Double) -> Double {
    if probability <= 0 { return 0 }
    if probability >= 1 { return 1 }
    var (low, high) = (0.0, 1.0)
    while true {
      let middle = low / 2 + high / 2
      if middle <= low || middle >= high { return middle }
      if cumulative(middle, a, b) < probability { low = middle } else { high = middle }
    }
  }

  private static func lowerTail(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let logBeta = lgamma(a).0 + lgamma(b).0 - lgamma(a + b).0
    return exp(a * log(x) + b * log1p(-x) - logBeta) / a * continuedFraction(x, a, b)
  }

  /// The continued fraction by the modified Lentz recurrence.
  private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var numerator = 1.0
    var denominator = 1 / away(1 - (a + b) * x / (a + 1))
    var result = denominator
    // The fraction converges within a few times sqrt(max(a, b)) terms; the bound only ends the loop for NaN.
    for term in 1...100_000 {
      let m = Double(term)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      denominator = 1 / away(1 + even * denominator)
      numerator = away(1 + even / numerator)
      result *= denominator * numerator
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      denominator = 1 / away(1 + odd * denominator)
      numerator = away(1 + odd / numerator)
      let change = denominator * numerator
      result *= change
      if abs(change - 1) <= 2 * Double.ulpOfOne { break }
    }
    return result
  }
}
