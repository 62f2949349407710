// The opening lines of a run: its hosts, ranks, cores and numerics.

import Host
import MPITransport

/// The opening lines of a run.
enum Banner {
  /// One line for each host, then the numerics unless a program trains, then a warning for each host whose ranks must share cores.
  /// With `portable`, the fingerprint of a run that no rank's own matters to, that one is named.
  static func lines(
    ranks: [Int: RankIdentity], leader: RankIdentity, limits: ProcessLimits = ProcessLimits(),
    hasNumerics: Bool = true, portable: String? = nil
  ) -> [String] {
    let hosts = Dictionary(grouping: ranks.keys.sorted(), by: { ranks[$0]?.host ?? "" })
    var lines: [String] = []
    for host in hosts.keys.sorted(by: { (hosts[$0]?.first ?? 0) < (hosts[$1]?.first ?? 0) }) {
      let local = hosts[host] ?? []
      let cores = local.compactMap { ranks[$0]?.coreCount }
      let each = cores.min() == cores.max() ? "\(cores.min() ?? 0)" : "\(cores.min() ?? 0)-\(cores.max() ?? 0)"
      let threads = local.first.flatMap { ranks[$0]?.threadCount } ?? 1
      lines.append(
        "\(counted(local.count, "rank")) on \(host), \(each) core\(each == "1" ? "" : "s") each to run "
          + "on, \(threads == 1 ? "one thread" : "\(threads) threads") a rank")
      if let warning = sharing(ranks: local.count, threads: threads, leastCores: cores.min() ?? 0) {
        lines.append("warning: \(host): \(warning)")
      }
    }
    if let warning = limits.warning(remoteRanks: ranks.values.count { $0.host != leader.host }) {
      lines.append("warning: \(warning)")
    }
    if !hasNumerics { return lines }
    if let portable { return lines + ["numerics: \(portable), the same bits on every processor"] }
    let fingerprints = Set(ranks.values.map(\.fingerprint)).sorted()
    lines.append("numerics: \(leader.fingerprint)")
    for other in fingerprints where other != leader.fingerprint { lines.append("warning: mixed numerics: \(other)") }
    return lines
  }

  /// A warning where a host's ranks have too few cores for their threads. Bound ranks have cores of their own, one for each
  /// thread; unbound ranks all have the same cores, usually more.
  private static func sharing(ranks: Int, threads: Int, leastCores: Int) -> String? {
    if let warning = ProcessorAffinity(processors: [], coreCount: leastCores).warning(threadCount: threads) {
      return warning
    }
    guard leastCores > threads, ranks * threads > leastCores else { return nil }
    return "\(ranks) ranks\(threads == 1 ? "" : " of \(threads) threads") share \(leastCores) cores"
  }
}
