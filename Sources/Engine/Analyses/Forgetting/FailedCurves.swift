// failed_curves.csv: the mean training curves of the failed runs of each configuration (arXiv 2006.04884, figure 2c). Single runs
// are in curves.csv.

import Reports
import Statistics
import Storage
import Tables
import Trials

/// Mean and spread of training loss and dev accuracy over failed runs.
package enum FailedCurves {
  /// A row: the values that the failed runs of a configuration recorded at one step.
  package struct Row {
    var run: JudgedTrial
    var step: Int
    var split: String
    var quantity: String
    var values: [Double]
  }

  /// The columns in order.
  package static let columns: [Column<Row>] =
    JudgedTrial.configurationColumns.of(\.run) + [
      Column("step", "The number of completed updates.", role: .key) { .integer($0.step) },
      Column("split", "Where it was measured: `train` or `dev`.", role: .key) { .text($0.split) },
      Column("quantity", "What was measured: `loss` in training, `accuracy` on the dev set.", role: .key) {
        .text($0.quantity)
      },
      Column("n", "The failed runs, diverged ones apart.") { .integer($0.values.count) },
      Column("mean", "The mean over these runs.") { .number(Sample.mean($0.values)) },
      Column("sd", "The standard deviation over these runs.", .sampleDeviation) {
        .number($0.values.count < 2 ? nil : Sample.standardDeviation($0.values, ddof: 1))
      },
      Column("ddof", "What is taken from n in the divisor of `sd`.", role: .convention) { _ in .integer(1) },
      Column("chance_loss", "The entropy of the training labels.", .unit("nats")) {
        .number($0.run.outcome.chanceLoss)
      },
      Column("majority_share", "The share of the largest class among the dev examples.") { row in
        .number(row.run.outcome.majorityCount.map { Double($0) / Double(row.run.outcome.evaluationCount) })
      },
    ] + JudgedTrial.judgementColumns.of(\.run)

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "failed_curves.csv",
    "One row for each configuration, step and quantity that all its failed runs recorded (arXiv 2006.04884, figure 2c). Written by "
      + "`analyze forgetting`.", columns)

  /// Writes the table: a row for each configuration, step and quantity that all its failed runs recorded; runs that diverged
  /// have no such curves and are left out.
  ///
  /// - Throws: `FileError`.
  package static func write(_ runs: [JudgedTrial], to folder: RunFolder) throws {
    let failed = runs.filter { $0.failure != nil && $0.isCompleted }
    let groups = Dictionary(grouping: failed, by: \.trial.configurationIdentifier)
    let order = failed.map(\.trial.configurationIdentifier).uniqued()
    try columns.write(order.flatMap { rows(groups[$0] ?? []) }, to: folder.path(of: Forgetting.failedCurves))
  }

  /// The rows of the failed runs of one configuration.
  private static func rows(_ runs: [JudgedTrial]) -> [Row] {
    func rows(_ split: String, _ quantity: String, _ values: [(step: Int, values: [Double])]) -> [Row] {
      values.filter { $0.values.count == runs.count }.map {
        Row(run: runs[0], step: $0.step, split: split, quantity: quantity, values: $0.values)
      }
    }
    let losses = runs.map { $0.outcome.curve.filter { $0.quantity == "loss" }.map { ($0.step, $0.value) } }
    let accuracies = runs.map { $0.outcome.evaluations.compactMap { e in e.accuracy.map { (e.step, $0) } } }
    return rows("train", "loss", bySteps(losses)) + rows("dev", "accuracy", bySteps(accuracies))
  }

  /// The values of all runs at each step, steps ascending.
  private static func bySteps(_ runs: [[(Int, Double)]]) -> [(step: Int, values: [Double])] {
    var values: [Int: [Double]] = [:]
    for (step, value) in runs.joined() { values[step, default: []].append(value) }
    return values.keys.sorted().map { ($0, values[$0] ?? []) }
  }
}
