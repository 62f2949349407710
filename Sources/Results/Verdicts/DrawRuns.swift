// A registered draw with its run folders, as values: what was started in it, what of that counts, and what was trained. Whether it may
// count is the business of `RegisteredRuns`.

import Claims
import Reports
import Storage
import Trials

/// A sweep that was started in a draw.
package struct StartedSweep {
  /// The name of its run folder.
  package let name: String
  /// Its folder.
  let results: ResultsFolder
  /// Why it does not count; nil if it does.
  package internal(set) var exclusion: String?

  /// The trials of a configuration that have a result.
  func resultCount(ofConfiguration index: Int) -> Int {
    let seeds = results.plan.seeds.count
    return (index * seeds..<(index + 1) * seeds).count {
      results.index[results.plan.trialIdentifier(at: $0)]?.hasResult ?? false
    }
  }
}

/// A draw with its run folders.
package struct DrawRuns {
  /// The draw.
  package let draw: Registration.Draw
  /// Everything that was started in it, registered or not, by name.
  package internal(set) var sweeps: [StartedSweep]
  /// Whether its identifiers are registered, or the registration is a draft.
  package let isRegistered: Bool
  /// Its tables.
  let tables: ResultTables
  /// What was trained in it, first stages too.
  package internal(set) var training = DrawTraining()

  /// Why nothing of the draw counts before its identifiers are registered.
  static let notRegistered = "the draw is not registered yet"

  /// Why a sweep of the draw does not count; nil if it does.
  func exclusion(of sweep: String) -> String? {
    guard isRegistered else { return Self.notRegistered }
    guard draw.identifiers.contains(where: { $0.sweep == sweep }) else { return "\(sweep) is not registered here" }
    guard let started = sweeps.first(where: { $0.name == sweep }) else { return "\(sweep) was not run" }
    return started.exclusion
  }
}

/// What was trained in a draw.
package struct DrawTraining: Equatable {
  /// The results that the draw's folders trained themselves; those that one took from another count once.
  package private(set) var runCount = 0
  /// The hours from hand-out to outcome, summed over these runs.
  package private(set) var hours = 0.0
  /// What decides the last bits of the arithmetic, sorted.
  package private(set) var fingerprints: [String] = []

  init() {}

  /// Adds up the results of some sweeps.
  init(_ sweeps: [StartedSweep]) throws {
    var found: Set<String> = []
    for index in sweeps.map(\.results.index) {
      for trial in index.trials {
        guard let history = index[trial], history.wasTrainedHere, let record = try index.record(of: trial) else {
          continue
        }
        runCount += 1
        hours += record.timing.totalSeconds / 3600
        if let fingerprint = history.fingerprint { found.insert(fingerprint) }
      }
    }
    fingerprints = found.sorted()
  }
}
