// The analysis `gradients`: whether recorded gradients vanished (gradient_statistics.csv). The statistics are in
// `GradientStatistics`; this file has the flags and the table.

import CommandLine
import Foundation
import Host
import Reports
import Schedules
import Statistics
import Storage
import Tables
import Trials

/// Whether gradients vanished.
package struct Gradients: Analysis {
  package static let name = "gradients"
  package static let summary = "whether recorded gradient norms vanished"
  private static let tensors = Flag(
    "--tensors", "NAME", "which tensors of a layer count: all, or a name such as output.dense.weight", .choice,
    default: MeasuredTensors.all)
  package static let flags: [any FlagDeclaration] = [tensors]
  static let statistics = table("gradient_statistics")
  package static let tables = [statistics]
  package static let references = [GradientTable.reference]

  private let tensors: MeasuredTensors

  package init(_ given: Given) { tensors = given[Self.tensors] }

  package func perform(_ work: AnalysisWork) throws {
    let count = try GradientTable.write(work.trials, of: work.results.folder, tensors: tensors, to: work.output)
    say("Gradients of \(counted(count, "run")): \(work.output.path(of: Self.statistics))")
  }
}

/// gradient_statistics.csv.
package enum GradientTable {
  /// A run's row.
  package struct Row {
    var run: JudgedTrial
    var tensors: MeasuredTensors
    var statistics: GradientStatistics

    /// A row; nil where the run's norms were not recorded late enough.
    init?(_ run: JudgedTrial, _ norms: LayerNorms, tensors: MeasuredTensors) {
      guard let statistics = GradientStatistics(norms, stepCount: run.outcome.stepCount) else { return nil }
      self.run = run
      self.tensors = tensors
      self.statistics = statistics
    }

    /// The mean training loss over the last quarter, or the last one where none was recorded there.
    var lateLoss: Double? {
      let outcome = run.outcome
      let late = outcome.curve.filter {
        $0.quantity == "loss" && Double($0.step) > GradientStatistics.lateShare * Double(outcome.stepCount)
      }.map(\.value)
      return late.isEmpty ? outcome.trainLossFinal : Sample.mean(late)
    }

    /// Whether R is at most 0.01 while the loss over the last quarter is at least 0.9 of the chance loss.
    var hasVanished: Bool? {
      guard let lateLoss, let chance = run.outcome.chanceLoss else { return nil }
      return statistics.ratio <= GradientStatistics.vanishedRatio && lateLoss >= FailureRule.flatLossShare * chance
    }

    /// The update with the largest effective rate; nil where a program of the user's own trains.
    var peakStep: Int? {
      let configuration = run.trial.configuration
      guard !configuration.hasProgram else { return nil }
      let count = run.outcome.stepCount
      let schedule = LearningRateSchedule(
        configuration.schedule, stepCount: count, configuration.training.arithmetic)
      return EffectiveRates(configuration.optimizer, schedule, stepCount: count).peakUpdate
    }

    /// The steps of warmup.
    var warmupStepCount: Int {
      run.trial.configuration.schedule.warmupStepCount(stepCount: run.outcome.stepCount)
    }
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = JudgedTrial.columns.of(\.run) + shares + norms + losses

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "gradient_statistics.csv",
    "One row for each completed run whose gradient norms were recorded: whether its gradients vanished (arXiv 2006.04884, section "
      + "4.3). Written by `analyze gradients`.", columns)

  private static let shares: [Column<Row>] = [
    Column("tensor_set", "The tensors of a layer that count: `all`, or the name of one.", role: .key) {
      .text($0.tensors == .all ? "all" : $0.tensors.rawValue)
    },
    Column("early_share", "The share of the run up to which norms count as early.", role: .convention) { _ in
      .number(GradientStatistics.earlyShare)
    },
    Column("late_share", "The share of the run from which norms count as late.", role: .convention) { _ in
      .number(GradientStatistics.lateShare)
    },
  ]

  private static let norms: [Column<Row>] = [
    Column("norm_early", "The median norm of the gradient of the first layer that is trained, early in the run.") {
      .number($0.statistics.earlyNorm)
    },
    Column("norm_late", "The median norm of that gradient late in the run.") {
      .number($0.statistics.lateNorm)
    },
    Column("ratio", "R, `norm_late` / `norm_early`.") { .number($0.statistics.ratio) },
    Column("depth_ratio", "The median, late in the run, of the first layer's norm over the last layer's.") {
      .number($0.statistics.depthRatio)
    },
    Column(
      "depth_correlation",
      "Spearman's correlation, over layers, of depth and median late norm: near 1 where lower layers have less."
    ) { .number($0.statistics.depthCorrelation) },
  ]

  private static let losses: [Column<Row>] = [
    Column("train_loss_late", "The mean training loss late in the run.", .unit("nats")) { .number($0.lateLoss) },
    Column("chance_loss", "The entropy of the training labels.", .unit("nats")) { .number($0.run.outcome.chanceLoss) },
    Column(
      "vanished", "Whether gradients vanished: R is at most 0.01 and `train_loss_late` at least 0.9 of `chance_loss`."
    ) { .flag($0.hasVanished) },
    Column(
      "collapse_step",
      "The first recorded step from which on the first layer's norm stays at a tenth of its early median; empty if none."
    ) { .integer($0.statistics.collapseStep) },
    Column(
      "onset_step",
      "The first recorded step from which the median of the first layer's norms over the last 10 steps is below a tenth of the early "
        + "median for 20 steps; empty if none. A later recovery does not change it."
    ) { .integer($0.statistics.onsetStep) },
    Column(
      "peak_step",
      "The step with the largest effective rate, which is `peak_rate` in trials.csv; the first of equal ones."
    ) { .integer($0.peakStep) },
    Column("warmup_steps", "The steps of warmup.") { .integer($0.warmupStepCount) },
    Column("step_count", "The updates that the run made.") { .integer($0.run.outcome.stepCount) },
  ]

  /// Writes the table of all completed runs whose norms were recorded, and returns their number.
  ///
  /// - Throws: `AnalysisError` where there are none, `FileError`.
  package static func write(
    _ runs: [JudgedTrial], of results: RunFolder, tensors: MeasuredTensors, to folder: RunFolder
  ) throws -> Int {
    var rows: [Row] = []
    for run in runs where run.isCompleted {
      let path = results.keptGradientNorms(ofTrial: run.trial.identifier)
      guard FileManager.default.fileExists(atPath: path) else { continue }
      if let row = Row(run, try LayerNorms(contentsOf: path, tensors: tensors), tensors: tensors) { rows.append(row) }
    }
    guard !rows.isEmpty else {
      throw AnalysisError(
        "\(results.path): no completed run recorded gradient norms in the last quarter of its steps; a sweep with "
          + "record.gradient_norms_every: 10 records them, and changes no weight")
    }
    try columns.write(rows, to: folder.path(of: Gradients.statistics))
    return rows.count
  }
}
