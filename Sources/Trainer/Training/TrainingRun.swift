// The steps of one trial. Every step is: batch, loss and gradients, norms, clipping, update; then what the cadences ask
// for. Evaluation and recording read the run and never write it, so no cadence can change a weight.

import Datasets
import Optimizers
import Schedules
import Transformer
import Trials

/// One trial while it trains.
final class TrainingRun {
  let trial: Trial
  let resources: TrialResources
  let context: TrainerContext
  let length: RunLength
  /// The order of the training examples.
  let order: DataOrder
  /// The classifier, of whose embedding rows only those that the last batch read are sure to be current.
  let trainee: Classifier
  private let gradients: GradientArena
  var recorder: RunRecorder
  var evaluations: [Evaluation] = []
  /// Completed updates.
  var step = 0
  /// The first steps, which a longer trial made; nil where this trial made all of them.
  var takenStepCount: Int?
  /// Time in training steps.
  var trainingTime = Duration.zero
  /// The dev logits of the last evaluation.
  var lastLogits: [Float] = []
  let normsWriter: GradientNormsWriter?
  let optimizer: Optimizer
  /// Keeps the run while it trains; nil where nothing is kept.
  var checkpoints: CheckpointWriter?

  /// The average of the weights that is evaluated and kept in their place; nil where they are evaluated themselves.
  let average: WeightAverage?

  /// Measures the updates; nil where they are not recorded.
  private let updateMeter: UpdateMeter?
  private let mixout: MixedWeights?
  private let updateStep: UpdateStep
  private var epochOrder: (epoch: Int, indices: [Int]) = (-1, [])

  init(_ trial: Trial, resources: TrialResources, context: TrainerContext) throws {
    let configuration = trial.configuration
    self.trial = trial
    self.resources = resources
    self.context = context
    trainee = resources.classifier
    let exampleCount = resources.task.train.count
    order = DataOrder(count: exampleCount, seed: configuration.training.shuffle ? trial.seeds.order : nil)
    length = RunLength(configuration, exampleCount: exampleCount)
    (gradients, optimizer) = try resources.workspace.trainingState(
      configuration.optimizer, resources.trained)
    mixout = try resources.mixout(configuration.training)
    average = try resources.average(configuration.training, stepCount: length.stepCount)
    updateMeter = try resources.updateMeter(configuration.record)
    let schedule = LearningRateSchedule(
      configuration.schedule, stepCount: length.stepCount, trainee.arithmetic)
    updateStep = UpdateStep(
      optimizer: optimizer, schedule: schedule,
      peakRate: configuration.optimizer.learningRate
        * (configuration.optimizer.matchesStepMass
          ? StepMass.ratio(configuration.optimizer, schedule, stepCount: length.stepCount) : 1))
    recorder = RunRecorder(
      curvesEvery: configuration.record.curvesEvery, labelCount: trainee.labelCount, trainee.arithmetic)
    if let folder = context.folders.gradientNorms, configuration.record.gradientNormsEvery > 0 {
      normsWriter = try GradientNormsWriter(
        path: context.folders.table(ofTrial: trial.identifier, in: folder), trialIdentifier: trial.identifier,
        gradientNames: trainee.layout.gradientNames, owner: context.owner)
    } else {
      normsWriter = nil
    }
    restartOptimizer()
  }

  /// Empties the optimizer's moments.
  func restartOptimizer() {
    let specification = trial.configuration.optimizer
    optimizer.restart(specification, anchor: specification.decayTowards == .pretrained ? resources.pretrained : nil)
  }

  /// Runs `body` with the classifier as it is evaluated: with the average of its weights once there is one.
  func evaluating<Result>(_ body: (Classifier) throws -> Result) rethrows -> Result {
    let classifier = classifier
    guard let average, average.isThere(after: step) else { return try body(classifier) }
    return try classifier.reading(average.values) { try body(classifier) }
  }

  /// Puts the average in place of the weights, after the last step.
  func adoptAverage() {
    guard let average, average.isThere(after: step) else { return }
    _ = classifier.parameters.update(fromContentsOf: average.values)
  }

  /// The classifier with all its weights as the updates so far have made them.
  var classifier: Classifier {
    optimizer.settle(trainee.parameters)
    return trainee
  }

  /// Trains from the first step to the last, to the first number that is not finite, or to the pause where `stops` says so.
  func outcome(
    progress: (TrialProgress) -> ProgressAnswer, watch: (StepEvent) -> Void, stops: (Outcome) -> Bool
  ) throws -> Outcome {
    // A checkpoint may have been written within an evaluation.
    try evaluateIfDue(progress)
    updateMeter?.start(from: classifier.parameters)
    var pause = trial.pause
    while step < length.stepCount {
      // A checkpoint may be from beyond the pause.
      if let point = pause, step >= point.step {
        pause = nil
        let outcome = recorded(.preempted).stopped(at: point.step)
        if stops(outcome) {
          checkpoints?.keep(self, isLast: true)
          return outcome
        }
      }
      try report(.training, to: progress)
      if let message = try makeStep(watch) { return try diverged(message) }
      try evaluateIfDue(progress)
    }
    if let last = evaluations.last, !last.loss.isFinite {
      return try diverged("the dev loss is not finite" + culprit(among: nil), isEvaluated: true)
    }
    return try completed(progress: progress)
  }

