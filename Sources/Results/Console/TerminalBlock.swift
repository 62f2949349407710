// Lines at the end of a terminal's output that are rewritten in place. The cursor stays at the start of the first of them, so
// that one sequence, which no number of lines and no width goes into, removes them: also after the window was resized, when
// a terminal may have broken them into more lines. The cursor is never hidden. What the lines say is `RunView`'s.

import Foundation

/// Lines that are rewritten in place.
package struct TerminalBlock {
  /// Removes everything from the line of the cursor on. The space keeps tmux from taking this for the clearing of a whole
  /// screen, which it would put into its history, where the cursor is in the first row.
  package static let clearing = "\r \u{1B}[J\r"

  private let write: (String) -> Void
  private var isOpen = false

  /// A block that is not there yet; `write` sends text to the terminal.
  package init(write: @escaping (String) -> Void) { self.write = write }

  /// Shows lines instead of those before. Each must be shorter than the terminal is wide, and there must be fewer than it has
  /// rows.
  package mutating func draw(_ lines: [String]) {
    let back = lines.count > 1 ? "\u{1B}[\(lines.count - 1)A" : ""
    write(Self.clearing + lines.joined(separator: "\n") + back + "\r")
    isOpen = true
  }

  /// Removes the lines, so that something else can be printed where they began.
  package mutating func clear() {
    if isOpen { write(Self.clearing) }
    isOpen = false
  }
}

extension TerminalBlock {
  /// Has signals that end or suspend this process remove the lines first, for a process that shows nothing else there.
  package static func giveWay(to signals: [Int32]) {
    for number in signals {
      signal(number) { number in
        // What a signal handler may do: `clearing`, byte by byte, and then what the signal does by default.
        var bytes: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0x0D, 0x20, 0x1B, 0x5B, 0x4A, 0x0D)
        _ = Foundation.write(STDOUT_FILENO, &bytes, 6)
        if number != SIGTSTP { signal(number, SIG_DFL) }
        raise(number == SIGTSTP ? SIGSTOP : number)
      }
    }
  }
}
