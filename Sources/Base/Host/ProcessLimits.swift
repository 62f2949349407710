// The limits of a process (ulimit) that would end this program or mpirun without a word: open files and the stack.

import Foundation

/// What the system lets this process have.
package struct ProcessLimits: Equatable, Sendable {
  /// The most files that it may have open at a time; nil for no limit.
  package var openFiles: Int?
  /// The most bytes of the stack; nil for no limit.
  package var stackByteCount: Int?

  package init(openFiles: Int? = nil, stackByteCount: Int? = nil) {
    self.openFiles = openFiles
    self.stackByteCount = stackByteCount
  }

  /// The limits of this process.
  package static func current() -> ProcessLimits {
    ProcessLimits(openFiles: limit(RLIMIT_NOFILE), stackByteCount: limit(RLIMIT_STACK))
  }

  private static func limit(_ kind: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(kind.rawValue), &found) == 0 else { return nil }
    return Int(exactly: found.rlim_cur)
  }

  /// Files that one process of this program has open at a time, its journal and tables among them.
  private static let neededFiles = 16
  /// Threads whose size is not given get as much as the main thread.
  private static let neededStack = 64 << 10

  /// Why this program cannot run at all; nil where it can.
  package var refusal: String? {
    if let openFiles, openFiles < Self.neededFiles {
      return "only \(openFiles) files may be open at a time (ulimit -n), and \(Self.neededFiles) are needed; type "
        + "`ulimit -n 1024`"
    }
    if let stackByteCount, stackByteCount < Self.neededStack {
      return "the stack may hold only \(stackByteCount / 1024) KiB (ulimit -s), and \(Self.neededStack / 1024) KiB are "
        + "needed; type `ulimit -s 8192`"
    }
    return nil
  }

  /// Why mpirun cannot start `count` ranks on this machine; nil where it can. With fewer files than that it waits without end,
  /// and with a smaller stack it ends in a segmentation fault.
  package func refusal(ranks count: Int) -> String? {
    let files = Self.filesOfLauncher(ranks: count)
    if let openFiles, openFiles < files {
      return
        "mpirun needs \(files) open files to start \(counted(count, "rank")), and only \(openFiles) may be open at a time "
        + "(ulimit -n); type `ulimit -n \(max(1024, files))`, or start fewer ranks"
    }
    if let stackByteCount, stackByteCount < 1 << 20 {
      return "mpirun needs a stack of 1 MiB, and it may hold only \(stackByteCount / 1024) KiB (ulimit -s); type "
        + "`ulimit -s 8192`, or add --processes 1"
    }
    return nil
  }

  /// The most ranks that mpirun can start on this machine with this number of open files.
  package var mostRanks: Int {
    guard let openFiles else { return .max }
    return max(
      1,
      (openFiles - Self.filesOfLauncher(ranks: 0)) / (Self.filesOfLauncher(ranks: 1) - Self.filesOfLauncher(ranks: 0)))
  }

  /// Measured with Open MPI 4.1: 2 ranks start with 36 open files and not with 32, 8 ranks with 64 and not with 48.
  private static func filesOfLauncher(ranks count: Int) -> Int { 32 + 4 * count }

  /// The open files that a leader needs which reaches `count` ranks over TCP: one for each of them, and its own: some 30 of MPI, the
  /// journal and the tables, and at most 16 that ranks send (`FileDesk.mostOpenFiles`).
  package static func filesOfLeader(remoteRanks count: Int) -> Int { count + 64 }

  /// What is wrong with the open files of a leader with `count` ranks on other machines; nil for nothing.
  package func warning(remoteRanks count: Int) -> String? {
    let files = Self.filesOfLeader(remoteRanks: count)
    guard let openFiles, openFiles < files else { return nil }
    return
      "the leader needs about \(files) open files, \(count) of them for ranks on other machines, but only \(openFiles) may "
      + "be open at a time (ulimit -n); type `ulimit -n \(max(4096, 2 * files))` before mpirun"
  }
}
