// How large a run's steps are, in terms of a learning rate with bias correction: without the correction Adam's early steps are too
// large, which acts as a larger rate. Candidates for the dose that makes runs fail are numbers of this series.

import Trials
import UpdateRules

/// The effective rates of a run's updates: the schedule's rate, divided by `f(t) = sqrt(1 - beta2^t) / (1 - beta1^t)` where an update
/// rule that has a bias correction runs without it (Kingma and Ba 2015, section 3). What is known of them is summed up update by
/// update, because a run may have billions of them.
package struct EffectiveRates: Equatable, Sendable {
  /// The largest rate; 0 without updates.
  package private(set) var peak = 0.0
  /// The first update, counted from 1, with the largest rate; nil without updates.
  package private(set) var peakUpdate: Int?
  /// The largest value of the rates' exponential moving average with decay 0.95, which is 0 before the first update.
  package private(set) var smoothedPeak = 0.0
  /// The mean rate of the updates 20 ... 60; nil for a run that ends earlier.
  package private(set) var earlyMean: Double?
  /// The sum of the rates: how far the steps of a run reach together.
  package private(set) var sum = 0.0

  /// The rates of the updates 1 ... `stepCount`.
  package init(_ optimizer: OptimizerSpecification, _ schedule: LearningRateSchedule, stepCount: Int) {
    let isCorrected = optimizer.biasCorrection || !optimizer.algorithm.rule.constants.contains(.biasCorrection)
    let scale = optimizer.matchesStepMass ? StepMass.ratio(optimizer, schedule, stepCount: stepCount) : 1
    let early = 20...60
    var corrections = BiasCorrections(beta1: optimizer.beta1, beta2: optimizer.beta2)
    var (average, earlySum) = (0.0, 0.0)
    for update in stride(from: 1, through: stepCount, by: 1) {
      var rate = optimizer.learningRate * scale * schedule.factor(completed: update - 1)
      if !isCorrected { rate /= corrections.factor(update: update) }
      if peakUpdate == nil || rate > peak { (peak, peakUpdate) = (rate, update) }
      average = 0.95 * average + 0.05 * rate
      smoothedPeak = max(smoothedPeak, average)
      if early.contains(update) { earlySum += rate }
      sum += rate
    }
    if stepCount >= early.upperBound { earlyMean = earlySum / Double(early.count) }
  }
}
