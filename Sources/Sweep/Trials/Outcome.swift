// What comes back from a trial: a value, also when training diverged or the process crashed. Seconds, host and rank
// travel beside it in `TrialTiming` because they differ between runs of the same trial.

import Tasks

/// How a trial ended.
package enum TrialStatus: String, CaseIterable, Sendable {
  /// Training reached its last step.
  case completed
  /// A loss or weight became NaN or infinite: a result, never retried.
  case diverged
  /// The trial raised an error that is not about its numbers.
  case crashed
  /// The trial exceeded its time.
  case timeout
  /// The rank that trained it disappeared.
  case lost
  /// The trial was stopped to be resumed later.
  case preempted
  /// The sweep's rule stopped the trial at a declared step. It has its curves up to there and no final score, and may go on.
  case stopped

  /// Whether the trial has a result that counts; other trials are run again.
  package var isResult: Bool { self == .completed || self == .diverged }

  /// Whether the attempt went wrong, which is what a cap on retries counts.
  package var isFailedAttempt: Bool {
    switch self {
    case .crashed, .timeout, .lost: true
    case .completed, .diverged, .preempted, .stopped: false
    }
  }
}

/// One evaluation on the dev set.
package struct Evaluation: Equatable, Sendable {
  /// Completed optimizer updates.
  package var step: Int
  /// Passes over the training examples, `step / stepsPerEpoch`.
  package var epoch: Double
  /// The reported metric on all dev examples.
  package var value: Double
  /// The reported metric on the first fixed half of the dev examples.
  package var valueA: Double
  /// The reported metric on the second fixed half.
  package var valueB: Double
  /// The mean loss over the dev examples, dropout off.
  package var loss: Double
  /// The share of correct predictions; nil for regression.
  package var accuracy: Double?
  /// F1 (macro for several classes); nil for regression.
  package var f1: Double?
  /// Matthews' correlation; nil for regression.
  package var matthews: Double?
  /// Pearson's correlation; nil for classes.
  package var pearson: Double?
  /// Spearman's correlation; nil for classes.
  package var spearman: Double?
  /// The number of correct predictions; nil for regression.
  package var correctCount: Int?
  /// Counts by (label, prediction), row by row, of two classes the positive one second; empty for regression.
  package var confusion: [[Int]]
  /// Whether one class (one number, for regression) takes more than 99 % of the predictions.
  package var isConstant: Bool

  package init(
    step: Int, epoch: Double, value: Double, valueA: Double, valueB: Double, loss: Double, accuracy: Double? = nil,
    f1: Double? = nil, matthews: Double? = nil, pearson: Double? = nil, spearman: Double? = nil,
    correctCount: Int? = nil, confusion: [[Int]] = [], isConstant: Bool = false
  ) {
    self.step = step
    self.epoch = epoch
    self.value = value
    self.valueA = valueA
    self.valueB = valueB
    self.loss = loss
    self.accuracy = accuracy
    self.f1 = f1
    self.matthews = matthews
    self.pearson = pearson
    self.spearman = spearman
    self.correctCount = correctCount
    self.confusion = confusion
    self.isConstant = isConstant
  }
}

/// One recorded number of a training curve.
package struct CurvePoint: Equatable, Sendable {
  /// Completed optimizer updates.
  package var step: Int
  /// Passes over the training examples.
  package var epoch: Double
  /// What was measured, such as `loss`, `learning_rate`, `gradient_norm`, `accuracy`, `mean_prediction` (the share
  /// predicted as class 1), `softmax_entropy` (nats), `saturation_0.99` (the share of the pooler's outputs beyond it) or
  /// `update_norm` (the mean l2 norm of the updates since the last point).
  package var quantity: String
  /// The number.
  package var value: Double

  package init(step: Int, epoch: Double, quantity: String, value: Double) {
    self.step = step
    self.epoch = epoch
    self.quantity = quantity
    self.value = value
  }
}

/// What the weights after the last step score on a further set (`task.dev_sets`).
package struct DevSetScore: Equatable, Sendable {
  /// The set's name.
  package var name: String
  /// The number of its examples.
  package var exampleCount: Int
  /// The scores; NaN for a run that diverged.
  package var evaluation: Evaluation
  /// The SHA-256 of the kept file of predictions, if one was kept.
  package var predictionsDigest: String?

  package init(_ name: String, exampleCount: Int, _ evaluation: Evaluation, predictionsDigest: String? = nil) {
    self.name = name
    self.exampleCount = exampleCount
    self.evaluation = evaluation
    self.predictionsDigest = predictionsDigest
  }
}

