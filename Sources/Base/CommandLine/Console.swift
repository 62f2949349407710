// Writing to standard output and standard error, a line at once, so that a pipe sees it when it happens. Names and values in
// what is printed come from files and command lines: their control characters are escaped here, for all that is printed.

import Files
import Foundation
import JSON5
import Synchronization

/// Writes a line to standard output.
package func say(_ line: String) { put(line + "\n", to: STDOUT_FILENO) }

/// Writes a line to standard error.
package func complain(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

/// Writes a text to a file descriptor, control characters but line feeds and tabs as escapes. Where that fails the text is lost
/// and the program goes on. `Program` says at the end what standard output lost, unless its reader is gone.
package func put(_ text: String, to descriptor: Int32) {
  putControl(text.escapingControlCharacters(keepsLines: true), to: descriptor)
}

/// Writes what moves a terminal's cursor, as it is.
package func putControl(_ text: String, to descriptor: Int32) {
  let code = errorNumber(ofWriting: text, to: descriptor)
  guard code != 0, descriptor == STDOUT_FILENO else { return }
  _ = outputError.compareExchange(expected: 0, desired: code, ordering: .relaxed)
}

/// The error number of the first text that standard output did not take; 0 where it took all of them. Threads print.
private let outputError = Atomic<Int32>(0)

/// Why standard output lost what was printed, as on a full disk, and forgets it; nil where it lost nothing.
func takeOutputError() -> (any Error)? {
  let code = outputError.exchange(0, ordering: .relaxed)
  return code == 0 ? nil : FileError(operation: "write to", path: "standard output", code: code)
}

/// Writes a text and returns the number of the error that kept it from being written whole. That is 0 where all of it is
/// written, and where nobody reads it any more: behind the end of a pipe, or on a terminal that was closed.
func errorNumber(ofWriting text: String, to descriptor: Int32) -> Int32 {
  var rest = ArraySlice(text.utf8)
  while !rest.isEmpty {
    let (count, code) = rest.withUnsafeBytes { bytes -> (Int, Int32) in
      let count = write(descriptor, bytes.baseAddress, bytes.count)
      return (count, count < 0 ? errno : 0)
    }
    switch code {
    case 0 where count > 0: rest = rest.dropFirst(count)
    case EINTR: break
    case EAGAIN:
      // Another process that writes to the same end of a pipe may have made it one that does not wait.
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&waiting, 1, -1)
    case EPIPE: return 0
    case EIO where isDevice(descriptor): return 0
    case 0: return EIO
    default: return code
    }
  }
  return 0
}

/// Whether a file descriptor is a terminal or another device, which a terminal stays when it was closed.
private func isDevice(_ descriptor: Int32) -> Bool {
  var status = stat()
  return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
}
