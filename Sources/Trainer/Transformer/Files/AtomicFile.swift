// A file that appears whole or not at all: written under a temporary name, flushed to the disk, then renamed.

import Foundation
import Glibc

/// Writes a file under a temporary name beside its own and renames it when it is complete.
enum AtomicFile {
  /// Writes the pieces that `body` hands out, in order.
  ///
  /// - Throws: `ModelFileError` with the system's reason, such as a full disk; nothing is left behind.
  static func write(
    to path: String, _ body: (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let temporary = "\(path).partial-\(getpid())"
    // What a process of this number left, and never what a symbolic link of the name points to.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ModelFileError.system(path, "create the file", code: errno) }
    do {
      defer { close(descriptor) }
      try body { try append($0, to: descriptor, path: path) }
      guard fsync(descriptor) == 0 else { throw ModelFileError.system(path, "flush the file", code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw ModelFileError.system(path, "rename the finished file", code: code)
    }
  }

  /// Writes a text.
  static func write(_ text: String, to path: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      try write(to: path) { write in try write(UnsafeRawBufferPointer(bytes)) }
    }
  }

  private static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw ModelFileError.system(path, "write the file", code: errno)
      }
    }
  }
}
