// Exact tests of two rates, such as the failures of two recipes, and the interval of their difference. Boschloo's is the
// primary test of this program; Fisher's and Barnard's are printed beside it. Paired designs are in `PairedProportions`.

import Foundation

/// Exact two-sided tests of `first` in `firstTotal` against `second` in `secondTotal` successes.
package enum TwoProportions {
  /// Tables whose p-values differ by less than this factor count as equally extreme. The factor is far above the rounding of
  /// a tail sum (some 1e-12 at 1,000 trials, from logs of factorials near 6,000) and far below the distance between p-values
  /// that really differ.
  private static let tie = 1 + 1e-10

  /// Boschloo's exact test (1970), two-sided as twice the smaller one-sided p-value, at most 1; NaN for an empty group.
  package static func boschloo(first: Int, firstTotal: Int, second: Int, secondTotal: Int) -> Double {
    guard firstTotal > 0, secondTotal > 0 else { return .nan }
    let less = boschlooLess(first, firstTotal, second, secondTotal)
    let greater = boschlooLess(second, secondTotal, first, firstTotal)
    // A one-sided p-value of 1/2 may miss it by the rounding of its sum.
    let p = 2 * min(less, greater)
    return p > 1 - 1e-12 ? 1 : p
  }

  /// Fisher's exact test, two-sided as the sum over tables no likelier than the observed one; NaN for an empty group.
  package static func fisher(first: Int, firstTotal: Int, second: Int, secondTotal: Int) -> Double {
    guard firstTotal > 0, secondTotal > 0 else { return .nan }
    let successes = first + second
    let support = max(0, successes - secondTotal)...min(firstTotal, successes)
    let counts = support.compactMap { ExactCounts.tables($0, firstTotal, successes - $0, secondTotal) }
    if counts.count == support.count {
      let observed = counts[first - support.lowerBound]
      return ExactCounts.ratio(
        counts.filter { $0 <= observed }.reduce(0, +), counts.reduce(0, +))
    }
    let logs = LogFactorials(upTo: firstTotal + secondTotal)
    let probabilities = support.map {
      logs.hypergeometric($0, drawn: successes, marked: firstTotal, unmarked: secondTotal)
    }
    let observed = probabilities[first - support.lowerBound]
    let included = probabilities.filter { $0 <= observed * tie }
    // The probabilities of all tables sum to 1 but for rounding.
    return included.count == probabilities.count ? 1 : min(1, included.reduce(0, +))
  }

  /// Barnard's exact test (1945), two-sided, by the Wald statistic with the pooled variance; NaN for an empty group.
  package static func barnard(first: Int, firstTotal: Int, second: Int, secondTotal: Int) -> Double {
    guard firstTotal > 0, secondTotal > 0 else { return .nan }
    let total = firstTotal + secondTotal
    /// The square of the statistic but for a factor that all tables share.
    func statistic(_ x: Int, _ y: Int) -> Double {
      let difference = Double(x * secondTotal - y * firstTotal)
      return difference == 0 ? 0 : difference * difference / (Double(x + y) * Double(total - x - y))
    }
    let bound = statistic(first, second) / tie
    // Every table is at least as extreme as one of equal rates, and the sum over all tables is 1 but for rounding.
    if bound == 0 { return 1 }
    let logs = LogFactorials(upTo: total)
    let shares = (0...total).map { successes in
      (max(0, successes - secondTotal)...min(firstTotal, successes)).reduce(0) { sum, x in
        guard statistic(x, successes - x) >= bound else { return sum }
        return sum + logs.hypergeometric(x, drawn: successes, marked: firstTotal, unmarked: secondTotal)
      }
    }
    return largestProbability(shares, logs)
  }

  /// Newcombe's hybrid score interval (1998, method 10) of the first rate minus the second; NaN bounds for an empty group.
  package static func newcombe(
    first: Int, firstTotal: Int, second: Int, secondTotal: Int, level: Double = 0.95
  ) -> ConfidenceInterval {
    guard firstTotal > 0, secondTotal > 0 else { return .undefined }
    return newcombe(
      Double(first) / Double(firstTotal), Proportion.wilson(count: first, total: firstTotal, level: level),
      Double(second) / Double(secondTotal), Proportion.wilson(count: second, total: secondTotal, level: level),
      correlation: 0)
  }

  /// Newcombe's combination of two rates with their Wilson intervals and the correlation of the two.
  static func newcombe(
    _ first: Double, _ firstInterval: ConfidenceInterval, _ second: Double, _ secondInterval: ConfidenceInterval,
    correlation: Double
  ) -> ConfidenceInterval {
    func distance(_ x: Double, _ y: Double) -> Double {
      max(0, x * x - 2 * correlation * x * y + y * y).squareRoot()
    }
    let difference = first - second
    return ConfidenceInterval(
      low: difference - distance(first - firstInterval.low, secondInterval.high - second),
      high: difference + distance(firstInterval.high - first, second - secondInterval.low))
  }

  /// The one-sided p-value for a first rate below the second: the largest probability, over the common rate, of the
  /// tables whose Fisher p-value is no larger than the observed one's.
  private static func boschlooLess(_ first: Int, _ firstTotal: Int, _ second: Int, _ secondTotal: Int) -> Double {
    let logs = LogFactorials(upTo: firstTotal + secondTotal)
    let tails = FisherTails(firstTotal, secondTotal, logs)
    return largestProbability(tails.shares(upTo: tails[first, second] * tie), logs)
  }

  /// The probability that Boschloo's two-sided test of two groups of the same size tells two rates apart: that its p-value is
  /// below `significance`.
  ///
  /// The p-value grows with Fisher's one-sided p-value, so the test rejects every table up to some bound on the latter. The
  /// bound is at least half of `significance`, where Fisher's test rejects too, and larger because that test is conservative.
  package static func boschlooPower(rates: (Double, Double), total: Int, significance: Double) -> Double {
    guard total > 0 else { return 0 }
    let logs = LogFactorials(upTo: 2 * total)
    let tails = FisherTails(total, total, logs)
    func isRejected(_ value: Double) -> Bool {
      2 * largestProbability(tails.shares(upTo: value * tie), logs) < significance
    }
    var end = significance
    while end <= 1 && isRejected(end) { end *= 2 }
    let candidates = tails.values(from: significance / 2, below: end)
    var (rejected, kept) = (-1, candidates.count)
    while kept - rejected > 1 {
      let middle = (rejected + kept) / 2
      if isRejected(candidates[middle]) { rejected = middle } else { kept = middle }
    }
    let bound = rejected >= 0 ? candidates[rejected] * tie : (significance / 2).nextDown
    let (one, other) = (logs.binomial(total, rates.0), logs.binomial(total, rates.1))
    var power = 0.0
    for x in 0...total {
      for y in 0...total where tails[x, y] <= bound || tails[y, x] <= bound { power += one[x] * other[y] }
    }
    return power
  }

  /// The largest probability of rejection over the common rate: of `sum_s share_s P(S = s)` for S of Binomial(n, rate).
  ///
  /// - Parameter shares: The probability that a test rejects given each number 0 ... n of successes in both groups.
  private static func largestProbability(_ shares: [Double], _ logs: LogFactorials) -> Double {
    let total = shares.count - 1
    return maximum(resolution: Int(25 * Double(total).squareRoot())) { angle in
      let rate = sin(angle) * sin(angle)
      let odds = rate / (1 - rate)
      guard rate > 0, odds.isFinite else { return rate > 0 ? shares[total] : shares[0] }
      // Starts at the likeliest number and computes each probability from its neighbour's, until it is too small to matter.
      let mode = min(total, Int(Double(total + 1) * rate))
      let top = exp(logs.combinations(total, mode) + Double(mode) * log(rate) + Double(total - mode) * log1p(-rate))
      var sum = top * shares[mode]
      var chance = top
      for successes in stride(from: mode + 1, through: total, by: 1) where chance > top * 1e-30 {
        chance *= odds * Double(total - successes + 1) / Double(successes)
        sum += chance * shares[successes]
      }
      chance = top
      for successes in stride(from: mode - 1, through: 0, by: -1) where chance > top * 1e-30 {
        chance *= Double(successes + 1) / (odds * Double(total - successes))
        sum += chance * shares[successes]
      }
      return sum
    }
  }

  /// The maximum over [0, pi / 2] of a function: a grid, then a golden-section search about the best grid points.
  /// In the angle arcsin(sqrt(rate)) a bump of n trials is about 1 / (2 sqrt(n)) wide everywhere, eight steps of the grid, and
  /// its top at most 1 % above the nearest grid point.
  private static func maximum(resolution: Int, of function: (Double) -> Double) -> Double {
    let count = max(200, resolution)
    let step = Double.pi / 2 / Double(count)
    let grid = (0...count).map { function(Double($0) * step) }
    let highest = grid.max() ?? 0
    func isPeak(_ index: Int) -> Bool {
      (index == 0 || grid[index - 1] <= grid[index]) && (index == count || grid[index + 1] <= grid[index])
    }
    var best = highest
    for index in grid.indices where grid[index] > highest * 0.99 && isPeak(index) {
      let peak = GoldenSection.peak(
        from: Double(max(0, index - 1)) * step, to: Double(min(count, index + 1)) * step, tolerance: 1e-8, of: function)
      best = max(best, function(peak))
    }
    return min(1, best)
  }
}

