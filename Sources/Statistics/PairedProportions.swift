// Two rates observed on the same items, such as two recipes that ran with the same seeds: what counts is the pairs of which
// one failed and the other did not.

/// Counts of pairs by what became of their two members.
public struct PairedProportions: Equatable, Sendable {
  /// Pairs with two successes.
  public var both: Int
  /// Pairs of which only the first is a success.
  public var onlyFirst: Int
  /// Pairs of which only the second is a success.
  public var onlySecond: Int
  /// Pairs without a success.
  public var neither: Int

  /// Counts of pairs.
  public init(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) {
    self.both = both
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    self.neither = neither
  }

  /// The counts of paired flags.
  public init(_ pairs: [(first: Bool, second: Bool)]) {
    self.init(
      both: pairs.count { $0.first && $0.second }, onlyFirst: pairs.count { $0.first && !$0.second },
      onlySecond: pairs.count { !$0.first && $0.second }, neither: pairs.count { !$0.first && !$0.second })
  }

  /// The number of pairs.
  public var total: Int { both + onlyFirst + onlySecond + neither }

  /// McNemar's test in its exact form, two-sided: the binomial test of the discordant pairs against 1/2; 1 without such pairs,
  /// NaN without pairs.
  public var mcNemar: Double {
    guard total > 0 else { return .nan }
    let tail = Proportion.binomialUpperTail(
      count: max(onlyFirst, onlySecond), total: onlyFirst + onlySecond, rate: 0.5)
    return min(1, 2 * tail)
  }

  /// Newcombe's interval (1998, paired method 10) of the first rate minus the second: Wilson's intervals combined with the
  /// pairs' correlation, which is corrected for continuity; NaN bounds without pairs.
  public func newcombe(level: Double = 0.95) -> ConfidenceInterval {
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
