// How much of the spread over seeds a finite dev set makes by itself: runs that are equally good on average still differ on the
// examples at hand. What is left when that is taken away is a difference between runs.

/// The spread of scores that a dev set of some size gives.
package enum DevSetSpread {
  /// The standard deviation over runs of the accuracy on `exampleCount` examples of two classes when runs err independently of each
  /// other and their votes are calibrated: `sqrt(error / (2 n))` (Jordan 2023, arXiv 2304.01910).
  package static func calibrated(accuracy: Double, exampleCount: Int) -> Double {
    guard exampleCount > 0 else { return .nan }
    return (max(0, 1 - accuracy) / Double(2 * exampleCount)).squareRoot()
  }

  /// The p-value that runs do not differ beyond their independent errors: the share of random arrangements of each example's right
  /// answers over the runs whose scores spread at least as much as the observed ones, which count as one of them.
  ///
  /// - Parameter correct: Whether each run is right on each example, (runs, examples).
  package static func permutationP(_ correct: [[Bool]], count: Int = 1000, seed: UInt64 = 1) -> Double {
    guard correct.count > 1 else { return .nan }
    func squares(_ scores: [Int]) -> Int { scores.reduce(0) { $0 + $1 * $1 } }
    let observed = squares(correct.map { $0.count { $0 } })
    // An example that all runs answer alike adds the same to every score.
    let all = counts(correct)
    let (counts, common) = (all.filter { $0 > 0 && $0 < correct.count }, all.count { $0 == correct.count })
    var stream = IndexStream(seed: seed, site: .max - 3)
    var runs = Array(correct.indices)
    var extreme = 1
    for _ in 0..<count {
      var scores = Array(repeating: common, count: correct.count)
      for rightCount in counts {
        stream.shuffle(&runs, first: rightCount)
        for run in runs.prefix(rightCount) { scores[run] += 1 }
      }
      if squares(scores) >= observed { extreme += 1 }
    }
    return Double(extreme) / Double(count + 1)
  }

  /// The p-value that two halves of a dev set share nothing, within strata such as draws: the share of random pairings of one half's
  /// scores with the other's, within each stratum, whose covariance is at least the observed one, which counts as one of them. It is
  /// one-sided, since a spread of runs can only make it positive. NaN where no stratum has three runs.
  ///
  /// - Parameter strata: The runs' scores on both halves.
  package static func halvesP(
    _ strata: [(first: [Double], second: [Double])], count: Int = 5000, seed: UInt64 = 1
  ) -> Double {
    let used = strata.filter { $0.first.count > 2 }
    guard !used.isEmpty, !used.contains(where: { ($0.first + $0.second).contains(where: \.isNaN) }) else { return .nan }
    // Means do not change in a stratum, so sums of products order the arrangements as covariances do.
    let strata = used.map { (Self.centered($0.first), $0.second) }
    func product(_ first: [Double], _ second: [Double]) -> Double { zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
    let observed = strata.reduce(0) { $0 + product($1.0, $1.1) }
    // Sums of the same products in another order differ by rounding.
    let slack = 1e-12 * strata.reduce(0) { $0 + product($1.0.map { abs($0) }, $1.1.map { abs($0) }) }
    var stream = IndexStream(seed: seed, site: .max - 4)
    var extreme = 1
    for _ in 0..<count {
      let sum = strata.reduce(0) { sum, stratum in
        var second = stratum.1
        stream.shuffle(&second, first: second.count)
        return sum + product(stratum.0, second)
      }
      if sum >= observed - slack { extreme += 1 }
    }
    return Double(extreme) / Double(count + 1)
  }

  private static func centered(_ values: [Double]) -> [Double] {
    let mean = Sample.mean(values)
    return values.map { $0 - mean }
  }

  /// How many runs are right on each example.
  private static func counts(_ correct: [[Bool]]) -> [Int] {
    guard let first = correct.first else { return [] }
    return first.indices.map { index in correct.count { $0[index] } }
  }
}
