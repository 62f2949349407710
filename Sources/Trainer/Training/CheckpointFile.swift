// A checkpoint on disk: one file that appears whole or not at all, a line of sizes, a text, some arenas of bytes, and the
// SHA-256 of all before it. What they mean is the caller's; a damaged file is found before anything is read out of it.

import Digests
import Files

/// A checkpoint file whose checksum holds, opened for reading.
final class CheckpointFile {
  /// What the text says.
  let text: String
  /// The bytes of each arena.
  let byteCounts: [Int]
  private let file: InputFile
  /// Where the next arena begins.
  private var offset: Int

  private static let digestByteCount = 64
  private static let pieceByteCount = 1 << 20
  /// More than the sizes of any checkpoint take.
  private static let longestLine = 4096

  /// Writes a file and gives it its name.
  ///
  /// - Parameters:
  ///   - title: what kind of checkpoint it is, without spaces.
  ///   - text: anything.
  ///   - arenas: the bytes that follow it.
  /// - Throws: `FileError`.
  static func write(title: String, text: String, arenas: [UnsafeRawBufferPointer], to file: WholeFile) throws {
    let sizes = ([text.utf8.count] + arenas.map(\.count)).map(String.init).joined(separator: " ")
    var digest = SHA256()
    func add(_ bytes: UnsafeRawBufferPointer) throws {
      if bytes.isEmpty { return }
      digest.update(bytes)
      try file.write(bytes)
    }
    for part in ["\(title) \(sizes)\n", text] { try Array(part.utf8).withUnsafeBytes(add) }
    for arena in arenas { try add(arena) }
    try file.write(digest.finalizedHex())
    try file.finish()
  }

  /// Opens a file and checks it from end to end.
  ///
  /// - Throws: `FileError` if it cannot be read; `TrainingError` if it is damaged, or of another kind.
  init(path: String, title: String) throws {
    file = try InputFile(path)
    let damaged = TrainingError("\(path) is damaged: its checksum is wrong")
    guard file.size > Self.digestByteCount else { throw damaged }
    var digest = SHA256()
    let end = file.size - Self.digestByteCount
    for start in stride(from: 0, to: end, by: Self.pieceByteCount) {
      try file.bytes(start..<min(start + Self.pieceByteCount, end)).withUnsafeBytes { digest.update($0) }
    }
    guard digest.finalizedHex().utf8.elementsEqual(try file.bytes(end..<file.size)) else { throw damaged }
    let head = try file.bytes(0..<min(Self.longestLine, end))
    guard let lineEnd = head.firstIndex(of: 10) else { throw damaged }
    let words = String(decoding: head[..<lineEnd], as: UTF8.self).split(separator: " ")
    let sizes = words.dropFirst().compactMap { Int($0) }
    guard words.first.map(String.init) == title, let textSize = sizes.first, sizes.count == words.count - 1,
      sizes.allSatisfy({ (0...end).contains($0) }), sizes.reduce(lineEnd + 1, +) == end
    else { throw TrainingError("\(path) is no checkpoint of this version") }
    offset = lineEnd + 1 + textSize
    text = String(decoding: try file.bytes(lineEnd + 1..<offset), as: UTF8.self)
    byteCounts = Array(sizes.dropFirst())
  }

  /// Reads the next arena into memory of its size; every arena is read once, in order.
  func read(into arena: UnsafeMutableRawBufferPointer) throws {
    try file.readAll(into: arena, at: offset)
    offset += arena.count
  }
}
