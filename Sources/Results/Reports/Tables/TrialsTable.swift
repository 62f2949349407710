// trials.csv: one row for each trial. Where, when and how often a trial ran is in timings.csv, so that these bytes depend on
// nothing but the plan and its results.

import Foundation
import Schedules
import Statistics
import Tables
import TrialTables
import Trials

/// A row of trials.csv: a class, so that the functions of its many columns share it without copies.
package final class TrialRow: Sendable {
  /// The scores of a run at its end and where it was best.
  package struct Scores: Sendable {
    /// The score at the end.
    package var final: Double?
    /// The highest score, and the step of the first evaluation that has it.
    package var best: (value: Double?, step: Int?)
    /// The scores at the end on the two halves of the dev set.
    package var finalHalves: (first: Double?, second: Double?)
    /// The scores on the two halves where half A is best.
    package var bestHalves: (first: Double?, second: Double?)

    package init(
      final: Double?, best: (value: Double?, step: Int?), finalHalves: (first: Double?, second: Double?),
      bestHalves: (first: Double?, second: Double?)
    ) {
      self.final = final
      self.best = best
      self.finalHalves = finalHalves
      self.bestHalves = bestHalves
    }
  }

  /// What happened to a trial.
  struct Fate {
    /// How it failed; nil if it did not.
    var failure: FailureKind?
    /// What `stop.early` did to it; nil for nothing.
    var earlyStop: String?
  }

  /// The trial's identifier.
  package let identifier: String
  /// The fields that all trials of a configuration share, as `TrialsTable.configurationFields` gives them.
  package let configuration: EncodedFields
  /// The seeds, one for each of `TrialColumns.seeds`.
  package let seeds: [String]
  /// What happened to it.
  package let status: String
  /// Whether it failed; nil without a result.
  package let isFailed: Bool?
  /// How it failed.
  package let failure: FailureKind?
  /// The metric's name.
  package let metric: String
  /// Its scores; nil without a result.
  package let scores: Scores?
  /// The score that was judged, and the rule that judged it, as tables name them.
  package let judgement: (score: String, rule: String)
  /// The updates that it made.
  package let stepCount: Int?
  /// How large its steps were to be; nil where nobody knows, as of a run that something else trained.
  package let stepSizes: StepSizes?
  /// What `stop.early` did to it: `stopped`, `finished` or `waiting`; nil for nothing.
  package let earlyStop: String?
  /// The outcome of a trial with a result, which a run that something else trained lacks.
  let outcome: Outcome?
  /// Its last evaluation; nil where it diverged.
  fileprivate let last: Evaluation?

  /// A row of a run that something else trained.
  package init(
    identifier: String, configuration: EncodedFields, seeds: [String], status: TrialStatus, failure: FailureKind?,
    metric: String, scores: Scores?, judgement: (score: String, rule: String), stepCount: Int?
  ) {
    self.identifier = identifier
    self.configuration = configuration
    self.seeds = seeds
    self.status = status.rawValue
    isFailed = scores.map { _ in failure != nil }
    self.failure = failure
    self.metric = metric
    self.scores = scores
    self.judgement = judgement
    self.stepCount = stepCount
    stepSizes = nil
    earlyStop = nil
    outcome = nil
    last = nil
  }

  /// The row of a trial. A trial without a result has its status and metric only, and its steps where a rule stopped it.
  init(
    _ trial: Trial, configuration: EncodedFields, outcome: Outcome, fate: Fate, stepSizes: StepSizes?,
    _ options: TableOptions
  ) {
    self.stepSizes = stepSizes
    earlyStop = fate.earlyStop
    identifier = trial.identifier
    self.configuration = configuration
    seeds = TrialColumns.values(of: trial.seeds)
    status = outcome.status.rawValue
    metric = outcome.metricName
    judgement = (options.score.rawValue, options.rule.name)
    guard outcome.status.isResult else {
      (isFailed, failure, scores, self.outcome, last) = (nil, nil, nil, nil, nil)
      stepCount = outcome.status == .stopped ? outcome.stepCount : nil
      return
    }
    isFailed = fate.failure != nil
    failure = fate.failure
    self.outcome = outcome
    stepCount = outcome.isOfProgram && outcome.stepCount == 0 ? nil : outcome.stepCount
    last = outcome.finalEvaluation
    // A program tells one score, and nothing of halves.
    let missing: Double? = outcome.isOfProgram ? nil : .nan
    let (best, bestOfA) = (outcome.evaluation(.best), outcome.evaluations.highest(\.valueA))
    scores = Scores(
      final: last?.value ?? .nan, best: (best?.value ?? .nan, best?.step),
      finalHalves: outcome.isOfProgram ? (nil, nil) : (last?.valueA ?? .nan, last?.valueB ?? .nan),
      bestHalves: (bestOfA?.valueA ?? missing, bestOfA?.valueB ?? missing))
  }

  /// A measurement at the end of training: NaN for a classifier that diverged.
  fileprivate func atEnd(_ value: (Evaluation) -> Double?) -> Double? {
    guard let outcome else { return nil }
    guard let last else { return outcome.isRegression || outcome.isOfProgram ? nil : .nan }
    return value(last)
  }
}

