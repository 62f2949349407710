// How much the initialization seed and the data order seed each contribute to the spread, when every seed of one ran with
// every seed of the other: variance components of the two-way random-effects model, one run per cell, and tests of each factor.

import Foundation
import SeedStreams

/// Scores of a crossed design, `(rows, columns)`: one row for each seed of the first factor and one column for
/// each seed of the second.
package struct CrossedSeeds: Equatable, Sendable {
  /// The scores, all rows equally long.
  package let scores: [[Double]]

  /// A design of at least two rows and two columns with a number in every cell.
  package init(_ scores: [[Double]]) {
    precondition(scores.count > 1 && scores[0].count > 1, "a crossed design has two rows and two columns at least")
    precondition(scores.allSatisfy { $0.count == scores[0].count }, "the rows of a crossed design are equally long")
    self.scores = scores
  }

  /// The design with rows and columns exchanged.
  package var transposed: CrossedSeeds {
    CrossedSeeds(scores[0].indices.map { column in scores.map { $0[column] } })
  }

  /// The means of the rows.
  package var rowMeans: [Double] { scores.map(Sample.mean) }

  /// Variances by cause; an estimate below zero is 0.
  package struct Components: Equatable, Sendable {
    /// Of the first factor's seeds.
    package var rows: Double
    /// Of the second factor's seeds.
    package var columns: Double
    /// Of everything else, including the interaction of the two factors.
    package var rest: Double
  }

  /// The variance components by the method of moments: with the mean squares of the two-way table without replication,
  /// `(MS_rows - MS_rest) / columns`, `(MS_columns - MS_rest) / rows` and `MS_rest`.
  package var components: Components {
    let squares = meanSquares
    return Components(
      rows: max(0, (squares.rows - squares.rest) / Double(scores[0].count)),
      columns: max(0, (squares.columns - squares.rest) / Double(scores.count)), rest: squares.rest)
  }

  /// The mean squares of rows, columns and rest.
  var meanSquares: Components {
    let (rowCount, columnCount) = (Double(scores.count), Double(scores[0].count))
    let (rows, columns) = (rowMeans, transposed.rowMeans)
    let mean = Sample.mean(rows)
    func squares(_ means: [Double]) -> Double { means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
    var rest = 0.0
    for (row, values) in scores.enumerated() {
      for (column, value) in values.enumerated() {
        let residual = value - rows[row] - columns[column] + mean
        rest += residual * residual
      }
    }
    return Components(
      rows: columnCount * squares(rows) / (rowCount - 1), columns: rowCount * squares(columns) / (columnCount - 1),
      rest: rest / ((rowCount - 1) * (columnCount - 1)))
  }

  /// The residual variance under an additive model of the factors: the sum of squares about the mean, minus the factors'
  /// sums of squares, over the remaining degrees of freedom. There is one score for every combination of the factors.
  ///
  /// - Parameters:
  ///   - scores: All scores.
  ///   - factors: For each factor, the same scores with a row for each of its seeds.
  package static func rest(of scores: [Double], factors: [CrossedSeeds]) -> Double {
    let mean = Sample.mean(scores)
    var squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    var degrees = Double(scores.count - 1)
    for factor in factors {
      let rowDegrees = Double(factor.scores.count - 1)
      squares -= rowDegrees * factor.meanSquares.rows
      degrees -= rowDegrees
    }
    return max(0, squares) / degrees
  }

  /// The F test of no variance between rows in the two-way model, MS_rows over MS_rest; NaN where nothing is left to chance.
  package var rowTest: (f: Double, p: Double) {
    let squares = meanSquares
    guard squares.rest > 0 else { return (.nan, .nan) }
    let above = Double(scores.count - 1)
    let f = squares.rows / squares.rest
    return (f, FisherF.upperTail(f, above, above * Double(scores[0].count - 1)))
  }

  /// The interval of the rows' variance component after Williams and Tukey (1962): exact F bounds over exact chi-squared
  /// bounds, both of normal scores; at least near its level on mixtures with failed runs too. Bounds below zero are 0.
  package func rowInterval(level: Double = 0.95) -> ConfidenceInterval {
    let squares = meanSquares
    let above = Double(scores.count - 1)
    let below = above * Double(scores[0].count - 1)
    func bound(_ probability: Double) -> Double {
      let excess = squares.rows - squares.rest * FisherF.quantile(probability, above, below)
      return max(0, above * excess / (Double(scores[0].count) * ChiSquared.quantile(probability, degrees: above)))
    }
    return ConfidenceInterval(low: bound((1 + level) / 2), high: bound((1 - level) / 2))
  }

  /// Dodge et al.'s permutation test (2020) that the rows' seeds make no difference. It compares the range of the row means
  /// with the ranges after random rearrangements of all scores; the observed arrangement counts as one of them.
  package func permutationTest(count: Int = 10_000, seed: UInt64 = 1) -> Double {
    let observed = Self.range(rowMeans)
    var stream = IndexStream(seed: seed, site: .max - 1)
    var pool = scores.flatMap { $0 }
    let width = scores[0].count
    // Sums of the same numbers in another order differ by rounding.
    let slack = 1e-13 * pool.reduce(0) { $0 + abs($1) }
    var extreme = 1
    for _ in 0..<count {
      stream.shuffle(&pool, first: pool.count - 1)
      let means = scores.indices.map { Sample.mean(Array(pool[$0 * width..<($0 + 1) * width])) }
      if Self.range(means) >= observed - slack { extreme += 1 }
    }
    return Double(extreme) / Double(count + 1)
  }

  /// The one-way analysis of variance of the best row against the worst, as published. It is not a valid test, because the
  /// rows are chosen by the scores that it compares: and on pure noise of 25 by 25 it finds p < .05 nine times in ten.
  package var bestAgainstWorst: (f: Double, p: Double) {
    let means = rowMeans
    guard let best = means.indices.max(by: { means[$0] < means[$1] }),
      let worst = means.indices.min(by: { means[$0] < means[$1] })
    else { return (.nan, .nan) }
    let (first, second) = (scores[best], scores[worst])
    let count = Double(first.count)
    let within = [first, second].reduce(0) { sum, row in
      let deviation = Sample.standardDeviation(row, ddof: 1)
      return sum + deviation * deviation * (count - 1)
    }
    guard within > 0 else { return (.nan, .nan) }
    let difference = means[best] - means[worst]
    let f = count * difference * difference / 2 / (within / (2 * (count - 1)))
    return (f, FisherF.upperTail(f, 1, 2 * (count - 1)))
  }

  private static func range(_ values: [Double]) -> Double { Sample.maximum(values) - Sample.minimum(values) }
}
