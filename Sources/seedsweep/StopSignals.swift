// Signals as wishes. SIGUSR1 and SIGUSR2 let running trials finish; SIGINT, SIGTERM and the SIGHUP of a lost terminal end
// the run at once, because mpirun kills its ranks a second later. A SIGHUP that nohup made ignored stays so. Either way everything finished is durable.

import Farm
import Foundation
import Synchronization

/// What signals asked of this process.
struct StopSignals {
  /// Raised when nothing new should be handed out.
  let drain: DrainFlag

  /// The signal that asked for an end at once, nil if none did.
  var urgent: Int32? {
    let signal = urgentSignal.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Takes the signals over for a process that leads.
  static func forLeader() -> StopSignals {
    ignoreBrokenPipes()
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(signal, nil, &action)
      // nil is SIG_DFL, 1 is SIG_IGN.
      if signal == SIGHUP, unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
      action.__sigaction_handler.sa_handler = { urgentSignal.store($0, ordering: .relaxed) }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    return StopSignals(drain: DrainFlag.raised(by: [SIGUSR1, SIGUSR2]))
  }

  /// Lets a process that does not lead live through signals: its leader decides what they mean. mpirun kills all ranks
  /// as soon as one has died of SIGTERM, so workers ignore that as well; they end when the leader says so or is gone.
  static func ignoreForWorker() {
    ignoreBrokenPipes()
    for number in [SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
  }

  private static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

/// The one thing a signal handler may touch; zero is none.
private let urgentSignal = Atomic<Int32>(0)
