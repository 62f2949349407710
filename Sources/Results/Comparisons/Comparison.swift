// Two recipes against each other: one primary test of their failure rates, chosen before looking, and beside it what is
// secondary. Which pairs there are is `ComparisonPairs`' business, what a reader is told `Comparison+Sentence`'s.

import Host
import Reports
import Statistics
import StopRules

/// A recipe and the reference it is compared with, on one task.
package struct ComparedPair: Equatable, Sendable {
  /// The recipe in question.
  package var candidate: SummaryRow
  /// The recipe it is compared with.
  package var reference: SummaryRow
  /// What the recipe is called in sentences.
  package var candidateName: String
  /// What the reference is called in sentences.
  package var referenceName: String

  package init(candidate: SummaryRow, reference: SummaryRow, candidateName: String, referenceName: String) {
    self.candidate = candidate
    self.reference = reference
    self.candidateName = candidateName
    self.referenceName = referenceName
  }
}

/// The test that decides about two failure rates.
package enum PrimaryTest: String, Sendable {
  /// McNemar's exact test, where both recipes ran with the same seeds.
  case mcNemar = "mcnemar_exact"
  /// Boschloo's, twice the smaller one-sided p-value.
  case boschloo
  /// Fisher's, where there are too many runs for Boschloo's.
  case fisher

  /// What a sentence calls it.
  package var title: String {
    switch self {
    case .mcNemar: "McNemar's exact test"
    case .boschloo: "Boschloo's test"
    case .fisher: "Fisher's exact test"
    }
  }
}

/// The spread of two groups of scores.
package struct SpreadComparison: Equatable, Sendable {
  package var count: (candidate: Int, reference: Int)
  package var mean: (candidate: Double, reference: Double)
  package var deviation: (candidate: Double, reference: Double)
  var ratio: Double
  var ratioInterval: ConfidenceInterval
  var leveneMean: (w: Double, p: Double)
  var leveneMedian: (w: Double, p: Double)

  init(_ candidate: [Double], _ reference: [Double], bootstrap: Bootstrap) {
    count = (candidate.count, reference.count)
    mean = (Sample.mean(candidate), Sample.mean(reference))
    deviation = (
      Sample.standardDeviation(candidate, ddof: 1), Sample.standardDeviation(reference, ddof: 1)
    )
    (ratio, ratioInterval) = Spread.ratio(candidate, reference, bootstrap: bootstrap)
    leveneMean = Spread.levene([candidate, reference], center: .mean)
    leveneMedian = Spread.levene([candidate, reference], center: .median)
  }

  /// Whether the same numbers went in.
  package static func == (left: SpreadComparison, right: SpreadComparison) -> Bool {
    left.count == right.count && left.mean == right.mean && left.deviation == right.deviation
  }
}

