// How a process leaves a run of several ranks without waiting for dead ones. MPI_Finalize waits for every living rank, even for
// a stopped one that never continues, so it gets only a few seconds.

import CommandLine
import Foundation

/// The end of a process that ran under mpirun or srun.
package struct Departure: Sendable {
  private static let patience = 5.0
  private let world: MPIWorld
  private let code: ExitCode
  /// Whether there are living ranks that only the launcher can reach.
  private let endsLauncher: Bool

  package init(_ world: MPIWorld, code: ExitCode, endsLauncher: Bool = false) {
    self.world = world
    self.code = code
    self.endsLauncher = endsLauncher
  }

  /// Ends MPI. If that takes too long, or cannot end, it asks the launcher to end the remaining ranks.
  package func leave() {
    if endsLauncher { abandon() }
    let departure = self
    let watchdog = Thread {
      Thread.sleep(forTimeInterval: Self.patience)
      departure.abandon()
    }
    watchdog.start()
    try? world.finish()
  }

  /// Leaves at once; mpirun then ends the ranks that are left.
  private func abandon() -> Never {
    if world.rank == 0, Self.endLauncher() {
      // mpirun waits without end for a host that does not answer, unless it gets a second signal within five seconds.
      // This process sends it half a second later.
      Thread.sleep(forTimeInterval: 0.5)
      _ = Self.endLauncher()
    }
    _exit(code.rawValue)
  }

  /// Asks mpirun to end all ranks, stopped ones included, if it is this process's parent. Returns whether it is; the parent
  /// may also be one of mpirun's daemons or belong to a batch system.
  static func endLauncher() -> Bool {
    let isMPIRun = ["mpirun", "mpiexec", "orterun", "prterun"].contains(parentName)
    if isMPIRun { kill(getppid(), SIGTERM) }
    return isMPIRun
  }

  /// The name of this process's parent; empty if it cannot be read.
  static var parentName: String {
    let name = try? String(contentsOfFile: "/proc/\(getppid())/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? ""
  }
}
