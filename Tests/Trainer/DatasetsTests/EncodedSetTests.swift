// Subsets, packed batches, the fixed halves and the order of epochs.

import SeedStreams
import Tokenization
import XCTest

@testable import Datasets

final class EncodedSetTests: XCTestCase {
  private func tokenizer() throws -> TextTokenizer {
    try TextTokenizer(wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c"], lowercases: true)
  }

  private func set(classes: [Int]) throws -> EncodedSet {
    EncodedSet(
      classes.map { LabeledText(text: "a", target: .classIndex($0)) }, tokenizer: try tokenizer(), maximumLength: 8)
  }

  func testBatchesArePackedInTheAskedOrder() throws {
    let texts = [
      LabeledText(text: "a b c", target: .classIndex(1)), LabeledText(text: "c", pair: "b", target: .classIndex(0)),
      LabeledText(text: "", target: .classIndex(2)),
    ]
    let set = EncodedSet(texts, tokenizer: try tokenizer(), maximumLength: 4)
    XCTAssertEqual(set.count, 3)
    XCTAssertEqual(set.offsets, [0, 4, 8, 10])
    XCTAssertEqual(set.classes, [1, 0, 2])
    let batch = set.batch([2, 0, 1][1...])
    XCTAssertEqual(batch.tokenIdentifiers, [2, 4, 5, 3] + [2, 3, 5, 3])
    XCTAssertEqual(batch.typeIdentifiers, [0, 0, 0, 0] + [0, 0, 1, 1])
    XCTAssertEqual(batch.offsets, [0, 4, 8])
    XCTAssertEqual(batch.classes, [1, 0])
    XCTAssertEqual(batch.values, [])
    XCTAssertEqual(batch.count, 2)
    XCTAssertEqual(set.batch([2]).tokenIdentifiers, [2, 3])
  }

  func testRegressionBatchesHoldValues() throws {
    let texts = [0.5, -1].map { LabeledText(text: "a", target: .value($0)) }
    let set = EncodedSet(texts, tokenizer: try tokenizer(), maximumLength: 4)
    XCTAssertTrue(set.isRegression)
    XCTAssertEqual(set.batch([1, 0]).values, [-1, 0.5])
    XCTAssertEqual(set.batch([1, 0]).classes, [])
  }

  func testHalvesAreStratifiedAndFixed() throws {
    let classes = (0..<101).map { $0 % 7 == 0 ? 2 : $0 % 2 }
    let halves = try set(classes: classes).halves()
    XCTAssertEqual(halves.filter { $0 }.count, 51)
    for label in 0..<3 {
      let first = classes.indices.filter { classes[$0] == label && halves[$0] }.count
      let second = classes.indices.filter { classes[$0] == label && !halves[$0] }.count
      XCTAssertLessThanOrEqual(abs(first - second), 1, "class \(label)")
    }
    // Pinned: results of different versions must be comparable.
    let pinned = try set(classes: [0, 1, 0, 1, 0, 1, 0, 1, 1, 1]).halves()
    XCTAssertEqual(
      pinned.map { $0 ? "a" : "b" }.joined(), "aaaabbbabb")
  }

  func testHalvesOfARegressionAlternateByValue() throws {
    let values = [3, 1, 2, 5, 4, 1.0]
    let texts = values.map { LabeledText(text: "a", target: .value($0)) }
    let set = EncodedSet(texts, tokenizer: try tokenizer(), maximumLength: 4)
    XCTAssertEqual(set.halves(), [false, true, true, false, true, false])
  }

  func testOrderIsAPermutationOfSeedAndEpoch() {
    let order = DataOrder(count: 100, seed: 3)
    XCTAssertEqual(order.order(ofEpoch: 2).sorted(), Array(0..<100))
    XCTAssertEqual(order.order(ofEpoch: 2), DataOrder(count: 100, seed: 3).order(ofEpoch: 2))
    XCTAssertNotEqual(order.order(ofEpoch: 2), order.order(ofEpoch: 3))
    XCTAssertNotEqual(order.order(ofEpoch: 2), DataOrder(count: 100, seed: 4).order(ofEpoch: 2))
    XCTAssertEqual(DataOrder(count: 5, seed: nil).order(ofEpoch: 7), [0, 1, 2, 3, 4])
  }

  func testSubsetsKeepTheFilesOrder() throws {
    let folder = try DataFolder(for: self)
    let rows = (0..<50).map { "sentence \($0)\t\($0 % 2)" }
    try folder.write("train.tsv", "sentence\tlabel\n" + rows.joined(separator: "\n"))
    try folder.write("dev.tsv", "sentence\tlabel\nx\t1\n")
    let whole = try folder.load(.sst2)
    let subset = try folder.load(.sst2, subset: .init(size: 20, seed: 1))
    let places = subset.train.compactMap { text in whole.train.firstIndex { $0.text == text.text } }
    XCTAssertEqual(places.count, 20)
    XCTAssertEqual(places, Array(Set(places)).sorted())
    XCTAssertEqual(subset.dev, whole.dev)
    XCTAssertEqual(try folder.load(.sst2, subset: .init(size: 20, seed: 1)), subset)
    XCTAssertNotEqual(try folder.load(.sst2, subset: .init(size: 20, seed: 2)).train, subset.train)
    XCTAssertEqual(try folder.load(.sst2, subset: .init(size: 50, seed: 2)).train, whole.train)
    for size in [0, 51] {
      folder.assertError("FOLDER/train.tsv: a training subset of \(size); allowed: 1 to its 50 texts") {
        try folder.load(.sst2, subset: .init(size: size, seed: 1))
      }
    }
  }
}
