// The normal, Student's and Fisher's distributions as far as tests and intervals need them: tails and quantiles. The beta
// distribution, on which two of them rest, has its own file.

import Foundation

/// The standard normal distribution.
package enum Normal {
  /// P(Z <= z).
  package static func cumulative(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

  /// P(|Z| >= |z|).
  package static func twoSidedTail(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

  /// The quantile at a probability, by bisection of `erfc`; infinite at 0 and 1, NaN for NaN.
  package static func quantile(_ probability: Double) -> Double {
    if probability.isNaN { return .nan }
    // By symmetry only the lower half is searched, where `erfc` keeps its relative precision; nothing representable
    // lies beyond 40.
    if probability > 0.5 { return -quantile(1 - probability) }
    if probability <= 0 { return -.infinity }
    var (low, high) = (0.0, 40.0)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return -middle }
      if erfc(middle / 2.0.squareRoot()) / 2 > probability { low = middle } else { high = middle }
    }
  }
}

/// Student's t distribution.
package enum Student {
  /// P(|T| >= |t|) with some degrees of freedom, whole or not.
  package static func twoSidedTail(_ t: Double, degrees: Double) -> Double {
    guard !t.isNaN, degrees > 0 else { return .nan }
    if t.isInfinite { return 0 }
    return BetaDistribution.cumulative(degrees / (degrees + t * t), degrees / 2, 0.5)
  }

  /// The t with P(|T| >= t) = 1 - level.
  package static func halfWidth(level: Double, degrees: Double) -> Double {
    guard degrees > 0 else { return .nan }
    let x = BetaDistribution.quantile(1 - level, degrees / 2, 0.5)
    return (degrees * (1 - x) / x).squareRoot()
  }

  /// The confidence interval of the mean of a normal population; NaN bounds for fewer than two numbers.
  package static func interval(ofMeanOf values: [Double], level: Double = 0.95) -> ConfidenceInterval {
    guard values.count > 1 else { return .undefined }
    let half =
      halfWidth(level: level, degrees: Double(values.count - 1)) * Sample.standardDeviation(values, ddof: 1)
      / Double(values.count).squareRoot()
    let mean = Sample.mean(values)
    return ConfidenceInterval(low: mean - half, high: mean + half)
  }
}

/// Fisher and Snedecor's F distribution.
package enum FisherF {
  /// The quantile at a probability in (0, 1) with degrees of freedom above and below the fraction line.
  static func quantile(_ probability: Double, _ above: Double, _ below: Double) -> Double {
    let x = BetaDistribution.quantile(probability, above / 2, below / 2)
    return below * x / (above * (1 - x))
  }

  /// P(F >= f) with degrees of freedom above and below the fraction line.
  package static func upperTail(_ f: Double, _ above: Double, _ below: Double) -> Double {
    guard !f.isNaN, above > 0, below > 0 else { return .nan }
    if f.isInfinite { return 0 }
    return BetaDistribution.cumulative(below / (below + above * f), below / 2, above / 2)
  }
}