/// Fisher's one-sided p-values for a first rate below the second: the probabilities of no more successes in the first group,
/// given those in both.
private struct FisherTails {
  private let secondTotal: Int
  /// By the successes in both groups, then in the first from the fewest possible; rising.
  private let rows: [[Double]]

  init(_ firstTotal: Int, _ secondTotal: Int, _ logs: LogFactorials) {
    self.secondTotal = secondTotal
    rows = (0...firstTotal + secondTotal).map { successes in
      var tail = 0.0
      return (max(0, successes - secondTotal)...min(firstTotal, successes)).map { x in
        tail += logs.hypergeometric(x, drawn: successes, marked: firstTotal, unmarked: secondTotal)
        return tail
      }
    }
  }

  subscript(first: Int, second: Int) -> Double { rows[first + second][first - max(0, first + second - secondTotal)] }

  /// The probability that the p-value is at most a bound, given each number of successes. It equals the largest p-value within
  /// the bound, because that is the probability of all tables that are at least as extreme.
  func shares(upTo bound: Double) -> [Double] {
    rows.map { tails in
      let count = Self.partition(tails) { $0 > bound }
      return count > 0 ? tails[count - 1] : 0
    }
  }

  /// All p-values in a range, sorted.
  func values(from least: Double, below bound: Double) -> [Double] {
    rows.flatMap { tails in
      tails[Self.partition(tails) { $0 >= least }..<Self.partition(tails) { $0 >= bound }]
    }.sorted()
  }

  /// The number of leading values without a property that all later values have.
  private static func partition(_ values: [Double], _ belongs: (Double) -> Bool) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(values[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Logs of 0! ... n!, for products of binomial coefficients.
private struct LogFactorials {
  private let values: [Double]

  init(upTo largest: Int) { values = (0...largest).map { lgamma(Double($0) + 1).0 } }

  func combinations(_ total: Int, _ chosen: Int) -> Double { values[total] - values[chosen] - values[total - chosen] }

  /// The probabilities of 0 ... total successes at a rate.
  func binomial(_ total: Int, _ rate: Double) -> [Double] {
    (0...total).map { count in
      let (successes, failures) = (Double(count), Double(total - count))
      let logPower = (count == 0 ? 0 : successes * log(rate)) + (count == total ? 0 : failures * log1p(-rate))
      return exp(combinations(total, count) + logPower)
    }
  }

  /// The probability of `count` marked among `drawn` from an urn.
  func hypergeometric(_ count: Int, drawn: Int, marked: Int, unmarked: Int) -> Double {
    exp(
      combinations(marked, count) + combinations(unmarked, drawn - count) - combinations(marked + unmarked, drawn))
  }
}