/// The columns of trials.csv.
package enum TrialsTable {
  /// The columns in order.
  package static let columns: [Column<TrialRow>] =
    [identifier] + configuration.map { column in Column(column.facts) { _ in .missing } } + own

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "trials.csv",
    "One row for each trial, in plan order. Written by `run` and `summarize`, and by `import`, which leaves empty what the runs "
      + "do not tell. The columns of a set NAME are there where a trial of the sweep has such a set, and those behind them where one "
      + "sets their key or has such a parameter.",
    columns + DevSetColumns.ofTrials("NAME") + RareColumns<TrialRow>.reference)

  /// A row's fields.
  package static func fields(_ row: TrialRow) -> [CSVField] {
    [identifier.value(row), .shared(row.configuration)] + own.fields(of: row)
  }

  /// What a configuration's rows share.
  package struct Configuration: Sendable {
    var identifier: String
    var variant: String
    var task: String
    var hyperparameters: [String]

    /// A configuration; `hyperparameters` has one text for each of `TrialColumns.configuration`.
    package init(identifier: String, variant: String, task: String, hyperparameters: [String]) {
      self.identifier = identifier
      self.variant = variant
      self.task = task
      self.hyperparameters = hyperparameters
    }
  }

  /// The fields of a configuration.
  package static func configurationFields(_ shared: Configuration) -> EncodedFields {
    EncodedFields(configuration.fields(of: shared))
  }

  private static let identifier = Column<TrialRow>(
    "trial_id", "The trial's identifier, a hash of its configuration and seeds.", role: .key
  ) { .text($0.identifier) }

  private static let configuration: [Column<Configuration>] =
    [
      Column("configuration_id", "The identifier of the trial's configuration.", role: .key) { .text($0.identifier) },
      Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.variant) },
      Column("task", "The task's name.", role: .key) { .text($0.task) },
    ]
    + TrialColumns.configuration.enumerated().map { index, column in
      Column(column.facts) { .text($0.hyperparameters[index]) }
    }

  private static let own: [Column<TrialRow>] =
    seeds + judgement + scores + counts + losses + names + test + StepSizeColumns.all.of(\.stepSizes) + [earlyStop]

  private static let seeds: [Column<TrialRow>] = TrialColumns.seeds.enumerated().map { index, column in
    Column(column.facts) { .text($0.seeds[index]) }
  }

  private static let judgement: [Column<TrialRow>] = [
    Column(
      "status",
      "What happened to the trial; `completed` and `diverged` are results, `stopped` is a run that `stop.early` stopped, anything else is tried again.",
      role: .key
    ) { .text($0.status) },
    Column("failed", "Whether the run failed by `failure_rule`, at the evaluation that `score` names.") {
      .flag($0.isFailed)
    },
    Column("failure_kind", "How it failed: `never_learned`, `collapsed` or `diverged`; empty for a successful run.") {
      .text($0.failure?.rawValue)
    },
    Column("metric", "The metric that scores the task.", role: .key) { .text($0.metric) },
  ]

  private static let scores: [Column<TrialRow>] = [
    Column("value_final", "The metric at the last evaluation; `nan` for a run that diverged.") {
      .number($0.scores?.final)
    },
    Column(
      "value_best",
      "The best metric of all evaluations: the highest, or the lowest where lower is better."
    ) { .number($0.scores?.best.value) },
    Column("step_best", "The step of the first evaluation with that metric.") { .integer($0.scores?.best.step) },
    Column(
      "value_final_a",
      "The metric at the last evaluation on half A of the dev set, one of two fixed halves: A to choose by, B to report on."
    ) {
      .number($0.scores?.finalHalves.first)
    },
    Column("value_final_b", "The metric at the last evaluation on half B, the other examples of the dev set.") {
      .number($0.scores?.finalHalves.second)
    },
    Column(
      "value_best_a",
      "The metric on half A at the evaluation where it is highest: what choosing a checkpoint by half A promises."
    ) { .number($0.scores?.bestHalves.first) },
    Column(
      "value_best_b",
      "The metric on half B at that same evaluation: what the choice is worth on examples that had no part in it."
    ) {
      .number($0.scores?.bestHalves.second)
    },
    Column(
      "sd_last_third", "How far the metric wanders late: its standard deviation over the last third of the steps.",
      .sampleDeviation
    ) { .number($0.outcome?.lateSpread) },
  ]

  private static let counts: [Column<TrialRow>] = [
    Column("accuracy_final", "The accuracy at the last evaluation.") { row in .number(row.atEnd(\.accuracy)) },
    Column("f1_final", "The F1 score at the last evaluation.") { row in .number(row.atEnd(\.f1)) },
    Column("macro_f1_final", "The mean of the classes' F1 scores at the last evaluation.") { row in
      .number(row.atEnd { $0.confusion.isEmpty ? nil : ConfusionMatrix(counts: $0.confusion).macroF1 })
    },
    Column("correct_final", "The correct predictions at the last evaluation.") { .integer($0.last?.correctCount) },
    Column("majority_count", "The dev examples of the largest class.") { .integer($0.outcome?.majorityCount) },
    Column("evaluation_count", "The dev examples.") {
      .integer($0.outcome.flatMap { $0.isOfProgram ? nil : $0.evaluationCount })
    },
    Column("constant_prediction", "Whether more than 99 % of the predictions at the last evaluation are equal.") {
      .flag($0.outcome?.isOfProgram == true ? nil : $0.last?.isConstant)
    },
    Column(
      "train_loss_flat",
      "Whether training got nowhere: `train_loss_final` is at least 0.9 of `chance_loss`, or not a number."
    ) { .flag($0.outcome?.hasFlatLoss) },
    // Six digits: the last bits of a tail sum depend on the C library.
    Column(
      "majority_p",
      "How likely `correct_final` or more correct predictions are by luck, each right with the largest class's share (one-sided "
        + "binomial test): small where the run is better than that."
    ) { row in
      .text(row.last.flatMap { row.outcome?.majorityTest($0) }.map { String(format: "%.6g", $0) })
    },
  ]

  private static let losses: [Column<TrialRow>] = [
    Column(
      "chance_loss",
      "The loss of a classifier that knows only how common each class is: the entropy of the training labels.",
      .unit("nats")
    ) { .number($0.outcome?.chanceLoss) },
    Column(
      "train_loss_final",
      "The training loss at the end as training saw it: the mean over the last ten batches, with dropout.",
      .unit("nats")
    ) {
      .number($0.outcome?.trainLossFinal)
    },
    Column(
      "train_loss_full",
      "The loss of the final weights over the run's training examples, or those of `evaluation.train_examples`, without dropout.",
      .unit("nats")
    ) { .number($0.outcome?.trainLossFull) },
    Column("dev_loss_final", "The loss on the dev set at the last evaluation.", .unit("nats")) { row in
      .number(row.outcome.flatMap { row.last?.loss.known(in: $0) ?? ($0.isOfProgram ? nil : .nan) })
    },
    Column("step_count", "The updates that the run made.") { .integer($0.stepCount) },
    Column(
      "distance_from_pretrained",
      "The Euclidean distance of the encoder's final weights, or those that `record.distance_over` names, from the pre-trained ones."
    ) { .number($0.outcome?.distanceFromPretrained) },
    Column("weights_digest", "The SHA-256 of the final weights.") { .text($0.outcome?.weightsDigest) },
  ]
}

