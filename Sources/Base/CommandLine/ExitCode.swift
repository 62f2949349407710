// The exit codes users script against, the same for every command. Under a raw `mpirun` the code a shell sees may differ;
// the verdict in status.json does not.

import Foundation

/// What the process answers its shell with.
package enum ExitCode: Int32, Sendable {
  /// Every trial has a result, scientifically failed runs included.
  case success = 0
  /// Some trials crashed beyond retries, or something broke after the run had started.
  case failure = 1
  /// A command line, sweep or folder that cannot be run; nothing was started.
  case refused = 2
  /// Drained: the same command resumes (EX_TEMPFAIL of sysexits.h).
  case resumable = 75
}

/// A reason to stop that the user can mend; printed without the program's inner workings.
package struct Refusal: Error, CustomStringConvertible {
  /// What was wrong, where, what was found and what is allowed; may run over several lines.
  package let description: String
  /// How the process ends.
  package let code: ExitCode

  /// A refusal with its sentence.
  package init(_ description: String, code: ExitCode = .refused) {
    self.description = description
    self.code = code
  }
}

/// Writes a line to standard output at once, so that a pipe sees it when it happens.
package func say(_ line: String) { put(line + "\n", to: STDOUT_FILENO) }

/// Writes a line to standard error at once.
package func complain(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

/// Writes a text to a file descriptor; a reader that is gone loses it, the program goes on.
package func put(_ text: String, to descriptor: Int32) {
  var rest = ArraySlice(text.utf8)
  while !rest.isEmpty {
    let written = rest.withContiguousStorageIfAvailable { write(descriptor, $0.baseAddress, $0.count) } ?? -1
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return }
    rest = rest.dropFirst(written)
  }
}
