// How large a run's steps are, in terms of a learning rate with bias correction: without the correction Adam's early steps are too
// large, which acts as a larger rate. Candidates for the dose that makes runs fail are numbers of this series.

import Trials
import UpdateRules

/// The effective rates of a run's updates: the schedule's rate, divided by `f(t) = sqrt(1 - beta2^t) / (1 - beta1^t)` where an update
/// rule that has a bias correction runs without it (Kingma and Ba 2015, section 3).
package struct EffectiveRates: Equatable, Sendable {
  /// The rate of each update, (updates).
  package let values: [Double]

  /// The rates of the updates 1 ... `stepCount`.
  package init(_ optimizer: OptimizerSpecification, _ schedule: LearningRateSchedule, stepCount: Int) {
    let isCorrected = optimizer.biasCorrection || !optimizer.algorithm.rule.constants.contains(.biasCorrection)
    let scale = optimizer.matchesStepMass ? StepMass.ratio(optimizer, schedule, stepCount: stepCount) : 1
    values = stride(from: 1, through: stepCount, by: 1).map { update in
      let rate = optimizer.learningRate * scale * schedule.factor(completed: update - 1)
      return isCorrected
        ? rate : rate / Adam.biasCorrection(beta1: optimizer.beta1, beta2: optimizer.beta2, update: update)
    }
  }

  /// The largest rate; 0 without updates.
  package var peak: Double { values.max() ?? 0 }

  /// The first update, counted from 1, with the largest rate; nil without updates.
  package var peakUpdate: Int? { values.max().flatMap { values.firstIndex(of: $0) }.map { $0 + 1 } }

  /// The largest value of the rates' exponential moving average with decay 0.95, which is 0 before the first update.
  package var smoothedPeak: Double {
    var (average, largest) = (0.0, 0.0)
    for rate in values {
      average = 0.95 * average + 0.05 * rate
      largest = max(largest, average)
    }
    return largest
  }

  /// The mean rate of the updates 20 ... 60; nil for a run that ends earlier.
  package var earlyMean: Double? {
    guard values.count >= 60 else { return nil }
    return values[19..<60].reduce(0, +) / 41
  }

  /// The sum of the rates: how far the steps of a run reach together.
  package var sum: Double { values.reduce(0, +) }
}
