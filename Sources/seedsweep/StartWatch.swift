// Ranks that wait for each other while MPI starts: one that dies then would leave the others waiting for ever where mpirun lets
// them live (--enable-recovery). This ends a process whose siblings on its host are no longer all there, or that waits too long.

import CommandLines
import Foundation
import Reports
import Synchronization

/// Watches the start of a rank.
final class StartWatch: Sendable {
  private static let interval = 0.1
  private let isOver = Atomic<Bool>(false)

  /// Begins to watch, for so many seconds at most.
  init(_ environment: [String: String], patience: Double) {
    let siblingCount = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? 0
    let thread = Thread { [self] in
      let start = monotonicSeconds()
      var wereAllThere = false
      while !isOver.load(ordering: .relaxed) {
        let count = Self.siblingCount()
        if wereAllThere, count < siblingCount { Self.end("a rank of this host died while MPI started") }
        wereAllThere = wereAllThere || count == siblingCount && siblingCount > 0
        if monotonicSeconds() - start > patience { Self.end("MPI did not start within \(Int(patience)) s") }
        Thread.sleep(forTimeInterval: Self.interval)
      }
    }
    thread.start()
  }

  /// The start is over.
  func end() { isOver.store(true, ordering: .relaxed) }

  private static func end(_ reason: String) -> Never {
    complain("seedsweep run: \(reason); the same command starts again")
    let launcher = getppid()
    if Departure.endLauncher() {
      // mpirun ends its ranks within two seconds, this one among them, unless it waits for the dead itself.
      Thread.sleep(forTimeInterval: 4)
      if getppid() == launcher { kill(launcher, SIGKILL) }
    }
    _exit(ExitCode.resumable.rawValue)
  }

  /// The living children of this process's parent that run this program, itself among them.
  private static func siblingCount() -> Int {
    let parent = "/proc/\(getppid())/task"
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    let children = threads.flatMap { thread in
      ((try? String(contentsOfFile: "\(parent)/\(thread)/children", encoding: .utf8)) ?? "")
        .split(separator: " ").compactMap { Int32($0) }
    }
    return children.count {
      ProcessIdentity(running: $0) != nil
        && (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/exe")) == program
    }
  }
}
