// When an mpirun that does not do its work is killed: it starts no rank for too long, it heeds no signal before it has started
// one, or the user asks twice. A value that is told what happens; `ProcessLauncher` acts on it.

import Foundation
import Host

/// Watches an mpirun for the command that started it.
package struct LaunchWatch {
  /// The seconds that an mpirun without a rank gets after a signal.
  static let graceSeconds = 5.0
  /// Two signals within this time are one: a shell and its terminal both send one.
  static let sameSeconds = 0.3

  private let patience: Double
  private let hasStarted: () -> Bool
  private let isReady: () -> Bool
  private let noteSignal: (Int32) -> Void
  private let start: Double
  /// The first signal that asked for the end, and when it came.
  private var asked: (signal: Int32, time: Double)?
  /// A signal that waits until every rank takes it: mpirun and ranks that are being started would die of it.
  private var held: Int32?
  private var isOver = false

  /// - Parameters:
  ///   - patience: The seconds in which a rank must have started.
  ///   - hasStarted: Whether a rank has started.
  ///   - isReady: Whether every rank takes signals; nil where that is so once a rank has started.
  ///   - noteSignal: Told of the first signal that asks for the end.
  ///   - now: The time on the monotonic clock.
  package init(
    patience: Double, hasStarted: @escaping () -> Bool, isReady: (() -> Bool)? = nil,
    noteSignal: @escaping (Int32) -> Void = { _ in }, now: Double = monotonicSeconds()
  ) {
    self.patience = patience
    self.hasStarted = hasStarted
    self.isReady = isReady ?? hasStarted
    self.noteSignal = noteSignal
    start = now
  }

  /// What is to be done with mpirun.
  enum Action: Equatable {
    case nothing
    /// To send it a signal.
    case pass(Int32)
    /// To kill it, for this reason.
    case kill(ProcessLauncher.LaunchError)
  }

  /// Notes a signal that was sent to the command.
  mutating func take(_ signal: Int32, now: Double) -> Action {
    guard [SIGINT, SIGTERM, SIGHUP].contains(signal) else {
      if isReady() { return .pass(signal) }
      held = signal
      return .nothing
    }
    guard let first = asked else {
      asked = (signal, now)
      noteSignal(signal)
      return .pass(signal)
    }
    // mpirun takes a second signal for the wish to end without its ranks' leave.
    if now - first.time <= Self.sameSeconds || signal == SIGHUP { return .nothing }
    return .kill(.killed(signal: signal, wasStarting: false))
  }

  /// Notes that time has passed.
  mutating func look(now: Double, processCount: Int) -> Action {
    if let signal = held, isReady() {
      held = nil
      return .pass(signal)
    }
    if isOver { return .nothing }
    if let asked, now - asked.time > Self.graceSeconds {
      isOver = hasStarted()
      return isOver ? .nothing : .kill(.killed(signal: asked.signal, wasStarting: true))
    }
    guard now - start > patience else { return .nothing }
    isOver = hasStarted()
    return isOver ? .nothing : .kill(.startedNothing(seconds: patience, processCount: processCount))
  }
}
