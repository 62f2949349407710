// A run that is asked to end before it has handed out a trial. Nothing is under way, so it ends where it is. `RunWatch` ends one
// later on.

import MPITransport

/// Looks for signals between the stages of a run, and while it waits for others or copies results.
struct SignalCheck {
  let signals: StopSignals
  let parent: ParentProcess
  let console: RunConsole

  /// Ends the run if a signal asked for that.
  ///
  /// - Throws: `StopRequested`.
  func perform() throws {
    guard let signal = signals.urgent else { return }
    Departure.expectKill()
    _ = parent.reported(.resumable)
    try end(StopSignals.words(for: parent.signal ?? signal))
  }

  /// Ends a run that has not started its ranks, also after SIGUSR1 or SIGUSR2, which its ranks would not be sent.
  ///
  /// - Throws: `StopRequested`.
  func performBeforeRanks() throws {
    try perform()
    if signals.drain.isRaised { try end("Stopped by SIGUSR1 or SIGUSR2") }
  }

  private func end(_ words: String) throws {
    console.say(
      "\(words) before a trial was handed out: everything finished is kept, and the same command resumes.")
    throw StopRequested()
  }
}