extension TrialsTable {
  /// What a rule for stopping runs early did.
  fileprivate static let earlyStop = Column<TrialRow>(
    "early_stop",
    "What `stop.early` did to the run: `stopped` at its step, `finished` where it was chosen to go on to its end anyway, `waiting` until every run of its recipe was read; empty for a run that it lets go on."
  ) { .text($0.earlyStop) }

  /// What tells a run apart and how it was judged.
  fileprivate static let names: [Column<TrialRow>] = [
    Column(TrialColumns.seed.facts) { .text(TrialColumns.seed(of: $0.seeds)) },
    Column("score", "The evaluation that `failed` is about: `final`, the last one, or `best`.", role: .key) {
      .text($0.judgement.score)
    },
    Column("failure_rule", "What counts as a failed run, as `--failure-rule` spells it.", role: .key) {
      .text($0.judgement.rule)
    },
  ]
}

extension TrialsTable {
  /// What the final weights score on the test set; empty for a task without one.
  fileprivate static let test: [Column<TrialRow>] = [
    Column(
      "value_test",
      "The metric on the test set (`task.test`) after the last step; `nan` for a run that diverged, empty without a test set. Nothing is judged or chosen by it."
    ) { .number($0.outcome?.test?.value) },
    Column("accuracy_test", "The accuracy on the test set.") { .number($0.outcome?.test?.accuracy) },
    Column("f1_test", "The F1 score on the test set.") { .number($0.outcome?.test?.f1) },
    Column("loss_test", "The loss on the test set.", .unit("nats")) { .number($0.outcome?.test?.loss) },
  ]
}

extension Outcome {
  /// The evaluation at the end of training; nil for a run that diverged, which never got there.
  var finalEvaluation: Evaluation? { status == .diverged ? nil : evaluations.last }

  /// The standard deviation (ddof 1) of the metric over the evaluations past two thirds of the run's steps; nil for fewer
  /// than two, and for a run that diverged.
  var lateSpread: Double? {
    guard status == .completed else { return nil }
    let late = evaluations.filter { 3 * $0.step > 2 * stepCount }.map(\.value)
    return late.count < 2 ? nil : Sample.standardDeviation(late, ddof: 1)
  }

  /// The metric that scores the run; NaN for a run that diverged and is scored at its end.
  package func value(_ score: ScoreChoice) -> Double {
    (score == .final ? finalEvaluation : evaluation(.best))?.value ?? .nan
  }
}

extension Double {
  /// The number; nil for one that a program did not tell.
  fileprivate func known(in outcome: Outcome) -> Double? { outcome.isOfProgram && isNaN ? nil : self }
}
