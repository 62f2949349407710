// The mean of numbers between known bounds, known better after every number and at any time: the confidence sequence of bets against
// each possible mean. It is for differences of scores between runs of equal seeds.

import Foundation

/// The hedged capital of bets on bounded numbers (Waudby-Smith and Ramdas 2023, arXiv 2010.09686, theorem 3; the game behind it is in
/// Ramdas et al. 2023, arXiv 2210.01948).
package enum BettingSequence {
  /// The means that no bettor has disproved by the last of `values`, which lie within `range` and come in an order that does not
  /// depend on them. However one decides when to look, all the intervals together hold the mean with at least the probability
  /// `level`. Without numbers it is the whole range.
  package static func interval(
    ofMeanOf values: [Double], in range: ClosedRange<Double>, level: Double = 0.95
  ) -> ConfidenceInterval {
    let width = range.upperBound - range.lowerBound
    precondition(width > 0 && level > 0 && level < 1)
    guard values.allSatisfy({ range.contains($0) }) else { return .undefined }
    let shares = values.map { ($0 - range.lowerBound) / width }
    let bets = bets(on: shares, level: level)
    // Half of the capital bets that the mean is larger, half that it is smaller, and either half alone may disprove a mean.
    let limit = log(2 / (1 - level))
    func gain(_ mean: Double) -> Double {
      zip(shares, bets).reduce(0) { $0 + log1p(min($1.1, largest / mean) * ($1.0 - mean)) }
    }
    func loss(_ mean: Double) -> Double {
      zip(shares, bets).reduce(0) { $0 + log1p(min($1.1, largest / (1 - mean)) * (mean - $1.0)) }
    }
    let low = edge(inside: 1, outside: 0) { gain($0) < limit }
    let high = edge(inside: 0, outside: 1) { loss($0) < limit }
    guard low <= high else { return .undefined }
    return ConfidenceInterval(low: range.lowerBound + width * low, high: range.lowerBound + width * high)
  }

  /// What a bet stakes at most, as a share of the capital that it could lose.
  private static let largest = 0.5

  /// The bet before each number, from those before it alone: sqrt(2 log(2 / alpha) / (variance t log(t + 1))), where the variance
  /// is (1/4 + the squares of the numbers before it around their means then) / t.
  private static func bets(on shares: [Double], level: Double) -> [Double] {
    var (sum, squares) = (0.5, 0.25)
    var bets: [Double] = []
    for (index, share) in shares.enumerated() {
      let t = Double(index + 1)
      bets.append((2 * log(2 / (1 - level)) / (squares * log(t + 1))).squareRoot())
      sum += share
      let mean = sum / (t + 1)
      squares += (share - mean) * (share - mean)
    }
    return bets
  }

  /// The last mean from `inside` towards `outside` that is in, by bisection to the last bit.
  private static func edge(inside: Double, outside: Double, _ isIn: (Double) -> Bool) -> Double {
    if isIn(outside == 0 ? .leastNormalMagnitude : 1 - .ulpOfOne) { return outside }
    var (inside, outside) = (inside, outside)
    while true {
      let middle = inside / 2 + outside / 2
      if middle == inside || middle == outside { return inside }
      if isIn(middle) { inside = middle } else { outside = middle }
    }
  }
}
