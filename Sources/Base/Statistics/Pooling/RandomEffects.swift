// One effect estimated in several draws, pooled: every draw has an effect of its own, these vary about a mean, and the mean is
// asked for. A draw is a pre-training with its data, in which runs differ by fine-tuning seeds alone.

import Foundation

/// A random-effects meta-analysis: estimates `y_i` with known sampling variances `v_i`, whose true effects vary about a mean with
/// the variance tau^2.
package struct RandomEffects: Equatable, Sendable {
  /// The estimates, (draws).
  package let estimates: [Double]
  /// Their sampling variances, (draws), each positive.
  package let variances: [Double]
  /// tau^2, the variance of the true effects between draws, by restricted maximum likelihood.
  package let betweenVariance: Double
  /// Whether the standard error is at least that of known variances.
  package let isGuarded: Bool

  /// Fits at least two estimates with positive, finite variances.
  ///
  /// - Parameter guarded: Whether estimates that agree better than their sampling errors allow are not taken for surer than these
  ///   (Knapp and Hartung 2003; metafor's `test="adhoc"`). Without, draws that all have the same estimate would leave no error.
  package init(estimates: [Double], variances: [Double], guarded: Bool = false) {
    precondition(estimates.count == variances.count, "\(estimates.count) estimates but \(variances.count) variances")
    precondition(estimates.count > 1, "a mean of draws needs two estimates")
    precondition(variances.allSatisfy { $0 > 0 && $0.isFinite }, "sampling variances are positive")
    self.estimates = estimates
    self.variances = variances
    isGuarded = guarded
    betweenVariance = Self.restrictedMaximumLikelihood(estimates, variances)
  }

  /// The mean effect, each estimate weighted with `1 / (v_i + tau^2)`.
  package var mean: Double { Self.mean(estimates, weights: weights) }

  /// The standard error of the mean after Hartung and Knapp (2001): `sqrt(sum w_i (y_i - mean)^2 / ((k - 1) sum w_i))`, in units of
  /// the effect; where it is guarded at least `sqrt(1 / sum w_i)`.
  package var standardError: Double {
    let (mean, weight) = (mean, weights.reduce(0, +))
    let spread = zip(estimates, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) } / degrees
    return ((isGuarded ? max(1, spread) : spread) / weight).squareRoot()
  }

  /// Degrees of freedom of the mean's t distribution, one fewer than draws.
  package var degrees: Double { Double(estimates.count - 1) }

  /// The interval of the mean by Hartung and Knapp's standard error and Student's t.
  package func interval(level: Double = 0.95) -> ConfidenceInterval { around(mean, standardError, level) }

  /// The two-sided p-value of no mean effect, from the same standard error; 1 for estimates that are all 0.
  package var p: Double {
    if standardError == 0 { return mean == 0 ? 1 : 0 }
    return Student.twoSidedTail(mean / standardError, degrees: degrees)
  }

  /// The interval of the effect in one more draw: the error of the mean and the variance between draws together, as Higgins et al. (2009)
  /// have them. Their t has k - 2 degrees of freedom. This one has the k - 1 of the mean, as metafor's `predict` has them for a model with
  /// `test="knha"` or `"adhoc"` (Viechtbauer 2010), so that it is the mean's interval where no variance between draws is found.
  package func predictionInterval(level: Double = 0.95) -> ConfidenceInterval {
    around(mean, (betweenVariance + standardError * standardError).squareRoot(), level)
  }

  /// Cochran's Q (1954), the weighted squares about the mean without variance between draws, and its p-value under a chi-squared
  /// distribution: small where effects differ between draws.
  package var heterogeneity: (q: Double, p: Double) {
    let weights = variances.map { 1 / $0 }
    let mean = Self.mean(estimates, weights: weights)
    let q = zip(estimates, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
    return (q, ChiSquared.upperTail(q, degrees: degrees))
  }

  /// The smallest and the largest mean when the draws of one group are left out, such as those of one pre-training; nil where fewer
  /// than two draws would be left.
  ///
  /// - Parameter groups: The group of each draw, (draws).
  package func meansWithoutOne<Group: Hashable>(of groups: [Group]) -> ClosedRange<Double>? {
    precondition(groups.count == estimates.count, "\(groups.count) groups for \(estimates.count) draws")
    let means = Set(groups).compactMap { left -> Double? in
      let kept = groups.indices.filter { groups[$0] != left }
      guard kept.count > 1 else { return nil }
      return RandomEffects(estimates: kept.map { estimates[$0] }, variances: kept.map { variances[$0] }).mean
    }
    guard means.count == Set(groups).count, let low = means.min(), let high = means.max() else { return nil }
    return low...high
  }

  private var weights: [Double] { variances.map { 1 / ($0 + betweenVariance) } }

  private func around(_ center: Double, _ error: Double, _ level: Double) -> ConfidenceInterval {
    let half = Student.halfWidth(level: level, degrees: degrees) * error
    return ConfidenceInterval(low: center - half, high: center + half)
  }

  private static func mean(_ values: [Double], weights: [Double]) -> Double {
    zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
  }
}

extension RandomEffects {
  /// The tau^2 with the largest restricted likelihood (Viechtbauer 2005); 0 where that is at the boundary.
  ///
  /// The likelihood may have several maxima. So a grid finds the highest, and bisection of the derivative refines it.
  private static func restrictedMaximumLikelihood(_ estimates: [Double], _ variances: [Double]) -> Double {
    let spread = Sample.maximum(estimates) - Sample.minimum(estimates)
    // With tau^2 beyond spread^2 every squared residual is smaller than its variance, and the likelihood falls.
    let largest = max(spread * spread, variances.max() ?? 0)
    let smallest = min(variances.min() ?? 0, largest) * 1e-9
    let steps = 400
    let grid = [0] + (0...steps).map { smallest * pow(largest / smallest, Double($0) / Double(steps)) }
    let heights = grid.map { logLikelihood($0, estimates, variances) }
    let best = heights.indices.max { heights[$0] < heights[$1] } ?? 0
    var (low, high) = (grid[max(0, best - 1)], grid[min(grid.count - 1, best + 1)])
    guard slope(low, estimates, variances) > 0 else { return low }
    while true {
      let middle = low / 2 + high / 2
      if middle <= low || middle >= high { return middle }
      if slope(middle, estimates, variances) > 0 { low = middle } else { high = middle }
    }
  }

  /// The restricted log-likelihood but for a constant: `-(sum log(v_i + t) + log sum w_i + sum w_i (y_i - mean)^2) / 2`.
  private static func logLikelihood(_ between: Double, _ estimates: [Double], _ variances: [Double]) -> Double {
    let weights = variances.map { 1 / ($0 + between) }
    let mean = mean(estimates, weights: weights)
    let squares = zip(estimates, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
    let logs = variances.reduce(0) { $0 + log($1 + between) }
    return -(logs + log(weights.reduce(0, +)) + squares) / 2
  }

  /// Twice its derivative: `sum w^2 (y - mean)^2 - sum w + sum w^2 / sum w`.
  private static func slope(_ between: Double, _ estimates: [Double], _ variances: [Double]) -> Double {
    let weights = variances.map { 1 / ($0 + between) }
    let mean = mean(estimates, weights: weights)
    let squares = zip(estimates, weights).reduce(0) { $0 + $1.1 * $1.1 * ($1.0 - mean) * ($1.0 - mean) }
    let sum = weights.reduce(0, +)
    return squares - sum + weights.reduce(0) { $0 + $1 * $1 } / sum
  }
}