/// Everything a trial's bytes determine.
package struct Outcome: Equatable, Sendable {
  /// How the trial ended.
  package var status: TrialStatus
  /// The reported metric.
  package var metric: MetricName
  /// The evaluations in step order; the last is the final one.
  package var evaluations: [Evaluation] = []
  /// The evaluation on the test set after the last step; nil where the task has none. NaN for a run that diverged.
  package var test: Evaluation?
  /// The scores on the further sets after the last step, sorted by the sets' names; empty where the task has none.
  package var devSets: [DevSetScore] = []
  /// The training curves in step order.
  package var curve: [CurvePoint] = []
  /// What the evaluations of a program of the user's own recorded, in step order; empty for our own trainer, whose evaluations
  /// say everything.
  package var evaluationCurve: [CurvePoint] = []
  /// Whether another attempt may come to other numbers, as that of a program may that is not declared deterministic.
  package var mayDiffer = false
  /// How a program's scores are judged, as its configuration says; no part of the outcome's text.
  package var judge: ScoreJudge?
  /// Completed optimizer updates.
  package var stepCount = 0
  /// The mean training loss over the last ten batches, dropout on; nil before the first batch.
  package var trainLossFinal: Double?
  /// The mean loss over the training examples after the last step, dropout off: all of them once an epoch is complete,
  /// otherwise those that the run has seen.
  package var trainLossFull: Double?
  /// The dev examples of the largest class; nil for regression.
  package var majorityCount: Int?
  /// The number of dev examples.
  package var evaluationCount = 0
  /// The entropy of the training labels in nats; nil for regression.
  package var chanceLoss: Double?
  /// The share of word pieces that the vocabulary lacks, in the data set where it is largest; nil where it lacks none.
  package var unknownShare: Double?
  /// The share of unknown word pieces from which on users are warned: such a vocabulary does not fit the texts.
  package static let remarkableUnknownShare = 0.05
  /// The l2 distance of the encoder's weights from where they started; nil where a model file spoilt meanwhile hides it.
  package var distanceFromPretrained: Double?
  /// The SHA-256 of all weights after the last step.
  package var weightsDigest: String?
  /// The SHA-256 of the kept predictions file, if one was kept.
  package var predictionsDigest: String?
  /// The SHA-256 of the kept file of predictions on the test set, if one was kept.
  package var testPredictionsDigest: String?
  /// What went wrong, for a trial that crashed or diverged, or whose distance is not known.
  package var message: String?

  /// An outcome without measurements.
  package init(status: TrialStatus, metric: MetricName) {
    self.status = status
    self.metric = metric
  }
}

/// How the scores of a program of the user's own are judged.
package struct ScoreJudge: Equatable, Sendable {
  /// The name of the score.
  package var metric: String
  /// The score of a constant classifier; nil if it is not known.
  package var baseline: Double?
  /// Whether a lower score is better.
  package var lowerIsBetter: Bool

  /// The sign that makes a higher score the better one.
  package var direction: Double { lowerIsBetter ? -1 : 1 }
}

extension Outcome {
  /// The evaluations that the trial made on its way: one that diverged has another one at its end, which says so.
  package var madeEvaluations: ArraySlice<Evaluation> {
    guard status == .diverged, let last = evaluations.last, last.step == stepCount, !last.loss.isFinite else {
      return evaluations[...]
    }
    return evaluations.dropLast()
  }

  /// The outcome of the same trial had it been stopped after `step` steps, which it must have made.
  package func stopped(at step: Int) -> Outcome {
    var cut = Outcome(status: .stopped, metric: metric)
    cut.evaluations = madeEvaluations.filter { $0.step <= step }
    cut.curve = curve.filter { $0.step <= step }
    cut.stepCount = step
    cut.majorityCount = majorityCount
    cut.evaluationCount = evaluationCount
    cut.chanceLoss = chanceLoss
    cut.unknownShare = unknownShare
    cut.judge = judge
    return cut
  }

  /// Whether a program of the user's own trained.
  package var isOfProgram: Bool { metric == .score }

  /// What tables call the metric.
  package var metricName: String { judge?.metric ?? metric.rawValue }

  /// The outcome with what its configuration says about the scores of a program.
  package func judged(as configuration: TrialConfiguration) -> Outcome {
    guard isOfProgram, configuration.hasProgram else { return self }
    var outcome = self
    outcome.judge = ScoreJudge(
      metric: configuration.metricName, baseline: configuration.program.baseline,
      lowerIsBetter: configuration.program.results.best == .min)
    return outcome
  }

  /// Whether a program's score is no better than the baseline; false where that is not known.
  package func isAtBaseline(score: Double) -> Bool {
    guard let judge, let baseline = judge.baseline else { return score.isNaN }
    return !(judge.direction * score > judge.direction * baseline)
  }
}

/// What differs between two runs of the same trial.
package struct TrialTiming: Equatable, Sendable {
  /// Seconds in training steps.
  package var trainingSeconds: Double
  /// Seconds from the trial's start to its end.
  package var totalSeconds: Double
  /// The name of the host.
  package var host: String
  /// The MPI rank.
  package var rank: Int
  /// Seconds from the start of the rank's process to this trial's first training step; nil for all but its first trial.
  package var startupSeconds: Double?
  /// The fault of `run --inject` that changed the outcome; nil where none did.
  package var fault: String?
  /// The trial's first steps that a longer trial made for it; nil where none did.
  package var takenStepCount: Int?
  /// The trial's first steps that its checkpoint had when this attempt began; nil where it began with the first step.
  package var keptStepCount: Int?

  package init(
    trainingSeconds: Double, totalSeconds: Double, host: String, rank: Int, startupSeconds: Double? = nil,
    fault: String? = nil
  ) {
    self.trainingSeconds = trainingSeconds
    self.totalSeconds = totalSeconds
    self.host = host
    self.rank = rank
    self.startupSeconds = startupSeconds
    self.fault = fault
  }
}
