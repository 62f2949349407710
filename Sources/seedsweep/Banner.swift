// The lines a run opens with: who computes, and how.

/// The opening lines of a run.
enum Banner {
  /// One line a host, then the numerics; a warning where ranks must share cores.
  static func lines(ranks: [Int: RankIdentity], leader: RankIdentity) -> [String] {
    let hosts = Dictionary(grouping: ranks.keys.sorted(), by: { ranks[$0]?.host ?? "" })
    var lines: [String] = []
    for host in hosts.keys.sorted(by: { (hosts[$0]?.first ?? 0) < (hosts[$1]?.first ?? 0) }) {
      let local = hosts[host] ?? []
      let cores = local.compactMap { ranks[$0]?.coreCount }
      let each = cores.min() == cores.max() ? "\(cores.min() ?? 0)" : "\(cores.min() ?? 0)-\(cores.max() ?? 0)"
      lines.append(
        "\(local.count) rank\(local.count == 1 ? "" : "s") on \(host), \(each) core\(each == "1" ? "" : "s") each to run "
          + "on, one BLAS thread a rank")
      // Bound ranks have cores of their own; unbound ones all have the same.
      if let shared = cores.min(), shared > 1, local.count > shared {
        lines.append("warning: \(local.count) ranks share \(shared) cores of \(host)")
      }
    }
    let fingerprints = Set(ranks.values.map(\.fingerprint)).sorted()
    lines.append("numerics: \(leader.fingerprint)")
    for other in fingerprints where other != leader.fingerprint { lines.append("warning: mixed numerics: \(other)") }
    return lines
  }
}
