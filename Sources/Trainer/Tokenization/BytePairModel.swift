// Byte-level byte pair encoding: a word is its bytes; the pair that was merged first in training is merged first, of equal
// ones the leftmost. No dropout, no suffix at the end of words, no prefix inside them.

import Digests

/// A byte-level vocabulary with its merges.
package final class BytePairModel: SubwordModel {
  package let vocabulary: [String]
  package let tokenCount: Int
  package let unknown: Int32?
  private let fusesUnknown: Bool
  private let mergeDigest: String
  /// The token of each byte, or -1, (256).
  private let byteTokens: [Int32]
  private let merges: PairTable

  /// A vocabulary in identifier order and its merges, earliest first; of one pair given twice the last counts.
  ///
  /// - Parameter unknown: the token of bytes that the vocabulary lacks; without one they are dropped.
  /// - Parameter fusesUnknown: Whether adjacent unknown bytes are one token.
  /// - Throws: `VocabularyError` if a merge is of or makes a token that the vocabulary lacks.
  package init(
    vocabulary: [String], merges: [(String, String)], unknown: Int32?, fusesUnknown: Bool, source: String
  ) throws {
    let identifiers = vocabulary.identifiersOfTokens
    func identifier(_ token: String, of index: Int) throws -> Int32 {
      if let known = identifiers[Array(token.utf8)] { return known }
      throw VocabularyError(
        description: "\(source): merge \(index + 1) needs the token \"\(token)\", which the vocabulary lacks")
    }
    var table = PairTable(capacity: merges.count)
    for (index, merge) in merges.enumerated() {
      table.insert(
        try identifier(merge.0, of: index), try identifier(merge.1, of: index), rank: Int32(index),
        merged: try identifier(merge.0 + merge.1, of: index))
    }
    self.merges = table
    self.vocabulary = vocabulary
    tokenCount = identifiers.count
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    byteTokens = ByteAlphabet.letters.map { letter in
      var text: [UInt8] = []
      appendScalar(letter, to: &text)
      return identifiers[text] ?? -1
    }
    mergeDigest = SHA256.hex(of: merges.map { "\($0.0) \($0.1)\n" }.joined())
  }

  package var byteCount: Int { merges.byteCount }

  package var name: String { "byte-level BPE" }

  package var rules: String {
    "\(name), merges: \(mergeDigest), unknown: \(unknown ?? -1), fuses unknown: \(fusesUnknown)"
  }

  package func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    let start = tokens.count
    var fuses = false
    for byte in word {
      let token = byteTokens[Int(byte)]
      if token >= 0 {
        tokens.append(token)
        fuses = false
      } else if let unknown, !fuses {
        tokens.append(unknown)
        fuses = fusesUnknown
      }
    }
    if tokens.count - start <= Self.longestScanned {
      merges.scan(&tokens, from: start)
    } else {
      merges.mergeByHeap(&tokens, from: start)
    }
  }

  /// Words of at most this many bytes are merged by scanning all their pairs for each merge: a heap takes longer for them.
  private static let longestScanned = 64
}

/// The merges of pairs of tokens: their ranks and what they make, in one hash table.
struct PairTable: Sendable {
  /// Open addressing: first token << 32 | second, or all ones where empty.
  private var keys: [UInt64]
  /// The rank in the high half and the merged token in the low half.
  private var values: [UInt64]
  private let shift: UInt64

  private static let empty = UInt64.max
  /// What no pair is: larger than every value.
  static let none = UInt64.max

  /// Bytes that the table takes.
  var byteCount: Int { 16 * keys.count }

  init(capacity: Int) {
    var bits = 4
    while 1 << bits < 2 * capacity { bits += 1 }
    keys = [UInt64](repeating: Self.empty, count: 1 << bits)
    values = [UInt64](repeating: Self.none, count: 1 << bits)
    shift = UInt64(64 - bits)
  }

