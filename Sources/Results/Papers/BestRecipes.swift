// Multiple comparisons with the best: which recipes of a task the data do not tell from the one that did best, by the test
// that comparisons use, and what that test could have seen. Choosing tests is `Comparison`'s business.

import Comparisons
import Reports
import Statistics

/// What recipes compete in.
enum Contest: Equatable, Sendable {
  /// The lowest failure rate, told apart by the primary test.
  case failureRate
  /// The highest mean over runs with a value, told apart by the permutation test of means.
  case mean
}

/// The recipes of one task that are not told from its best.
struct BestRecipes {
  /// Places in the summary; none where no recipe at all is told from the best.
  let indices: Set<Int>
  /// The comparisons with the best.
  let comparisons: [Comparison]
  private let level: Double

  /// Compares every recipe of a task with the one that did best, the first of equals, at the intervals' level after Holm.
  ///
  /// - Parameters:
  ///   - rows: The summary.
  ///   - indices: The indices of the task's recipes in it.
  init(_ contest: Contest, _ rows: [SummaryRow], at indices: [Int], options: TableOptions) {
    level = options.level
    // The tests need a score of every run.
    let areComplete = indices.allSatisfy { rows[$0].unfinishedCount == 0 }
    let competing = areComplete ? indices.filter { !Self.merit(contest, rows[$0]).isNaN } : []
    guard let first = competing.first else {
      (self.indices, comparisons) = ([], [])
      return
    }
    let best = competing.reduce(first) {
      Self.merit(contest, rows[$1]) > Self.merit(contest, rows[$0]) ? $1 : $0
    }
    let others = competing.filter { $0 != best }
    let comparisons = Comparison.all(
      others.map {
        ComparedPair(
          candidate: rows[$0], reference: rows[best], candidateName: rows[$0].label, referenceName: rows[best].label)
      }, options: options)
    let adjusted =
      contest == .failureRate
      ? comparisons.map(\.adjustedP) : Multiplicity.holm(comparisons.map(\.permutation.p))
    self.comparisons = comparisons
    let equals = zip(others, adjusted).filter { $1 >= 1 - options.level }.map(\.0)
    self.indices = equals.count == others.count ? [] : Set([best] + equals)
  }

  /// The task of which no recipe is told from the best, though there are several.
  var undecidedTask: String? { indices.isEmpty ? comparisons.first?.pair.candidate.task : nil }

  private static func merit(_ contest: Contest, _ row: SummaryRow) -> Double {
    switch contest {
    case .failureRate: -row.failureRate
    case .mean: row.definedValues.isEmpty ? .nan : row.direction * Sample.mean(row.definedValues)
    }
  }

  /// The lowest failure rate that the primary test tells from a best recipe without failures with probability .8, at Holm's
  /// strictest step, the least favourable of the comparisons; nil if it tells none.
  var detectableRate: Double? {
    let level = (1 - level) / Double(max(1, comparisons.count))
    let rates = comparisons.map { comparison -> Double in
      let n = comparison.pairing?.total ?? comparison.pair.candidate.count
      let best = comparison.pair.reference.count
      let needed = (0...n).first { count in
        let p =
          switch comparison.primaryTest {
          case .mcNemar: PairedProportions(both: 0, onlyFirst: count, onlySecond: 0, neither: n - count).mcNemar
          case .boschloo: TwoProportions.boschloo(first: count, firstTotal: n, second: 0, secondTotal: best)
          case .fisher: TwoProportions.fisher(first: count, firstTotal: n, second: 0, secondTotal: best)
          }
        return p < level
      }
      return needed.map { Self.rate(atWhich: $0, of: n) } ?? .nan
    }
    return rates.contains { $0.isNaN } ? nil : rates.max()
  }

  /// The failure rate at which at least `needed` of `n` runs fail with probability .8.
  private static func rate(atWhich needed: Int, of n: Int) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if Proportion.binomialUpperTail(count: needed, total: n, rate: middle) < 0.8 {
        low = middle
      } else {
        high = middle
      }
    }
    return high
  }
}
