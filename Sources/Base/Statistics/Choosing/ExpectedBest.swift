// The score to expect of the best of n runs, for every n: what trying more seeds and keeping the best one buys. How a run without a
// value counts is the caller's choice; minus infinity ranks it last.

import Foundation

/// The expected best of n runs as a curve over n.
package struct ExpectedBest: Sendable {
  /// The scores, ascending.
  private let sorted: [Double]

  /// The curve of some runs; nil for no scores, or where one is NaN.
  package init?(_ scores: [Double]) {
    guard !scores.isEmpty, !scores.contains(where: \.isNaN) else { return nil }
    sorted = scores.sorted()
  }

  /// The largest n with an estimate: the number of runs.
  package var runCount: Int { sorted.count }

  /// The mean and the standard deviation of the best of `draws` different runs of the sample, over all choices of them: the estimator
  /// of Tang et al. (2020), which is unbiased, in place of that of Dodge et al. (2019, arXiv 1909.03004), which lets a run be drawn
  /// twice.
  ///
  /// - Parameter draws: 1 to the number of runs.
  package func best(of draws: Int) -> (mean: Double, deviation: Double) {
    precondition((1...sorted.count).contains(draws), "the best of \(draws) of \(sorted.count) runs")
    let weights = OrderStatistics.weightsWithoutReplacement(sorted.count, draws: draws)
    let mean = OrderStatistics.weightedSum(sorted, weights)
    let squares = sorted.map { ($0 - mean) * ($0 - mean) }
    return (mean, OrderStatistics.weightedSum(squares, weights).squareRoot())
  }

  /// A band that holds the whole curve of the population, for all n at once, with at least the probability `level`: whatever the
  /// distribution of scores between `range`'s bounds, its cumulative distribution lies within
  /// sqrt(ln(2 / (1 - level)) / (2 runs)) of the sample's (Dvoretzky, Kiefer and Wolfowitz 1956, Massart 1990), and the expected best
  /// of n is the upper bound minus the integral of its n-th power. Scores outside the range count as its nearest bound.
  package func band(of draws: Int, in range: ClosedRange<Double>, level: Double = 0.95) -> ConfidenceInterval {
    let reach = (log(2 / (1 - level)) / (2 * Double(sorted.count))).squareRoot()
    let scores = sorted.map { min(max($0, range.lowerBound), range.upperBound) }
    /// The integral, over the range, of the n-th power of the sample's distribution moved by `shift`.
    func integral(_ shift: Double) -> Double {
      var sum = 0.0
      var start = range.lowerBound
      for (index, end) in (scores + [range.upperBound]).enumerated() {
        let share = min(1, max(0, Double(index) / Double(scores.count) + shift))
        sum += (end - start) * pow(share, Double(draws))
        start = end
      }
      return sum
    }
    return ConfidenceInterval(low: range.upperBound - integral(reach), high: range.upperBound - integral(-reach))
  }
}
