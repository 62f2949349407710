// How long a trial trains, warms up and when it evaluates: the only code for this arithmetic, which the trainer
// and the plan share.

extension TrialConfiguration {
  /// Steps in one pass over `exampleCount` training examples; the last batch may be smaller.
  package func stepsPerEpoch(exampleCount: Int) -> Int {
    (exampleCount + training.batchSize - 1) / training.batchSize
  }

  /// Optimizer updates of the whole trial: `max_steps` where given, otherwise `epochs` passes.
  package func stepCount(exampleCount: Int) -> Int {
    training.maximumSteps ?? training.epochs * stepsPerEpoch(exampleCount: exampleCount)
  }

  /// Steps of warm-up of a trial over `exampleCount` training examples.
  package func warmupStepCount(exampleCount: Int) -> Int {
    schedule.warmupStepCount(stepCount: stepCount(exampleCount: exampleCount))
  }

  /// The steps after which the dev set is evaluated: `evaluate_every`, or `evaluations_per_epoch` evenly in each epoch
  /// (rounded down, the last at the epoch's end), and always the last step.
  package func evaluationSteps(exampleCount: Int) -> EvaluationSteps {
    let last = stepCount(exampleCount: exampleCount)
    if let every = training.evaluateEvery { return EvaluationSteps(period: every, count: 1, last: last) }
    let epochLength = stepsPerEpoch(exampleCount: exampleCount)
    // More evaluations than steps would only repeat steps.
    return EvaluationSteps(
      period: epochLength, count: min(training.evaluationsPerEpoch, epochLength), last: last)
  }
}

extension ScheduleSpecification {
  /// Steps after which the schedule of a trial of `stepCount` steps ends.
  package func horizon(stepCount: Int) -> Int { totalSteps ?? stepCount }

  /// Steps of warm-up of a trial of `stepCount` steps.
  package func warmupStepCount(stepCount: Int) -> Int {
    Self.warmupStepCount(warmup, ofHorizon: horizon(stepCount: stepCount))
  }

  /// Steps of warm-up: below 1 `int(warmup * horizon)`, rounded down as in the code of arXiv 2006.04884 (today's `Trainer`
  /// of the Transformers library rounds up), otherwise `warmup` itself.
  package static func warmupStepCount(_ warmup: Double, ofHorizon horizon: Int) -> Int {
    warmup < 1 ? Int(warmup * Double(horizon)) : Int(warmup)
  }
}

/// The steps of a trial after which the dev set is evaluated, as a rule: a list of them could be as long as the trial.
package struct EvaluationSteps: Equatable, Sendable {
  /// Steps after which the pattern repeats.
  let period: Int
  /// Evaluations in a period, at most one a step: after `part * period / count` of its steps.
  let periodCount: Int
  /// The last step of the trial.
  let last: Int

  init(period: Int, count: Int, last: Int) {
    self.period = period
    periodCount = count
    self.last = last
  }

  /// Whether the dev set is evaluated after `step` updates.
  package func contains(_ step: Int) -> Bool {
    step >= 1 && step <= last && (step == last || isRegular(step))
  }

  /// The number of steps.
  package var count: Int {
    guard last > 0 else { return 0 }
    guard period > 0 else { return 1 }
    // Those with part * period / count, rounded down, at most the steps of the unfinished period.
    let parts = min(periodCount, ((last % period + 1) * periodCount - 1) / period)
    return last / period * periodCount + parts + (isRegular(last) ? 0 : 1)
  }

  /// Whether a step is one of the pattern.
  private func isRegular(_ step: Int) -> Bool {
    guard period > 0 else { return false }
    let stepInPeriod = (step - 1) % period + 1
    // The first part that ends at this step or later.
    let part = (stepInPeriod * periodCount + period - 1) / period
    return part * period / periodCount == stepInPeriod
  }
}
