// One configuration's runs in numbers: how many failed, and how the others spread. Diverged runs count in the rate and rank
// last in the median; mean and sd go over the runs that have a value, whose number stands beside them.

import KeyValues
import Schedules
import Statistics
import Tasks
import TrialTables
import Trials

/// One configuration's runs in numbers.
package struct SummaryRow: Sendable {
  /// The configuration's identifier.
  package var configurationIdentifier: String
  /// The variant's key.
  package var variant: String
  /// The variant's label.
  package var label: String
  /// The task's name.
  package var task: String
  /// The values of `TrialColumns.configurationNames`.
  package var hyperparameters: [String]
  /// The reported metric's name.
  package var metric: String
  /// The dev examples of the largest class; nil for regression.
  package var majorityCount: Int?
  /// The number of dev examples.
  package var evaluationCount: Int
  /// The number of classes; nil where no evaluation told it.
  private(set) var classCount: Int?
  /// The score of the classifier that always predicts the majority class (0 for a correlation); nil if unknown.
  package var constantScore: Double?
  /// The rule that judged runs which were judged elsewhere; nil for the rule of the tables.
  package var rule: String?
  /// Whether a program of the user's own trained the runs.
  package var isOfProgram = false
  /// What only some tables have columns for: a program's parameters, or the keys that few sweeps set.
  package var parameters: [NamedValue] = []
  /// Whether a lower score is better, which only runs that our own trainer did not train may have.
  package var lowerIsBetter = false
  /// Trials of the plan without a result.
  package var missingCount = 0
  /// Where the rule by which recipes stop left this one; nil in a sweep without such a rule.
  package var stop: RecipeStop?
  /// Which of its runs the rule of the sweep stopped early; nil in a sweep without such a rule.
  package var early: RecipeEarlyStop?
  /// The runs with a result that were finished although the rule stopped them, and the failed ones of them.
  package private(set) var finishedAnyway = (count: 0, failedCount: 0)
  /// The runs with a result, in plan order.
  package var runs: [ScoredRun] = []
  /// Runs with a constant prediction at the judged evaluation.
  package var constantCount = 0
  /// Runs with a flat training loss.
  package var flatLossCount = 0
  /// The largest share of word pieces that the vocabulary lacked in a run's data; nil where it lacked none or that is not known.
  package var unknownShare: Double?
  /// The scores on the test set of the runs that have one, in plan order.
  package var testValues: [Double] = []
  /// The scores on further sets of the runs that have one, by the set's name.
  package var devSets: [String: DevSetScores] = [:]
  /// How large the steps of the runs were to be; nil where nobody knows, as of runs that something else trained.
  package private(set) var stepSizes: StepSizes?
  /// What computes them; nil for runs that something else trained.
  private(set) var stepSizesOfRuns: StepSizesOfRuns?
  /// Whether every run of every recipe on its task failed, once that was looked at.
  package var isOnHopelessTask = false
  /// The seeds and identifiers of runs on which the rule, constancy and the training loss do not agree.
  package var disagreements: [(seeds: String, trial: String)] = []

  /// Whether the runs were trained by something else.
  package var isImported: Bool { rule != nil || isOfProgram }
  /// The metric by which a rule gets its name; a program's may be called like one of ours and is none.
  package var metricOfTrainer: MetricName? { isOfProgram ? .score : MetricName(rawValue: metric) }
  /// The sign that makes a higher score the better one.
  package var direction: Double { lowerIsBetter ? -1 : 1 }
  /// The number of runs on which the rule, constancy and the training loss do not agree.
  package var disagreementCount: Int { disagreements.count }
  /// The number of runs with a result.
  package var count: Int { runs.count }
  /// The score of each run with a result, NaN where it has none.
  package var values: [Double] { runs.map(\.value) }
  /// The score of each run that did not fail.
  package var successfulValues: [Double] { runs.filter { $0.failure == nil }.map(\.value) }
  /// The runs that failed, diverged ones among them.
  package var failedCount: Int { runs.count { $0.failure != nil } }
  /// Whether a bootstrap of all runs may be relied upon: from 50 runs on, with at least 5 that failed and 5 that did not. With
  /// fewer runs, or where one kind is rare, it covers too little.
  package static func hasReliableBootstrap(failedCount: Int, count: Int) -> Bool {
    count >= leastBootstrapped && min(failedCount, count - failedCount) >= leastOfEachKind
  }
  /// The runs, and the failed and successful ones among them, that a bootstrap of all runs needs.
  package static let (leastBootstrapped, leastOfEachKind) = (50, 5)
  /// Whether the bootstrap of these runs may be.
  package var hasReliableBootstrap: Bool { Self.hasReliableBootstrap(failedCount: failedCount, count: count) }
  /// The runs in two strata, where some have no result because a rule stopped them; nil elsewhere.
  package var stoppedRuns: StoppedRuns? {
    guard let early, early.stoppedCount > finishedAnyway.count else { return nil }
    return StoppedRuns(
      endedCount: count - finishedAnyway.count, endedFailedCount: failedCount - finishedAnyway.failedCount,
      stoppedCount: early.stoppedCount, finishedCount: finishedAnyway.count,
      finishedFailedCount: finishedAnyway.failedCount)
  }
  /// The runs that a rule stopped and that have no result.
  package var unfinishedCount: Int { stoppedRuns.map { $0.stoppedCount - $0.finishedCount } ?? 0 }
  /// Whether a rule that stops runs early has still to read some. Until then those with a result are not a sample of all, because the
  /// runs that wait for the rule are mostly failing ones.
  package var isWaiting: Bool { early.map { !$0.isRead } ?? false }
  /// The share of failed runs; where a rule stopped some early, what the finished ones of them tell of all. NaN without runs and while
  /// runs wait for the rule.
  package var failureRate: Double {
    isWaiting ? .nan : stoppedRuns?.rate ?? Double(failedCount) / Double(count)
  }
  /// The scores that are numbers.
  package var definedValues: [Double] { values.filter { !$0.isNaN } }
  /// The runs that failed in one way.
  package func count(of kind: FailureKind) -> Int { runs.count { $0.failure == kind } }
  /// Wilson's interval of the failure rate; where a rule stopped some runs early, that of two strata.
  package func failureInterval(level: Double) -> ConfidenceInterval {
    if isWaiting { return .undefined }
    if let stoppedRuns { return stoppedRuns.interval(level: level) }
    return Proportion.wilson(count: failedCount, total: count, level: level)
  }
  /// The median, runs without a value ranking last; NaN where such a run decides it.
  package var median: Double { ranked(Sample.median) }
  /// The interquartile mean, likewise.
  package var interquartileMean: Double { ranked(Sample.interquartileMean) }
  /// The mean with the constant classifier's score for runs without a value; NaN if that is unknown and needed.
  package var imputedMean: Double { Sample.mean(values.map { $0.isNaN ? constantScore ?? .nan : $0 }) }

  /// The scores, runs without a value ranking last.
  package var rankedValues: [Double] { values.map { $0.isNaN ? -direction * .infinity : $0 } }

  /// A statistic of the scores in which runs without a value rank last; NaN where such a run decides it.
  func ranked(_ statistic: ([Double]) -> Double) -> Double {
    let result = statistic(rankedValues)
    return result.isFinite ? result : .nan
  }

  /// A configuration without runs.
  package init(
    configurationIdentifier: String, variant: String, label: String, task: String, hyperparameters: [String],
    metric: String
  ) {
    self.configurationIdentifier = configurationIdentifier
    self.variant = variant
    self.label = label
    self.task = task
    self.hyperparameters = hyperparameters
    self.metric = metric
    evaluationCount = 0
  }

  /// The configuration of a trial, without runs.
  package init(_ trial: Trial, hyperparameters: [String]) {
    self.init(
      configurationIdentifier: trial.configurationIdentifier, variant: trial.variant, label: trial.label,
      task: trial.configuration.taskName, hyperparameters: hyperparameters,
      metric: trial.configuration.metricName)
    isOfProgram = trial.configuration.hasProgram
    lowerIsBetter = trial.configuration.program.results.best == .min
    constantScore = trial.configuration.program.baseline
    parameters = trial.configuration.rareValues
    stepSizesOfRuns = StepSizesOfRuns(trial.configuration)
  }

  /// Notes that the last run was finished although a rule stopped it.
  package mutating func noteFinishedAnyway() {
    finishedAnyway.count += 1
    if runs.last?.failure != nil { finishedAnyway.failedCount += 1 }
  }

  /// Adds a run with a result; `seeds` tells which runs of two configurations belong together.
  package mutating func add(
    _ outcome: Outcome, seeds: String, trial: String = "", failure: FailureKind?, score: ScoreChoice
  ) {
    metric = outcome.metricName
    majorityCount = majorityCount ?? outcome.majorityCount
    evaluationCount = max(evaluationCount, outcome.evaluationCount)
    classCount = classCount ?? outcome.evaluations.first { !$0.confusion.isEmpty }?.confusion.count
    constantScore = constantScore ?? outcome.constantScore
    if let test = outcome.test?.value, !test.isNaN { testValues.append(test) }
    for set in outcome.devSets {
      var scores = devSets[set.name] ?? DevSetScores()
      if !set.evaluation.value.isNaN {
        scores.values.append(set.evaluation.value)
        if failure == nil { scores.successfulValues.append(set.evaluation.value) }
      }
      devSets[set.name] = scores
    }
    if let share = outcome.unknownShare { unknownShare = max(unknownShare ?? 0, share) }
    stepSizes = stepSizes ?? stepSizesOfRuns?.sizes(of: outcome)
    runs.append(ScoredRun(outcome, seeds: seeds, failure: failure, score: score))
    guard failure != .diverged, !outcome.isOfProgram else { return }
    let isFailed = failure != nil
    let isConstant = outcome.evaluation(score)?.isConstant ?? false
    if isConstant { constantCount += 1 }
    if outcome.hasFlatLoss == true { flatLossCount += 1 }
    if isConstant != isFailed || (outcome.hasFlatLoss ?? isFailed) != isFailed { disagreements.append((seeds, trial)) }
  }
}

