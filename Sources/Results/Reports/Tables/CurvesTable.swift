// curves.csv: every recorded number of every trial's training and evaluations, one a row ("long" or tidy form), because
// sweeps may record different quantities at different steps.

import Tables
import Trials

/// The columns of curves.csv and the rows of a trial.
enum CurvesTable {
  static let columns = ["trial_id", "step", "epoch", "split", "quantity", "value"]

  /// Writes a trial's rows: the training curve in step order, then the evaluations in step order.
  static func write(_ outcome: Outcome, of trial: String, to file: CSVFile) throws {
    /// What the rows of one step share.
    func shared(_ step: Int, _ epoch: Double, _ split: String) -> CSVField {
      .shared(EncodedFields([.text(trial), .integer(step), .number(epoch), .text(split)]))
    }
    var last: (step: Int, epoch: Double, fields: CSVField)?
    for point in outcome.curve {
      let known = last.flatMap { $0.step == point.step && $0.epoch == point.epoch ? $0.fields : nil }
      let fields = known ?? shared(point.step, point.epoch, "train")
      last = (point.step, point.epoch, fields)
      try file.write([fields, .text(point.quantity), .number(point.value)])
    }
    for evaluation in outcome.evaluations {
      let fields = shared(evaluation.step, evaluation.epoch, "dev")
      for (quantity, value) in quantities(evaluation, metric: outcome.metric.rawValue) {
        try file.write([fields, .text(quantity), value])
      }
    }
  }

  /// The loss, the reported metric on all examples and on each half, then the other metrics.
  private static func quantities(_ evaluation: Evaluation, metric: String) -> [(String, CSVField)] {
    let others: [(String, Double?)] = [
      ("accuracy", evaluation.accuracy), ("f1", evaluation.f1), ("matthews", evaluation.matthews),
      ("pearson", evaluation.pearson), ("spearman", evaluation.spearman),
    ]
    var result: [(String, CSVField)] = [
      ("loss", .number(evaluation.loss)), (metric, .number(evaluation.value)),
      (metric + "_a", .number(evaluation.valueA)), (metric + "_b", .number(evaluation.valueB)),
    ]
    for case (let name, let value?) in others where name != metric { result.append((name, .number(value))) }
    if let correct = evaluation.correctCount { result.append(("correct", .integer(correct))) }
    return result
  }
}
