// How large a recipe's steps are, in the four numbers that may be the dose that makes runs fail. They follow from the recipe and
// the number of its updates alone, whatever the outcome of a run.

import Synchronization
import Trials

/// The size of a run's steps by several measures.
package struct StepSizes: Equatable, Sendable {
  /// The largest effective rate.
  package let peak: Double
  /// The largest value of the effective rate's exponential moving average with decay 0.95.
  package let smoothedPeak: Double
  /// The mean effective rate of the updates 20 to 60; nil for a run that is to end earlier.
  package let earlyMean: Double?
  /// The sum of the effective rates.
  package let sum: Double

  /// The numbers of some rates.
  package init(_ rates: EffectiveRates) {
    (peak, smoothedPeak, earlyMean, sum) = (rates.peak, rates.smoothedPeak, rates.earlyMean, rates.sum)
  }

  /// The sizes of a run of `stepCount` updates; nil where a program of the user's own trains, whose steps nobody knows.
  package init?(_ configuration: TrialConfiguration, stepCount: Int) {
    guard !configuration.hasProgram else { return nil }
    let schedule = LearningRateSchedule(
      configuration.schedule, stepCount: stepCount, configuration.training.arithmetic)
    self.init(EffectiveRates(configuration.optimizer, schedule, stepCount: stepCount))
  }
}

/// The sizes of the steps of one configuration's runs, computed once for each number of updates.
package final class StepSizesOfRuns: Sendable {
  private let configuration: TrialConfiguration
  private let known = Mutex<[Int: StepSizes?]>([:])

  package init(_ configuration: TrialConfiguration) { self.configuration = configuration }

  /// The sizes of a run's steps; nil where its planned length is not known, and where a program trains.
  package func sizes(of outcome: Outcome) -> StepSizes? {
    guard outcome.status.isResult, let count = configuration.plannedStepCount(of: outcome) else { return nil }
    return known.withLock { known in
      if let sizes = known[count] { return sizes }
      let sizes = StepSizes(configuration, stepCount: count)
      known[count] = .some(sizes)
      return sizes
    }
  }
}

extension TrialConfiguration {
  /// The updates that a run with a result was to make, which one that diverged did not; nil where it diverged before it recorded
  /// the length of an epoch.
  package func plannedStepCount(of outcome: Outcome) -> Int? {
    if let count = training.maximumSteps { return count }
    if outcome.status == .completed { return outcome.stepCount }
    let evaluated = outcome.evaluations.first { $0.epoch > 0 }.map { ($0.step, $0.epoch) }
    let recorded = outcome.curve.first { $0.epoch > 0 }.map { ($0.step, $0.epoch) }
    guard let (step, epoch) = evaluated ?? recorded else { return nil }
    // What is recorded as the epoch is step / steps of an epoch, so the rounded quotient is exact.
    return training.epochs * Int((Double(step) / epoch).rounded())
  }
}
