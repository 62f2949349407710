// The system's advisory lock on a file: it ends with the process, so no lock is ever left behind that a person must remove.
// It works between processes of one machine; folders that several hosts share need a lease instead.

import Foundation

/// An exclusive or shared lock on a file, held as long as this object lives; processes that die give theirs back.
package final class FileLock: Sendable {
  /// The open file, which keeps the lock as long as any process has it open.
  package let descriptor: Int32

  /// Takes a lock if it is free; returns nil where another process holds it or the folder is gone.
  ///
  /// - Parameter locking: The system's call, which takes a descriptor and the kind of lock; tests give another one.
  /// - Throws: `FileError` where the file cannot be opened, or is on a file system without locks.
  package init?(
    _ path: String, isShared: Bool, locking: (Int32, Int32) -> Int32 = { flock($0, $1) }
  ) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError.last("open", path)
    }
    while locking(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      if code == EWOULDBLOCK { return nil }
      throw FileError(
        operation: "lock", path: path, code: code,
        reason: "\(String(cString: strerror(code))) (error \(code)); choose a TMPDIR or an --output on a file system "
          + "with locks")
    }
    var here = stat()
    var there = stat()
    guard fstat(descriptor, &here) == 0 else { throw FileError.last("examine", path) }
    // The lock of a file that was removed meanwhile locks nothing.
    guard stat(path, &there) == 0, here.st_ino == there.st_ino else { return nil }
  }

  // Also where no lock was taken.
  deinit { if descriptor >= 0 { close(descriptor) } }
}
