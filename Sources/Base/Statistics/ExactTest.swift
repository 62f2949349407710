// The p-values of exact tests, which are sums of many probabilities or tails of distributions. Where such a p-value is 1, the
// computed sum may miss it by rounding.

/// What the exact tests share.
enum ExactTest {
  /// A computed sum of probabilities as a p-value: 1 where it differs from that by rounding alone.
  ///
  /// Where a p-value of these tests is below 1, the likeliest table is left out, whose probability exceeds 1 over the number of
  /// tables: no p-value lies between 1 and the bound here.
  static func pValue(_ sum: Double) -> Double { sum > 1 - 1e-10 ? 1 : sum }
}
