// The farm's time, passed in: the same leader and workers run in real time under MPI and in virtual time in tests.

import Host

/// A monotonic clock with the waits that leader and workers make on it.
///
/// Virtual time must know which threads are busy, since it may advance only while all of them wait; the system's clock
/// ignores that.
package protocol FarmClock: HostClock {
  /// Waits at most `seconds` for something that `wait` waits for, given the number of seconds.
  func wait(atMost seconds: Double, _ wait: (Double) -> Void)
  /// A thread has something to do from now on.
  func beginWork()
  /// A thread waits for others from now on, without a limit in time.
  func endWork()
}

/// The monotonic clock of the system.
package struct SystemFarmClock: FarmClock {
  package init() {}
  package var seconds: Double { SystemClock().seconds }
  package var wallSeconds: Double { SystemClock().wallSeconds }
  package func sleep(_ seconds: Double) { SystemClock().sleep(seconds) }
  package func wait(atMost seconds: Double, _ wait: (Double) -> Void) { wait(seconds) }
  package func beginWork() {}
  package func endWork() {}
}
