// failed_curves.csv: how the failed runs of each configuration went on average (arXiv 2006.04884, figure 2c).

import Reports
import Statistics
import Storage
import Tables
import Trials

/// Mean and spread of training loss and dev accuracy over failed runs.
package enum FailedCurves {
  static let columns =
    [
      "configuration_id", "variant", "task", "step", "split", "quantity", "n", "mean", "sd", "ddof", "chance_loss",
      "majority_share",
    ] + JudgedRun.judgementColumns

  /// Writes the table: a row for each configuration, step and quantity that all its failed runs recorded; runs that diverged
  /// have no such curves and are left out.
  ///
  /// - Throws: `FileError`.
  package static func write(_ runs: [JudgedRun], to folder: RunFolder) throws {
    let file = try CSVFile(path: folder.path(of: .failedCurves), columns: columns)
    var order: [String] = []
    var groups: [String: [JudgedRun]] = [:]
    for run in runs where run.failure != nil && run.isCompleted {
      let key = run.trial.configurationIdentifier
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(run)
    }
    for key in order { try write(groups[key] ?? [], to: file) }
    try file.finish()
  }

  private static func write(_ runs: [JudgedRun], to file: CSVFile) throws {
    guard let first = runs.first else { return }
    let identity: [CSVField] = [
      .text(first.trial.configurationIdentifier), .text(first.trial.variant),
      .text(first.trial.configuration.task.name),
    ]
    let chance: [CSVField] = [
      .number(first.outcome.chanceLoss),
      .number(first.outcome.majorityCount.map { Double($0) / Double(first.outcome.evaluationCount) }),
    ]
    func write(_ split: String, _ quantity: String, _ values: [(step: Int, values: [Double])]) throws {
      for (step, values) in values where values.count == runs.count {
        try file.write(
          identity + [
            .integer(step), .text(split), .text(quantity), .integer(values.count), .number(Sample.mean(values)),
            .number(values.count < 2 ? nil : Sample.standardDeviation(values, ddof: 1)), .integer(1),
          ] + chance + first.judgement)
      }
    }
    try write(
      "train", "loss",
      bySteps(runs.map { $0.outcome.curve.filter { $0.quantity == "loss" }.map { ($0.step, $0.value) } }))
    try write(
      "dev", "accuracy",
      bySteps(runs.map { $0.outcome.evaluations.compactMap { e in e.accuracy.map { (e.step, $0) } } }))
  }

  /// The values of all runs at each step, steps ascending.
  private static func bySteps(_ runs: [[(Int, Double)]]) -> [(step: Int, values: [Double])] {
    var values: [Int: [Double]] = [:]
    for (step, value) in runs.joined() { values[step, default: []].append(value) }
    return values.keys.sorted().map { ($0, values[$0] ?? []) }
  }
}
