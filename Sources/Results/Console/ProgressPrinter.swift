// When and how progress is printed: on a terminal twice a second over the last one, as a view of several lines where there is
// room for it and as one line where there is not; elsewhere as a line once a minute. `RunView` and `ProgressLine` say what it says.

import CommandLine
import Foundation

/// Where progress is printed.
package struct ProgressTerminal {
  /// The least columns and rows in which a view is readable.
  package static let least = TerminalSize(columns: 60, rows: 12)

  /// The size of the terminal now; nil where it is not known.
  let size: () -> TerminalSize?
  /// Sends text to the terminal as it is.
  let write: (String) -> Void

  /// A terminal by what it does.
  package init(size: @escaping () -> TerminalSize?, write: @escaping (String) -> Void) {
    self.size = size
    self.write = write
  }

  /// The terminal that shows standard output, directly or by way of a launcher, to which `path` belongs. One that is dumb, or
  /// does not say what it is, has no known size.
  package init(path: String?, environment: [String: String]) {
    let kind = environment["TERM"] ?? ""
    let isCapable = !kind.isEmpty && kind != "dumb"
    size = {
      guard isCapable else { return nil }
      return path.map { TerminalSize(path: $0) } ?? TerminalSize(descriptor: STDOUT_FILENO)
    }
    write = { putControl($0, to: STDOUT_FILENO) }
  }
}

/// Prints progress to standard output at the right moments.
package struct ProgressPrinter {
  private let terminal: ProgressTerminal?
  private let print: (String) -> Void
  private let interval: Double
  private var last: Double
  private var block: TerminalBlock
  /// Whether a line is shown on a terminal of unknown size.
  private var isLineOpen = false

  /// A printer; `now` is in seconds on any clock.
  ///
  /// - Parameters:
  ///   - terminal: Where the output is seen; nil for a file or a pipe, which gets its first line a minute later.
  ///   - isPrompt: Whether a file or a pipe gets the first line at once.
  ///   - print: Prints a line to a file or a pipe.
  package init(
    terminal: ProgressTerminal?, now: Double, isPrompt: Bool = false, print: @escaping (String) -> Void = { say($0) }
  ) {
    self.terminal = terminal
    self.print = print
    interval = terminal == nil ? 60 : 0.5
    last = terminal == nil && !isPrompt ? now : -.infinity
    block = TerminalBlock(write: terminal?.write ?? { _ in })
  }

  /// Prints the line if it is time for one. It should have `width` columns at most, where that is known.
  package mutating func show(now: Double, line: (_ width: Int?) -> String) {
    show(now, line, hasView: false) { _ in [] }
  }

  /// Prints the line if it is time for one, or the lines of the view where there is room for it.
  package mutating func show(
    now: Double, line: (_ width: Int?) -> String, view: (_ size: TerminalSize) -> [String]
  ) {
    show(now, line, hasView: true, view)
  }

  private mutating func show(
    _ now: Double, _ line: (_ width: Int?) -> String, hasView: Bool, _ view: (_ size: TerminalSize) -> [String]
  ) {
    guard now - last >= interval else { return }
    last = now
    guard let terminal else { return print(line(nil)) }
    guard let size = terminal.size() else {
      block.clear()
      terminal.write("\r\u{1B}[K" + TerminalText.cleaned(line(nil)))
      isLineOpen = true
      return
    }
    clearLine()
    if hasView, size.columns >= ProgressTerminal.least.columns, size.rows >= ProgressTerminal.least.rows {
      block.draw(view(size))
    } else {
      let width = size.columns - 1
      block.draw([TerminalText.cut(TerminalText.cleaned(line(width)), to: width)])
    }
  }

  /// Removes what is shown, so that something else can be printed.
  package mutating func clear() {
    clearLine()
    block.clear()
  }

  private mutating func clearLine() {
    if isLineOpen { terminal?.write("\r\u{1B}[K") }
    isLineOpen = false
  }
}
