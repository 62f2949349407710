// The failure rate of a recipe of which some runs were stopped early: a sample of those is finished anyway, so that nobody has to
// believe the rule that stopped them.

import Foundation

/// The runs of a recipe in two strata: those that went on, and those that a rule stopped.
package struct StoppedRuns: Equatable, Sendable {
  /// The runs that went on to their end.
  package var endedCount: Int
  /// The failed ones of them.
  package var endedFailedCount: Int
  /// The runs that the rule stopped.
  package var stoppedCount: Int
  /// The stopped runs that were finished anyway, chosen at random.
  package var finishedCount: Int
  /// The failed ones of those.
  package var finishedFailedCount: Int

  package init(endedCount: Int, endedFailedCount: Int, stoppedCount: Int, finishedCount: Int, finishedFailedCount: Int)
  {
    precondition(
      endedFailedCount <= endedCount && finishedFailedCount <= finishedCount && finishedCount <= stoppedCount)
    self.endedCount = endedCount
    self.endedFailedCount = endedFailedCount
    self.stoppedCount = stoppedCount
    self.finishedCount = finishedCount
    self.finishedFailedCount = finishedFailedCount
  }

  /// How many of `stoppedCount` stopped runs are finished anyway: a share of them, at least 5, or all.
  package static func finishedCount(of stoppedCount: Int, share: Double) -> Int {
    min(stoppedCount, max(5, Int(roundingUp: share, of: stoppedCount)))
  }

  /// All runs.
  package var count: Int { endedCount + stoppedCount }

  /// The failure rate: both strata's, weighted by their numbers of runs. NaN for no runs, or where none of the stopped ones was
  /// finished.
  package var rate: Double {
    let ended = endedCount == 0 ? 0 : Double(endedFailedCount)
    let stopped = stoppedCount == 0 ? 0 : Double(stoppedCount) * Double(finishedFailedCount) / Double(finishedCount)
    return (ended + stopped) / Double(count)
  }

  /// The interval of the failure rate: Wilson's (1927) for as many runs as would know the rate as well. Its variance is that of the
  /// rate of all runs, and beside it what is not known of the stopped ones: their share squared, times
  /// (1 - finished / stopped) p (1 - p) / finished with p = (failed + 1/2) / (finished + 1), which no sample makes 0 (double sampling
  /// for stratification, Cochran 1977, section 12.2). Where every stopped run was finished it is Wilson's interval of all runs.
  /// Undefined where fewer than 5 of more than 5 stopped runs were finished.
  package func interval(level: Double = 0.95) -> ConfidenceInterval {
    guard count > 0, finishedCount >= min(5, stoppedCount) else { return .undefined }
    guard finishedCount < stoppedCount else {
      return Proportion.wilson(count: endedFailedCount + finishedFailedCount, total: count, level: level)
    }
    let share = Double(stoppedCount) / Double(count)
    let stoppedRate = (Double(finishedFailedCount) + 0.5) / (Double(finishedCount) + 1)
    let smoothed = Double(endedFailedCount) / Double(count) + share * stoppedRate
    let sampled = smoothed * (1 - smoothed) / Double(count)
    let unknown =
      share * share * (1 - Double(finishedCount) / Double(stoppedCount)) * stoppedRate * (1 - stoppedRate)
      / Double(finishedCount)
    return Proportion.wilson(rate: rate, effectiveTotal: Double(count) * sampled / (sampled + unknown), level: level)
  }
}

extension Int {
  /// A share of a number of things, rounded up. A product that is whole but for its last bits, such as 0.55 * 100, is taken as whole.
  package init(roundingUp share: Double, of count: Int) { self.init((share * Double(count) - 1e-9).rounded(.up)) }
}
