// How long a trial trains, warms up and when it evaluates: the one place for this arithmetic, used by the trainer and by
// the plan alike.

extension TrialConfiguration {
  /// Steps in one pass over `exampleCount` training examples; the last batch may be smaller.
  public func stepsPerEpoch(exampleCount: Int) -> Int {
    (exampleCount + training.batchSize - 1) / training.batchSize
  }

  /// Optimizer updates of the whole run: `max_steps` where given, otherwise `epochs` passes.
  public func stepCount(exampleCount: Int) -> Int {
    training.maximumSteps ?? training.epochs * stepsPerEpoch(exampleCount: exampleCount)
  }

  /// Steps after which the learning-rate schedule ends.
  public func scheduleStepCount(exampleCount: Int) -> Int {
    schedule.totalSteps ?? stepCount(exampleCount: exampleCount)
  }

  /// Steps of warm-up: below 1 `int(warmup * horizon)`, rounded down as in the code of arXiv 2006.04884 (today's `Trainer`
  /// of the Transformers library rounds up), otherwise `warmup` itself.
  public func warmupStepCount(exampleCount: Int) -> Int {
    schedule.warmup < 1
      ? Int(schedule.warmup * Double(scheduleStepCount(exampleCount: exampleCount))) : Int(schedule.warmup)
  }

  /// The steps after which the dev set is evaluated, in order: `evaluate_every`, or `evaluations_per_epoch` evenly in each
  /// epoch (rounded down, the last at the epoch's end), and always the last step.
  public func evaluationSteps(exampleCount: Int) -> [Int] {
    let last = stepCount(exampleCount: exampleCount)
    guard last > 0 else { return [] }
    var steps: [Int] = []
    if let every = training.evaluateEvery {
      steps = Array(stride(from: every, through: last, by: every))
    } else {
      let epochLength = stepsPerEpoch(exampleCount: exampleCount)
      // More evaluations than steps would only repeat steps.
      let perEpoch = min(training.evaluationsPerEpoch, epochLength)
      var epochStart = 0
      while epochStart < last, epochLength > 0 {
        for part in 1...perEpoch where epochStart + part * epochLength / perEpoch <= last {
          steps.append(epochStart + part * epochLength / perEpoch)
        }
        epochStart += epochLength
      }
    }
    if steps.last != last { steps.append(last) }
    return steps
  }
}
