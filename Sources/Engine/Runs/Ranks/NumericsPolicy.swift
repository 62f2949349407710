// Whether ranks whose arithmetic differs in the last bits may work on one folder. By default they may not, because a trial's
// result would depend on the rank that trains it.

import CommandLine
import Numerics
import Storage
import Trials

/// Compares numerics fingerprints.
package struct NumericsPolicy {
  /// What a result was computed with, and what the leader would compute it with.
  struct Result {
    let found: String
    let now: String
  }

  /// The leader's fingerprint.
  let fingerprint: String
  /// Whether differences are accepted.
  let allowsMixture: Bool
  /// Whether the ranks' own fingerprints decide a result's bits; not where all recipes are computed portably.
  var comparesRanks = true

  /// What to type so that all ranks compute the same bits.
  package static let alike = "Add --blas-core Haswell so that all processors compute alike"

  private static let cure =
    "\(alike), or accept the difference with --allow-mixed-numerics. Where `trainer` differs, the versions of seedsweep differ."

  /// What stands for a fingerprint where programs of the user's own train: what our arithmetic does has no part in it.
  static let ofPrograms = "none: a program trains"

  /// What this process computes the trials of a run with whose first configuration is `first`, nil where it is not known.
  static func fingerprint(for first: TrialConfiguration?) -> String {
    first?.hasProgram == true ? ofPrograms : NumericsFingerprint.current().description
  }

  /// Refuses a rank whose fingerprint differs from the leader's.
  func check(_ identity: RankIdentity, rank: Int, leader: RankIdentity) throws {
    guard comparesRanks, identity.fingerprint != fingerprint, !allowsMixture else { return }
    throw Refusal(
      """
      the ranks compute with different bits, so the same trial would give different results on them:
        rank 0 on \(leader.host): \(fingerprint)
        rank \(rank) on \(identity.host): \(identity.fingerprint)
      \(Self.cure)
      """)
  }

  /// Refuses to add to results that have another fingerprint. Results whose fingerprint is lost count as those of the folder's
  /// other runs where all of these computed as this process does.
  ///
  /// - Parameter starts: The fingerprints of the leaders of all runs whose starts are known.
  func check(results: some Sequence<Result>, starts: [String], folder: String) throws {
    guard !allowsMixture else { return }
    let areAlike = starts.allSatisfy { $0 == fingerprint || $0 == JournalIndex.unknownNumerics }
    let other = results.first { $0.found != $0.now && !(areAlike && $0.found == JournalIndex.unknownNumerics) }
    guard let other else { return }
    let earlier =
      other.found != JournalIndex.unknownNumerics
      ? other.found : "unknown, because the start of their run is lost; other runs of the folder differ from now"
    throw Refusal(
      """
      the results in \(folder) were computed with other bits than this machine computes with:
        results: \(earlier)
        now:     \(other.now)
      \(Self.cure)
      """)
  }
}
