// The learning rate as a factor of its peak, a pure function of the completed updates: the schedules of the Transformers
// library and of google-research/bert. With warm-up the first update has rate 0, as in both; without, the full rate.

import Glibc
import Trials

/// The learning rate over a run, as a factor between 0 and 1.
package struct LearningRateSchedule: Equatable, Sendable {
  /// What follows the warm-up.
  package let kind: ScheduleSpecification.Kind
  /// The updates of the warm-up.
  package let warmupCount: Int
  /// The horizon in updates: the decay reaches zero there and stays.
  package let horizon: Int

  /// The schedule of a configuration's run over `exampleCount` training examples. The horizon is the run's length
  /// unless the configuration has one; a warm-up below 1 is a fraction of the horizon, otherwise a number of updates.
  package init(_ configuration: TrialConfiguration, exampleCount: Int) {
    kind = configuration.schedule.kind
    warmupCount = configuration.warmupStepCount(exampleCount: exampleCount)
    horizon = configuration.scheduleStepCount(exampleCount: exampleCount)
  }

  /// The factor of the update that follows `completed` updates.
  package func factor(completed: Int) -> Double {
    if completed < warmupCount { return Double(completed) / Double(max(1, warmupCount)) }
    switch kind {
    case .constant:
      return 1
    case .linear:
      return max(0, Double(horizon - completed) / Double(max(1, horizon - warmupCount)))
    case .cosine:
      let progress = Double(completed - warmupCount) / Double(max(1, horizon - warmupCount))
      return progress < 1 ? 0.5 * (1 + cos(Double.pi * progress)) : 0
    case .google:
      return max(0, 1 - Double(completed) / Double(max(1, horizon)))
    }
  }
}
