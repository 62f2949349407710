// Writing to standard output and standard error, a line at once, so that a pipe sees it when it happens. Names and values in
// what is printed come from files and command lines: their control characters are escaped here, for all that is printed.

import Foundation
import JSON5

/// Writes a line to standard output.
package func say(_ line: String) { put(line + "\n", to: STDOUT_FILENO) }

/// Writes a line to standard error.
package func complain(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

/// Writes a text to a file descriptor, control characters but line feeds and tabs as escapes. Where the reader is gone the text
/// is lost and the program goes on.
package func put(_ text: String, to descriptor: Int32) {
  putControl(text.escapingControlCharacters(keepsLines: true), to: descriptor)
}

/// Writes what moves a terminal's cursor, as it is.
package func putControl(_ text: String, to descriptor: Int32) {
  var rest = ArraySlice(text.utf8)
  while !rest.isEmpty {
    let written = rest.withContiguousStorageIfAvailable { write(descriptor, $0.baseAddress, $0.count) } ?? -1
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { return }
    rest = rest.dropFirst(written)
  }
}
