// The reference of all tables that seedsweep writes, in the lowest module that sees each of them. It only lists them: the
// columns of a table are described where the table is made.

import Claims
import Comparisons
import Replays
import Reports
import SeedEffects
import Tables
import Training
import TrialTables
import Trials
import Verdicts

/// Every table and its columns.
package enum ColumnReference {
  /// The tables, in the order of the page.
  package static let tables: [TableReference] =
    [
      TrialsTable.reference, CurvesTable.reference, SummaryTable.reference, TimingsTable.reference,
      GradientNormsTable.reference,
      TableReference(
        "predictions/ID/TRIAL_ID.csv",
        "One row for each dev example, at the trial's last evaluation, where the sweep sets `record.predictions`; one "
          + "`logit_` column for each class. Written by the rank that trains the trial, and by `evaluate --predictions`.",
        PredictionRow.columns(classCount: 2)),
      ComparisonsTable.reference, SeedComponents.reference, RecipeAgreement.reference,
      RecipeEnsembles.reference, BestOfRuns.reference, ReplayTable.reference,
    ] + AnalysisRegistry.all.flatMap { $0.references } + [
      pretraining, VerdictTable.reference, VerdictRow.reference,
    ]

  private static let pretraining = TableReference(
    "metrics.csv",
    "One row for each evaluation of a pre-training run; the columns of pairs are there with `--pairs`. Written by `pretrain`.",
    PretrainingMetrics.columns + PretrainingMetrics.pairColumns)

  /// The page Columns.md.
  package static func markdown() -> String {
    let introduction = """
      # Columns

      Every table that `seedsweep` writes, with its columns in order. `seedsweep columns` prints this page.

      Tables are CSV (RFC 4180) in UTF-8 with line feeds. An empty field is a number that is missing or cannot be told from
      the data; `nan` is the value of a run that diverged. Numbers are the shortest text that reads back the same. A name in
      backticks is that of another column of the same row.

      """
    return introduction + "\n" + tables.map(\.markdown).joined(separator: "\n").dropLast()
  }
}
