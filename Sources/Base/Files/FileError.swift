// The one error for a system call on a file that failed. It knows a disk in trouble from a wrong name; what is wrong with a
// file's content is the business of its reader.

import Foundation

/// A system call on a file that failed, or a file that is not of the kind that was asked for.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// What was tried, such as "write to".
  package let operation: String
  /// The file.
  package let path: String
  /// The error number of the system.
  package let code: Int32
  /// What went wrong, such as "No space left on device (error 28)".
  package let reason: String

  /// An error; without a `reason` it takes the system's text for `code`.
  package init(operation: String, path: String, code: Int32, reason: String? = nil) {
    self.operation = operation
    self.path = path
    self.code = code
    self.reason = reason ?? "\(String(cString: strerror(code))) (error \(code))\(code == EFBIG ? Self.sizeLimit : "")"
  }

  /// What to do about a file that may not grow any more, where `ulimit -f` forbids it and not the file system.
  private static var sizeLimit: String {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, let bytes = Int(exactly: limit.rlim_cur)
    else { return "" }
    return
      ": a file may hold at most \(bytes) bytes here (ulimit -f); type `ulimit -f unlimited` and the same command again"
  }

  /// "cannot write to out/journal.jsonl: No space left on device (error 28)".
  package var description: String { "cannot \(operation) \(path): \(reason)" }

  /// Whether the disk is in trouble: full, over quota, or broken.
  package var isOfDisk: Bool { [ENOSPC, EDQUOT, EFBIG, EIO].contains(code) }

  /// Whether the disk takes no more.
  package var isOfSpace: Bool { [ENOSPC, EDQUOT].contains(code) }

  /// Whether this user may not write there, whatever the disk holds.
  package var isOfRights: Bool { [EACCES, EPERM, EROFS].contains(code) }

  /// Whether something was to be written, made, renamed or removed.
  package var isOfWriting: Bool { ["create", "write", "rename", "remove"].contains { operation.hasPrefix($0) } }

  /// The error of the system call that just failed.
  package static func last(_ operation: String, _ path: String) -> FileError {
    FileError(operation: operation, path: path, code: errno)
  }
}
