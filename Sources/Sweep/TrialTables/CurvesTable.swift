// curves.csv: every recorded number of every trial's training and evaluations, one a row ("long" or tidy form), because
// sweeps may record different quantities at different steps.

import Tables
import TrainerFiles
import Trials

/// The columns of curves.csv and the rows of a trial.
package enum CurvesTable {
  /// What the rows of one step share.
  struct Step {
    /// The fields that all rows of the trial share.
    var trial: EncodedFields
    var step: Int
    var epoch: Double
    var split: String

    /// The fields of `stepColumns`, encoded once for all rows of the step.
    var fields: EncodedFields { EncodedFields(stepColumns.fields(of: self)) }
  }

  /// A row, without the fields of its step.
  package struct Row {
    var quantity: String
    var value: CSVField
  }

  /// What all rows of a trial share.
  struct Run {
    var variant: String
    var seed: String

    /// The fields of `runColumns`, encoded once for all rows of the trial.
    var fields: EncodedFields { EncodedFields(runColumns.fields(of: self)) }
  }

  private static let stepColumns: [Column<Step>] = [
    Column("trial_id", "The trial's identifier.", role: .key) { .shared($0.trial) },
    Column("step", "The number of completed updates.", role: .key) { .integer($0.step) },
    Column("epoch", "The passes over the training set that these updates make.", role: .key) { .number($0.epoch) },
    Column("split", "Where it was measured: `train` for what training recorded, `dev` for evaluations.", role: .key) {
      .text($0.split)
    },
  ]
  private static let ownColumns: [Column<Row>] = [
    Column(
      "quantity",
      "What was recorded: `loss`, `learning_rate`, a gradient norm, a metric, or a metric on one half of the dev set (`accuracy_a`, "
        + "`accuracy_b`). Of the predictions, `mean_prediction` is the share of class 1 and `softmax_entropy` their entropy in "
        + "nats; `saturation_0.99` is the share of the pooler's outputs beyond 0.99, which is recorded where they are those of a tanh. "
        + "`update_norm`, which `record.update_norms` asks for, is the mean l2 norm of the updates since the curve's last point.",
      role: .key
    ) { .text($0.quantity) },
    Column("value", "The recorded number; a loss is in nats.") { $0.value },
  ]

  private static let runColumns: [Column<Run>] = [
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.variant) },
    Column(TrialColumns.seed.facts) { .text($0.seed) },
  ]

  /// The columns in order.
  package static let columns: [Column<Row>] =
    stepColumns.map { column in Column(column.facts) { _ in .missing } } + ownColumns
    + runColumns.map { column in Column(column.facts) { _ in .missing } }

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "curves.csv",
    "One row for each recorded number, in plan order of its trial. Written by `run` and `summarize`, and by `import` of a folder.",
    columns)

  /// A trial's rows as they stand in the file: the training curve in step order, then the evaluations in step order.
  package static func encodedRows(_ outcome: Outcome, of trial: Trial) -> [UInt8] {
    let seed = TrialColumns.seed(of: TrialColumns.values(of: trial.seeds))
    if outcome.isOfProgram {
      let run = Run(variant: trial.variant, seed: seed).fields
      var rows: [UInt8] = []
      for (points, isEvaluation) in [(outcome.curve, false), (outcome.evaluationCurve, true)] {
        for point in points {
          let number = RecordedNumber(
            step: point.step, epoch: point.epoch, isEvaluation: isEvaluation, quantity: point.quantity,
            value: point.value)
          fields(of: number, trial.identifier, run).appendLine(ofColumns: columns.count, to: &rows)
        }
      }
      return rows
    }
    let run = Run(variant: trial.variant, seed: seed).fields
    let trial = EncodedFields([.text(trial.identifier)])
    var rows: [UInt8] = []
    func add(_ row: Row, of step: EncodedFields) {
      ownColumns.appendLine(of: row, after: step, before: run, to: &rows)
    }
    var last: (step: Int, epoch: Double, fields: EncodedFields)?
    for point in outcome.curve {
      let known = last.flatMap { $0.step == point.step && $0.epoch == point.epoch ? $0.fields : nil }
      let fields = known ?? Step(trial: trial, step: point.step, epoch: point.epoch, split: "train").fields
      last = (point.step, point.epoch, fields)
      add(Row(quantity: point.quantity, value: .number(point.value)), of: fields)
    }
    for evaluation in outcome.evaluations {
      let fields = Step(trial: trial, step: evaluation.step, epoch: evaluation.epoch, split: "dev").fields
      for (quantity, value) in quantities(evaluation, metric: outcome.metric.rawValue) {
        add(Row(quantity: quantity, value: value), of: fields)
      }
    }
    return rows
  }

  /// Writes the rows of a run that something else trained, in the order given.
  package static func write(
    _ numbers: [RecordedNumber], of trial: String, variant: String, seed: String, to file: CSVFile
  ) throws {
    let run = Run(variant: variant, seed: seed).fields
    for number in numbers { try file.write(fields(of: number, trial, run)) }
  }

  private static func fields(of number: RecordedNumber, _ trial: String, _ run: EncodedFields) -> [CSVField] {
    [
      .text(trial), .integer(number.step), .finite(number.epoch), .text(number.isEvaluation ? "dev" : "train"),
      .text(number.quantity), .number(number.value), .shared(run),
    ]
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
