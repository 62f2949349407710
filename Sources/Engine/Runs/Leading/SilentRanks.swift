// Ranks that no longer answer when their run is over; ranks that are given up during it are in `Leader+Losses`. MPI_Finalize would wait for them, so those of this host are killed first.

import Foundation
import Host

/// Ranks that did not say that they leave.
package struct SilentRanks {
  /// The processes of those that run on this machine.
  private(set) var local: [ProcessIdentity] = []
  /// Whether there are others, which cannot be killed from here.
  package private(set) var hasUnreachable = false

  /// No rank is silent.
  init() {}

  /// The processes of `ranks`. Those that never said who they are cannot be reached.
  init(_ ranks: [Int], _ identities: [Int: RankIdentity]) {
    for rank in ranks {
      if let holder = identities[rank]?.holder, holder.machine == .current {
        local.append(holder.process)
      } else {
        hasUnreachable = true
      }
    }
  }

  /// Kills the ranks on this machine. The run's results are on the disk already, so nothing is lost.
  package func killLocal() {
    for process in local where process.isAlive { kill(process.process, SIGKILL) }
  }
}
