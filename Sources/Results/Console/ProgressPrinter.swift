// When a progress line is printed: on a terminal twice a second over the last one, elsewhere once a minute. `ProgressLine` says
// what it says.

import CommandLine
import Foundation

/// Prints progress to standard output at the right moments.
package struct ProgressPrinter {
  private let isTerminal: Bool
  private let interval: Double
  private var last: Double
  private var isLineOpen = false

  /// A printer; `now` is in seconds on any clock, and on anything but a terminal the first line comes a minute later.
  package init(isTerminal: Bool, now: Double) {
    self.isTerminal = isTerminal
    interval = isTerminal ? 0.5 : 60
    last = isTerminal ? -.infinity : now
  }

  /// Prints the line if it is time for one.
  package mutating func show(_ line: String, now: Double) {
    guard now - last >= interval else { return }
    last = now
    if isTerminal {
      putControl("\r\u{1B}[K", to: STDOUT_FILENO)
      put(line, to: STDOUT_FILENO)
      isLineOpen = true
    } else {
      say(line)
    }
  }

  /// Removes an open progress line, so that something else can be printed.
  package mutating func clear() {
    if isLineOpen { putControl("\r\u{1B}[K", to: STDOUT_FILENO) }
    isLineOpen = false
  }
}
