// How many cores this process should keep busy: those that its affinity allows, but no more than its control group's quota and
// than a batch system gave it on this machine.

import Foundation

/// The cores for this process and those that it starts.
package enum UsableCores {
  /// Variables that say how many processors a batch system gave a job on this machine, each with the variable of such a job.
  private static let grants = [
    (job: "SLURM_JOB_ID", processors: "SLURM_CPUS_ON_NODE"), (job: "PBS_JOBID", processors: "NCPUS"),
    (job: "LSB_JOBID", processors: "LSB_DJOB_NUMPROC"), (job: "SGE_CELL", processors: "NSLOTS"),
  ]

  /// The number of cores, at least 1.
  package static func count(_ environment: [String: String]) -> Int {
    count(cores: ProcessorAffinity.current().coreCount, quota: quota(), environment)
  }

  /// The least of what an affinity, a quota and a batch system allow, at least 1.
  static func count(cores: Int, quota: Double?, _ environment: [String: String]) -> Int {
    var allowed = [cores]
    // A core more than the quota would only make all of them wait.
    if let quota { allowed.append(Int(min(quota, 1e6))) }
    for grant in grants where environment[grant.job] != nil {
      if let count = environment[grant.processors].flatMap({ Int($0) }) { allowed.append(count) }
    }
    return max(1, allowed.min() ?? 1)
  }

  /// The processors that the control groups of this process may use at a time, such as 1.5; nil where they set no limit.
  ///
  /// - Parameters:
  ///   - membership: The text of /proc/self/cgroup.
  ///   - root: Where the control groups are mounted.
  static func quota(
    membership: String = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "",
    root: String = "/sys/fs/cgroup"
  ) -> Double? {
    var quotas: [Double] = []
    for line in membership.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        quotas += folders(root, parts[2]).compactMap { unifiedQuota($0) }
      } else if parts[1].split(separator: ",").contains("cpu") {
        quotas += folders("\(root)/\(parts[1])", parts[2]).compactMap { olderQuota($0) }
        if parts[1] != "cpu" { quotas += folders("\(root)/cpu", parts[2]).compactMap { olderQuota($0) } }
      }
    }
    return quotas.min()
  }

  /// The folders of a group and of those around it. Inside a container a group's own folder may be the root.
  private static func folders(_ root: String, _ group: String) -> [String] {
    var path = root
    return [root]
      + group.split(separator: "/").map {
        path += "/" + $0
        return path
      }
  }

  /// cpu.max holds "200000 100000", or "max 100000" for no limit.
  private static func unifiedQuota(_ folder: String) -> Double? {
    let words = text("\(folder)/cpu.max").split(separator: " ")
    return words.count == 2 ? ratio(String(words[0]), String(words[1])) : nil
  }

  /// Version 1 has two files; the quota is -1 for no limit.
  private static func olderQuota(_ folder: String) -> Double? {
    ratio(text("\(folder)/cpu.cfs_quota_us"), text("\(folder)/cpu.cfs_period_us"))
  }

  private static func ratio(_ quota: String, _ period: String) -> Double? {
    guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private static func text(_ path: String) -> String {
    ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
