// How many cores a process should keep busy, from the files and variables of other machines.

import Foundation
import TestSupport
import XCTest

@testable import Host

final class UsableCoresTests: XCTestCase {
  func testTheLeastCounts() {
    XCTAssertEqual(UsableCores.count(cores: 8, quota: nil, [:]), 8)
    XCTAssertEqual(UsableCores.count(cores: 8, quota: 2.5, [:]), 2)
    XCTAssertEqual(UsableCores.count(cores: 8, quota: 0.5, [:]), 1)
    XCTAssertEqual(UsableCores.count(cores: 2, quota: 16, [:]), 2)
    XCTAssertEqual(UsableCores.count(cores: 8, quota: nil, ["SLURM_JOB_ID": "1", "SLURM_CPUS_ON_NODE": "4"]), 4)
    XCTAssertEqual(UsableCores.count(cores: 8, quota: 3, ["PBS_JOBID": "1", "NCPUS": "4"]), 3)
    XCTAssertEqual(UsableCores.count(cores: 8, quota: nil, ["NCPUS": "4", "SLURM_CPUS_ON_NODE": "2"]), 8, "no job")
    XCTAssertEqual(UsableCores.count(cores: 8, quota: nil, ["SLURM_JOB_ID": "1", "SLURM_CPUS_ON_NODE": "0"]), 1)
  }

  /// Files as Linux has them in /sys/fs/cgroup.
  func testQuotas() throws {
    let folder = try TemporaryFolder()
    func quota(_ membership: String) -> Double? { UsableCores.quota(membership: membership, root: folder.path) }
    XCTAssertNil(quota("0::/\n"))
    for (path, text) in [
      "user.slice/cpu.max": "max 100000\n", "user.slice/job/cpu.max": "250000 100000\n",
      "user.slice/job/step/cpu.max": "400000 100000\n", "cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
      "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n", "cpu,cpuacct/b/cpu.cfs_quota_us": "150000\n",
      "cpu,cpuacct/b/cpu.cfs_period_us": "100000\n", "damaged/cpu.max": "0 0\n",
    ] {
      let parent = URL(fileURLWithPath: folder.path + "/" + path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      try folder.write(text, to: path)
    }
    XCTAssertNil(quota("0::/user.slice\n"))
    XCTAssertEqual(quota("0::/user.slice/job\n"), 2.5)
    XCTAssertEqual(quota("0::/user.slice/job/step\n"), 2.5, "the group around it is stricter")
    XCTAssertNil(quota("5:cpu,cpuacct:/a\n4:memory:/b\n"))
    XCTAssertEqual(quota("5:cpu,cpuacct:/b\n0::/\n"), 1.5)
    XCTAssertNil(quota("0::/damaged\nnonsense\n"))
    // In a container the group that /proc names may not be there, and its own files lie in the root.
    try folder.write("300000 100000", to: "cpu.max")
    XCTAssertEqual(quota("0::/docker/0123\n"), 3)
  }
}
