// Location and spread of one sample of numbers. A NaN in the sample gives NaN. The caller decides which runs belong to
// a sample, and how a run without a value ranks.

import Arithmetics
import Foundation

/// Location and spread of a sample.
package enum Sample {
  /// The arithmetic mean; NaN for no numbers.
  package static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The standard deviation with `n - ddof` in the denominator; NaN for `n <= ddof`.
  package static func standardDeviation(_ values: [Double], ddof: Int) -> Double {
    guard values.count > ddof else { return .nan }
    // Equal numbers have no spread, although their mean may be rounded.
    if let first = values.first, first.isFinite, values.allSatisfy({ $0 == first }) { return 0 }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - ddof)).squareRoot()
  }

  /// The quantile at a probability in [0, 1] by linear interpolation (type 7 of Hyndman and Fan, NumPy's default);
  /// NaN for no numbers, and where the interpolation meets two infinities of different sign.
  package static func quantile(_ values: [Double], at probability: Double) -> Double {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    return quantile(ofSorted: values.sorted(), at: probability)
  }

  /// The same quantile of numbers that are sorted already, none of them NaN and at least one.
  static func quantile(ofSorted sorted: [Double], at probability: Double) -> Double {
    let position = probability * Double(sorted.count - 1)
    let below = min(Int(position), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    let fraction = position - Double(below)
    if fraction == 0 || sorted[below] == sorted[above] { return sorted[below] }
    return sorted[below] + (sorted[above] - sorted[below]) * fraction
  }

  /// The median; NaN for no numbers.
  package static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    if sorted.count % 2 == 1 { return sorted[middle] }
    return sorted[middle - 1] / 2 + sorted[middle] / 2
  }

  /// The mean after leaving out a quarter, rounded down, of the numbers at each end; NaN for no numbers.
  package static func interquartileMean(_ values: [Double]) -> Double { trimmedMean(values, share: 0.25) }

  /// The mean after leaving out a share, rounded down, of the numbers at each end, but never the middle one or two; NaN
  /// for no numbers.
  package static func trimmedMean(_ values: [Double], share: Double) -> Double {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    let trimmed = min(Int(Double(values.count) * share), (values.count - 1) / 2)
    return mean(Array(values.sorted()[trimmed..<values.count - trimmed]))
  }

  /// The smallest number; NaN for no numbers or where one is NaN.
  package static func minimum(_ values: [Double]) -> Double { extreme(values, values.min()) }

  /// The largest number; NaN for no numbers or where one is NaN.
  package static func maximum(_ values: [Double]) -> Double { extreme(values, values.max()) }

  /// The entropy in nats of the distribution that some class counts give; 0 for no counts.
  package static func entropy(ofCounts counts: [Int], _ arithmetic: Arithmetic = .ofIdentifiers) -> Double {
    let total = Double(counts.reduce(0, +))
    // `0 -` turns the -0 of a single class into 0.
    return 0 - counts.filter { $0 > 0 }.reduce(0) { $0 + Double($1) / total * arithmetic.log(Double($1) / total) }
  }

  private static func extreme(_ values: [Double], _ found: Double?) -> Double {
    values.contains(where: \.isNaN) ? .nan : found ?? .nan
  }
}
