// How a process leaves a run of several ranks without waiting for dead ones. MPI_Finalize waits for every living rank, even for
// a stopped one that never continues, so it gets only a few seconds. What is left then is mpirun's to end, and mpirun is watched.

import CommandLine
import Foundation

/// The end of a process that ran under mpirun or srun.
package struct Departure: Sendable {
  /// How long others may take, in seconds.
  package struct Patience: Sendable {
    /// MPI_Finalize.
    package var finalize = 5.0
    /// mpirun, from the end of the leader that has told it to end.
    package var told = 10.0
    /// mpirun, from the end of the leader on where all ranks end by themselves, or where a signal ended it.
    package var finalized = 30.0
    /// mpirun, from the end of a rank on that has noticed that the leader is gone: other ranks first keep what they have, for
    /// `LeaderWatch.graceSeconds` at most.
    package var leaderless = 60.0

    /// The usual limits.
    package init() {}
  }

  private let world: MPIWorld
  private let code: ExitCode
  /// Whether there are living ranks that only the launcher can reach.
  private let endsLauncher: Bool
  private let patience: Patience

  package init(_ world: MPIWorld, code: ExitCode, endsLauncher: Bool = false, patience: Patience = Patience()) {
    self.world = world
    self.code = code
    self.endsLauncher = endsLauncher
    self.patience = patience
  }

  /// Ends MPI. If that takes too long, or cannot end, it asks the launcher to end the remaining ranks.
  package func leave() {
    if endsLauncher { abandon() }
    let departure = self
    let watchdog = Thread {
      Thread.sleep(forTimeInterval: departure.patience.finalize)
      departure.abandon()
    }
    watchdog.start()
    try? world.finish()
    if world.rank == 0 { LaunchGuard.start(seconds: patience.finalized) }
  }

  /// Leaves without MPI, which cannot be ended without the leader. Every rank of the host sees to it that mpirun ends, because
  /// the leader does not.
  package static func leaveWithoutLeader() { LaunchGuard.start(seconds: Patience().leaderless) }

  /// Prepares for the end of the leader by a signal: mpirun, which was sent it too, may kill this rank at any time.
  package static func expectKill() { LaunchGuard.start(seconds: Patience().finalized) }

  /// Leaves at once; mpirun then ends the ranks that are left.
  private func abandon() -> Never {
    if world.rank == 0 {
      LaunchGuard.start(seconds: patience.told)
      if Self.endLauncher() {
        // mpirun waits without end for a host that does not answer, unless it gets a second signal within five seconds.
        // This process sends it half a second later.
        Thread.sleep(forTimeInterval: 0.5)
        _ = Self.endLauncher()
      }
    }
    _exit(code.rawValue)
  }

  /// Asks mpirun to end all ranks, stopped ones included, if it is this process's parent. Returns whether it is.
  static func endLauncher() -> Bool {
    guard let launcher = LaunchGuard.launcher else { return false }
    kill(launcher.process, SIGTERM)
    return true
  }
}
