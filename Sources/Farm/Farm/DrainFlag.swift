// The wish to stop early: hand out nothing new, let running jobs finish. Raised from code or by signals.

import Glibc
import Synchronization

/// A flag that once raised stays raised.
package final class DrainFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// A flag that is not raised.
  package init() {}

  /// Whether the run should come to its end.
  package var isRaised: Bool { raised.load(ordering: .relaxed) }

  /// Raises the flag; doing so twice is harmless, and so is doing it in a signal handler.
  package func raise() { raised.store(true, ordering: .relaxed) }

  /// Makes these signals raise a flag instead of ending the process, and returns it; the same flag for every call,
  /// because a signal handler receives nothing but the signal's number.
  package static func raised(by signals: [Int32]) -> DrainFlag {
    let flag = signalledFlag
    for signal in signals {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in signalledFlag.raise() }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    return flag
  }
}

/// The one flag that signals of this process raise.
private let signalledFlag = DrainFlag()
