// Statistics of sorted scores: an interval of the median without assumptions about the distribution, the expected best of
// several runs, and the score of that best run on examples that were not used to choose it.

import Foundation

/// Statistics of the sorted sample.
package enum OrderStatistics {
  /// The distribution-free interval of the median between two order statistics, of at least a level; infinite bounds for
  /// a sample too small to have one (fewer than 6 numbers at 95 %), NaN for none.
  ///
  /// The bounds are the k-th number from either end, k - 1 the largest count with P(Binomial(n, 1/2) <= k - 1) at most
  /// half of 1 - level.
  package static func medianInterval(_ values: [Double], level: Double = 0.95) -> ConfidenceInterval {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .undefined }
    let sorted = values.sorted()
    let count = sorted.count
    // P(X <= k - 1) = P(X >= n - k + 1) of the symmetric binomial distribution, falling towards small k.
    func tail(_ rank: Int) -> Double {
      Proportion.binomialUpperTail(count: count - rank + 1, total: count, rate: 0.5)
    }
    var (low, high) = (0, count / 2 + 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if tail(middle) <= (1 - level) / 2 { low = middle } else { high = middle }
    }
    guard low > 0 else { return ConfidenceInterval(low: -.infinity, high: .infinity) }
    return ConfidenceInterval(low: sorted[low - 1], high: sorted[count - low])
  }

  /// The expected largest of `draws` numbers drawn with replacement (Dodge et al. 2019): biased downwards, because the
  /// same run may be drawn twice; NaN for no numbers.
  package static func expectedMaximum(_ values: [Double], draws: Int) -> Double {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    return weightedSum(values.sorted(), weightsWithReplacement(values.count, draws: draws))
  }

  /// The standard deviation of that largest number.
  package static func maximumDeviation(_ values: [Double], draws: Int) -> Double {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    let sorted = values.sorted()
    let weights = weightsWithReplacement(values.count, draws: draws)
    let mean = weightedSum(sorted, weights)
    return weightedSum(sorted.map { ($0 - mean) * ($0 - mean) }, weights).squareRoot()
  }

  /// The expected largest of `draws` different numbers of the sample (Tang et al. 2020), which is unbiased; NaN if there
  /// are fewer numbers than draws.
  package static func expectedMaximumUnbiased(_ values: [Double], draws: Int) -> Double {
    guard draws <= values.count, !values.isEmpty, !values.contains(where: \.isNaN) else { return .nan }
    return weightedSum(values.sorted(), weightsWithoutReplacement(values.count, draws: draws))
  }

  /// What `HalfSelection` says of `draws` runs; NaN for more draws than runs, for no runs and where a score is NaN.
  package static func selection(
    _ first: [Double], _ second: [Double], draws: Int
  ) -> (onFirst: Double, onSecond: Double, optimism: Double) {
    HalfSelection(first, second)?.best(of: draws) ?? (onFirst: .nan, onSecond: .nan, optimism: .nan)
  }

  /// The probability of each rank to be the largest of some draws: `(i/N)^n - ((i-1)/N)^n`.
  private static func weightsWithReplacement(_ count: Int, draws: Int) -> [Double] {
    (1...count).map {
      pow(Double($0) / Double(count), Double(draws)) - pow(Double($0 - 1) / Double(count), Double(draws))
    }
  }

  /// The same for draws of different runs: `C(i-1, n-1) / C(N, n)`, each from the one above it.
  static func weightsWithoutReplacement(_ count: Int, draws: Int) -> [Double] {
    var weights = Array(repeating: 0.0, count: count)
    weights[count - 1] = Double(draws) / Double(count)
    for rank in stride(from: count - 1, through: max(1, draws), by: -1) {
      weights[rank - 1] = weights[rank] * Double(rank - draws + 1) / Double(rank)
    }
    return weights
  }

  /// The sum of values times their weights; a weight of 0 drops its value, an infinite one too.
  static func weightedSum(_ values: [Double], _ weights: [Double]) -> Double {
    zip(values, weights).reduce(0) { $0 + ($1.1 == 0 ? 0 : $1.0 * $1.1) }
  }
}

/// Chooses the best of several runs by their scores on half A of a dev set, for every number of runs.
package struct HalfSelection: Sendable {
  /// The scores on half A, ascending, and those of the same runs on half B.
  private let first: [Double]
  private let second: [Double]
  /// The mean scores of all runs on both halves.
  private let means: (first: Double, second: Double)

  /// Nil for no runs, and where a score is NaN.
  package init?(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count, "\(first.count) against \(second.count) numbers")
    guard !first.isEmpty, !(first + second).contains(where: \.isNaN) else { return nil }
    let order = first.indices.sorted { first[$0] < first[$1] }
    self.first = order.map { first[$0] }
    self.second = order.map { second[$0] }
    means = (Sample.mean(first), Sample.mean(second))
  }

  /// The expected scores on half A and on half B of the best of `draws` different runs, chosen by half A; NaN for more draws than runs.
  /// Runs with equal scores on A are chosen equally often.
  ///
  /// `optimism` is the gain over the mean run on A minus the gain over the mean run on B, so that a difference in difficulty
  /// between the halves does not count as optimism.
  package func best(of draws: Int) -> (onFirst: Double, onSecond: Double, optimism: Double) {
    guard draws <= first.count else { return (.nan, .nan, .nan) }
    var weights = OrderStatistics.weightsWithoutReplacement(first.count, draws: draws)
    var start = 0
    while start < first.count {
      var end = start + 1
      while end < first.count, first[end] == first[start] { end += 1 }
      let share = weights[start..<end].reduce(0, +) / Double(end - start)
      for index in start..<end { weights[index] = share }
      start = end
    }
    let onFirst = OrderStatistics.weightedSum(first, weights)
    let onSecond = OrderStatistics.weightedSum(second, weights)
    return (onFirst, onSecond, (onFirst - means.first) - (onSecond - means.second))
  }
}
