// How a process leaves a run of several ranks without waiting for dead ones. MPI_Finalize waits for every rank that lives, and
// for ever for one that is stopped, so it gets a few seconds.

import CommandLine
import Foundation

/// The end of a process that ran under mpirun or srun.
package struct Departure: Sendable {
  private static let patience = 5.0
  private let world: MPIWorld
  private let code: ExitCode
  /// Whether ranks live on that nobody can reach but the launcher.
  private let endsLauncher: Bool

  package init(_ world: MPIWorld, code: ExitCode, endsLauncher: Bool = false) {
    self.world = world
    self.code = code
    self.endsLauncher = endsLauncher
  }

  /// Ends MPI; where that takes too long or cannot end, the launcher is asked to end what is left.
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
      // mpirun waits without end for a host that does not answer, unless it is asked once more within five seconds; half a
      // second later this process is still there to do so.
      Thread.sleep(forTimeInterval: 0.5)
      _ = Self.endLauncher()
    }
    _exit(code.rawValue)
  }

  /// Asks mpirun to end all ranks, stopped ones included, where this process's parent is mpirun itself, not one of its daemons or
  /// a batch system's. Returns whether it is.
  static func endLauncher() -> Bool {
    let isMPIRun = ["mpirun", "mpiexec", "orterun", "prterun"].contains(parentName)
    if isMPIRun { kill(getppid(), SIGTERM) }
    return isMPIRun
  }

  /// The name of this process's parent; empty where it is not to be seen.
  static var parentName: String {
    let name = try? String(contentsOfFile: "/proc/\(getppid())/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? ""
  }
}
