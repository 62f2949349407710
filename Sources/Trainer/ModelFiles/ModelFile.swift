// A file of a model: a regular file on the disk, or a file of an embedded model, which lies in the program's own memory.
// Readers need not know which.

import EmbeddedModels
import Files
import Foundation

/// An open file of a model, of known size.
package final class ModelFile: Sendable {
  /// The file as it was named.
  package let path: String
  /// Its bytes when it was opened.
  package let size: Int
  private let content: Content

  private enum Content: Sendable {
    case onDisk(InputFile)
    case embedded(EmbeddedModel.File)
  }

  /// The most bytes of a configuration or a vocabulary.
  private static let longestText = 64_000_000

  /// Opens a file; a folder, a pipe or a device is refused.
  package init(_ path: String) throws {
    self.path = path
    if let file = EmbeddedModel.file(path) {
      content = .embedded(file)
      size = file.bytes.count
    } else {
      let file = try InputFile(path)
      content = .onDisk(file)
      size = file.size
    }
  }

  /// Refuses a file whose size or time of change is not what it was when the file was opened. One that was replaced is
  /// still the one that was opened.
  package func checkUnchanged() throws {
    switch content {
    case .embedded: return
    case .onDisk(let file):
      if try file.isUnchanged() { return }
      throw ModelFileError(
        path: path,
        reason:
          "the file was changed while it was in use; start again, with the new weights or with the old ones put back")
    }
  }

  /// Fills a buffer from an offset and returns how many bytes there were before the end of the file.
  package func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    switch content {
    case .onDisk(let file): return try file.read(into: bytes, at: offset)
    case .embedded(let file):
      let count = max(0, min(bytes.count, size - offset))
      if count > 0 { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count])) }
      return count
    }
  }

  /// The bytes of a range.
  ///
  /// - Throws: `FileError`, also where the file ends before.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    switch content {
    case .onDisk(let file): return try file.bytes(range)
    case .embedded(let file): return Array(file.bytes[range])
    }
  }

  /// Everything a text file holds; a longer one is no configuration and no vocabulary.
  package static func contents(of path: String) throws -> [UInt8] {
    let file = try ModelFile(path)
    guard file.size <= longestText else {
      throw ModelFileError(path: path, reason: "the file has \(file.size) bytes; at most \(longestText) are allowed")
    }
    return try file.bytes(0..<file.size)
  }

  /// Whether there is such a file or folder, on the disk or inside the program.
  package static func exists(_ path: String) -> Bool { EmbeddedModel.holds(path) || access(path, F_OK) == 0 }
}
