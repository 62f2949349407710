// What `run` or `retry` was asked to do, as plain values. How flags become them is the commands' business.

import Storage

/// What `run` or `retry` was asked to do.
package struct RunOptions: Equatable {
  /// The sweep file; empty for `retry`.
  package var sweepPath = ""
  /// `KEY=VALUE` words that replace values of the sweep file.
  package var assignments: [String] = []
  /// What is added to every seed.
  package var seedShift: UInt64 = 0
  /// The folder of results.
  package var output = ""
  /// Tables that other commands make in that folder, which become stale when the reported trials change.
  package var derivedTables: [DerivedTable] = []
  /// The ranks to start on this machine; nil for this process alone, or what a launcher started.
  package var processes: Int?
  /// Threads that each rank computes with.
  package var threads = 1
  /// The first trials in plan order to run; nil for all.
  package var limit: Int?
  /// Whether trials leave their weights.
  package var keepsWeights = false
  /// Seconds between two checkpoints of a trial; 0 for none.
  package var checkpointSeconds = 60.0
  /// Seconds without progress after which a rank is given up.
  package var stallSeconds = 300.0
  /// Seconds that an attempt at a trial may take; nil for any.
  package var trialSeconds: Double?
  /// Seconds that the run may take; nil for what the batch system says.
  package var limitSeconds: Double?
  /// Attempts that a trial gets in a run.
  package var attemptCap = 3
  /// How many trials may end without a result; nil for any number.
  package var failureLimit: FailureLimit?
  /// A fault on purpose; nil for none.
  package var injection: FaultInjection?
  /// Whether ranks and results that were computed with other bits are accepted.
  package var allowsMixedNumerics = false
  /// Whether ranks that see the leader's files and folder do as if they did not.
  package var sharesNoFiles = false
  /// Which trials of the folder are tried again; nil for `run`.
  package var retries: RetrySelection?

  /// A run with every default and neither sweep nor folder.
  package init() {}
}
