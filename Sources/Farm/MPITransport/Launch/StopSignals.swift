// Signals that ask a run to stop. After each of them the run hands out no more trials, keeps checkpoints of those under way
// and ends with exit code 75. After SIGUSR1 and SIGUSR2 it may take its time. After SIGINT, SIGTERM and the SIGHUP of a lost
// terminal it must end within the launcher's grace time, because mpirun kills its ranks a second later. A SIGHUP that nohup ignores stays ignored.

import Farm
import Foundation
import Host
import Synchronization

/// What signals asked of this process.
package struct StopSignals {
  /// Raised when no more trials should be handed out and those under way should stop.
  package let drain: DrainFlag

  /// The signal that asked the run to end at once; nil if none did.
  package var urgent: Int32? { asked() }

  private let asked: @Sendable () -> Int32?

  /// The signals of a process that raises a flag of its own.
  package init(drain: DrainFlag) {
    self.init(drain: drain) {
      let signal = urgentSignal.load(ordering: .relaxed)
      return signal == 0 ? nil : signal
    }
  }

  /// Signals of which `asked` returns the one that asked the run to end at once.
  package init(drain: DrainFlag, asked: @escaping @Sendable () -> Int32?) {
    self.drain = drain
    self.asked = asked
  }

  /// What users read of a run that a signal ended.
  package static func words(for signal: Int32) -> String {
    signal == SIGINT ? "Interrupted" : "Stopped by \(signalName(signal))"
  }

  /// The seconds that a launcher leaves between SIGTERM and the kill, less a margin: mpirun kills its ranks after
  /// `odls_base_sigkill_timeout`, which is 1 s by default; batch systems kill after tens of seconds.
  package static func graceSeconds(_ environment: [String: String], launched: Bool) -> Double {
    guard launched, environment["OMPI_COMM_WORLD_SIZE"] != nil else { return 5 }
    let timeout = environment["OMPI_MCA_odls_base_sigkill_timeout"].flatMap { Double($0) } ?? 1
    return max(0.6, timeout - 0.5)
  }

  /// Remembers SIGUSR1 and SIGUSR2 from a process's first moment on: unhandled they would end it, and mpirun passes them on to
  /// ranks that have just been started.
  package static func rememberEarly() { _ = DrainFlag.raised(by: [SIGUSR1, SIGUSR2]) }

  /// The signals that ask for an end at once.
  private static let urgentSignals = [SIGINT, SIGTERM, SIGHUP]

  /// Returns a function that gives the signals of `forLeader` back what they do now, for a process that starts ranks and does not
  /// lead them.
  package static func restoringActions() -> () -> Void {
    let before = (urgentSignals + [SIGPIPE]).map { (signal: $0, action: SignalHandling.action(of: $0)) }
    return {
      for (signal, action) in before {
        var action = action
        sigaction(signal, &action, nil)
      }
    }
  }

  /// Handles the signals of a process that leads.
  package static func forLeader() -> StopSignals {
    ignoreBrokenPipes()
    for signal in urgentSignals {
      var action = SignalHandling.action(of: signal)
      if signal == SIGHUP, SignalHandling.isIgnored(action) { continue }
      action.__sigaction_handler.sa_handler = { urgentSignal.store($0, ordering: .relaxed) }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    return StopSignals(drain: DrainFlag.raised(by: [SIGUSR1, SIGUSR2]))
  }

  /// Makes a process that does not lead ignore signals: its leader decides what they mean. mpirun kills all ranks as soon as one
  /// has died of SIGTERM, so workers ignore that as well; they end when the leader says so or is gone.
  package static func ignoreForWorker() {
    ignoreBrokenPipes()
    for number in [SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
  }

  private static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

/// The signal that arrived; 0 for none. It is atomic because a signal handler writes it.
private let urgentSignal = Atomic<Int32>(0)
