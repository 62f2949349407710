// Intervals of configurations and tables with many runs, where resampling would take minutes. With some hundred runs the
// bounds that formulas give differ from resampled ones by a small part of the interval's width.

import Statistics

/// What stands in for the bootstrap where a configuration has many runs.
package enum LargeSamples {
  /// The most runs of a configuration that are resampled.
  package static let largestResampled = 500
  /// The most runs of a table that are resampled as often as its options say.
  static let manyRuns = 100_000
  /// Resamples in a table of more: chance then moves a bound by about 4 % of the interval's half width, instead of 2 %.
  static let resampleCountOfMany = 1000

  /// The method of intervals from resamples, as columns and captions word it.
  package static let bootstrap = "BCa bootstrap, {resamples} resamples, seed {bootstrap_seed}"
  /// Whose formula gives an interval of many runs, by the name of what the interval is about.
  package static let formulas = [
    "mean": "Student's", "sd": "Bonett's", "halves_covariance": "Student's of the products",
  ]

  /// The method of an interval that is resampled for few runs and comes from a formula for many, as columns and captions word it.
  package static func method(withFormula formula: String) -> String {
    "\(bootstrap), and of more than \(largestResampled) runs \(formula)"
  }

  /// The columns of such an interval.
  static func interval(
    _ name: String, isDeviation: Bool = false, _ value: @escaping @Sendable (SummaryMeasures) -> ConfidenceInterval
  ) -> [SummaryTable.SummaryColumn] {
    SummaryTable.interval(
      name, of: "`\(name)`", by: method(withFormula: formulas[name] ?? ""), isDeviation: isDeviation, value)
  }

  /// The options for a table of some configurations.
  package static func options(_ options: TableOptions, for summaries: [SummaryRow]) -> TableOptions {
    let resampled = summaries.lazy.map(\.count).filter { $0 <= largestResampled }.reduce(0, +)
    guard resampled > manyRuns else { return options }
    var options = options
    options.resampleCount = min(options.resampleCount, resampleCountOfMany)
    return options
  }

  /// The intervals of the mean and of the standard deviation over all runs.
  static func overall(_ values: [Double], level: Double) -> (mean: ConfidenceInterval, deviation: ConfidenceInterval) {
    (Student.interval(ofMeanOf: values, level: level), Spread.bonett(values, level: level))
  }

  /// What two halves share over runs, as `Halves.shared` says it of fewer: the covariance is a mean of products, and its
  /// interval that mean's.
  static func halves(_ first: [Double], _ second: [Double], level: Double) -> SharedHalves {
    let (firstMean, secondMean) = (Sample.mean(first), Sample.mean(second))
    let scale = Double(first.count) / Double(first.count - 1)
    let products = zip(first, second).map { scale * ($0 - firstMean) * ($1 - secondMean) }
    let correlation = Correlation.pearson(first, second)
    let degrees = Double(first.count - 2)
    let t = correlation * (degrees / ((1 - correlation) * (1 + correlation))).squareRoot()
    return SharedHalves(
      covariance: Correlation.covariance(first, second),
      interval: Student.interval(ofMeanOf: products, level: level), method: "student_t", correlation: correlation,
      p: Student.twoSidedTail(t, degrees: degrees))
  }
}

/// What two halves of a dev set share over runs, resampled or not.
struct SharedHalves {
  var covariance: Double
  var interval: ConfidenceInterval
  var method: String
  var correlation: Double
  var p: Double

  /// The standard deviation that survives: the covariance's root, 0 where that is negative.
  var deviation: Double { covariance.isNaN ? .nan : max(0, covariance).squareRoot() }
}

extension SharedHalves {
  /// What two halves share, by the method that their number calls for.
  init(_ first: [Double], _ second: [Double], options: TableOptions) {
    guard first.count <= LargeSamples.largestResampled else {
      self = LargeSamples.halves(first, second, level: options.level)
      return
    }
    let shared = Halves.shared(first, second, bootstrap: options.bootstrap)
    self.init(
      covariance: shared.covariance, interval: shared.interval, method: "bca", correlation: shared.correlation,
      p: shared.p)
  }
}