extension SummaryRow: Equatable {
  /// Whether the same configuration had the same runs.
  package static func == (left: SummaryRow, right: SummaryRow) -> Bool {
    left.configurationIdentifier == right.configurationIdentifier && left.task == right.task
      && left.variant == right.variant && left.rule == right.rule && left.missingCount == right.missingCount
      && left.constantScore == right.constantScore && left.runs == right.runs && left.stop == right.stop
      && left.early == right.early && left.finishedAnyway == right.finishedAnyway
  }
}

extension Outcome {
  /// The best score of always predicting one class of the dev set, which for F1 of two classes may be the smaller one; 0 for a
  /// correlation, which a constant leaves undefined; nil if no evaluation tells the classes' sizes and the metric needs them.
  var constantScore: Double? {
    if isOfProgram { return judge?.baseline }
    if metric == .matthews || isRegression { return 0 }
    guard let confusion = evaluations.first(where: { !$0.confusion.isEmpty })?.confusion else {
      guard metric == .accuracy, let majorityCount, evaluationCount > 0 else { return nil }
      return Double(majorityCount) / Double(evaluationCount)
    }
    let labelCounts = ConfusionMatrix(counts: confusion).labelCounts
    let majority = labelCounts.indices.reduce(0) { labelCounts[$1] > labelCounts[$0] ? $1 : $0 }
    func score(ofAlways prediction: Int) -> Double {
      let constant = ConfusionMatrix(
        counts: labelCounts.map { count in labelCounts.indices.map { $0 == prediction ? count : 0 } })
      return switch metric {
      case .accuracy, .f1, .macroF1, .accuracyAndF1: constant.value(of: metric)
      case .matthews, .pearson, .spearman, .score: 0
      }
    }
    return labelCounts.count == 2 ? max(score(ofAlways: 0), score(ofAlways: 1)) : score(ofAlways: majority)
  }
}
