// Binomial coefficients as whole numbers, and their ratios as the nearest numbers: p-values of exact tests are such ratios, so
// that 1/2 is 0.5 and no neighbour of it. Counts that no integer here holds are left to their callers, which use logs.

/// Exact numbers of arrangements.
enum ExactCounts {
  /// The largest total whose binomial coefficients, and the sums of their products that tests make, fit 128 bits.
  static let largestTotal = 120

  /// The number of ways to choose `chosen` of `total`; zero where there are fewer, and nil beyond `largestTotal`.
  static func combinations(_ total: Int, _ chosen: Int) -> UInt128? {
    guard total <= largestTotal else { return nil }
    guard chosen >= 0, chosen <= total else { return 0 }
    return (0..<min(chosen, total - chosen)).reduce(UInt128(1)) { $0 * UInt128(total - $1) / UInt128($1 + 1) }
  }

  /// The number of ways to choose `first` of `firstTotal` and `second` of `secondTotal`; nil where the totals are too large.
  static func tables(_ first: Int, _ firstTotal: Int, _ second: Int, _ secondTotal: Int) -> UInt128? {
    guard firstTotal + secondTotal <= largestTotal, let one = combinations(firstTotal, first),
      let other = combinations(secondTotal, second)
    else { return nil }
    return one * other
  }

  /// A ratio of counts, reduced before it is rounded.
  static func ratio(_ count: UInt128, _ whole: UInt128) -> Double {
    var (divisor, rest) = (whole, count)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    return Double(count / divisor) / Double(whole / divisor)
  }

  /// Twice P(X >= `count`) of Binomial(`total`, 1/2), for a count above the half; nil for a total that is too large.
  static func doubledUpperTail(_ count: Int, _ total: Int) -> Double? {
    guard total > 0, total <= largestTotal else { return nil }
    let tail = (count...max(count, total)).reduce(UInt128(0)) { $0 + (combinations(total, $1) ?? 0) }
    return ratio(tail, 1 << UInt128(total - 1))
  }
}
