// How many seeds a sweep needs: for a failure rate of a given precision, or to tell two failure rates apart.

import Foundation
import Host
import Reports
import Statistics
import Trials

/// The questions that a sweep is to answer.
package struct PlanQuestions {
  /// The most seeds that are tried for an answer. The exact power at this number takes a second to compute.
  private static let mostSeeds = 2000

  /// The half width that an interval of a failure rate is to have.
  package var halfWidth: Double?
  /// The probability to tell two failure rates apart.
  package var power: Double
  /// Two failure rates to be told apart.
  package var ratesToDetect: [Double]?

  package init(halfWidth: Double?, power: Double, ratesToDetect: [Double]?) {
    self.halfWidth = halfWidth
    self.power = power
    self.ratesToDetect = ratesToDetect
  }

  /// How many seeds the questions would take, and for how long.
  package func lines(_ estimate: PlanEstimate) throws -> [String] {
    let plan = estimate.sweep.plan
    func cost(_ seeds: Int) -> String {
      let size = "\(counted(seeds, "seed")): \(counted(seeds * plan.configurations.count, "trial"))"
      if estimate.sweep.program != nil { return size }
      let time = estimate.time(seedCount: seeds)
      return "\(size), \(readable(aboutSeconds: time.wall)) on \(counted(estimate.ranks, "rank"))"
    }
    var lines: [String] = []
    if let halfWidth {
      lines.append(
        "for each failure rate to +-\(halfWidth) (Wilson's 95% interval, whatever the rate): "
          + cost(SampleSize.wilson(halfWidth: halfWidth)))
    }
    guard let rates = ratesToDetect else { return lines }
    let family = Self.familySize(plan)
    let significance = 0.05 / Double(max(1, family))
    func answer(_ seeds: Int?) -> String { seeds.map(cost) ?? "more than \(Self.mostSeeds) seeds" }
    lines.append(
      String(format: "to tell failure rates of %g and %g apart with power %g at .05", rates[0], rates[1], power)
        + (family > 1 ? " / \(family), as Holm's adjustment over \(family) comparisons a task needs at worst:" : ":"))
    let paired = SampleSize.smallest(limit: Self.mostSeeds, power: power) {
      PairedProportions.mcNemarPower(rates: (rates[0], rates[1]), total: $0, significance: significance)
    }
    let unpaired = SampleSize.smallest(limit: Self.mostSeeds, power: power) {
      TwoProportions.boschlooPower(rates: (rates[0], rates[1]), total: $0, significance: significance)
    }
    return lines + [
      "  the same seeds for both, McNemar's exact test: \(answer(paired))",
      "  different seeds, Boschloo's test: \(answer(unpaired))",
    ]
  }

  /// The comparisons that a plan declares for the task that has most.
  static func familySize(_ plan: SweepPlan) -> Int {
    let tasks = ComparisonPairs.indices(plan).map { plan.configurations[$0.candidate].configuration.taskName }
    return Dictionary(grouping: tasks, by: { $0 }).values.map(\.count).max() ?? 0
  }
}
