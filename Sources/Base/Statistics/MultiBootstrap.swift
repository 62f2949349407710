// The multi-bootstrap (Sellam et al. 2022, arXiv 2106.16163): pre-trainings, data seeds, fine-tuning seeds and dev examples are all
// drawn again, and jointly, since a result is to hold for others of each. With few pre-trainings its intervals cover too little;
// the t interval of `CrossedMean` stands beside it.

/// Scores of one draw: a pre-training with a data seed, which has training and dev examples of its own.
package struct DrawScores: Equatable, Sendable {
  /// The index of the pre-training.
  package var pretraining: Int
  /// The index of the data seed.
  package var data: Int
  /// The score of each fine-tuning seed on each dev example, such as 1 where it is right, (seeds, examples).
  package var scores: [[Double]]

  /// Scores of at least one seed on at least one example, as many for each seed.
  package init(pretraining: Int, data: Int, scores: [[Double]]) {
    precondition(scores.first.map { !$0.isEmpty } == true, "a draw has scores")
    precondition(scores.allSatisfy { $0.count == scores[0].count }, "all seeds have the same examples")
    self.pretraining = pretraining
    self.data = data
    self.scores = scores
  }

  /// The draw's scores less another's: with the same seeds and examples, one by one.
  package func minus(_ other: DrawScores) -> DrawScores {
    precondition(
      scores.count == other.scores.count && scores[0].count == other.scores[0].count, "other seeds or examples")
    return DrawScores(
      pretraining: pretraining, data: data,
      scores: zip(scores, other.scores).map { zip($0, $1).map { $0 - $1 } })
  }

  /// The mean over seeds and examples.
  package var mean: Double { Sample.mean(scores.map(Sample.mean)) }
}

/// Joint resampling of everything that was drawn.
package struct MultiBootstrap: Sendable {
  /// The number of resamples.
  package var resampleCount: Int
  /// Their seed.
  package var seed: UInt64
  /// The level of the intervals.
  package var level: Double

  package init(resampleCount: Int = 1000, seed: UInt64 = 1, level: Double = 0.95) {
    self.resampleCount = resampleCount
    self.seed = seed
    self.level = level
  }

  /// The percentile interval of the mean over draws, each draw weighing the same. Differences of two recipes that share seeds and
  /// examples are draws of differences (`DrawScores.minus`).
  package func interval(_ draws: [DrawScores]) -> ConfidenceInterval { interval(draws, minus: []) }

  /// The percentile interval of the difference of two recipes' means: both see the same resampled pre-trainings, data seeds and
  /// examples, but fine-tuning seeds of their own. Both have the same draws in the same order.
  package func interval(_ first: [DrawScores], minus second: [DrawScores]) -> ConfidenceInterval {
    precondition(
      second.isEmpty || zip(first, second).allSatisfy { ($0.pretraining, $0.data) == ($1.pretraining, $1.data) },
      "both recipes have the same draws")
    let (pretrainings, data) = (Set(first.map(\.pretraining)).sorted(), Set(first.map(\.data)).sorted())
    guard !first.isEmpty else { return .undefined }
    var stream = IndexStream(seed: seed, site: .max - 5)
    let means = (0..<resampleCount).map { _ -> Double in
      let pretrainingCounts = Self.counts(of: pretrainings, &stream)
      let dataCounts = Self.counts(of: data, &stream)
      // The examples of a data seed are the same for all its draws.
      let exampleCounts = Dictionary(
        uniqueKeysWithValues: data.map { seed in
          let size = first.first { $0.data == seed }?.scores[0].count ?? 0
          return (seed, Self.counts(of: size, &stream))
        })
      var (sum, weight) = (0.0, 0.0)
      for index in first.indices {
        let draw = first[index]
        let times = Double((pretrainingCounts[draw.pretraining] ?? 0) * (dataCounts[draw.data] ?? 0))
        let examples = exampleCounts[draw.data] ?? []
        let mean = Self.resampledMean(draw, examples, &stream)
        let other = second.isEmpty ? 0 : Self.resampledMean(second[index], examples, &stream)
        sum += times * (mean - other)
        weight += times
      }
      return sum / weight
    }
    let sorted = means.filter { !$0.isNaN }.sorted()
    guard let least = sorted.first, least != sorted.last else { return .undefined }
    return ConfidenceInterval(
      low: Sample.quantile(ofSorted: sorted, at: (1 - level) / 2),
      high: Sample.quantile(ofSorted: sorted, at: (1 + level) / 2))
  }

  /// The mean of a draw's scores over resampled seeds and examples that were drawn as often as said.
  private static func resampledMean(_ draw: DrawScores, _ examples: [Int], _ stream: inout IndexStream) -> Double {
    let seeds = counts(of: draw.scores.count, &stream)
    var sum = 0.0
    for (scores, times) in zip(draw.scores, seeds) where times > 0 {
      sum += Double(times) * zip(scores, examples).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    return sum / Double(draw.scores.count * examples.count)
  }

  /// How often each of `count` things is drawn in `count` draws with replacement.
  private static func counts(of count: Int, _ stream: inout IndexStream) -> [Int] {
    var counts = Array(repeating: 0, count: count)
    for _ in 0..<count { counts[stream.next(below: count)] += 1 }
    return counts
  }

  private static func counts(of names: [Int], _ stream: inout IndexStream) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: zip(names, counts(of: names.count, &stream)))
  }
}

