// What this process does when it is sent a signal. Nothing is changed here.

import Glibc

/// What signals do to this process.
package enum SignalHandling {
  /// What a signal does now.
  package static func action(of signal: Int32) -> sigaction {
    var action = sigaction()
    sigaction(signal, nil, &action)
    return action
  }

  /// Whether the signal is ignored, as `nohup` asks for SIGHUP.
  package static func isIgnored(_ action: sigaction) -> Bool {
    // nil is SIG_DFL, 1 is SIG_IGN, which Swift cannot compare.
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