  private func evaluateIfDue(_ progress: (TrialProgress) -> ProgressAnswer) throws {
    if length.evaluationSteps.contains(step), evaluations.last?.step != step { try evaluate(progress) }
  }

  /// Tells the caller where the run stands, and keeps it where that is due or the caller says stop.
  func report(_ phase: TrialProgress.Phase, to progress: (TrialProgress) -> ProgressAnswer) throws {
    let answer = progress(TrialProgress(phase: phase, step: step, stepCount: length.stepCount))
    checkpoints?.keep(self, isLast: answer == .stop)
    if answer == .stop { throw Preemption() }
    if answer == .spoil { trainee.parameters[trainee.parameters.count - 1] = .nan }
  }

  /// Makes one update. Returns what was not finite, in which case no weight was touched; otherwise nil.
  private func makeStep(_ watch: (StepEvent) -> Void) throws -> String? {
    let clock = ContinuousClock()
    let start = clock.now
    defer { trainingTime += clock.now - start }
    let batch = nextBatch()
    watch(.batch(batch.sequences, batch.targets))
    optimizer.catchUp(trainee.parameters, trainee.layout.touchedRows(batch.sequences))
    mixout?.mix(trainee.parameters, seed: trial.seeds.dropout, step: UInt32(step), on: trainee.team)
    let result = trainee.lossAndGradients(
      of: batch.sequences, targets: batch.targets, dropout: dropoutPlan(), mixout: mixout,
      labelSmoothing: trial.configuration.training.labelSmoothing, into: gradients
    ) { watch(.loss($0)) }
    watch(.gradients)
    recorder.add(result, targets: batch.targets)
    let norms = GradientNorms(of: gradients, on: trainee.team)
    guard result.lossSum.isFinite else { return "the training loss is \(result.lossSum)" + culprit(among: norms) }
    guard norms.total.isFinite else { return "the gradient's norm is \(norms.total)" + culprit(among: norms) }
    watch(.norms)

    let learningRate = updateStep.make(trainee.parameters, gradients: gradients, norms: norms, completed: step)
    watch(.update)
    step += 1
    if let average, average.takes(step: step) {
      average.take(classifier.parameters, step: step, on: trainee.team)
    }
    endStep(
      learningRate: learningRate, gradientNorm: norms.total,
      updateNorm: updateMeter?.norm(of: classifier.parameters, on: trainee.team))
    if let normsWriter, step % trial.configuration.record.gradientNormsEvery == 0 {
      try normsWriter.write(norms.tensors + gradients.applicationNorms.joined(), step: step)
    }
    return nil
  }

  /// Records the step that was made, and leaves the state for the trials that end with it.
  private func endStep(learningRate: Double, gradientNorm: Double, updateNorm: Double?) {
    func end(_ recorder: inout RunRecorder, isLast: Bool) {
      recorder.endStep(
        step, epoch: length.epoch(atStep: step), isLast: isLast, learningRate: learningRate,
        gradientNorm: gradientNorm, updateNorm: updateNorm)
    }
    let isLastOfOther = trial.shorterTrials.contains { $0.stepCount == step }
    var ended = recorder
    if isLastOfOther { end(&ended, isLast: true) }
    end(&recorder, isLast: step == length.stepCount)
    if isLastOfOther { leaveStates(ended) }
  }

  /// The examples of the next step.
  private func nextBatch() -> (sequences: PackedSequences, targets: Targets) {
    let epoch = step / length.stepsPerEpoch
    if epochOrder.epoch != epoch { epochOrder = (epoch, order.order(ofEpoch: epoch)) }
    let batchSize = trial.configuration.training.batchSize
    let start = step % length.stepsPerEpoch * batchSize
    let end = min(start + batchSize, epochOrder.indices.count)
    let batch = resources.task.train.batch(epochOrder.indices[start..<end])
    return (PackedSequences(batch), Targets(batch))
  }

  /// The dropout of the next step: the configuration's probabilities where the trial names none, but below the head none
  /// with mixout, which replaces it; nil for none at all.
  private func dropoutPlan() -> DropoutPlan? {
    let training = trial.configuration.training
    var model = trainee.configuration
    model.classifierDropoutProbability =
      training.classifierDropout ?? model.classifierDropoutProbability ?? model.hiddenDropoutProbability
    if let hidden = training.hiddenDropout ?? (mixout == nil ? nil : 0) {
      (model.embeddingDropoutProbability, model.hiddenDropoutProbability) = (nil, hidden)
    }
    if let attention = training.attentionDropout ?? (mixout == nil ? nil : 0) {
      model.attentionDropoutProbability = attention
    }
    let plan = DropoutPlan(seed: trial.seeds.dropout, step: UInt32(step), model)
    return plan.dropsAny ? plan : nil
  }
}
