// The regularized incomplete gamma functions and, resting on them, tails and quantiles of the chi-squared distribution. Nothing
// else about the gamma distribution is here.

import Foundation

/// The gamma distribution with scale 1.
enum GammaDistribution {
  /// P(a, x), the probability of at most x.
  static func cumulative(_ x: Double, _ shape: Double) -> Double { tails(x, shape).lower }

  /// Q(a, x), the probability of more than x, also where it is far below the distance of two numbers near 1.
  static func upperTail(_ x: Double, _ shape: Double) -> Double { tails(x, shape).upper }

  /// Both tails. Below a + 1 the series gives P, above it the continued fraction gives Q (DLMF 8.11.4 and 8.9.2); the other tail is
  /// 1 minus that one, and large enough there to lose no precision.
  private static func tails(_ x: Double, _ shape: Double) -> (lower: Double, upper: Double) {
    precondition(shape > 0, "the shape \(shape) is positive")
    if x.isNaN { return (.nan, .nan) }
    if x <= 0 { return (0, 1) }
    if x.isInfinite { return (1, 0) }
    let scale = exp(shape * log(x) - x - lgamma(shape).0)
    if x < shape + 1 {
      var term = 1 / shape
      var sum = term
      var step = 1.0
      while term > sum * Double.ulpOfOne / 4 {
        term *= x / (shape + step)
        sum += term
        step += 1
      }
      let lower = min(1, scale * sum)
      return (lower, 1 - lower)
    }
    let tiny = 1e-300
    var first = x + 1 - shape
    var denominator = 1 / first
    var numerator = 1 / tiny
    var result = denominator
    // The fraction converges within a few times sqrt(shape) terms; the bound only ends the loop for NaN.
    for term in 1...100_000 {
      let m = Double(term)
      let product = -m * (m - shape)
      first += 2
      denominator = 1 / (product * denominator + first)
      numerator = first + product / numerator
      let change = denominator * numerator
      result *= change
      if abs(change - 1) <= 2 * Double.ulpOfOne { break }
    }
    let upper = scale * result
    return (max(0, 1 - upper), upper)
  }
}

/// The chi-squared distribution.
package enum ChiSquared {
  /// P(X >= x).
  package static func upperTail(_ x: Double, degrees: Double) -> Double {
    GammaDistribution.upperTail(x / 2, degrees / 2)
  }

  /// The quantile at a probability in (0, 1), by bisection to the last bit.
  static func quantile(_ probability: Double, degrees: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while GammaDistribution.cumulative(high / 2, degrees / 2) < probability { high *= 2 }
    while true {
      let middle = low / 2 + high / 2
      if middle <= low || middle >= high { return middle }
      if GammaDistribution.cumulative(middle / 2, degrees / 2) < probability { low = middle } else { high = middle }
    }
  }
}
