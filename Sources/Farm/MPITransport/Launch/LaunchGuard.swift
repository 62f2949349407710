// A process of its own that outlives this rank and ends an mpirun that does not end by itself: Open MPI 4.1 may wait without end
// for a dead or stopped rank, and also, once all ranks have ended, for a lock of its PMIx library.

import CProcesses
import Foundation
import Host

/// Watches an mpirun whose ranks have done their work.
enum LaunchGuard {
  /// The parent of this process if it is mpirun. It may also be one of mpirun's daemons or belong to a batch system.
  static var launcher: ProcessIdentity? {
    guard ["mpirun", "mpiexec", "orterun", "prterun"].contains(parentName) else { return nil }
    return ProcessIdentity(running: getppid())
  }

  /// The name of this process's parent; empty if it cannot be read.
  static var parentName: String {
    let name = try? String(contentsOfFile: "/proc/\(getppid())/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? ""
  }

  /// Begins to watch the mpirun that started this rank, if one did.
  ///
  /// - Parameter seconds: How long mpirun may take to end once this process has; then it is killed.
  static func start(seconds: Double) {
    guard let launcher, let rank = ProcessIdentity(running: getpid()) else { return }
    start(launcher, after: rank, seconds: seconds, job: RankSiblings.jobEntries(ProcessInfo.processInfo.environment))
  }

  /// Begins to watch `launcher`, which may take `seconds` from the end of `rank` on. Once it is gone, stopped processes are killed
  /// whose environments have all entries of `job`.
  static func start(_ launcher: ProcessIdentity, after rank: ProcessIdentity, seconds: Double, job: [String]) {
    let entries = job.map { UnsafePointer(strdup($0)) }
    defer { for entry in entries { free(UnsafeMutablePointer(mutating: entry)) } }
    (entries + [nil]).withUnsafeBufferPointer { entries in
      var watched = launch_guard(
        launcher: guarded_process(launcher), rank: guarded_process(rank), limit: Int64(seconds * 1000),
        job: entries.baseAddress)
      // Without a process for it, mpirun is left to itself.
      _ = launch_guard_start(&watched)
    }
  }
}

extension guarded_process {
  fileprivate init(_ process: ProcessIdentity) { self.init(number: process.process, start: process.startTime) }
}
