// What of the spread over seeds is the models' and not the evaluation set's: all runs of a recipe are scored on the same
// examples, so chance in one half of them is not repeated in the other. Only what both halves share is real.

/// Scores of the same runs on two disjoint halves of an evaluation set.
package enum Halves {
  /// What two halves share.
  package struct Shared: Equatable, Sendable {
    /// The covariance over runs (ddof 1), an unbiased estimate of the variance that is not the halves'.
    package var covariance: Double
    /// Its BCa bootstrap interval over runs.
    package var interval: ConfidenceInterval
    /// Pearson's correlation over runs.
    package var correlation: Double
    /// The two-sided p-value of that correlation by Student's distribution with n - 2 degrees.
    package var p: Double

    /// The standard deviation that survives: the covariance's root, 0 where that is negative.
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
