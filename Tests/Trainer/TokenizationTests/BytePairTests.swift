// Byte pair encoding against its definition, step by step.

import XCTest

@testable import Tokenization

final class BytePairTests: XCTestCase {
  /// Merges the leftmost pair of the lowest rank until there is none.
  private func merged(_ word: [String], _ ranks: [String: Int]) -> [String] {
    var word = word
    while true {
      let pairs = zip(word, word.dropFirst()).map { ranks["\($0) \($1)"] ?? .max }
      guard let best = pairs.min(), best < .max, let index = pairs.firstIndex(of: best) else { return word }
      let second = word.remove(at: index + 1)
      word[index] += second
    }
  }

  /// Short words are scanned and long ones merged by a heap: both must be what the definition says.
  func testRandomWordsOfAllLengths() throws {
    let merges = [
      ("b", "a"), ("a", "a"), ("aa", "aa"), ("a", "b"), ("c", "ba"), ("ab", "ba"), ("aa", "b"), ("cba", "aaaa"),
    ]
    let vocabulary = ["a", "b", "c"] + merges.map { $0 + $1 }
    let model = try BytePairModel(
      vocabulary: vocabulary, merges: merges, unknown: nil, fusesUnknown: false, source: "model")
    let ranks = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ("\($1.0) \($1.1)", $0) })
    var state: UInt64 = 20
    for length in Array(1...80) + [300, 1000] {
      let word = (0..<length).map { _ -> String in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return ["a", "a", "b", "c"][Int(state >> 62)]
      }
      var tokens: [Int32] = []
      Array(word.joined().utf8).withUnsafeBufferPointer { model.append($0, to: &tokens) }
      XCTAssertEqual(tokens.map { vocabulary[Int($0)] }, merged(word, ranks), word.joined())
    }
  }

  func testBytesThatTheVocabularyLacks() throws {
    func tokens(unknown: Int32?, fuses: Bool) throws -> [Int32] {
      let model = try BytePairModel(
        vocabulary: ["a", "?"], merges: [], unknown: unknown, fusesUnknown: fuses, source: "model")
      var tokens: [Int32] = []
      Array("xxaxa".utf8).withUnsafeBufferPointer { model.append($0, to: &tokens) }
      return tokens
    }
    XCTAssertEqual(try tokens(unknown: nil, fuses: false), [0, 0])
    XCTAssertEqual(try tokens(unknown: 1, fuses: false), [1, 1, 0, 1, 0])
    XCTAssertEqual(try tokens(unknown: 1, fuses: true), [1, 0, 1, 0])
  }

  /// A word of a million bytes must take time in proportion to n log n.
  func testALongWord() throws {
    let model = try BytePairModel(
      vocabulary: ["a", "aa", "aaaa"], merges: [("a", "a"), ("aa", "aa")], unknown: nil, fusesUnknown: false,
      source: "model")
    var tokens: [Int32] = []
    let elapsed = ContinuousClock().measure {
      [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20).withUnsafeBufferPointer { model.append($0, to: &tokens) }
    }
    XCTAssertEqual(tokens, [Int32](repeating: 2, count: 1 << 18))
    XCTAssertLessThan(elapsed, .seconds(20))
  }
}
