import Foundation
import SeedStreams
import Tokenization
import XCTest

@testable import Datasets

/// The sentences of a text file.
final class SentenceSourceTests: XCTestCase {
  /// Five lines, as `wc -l` and Python count them; the separators of Unicode are text.
  func testLinesEndInLineFeedsAndCarriageReturnsOnly() throws {
    let folder = try DataFolder(for: self)
    let tokenizer = try TextTokenizer(
      wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "aba"], lowercases: true)
    let path = try folder.write("t.txt", "a\u{2028}b\na\u{2029}b\u{85}a\r\n\r\na\u{0B}b\u{0C}a\rb b\na")
    let source = try SentenceSource(
      judgingBy: path, tokenizer: tokenizer, task: WordMasking(tokenizer), maximumLength: 16)
    // U+2028 and U+2029 are white space to BERT; U+0085, VT and FF are control characters, which it drops.
    XCTAssertEqual(source.heldOut.lengths, [4, 4, 3, 4, 3])
  }

  /// No line of a held-out pair is trained on, and a pair of class 1 is never two lines that follow each other.
  func testPairsOfATextKeepTheHeldOutLinesApart() throws {
    let folder = try DataFolder(for: self)
    let words = (0..<200).map { "w\($0)" }
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    let tokenizer = try TextTokenizer(wordPieces: special + words, lowercases: true)
    let path = try folder.write("t.txt", words.joined(separator: "\n"))
    var source = try SentenceSource(
      contentsOf: path, pairs: .continuation, tokenizer: tokenizer, task: WordMasking(tokenizer), maximumLength: 16)
    func pairs(_ batch: PackedBatch) -> [(first: Int32, second: Int32, isTrue: Bool)] {
      (0..<batch.count).map {
        let start = batch.offsets[$0]
        return (batch.tokenIdentifiers[start + 1], batch.tokenIdentifiers[start + 3], batch.classes[$0] == 0)
      }
    }
    // Of 199 pairs every twentieth is held out; each has a neighbour on both sides that is not trained on.
    let (heldOut, trained) = (pairs(source.heldOut.batch(0..<9)), pairs(source.batch(step: 0, size: 199, seed: 1)))
    XCTAssertEqual([source.heldOut.count, trained.count], [9, 199 - 3 * 9])
    for (first, second, isTrue) in heldOut + trained { XCTAssertEqual(second == first + 1, isTrue) }
    let lines = Set(heldOut.flatMap { [$0.first, $0.second] })
    XCTAssertTrue(trained.allSatisfy { !lines.contains($0.first) && !lines.contains($0.second) })
    let short = try folder.write("s.txt", words.prefix(40).joined(separator: "\n"))
    XCTAssertThrowsError(
      try SentenceSource(
        contentsOf: short, pairs: .order, tokenizer: tokenizer, task: WordMasking(tokenizer), maximumLength: 16)
    ) {
      XCTAssertEqual(
        "\($0)",
        "\(short): 39 pairs of a line and the next; at least 40 are needed, as one in 20 is held out, and another one gives its second "
          + "sentence")
    }
  }

  /// The steps of an epoch share one order, and an order that is kept changes no sentence.
  func testAnEpochIsShuffledOnce() throws {
    let folder = try DataFolder(for: self)
    let words = (0..<60).map { "w\($0)" }
    let tokenizer = try TextTokenizer(
      wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words, lowercases: true)
    let path = try folder.write("t.txt", words.joined(separator: "\n"))
    let fresh = try SentenceSource(
      contentsOf: path, tokenizer: tokenizer, task: WordMasking(tokenizer), maximumLength: 16)
    var source = fresh
    func orderAddress(of source: SentenceSource) -> UnsafePointer<Int>? {
      source.lastOrder?.indices.withUnsafeBufferPointer { $0.baseAddress }
    }
    // 57 sentences: 8 steps an epoch.
    for (step, seed) in [(0, 1), (1, 1), (7, 1), (8, 1), (8, 2), (9, 2), (0, 1)] as [(Int, UInt64)] {
      var other = fresh
      XCTAssertEqual(
        source.batch(step: step, size: 8, seed: seed), other.batch(step: step, size: 8, seed: seed), "\(step)")
    }
    let address = orderAddress(of: source)
    XCTAssertNotNil(address)
    _ = source.batch(step: 7, size: 8, seed: 1)
    XCTAssertEqual(orderAddress(of: source), address)
    _ = source.batch(step: 8, size: 8, seed: 1)
    XCTAssertNotEqual(orderAddress(of: source), address)
  }

  func testEveryTokenPredictsTheNextOneOfItsSequence() throws {
    var batch = PackedBatch()
    batch.tokenIdentifiers = [7, 8, 9, 5, 6, 4]
    batch.offsets = [0, 3, 5, 6]
    var stream = SeedStream(seed: 1, purpose: .languageModelMask)
    let predicted = NextTokens().predictions(in: batch, &stream)
    XCTAssertEqual(predicted.batch, batch)
    XCTAssertEqual(predicted.indices, [0, 1, 3])
    XCTAssertEqual(predicted.targets, [8, 9, 6])
    XCTAssertTrue(NextTokens().applies(to: [1, 2]))
    XCTAssertFalse(NextTokens().applies(to: [1]))
  }
}
