// Tests of whether the scores of two groups spread differently: Levene's tests and the ratio of standard deviations; and an
// interval of one group's standard deviation. If a group has failed runs, they dominate all of these.

import Foundation

/// Tests and intervals of spread.
package enum Spread {
  /// The center from which Levene's test measures deviations.
  package enum Center: String, Sendable {
    /// The group's mean (Levene 1960): what the literature on unstable fine-tuning reports.
    case mean
    /// The group's median (Brown and Forsythe 1974): SciPy's default, robust to skewed groups.
    case median
  }

  /// Levene's test: the analysis of variance of absolute deviations from each group's center; NaN for an empty group, for
  /// as many groups as numbers, and where no deviation varies within its group.
  package static func levene(_ groups: [[Double]], center: Center) -> (w: Double, p: Double) {
    guard groups.count > 1, groups.allSatisfy({ !$0.isEmpty }) else { return (.nan, .nan) }
    let deviations = groups.map { group in
      let middle = center == .mean ? Sample.mean(group) : Sample.median(group)
      return group.map { abs($0 - middle) }
    }
    let total = groups.reduce(0) { $0 + $1.count }
    let grandMean = Sample.mean(deviations.flatMap { $0 })
    var (between, within) = (0.0, 0.0)
    for group in deviations {
      let mean = Sample.mean(group)
      between += Double(group.count) * (mean - grandMean) * (mean - grandMean)
      within += group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let (above, below) = (Double(groups.count - 1), Double(total - groups.count))
    // Equal deviations have no variance; what is left is rounding.
    let size = deviations.joined().reduce(0) { $0 + $1 * $1 }
    guard below > 0, within > 1e-26 * size else { return (.nan, .nan) }
    let w = between / above / (within / below)
    return (w, FisherF.upperTail(w, above, below))
  }

  /// The ratio of two standard deviations (ddof 1) with its BCa bootstrap interval; NaN without two numbers in each group.
  package static func ratio(
    _ first: [Double], _ second: [Double], bootstrap: Bootstrap
  ) -> (ratio: Double, interval: ConfidenceInterval) {
    func ratio(_ samples: [[Double]]) -> Double {
      Sample.standardDeviation(samples[0], ddof: 1) / Sample.standardDeviation(samples[1], ddof: 1)
    }
    return (ratio([first, second]), bootstrap.intervals([first, second], of: [ratio])[0])
  }

  /// Bonett's interval (2006) of the standard deviation of a population that need not be normal; NaN bounds for fewer than
  /// four numbers and for constant ones.
  ///
  /// `exp(log(c s^2) -+ z c sqrt((g - (n - 3) / n) / (n - 1)))` under the root, with `c = n / (n - z)` and g the fourth moment
  /// about a trimmed mean over the squared second one.
  package static func bonett(_ values: [Double], level: Double = 0.95) -> ConfidenceInterval {
    let z = Normal.quantile(0.5 + level / 2)
    let n = Double(values.count)
    guard values.count >= 4, n > z, !values.contains(where: \.isNaN) else { return .undefined }
    let deviation = Sample.standardDeviation(values, ddof: 1)
    guard deviation > 0 else { return .undefined }
    let trimmed = Sample.trimmedMean(values, share: values.count == 4 ? 0.5 : 1 / (2 * (n - 4).squareRoot()))
    let mean = Sample.mean(values)
    let fourth = values.reduce(0) { $0 + pow($1 - trimmed, 4) }
    let second = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let kurtosis = n * fourth / (second * second)
    let scale = n / (n - z)
    let error = scale * (max(0, kurtosis - (n - 3) / n) / (n - 1)).squareRoot()
    func bound(_ sign: Double) -> Double { (scale.squareRoot() * deviation) * exp(sign * z * error / 2) }
    return ConfidenceInterval(low: bound(-1), high: bound(1))
  }
}
