// The choices that a reader of results has: which evaluation scores a run, what counts as failed, how sure intervals are.

import Statistics
import Trials

/// How runs are scored and judged.
package struct TableOptions: Equatable, Sendable {
  /// What counts as a failed run.
  package var rule = FailureRule.baseline
  /// The evaluation that scores a run.
  package var score = ScoreChoice.final
  /// The level of intervals.
  package var level = 0.95
  /// The resamples of bootstrap intervals; the same for every configuration.
  package var resampleCount = 5000
  /// The seed of those resamples.
  package var bootstrapSeed: UInt64 = 1

  /// The bootstrap of these options.
  package var bootstrap: Bootstrap { Bootstrap(resampleCount: resampleCount, seed: bootstrapSeed, level: level) }

  /// The defaults: the baseline rule at the last evaluation, 95 % intervals.
  package init(rule: FailureRule = .baseline, score: ScoreChoice = .final, level: Double = 0.95) {
    self.rule = rule
    self.score = score
    self.level = level
  }

  /// The options with the failure rule under the name that it has in tables of these plans.
  package func named(for plans: SweepPlan...) -> TableOptions { named(for: plans) }

  /// The options with the failure rule under the name that it has in tables of these plans.
  package func named(for plans: [SweepPlan]) -> TableOptions {
    var options = self
    options.rule = rule.named(
      for: plans.lazy.flatMap { $0.configurations.lazy.map(\.configuration.reportedMetric) })
    return options
  }
}
