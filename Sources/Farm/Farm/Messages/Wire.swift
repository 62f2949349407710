// Little-endian fields in and out of byte arrays; the reader trusts no length it finds.

/// Appends fields to a growing message.
package struct WireWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(byte: UInt8) { bytes.append(byte) }

  package mutating func write(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes the length, then the bytes.
  package mutating func write(_ part: [UInt8]) {
    write(UInt64(part.count))
    bytes.append(contentsOf: part)
  }
}

/// Takes fields off the front of a message.
package struct WireReader {
  private let bytes: [UInt8]
  private var offset = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package mutating func readByte() throws -> UInt8 {
    try require(1)
    defer { offset += 1 }
    return bytes[offset]
  }

  package mutating func readWord() throws -> UInt64 {
    try require(8)
    defer { offset += 8 }
    return bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
  }

  /// Reads a number that must fit a nonnegative `Int`.
  package mutating func readCount() throws -> Int {
    let word = try readWord()
    guard let count = Int(exactly: word) else {
      offset -= 8
      throw error("the number \(word) is out of range")
    }
    return count
  }

  /// Reads a length and that number of bytes.
  package mutating func readBytes() throws -> [UInt8] {
    let count = try readCount()
    try require(count)
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Throws unless everything has been read.
  package func finish() throws {
    if offset != bytes.count { throw error("\(bytes.count - offset) bytes too many") }
  }

  package func error(_ problem: String) -> FarmError {
    .malformedMessage(problem: problem, offset: offset, byteCount: bytes.count)
  }

  private func require(_ count: Int) throws {
    let left = bytes.count - offset
    if count > left { throw error("\(count) bytes are needed and \(left) are left") }
  }
}
