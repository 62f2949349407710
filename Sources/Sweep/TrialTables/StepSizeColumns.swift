// The columns that say how large a recipe's steps are. Every table that has them takes them from here.

import Schedules
import Tables

/// The columns of step sizes.
package enum StepSizeColumns {
  /// The columns in order; all empty where the sizes are not known.
  package static let all: [Column<StepSizes?>] = [
    Column(
      "peak_rate", "The largest effective rate of an update.",
      .note("the schedule's rate, divided by sqrt(1 - beta2^t) / (1 - beta1^t) without bias correction")
    ) { .number($0?.peak) },
    Column("smoothed_rate", "The largest value of the effective rate's exponential moving average with decay .95.") {
      .number($0?.smoothedPeak)
    },
    Column("early_rate", "The mean effective rate of the updates 20 to 60; empty for shorter runs.") {
      .number($0?.earlyMean)
    },
    Column("step_mass", "The sum of the effective rates.") { .number($0?.sum) },
  ]
}
