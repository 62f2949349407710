// How far the comparisons of a sweep have got whose recipes stop when they are decided. Pairs are counted in plan order, whatever the
// order in which runs end, so that the answer depends on nothing but the runs. What counts as failed is Results' business.

import Statistics

/// How far one comparison has got.
package struct PairedComparison: Equatable, Sendable {
  /// How a comparison ended.
  package enum Ending: String, Sendable {
    /// It goes on.
    case open
    /// The recipes differ.
    case decided
    /// It can no longer be decided, or every seed was used.
    case undecided
  }

  /// The indices of the two recipes in plan order.
  package let candidate: Int
  package let reference: Int
  /// The value of E at which it is decided.
  package let threshold: Double
  /// The pairs that count: those up to its end, or so far.
  package fileprivate(set) var pairCount = 0
  /// The pairs in which only the candidate failed, and in which only the reference did.
  package fileprivate(set) var candidateFailedCount = 0
  package fileprivate(set) var referenceFailedCount = 0
  package fileprivate(set) var ending = Ending.open
  /// The e-value against "no difference", at the end or so far.
  package fileprivate(set) var evidence = 1.0
  /// Whether the evidence says that the candidate is the better one: fails less often, or has the higher mean score.
  package fileprivate(set) var favorsCandidate = false
}

/// The comparisons of a sweep.
package struct PairedCourse: Sendable {
  /// One run as far as comparisons read it.
  package struct Run: Sendable {
    var isFailed: Bool
    /// The score, larger is better; read only where scores are compared.
    var score: Double

    package init(isFailed: Bool, score: Double = .nan) {
      self.isFailed = isFailed
      self.score = score
    }
  }

  /// Two recipes to compare, and the number of comparisons on their task.
  package struct Pair: Sendable {
    var candidate: Int
    var reference: Int
    var familySize: Int
    /// The bounds of the score.
    var range: ClosedRange<Double>

    package init(candidate: Int, reference: Int, familySize: Int, range: ClosedRange<Double>) {
      self.candidate = candidate
      self.reference = reference
      self.familySize = familySize
      self.range = range
    }
  }

  private let rule: PairedStop
  private let seedCount: Int
  private let designs: [PairedDesign]
  private let ranges: [ClosedRange<Double>]
  private var tests: [BettingTest]
  /// The comparisons, in the order of their pairs.
  package private(set) var comparisons: [PairedComparison]
  /// The comparisons of each recipe.
  private var indices: [[Int]]
  private var runs: [Run?]

  /// The course of comparisons before any run, of recipes that run with `seedCount` seeds.
  package init(_ rule: PairedStop, _ pairs: [Pair], recipeCount: Int, seedCount: Int) {
    self.rule = rule
    self.seedCount = seedCount
    designs = pairs.map { rule.design(pairCount: seedCount, comparisonCount: $0.familySize) }
    ranges = pairs.map(\.range)
    tests = pairs.map { pair in
      let width = pair.range.upperBound - pair.range.lowerBound
      return BettingTest(mean: 0, in: -width...width, alpha: rule.alpha / Double(pair.familySize))
    }
    comparisons = pairs.map {
      PairedComparison(
        candidate: $0.candidate, reference: $0.reference, threshold: rule.threshold(comparisonCount: $0.familySize))
    }
    indices = Array(repeating: [], count: recipeCount)
    for (index, pair) in pairs.enumerated() {
      indices[pair.candidate].append(index)
      indices[pair.reference].append(index)
    }
    runs = Array(repeating: nil, count: recipeCount * seedCount)
  }

  /// The comparisons that a recipe takes part in.
  package func comparisons(of recipe: Int) -> [PairedComparison] { indices[recipe].map { comparisons[$0] } }

  /// The number of seeds after which a recipe stops: when the last of its comparisons ended. Nil while one goes on, for a recipe that is
  /// in none, and where all seeds are needed.
  package func stop(of recipe: Int) -> Int? {
    let own = comparisons(of: recipe)
    guard let last = own.map(\.pairCount).max(), own.allSatisfy({ $0.ending != .open }), last < seedCount else {
      return nil
    }
    return last
  }

  /// Notes the run of a recipe with the seed at an index.
  package mutating func note(_ run: Run, of recipe: Int, seed: Int) {
    runs[recipe * seedCount + seed] = run
    for index in indices[recipe] { advance(index) }
  }

  /// Counts the pairs that are next in plan order and complete.
  private mutating func advance(_ index: Int) {
    while comparisons[index].ending == .open, comparisons[index].pairCount < seedCount {
      let seed = comparisons[index].pairCount
      guard let candidate = runs[comparisons[index].candidate * seedCount + seed],
        let reference = runs[comparisons[index].reference * seedCount + seed]
      else { return }
      comparisons[index].pairCount += 1
      if candidate.isFailed && !reference.isFailed { comparisons[index].candidateFailedCount += 1 }
      if reference.isFailed && !candidate.isFailed { comparisons[index].referenceFailedCount += 1 }
      switch rule.measure {
      case .failures: lookAtFailures(index)
      case .scores:
        let range = ranges[index]
        tests[index].add(
          Self.clamped(candidate.score, to: range) - Self.clamped(reference.score, to: range))
        lookAtScores(index)
      }
    }
  }

  private mutating func lookAtFailures(_ index: Int) {
    let (candidate, reference) = (
      comparisons[index].candidateFailedCount, comparisons[index].referenceFailedCount
    )
    comparisons[index].evidence = PairedEvidence.value(candidate, of: candidate + reference)
    comparisons[index].favorsCandidate = candidate < reference
    switch designs[index].answer(candidate, of: candidate + reference, after: comparisons[index].pairCount) {
    case .goesOn: break
    case .decided: comparisons[index].ending = .decided
    case .undecided: comparisons[index].ending = .undecided
    }
  }

  private mutating func lookAtScores(_ index: Int) {
    comparisons[index].evidence = tests[index].evidence
    comparisons[index].favorsCandidate = tests[index].isAbove
    let count = comparisons[index].pairCount
    guard count % rule.lookEvery == 0 || count == seedCount else { return }
    if tests[index].isDecided {
      comparisons[index].ending = .decided
    } else if count == seedCount {
      comparisons[index].ending = .undecided
    }
  }

  private static func clamped(_ score: Double, to range: ClosedRange<Double>) -> Double {
    // A run without a score is as bad as one can be.
    score.isNaN ? range.lowerBound : min(max(score, range.lowerBound), range.upperBound)
  }
}
