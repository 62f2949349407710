// What a run prints: lines, and on a terminal its progress, which is rewritten in place and gives way to them.

import CommandLine
import Console
import Foundation
import MPITransport

/// Prints the lines of a run.
final class RunConsole {
  private let context: Context
  private var printer: ProgressPrinter

  /// - Parameters:
  ///   - context: Says what stands before every complaint.
  ///   - terminal: Where the user watches; nil for a file or a pipe.
  ///   - now: The time on the monotonic clock.
  init(_ context: Context, terminal: ProgressTerminal?, now: Double) {
    self.context = context
    printer = ProgressPrinter(terminal: terminal, now: now)
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

  /// Prints an error to standard error.
  func report(_ error: any Error) {
    printer.clear()
    context.report(error)
  }

  /// Prints the progress if it is time for it.
  func show(now: Double, line: (_ width: Int?) -> String, view: () -> RunView) {
    printer.show(now: now, line: line, view: { view().lines($0) })
  }
}

extension ProgressTerminal {
  /// The terminal on which the user of a leader watches; nil where the output is none.
  package init?(_ parent: ParentProcess, environment: [String: String]) {
    guard parent.isTerminal else { return nil }
    self.init(path: parent.terminalPath, environment: environment)
  }
}
