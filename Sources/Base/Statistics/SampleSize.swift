// How many seeds an answer takes: for a failure rate to some precision, or to tell two failure rates apart. The tests whose
// power is asked for are in `TwoProportions` and `PairedProportions`.

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
  /// The power of an exact test rises in a saw's teeth: the number before the answer falls short, the answer and the five
  /// after it do not.
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
    var place = enough
    while place < min(limit, enough + 5) {
      place += 1
      if !isEnough(place) { enough = place + 1 }
    }
    return enough <= limit ? enough : nil
  }
}
