// curves.csv: every recorded number of every trial's training and evaluations, one a row ("long" or tidy form), because
// sweeps may record different quantities at different steps.

import Trials

/// The columns of curves.csv and the rows of a trial.
enum CurvesTable {
  static let columns = ["trial_id", "step", "epoch", "split", "quantity", "value"]

  /// Writes a trial's rows: the training curve in step order, then the evaluations in step order.
  static func write(_ outcome: Outcome, of trial: String, to file: CSVFile) throws {
    for point in outcome.curve {
      try file.write([
        .text(trial), .integer(point.step), .number(point.epoch), .text("train"), .text(point.quantity),
        .number(point.value),
      ])
    }
    for evaluation in outcome.evaluations {
      for (quantity, value) in quantities(evaluation, metric: outcome.metric.rawValue) {
        try file.write([
          .text(trial), .integer(evaluation.step), .number(evaluation.epoch), .text("dev"), .text(quantity), value,
        ])
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
