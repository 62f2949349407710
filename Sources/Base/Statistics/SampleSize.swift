// How many seeds are needed to know a failure rate to some precision, or to tell two failure rates apart. The powers of the
// tests are in `TwoProportions` and `PairedProportions`.

import Foundation

/// Numbers of runs of one recipe.
package enum SampleSize {
  /// The smallest number of runs with which Wilson's interval of a rate is no wider than `halfWidth` to either side of its
  /// middle, whatever the rate: `z^2 (1 / (4 w^2) - 1)`.
  package static func wilson(halfWidth: Double, level: Double = 0.95) -> Int {
    precondition(halfWidth > 0, "a half width of \(halfWidth)")
    let z = Normal.quantile(0.5 + level / 2)
    return max(1, Int((z * z * (1 / (4 * halfWidth * halfWidth) - 1)).rounded(.up)))
  }

  /// The smallest number up to `limit` from which on a test's power stays at a goal; nil if there is none.
  ///
  /// The power of an exact test does not rise steadily with the number of runs, so the five numbers after the result must
  /// reach the goal, too; the number before the result does not.
  package static func smallest(limit: Int, power goal: Double, _ power: (Int) -> Double) -> Int? {
    func isEnough(_ count: Int) -> Bool { power(count) >= goal }
    var (short, enough) = (0, 1)
    while !isEnough(enough) {
      if enough == limit { return nil }
      (short, enough) = (enough, min(limit, 2 * enough))
    }
    while enough - short > 1 {
      let middle = (short + enough) / 2
      if isEnough(middle) { enough = middle } else { short = middle }
    }
    var runCount = enough
    while runCount < min(limit, enough + 5) {
      runCount += 1
      if !isEnough(runCount) { enough = runCount + 1 }
    }
    return enough <= limit ? enough : nil
  }
}
