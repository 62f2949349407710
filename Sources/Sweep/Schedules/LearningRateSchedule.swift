// The learning rate as a factor of its peak, a pure function of the completed updates: the schedules of the Transformers
// library and of google-research/bert. With warm-up the first update has rate 0, as in both; without, the full rate.

import Arithmetics
import Trials

/// The learning rate over a training, as a factor between 0 and 1.
package struct LearningRateSchedule: Equatable, Sendable {
  /// What follows the warm-up.
  package let kind: ScheduleSpecification.Kind
  /// The updates of the warm-up.
  package let warmupCount: Int
  /// The horizon in updates: the decay reaches zero there and stays.
  package let horizon: Int
  /// Whose cosine it is.
  private let arithmetic: Arithmetic

  /// A schedule that ends after `stepCount` updates. A warm-up below 1 is a fraction of them, otherwise a number of updates.
  package init(
    kind: ScheduleSpecification.Kind, warmup: Double, stepCount: Int, _ arithmetic: Arithmetic = .ofIdentifiers
  ) {
    self.kind = kind
    self.arithmetic = arithmetic
    warmupCount = ScheduleSpecification.warmupStepCount(warmup, ofHorizon: stepCount)
    horizon = stepCount
  }

  /// The schedule of a training of `stepCount` updates, which are the horizon unless the specification has one.
  package init(
    _ specification: ScheduleSpecification, stepCount: Int, _ arithmetic: Arithmetic = .ofIdentifiers
  ) {
    self.init(
      kind: specification.kind, warmup: specification.warmup, stepCount: specification.horizon(stepCount: stepCount),
      arithmetic)
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
      return progress < 1 ? 0.5 * (1 + arithmetic.cos(Double.pi * progress)) : 0
    case .google:
      return max(0, 1 - Double(completed) / Double(max(1, horizon)))
    }
  }
}
