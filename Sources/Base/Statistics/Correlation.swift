// Pearson's and Spearman's correlation of two columns of numbers. As in SciPy, where one column is constant, shorter
// than two or holds NaN, the correlation is undefined and the result is NaN; the caller decides what that means.

/// Correlations of two columns of equal length.
package enum Correlation {
  /// The covariance with `n - 1` in the denominator; NaN for fewer than two numbers.
  package static func covariance(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "\(first.count) against \(second.count) numbers")
    guard first.count >= 2 else { return .nan }
    let (firstMean, secondMean) = (Sample.mean(first), Sample.mean(second))
    return zip(first, second).reduce(0) { $0 + ($1.0 - firstMean) * ($1.1 - secondMean) } / Double(first.count - 1)
  }

  /// Pearson's correlation in [-1, 1]; NaN where it is undefined.
  package static func pearson(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "\(first.count) against \(second.count) numbers")
    guard first.count >= 2, !isConstant(first), !isConstant(second) else { return .nan }
    let (firstMean, secondMean) = (Sample.mean(first), Sample.mean(second))
    // Scaling by the largest deviation keeps the sums of squares from overflowing or vanishing.
    let firstDeviations = scaled(first.map { $0 - firstMean })
    let secondDeviations = scaled(second.map { $0 - secondMean })
    var (product, firstSquares, secondSquares) = (0.0, 0.0, 0.0)
    for (x, y) in zip(firstDeviations, secondDeviations) {
      product += x * y
      firstSquares += x * x
      secondSquares += y * y
    }
    let correlation = product / (firstSquares.squareRoot() * secondSquares.squareRoot())
    return correlation.isNaN ? .nan : min(1, max(-1, correlation))
  }

  /// Spearman's correlation, Pearson's of the average ranks; NaN where it is undefined.
  package static func spearman(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "\(first.count) against \(second.count) numbers")
    guard !first.contains(where: \.isNaN), !second.contains(where: \.isNaN) else { return .nan }
    let (ranks, others) = (averageRanks(first), averageRanks(second))
    let correlation = pearson(ranks, others)
    // Rounding must not hide that two orders are the same or opposite, because such a correlation has no interval.
    if correlation > 0, ranks == others { return 1 }
    let sum = Double(ranks.count + 1)
    return correlation < 0 && zip(ranks, others).allSatisfy { $0 + $1 == sum } ? -1 : correlation
  }

  /// The ranks 1...n of some numbers, equal numbers sharing the mean of their ranks.
  package static func averageRanks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = Array(repeating: 0.0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }

  private static func isConstant(_ values: [Double]) -> Bool { values.allSatisfy { $0 == values[0] } }

  private static func scaled(_ deviations: [Double]) -> [Double] {
    let largest = deviations.reduce(0) { max($0, abs($1)) }
    return deviations.map { $0 / largest }
  }
}