/// Everything that one pair of recipes tells.
package struct Comparison: Equatable, Sendable {
  /// The pair.
  package let pair: ComparedPair
  /// The runs by seed, where at least half of each recipe's runs have a seed of the other's; nil otherwise.
  package let pairing: PairedProportions?
  /// The number of seeds that both recipes ran with, each once.
  package let commonCount: Int
  /// The candidate's failure rate minus the reference's, over the pairs where `pairing` leaves runs out, with Newcombe's interval;
  /// NaN if one of them has no run.
  package let difference: Double
  package let differenceInterval: ConfidenceInterval
  /// The primary test.
  package let primaryTest: PrimaryTest
  /// Its p-value; NaN if one recipe has no run.
  package let primaryP: Double
  /// The p-value adjusted for the family of declared pairs of the task; `primaryP` until the family is known.
  package internal(set) var adjustedP: Double
  /// The size of that family.
  package internal(set) var familySize = 1
  /// Whether the two are compared on a part of their seeds.
  package var isPartlyPaired: Bool {
    pairing.map { $0.total < max(pair.candidate.count, pair.reference.count) } ?? false
  }
  /// How far the comparison got by the rule of a sweep that ends comparisons; nil where no such rule decides about it.
  package let evidence: PairedComparison?
  let level: Double
  let boschloo: Double
  let fisher: Double
  let barnard: Double
  package let overall: SpreadComparison
  package let successful: SpreadComparison
  /// The interval of the difference of the means of the runs that did not fail.
  let successfulDifference: ConfidenceInterval
  let welch: LocationTests.Welch
  let mannWhitney: LocationTests.MannWhitney
  package let permutation: LocationTests.Permutation

  /// The products of run counts up to which the exact unconditional tests are computed: beyond, their tables of all outcomes
  /// would not fit and Fisher's test agrees with them.
  static let largestTable = 4_000_000

  /// Compares two recipes.
  package init(_ pair: ComparedPair, options: TableOptions) {
    self.pair = pair
    level = options.level
    let (a, b) = (pair.candidate, pair.reference)
    evidence = a.stop?.candidateOf[b.configurationIdentifier]
    let pairs = Self.pairs(a.runs, b.runs)
    commonCount = pairs.total
    let isPaired = pairs.total > 0 && 2 * pairs.total >= max(a.count, b.count)
    pairing = isPaired ? pairs : nil
    difference =
      isPaired && pairs.total < max(a.count, b.count)
      ? Double(pairs.onlyFirst - pairs.onlySecond) / Double(pairs.total) : a.failureRate - b.failureRate
    differenceInterval =
      pairing?.newcombe(level: level)
      ?? TwoProportions.newcombe(
        first: a.failedCount, firstTotal: a.count, second: b.failedCount, secondTotal: b.count, level: level)
    let isSmall = a.count <= Self.largestTable / max(1, b.count)
    func exact(_ test: (Int, Int, Int, Int) -> Double) -> Double {
      isSmall ? test(a.failedCount, a.count, b.failedCount, b.count) : .nan
    }
    boschloo = exact(TwoProportions.boschloo)
    barnard = exact(TwoProportions.barnard)
    fisher = TwoProportions.fisher(
      first: a.failedCount, firstTotal: a.count, second: b.failedCount, secondTotal: b.count)
    primaryTest = pairing != nil ? .mcNemar : isSmall ? .boschloo : .fisher
    primaryP = pairing?.mcNemar ?? (isSmall ? boschloo : fisher)
    adjustedP = primaryP
    overall = SpreadComparison(a.definedValues, b.definedValues, bootstrap: options.bootstrap)
    successful = SpreadComparison(a.successfulValues, b.successfulValues, bootstrap: options.bootstrap)
    successfulDifference = SkewedSamples.differenceInterval(a.successfulValues, b.successfulValues, level: level)
    welch = LocationTests.welch(a.definedValues, b.definedValues, level: level)
    mannWhitney = LocationTests.mannWhitney(a.rankedValues, b.rankedValues)
    permutation = LocationTests.permutation(a.definedValues, b.definedValues, seed: options.bootstrapSeed)
  }

  /// The pairs of runs with equal seeds; none where a recipe has a seed twice.
  private static func pairs(_ first: [ScoredRun], _ second: [ScoredRun]) -> PairedProportions {
    let bySeed = Dictionary(second.map { ($0.seeds, $0) }, uniquingKeysWith: { one, _ in one })
    guard bySeed.count == second.count, Set(first.map(\.seeds)).count == first.count else {
      return PairedProportions([])
    }
    return PairedProportions(
      first.compactMap { run in bySeed[run.seeds].map { (run.failure != nil, $0.failure != nil) } })
  }

  /// The comparisons of the declared pairs, spread over the cores, their primary p-values adjusted by Holm over each task.
  package static func all(_ pairs: [ComparedPair], options: TableOptions) -> [Comparison] {
    var comparisons = pairs.concurrentMap { Comparison($0, options: options) }
    for indices in Dictionary(grouping: comparisons.indices, by: { comparisons[$0].pair.candidate.task }).values {
      let adjusted = Multiplicity.holm(indices.map { comparisons[$0].primaryP })
      for (index, p) in zip(indices, adjusted) {
        comparisons[index].adjustedP = p
        comparisons[index].familySize = indices.count { !comparisons[$0].primaryP.isNaN }
      }
    }
    return comparisons
  }

  /// Whether the same runs were compared.
  package static func == (left: Comparison, right: Comparison) -> Bool {
    left.pair == right.pair && left.level == right.level && left.familySize == right.familySize
  }
}

extension Comparison {
  /// The rule by which the sweep stopped; nil where none decides about this comparison.
  var pairedRule: PairedStop? {
    if evidence != nil, case .pairs(let rule) = pair.candidate.stop?.rule { rule } else { nil }
  }
}
