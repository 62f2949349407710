// A file that appears whole or not at all: written under a temporary name in the same folder, synced, renamed, and the
// folder synced. A reader, another host or a crash never sees half of it.

import Foundation

/// A file being written that takes its name only when it is complete.
package final class WholeFile {
  /// The start of temporary names; such files may be removed whenever nobody writes in the folder.
  package static let temporaryPrefix = ".partial-"

  private let path: String
  private let temporaryPath: String
  private let file: RawFile
  private var buffer: [UInt8] = []
  private let isDurable: Bool
  private var isFinished = false

  /// Starts a file. Its temporary name is unique, so that several processes may write the same file at once and the last
  /// to finish wins. A file that nobody misses after a crash of the machine need not be durable, which saves waiting for the
  /// disk.
  ///
  /// - Throws: `FileError`.
  package init(path: String, isDurable: Bool = true) throws {
    self.path = path
    self.isDurable = isDurable
    let folder = RawFile.folder(of: path)
    let name = "\(Self.temporaryPrefix)\(RawFile.name(of: path))-\(UUID().uuidString)"
    temporaryPath = folder.isEmpty ? name : folder + "/" + name
    file = try RawFile(path: temporaryPath, flags: O_WRONLY | O_CREAT | O_EXCL, name: path)
    buffer.reserveCapacity(1 << 16)
  }

  deinit { if !isFinished { unlink(temporaryPath) } }

  /// Adds text.
  package func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Adds what a function appends to the buffer.
  package func write(_ append: (inout [UInt8]) -> Void) throws {
    append(&buffer)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Gives the file its name.
  package func finish() throws {
    try flush()
    if isDurable { try file.sync() }
    try file.close()
    guard rename(temporaryPath, path) == 0 else { throw FileError.last("rename a new file to", path) }
    isFinished = true
    if isDurable { try RawFile.syncFolder(RawFile.folder(of: path)) }
  }

  /// Writes a whole text.
  package static func write(_ text: String, to path: String, isDurable: Bool = true) throws {
    let file = try WholeFile(path: path, isDurable: isDurable)
    try file.write(text)
    try file.finish()
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0) }
    buffer.removeAll(keepingCapacity: true)
  }
}
