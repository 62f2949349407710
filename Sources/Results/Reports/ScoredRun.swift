// One run as tables and comparisons see it: its score, whether it failed, and what the two halves of the dev set say.

import Trials

/// One run with a result.
package struct ScoredRun: Equatable, Sendable {
  /// The run's seeds; runs of two configurations with equal seeds are a pair.
  package var seeds: String
  /// The score, NaN for a run that diverged.
  package var value: Double
  /// How the run failed; nil if it did not.
  package var failure: FailureKind?
  /// The scores on half A and half B at the last evaluation; nil or NaN where there is none.
  package var finalHalves: (first: Double?, second: Double?)
  /// The scores on half A and half B at the evaluation that is best on half A.
  package var bestHalves: (first: Double?, second: Double?)
  /// The steps that the run made; nil where nobody knows them.
  package var stepCount: Int?

  package init(
    seeds: String, value: Double, failure: FailureKind?, finalHalves: (first: Double?, second: Double?) = (nil, nil),
    bestHalves: (first: Double?, second: Double?) = (nil, nil)
  ) {
    self.seeds = seeds
    self.value = value
    self.failure = failure
    self.finalHalves = finalHalves
    self.bestHalves = bestHalves
  }

  /// The run that an outcome describes. Whatever it had reached before, with either score a diverged run has no value and
  /// ranks last.
  init(_ outcome: Outcome, seeds: String, failure: FailureKind?, score: ScoreChoice) {
    guard failure != .diverged else {
      self.init(seeds: seeds, value: .nan, failure: failure)
      stepCount = outcome.stepCount > 0 ? outcome.stepCount : nil
      return
    }
    let (last, bestOfA) = (outcome.finalEvaluation, outcome.evaluations.highest(\.valueA))
    self.init(
      seeds: seeds, value: outcome.value(score), failure: failure, finalHalves: (last?.valueA, last?.valueB),
      bestHalves: (bestOfA?.valueA, bestOfA?.valueB))
    stepCount = outcome.stepCount > 0 ? outcome.stepCount : nil
  }

  /// Runs with the same contents.
  package static func == (left: ScoredRun, right: ScoredRun) -> Bool {
    left.seeds == right.seeds && left.value == right.value && left.failure == right.failure
      && left.finalHalves == right.finalHalves && left.bestHalves == right.bestHalves
  }
}

extension SummaryRow {
  /// The scores on both halves of the runs from which one is selected: a run that diverged has the constant classifier's on both,
  /// as `mean_imputed` counts it, where other runs have halves.
  package var selectionHalves: (first: [Double], second: [Double]) {
    let known = runs.pairs(\.finalHalves.first, \.finalHalves.second)
    guard !known.first.isEmpty, count(of: .diverged) > 0 else { return known }
    func score(_ run: ScoredRun, _ half: Double?) -> Double? {
      run.failure == .diverged ? constantScore ?? .nan : half
    }
    let both = runs.map { (score($0, $0.finalHalves.first), score($0, $0.finalHalves.second)) }
    let scores = both.compactMap { first, second in first.flatMap { first in second.map { (first, $0) } } }
    return (scores.map(\.0), scores.map(\.1))
  }
}

extension [ScoredRun] {
  /// The pairs of two numbers of the runs that have both.
  func pairs(_ first: (ScoredRun) -> Double?, _ second: (ScoredRun) -> Double?) -> (first: [Double], second: [Double]) {
    var result: (first: [Double], second: [Double]) = ([], [])
    for run in self {
      guard let one = first(run), let other = second(run), !one.isNaN, !other.isNaN else { continue }
      result.first.append(one)
      result.second.append(other)
    }
    return result
  }
}
