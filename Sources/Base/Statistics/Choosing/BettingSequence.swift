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
  fileprivate static let largest = 0.5

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

/// The same bets against one mean, number by number.
package struct BettingTest: Sendable {
  private let range: ClosedRange<Double>
  private let mean: Double
  private let alpha: Double
  /// The capital's logarithms of those who bet that the mean is larger, and that it is smaller.
  private var (gain, loss) = (0.0, 0.0)
  private var (count, sum, squares) = (0, 0.5, 0.25)

  /// A test of the mean `mean` of numbers within `range`, which rejects it with at most the probability `alpha` where it is the mean,
  /// however one decides when to look.
  package init(mean: Double, in range: ClosedRange<Double>, alpha: Double) {
    precondition(range.contains(mean) && range.lowerBound < range.upperBound && alpha > 0 && alpha < 1)
    self.range = range
    self.alpha = alpha
    self.mean = (mean - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// Bets on the next number.
  package mutating func add(_ value: Double) {
    precondition(range.contains(value), "\(value) outside of \(range)")
    let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    count += 1
    let t = Double(count)
    let bet = (2 * log(2 / alpha) / (squares * log(t + 1))).squareRoot()
    gain += log1p(min(bet, BettingSequence.largest / mean) * (share - mean))
    loss += log1p(min(bet, BettingSequence.largest / (1 - mean)) * (mean - share))
    sum += share
    let center = sum / (t + 1)
    squares += (share - center) * (share - center)
  }

  /// The e-value against the mean: half the larger of the two capitals.
  package var evidence: Double { exp(max(gain, loss)) / 2 }

  /// Whether the evidence has reached 1 / alpha.
  package var isDecided: Bool { max(gain, loss) >= log(2 / alpha) }

  /// Whether the evidence says that the mean is larger than the tested one.
  package var isAbove: Bool { gain > loss }
}
