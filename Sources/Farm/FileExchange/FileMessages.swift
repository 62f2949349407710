// The requests that a rank sends to the leader about files, and the leader's responses, as bytes inside the farm's messages:
// one byte for the kind, then the farm's fields. A rank asks for, or sends, one piece of limited size at a time, so messages
// never pile up, and a rank that dies stops asking. Every length, number and name is checked when it is read.

import Farm
import Foundation

/// The most bytes of a file in one message.
package let largestPiece = 1 << 20

/// What went wrong with the transfer of a file; errors of the disk are `FileError`.
package struct FileExchangeError: Error, Equatable, CustomStringConvertible {
  /// What, where, and what the other side said.
  package let description: String

  /// An error with its sentence.
  package init(_ description: String) { self.description = description }
}

/// A file, identified by its content.
package struct FileIdentity: Equatable, Sendable {
  /// Its absolute path on the leader's machine.
  package var path: String
  /// Its size in bytes.
  package var byteCount: Int
  /// Its SHA-256 in hexadecimal.
  package var digest: String

  package init(path: String, byteCount: Int, digest: String) {
    self.path = path
    self.byteCount = byteCount
    self.digest = digest
  }
}

/// The kinds of files that a trial keeps besides its outcome.
package enum KeptKind: UInt8, CaseIterable, Sendable {
  /// A file of predictions.
  case predictions = 1
  /// A file of gradient norms.
  case gradientNorms
  /// A model folder.
  case weights
  /// The checkpoint of a trial that was stopped.
  case checkpoint
  /// A file of predictions on the test set.
  case testPredictions
  /// What the program of a trial wrote.
  case programLog
  /// A folder with files of predictions on further sets.
  case devSetPredictions

  /// Whether it is a folder rather than a file.
  var isFolder: Bool {
    switch self {
    case .weights, .devSetPredictions: true
    case .predictions, .gradientNorms, .checkpoint, .testPredictions, .programLog: false
    }
  }
}

/// What a rank asks for its job.
package enum FileRequest: Equatable, Sendable {
  /// Which files the job reads.
  case inventory
  /// Bytes of one of them, by its index in the inventory.
  case read(file: Int, offset: Int)
  /// Bytes of the job's checkpoint, none where there is none.
  case readCheckpoint(offset: Int)
  /// The next bytes of a file for the leader; bytes at offset 0 start the file again.
  case store(KeptKind, name: String, offset: Int, bytes: [UInt8])
  /// The file is whole: its SHA-256.
  case close(KeptKind, name: String, digest: String)
  /// All files of the kind are whole; the leader gives them their names.
  case keep(KeptKind)

  private enum Kind: UInt8 {
    case inventory = 1
    case read, readCheckpoint, store, close, keep
  }

  /// The request as bytes.
  package var encoded: [UInt8] {
    var writer = WireWriter()
    switch self {
    case .inventory:
      writer.write(byte: Kind.inventory.rawValue)
    case .read(let file, let offset):
      writer.write(byte: Kind.read.rawValue)
      writer.write(UInt64(file))
      writer.write(UInt64(offset))
    case .readCheckpoint(let offset):
      writer.write(byte: Kind.readCheckpoint.rawValue)
      writer.write(UInt64(offset))
    case .store(let kind, let name, let offset, let bytes):
      writer.write(byte: Kind.store.rawValue)
      writer.write(byte: kind.rawValue)
      writer.write(Array(name.utf8))
      writer.write(UInt64(offset))
      writer.write(bytes)
    case .close(let kind, let name, let digest):
      writer.write(byte: Kind.close.rawValue)
      writer.write(byte: kind.rawValue)
      writer.write(Array(name.utf8))
      writer.write(Array(digest.utf8))
    case .keep(let kind):
      writer.write(byte: Kind.keep.rawValue)
      writer.write(byte: kind.rawValue)
    }
    return writer.bytes
  }

  /// Reads a request.
  ///
  /// - Throws: `FarmError.malformedMessage` for an unknown kind, a name that could lead out of its folder, or too few or
  ///   too many bytes.
  package init(_ bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    let code = try reader.readByte()
    guard let kind = Kind(rawValue: code) else { throw reader.error("unknown file request \(code)") }
    switch kind {
    case .inventory: self = .inventory
    case .read: self = .read(file: try reader.readCount(), offset: try reader.readCount())
    case .readCheckpoint: self = .readCheckpoint(offset: try reader.readCount())
    case .store:
      let kept = try reader.readKeptKind()
      let (name, offset) = (try reader.readFileName(), try reader.readCount())
      let bytes = try reader.readBytes()
      guard bytes.count <= largestPiece else { throw reader.error("a piece of \(bytes.count) bytes") }
      self = .store(kept, name: name, offset: offset, bytes: bytes)
    case .close:
      self = .close(
        try reader.readKeptKind(), name: try reader.readFileName(), digest: try reader.readText())
    case .keep: self = .keep(try reader.readKeptKind())
    }
    try reader.finish()
  }
}

