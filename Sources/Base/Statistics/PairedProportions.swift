// Two rates observed on the same items, such as two recipes that ran with the same seeds: only the pairs in which
// one fails and the other does not tell the rates apart.

/// Counts of pairs by the outcomes of their two members.
package struct PairedProportions: Equatable, Sendable {
  /// Pairs with two successes.
  package var both: Int
  /// Pairs of which only the first is a success.
  package var onlyFirst: Int
  /// Pairs of which only the second is a success.
  package var onlySecond: Int
  /// Pairs without a success.
  package var neither: Int

  /// Counts of pairs.
  package init(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) {
    self.both = both
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    self.neither = neither
  }

  /// The counts of paired flags.
  package init(_ pairs: [(first: Bool, second: Bool)]) {
    self.init(
      both: pairs.count { $0.first && $0.second }, onlyFirst: pairs.count { $0.first && !$0.second },
      onlySecond: pairs.count { !$0.first && $0.second }, neither: pairs.count { !$0.first && !$0.second })
  }

  /// The number of pairs.
  package var total: Int { both + onlyFirst + onlySecond + neither }

  /// McNemar's test in its exact form, two-sided: the binomial test of the discordant pairs against 1/2; 1 without such pairs,
  /// NaN without pairs.
  package var mcNemar: Double {
    guard total > 0 else { return .nan }
    // The larger number is no more than half of the pairs, rounded up, whose upper tail is 1/2 or more by symmetry.
    if abs(onlyFirst - onlySecond) <= 1 { return 1 }
    let (count, total) = (max(onlyFirst, onlySecond), onlyFirst + onlySecond)
    return ExactCounts.doubledUpperTail(count, total)
      ?? min(1, 2 * Proportion.binomialUpperTail(count: count, total: total, rate: 0.5))
  }

  /// The power of McNemar's exact test with `total` pairs whose two members are independent and succeed at `rates`: the
  /// probability that its p-value is below `significance`.
  package static func mcNemarPower(rates: (Double, Double), total: Int, significance: Double) -> Double {
    guard total > 0 else { return 0 }
    let (one, other) = (rates.0 * (1 - rates.1), rates.1 * (1 - rates.0))
    guard one + other > 0 else { return 0 }
    /// P(X <= count) of Binomial(trials, rate).
    func lowerTail(_ count: Int, _ trials: Int, _ rate: Double) -> Double {
      1 - Proportion.binomialUpperTail(count: count + 1, total: trials, rate: rate)
    }
    var power = 0.0
    // The test rejects up to this number of the rarer kind; the number never falls as the discordant pairs increase.
    var rarer = -1
    for discordant in 1...total {
      let chance =
        Proportion.binomialUpperTail(count: discordant, total: total, rate: one + other)
        - Proportion.binomialUpperTail(count: discordant + 1, total: total, rate: one + other)
      while 2 * lowerTail(rarer + 1, discordant, 0.5) < significance { rarer += 1 }
      guard rarer >= 0, chance > 0 else { continue }
      let share = one / (one + other)
      power += chance * (lowerTail(rarer, discordant, share) + lowerTail(rarer, discordant, 1 - share))
    }
    return power
  }

  /// Newcombe's interval (1998, paired method 10) of the first rate minus the second: Wilson's intervals combined with the
  /// pairs' correlation, which is corrected for continuity; NaN bounds without pairs.
  package func newcombe(level: Double = 0.95) -> ConfidenceInterval {
    guard total > 0 else { return .undefined }
    let count = Double(total)
    let (first, second) = (both + onlyFirst, both + onlySecond)
    return TwoProportions.newcombe(
      Double(first) / count, Proportion.wilson(count: first, total: total, level: level),
      Double(second) / count, Proportion.wilson(count: second, total: total, level: level), correlation: correlation)
  }

  private var correlation: Double {
    let margins = [both + onlyFirst, onlySecond + neither, both + onlySecond, onlyFirst + neither].map(Double.init)
    let scale = margins.reduce(1, *).squareRoot()
    let product = Double(both) * Double(neither) - Double(onlyFirst) * Double(onlySecond)
    guard scale > 0 else { return 0 }
    return (product > 0 ? max(0, product - Double(total) / 2) : product) / scale
  }
}
