import XCTest

@testable import Tokenization

/// The trie of a vocabulary against a search of its texts one by one.
final class TokenTrieTests: XCTestCase {
  private struct Match: Equatable {
    var token: Int32
    var length: Int
  }

  /// Numbers below bounds, from a fixed start.
  private struct Numbers {
    var state: UInt64 = 7

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }

    mutating func text(_ length: Int, _ alphabet: ClosedRange<UInt8>) -> [UInt8] {
      (0..<length).map { _ in alphabet.lowerBound + UInt8(below(alphabet.count)) }
    }
  }

  private func check(_ texts: [[UInt8]], in searched: [[UInt8]]) {
    let trie = TokenTrie(texts: texts)
    var last: [[UInt8]: Int32] = [:]
    for (index, text) in texts.enumerated() where !text.isEmpty { last[text] = Int32(index) }
    for text in searched {
      text.withUnsafeBufferPointer { bytes in
        for position in text.indices {
          var found: [Match] = []
          trie.forEachMatch(bytes, position) { found.append(Match(token: $0, length: $1)) }
          let expected = (position + 1..<text.count + 1).compactMap { end in
            last[Array(text[position..<end])].map { Match(token: $0, length: end - position) }
          }
          XCTAssertEqual(found, expected)
          let longest = trie.longestMatch(bytes, position, end: text.count)
          XCTAssertEqual(
            Match(token: longest.identifier, length: longest.length), expected.last ?? Match(token: -1, length: 0))
        }
      }
    }
  }

  func testMatchesAreThoseOfASearch() {
    var numbers = Numbers()
    // Few letters: deep, with many equal texts and empty ones. All bytes: wide, with nodes of 256 children.
    for (alphabet, longest, count) in [(UInt8(97)...UInt8(99), 6, 600), (0...255, 3, 3000), (0...255, 1, 900)] {
      let texts = (0..<count).map { _ in numbers.text(numbers.below(longest + 1), alphabet) }
      check(texts, in: (0..<40).map { _ in numbers.text(numbers.below(30), alphabet) } + texts.prefix(200))
    }
  }

  func testVocabulariesWithoutTokens() {
    check([], in: [[97, 98]])
    check([[], [], []], in: [[97], []])
  }

  /// The double array is not much larger than its nodes: what nodes of many children leave is filled by those of one.
  func testTheSizeOfTheTrie() {
    var numbers = Numbers()
    let texts = (0..<4000).map { _ in numbers.text(1 + numbers.below(8), 97...122) }
    let nodes = Set(texts.flatMap { text in (0...text.count).map { Array(text.prefix($0)) } })
    XCTAssertLessThan(TokenTrie(texts: texts).byteCount, 12 * (nodes.count * 5 / 4 + 256))
  }
}
