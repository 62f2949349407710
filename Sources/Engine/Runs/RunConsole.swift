// What a run prints: lines, and on a terminal one progress line that is rewritten in place and gives way to them.

import CommandLine
import Foundation

/// Prints the lines of a run.
final class RunConsole {
  private let prefix: String
  private var printer: ProgressPrinter

  /// - Parameters:
  ///   - prefix: What stands before every complaint.
  ///   - now: The time on the monotonic clock.
  init(prefix: String, isTerminal: Bool, now: Double) {
    self.prefix = prefix
    printer = ProgressPrinter(isTerminal: isTerminal, now: now)
  }

  /// Prints a line.
  func say(_ line: String) {
    printer.clear()
    put(line + "\n", to: STDOUT_FILENO)
  }

  /// Prints something that is wrong to standard error.
  func complain(_ problem: String) {
    printer.clear()
    put("\(prefix): \(problem)\n", to: STDERR_FILENO)
  }

  /// Prints the progress line if it is time for one.
  func show(_ progress: String, now: Double) { printer.show(progress, now: now) }
}
