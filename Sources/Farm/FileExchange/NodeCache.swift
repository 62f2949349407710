// A rank's side of the file exchange. Files that the node lacks go into a folder below TMPDIR that all ranks of the node share:
// one rank receives each file and checks its digest while the others wait. The locks are the system's, so a process that dies
// frees them. The last rank to leave removes the folder; if it was killed, the next run removes it.

import Digests
import Files
import Foundation
import Host
import Synchronization

/// The folder in which a node's ranks keep what they receive.
package final class NodeCache: Sendable {
  /// The folder.
  package let path: String
  private let use: Mutex<FileLock?>

  private static let prefix = "seedsweep-node-"
  private static let useName = "in-use"

  /// The folder of the run that `key` identifies, below a folder such as TMPDIR; created if it is missing.
  ///
  /// - Parameter proceed: Called while another rank removes the folder; an error that it throws ends the wait.
  /// - Throws: `FileError` where it cannot be made or locked, `FileExchangeError` where it belongs to somebody else; what
  ///   `proceed` throws.
  package init(below root: String, key: [UInt8], proceed: () throws -> Void = {}) throws {
    path = root + "/" + Self.prefix + key.withUnsafeBytes { SHA256.hex(of: $0).prefix(16) }
    Self.removeAbandoned(below: root, except: path)
    var lock: FileLock?
    while lock == nil {
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
        throw FileError.last("create the folder", path)
      }
      var status = stat()
      guard lstat(path, &status) == 0 else {
        try Self.pause(proceed)
        continue
      }
      guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
        throw FileExchangeError("\(path) is no folder of this user; choose another TMPDIR")
      }
      // Another rank may be about to remove this folder; then it is created again.
      lock = try FileLock(path + "/" + Self.useName, isShared: true)
      if lock == nil { try Self.pause(proceed) }
    }
    use = Mutex(lock)
  }

  /// Waits a moment for another rank, unless `proceed` throws.
  private static func pause(_ proceed: () throws -> Void) throws {
    try proceed()
    usleep(10_000)
  }

  /// Gives the folder up; the last rank to do so removes it.
  package func leave() {
    use.withLock { $0 = nil }
    Self.removeIfUnused(path)
  }

  /// Receives files that lie in one folder, unless another rank of this node has done so, and returns the folder.
  ///
  /// - Parameters:
  ///   - files: the files with their indices in the leader's inventory.
  ///   - proceed: called before every piece and while waiting for another rank; an error that it throws ends the wait.
  ///   - ask: sends a request to the leader and gives its response.
  ///   - notice: called with one sentence if this rank received something.
  /// - Throws: `FileError`; `FileExchangeError` where a file cannot be had, or is not what the leader promised; what `ask` and `proceed`
  ///   throw.
  package func receive(
    _ files: [(index: Int, file: FileIdentity)], proceed: () throws -> Void,
    ask: (FileRequest) throws -> FileResponse, notice: (String) -> Void
  ) throws -> String {
    let names = files.map { "\($0.file.digest) \(RawFile.name(of: $0.file.path))\n" }.joined()
    let folder = path + "/" + SHA256.hex(of: names).prefix(16)
    var lock: FileLock?
    while lock == nil {
      try proceed()
      lock = try FileLock(folder + ".lock", isShared: false)
      if lock == nil { usleep(20_000) }
    }
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw FileError.last("create the folder", folder)
    }
    var receivedCount = 0
    var byteCount = 0
    for (index, file) in files {
      let target = folder + "/" + RawFile.name(of: file.path)
      if access(target, F_OK) == 0 { continue }
      try Self.receive(file, to: target) { offset in
        try proceed()
        return try ask(.read(file: index, offset: offset))
      }
      receivedCount += 1
      byteCount += file.byteCount
    }
    if receivedCount > 0 {
      notice(
        "received \(counted(receivedCount, "file")) of \(RawFile.folder(of: files[0].file.path)) "
          + "(\(byteCount) bytes), which this node lacks")
    }
    return folder
  }

  /// Receives the checkpoint of a trial, if the leader has one, into a file.
  ///
  /// - Throws: as `receive`.
  package static func receiveCheckpoint(to path: String, ask: (FileRequest) throws -> FileResponse) throws {
    let first = try bytes(try ask(.readCheckpoint(offset: 0)))
    if first.isEmpty { return }
    _ = try receive(to: path, first: first) { try ask(.readCheckpoint(offset: $0)) }
  }

  /// Sends to the leader a file, or the files of a folder, that a trial keeps, and removes them here. It does nothing if
  /// there is no such file.
  ///
  /// - Throws: `FileError`, `FileExchangeError` with what the leader said; what `ask` throws.
  package static func send(
    _ kind: KeptKind, from path: String, ask: (FileRequest) throws -> FileResponse
  ) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    if isFolder.boolValue {
      for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
        try sendFile(path + "/" + name, kind, name, ask)
      }
    } else {
      try sendFile(path, kind, RawFile.name(of: path), ask)
    }
    try confirm(try ask(.keep(kind)))
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func sendFile(
    _ path: String, _ kind: KeptKind, _ name: String, _ ask: (FileRequest) throws -> FileResponse
  ) throws {
    let file = try RawFile(path: path, flags: O_RDONLY)
    var digest = SHA256()
    var offset = 0
    while true {
      let piece = try file.read(at: offset, count: largestPiece)
      // An empty file is sent as well.
      if piece.isEmpty && offset > 0 { break }
      try confirm(try ask(.store(kind, name: name, offset: offset, bytes: piece)))
      if piece.isEmpty { break }
      piece.withUnsafeBytes { digest.update($0) }
      offset += piece.count
    }
    try confirm(try ask(.close(kind, name: name, digest: digest.finalizedHex())))
  }

  /// Receives a whole file and checks it before it gets its name.
  private static func receive(
    _ file: FileIdentity, to target: String, _ piece: (Int) throws -> FileResponse
  ) throws {
    let first = try bytes(try piece(0))
    let digest = try receive(to: target, first: first, limit: file.byteCount, expected: file.digest, piece)
    guard digest == file.digest else {
      throw FileExchangeError("\(file.path) is not what it was when the run began: its SHA-256 is another one")
    }
  }

  /// Writes the first piece and those that follow it, gives the file its name if its digest is the expected one, and
  /// returns the digest.
  private static func receive(
    to target: String, first: [UInt8], limit: Int = .max, expected: String? = nil,
    _ next: (Int) throws -> FileResponse
  ) throws -> String {
    let file = try WholeFile(path: target, durability: .none)
    var digest = SHA256()
    var offset = 0
    var piece = first
    while !piece.isEmpty {
      guard piece.count <= limit - offset else {
        throw FileExchangeError("\(target) is longer than the \(limit) bytes that the leader promised")
      }
      try piece.withUnsafeBytes {
        try file.write($0)
        digest.update($0)
      }
      offset += piece.count
      piece = piece.count < largestPiece ? [] : try bytes(try next(offset))
    }
    let hex = digest.finalizedHex()
    if let expected, expected != hex { return hex }
    try file.finish()
    return hex
  }

  private static func bytes(_ response: FileResponse) throws -> [UInt8] {
    switch response {
    case .bytes(let bytes): return bytes
    case .refused(let reason): throw FileExchangeError("the leader says: \(reason)")
    default: throw FileExchangeError("the leader answered something else than bytes")
    }
  }

  private static func confirm(_ response: FileResponse) throws {
    switch response {
    case .done: return
    case .refused(let reason): throw FileExchangeError("the leader says: \(reason)")
    default: throw FileExchangeError("the leader answered something else than that it took a file")
    }
  }

  /// Removes the folders of runs that were killed before they could remove them.
  private static func removeAbandoned(below root: String, except path: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] where name.hasPrefix(prefix) {
      let folder = root + "/" + name
      var status = stat()
      guard folder != path, lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
        status.st_uid == geteuid()
      else { continue }
      removeIfUnused(folder)
    }
  }

  private static func removeIfUnused(_ folder: String) {
    let use = folder + "/" + useName
    guard access(use, F_OK) == 0, let lock = try? FileLock(use, isShared: false) else { return }
    // It is renamed first, so that no rank starts to use it during the removal.
    let removed = "\(folder)-\(getpid())"
    withExtendedLifetime(lock) {
      if rename(folder, removed) == 0 { try? FileManager.default.removeItem(atPath: removed) }
    }
  }
}
