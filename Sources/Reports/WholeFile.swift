// A file that appears whole or not at all: written under a temporary name in the same folder, synced, renamed, and the
// folder synced. A reader, another host or a crash never sees half of it.

import Digests
import Foundation

/// A file being written that takes its name only when it is complete.
public final class WholeFile {
  /// The start of temporary names; such files may be removed whenever nobody writes in the folder.
  public static let temporaryPrefix = ".partial-"

  private let path: String
  private let temporaryPath: String
  private let file: RawFile
  private var buffer: [UInt8] = []
  private var digest = SHA256()
  private var isFinished = false

  /// Starts a file; `writer` makes the temporary name unique among those who may write the same file at once, such as
  /// a trial's attempt.
  ///
  /// - Throws: `FileError`.
  public init(path: String, writer: String = "") throws {
    self.path = path
    let folder = (path as NSString).deletingLastPathComponent
    let name = Self.temporaryPrefix + (path as NSString).lastPathComponent + (writer.isEmpty ? "" : "-" + writer)
    temporaryPath = (folder as NSString).appendingPathComponent(name)
    file = try RawFile(path: temporaryPath, flags: O_WRONLY | O_CREAT | O_TRUNC)
    buffer.reserveCapacity(1 << 16)
  }

  deinit { if !isFinished { unlink(temporaryPath) } }

  /// Adds text.
  public func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Adds bytes.
  func write(bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Gives the file its name and returns the SHA-256 of its contents.
  @discardableResult
  public func finish() throws -> String {
    try flush()
    try file.sync()
    try file.close()
    guard rename(temporaryPath, path) == 0 else { throw FileError.last("rename a new file to", path) }
    isFinished = true
    let folder = (path as NSString).deletingLastPathComponent
    try RawFile.syncFolder(folder.isEmpty ? "." : folder)
    return digest.finalizedHex()
  }

  /// Writes a whole text and returns its SHA-256.
  @discardableResult
  public static func write(_ text: String, to path: String) throws -> String {
    let file = try WholeFile(path: path)
    try file.write(text)
    return try file.finish()
  }

  private func flush() throws {
    try buffer.withUnsafeBytes {
      try file.write($0)
      digest.update($0)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
