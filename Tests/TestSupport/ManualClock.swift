// A clock that stands still until a test moves it.

import Host
import Synchronization

/// Virtual time: `sleep` returns at once and moves the time by as much as it was asked to wait.
package final class ManualClock: HostClock {
  private let elapsed = Mutex(0.0)
  private let wallStart: Double

  /// A clock at 0 seconds, whose wall time begins at `wallStart` seconds after 1970.
  package init(wallStart: Double = 1_000_000_000) { self.wallStart = wallStart }

  package var seconds: Double { elapsed.withLock { $0 } }

  package var wallSeconds: Double { wallStart + seconds }

  package func sleep(_ seconds: Double) { advance(seconds) }

  /// Moves the time on by `seconds`.
  package func advance(_ seconds: Double) { elapsed.withLock { $0 += max(0, seconds) } }
}
