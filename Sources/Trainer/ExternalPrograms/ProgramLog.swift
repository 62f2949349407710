// The log of a trial's program: what it wrote, up to a cap. Of more the first and the last parts are kept, and a line between them
// says what was cut. A log that cannot be written costs no trial.

import Files
import Foundation

/// What a program wrote, as a file.
final class ProgramLog {
  /// The most bytes of a log.
  static let cap = 16 << 20

  private let path: String
  private let half: Int
  private var file: RawFile?
  private var writtenCount = 0
  /// The last bytes beyond the first half: a whole block of that size, and the one that is being filled.
  private var blocks: (last: [UInt8], current: [UInt8]) = ([], [])
  private var beyondCount = 0
  /// The last bytes of all, for a message.
  private var tail: [UInt8] = []
  /// Why nothing more is written.
  private(set) var failure: String?

  /// A log at a path; an older one is removed. The file is made when something is written.
  init(_ path: String, cap: Int = ProgramLog.cap) {
    self.path = path
    half = cap / 2
    unlink(path)
  }

  /// Adds bytes.
  func add(_ bytes: UnsafeRawBufferPointer) {
    tail.append(contentsOf: bytes.suffix(2048))
    if tail.count > 4096 { tail.removeFirst(tail.count - 2048) }
    let first = min(bytes.count, half - writtenCount)
    if first > 0 {
      put(UnsafeRawBufferPointer(rebasing: bytes[..<first]))
      writtenCount += first
    }
    if first < bytes.count { keep(UnsafeRawBufferPointer(rebasing: bytes[first...])) }
  }

  /// Writes what was kept of the end.
  func finish() {
    if beyondCount > 0 {
      let end = (blocks.last + blocks.current).suffix(half)
      if beyondCount > end.count { put(Array("\n[... \(beyondCount - end.count) bytes were cut here ...]\n".utf8)) }
      put(Array(end))
    }
    do { try file?.close() } catch { failure = failure ?? "\(error)" }
    file = nil
  }

  /// The last line that says something, without control characters; nil where there is none.
  var lastLine: String? {
    let lines = String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline)
    let line = lines.last { $0.contains { !$0.isWhitespace } }
    return line.map { String($0.filter { !$0.isControl }.prefix(300)) }
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    beyondCount += bytes.count
    blocks.current.append(contentsOf: bytes)
    if blocks.current.count >= half { blocks = (blocks.current, []) }
  }

  private func put(_ bytes: [UInt8]) { bytes.withUnsafeBytes { put($0) } }

  private func put(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, !bytes.isEmpty else { return }
    do {
      if file == nil { file = try RawFile(path: path, flags: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) }
      try file?.write(bytes)
    } catch { failure = "\(error)" }
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
  }
}
