// The bootstrap: resamples that depend only on a seed, and bias-corrected and accelerated intervals from them. Which
// statistic is resampled is the caller's choice; one that is undefined on a resample leaves that resample out.

import SeedStreams

/// Resampling with replacement.
package struct Bootstrap: Sendable {
  /// The number of resamples.
  package var resampleCount: Int
  /// The seed of the resamples.
  package var seed: UInt64
  /// The level of the intervals.
  package var level: Double

  package init(resampleCount: Int = 5000, seed: UInt64 = 1, level: Double = 0.95) {
    self.resampleCount = resampleCount
    self.seed = seed
    self.level = level
  }

  /// The BCa intervals (Efron 1987) of some statistics of one sample, all from the same resamples; undefined where a
  /// statistic is constant over the resamples or the sample has fewer than two numbers.
  package func intervals(
    _ sample: [Double], of statistics: [([Double]) -> Double]
  ) -> [ConfidenceInterval] {
    intervals([sample], of: statistics.map { statistic in { statistic($0[0]) } })
  }

  /// The BCa intervals of some statistics of several independent samples, each resampled by itself.
  package func intervals(
    _ samples: [[Double]], of statistics: [([[Double]]) -> Double]
  ) -> [ConfidenceInterval] {
    guard samples.allSatisfy({ $0.count > 1 }) else { return statistics.map { _ in .undefined } }
    var replicates = statistics.map { _ in [Double]() }
    for index in replicates.indices { replicates[index].reserveCapacity(resampleCount) }
    var resample = samples
    var streams = samples.indices.map { IndexStream(seed: seed, site: UInt32($0)) }
    for _ in 0..<resampleCount {
      for group in samples.indices {
        for index in samples[group].indices {
          resample[group][index] = samples[group][streams[group].next(below: samples[group].count)]
        }
      }
      for (index, statistic) in statistics.enumerated() { replicates[index].append(statistic(resample)) }
    }
    return zip(statistics, replicates).map { statistic, replicates in
      Self.interval(
        estimate: statistic(samples), replicates: replicates, leftOut: Self.leaveOneOut(samples, statistic),
        level: level)
    }
  }

  /// The BCa intervals of some statistics of paired numbers, the pairs resampled together.
  package func intervals(
    pairs first: [Double], _ second: [Double], of statistics: [([Double], [Double]) -> Double]
  ) -> [ConfidenceInterval] {
    precondition(first.count == second.count, "\(first.count) against \(second.count) numbers")
    // The sample holds the indices of the pairs, so each resample is a choice of pairs.
    let indices = first.indices.map(Double.init)
    return intervals(
      indices,
      of: statistics.map { statistic in
        { chosen in statistic(chosen.map { first[Int($0)] }, chosen.map { second[Int($0)] }) }
      })
  }

  /// The values of a statistic with each number left out in turn, one list for each sample.
  static func leaveOneOut(_ samples: [[Double]], _ statistic: ([[Double]]) -> Double) -> [[Double]] {
    samples.indices.map { group in
      samples[group].indices.map { index in
        var rest = samples
        rest[group].remove(at: index)
        return statistic(rest)
      }
    }
  }

  /// The BCa interval from an estimate, its replicates and its leave-one-out values.
  static func interval(
    estimate: Double, replicates: [Double], leftOut: [[Double]], level: Double
  ) -> ConfidenceInterval {
    let sorted = replicates.filter { !$0.isNaN }.sorted()
    guard estimate.isFinite, let first = sorted.first, first != sorted.last else { return .undefined }
    // The share of replicates below the estimate; replicates equal to it count half.
    let below = sorted.count { $0 < estimate }
    let upTo = sorted.count { $0 <= estimate }
    let bias = Normal.quantile(Double(below + upTo) / Double(2 * sorted.count))
    let acceleration = acceleration(leftOut)
    func bound(_ probability: Double) -> Double {
      let shifted = bias + Normal.quantile(probability)
      let probability = Normal.cumulative(bias + shifted / (1 - acceleration * shifted))
      return probability.isNaN ? .nan : Sample.quantile(ofSorted: sorted, at: probability)
    }
    return ConfidenceInterval(low: bound((1 - level) / 2), high: bound((1 + level) / 2))
  }

  /// Efron's acceleration, for several samples the ratio of the summed third and second moments of their influences.
  private static func acceleration(_ leftOut: [[Double]]) -> Double {
    var (cubes, squares) = (0.0, 0.0)
    for values in leftOut {
      let count = Double(values.count)
      let mean = Sample.mean(values)
      let influences = values.map { (count - 1) * (mean - $0) }
      cubes += influences.reduce(0) { $0 + $1 * $1 * $1 } / (count * count * count)
      squares += influences.reduce(0) { $0 + $1 * $1 } / (count * count)
    }
    return cubes / (6 * squares * squares.squareRoot())
  }
}

/// Random indices below a bound without bias (Lemire 2019), four from each Philox block.
package struct IndexStream {
  private let stream: SeedStream
  private var block = SIMD4<UInt32>.zero
  private var nextBlock: UInt64 = 0
  private var used = 4

  /// The indices of a seed at one of the places that draw.
  package init(seed: UInt64, site: UInt32) { stream = SeedStream(seed: seed, purpose: .bootstrap, site: site) }

  /// Moves `count` randomly chosen values, in random order, to the front of an array (Durstenfeld 1964).
  mutating func shuffle<Value>(_ values: inout [Value], first count: Int) {
    for index in 0..<count { values.swapAt(index, index + next(below: values.count - index)) }
  }

  /// The numbers below `count` in a random order.
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order, first: max(0, count - 1))
    return order
  }

  /// The next index below a bound.
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0 && bound < 1 << 32, "indices below \(bound)")
    while true {
      if used == 4 {
        block = stream.block(at: nextBlock)
        nextBlock += 1
        used = 0
      }
      let product = UInt64(block[used]) * UInt64(bound)
      used += 1
      // The exact bound for rejection costs a division, and few words need it.
      let low = UInt32(truncatingIfNeeded: product)
      if low >= UInt32(bound) || low >= UInt32((UInt64(1) << 32) % UInt64(bound)) { return Int(product >> 32) }
    }
  }
}
