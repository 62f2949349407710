// Effective rates against published factors and a plain sum.

import Foundation
import Trials
import UpdateRules
import XCTest

@testable import Schedules

final class EffectiveRatesTests: XCTestCase {
  private func rates(
    steps: Int, warmup: Double, beta2: Double = 0.999, corrected: Bool = false, matched: Bool = false
  ) -> EffectiveRates {
    var optimizer = OptimizerSpecification()
    (optimizer.learningRate, optimizer.beta2) = (1, beta2)
    (optimizer.biasCorrection, optimizer.matchesStepMass) = (corrected, matched)
    return EffectiveRates(
      optimizer, LearningRateSchedule(kind: .linear, warmup: warmup, stepCount: steps), stepCount: steps)
  }

  /// The largest of s(t) / f(t) over a run, by hand from f(t) = sqrt(1 - beta2^t) / (1 - beta1^t), to two decimals.
  func testPeaks() {
    for (steps, warmup, expected) in [
      (189, 0, 6.22), (189, 0.06, 6.57), (189, 0.1, 6.30), (189, 0.3, 4.24), (189, 0.5, 3.32), (468, 0.1, 4.63),
      (750, 0, 6.47), (750, 0.1, 3.69),
    ] { XCTAssertEqual(rates(steps: steps, warmup: warmup).peak, expected, accuracy: 0.0051, "\(steps), \(warmup)") }
    XCTAssertEqual(rates(steps: 189, warmup: 0.1, beta2: 0.98).peak, 1.53, accuracy: 0.0051)
    XCTAssertEqual(rates(steps: 189, warmup: 0.1, corrected: true).peak, 1)
  }

  /// Without decay of the rate every number of a corrected run is known.
  func testOtherNumbersOfAConstantRate() throws {
    var optimizer = OptimizerSpecification()
    (optimizer.learningRate, optimizer.biasCorrection) = (2, true)
    let schedule = LearningRateSchedule(kind: .constant, warmup: 0, stepCount: 100)
    let rates = EffectiveRates(optimizer, schedule, stepCount: 100)
    XCTAssertEqual(rates.sum, 200)
    XCTAssertEqual(rates.earlyMean, 2)
    XCTAssertEqual(rates.smoothedPeak, 2 * (1 - pow(0.95, 100)), accuracy: 1e-12)
    XCTAssertNil(EffectiveRates(optimizer, schedule, stepCount: 59).earlyMean)
    XCTAssertEqual(EffectiveRates(optimizer, schedule, stepCount: 0).peak, 0)
  }

  /// The numbers are those of all rates together, to the bit, and no list of rates is kept, because a run may have billions of updates.
  func testLongRunsAreSummedUpUpdateByUpdate() throws {
    let count = 60_000
    var optimizer = OptimizerSpecification()
    optimizer.learningRate = 3e-4
    let schedule = LearningRateSchedule(kind: .linear, warmup: 0.1, stepCount: count)
    let values = (1...count).map { update in
      optimizer.learningRate * schedule.factor(completed: update - 1)
        / Adam.biasCorrection(beta1: optimizer.beta1, beta2: optimizer.beta2, update: update)
    }
    let rates = EffectiveRates(optimizer, schedule, stepCount: count)
    let peak = try XCTUnwrap(values.max())
    XCTAssertEqual(rates.peak, peak)
    XCTAssertEqual(rates.peakUpdate, values.firstIndex(of: peak).map { $0 + 1 })
    XCTAssertEqual(rates.earlyMean, values[19..<60].reduce(0, +) / 41)
    XCTAssertEqual(rates.sum, values.reduce(0, +))
    var (average, smoothedPeak) = (0.0, 0.0)
    for value in values {
      average = 0.95 * average + 0.05 * value
      smoothedPeak = max(smoothedPeak, average)
    }
    XCTAssertEqual(rates.smoothedPeak, smoothedPeak)
    XCTAssertFalse(Mirror(reflecting: rates).children.contains { $0.value is [Double] })
  }

  /// A run that diverged was to make the steps of all its epochs, of which it recorded the length; one without a record is not known.
  func testPlannedSteps() {
    var configuration = TrialConfiguration()
    configuration.training.epochs = 3
    var outcome = Outcome(status: .diverged, metric: .accuracy)
    outcome.stepCount = 30
    XCTAssertNil(configuration.plannedStepCount(of: outcome))
    XCTAssertNil(StepSizesOfRuns(configuration).sizes(of: outcome))
    outcome.curve = [CurvePoint(step: 10, epoch: 10.0 / 63, quantity: "loss", value: 1)]
    XCTAssertEqual(configuration.plannedStepCount(of: outcome), 189)
    outcome.curve = []
    outcome.evaluations = [Evaluation(step: 21, epoch: 21.0 / 63, value: 0, valueA: 0, valueB: 0, loss: 0)]
    XCTAssertEqual(configuration.plannedStepCount(of: outcome), 189)
    outcome.status = .completed
    XCTAssertEqual(configuration.plannedStepCount(of: outcome), 30)
    configuration.training.maximumSteps = 500
    XCTAssertEqual(configuration.plannedStepCount(of: outcome), 500)
    outcome.status = .crashed
    XCTAssertNil(StepSizesOfRuns(configuration).sizes(of: outcome))
  }

  /// A run whose steps are scaled to a corrected run's has the corrected run's sum.
  func testMatchedStepMass() {
    // The sum of the steps themselves: without the correction an update is 1 / f(t) of a corrected one of its rate.
    let matched = rates(steps: 189, warmup: 0.1, matched: true)
    let plain = rates(steps: 189, warmup: 0.1)
    XCTAssertEqual(matched.sum / plain.sum, 0.253, accuracy: 6e-4)
  }
}
