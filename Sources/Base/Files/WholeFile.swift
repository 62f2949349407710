// The one atomic writer: a file or folder appears whole or not at all. It is written under a temporary name in the folder of
// its final name and then renamed, so that a reader, another host or a crash never sees half of it. Every temporary name
// begins with `.partial-`, by which the next leader of a run folder finds and removes what a killed process left.

import Foundation

/// The part of a finished file that survives a crash of the machine.
package enum Durability: Sendable {
  /// Perhaps nothing: the write does not wait for the disk. For files that can be made again.
  case none
  /// Its bytes: under the name is the new file or the former one.
  case contents
  /// Its bytes and its name.
  case contentsAndName
}

/// A file being written that takes its name only when it is complete.
package final class WholeFile {
  /// The start of temporary names; such files may be removed whenever nobody writes in the folder.
  package static let temporaryPrefix = ".partial-"

  /// The name of the finished file.
  package let path: String
  /// Its name until then.
  package let temporaryPath: String
  private let file: RawFile
  private var buffer: [UInt8] = []
  private let durability: Durability
  private var isFinished = false
  private static let bufferSize = 1 << 16

  /// Starts a file.
  ///
  /// - Parameter owner: tells the temporary name from those of other processes; what an owner of this name left behind is
  ///   removed. Without one the name is unique, so that several processes may write the same file at once, and the last to
  ///   finish wins.
  /// - Throws: `FileError`.
  package init(path: String, owner: String? = nil, durability: Durability = .contentsAndName) throws {
    self.path = path
    self.durability = durability
    temporaryPath = Self.temporaryPath(of: path, owner: owner ?? UUID().uuidString)
    if owner != nil { try RawFile.remove(temporaryPath) }
    // Neither a file that is there already nor what a symbolic link leads to is opened.
    do {
      file = try RawFile(path: temporaryPath, flags: O_WRONLY | O_CREAT | O_EXCL, name: path)
    } catch let error as FileError where error.code == ENOENT && path.contains("/") {
      let folder = RawFile.folder(of: path)
      throw FileError(
        operation: error.operation, path: path, code: ENOENT,
        reason: "there is no folder \(folder); type `mkdir -p \(ShellText.quoted(folder))` first")
    }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit { if !isFinished { unlink(temporaryPath) } }

  /// The temporary name of `path`, written by `owner`.
  package static func temporaryPath(of path: String, owner: String) -> String {
    let folder = RawFile.folder(of: path)
    let name = "\(temporaryPrefix)\(RawFile.name(of: path))-\(owner)"
    return folder.isEmpty ? name : folder + (folder == "/" ? "" : "/") + name
  }

  /// Adds text.
  package func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Adds bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if bytes.count < Self.bufferSize {
      buffer.append(contentsOf: bytes)
      if buffer.count >= Self.bufferSize { try flush() }
    } else {
      try flush()
      try file.write(bytes)
    }
  }

  /// Adds what a function appends to the buffer.
  package func write(_ append: (inout [UInt8]) -> Void) throws {
    append(&buffer)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// What was written so far.
  package func contents() throws -> [UInt8] {
    try flush()
    return try InputFile.contents(of: temporaryPath)
  }

  /// Forgets what was written so far.
  package func restart() throws {
    buffer.removeAll(keepingCapacity: true)
    try file.cut()
  }

  /// Gives the file its name, in place of an older file.
  package func finish() throws {
    try flush()
    if durability != .none { try file.sync() }
    try file.close()
    guard rename(temporaryPath, path) == 0 else { throw FileError.last("rename a new file to", path) }
    isFinished = true
    if durability == .contentsAndName { try RawFile.syncFolder(RawFile.folder(of: path)) }
  }

  /// Writes a whole text.
  package static func write(
    _ text: String, to path: String, owner: String? = nil, durability: Durability = .contentsAndName
  ) throws {
    let file = try WholeFile(path: path, owner: owner, durability: durability)
    try file.write(text)
    try file.finish()
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0) }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A folder being filled that takes its name only when it is complete.
package final class WholeFolder {
  /// The name of the finished folder.
  package let path: String
  /// Its name until then; whoever fills the folder creates it.
  package let temporaryPath: String
  private var isFinished = false

  /// Prepares a folder, of which `owner` left no earlier try behind.
  ///
  /// - Throws: `FileError`.
  package init(path: String, owner: String) throws {
    self.path = path
    temporaryPath = WholeFile.temporaryPath(of: path, owner: owner)
    try RawFile.remove(temporaryPath)
  }

  /// Prepares a folder whose temporary name is unique.
  init(path: String) {
    self.path = path
    temporaryPath = WholeFile.temporaryPath(of: path, owner: UUID().uuidString)
  }

  deinit { if !isFinished { try? RawFile.remove(temporaryPath) } }

  /// Gives the folder its name, in place of an older folder or file.
  package func finish() throws {
    try RawFile.remove(path)
    guard rename(temporaryPath, path) == 0 else { throw FileError.last("rename a new folder to", path) }
    isFinished = true
  }
}

/// Copies of files and folders that appear whole or not at all.
package enum WholeCopy {
  private static let blockSize = 1 << 20

  /// Copies a file, or a folder with all that it holds. A link is followed, so that the copy needs nothing of the original.
  ///
  /// - Throws: `FileError`.
  package static func make(of source: String, at path: String, durability: Durability) throws {
    var status = stat()
    guard stat(source, &status) == 0 else { throw FileError.last("open", source) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try copyFile(source, path, durability) }
    let folder = WholeFolder(path: path)
    try RawFile.createFolder(folder.temporaryPath)
    for name in try RawFile.names(in: source) {
      try make(of: "\(source)/\(name)", at: "\(folder.temporaryPath)/\(name)", durability: durability)
    }
    try folder.finish()
  }

  private static func copyFile(_ source: String, _ path: String, _ durability: Durability) throws {
    let original = try RawFile(path: source, flags: O_RDONLY)
    let copy = try WholeFile(path: path, durability: durability)
    var offset = 0
    while true {
      let block = try original.read(at: offset, count: blockSize)
      try block.withUnsafeBytes { try copy.write($0) }
      offset += block.count
      if block.count < blockSize { break }
    }
    try copy.finish()
  }
}
