// Files opened for reading: the one way in. A file that is cut while it is read gives an error, never a signal or half of its
// content; folders and devices are refused. What the bytes mean is the reader's business.

import Foundation

/// An open regular file of known size that is read by offset.
package final class InputFile: Sendable {
  /// The file as it was named.
  package let path: String
  /// Its bytes when it was opened.
  package let size: Int
  private let descriptor: Int32
  private let changeTime: timespec

  /// Opens a file.
  ///
  /// - Throws: `FileError`, also for a folder, a pipe or a device.
  package init(_ path: String) throws {
    let (descriptor, status) = try Self.open(path, "read", allowsPipes: false)
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    changeTime = status.st_mtim
  }

  deinit { close(descriptor) }

  /// Whether size and time of change are still what they were when the file was opened. One that was replaced under its
  /// name is still the one that was opened.
  package func isUnchanged() throws -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.last("examine", path) }
    return status.st_size == size && status.st_mtim.tv_sec == changeTime.tv_sec
      && status.st_mtim.tv_nsec == changeTime.tv_nsec
  }

  /// Fills `bytes` from `offset` and returns how many there were before the end of the file.
  package func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        return done
      } else if errno != EINTR {
        throw FileError.last("read", path)
      }
    }
    return done
  }

  /// Fills `bytes` from `offset`.
  ///
  /// - Throws: `FileError`, also where the file ends before.
  package func readAll(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    let count = try read(into: bytes, at: offset)
    if count < bytes.count { throw Self.cut(path, at: offset + count) }
  }

  /// The bytes of `range`.
  ///
  /// - Throws: as `readAll`.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: range.count)
      try readAll(into: target, at: range.lowerBound)
      count = range.count
    }
  }

  /// The whole of a file, or all that comes out of a pipe.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that are read.
  ///   - operation: what an error says was tried.
  /// - Throws: `FileError`, also for a folder, a device (which may have no end) and more than `limit` bytes.
  package static func contents(
    of path: String, atMost limit: Int = .max, operation: String = "read"
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece(of: path, operation: operation) { piece in
      guard piece.count <= limit - bytes.count else {
        throw FileError(
          operation: operation, path: path, code: EOVERFLOW, reason: "it has more than \(limit) bytes")
      }
      bytes.append(contentsOf: piece)
    }
    return bytes
  }

  /// Hands the bytes of a file, or of a pipe, to `body` in order, in pieces that stay in a processor's cache.
  ///
  /// - Throws: as `contents`; what `body` throws.
  package static func forEachPiece(
    of path: String, operation: String = "read", _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (descriptor, status) = try open(path, operation, allowsPipes: true)
    defer { close(descriptor) }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { piece.deallocate() }
    var done = 0
    while true {
      let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
      if count > 0 {
        try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        done += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        throw FileError.last(operation, path)
      }
    }
    // One that grows, such as a journal, is read as far as it goes; files of /proc have no size.
    if status.st_mode & S_IFMT == S_IFREG && done < status.st_size { throw cut(path, at: done) }
  }

  /// Opens a file and examines it.
  private static func open(
    _ path: String, _ operation: String, allowsPipes: Bool
  ) throws -> (descriptor: Int32, status: stat) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(operation, path) }
    let isPipe = status.st_mode & S_IFMT == S_IFIFO
    if isPipe && !allowsPipes { throw unfit(operation, path, status) }
    // What turned into a pipe since must not make the open wait for its writer.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | (isPipe ? 0 : O_NONBLOCK))
    guard descriptor >= 0 else { throw failure(operation, path) }
    guard fstat(descriptor, &status) == 0 else {
      let error = FileError.last("examine", path)
      close(descriptor)
      throw error
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || isPipe && kind == S_IFIFO else {
      close(descriptor)
      throw unfit(operation, path, status)
    }
    return (descriptor, status)
  }

  private static func failure(_ operation: String, _ path: String) -> FileError {
    let code = errno
    return FileError(
      operation: operation, path: path, code: code, reason: code == ENOENT ? "there is no such file" : nil)
  }

  /// An error about what is no regular file.
  private static func unfit(_ operation: String, _ path: String, _ status: stat) -> FileError {
    let (code, kind) =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: (EISDIR, "a folder")
      case S_IFIFO: (ESPIPE, "a pipe")
      case S_IFCHR, S_IFBLK: (ENODEV, "a device")
      default: (ENODEV, "a socket")
      }
    return FileError(operation: operation, path: path, code: code, reason: "it is \(kind), where a file is needed")
  }

  private static func cut(_ path: String, at offset: Int) -> FileError {
    FileError(
      operation: "read", path: path, code: ESTALE,
      reason: "it ends at byte \(offset), because it was cut while it was being read")
  }
}
