import Dispatch
import Synchronization
import XCTest

@testable import Tokenization

/// The tokens of earlier words: whatever the cache holds, a word has the tokens that its model makes.
final class WordCacheTests: XCTestCase {
  /// A model whose tokens of a word are sums of its first bytes, up to 14 of them. It counts the words that it is asked for.
  private final class Sums: SubwordModel {
    let vocabulary: [String] = []
    let unknown: Int32? = nil
    let rules = "sums"
    let name = "sums"
    let byteCount = 0
    let askedCount = Atomic(0)

    static func tokens(_ word: some Collection<UInt8>) -> [Int32] {
      var sum: Int32 = 0
      return word.prefix(word.count % 15).map { byte in
        sum += Int32(byte)
        return sum
      }
    }

    func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
      askedCount.add(1, ordering: .relaxed)
      tokens += Self.tokens(word)
    }
  }

  /// Words of 1 to 40 bytes of a small alphabet; many come again, and many share a slot.
  private static func words(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var state = seed
    func below(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    return (0..<count).map { _ in
      let length = below(3) == 0 ? 1 + below(40) : 1 + below(5)
      return (0..<length).map { _ in UInt8(97 + below(4)) }
    }
  }

  private static func tokens(_ words: [[UInt8]], _ cache: WordCache, _ model: Sums) -> [Int32] {
    var tokens: [Int32] = []
    cache.use(model) { append in
      for word in words { word.withUnsafeBufferPointer { append($0, &tokens) } }
    }
    return tokens
  }

  func testTokensAreThoseOfTheModel() {
    let (cache, model) = (WordCache(), Sums())
    let words = Self.words(50_000, seed: 1)
    XCTAssertEqual(Self.tokens(words, cache, model), words.flatMap(Sums.tokens))
    let asked = model.askedCount.load(ordering: .relaxed)
    XCTAssertLessThan(asked, words.count / 2, "two of three are among the 1,364 words of at most 5 letters")
    // Longer words and words of more tokens than a slot has room for are made anew.
    for word in [[UInt8](repeating: 97, count: 27), [UInt8](repeating: 98, count: 10)] {
      let before = model.askedCount.load(ordering: .relaxed)
      XCTAssertEqual(Self.tokens([word, word], cache, model), Sums.tokens(word) + Sums.tokens(word))
      XCTAssertEqual(model.askedCount.load(ordering: .relaxed), before + 2)
    }
    // A word without tokens is kept as well.
    let before = model.askedCount.load(ordering: .relaxed)
    let empty = Array("fifteen letters".utf8)
    XCTAssertEqual(Self.tokens([empty, empty], cache, model), [])
    XCTAssertEqual(model.askedCount.load(ordering: .relaxed), before + 1)
  }

  func testThreadsShareACache() {
    let (cache, model) = (WordCache(), Sums())
    let texts = (0..<8).map { Self.words(2000, seed: UInt64($0)) }
    let found = Mutex([[Int32]](repeating: [], count: texts.count))
    DispatchQueue.concurrentPerform(iterations: texts.count) { index in
      let tokens = Self.tokens(texts[index], cache, model)
      found.withLock { $0[index] = tokens }
    }
    XCTAssertEqual(found.withLock { $0 }, texts.map { $0.flatMap(Sums.tokens) })
  }
}
