// What a sweep saves whose comparisons end when they are decided, for failure rates and differences that a user may expect: exact
// for failures, and at the earliest for scores, whose spread nobody knows before.

import Foundation
import Host
import Statistics
import StopRules
import Trials

/// What ending comparisons early saves.
struct PairedForecast {
  private let rule: PairedStop
  private let seedCount: Int
  private let familySize: Int

  /// Pairs up to which the exact forecast takes less than a second.
  private static let mostPairs = 200
  /// Failure rates of two recipes: of unstable recipes and their cures, and of recipes that do not differ.
  private static let rates = [(0.56, 0.0), (0.5, 0.12), (0.3, 0.1), (0.3, 0.3)]
  private static let differences = [0.3, 0.1, 0.03]

  init(_ rule: PairedStop, _ plan: SweepPlan) {
    self.rule = rule
    seedCount = plan.seeds.count
    familySize = PlanQuestions.familySize(plan)
  }

  /// The rule in words, and what it saves.
  var lines: [String] {
    let family = familySize > 1 ? ", \(familySize) comparisons on a task" : ""
    let looks = rule.lookEvery == 1 ? "after every pair" : "after every \(rule.lookEvery) pairs"
    let start = String(
      format:
        "stop: a comparison ends when E >= %g (alpha %g%@), looked at %@ of runs with equal seeds; all seeds are counted here",
      rule.threshold(comparisonCount: max(1, familySize)), rule.alpha, family, looks)
    return [start] + (rule.measure == .failures ? failureLines : scoreLines)
  }

  private var failureLines: [String] {
    let pairs = min(seedCount, Self.mostPairs)
    let design = rule.design(pairCount: pairs, comparisonCount: max(1, familySize))
    let note = pairs < seedCount ? ["  within the first \(pairs) of \(seedCount) pairs:"] : []
    return note
      + Self.rates.map { one, other in
        let found = design.course(one: one * (1 - other), other: other * (1 - one))
        return String(
          format: "  failure rates of %g and %g: decided with probability %.2f, after %.1f of %d pairs on average", one,
          other, found.power, found.meanPairCount, pairs)
      }
  }

  private var scoreLines: [String] {
    let lines = Self.differences.map { difference in
      let end =
        earliest(difference).map { "is decided after \(counted($0, "pair"))" }
        ?? "is not decided within \(counted(seedCount, "pair"))"
      return String(format: "  a difference of %g in every pair %@", difference, end)
    }
    return lines + [
      "  differences that vary take longer; for a metric from -1 to 1, such as a correlation, they must be twice as large"
    ]
  }

  /// The pairs after which a difference that every pair has is decided, of scores between 0 and 1; nil if it is not.
  private func earliest(_ difference: Double) -> Int? {
    var test = BettingTest(mean: 0, in: -1...1, alpha: rule.alpha / Double(max(1, familySize)))
    for count in 1...max(1, seedCount) {
      test.add(difference)
      if test.isDecided, count % rule.lookEvery == 0 || count == seedCount { return count }
    }
    return nil
  }
}