  mutating func insert(_ first: Int32, _ second: Int32, rank: Int32, merged: Int32) {
    let key = Self.key(first, second)
    let slot = slot(of: key)
    keys[slot] = key
    values[slot] = UInt64(UInt32(bitPattern: rank)) << 32 | UInt64(UInt32(bitPattern: merged))
  }

  /// The rank of a pair in the high half and what it makes in the low half; `none` where it is not merged.
  @inline(__always)
  func value(_ first: Int32, _ second: Int32) -> UInt64 { values[slot(of: Self.key(first, second))] }

  @inline(__always)
  private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    var slot = Int((key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while keys[slot] != Self.empty && keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    return slot
  }

  /// Merges the pairs of the tokens from `start` on: each time the lowest of all their ranks.
  func scan(_ tokens: inout [Int32], from start: Int) {
    var count = tokens.count - start
    guard count > 1 else { return }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { pairs in
      tokens.withUnsafeMutableBufferPointer { all in
        let tokens = UnsafeMutableBufferPointer(rebasing: all[start...])
        for index in 0..<count - 1 { pairs[index] = value(tokens[index], tokens[index + 1]) }
        while count > 1 {
          var best = 0
          for index in 1..<max(1, count - 1) where pairs[index] < pairs[best] { best = index }
          guard pairs[best] != Self.none else { break }
          tokens[best] = Int32(truncatingIfNeeded: pairs[best])
          count -= 1
          for index in best + 1..<max(best + 1, count) {
            tokens[index] = tokens[index + 1]
            pairs[index - 1] = pairs[index]
          }
          if best > 0 { pairs[best - 1] = value(tokens[best - 1], tokens[best]) }
          if best + 1 < count { pairs[best] = value(tokens[best], tokens[best + 1]) }
        }
      }
    }
    tokens.removeLast(tokens.count - start - count)
  }

  /// As `scan`, in n log n steps.
  func mergeByHeap(_ tokens: inout [Int32], from start: Int) {
    var word = Array(tokens[start...])
    var next = Array(1...word.count)
    var previous = Array(-1..<word.count - 1)
    var heap = MergeHeap()
    func push(_ index: Int) {
      guard next[index] < word.count else { return }
      let value = value(word[index], word[next[index]])
      if value != Self.none {
        heap.push(MergeHeap.Candidate(value: value, index: index, second: word[next[index]], first: word[index]))
      }
    }
    for index in word.indices { push(index) }
    while let best = heap.pop() {
      let index = best.index
      guard word[index] == best.first, next[index] < word.count, word[next[index]] == best.second else { continue }
      let removed = next[index]
      word[index] = Int32(truncatingIfNeeded: best.value)
      word[removed] = -1
      next[index] = next[removed]
      if next[index] < word.count { previous[next[index]] = index }
      if previous[index] >= 0 { push(previous[index]) }
      push(index)
    }
    tokens.removeLast(tokens.count - start)
    tokens += word.filter { $0 >= 0 }
  }
}

/// Pairs that may be merged: the lowest rank first, of equal ones the leftmost.
private struct MergeHeap {
  struct Candidate {
    var value: UInt64
    var index: Int
    /// The tokens that stood there when the pair was found.
    var second: Int32
    var first: Int32

    func isBefore(_ other: Candidate) -> Bool {
      (value >> 32, index) < (other.value >> 32, other.index)
    }
  }

  private var candidates: [Candidate] = []

  mutating func push(_ candidate: Candidate) {
    candidates.append(candidate)
    var index = candidates.count - 1
    while index > 0, candidates[index].isBefore(candidates[(index - 1) / 2]) {
      candidates.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func pop() -> Candidate? {
    guard let first = candidates.first else { return nil }
    candidates.swapAt(0, candidates.count - 1)
    candidates.removeLast()
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < candidates.count {
        if candidates[child].isBefore(candidates[least]) { least = child }
      }
      if least == index { return first }
      candidates.swapAt(index, least)
      index = least
    }
  }
}
