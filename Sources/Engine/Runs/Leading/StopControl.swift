// Every reason to stop a run before its trials are done, in one place: signals, the end of its time, full disks, too many
// failures. It alone raises the leader's two flags. It does not end the run or print how it ended; `RunWatch` and `Run` do.

import Console
import Farm
import Host
import MPITransport
import Trials

/// Decides when a run stops.
final class StopControl {
  /// Raised when no more trials should be handed out and those under way should stop.
  let drain: DrainFlag
  /// Raised when no more trials should be handed out and those under way may finish.
  let hold = DrainFlag()
  /// Why the run stops without a signal; nil if it does not.
  private(set) var reason: String?
  /// That a trial came to nothing because a disk takes no more; nil where none did.
  private(set) var fullDisk: FullDisk.Crashes?
  private let signals: StopSignals
  private let wallTime: WallTime?
  private let failureLimit: FailureLimit?
  /// Whether trials under way can be stopped and resumed later.
  private let keepsCheckpoints: Bool
  /// Seconds from a signal that ends the run to its end.
  private let graceSeconds: Double
  /// When a signal that ends the run was seen first.
  private var urgentSince: Double?

  /// - Parameters:
  ///   - wallTime: How long the run may last; nil without a limit.
  ///   - graceSeconds: Seconds that the launcher leaves after a signal that ends the run.
  init(_ options: RunOptions, _ signals: StopSignals, wallTime: WallTime?, graceSeconds: Double) {
    self.signals = signals
    self.wallTime = wallTime
    drain = signals.drain
    failureLimit = options.failureLimit
    keepsCheckpoints = options.checkpointSeconds > 0
    self.graceSeconds = keepsCheckpoints ? graceSeconds : 0
  }

  /// The signal that asked for an end at once, nil if none did.
  var urgentSignal: Int32? { signals.urgent }

  /// The signal that ends the run now: trials under way keep what they have first, as far as there is time for it.
  func signalToObey(_ state: FarmState, now: Double) -> Int32? {
    guard let signal = signals.urgent else { return nil }
    if keepsCheckpoints { drain.raise() }
    let since = urgentSince ?? now
    urgentSince = since
    return state.running.isEmpty || now - since >= graceSeconds ? signal : nil
  }

  /// Stops handing out trials once the remaining time is too short for one, and stops those under way before the time is over.
  /// Returns a sentence for the user when either begins.
  ///
  /// - Parameter trialSeconds: The seconds that the next trial is expected to take.
  func watchWallTime(_ state: FarmState, now: Double, trialSeconds: Double) -> String? {
    guard let wallTime else { return nil }
    let need = keepsCheckpoints ? wallTime.startSeconds : trialSeconds
    let left = wallTime.secondsLeft(now: now, longestPause: state.longestPause)
    if left <= 0 { drain.raise() }
    guard left < need, !hold.isRaised else { return nil }
    hold.raise()
    return "The time is nearly over: no trial starts any more."
  }

  /// Stops the run because a disk takes no more, as `sentence` says of the first trial that needed it.
  func note(fullDisk sentence: String) {
    fullDisk = fullDisk ?? FullDisk.Crashes(description: sentence)
    drain.raise()
  }

  /// Stops the run if more trials have no result than are allowed.
  func noteFailures(_ count: Int, of plannedCount: Int) {
    guard let failureLimit, reason == nil, failureLimit.isExceeded(by: count, of: plannedCount) else { return }
    reason = "\(counted(count, "trial")) without a result, and --max-failures is \(failureLimit)"
    drain.raise()
  }
}
