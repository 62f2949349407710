// The columns of trials.csv and summary.csv that only some sweeps have: those of further sets (`task.dev_sets`), one group for
// each, and behind them those of a program's parameters and of keys that few sweeps set.

import KeyValues
import Statistics
import Tables
import TrialTables
import Trials

/// The scores of a configuration's runs on a further set.
package struct DevSetScores: Sendable {
  /// Those of all runs that have one, in plan order.
  package var values: [Double] = []
  /// Those of them that did not fail.
  package var successfulValues: [Double] = []
}

/// The columns that a sweep has behind those of every sweep.
package struct ExtraColumns: Sendable {
  private let parameters: ParameterColumns
  private let trials: [Column<TrialRow>]
  private let summary: [SummaryTable.SummaryColumn]

  /// The columns of parameters, of keys that few sweeps set, and of further sets by name.
  package init(_ parameters: ParameterColumns = ParameterColumns([String]()), devSets: [String] = []) {
    self.parameters = parameters
    trials = devSets.flatMap(DevSetColumns.ofTrials)
    summary = devSets.flatMap(DevSetColumns.ofSummary)
  }

  /// Those of a plan.
  package init(_ plan: SweepPlan) {
    let names = Set(plan.configurations.lazy.flatMap { $0.configuration.task.devSets.map(\.name) })
    self.init(ParameterColumns(plan), devSets: names.sorted())
  }

  /// Their names in trials.csv, in order.
  var trialNames: [String] { trials.names() + parameters.names }
  /// Their names in summary.csv, in order.
  package var summaryNames: [String] { summary.names() + parameters.names }

  /// Their fields in trials.csv.
  func fields(of row: TrialRow, _ configuration: TrialConfiguration) -> [CSVField] {
    trials.fields(of: row) + parameters.fields(of: configuration.rareValues).map { .text($0) }
  }

  /// Their fields in summary.csv.
  func fields(of measures: SummaryMeasures) -> [CSVField] {
    summary.fields(of: measures) + parameters.fields(of: measures.summary.parameters).map { .text($0) }
  }
}

extension SummaryTable {
  /// The column of a further set by its name in summary.csv, with the set's name; nil for any other name.
  package static func devSetColumn(named name: String) -> (column: SummaryColumn, devSet: String)? {
    for range in name.ranges(of: "_dev_") {
      let devSet = String(name[range.upperBound...])
      let column = DevSetColumns.ofSummary(devSet).first { $0.name == name }
      if let column, ValueKind.isName(devSet) { return (column, devSet) }
    }
    return nil
  }

  /// The further sets on which runs of some configurations have scores, by name.
  package static func devSets(of rows: [SummaryRow]) -> [String] { Set(rows.flatMap(\.devSets.keys)).sorted() }
}

/// The columns of keys that few sweeps set and of a program's parameters, as the reference of a table with such rows describes them.
enum RareColumns<Row> {
  static var reference: [Column<Row>] {
    ConfigurationSchema.rareKeys.map { key in
      Column<Row>(
        key.column ?? key.path, key.documentation, role: .key, .note("key `\(key.path)`, in sweeps that set it")
      ) { _ in .missing }
    } + [
      Column<Row>(
        "parameter_NAME", "A program's parameter NAME (`program.parameters`) that has no other column.", role: .key
      ) { _ in .missing }
    ]
  }
}

/// The columns of a further set, which end in `_dev_` and its name.
enum DevSetColumns {
  /// Those of trials.csv.
  static func ofTrials(_ name: String) -> [Column<TrialRow>] {
    @Sendable func score(_ row: TrialRow) -> DevSetScore? { row.outcome?.devSets.first { $0.name == name } }
    return [
      Column(
        "value_dev_\(name)",
        "The metric on the further set \(name) (`task.dev_sets`) after the last step; `nan` for a run that diverged, empty for a trial without the set. Nothing is judged or chosen by it."
      ) { .number(score($0)?.evaluation.value) },
      Column("accuracy_dev_\(name)", "The accuracy on that set.") { .number(score($0)?.evaluation.accuracy) },
      Column("f1_dev_\(name)", "The F1 score on that set.") { .number(score($0)?.evaluation.f1) },
      Column("loss_dev_\(name)", "The loss on that set.", .unit("nats")) { .number(score($0)?.evaluation.loss) },
      Column("examples_dev_\(name)", "The examples of that set.") { .integer(score($0)?.exampleCount) },
    ]
  }

  /// Those of summary.csv.
  static func ofSummary(_ name: String) -> [SummaryTable.SummaryColumn] {
    statistics(
      name, \.values, ending: "_dev_\(name)",
      [
        "The runs with a score on the further set \(name) (`task.dev_sets`): those that did not diverge, of a trial that has it.",
        "The mean score on that set, over failed and successful runs.",
        "The standard deviation of the scores on that set.",
      ])
      + statistics(
        name, \.successfulValues, ending: "_successful_dev_\(name)",
        [
          "The runs with a score on that set that did not fail.",
          "The mean score on that set of the runs that did not fail.",
          "The standard deviation of the scores on that set of the runs that did not fail.",
        ])
  }

  /// Number, mean and standard deviation of some of the scores; `documentation` has a sentence for each.
  private static func statistics(
    _ name: String, _ part: KeyPath<DevSetScores, [Double]> & Sendable, ending: String, _ documentation: [String]
  ) -> [SummaryTable.SummaryColumn] {
    @Sendable func values(_ measures: SummaryMeasures) -> [Double] {
      measures.summary.devSets[name]?[keyPath: part] ?? []
    }
    return [
      SummaryTable.SummaryColumn("n\(ending)", documentation[0]) { measures in
        measures.summary.devSets[name] == nil ? .missing : .integer(values(measures).count)
      },
      SummaryTable.SummaryColumn("mean\(ending)", documentation[1]) { measures in
        .number(values(measures).isEmpty ? nil : Sample.mean(values(measures)))
      },
      SummaryTable.SummaryColumn("sd\(ending)", documentation[2], .sampleDeviation) { measures in
        .number(values(measures).count < 2 ? nil : Sample.standardDeviation(values(measures), ddof: 1))
      },
    ]
  }
}