/// The mean of effects of draws that cross pre-trainings with data seeds, where draws of one pre-training are alike and so are those
/// of one data seed.
package struct CrossedMean: Equatable, Sendable {
  /// The mean of all draws.
  package let mean: Double
  /// Its standard error: `sqrt((MS_p + MS_d - MS_rest) / (P D))` with the mean squares of pre-trainings, data seeds and the rest, and
  /// no smaller than the larger one of `MS_p` and `MS_d` alone makes it.
  package let standardError: Double
  /// Degrees of freedom after Satterthwaite (1946), at least one fewer than the rarer of pre-trainings and data seeds.
  package let degrees: Double

  /// The mean of a whole table with at least two rows and two columns.
  ///
  /// - Parameter effects: The effect of each draw, (pre-trainings, data seeds).
  package init(_ effects: [[Double]]) {
    let (rows, columns) = (effects.count, effects.first?.count ?? 0)
    precondition(rows > 1 && columns > 1 && effects.allSatisfy { $0.count == columns }, "a table of 2 x 2 or more")
    let all = effects.flatMap { $0 }
    let mean = Sample.mean(all)
    let rowMeans = effects.map(Sample.mean)
    let columnMeans = (0..<columns).map { column in Sample.mean(effects.map { $0[column] }) }
    func square(_ value: Double) -> Double { (value - mean) * (value - mean) }
    let total = all.reduce(0) { $0 + square($1) }
    let betweenRows = Double(columns) * rowMeans.reduce(0) { $0 + square($1) }
    let betweenColumns = Double(rows) * columnMeans.reduce(0) { $0 + square($1) }
    let (rowDegrees, columnDegrees) = (Double(rows - 1), Double(columns - 1))
    let ofRows = betweenRows / rowDegrees
    let ofColumns = betweenColumns / columnDegrees
    let ofRest = max(0, total - betweenRows - betweenColumns) / (rowDegrees * columnDegrees)
    let combined = ofRows + ofColumns - ofRest
    let largest = max(ofRows, ofColumns)
    let satterthwaite =
      combined * combined
      / (ofRows * ofRows / rowDegrees + ofColumns * ofColumns / columnDegrees
        + ofRest * ofRest / (rowDegrees * columnDegrees))
    self.mean = mean
    standardError = (max(combined, largest) / Double(rows * columns)).squareRoot()
    degrees =
      satterthwaite.isFinite ? max(min(rowDegrees, columnDegrees), satterthwaite) : min(rowDegrees, columnDegrees)
  }

  /// The interval of the mean by Student's t.
  package func interval(level: Double = 0.95) -> ConfidenceInterval {
    let half = Student.halfWidth(level: level, degrees: degrees) * standardError
    return ConfidenceInterval(low: mean - half, high: mean + half)
  }
}
