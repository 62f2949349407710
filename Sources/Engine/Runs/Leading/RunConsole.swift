// What a run prints: lines, and on a terminal one progress line that is rewritten in place and gives way to them.

import CommandLine
import Console
import Foundation

/// Prints the lines of a run.
final class RunConsole {
  private let context: Context
  private var printer: ProgressPrinter

  /// - Parameters:
  ///   - context: Says what stands before every complaint.
  ///   - now: The time on the monotonic clock.
  init(_ context: Context, isTerminal: Bool, now: Double) {
    self.context = context
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
    context.complain(problem)
  }

  /// Prints the progress line if it is time for one.
  func show(_ progress: String, now: Double) { printer.show(progress, now: now) }
}