/// What the leader answers.
package enum FileResponse: Equatable, Sendable {
  /// The files that the job reads.
  case inventory([FileIdentity])
  /// Bytes of a file; fewer than `largestPiece` only at its end.
  case bytes([UInt8])
  /// The leader has stored what was sent.
  case done
  /// The request failed, for this reason.
  case refused(String)

  private enum Kind: UInt8 {
    case inventory = 1
    case bytes, done, refused
  }

  /// The response as bytes.
  package var encoded: [UInt8] {
    var writer = WireWriter()
    switch self {
    case .inventory(let files):
      writer.write(byte: Kind.inventory.rawValue)
      writer.write(UInt64(files.count))
      for file in files {
        writer.write(Array(file.path.utf8))
        writer.write(UInt64(file.byteCount))
        writer.write(Array(file.digest.utf8))
      }
    case .bytes(let bytes):
      writer.write(byte: Kind.bytes.rawValue)
      writer.write(bytes)
    case .done: writer.write(byte: Kind.done.rawValue)
    case .refused(let reason):
      writer.write(byte: Kind.refused.rawValue)
      writer.write(Array(reason.utf8))
    }
    return writer.bytes
  }

  /// Reads a response.
  ///
  /// - Throws: `FarmError.malformedMessage`.
  package init(_ bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    let code = try reader.readByte()
    guard let kind = Kind(rawValue: code) else { throw reader.error("unknown file response \(code)") }
    switch kind {
    case .inventory:
      // A count that is too large is harmless: reading fails where the message ends.
      let count = try reader.readCount()
      var files: [FileIdentity] = []
      while files.count < count {
        files.append(
          FileIdentity(
            path: try reader.readText(), byteCount: try reader.readCount(), digest: try reader.readText()))
      }
      self = .inventory(files)
    case .bytes:
      let bytes = try reader.readBytes()
      guard bytes.count <= largestPiece else { throw reader.error("a piece of \(bytes.count) bytes") }
      self = .bytes(bytes)
    case .done: self = .done
    case .refused: self = .refused(try reader.readText())
    }
    try reader.finish()
  }
}

extension WireReader {
  /// Reads a text; bytes that are not UTF-8 are refused.
  fileprivate mutating func readText() throws -> String {
    guard let text = String(bytes: try readBytes(), encoding: .utf8) else { throw error("a text that is not UTF-8") }
    return text
  }

  /// Reads the name of a file in a folder: letters, digits, `.`, `_` and `-`, no `.` first.
  fileprivate mutating func readFileName() throws -> String {
    let name = try readText()
    let isSafe = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isSafe, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200 else {
      throw error("a name that no file of a trial has")
    }
    return name
  }

  fileprivate mutating func readKeptKind() throws -> KeptKind {
    let code = try readByte()
    guard let kind = KeptKind(rawValue: code) else { throw error("unknown kind of kept file \(code)") }
    return kind
  }
}
