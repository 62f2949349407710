// SHA-256 (FIPS 180-4) of bytes in memory and of files, because Foundation on Linux has none. It uses the
// processor's SHA-256 instructions where there are some, which are seven times as fast. Digests identify contents (trials,
// models, data, journal records) and protect no secrets.

import CSHA256
import Files

/// An incremental SHA-256 digest.
package struct SHA256: Sendable {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19
  )
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0
  private let isAccelerated: Bool

  /// Whether this processor has SHA-256 instructions.
  static let hasInstructions = csha256_is_accelerated()

  /// A digest of no bytes.
  package init() { self.init(isAccelerated: Self.hasInstructions) }

  /// A digest of no bytes, with the processor's instructions or without.
  init(isAccelerated: Bool) {
    self.isAccelerated = isAccelerated
    pending.reserveCapacity(64)
  }

  /// Adds bytes to the digested content.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      start = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[0..<start])
      guard pending.count == 64 else { return }
      let full = pending
      pending.removeAll(keepingCapacity: true)
      full.withUnsafeBytes { compress($0, blockCount: 1) }
    }
    let blockCount = (bytes.count - start) / 64
    if blockCount > 0 {
      compress(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64 * blockCount]), blockCount: blockCount)
    }
    pending.append(contentsOf: bytes[(start + 64 * blockCount)...])
  }

  /// Adds the UTF-8 bytes of a text.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of everything added so far, as 32 bytes.
  package func finalized() -> [UInt8] {
    var copy = self
    let bitCount = byteCount &* 8
    var padding: [UInt8] = [0x80]
    while (copy.pending.count + padding.count) % 64 != 56 { padding.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) { padding.append(UInt8(truncatingIfNeeded: bitCount >> shift)) }
    padding.withUnsafeBytes { copy.update($0) }
    let words = [
      copy.state.0, copy.state.1, copy.state.2, copy.state.3, copy.state.4, copy.state.5, copy.state.6, copy.state.7,
    ]
    return words.flatMap { word in
      stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  /// The digest of everything added so far, as 64 lower-case hexadecimal digits.
  package func finalizedHex() -> String {
    Self.hex(finalized())
  }

  /// The digest of some bytes, as 64 lower-case hexadecimal digits.
  package static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finalizedHex()
  }

  /// The digest of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits.
  package static func hex(of text: String) -> String {
    var digest = SHA256()
    digest.update(text)
    return digest.finalizedHex()
  }

  /// The digest of a file's contents, read in pieces, as 64 lower-case hexadecimal digits.
  ///
  /// - Throws: `FileError`, also for a device, which may have no end.
  package static func hex(ofFile path: String) throws -> String {
    var digest = SHA256()
    try InputFile.forEachPiece(of: path) { digest.update($0) }
    return digest.finalizedHex()
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Adds whole 64-byte blocks to the state.
  private mutating func compress(_ bytes: UnsafeRawBufferPointer, blockCount: Int) {
    guard isAccelerated, let blocks = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return compressPortably(bytes, blockCount: blockCount)
    }
    withUnsafeMutableBytes(of: &state) { state in
      csha256_fold(state.baseAddress?.assumingMemoryBound(to: UInt32.self), blocks, blockCount)
    }
  }

  /// The same with the instructions that every processor has.
  private mutating func compressPortably(_ bytes: UnsafeRawBufferPointer, blockCount: Int) {
    func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
    guard let constants = csha256_round_constants() else { return }
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
      for block in 0..<blockCount {
        for index in 0..<16 {
          schedule[index] = UInt32(
            bigEndian: bytes.loadUnaligned(fromByteOffset: 64 * block + 4 * index, as: UInt32.self))
        }
        for index in 16..<64 {
          let early = schedule[index - 15]
          let late = schedule[index - 2]
          let sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
          let sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
          schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        var (a, b, c, d, e, f, g, h) = state
        for index in 0..<64 {
          let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
          let first = h &+ sum1 &+ (e & f ^ ~e & g) &+ constants[index] &+ schedule[index]
          let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
          let second = sum0 &+ (a & b ^ a & c ^ b & c)
          (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        state = (
          state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d,
          state.4 &+ e, state.5 &+ f, state.6 &+ g, state.7 &+ h
        )
      }
    }
  }
}
