// Intervals of the mean and the standard deviation of scores that need not be normal. The scores of successful runs are few,
// and skewed towards those of failed runs, so Student's interval is too short on one side. Hall's correction for skewness moves
// that side; at each end the outer one of the two bounds is used.

import Foundation

/// Confidence intervals for small skewed samples.
package enum SkewedSamples {
  /// The interval of a population's mean: at either end the outer one of Student's bound and of Hall's (1992), which inverts
  /// `T + a T^2 + a^2 T^3 / 3 + a / 2` at Student's quantile, with `a = g / (3 sqrt(n))` and g the sample skewness.
  ///
  /// Student's alone for two numbers and for constant ones; NaN bounds for fewer than two.
  package static func meanInterval(_ values: [Double], level: Double = 0.95) -> ConfidenceInterval {
    let student = Student.interval(ofMeanOf: values, level: level)
    let skewness = skewness(values)
    guard values.count > 2, skewness != 0, skewness.isFinite else { return student }
    let count = Double(values.count)
    let error = Sample.standardDeviation(values, ddof: 1) / count.squareRoot()
    let quantile = Student.halfWidth(level: level, degrees: count - 1)
    let a = skewness / (3 * count.squareRoot())
    func bound(_ quantile: Double) -> Double {
      let cube = 3 * a * (quantile - a / 2)
      // The cube root of 1 + cube, less 1, without the loss of digits where cube is small.
      let root = cube > -0.5 ? expm1(log1p(cube) / 3) : cbrt(1 + cube) - 1
      return Sample.mean(values) - root / a * error
    }
    return ConfidenceInterval(low: min(student.low, bound(quantile)), high: max(student.high, bound(-quantile)))
  }

  /// The interval of a population's standard deviation: `meanInterval` of the jackknife's pseudo-values
  /// `n log s - (n - 1) log s_(i)` (Miller 1968), s_(i) the deviation (ddof 1) without the i-th number, taken back by exp.
  ///
  /// NaN bounds for fewer than four numbers and where all but one of them are equal.
  package static func deviationInterval(_ values: [Double], level: Double = 0.95) -> ConfidenceInterval {
    guard values.count > 3, !values.contains(where: \.isNaN) else { return .undefined }
    let count = Double(values.count)
    // Leaving out a number takes n / (n - 1) times its squared deviation from the sum of squares.
    let mean = Sample.mean(values)
    let deviations = values.map { $0 - mean }
    let squares = deviations.reduce(0) { $0 + $1 * $1 }
    let left = deviations.map { squares - count / (count - 1) * $0 * $0 }
    // Equal numbers have no spread; what is left is rounding.
    guard let least = left.min(), least > 1e-12 * squares, squares > 1e-26 * count * mean * mean else {
      return .undefined
    }
    let whole = log(squares / (count - 1)) / 2
    let pseudoValues = left.map { count * whole - (count - 1) * log($0 / (count - 2)) / 2 }
    let interval = meanInterval(pseudoValues, level: level)
    return ConfidenceInterval(low: exp(interval.low), high: exp(interval.high))
  }

  /// The interval of the first mean minus the second, from the intervals of both (MOVER: Zou and Donner 2008); NaN bounds for
  /// fewer than two numbers in a group.
  package static func differenceInterval(
    _ first: [Double], _ second: [Double], level: Double = 0.95
  ) -> ConfidenceInterval {
    let (one, other) = (meanInterval(first, level: level), meanInterval(second, level: level))
    let (mean, otherMean) = (Sample.mean(first), Sample.mean(second))
    return ConfidenceInterval(
      low: mean - otherMean - hypot(mean - one.low, other.high - otherMean),
      high: mean - otherMean + hypot(one.high - mean, otherMean - other.low))
  }

  /// The adjusted Fisher-Pearson coefficient of skewness, SciPy's `skew(bias=False)`; 0 for constant numbers, NaN for fewer
  /// than three.
  package static func skewness(_ values: [Double]) -> Double {
    guard values.count > 2 else { return .nan }
    let count = Double(values.count)
    let mean = Sample.mean(values)
    let second = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let third = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) } / count
    // Equal numbers have no spread; what is left is rounding.
    guard second > 1e-26 * mean * mean else { return 0 }
    return third / (second * second.squareRoot()) * (count * (count - 1)).squareRoot() / (count - 2)
  }
}
