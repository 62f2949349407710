// `status --watch`: shows a run by its folder alone until it is over. `RunStanding` reads the folder, `ProgressPrinter` decides
// what is printed when. It asks no rank and writes nothing.

import CommandLine
import Host

/// Follows a run by its folder.
package struct StatusWatch {
  /// Seconds between two looks at the folder.
  static let pollSeconds = 1.0
  /// Seconds after which a leader whose lease does not change is taken to be gone; it renews it every second.
  static let silentSeconds = 15.0

  private var standing: RunStanding
  private let clock: any HostClock
  private var printer: ProgressPrinter
  /// The lease's last change, and when it was seen.
  private var beat = (text: "", seconds: -Double.infinity)

  /// A watch of a run; `terminal` is nil for a file or a pipe, to which `print` prints a line at most every minute.
  package init(
    _ standing: RunStanding, terminal: ProgressTerminal?, clock: any HostClock = SystemClock(),
    print: @escaping (String) -> Void = { say($0) }
  ) {
    self.standing = standing
    self.clock = clock
    printer = ProgressPrinter(terminal: terminal, now: clock.seconds, isPrompt: true, print: print)
  }

  /// Shows the run until it is over, and returns how it stands then.
  ///
  /// - Throws: a `Refusal` for a folder that is one of results no longer.
  package mutating func perform() throws -> RunStanding {
    defer { printer.clear() }
    while isUnderWay() {
      let (now, wallNow) = (standing, clock.wallSeconds)
      printer.show(
        now: clock.seconds, line: { now.progressLine(width: $0) }, view: { now.view(now: wallNow).lines($0) })
      clock.sleep(Self.pollSeconds)
      try standing.refresh()
    }
    return standing
  }

  /// Whether the run goes on, or one that has ended has a leader, which begins another one or is about to leave.
  private mutating func isUnderWay() -> Bool {
    guard standing.isOver else { return true }
    guard let text = standing.leaderBeat else { return false }
    if text != beat.text { beat = (text, clock.seconds) }
    return clock.seconds - beat.seconds < Self.silentSeconds
  }
}
