// The tokenizer on cases solved by hand, hostile input and unusable vocabularies.

import Foundation
import XCTest

@testable import Tokenization

final class WordPieceTests: XCTestCase {
  private let vocabulary = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a", "a", "cafe", ",", "日", "dog", "##s",
  ]

  func testGreedyLongestMatch() throws {
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    XCTAssertEqual(tokenizer.tokenIdentifiers(of: "Unaffable, dogs  CAFÉ日a unx"), [5, 6, 7, 11, 13, 14, 10, 12, 9, 1])
    XCTAssertEqual(tokenizer.tokenIdentifiers(of: "a[MASK]a [mask]"), [9, 4, 9, 1, 1, 1])
    XCTAssertEqual(tokenizer.tokenIdentifiers(of: ""), [])
  }

  func testCasedKeepsCaseAndAccents() throws {
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: false)
    XCTAssertEqual(tokenizer.tokenIdentifiers(of: "dogs Dogs café"), [13, 14, 1, 1])
  }

  /// The words that `BertPreTokenizer` of tokenizers 0.23 makes of a text that nothing has cleaned: it cuts at Unicode's white space,
  /// and at no other of these characters.
  func testWordsOfTextsThatWereNotCleaned() {
    let text = Array(
      "a\tb\u{a0}c\nd\u{b}e\u{c}f\u{85}g\u{1680}h\u{2003}i\u{2028}j\u{2029}k\u{202f}l\u{205f}m\u{3000}n\u{200b}o\u{180e}p\u{1c}q.s"
        .utf8)
    var words: [String] = []
    text.withUnsafeBufferPointer { BERTSplitter().split($0) { words.append(String(decoding: $0, as: UTF8.self)) } }
    XCTAssertEqual(
      words,
      ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n\u{200b}o\u{180e}p\u{1c}q", ".", "s"])
  }

  func testSingleTextIsCutAtItsEnd() throws {
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    let whole = tokenizer.encode("dogs a", maximumLength: 5)
    XCTAssertEqual(whole, Encoding(tokenIdentifiers: [2, 13, 14, 9, 3], typeIdentifiers: [0, 0, 0, 0, 0]))
    XCTAssertEqual(tokenizer.encode("dogs a", maximumLength: 3).tokenIdentifiers, [2, 13, 3])
    XCTAssertEqual(tokenizer.encode("dogs a", maximumLength: 2).tokenIdentifiers, [2, 3])
  }

  func testTheLastOfEqualTokensWins() throws {
    let tokenizer = try TextTokenizer(wordPieces: vocabulary + ["dog"], lowercases: true)
    XCTAssertEqual(tokenizer.tokenIdentifiers(of: "dog"), [15])
  }

  /// Work must stay in proportion to the input: a quadratic step on these takes minutes, a linear one milliseconds.
  func testHostileInputIsLinear() throws {
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    let count = 1_000_000
    let hostile = [
      String(repeating: "a", count: count), String(repeating: "[", count: count),
      String(repeating: "\u{316}\u{301}", count: count / 2), String(repeating: "\u{1D165}\u{8D4}", count: count / 2),
      String(repeating: "日", count: count), String(repeating: "aaaaaaaaaaaaaaab ", count: count / 16),
    ]
    let clock = ContinuousClock()
    for text in hostile {
      let elapsed = clock.measure { _ = tokenizer.tokenIdentifiers(of: text) }
      XCTAssertLessThan(elapsed, .seconds(20), "\(text.unicodeScalars.prefix(4).map(\.value))")
    }
  }

  func testUnusableVocabularies() throws {
    XCTAssertThrowsError(try TextTokenizer(wordPieces: ["a", "[UNK]"], lowercases: true)) {
      XCTAssertEqual(
        "\($0)",
        "vocabulary: no [CLS], [SEP] among its 2 tokens; a BERT vocabulary has [UNK], [CLS] and [SEP], each on a line of its "
          + "own")
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vocab-\(UUID().uuidString).txt").path
    XCTAssertThrowsError(try TextTokenizer(wordPiecesOf: path, lowercases: true)) {
      XCTAssertEqual("\($0)", "cannot read the vocabulary \(path): there is no such file")
    }
    XCTAssertThrowsError(try TextTokenizer(wordPiecesOf: "/dev/zero", lowercases: true)) {
      XCTAssertEqual("\($0)", "cannot read the vocabulary /dev/zero: it is a device, where a file is needed")
    }
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([0x61, 10, 0xFF, 10]).write(to: URL(fileURLWithPath: path))
    XCTAssertThrowsError(try TextTokenizer(wordPiecesOf: path, lowercases: true)) {
      XCTAssertEqual("\($0)", "\(path):2: not valid UTF-8; a vocabulary is UTF-8 text")
    }
    try Data((vocabulary.joined(separator: "\r\n") + "\r\n").utf8).write(to: URL(fileURLWithPath: path))
    let tokenizer = try TextTokenizer(wordPiecesOf: path, lowercases: true)
    XCTAssertEqual(tokenizer.vocabulary, vocabulary)
  }
}

final class TokenizerTests: XCTestCase {
  private let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "dog"]

  func testSpecialTokensAreThoseOfTheVocabulary() throws {
    let without: any Tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    XCTAssertEqual(without.special, SpecialTokens(maskName: "[MASK]", mask: nil, identifiers: [0, 1, 2, 3]))
    XCTAssertEqual(without.vocabularySize, 6)
    let with = try TextTokenizer(wordPieces: vocabulary + ["[MASK]"], lowercases: true)
    XCTAssertEqual(with.special, SpecialTokens(maskName: "[MASK]", mask: 6, identifiers: [0, 1, 2, 3, 6]))
  }

  func testTheFingerprintTellsVocabulariesAndRulesApart() throws {
    let base = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    XCTAssertEqual(base.fingerprint, try TextTokenizer(wordPieces: vocabulary, lowercases: true).fingerprint)
    for other in [
      try TextTokenizer(wordPieces: vocabulary, lowercases: false),
      try TextTokenizer(wordPieces: vocabulary + ["cat"], lowercases: true),
      try TextTokenizer(wordPieces: vocabulary.reversed(), lowercases: true),
    ] {
      XCTAssertNotEqual(base.fingerprint, other.fingerprint)
    }
  }
}
