// timings.csv: where, when and how often a trial ran, which depends on machines and chance and therefore stands in no other
// table.

import Storage
import Tables

/// The columns of timings.csv.
package enum TimingsTable {
  /// A row: a class, so that the functions of its columns share it without copies.
  package final class Row: Sendable {
    let record: TrialRecord
    let history: TrialHistory?

    init(record: TrialRecord, history: TrialHistory?) {
      self.record = record
      self.history = history
    }
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = [
    Column("trial_id", "The trial's identifier.", role: .key) { .text($0.record.trial) },
    Column("training_s", "The time that training took, evaluations apart.", .unit("seconds")) {
      .number($0.record.timing.trainingSeconds)
    },
    Column("total_s", "The time from the hand-out to the outcome.", .unit("seconds")) {
      .number($0.record.timing.totalSeconds)
    },
    Column("startup_s", "The time before the first step: reading model and data.", .unit("seconds")) {
      .number($0.record.timing.startupSeconds)
    },
    Column("host", "The machine that trained it.") { .text($0.record.timing.host) },
    Column("rank", "The MPI rank that trained it.") { .integer($0.record.timing.rank) },
    Column("attempts", "How often the trial was handed out.") { .integer($0.history?.attemptCount) },
    Column("fingerprint", "What decides the last bits of that rank's arithmetic.") { .text($0.history?.fingerprint) },
    Column(
      "taken_steps", "The first steps that it did not make itself: a longer trial had made them (`--share-steps`)."
    ) {
      .integer($0.record.timing.takenStepCount)
    },
  ]

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "timings.csv", "One row for each trial, in plan order. Written by `run` and `summarize`.", columns)
}
