// Reads a journal from front to back in bounded memory. Torn, zeroed or foreign bytes are stepped over to the next record
// whose checksum holds, and what was stepped over is reported; a damaged journal is never refused.

import Digests
import Files
import Foundation
import Host
import Trials

/// A record and where it stands.
package struct JournalEntry: Equatable, Sendable {
  /// The record.
  package var record: JournalRecord
  /// The epoch of the leader that wrote it.
  package var epoch: Int
  /// The line's first byte.
  package var offset: Int
  /// The line's bytes without its line end.
  package var byteCount: Int
}

/// Bytes of a journal that hold no record.
package struct SkippedBytes: Equatable, Sendable, CustomStringConvertible {
  /// The first byte.
  package var offset: Int
  /// How many.
  package var byteCount: Int
  /// The line, counted from 1, on which they start.
  package var line: Int
  /// Why a record with a valid checksum could not be read; nil for bytes that are no record.
  package var reason: String?

  /// "37 bytes at offset 1204 (line 9)".
  package var description: String {
    "\(counted(byteCount, "byte")) at offset \(offset) (line \(line))"
      + (reason.map { ": \($0)" } ?? "")
  }
}

/// Reads the records of a journal one by one.
package struct JournalReader {
  private static let pieceSize = 1 << 20
  private let file: RawFile
  /// Bytes of the file from `bufferOffset` on; those before `start` are done with.
  private var buffer: [UInt8] = []
  private var bufferOffset: Int
  private var start = 0
  private var line: Int
  private var isAtEnd = false
  /// The bytes stepped over so far, in order.
  package private(set) var skipped: [SkippedBytes] = []

  /// Opens a journal, to be read from its start or, with the line's number, from an offset where a line starts.
  ///
  /// - Throws: `FileError`.
  package init(path: String, offset: Int = 0, line: Int = 1) throws {
    file = try RawFile(path: path, flags: O_RDONLY)
    bufferOffset = offset
    self.line = line
  }

  /// The offset of the next unread byte and the number of its line.
  var position: (offset: Int, line: Int) { (bufferOffset + start, line) }

  /// The next record; nil at the end of the file.
  ///
  /// - Throws: `FileError`.
  package mutating func next() throws -> JournalEntry? {
    while true {
      try skipLineEnds()
      guard try available(1) else { return nil }
      guard let found = buffer[start...].firstOffset(of: JournalLine.marker) else {
        // The last bytes may be the start of a marker that the next piece completes.
        skip(max(0, buffer.count - start - JournalLine.marker.count + 1))
        if try !available(JournalLine.marker.count) { skip(buffer.count - start) }
        continue
      }
      skip(found - start)
      guard let header = try completeHeader() else {
        skip(1)
        continue
      }
      if let entry = decode(header) { return entry }
    }
  }

  /// The header at `start`, if the whole line is in the buffer and its checksum holds.
  private mutating func completeHeader() throws -> JournalLine.Header? {
    _ = try available(JournalLine.longestHeader)
    guard let header = JournalLine.header(buffer[start...]) else { return nil }
    // No record holds a line end or another's marker, so no byte is looked at for more than one of the records that a
    // damaged file may claim. Counted from `start`, which moves when more is read.
    var checkedCount = header.byteCount
    while true {
      let rest = buffer[(start + checkedCount)..<min(start + header.lineByteCount, buffer.count)]
      if rest.firstOffset(of: JournalLine.marker) != nil || rest.contains(0x0A) { return nil }
      guard buffer.count - start < header.lineByteCount else { break }
      // The last bytes may be the start of a marker that the next piece completes.
      checkedCount = max(header.byteCount, buffer.count - start - JournalLine.marker.count + 1)
      guard try available(buffer.count - start + 1) else { return nil }
    }
    let body = start + header.byteCount..<start + header.lineByteCount - 1
    guard buffer[body.upperBound] == 0x7D,
      buffer.withUnsafeBytes({ CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[body])) }) == header.checksum
    else { return nil }
    return header
  }

  /// The record behind a checked header; nil, and skipped, if it is of a kind this version does not know.
  private mutating func decode(_ header: JournalLine.Header) -> JournalEntry? {
    let body = start + header.byteCount..<start + header.lineByteCount - 1
    do {
      let line = try JournalLine(body: buffer[body])
      let entry = JournalEntry(
        record: line.record, epoch: line.epoch, offset: bufferOffset + start, byteCount: header.lineByteCount)
      start += header.lineByteCount
      return entry
    } catch {
      skip(header.lineByteCount, reason: "\(error)")
      return nil
    }
  }

  private mutating func skipLineEnds() throws {
    while try available(1), buffer[start] == 0x0A {
      start += 1
      line += 1
    }
  }

  /// Whether `count` bytes from `start` on are in the buffer, after reading more if necessary.
  private mutating func available(_ count: Int) throws -> Bool {
    while buffer.count - start < count && !isAtEnd {
      if start > 0 {
        bufferOffset += start
        buffer.removeFirst(start)
        start = 0
      }
      let piece = try file.read(at: bufferOffset + buffer.count, count: Self.pieceSize)
      isAtEnd = piece.count < Self.pieceSize
      buffer.append(contentsOf: piece)
    }
    return buffer.count - start >= count
  }

  private mutating func skip(_ count: Int, reason: String? = nil) {
    guard count > 0 else { return }
    let offset = bufferOffset + start
    if reason == nil, let last = skipped.last, last.reason == nil, last.offset + last.byteCount == offset {
      skipped[skipped.count - 1].byteCount += count
    } else {
      skipped.append(SkippedBytes(offset: offset, byteCount: count, line: line, reason: reason))
    }
    line += buffer[start..<start + count].count { $0 == 0x0A }
    start += count
  }
}

extension JournalReader {
  /// The largest epoch among the last records of a journal, 0 where there is none, found without reading all of it.
  ///
  /// - Throws: `FileError`.
  static func lastEpoch(path: String) throws -> Int {
    let size: Int
    do { size = try RawFile(path: path, flags: O_RDONLY).size() } catch let error as FileError
      where error.code == ENOENT
    {
      return 0
    }
    var window = pieceSize
    while true {
      var reader = try JournalReader(path: path, offset: max(0, size - window))
      var epoch = 0
      while let entry = try reader.next() { epoch = max(epoch, entry.epoch) }
      if epoch > 0 || window >= size { return epoch }
      window *= 8
    }
  }
}

extension ArraySlice<UInt8> {
  /// The index at which some bytes first occur.
  func firstOffset(of pattern: [UInt8]) -> Int? {
    withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let first = pattern.first else { return nil }
      var index = 0
      while index + pattern.count <= bytes.count {
        let rest = bytes.count - pattern.count + 1 - index
        guard let candidate = memchr(base + index, Int32(first), rest) else { return nil }
        if memcmp(candidate, pattern, pattern.count) == 0 { return startIndex + (UnsafeRawPointer(candidate) - base) }
        index = UnsafeRawPointer(candidate) - base + 1
      }
      return nil
    }
  }
}
