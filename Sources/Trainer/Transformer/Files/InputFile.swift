// A regular file that is read by position, or a file of an embedded model, which lies in the program's own memory. A file
// cut while it is being read gives a short count, never a signal.

import Foundation

/// An open regular file of known size.
final class InputFile: Sendable {
  /// The file as it was named.
  let path: String
  /// Its bytes when it was opened.
  let size: Int
  private let descriptor: Int32
  private let changeTime: timespec
  /// The bytes of an embedded model's file; nil for a file on the disk.
  private let embedded: EmbeddedModel.File?

  /// Opens a file; a folder, a pipe or a device is refused.
  init(_ path: String) throws {
    if let file = EmbeddedModel.file(path) {
      self.path = path
      embedded = file
      size = file.bytes.count
      descriptor = -1
      changeTime = timespec()
      return
    }
    embedded = nil
    // Without O_NONBLOCK the open of a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelFileError.system(path, "open the file", code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ModelFileError(path: path, reason: "this is no regular file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    changeTime = status.st_mtim
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Refuses a file whose size or time of change is not what it was when the file was opened. One that was replaced is
  /// still the one that was opened.
  func checkUnchanged() throws {
    guard embedded == nil else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ModelFileError.system(path, "examine the file", code: errno) }
    guard status.st_size == size, status.st_mtim.tv_sec == changeTime.tv_sec,
      status.st_mtim.tv_nsec == changeTime.tv_nsec
    else {
      throw ModelFileError(
        path: path,
        reason:
          "the file was changed while it was in use; start again, with the new weights or with the old ones put back")
    }
  }

  /// Fills a buffer from an offset and returns how many bytes there were before the end of the file.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    if let embedded {
      let count = max(0, min(bytes.count, size - offset))
      if count > 0 { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: embedded.bytes[offset..<offset + count])) }
      return count
    }
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        return done
      } else if errno != EINTR {
        throw ModelFileError.system(path, "read at byte \(offset + done)", code: errno)
      }
    }
    return done
  }

  /// Some of the file's bytes.
  func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      count = try read(
        into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: range.count), at: range.lowerBound)
      guard count == range.count else {
        throw ModelFileError(
          path: path, reason: "the file ends at byte \(range.lowerBound + count): it was cut while it was being read")
      }
    }
  }

  /// Everything a text file holds; a file of more than 64 MB is no configuration and no vocabulary.
  static func contents(of path: String) throws -> [UInt8] {
    let file = try InputFile(path)
    guard file.size <= 64_000_000 else {
      throw ModelFileError(path: path, reason: "the file has \(file.size) bytes; at most 64000000 are allowed")
    }
    return try file.bytes(0..<file.size)
  }

  /// Whether something of this name exists.
  static func exists(_ path: String) -> Bool { EmbeddedModel.holds(path) || access(path, F_OK) == 0 }
}
