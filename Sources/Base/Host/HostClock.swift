// The one clock: time is an argument, so that tests run in virtual time. Named so because Swift's own protocol `Clock` is
// generic over instants, which no code here needs.

import Glibc

/// What time it is, and how to wait.
package protocol HostClock: Sendable {
  /// Seconds that only run forward, whatever is done to the wall clock; only differences mean anything.
  var seconds: Double { get }
  /// Seconds since 1970 in UTC, as people and other hosts count them; may jump.
  var wallSeconds: Double { get }
  /// Waits for `seconds`, or less if a signal arrives.
  func sleep(_ seconds: Double)
}

/// The clocks of the system.
package struct SystemClock: HostClock {
  /// The system's clocks need nothing.
  package init() {}

  package var seconds: Double { Self.read(CLOCK_MONOTONIC) }

  package var wallSeconds: Double { Self.read(CLOCK_REALTIME) }

  package func sleep(_ seconds: Double) {
    guard seconds > 0 else { return }
    var duration = timespec(tv_sec: Int(seconds), tv_nsec: Int(seconds.truncatingRemainder(dividingBy: 1) * 1e9))
    nanosleep(&duration, nil)
  }

  private static func read(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}

/// Seconds on the system's monotonic clock, for code that only measures how long something took.
package func monotonicSeconds() -> Double { SystemClock().seconds }
