// The system's advisory lock on a file: it ends with the process, so no lock is ever left behind that a person must remove.
// It works between processes of one machine; folders that several hosts share need a lease instead.

import Foundation

/// An exclusive or shared lock on a file, held as long as this object lives; processes that die give theirs back.
package final class FileLock: Sendable {
  /// The open file, which keeps the lock as long as any process has it open.
  package let descriptor: Int32

  /// Takes a lock if it is free; returns nil where another process holds it or the folder is gone.
  ///
  /// - Throws: `FileError` where the file cannot be opened.
  package init?(_ path: String, isShared: Bool) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError.last("open", path)
    }
    var here = stat()
    var there = stat()
    // The lock of a file that was removed meanwhile locks nothing.
    guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0, fstat(descriptor, &here) == 0,
      stat(path, &there) == 0, here.st_ino == there.st_ino
    else { return nil }
  }

  // Also where no lock was taken.
  deinit { if descriptor >= 0 { close(descriptor) } }
}
