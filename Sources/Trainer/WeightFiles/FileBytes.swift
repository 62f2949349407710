// The bytes of a stretch of a file, one after another: for formats that say only as they are read how long they are. A count is
// compared with what is left before anything is allocated.

import ModelFiles

/// A position in a stretch of a file, and the bytes after it.
struct FileBytes {
  let file: ModelFile
  /// Where the stretch ends.
  private let end: Int
  /// The bytes that were read ahead, and where they start.
  private var ahead: [UInt8] = []
  private var aheadStart: Int
  private var index = 0

  /// Bytes that are read ahead.
  private static let aheadCount = 1 << 16

  init(_ file: ModelFile, _ range: Range<Int>) {
    self.file = file
    end = range.upperBound
    aheadStart = range.lowerBound
  }

  /// Where the next byte lies in the file.
  var position: Int { aheadStart + index }

  /// The bytes from the position to the end of the stretch.
  var remainingCount: Int { end - position }

  /// The next byte.
  mutating func byte() throws -> UInt8 {
    if index == ahead.count { try readAhead(1) }
    defer { index += 1 }
    return ahead[index]
  }

  /// The next `count` bytes.
  mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
    if ahead.count - index < count { try readAhead(count) }
    defer { index += count }
    return ahead[index..<index + count]
  }

  /// A number of `size` bytes, at most 8, the lowest one first.
  mutating func number(_ size: Int) throws -> UInt64 {
    try bytes(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// As `number`, for a number of bytes: one that no stretch can hold is too large for all of them.
  mutating func count(_ size: Int) throws -> Int { Int(clamping: try number(size)) }

  /// A text up to the end of its line, which is passed over.
  mutating func line(atMost limit: Int) throws -> String {
    var line: [UInt8] = []
    while true {
      let next = try byte()
      if next == UInt8(ascii: "\n") { break }
      line.append(next)
      guard line.count <= limit else { throw error("a name has more than \(limit) bytes") }
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// Reads on so that `count` bytes follow.
  private mutating func readAhead(_ count: Int) throws {
    guard count <= remainingCount else {
      throw error("\(count) more bytes are needed and \(remainingCount) are left: the file is cut short or damaged")
    }
    let start = position
    ahead = try file.bytes(start..<start + min(remainingCount, max(count, Self.aheadCount)))
    (aheadStart, index) = (start, 0)
  }

  /// An error about what stands here.
  func error(_ reason: String) -> ModelFileError {
    ModelFileError(path: file.path, reason: "at byte \(position): \(reason)")
  }
}
