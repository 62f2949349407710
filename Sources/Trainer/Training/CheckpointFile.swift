// A checkpoint on disk: one file that appears whole or not at all, a line of sizes, a text, some arenas of bytes, and the
// SHA-256 of all before it. What they mean is the caller's; a damaged file is found before anything is read out of it.

import Digests
import Foundation

/// A checkpoint file whose checksum holds, opened for reading.
final class CheckpointFile {
  /// What the text says.
  let text: String
  /// The bytes of each arena.
  let byteCounts: [Int]
  private let path: String
  private let handle: FileHandle

  private static let digestByteCount = 64
  private static let pieceByteCount = 1 << 20
  /// More than the sizes of any checkpoint take.
  private static let longestLine = 4096

  /// Writes a file; one that need not survive the machine's own crash does not wait for the disk.
  ///
  /// - Parameters:
  ///   - title: what kind of checkpoint it is, without spaces.
  ///   - text: anything.
  ///   - arenas: the bytes that follow it.
  /// - Throws: `TrainingError` with the system's reason.
  static func write(
    title: String, text: String, arenas: [UnsafeRawBufferPointer], to file: PendingFile, isDurable: Bool = true
  ) throws {
    let sizes = ([text.utf8.count] + arenas.map(\.count)).map(String.init).joined(separator: " ")
    do {
      let handle = try file.open()
      defer { try? handle.close() }
      var digest = SHA256()
      func add(_ bytes: UnsafeRawBufferPointer) throws {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        digest.update(bytes)
        try handle.write(
          contentsOf: Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none))
      }
      for part in ["\(title) \(sizes)\n", text] { try Array(part.utf8).withUnsafeBytes(add) }
      for arena in arenas { try add(arena) }
      try handle.write(contentsOf: Data(digest.finalizedHex().utf8))
      if isDurable { try handle.synchronize() }
      try file.commit()
    } catch {
      file.discard()
      throw TrainingError("cannot write \(file.path): \(systemReason(error))")
    }
  }

  /// Opens a file and checks it from end to end.
  ///
  /// - Throws: `TrainingError` if it cannot be read, is damaged, or is of another kind.
  init(path: String, title: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw TrainingError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    self.path = path
    self.handle = handle
    let size = Int(try handle.seekToEnd())
    let damaged = TrainingError("\(path) is damaged: its checksum is wrong")
    guard size > Self.digestByteCount else { throw damaged }
    var digest = SHA256()
    var offset = 0
    let end = size - Self.digestByteCount
    while offset < end {
      let piece = try Self.read(handle, path, at: offset, count: min(Self.pieceByteCount, end - offset))
      piece.withUnsafeBytes { digest.update($0) }
      offset += piece.count
    }
    let expected = try Self.read(handle, path, at: end, count: Self.digestByteCount)
    guard digest.finalizedHex().utf8.elementsEqual(expected) else { throw damaged }
    let head = try Self.read(handle, path, at: 0, count: min(Self.longestLine, end))
    guard let lineEnd = head.firstIndex(of: 10) else { throw damaged }
    let words = String(decoding: head[..<lineEnd], as: UTF8.self).split(separator: " ")
    let sizes = words.dropFirst().compactMap { Int($0) }
    guard words.first.map(String.init) == title, let textSize = sizes.first, sizes.count == words.count - 1,
      sizes.allSatisfy({ (0...end).contains($0) }), sizes.reduce(lineEnd + 1, +) == end
    else { throw TrainingError("\(path) is no checkpoint of this version") }
    text = String(decoding: try Self.read(handle, path, at: lineEnd + 1, count: textSize), as: UTF8.self)
    byteCounts = Array(sizes.dropFirst())
    try handle.seek(toOffset: UInt64(lineEnd + 1 + textSize))
  }

  deinit { try? handle.close() }

  /// Reads the next arena into memory of its size; every arena is read once, in order.
  func read(into arena: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < arena.count {
      let count = min(Self.pieceByteCount, arena.count - done)
      guard let piece = try handle.read(upToCount: count), !piece.isEmpty else {
        throw TrainingError("\(path) became shorter while it was read")
      }
      piece.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: arena[done..<done + piece.count]))
      done += piece.count
    }
  }

  private static func read(_ handle: FileHandle, _ path: String, at offset: Int, count: Int) throws -> Data {
    do {
      try handle.seek(toOffset: UInt64(offset))
      var data = Data()
      while data.count < count, let piece = try handle.read(upToCount: count - data.count), !piece.isEmpty {
        data += piece
      }
      guard data.count == count else { throw TrainingError("\(path) became shorter while it was read") }
      return data
    } catch let error as TrainingError { throw error } catch {
      throw TrainingError("cannot read \(path): \(systemReason(error))")
    }
  }
}
