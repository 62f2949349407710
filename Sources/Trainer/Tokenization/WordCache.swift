// The tokens of words that a model has met: texts say the same words again and again, and a look takes less time than a search.
// What it holds changes no token, so a thread that finds another thread at it does without.

import Foundation
import Synchronization

/// The last word of each slot with its tokens.
final class WordCache: Sendable {
  private let table = Mutex(WordTable())

  /// Bytes that the cache takes.
  static let byteCount = WordTable.slotCount * WordTable.slotSize

  /// Calls `body` with a function that appends the tokens of a word.
  func use(_ model: any SubwordModel, _ body: ((UnsafeBufferPointer<UInt8>, inout [Int32]) -> Void) -> Void) {
    let isDone: Void? = table.withLockIfAvailable { table in
      body { table.append($0, to: &$1, model) }
    }
    if isDone == nil { body { model.append($0, to: &$1) } }
  }
}

/// Slots of one line of the processor's cache each: a header, the word's bytes and its tokens.
private struct WordTable: ~Copyable {
  /// What begins a slot.
  private struct Header {
    /// The bytes of the word; 0 where the slot has none.
    var length: UInt8
    var tokenCount: UInt8
    /// Whether the word came again since another one asked for the slot.
    var cameAgain: Bool
  }

  private static let slotBits = 14
  static let slotCount = 1 << slotBits
  static let slotSize = 64
  private static let wordOffset = 3
  private static let tokenOffset = 28
  /// Longer words are not kept.
  private static let longestWord = tokenOffset - wordOffset
  /// Words of more tokens are not kept.
  private static let mostTokens = (slotSize - tokenOffset) / MemoryLayout<Int32>.stride

  /// Nil before the first word: many a tokenizer is only compared with another.
  private var slots: UnsafeMutableRawPointer?

  deinit { slots?.deallocate() }

  private mutating func allocatedSlots() -> UnsafeMutableRawPointer {
    if let slots { return slots }
    let made = UnsafeMutableRawPointer.allocate(
      byteCount: Self.slotCount * Self.slotSize, alignment: Self.slotSize)
    made.initializeMemory(as: UInt8.self, repeating: 0, count: Self.slotCount * Self.slotSize)
    slots = made
    return made
  }

  /// Appends the tokens of a word, which the model makes where the slot holds another one.
  mutating func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32], _ model: any SubwordModel) {
    guard let start = word.baseAddress, (1...Self.longestWord).contains(word.count) else {
      return model.append(word, to: &tokens)
    }
    let slot = allocatedSlots() + Self.slotSize * Self.index(start, word.count)
    let kept = (slot + Self.tokenOffset).assumingMemoryBound(to: Int32.self)
    var header = slot.load(as: Header.self)
    if header.length == word.count, memcmp(slot + Self.wordOffset, start, word.count) == 0 {
      tokens.append(contentsOf: UnsafeBufferPointer(start: kept, count: Int(header.tokenCount)))
      guard !header.cameAgain else { return }
      header.cameAgain = true
      return slot.storeBytes(of: header, as: Header.self)
    }
    let first = tokens.count
    model.append(word, to: &tokens)
    let count = tokens.count - first
    guard count <= Self.mostTokens else { return }
    // Most words of a text are rare: one that came again stays until another one asks for the second time.
    if header.cameAgain {
      header.cameAgain = false
      return slot.storeBytes(of: header, as: Header.self)
    }
    slot.storeBytes(
      of: Header(length: UInt8(word.count), tokenCount: UInt8(count), cameAgain: false), as: Header.self)
    memcpy(slot + Self.wordOffset, start, word.count)
    for index in 0..<count { kept[index] = tokens[first + index] }
  }

  /// The slot of a word: its bytes, up to eight at a time, mixed by multiplication.
  private static func index(_ word: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let bytes = UnsafeRawPointer(word)
    var mixed = UInt64(count)
    func mix(_ part: UInt64) {
      mixed = (mixed ^ part) &* 0x9E37_79B9_7F4A_7C15
      mixed ^= mixed >> 32
    }
    if count >= 8 {
      for offset in stride(from: 0, to: count - 8, by: 8) {
        mix(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      }
      mix(bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
    } else if count >= 4 {
      let last = bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      mix(UInt64(bytes.loadUnaligned(as: UInt32.self)) | UInt64(last) << 32)
    } else {
      mix(UInt64(word[0]) | UInt64(word[count / 2]) << 8 | UInt64(word[count - 1]) << 16)
    }
    return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) >> (64 - slotBits))
  }
}
