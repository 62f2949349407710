// Whether ranks that compute with different bits may work on one folder. They may not, unless the user says so: the same
// trial would get another result on another rank.

import CommandLine
import Trials

/// Compares numerics fingerprints.
package struct NumericsPolicy {
  /// The leader's fingerprint.
  let fingerprint: String
  /// Whether differences are accepted.
  let allowsMixture: Bool

  /// How ranks are made to compute with the same bits.
  package static let alike = "Add --blas-core Haswell so that all processors compute alike"

  private static let cure =
    "\(alike), or accept the difference with --allow-mixed-numerics. Where `trainer` differs, the versions of seedsweep differ."

  /// Refuses a rank that computes with other bits than the leader.
  func check(_ identity: RankIdentity, rank: Int, leader: RankIdentity) throws {
    guard identity.fingerprint != fingerprint, !allowsMixture else { return }
    throw Refusal(
      """
      the ranks compute with different bits, so the same trial would give different results on them:
        rank 0 on \(leader.host): \(fingerprint)
        rank \(rank) on \(identity.host): \(identity.fingerprint)
      \(Self.cure)
      """)
  }

  /// Refuses to add to results that were computed with other bits.
  func check(results: some Sequence<String>, folder: String) throws {
    guard !allowsMixture, let earlier = results.first(where: { $0 != fingerprint }) else { return }
    throw Refusal(
      """
      the results in \(folder) were computed with other bits than this machine computes with:
        results: \(earlier)
        now:     \(fingerprint)
      \(Self.cure)
      """)
  }
}
