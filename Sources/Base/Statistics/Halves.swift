// Separates the spread that the models cause from the spread that the choice of evaluation examples causes. The examples
// are cut into two halves; chance in one half is not repeated in the other, so what both halves share is due to the models.

/// Scores of the same runs on two disjoint halves of an evaluation set.
package enum Halves {
  /// What two halves share.
  package struct Shared: Equatable, Sendable {
    /// The covariance over runs (ddof 1): an unbiased estimate of the variance that the models cause.
    package var covariance: Double
    /// Its BCa bootstrap interval over runs.
    package var interval: ConfidenceInterval
    /// Pearson's correlation over runs.
    package var correlation: Double
    /// The two-sided p-value of that correlation by Student's distribution with n - 2 degrees.
    package var p: Double

    /// The standard deviation that the models cause: the root of the covariance, 0 where the covariance is negative.
    package var deviation: Double { covariance.isNaN ? .nan : max(0, covariance).squareRoot() }
  }

  /// What two halves share over runs; NaN for fewer than three runs.
  package static func shared(_ first: [Double], _ second: [Double], bootstrap: Bootstrap) -> Shared {
    guard first.count > 2, !(first + second).contains(where: \.isNaN) else {
      return Shared(covariance: .nan, interval: .undefined, correlation: .nan, p: .nan)
    }
    let correlation = Correlation.pearson(first, second)
    let degrees = Double(first.count - 2)
    let t = correlation * (degrees / ((1 - correlation) * (1 + correlation))).squareRoot()
    return Shared(
      covariance: Correlation.covariance(first, second),
      interval: bootstrap.intervals(pairs: first, second, of: [Correlation.covariance])[0],
      correlation: correlation, p: Student.twoSidedTail(t, degrees: degrees))
  }
}
