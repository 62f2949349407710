// What `run` or `retry` was asked to do, as plain values. The commands make them from flags.

import Faults
import Storage
import SweepLanguage
import Trials

/// What `run` or `retry` was asked to do.
package struct RunOptions: Equatable {
  /// The sweep file; empty for `retry`.
  package var sweepPath = ""
  /// `KEY=VALUE` words that replace values of the sweep file.
  package var assignments: [String] = []
  /// What is added to the seeds of the sweep file.
  package var shift = SeedShift()
  /// The folder of results.
  package var output = ""
  /// Tables that other commands make in that folder, which become stale when the reported trials change.
  package var derivedTables: [DerivedTable] = []
  /// Other folders, whose results of the sweep's trials are taken.
  package var reusedFolders: [String] = []
  /// The number of ranks to start on this machine; nil for this process alone or for the ranks of a launcher.
  package var processes: Int?
  /// Threads that each rank computes with.
  package var threads = 1
  /// The trials of the plan to run.
  package var part = PlanPart()
  /// Whether trials leave their weights.
  package var keepsWeights = false
  /// Whether a trial whose steps are the first steps of a longer one goes on from there.
  package var sharesSteps = false
  /// Seconds between two checkpoints of a trial; 0 for none.
  package var checkpointSeconds = 60.0
  /// Seconds without progress after which a rank is given up.
  package var stallSeconds = 300.0
  /// Seconds that an attempt at a trial may take; nil for no limit.
  package var trialSeconds: Double?
  /// Seconds that the run may take; nil for what the batch system says.
  package var limitSeconds: Double?
  /// Attempts that a trial gets in a run.
  package var attemptCap = 3
  /// How many trials may end without a result; nil for any number.
  package var failureLimit: FailureLimit?
  /// The fault to inject; nil for none.
  package var injection: FaultInjection?
  /// Whether ranks and results with other numerics fingerprints are accepted.
  package var allowsMixedNumerics = false
  /// Whether ranks behave as if they saw neither the leader's files nor its folder.
  package var sharesNoFiles = false
  /// Whether the folder's page is written while the run lasts, too.
  package var writesPageMeanwhile = false
  /// Which trials of the folder are tried again; nil for `run`.
  package var retries: RetrySelection?

  /// The shard to run, if it is one.
  var shard: Shard? { part.shard }

  /// A run with every default and neither sweep nor folder.
  package init() {}
}
