// The leader's side of the file exchange: reads the files that ranks lack, and stores the files that their trials keep. It
// opens only the files of an inventory and files in the output folder. A received file gets its name only when it is whole. However
// many ranks send files, few are open at a time.

import Digests
import Files
import Foundation

/// Answers the file requests of ranks.
package final class FileDesk {
  /// The files that a job may read, and the paths of the files that it keeps.
  package struct Job {
    /// The files it reads.
    package var files: [FileIdentity]
    /// The path for each kind of kept file: a file or a folder.
    package var destinations: [KeptKind: String]

    package init(files: [FileIdentity], destinations: [KeptKind: String]) {
      self.files = files
      self.destinations = destinations
    }
  }

  /// A file that is being received.
  private struct Incoming {
    let path: String
    /// The open file; nil once it was closed because other ranks sent more lately, and what went wrong then.
    var file: Result<RawFile?, any Error>
    var digest = SHA256()
    var byteCount = 0
    var unsyncedCount = 0
  }

  /// The file is synced after every `syncByteCount` bytes, so that no single wait for the disk holds the leader up for long.
  private static let syncByteCount = 16 << 20

  /// The most received files that are open at a time: `ProcessLimits.filesOfLeader` counts them among the leader's own.
  static let mostOpenFiles = 16

  /// The file that is being received from each rank.
  private var incoming: [Int: Incoming] = [:]
  /// The ranks whose files are open, the one that sent something last at the end.
  private var openRanks: [Int] = []

  /// A desk without received files.
  package init() {}

  /// Answers the request of a rank that works on a job; an error becomes a response, too.
  package func answer(_ request: [UInt8], ofRank rank: Int, job: () throws -> Job) -> [UInt8] {
    do {
      return try answer(FileRequest(request), rank, job()).encoded
    } catch {
      return FileResponse.refused("\(error)").encoded
    }
  }

  private func answer(_ request: FileRequest, _ rank: Int, _ job: Job) throws -> FileResponse {
    switch request {
    case .inventory:
      return .inventory(job.files)
    case .read(let file, let offset):
      guard job.files.indices.contains(file) else {
        throw FileExchangeError("the job reads \(job.files.count) files, and none has the number \(file)")
      }
      return .bytes(try piece(of: job.files[file].path, at: offset))
    case .readCheckpoint(let offset):
      let path = try destination(.checkpoint, job)
      return .bytes(FileManager.default.fileExists(atPath: path) ? try piece(of: path, at: offset) : [])
    case .store(let kind, let name, let offset, let bytes):
      try store(bytes, at: offset, in: folder(of: try destination(kind, job), rank) + "/" + name, rank)
    case .close(let kind, let name, let digest):
      try close(folder(of: try destination(kind, job), rank) + "/" + name, digest, rank)
    case .keep(let kind):
      try keep(kind, at: try destination(kind, job), rank)
    }
    return .done
  }

  private func destination(_ kind: KeptKind, _ job: Job) throws -> String {
    guard let path = job.destinations[kind] else { throw FileExchangeError("nothing of the kind \(kind) is kept") }
    return path
  }

  private func piece(of path: String, at offset: Int) throws -> [UInt8] {
    try RawFile(path: path, flags: O_RDONLY).read(at: offset, count: largestPiece)
  }

  /// The path of a rank's files until they are whole.
  private func folder(of destination: String, _ rank: Int) -> String {
    WholeFile.temporaryPath(of: destination, owner: "of-rank-\(rank)")
  }

  private func store(_ bytes: [UInt8], at offset: Int, in path: String, _ rank: Int) throws {
    // The file is put back at the end, so after an error this rank has no open file.
    let known = takeIncoming(from: rank)
    if offset == 0 { try RawFile.createFolder(RawFile.folder(of: path)) }
    let begun =
      offset == 0
      ? Incoming(path: path, file: .success(try RawFile(path: path, flags: O_WRONLY | O_CREAT | O_TRUNC))) : known
    guard var current = begun, current.path == path, current.byteCount == offset else {
      throw FileExchangeError("rank \(rank) sent bytes at \(offset) of \(path), where others belong")
    }
    let file = try current.file.get() ?? RawFile(path: path, flags: O_WRONLY | O_APPEND)
    try bytes.withUnsafeBytes {
      try file.write($0)
      current.digest.update($0)
    }
    current.byteCount += bytes.count
    current.unsyncedCount += bytes.count
    if current.unsyncedCount >= Self.syncByteCount {
      try file.sync()
      current.unsyncedCount = 0
    }
    current.file = .success(file)
    incoming[rank] = current
    openRanks.append(rank)
    closeIdleFile()
  }

  /// Takes what is being received from a rank.
  private func takeIncoming(from rank: Int) -> Incoming? {
    openRanks.removeAll { $0 == rank }
    return incoming.removeValue(forKey: rank)
  }

  /// Closes the file of the rank that has sent nothing for longest, where more are open than may be. An error is that rank's.
  private func closeIdleFile() {
    guard openRanks.count > Self.mostOpenFiles else { return }
    let rank = openRanks.removeFirst()
    guard let file = incoming[rank]?.file else { return }
    incoming[rank]?.file = Result<RawFile?, any Error> {
      try file.get()?.close()
      return nil
    }
  }

  private func close(_ path: String, _ digest: String, _ rank: Int) throws {
    guard let known = takeIncoming(from: rank), known.path == path else {
      throw FileExchangeError("rank \(rank) ended \(path), which it did not begin")
    }
    let file = try known.file.get() ?? RawFile(path: path, flags: O_WRONLY | O_APPEND)
    try file.sync()
    try file.close()
    guard known.digest.finalizedHex() == digest else {
      throw FileExchangeError("\(path) is not what rank \(rank) sent: its SHA-256 is another one")
    }
  }

  /// Renames what was received to `destination` and replaces what had that name. For the kinds that are no folder the waiting
  /// folder holds one file and is removed.
  private func keep(_ kind: KeptKind, at destination: String, _ rank: Int) throws {
    let folder = folder(of: destination, rank)
    if kind.isFolder {
      try RawFile.remove(destination)
      guard rename(folder, destination) == 0 else { throw FileError.last("rename a new file to", destination) }
    } else {
      guard rename("\(folder)/\(RawFile.name(of: destination))", destination) == 0 else {
        throw FileError.last("rename a new file to", destination)
      }
      try? FileManager.default.removeItem(atPath: folder)
    }
    try RawFile.syncFolder(RawFile.folder(of: destination))
  }
}
