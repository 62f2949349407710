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
