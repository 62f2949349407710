// What is refused and remarked on when a sweep is prepared: here, texts that the model's vocabulary does not know.

import Foundation
import SweepLanguage
import TestSupport
import Training
import XCTest

@testable import Runs

final class SweepPreparationTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n", to: "vocab.txt")
    try folder.write(
      """
      { model: { vocab: "vocab.txt", config: { hidden_size: 8, num_attention_heads: 2, intermediate_size: 16 } },
        task: { name: "mine", train: "train.csv", dev: "dev.csv", text: "text", label: "label", max_length: 16 },
        grid: { "optimizer.learning_rate": [1e-4, 2e-4] }, seeds: 2 }
      """, to: "sweep.json5")
  }

  override func tearDown() { folder = nil }

  /// Writes texts into both files and returns what preparing the sweep says: remarks, or the refusal's text.
  private func prepared(train: String, dev: String, _ assignments: String...) throws -> [String] {
    try folder.write("text,label\n\(train),x\na a,y\n", to: "train.csv")
    try folder.write("text,label\n\(dev),x\na a,y\n", to: "dev.csv")
    do {
      let sweep = try PreparedSweep.read(folder.path + "/sweep.json5", assignments)
      let prepared = try PreparedSweep(sweep, ResourceReader())
      return (prepared.facts + prepared.remarks).map(plain)
    } catch { return [plain("refused: \(error)")] }
  }

  /// A text in which FOLDER stands for the folder's path and MODEL for its last part, which is what the vocabulary is called.
  private func plain(_ text: String) -> String {
    let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
    return text.replacingOccurrences(of: folder.path, with: "FOLDER").replacingOccurrences(of: name, with: "MODEL")
  }

  func testTheShareOfUnknownWordPieces() throws {
    XCTAssertEqual(
      try prepared(train: "a b", dev: "b"),
      ["task mine: 2 classes (\"x\", \"y\"); no word piece is [UNK] in the vocabulary of MODEL"])
    let some = try prepared(train: "a c", dev: "b b")
    XCTAssertEqual(some.count, 2)
    XCTAssertTrue(some[0].hasSuffix("MODEL: 25 % of train, 1 of 4; 0 % of dev, 0 of 4"), some[0])
    XCTAssertTrue(some[1].hasPrefix("warning: task mine: 25 % of the word pieces are [UNK]"), some[1])
  }

  /// From one half on a sweep has to ask for it, once for all its configurations.
  func testMostlyUnknownTextIsRefusedUnlessAllowed() throws {
    let refusal =
      "refused: FOLDER/sweep.json5:1:19: task mine: 50 % of the word pieces are [UNK], which stands for text that the vocabulary "
      + "of MODEL lacks; the vocabulary does not fit these texts, so use a model whose vocabulary does, or set "
      + "task.allow_unknown_tokens to true"
    XCTAssertEqual(try prepared(train: "c d", dev: "a"), [refusal])
    XCTAssertEqual(try prepared(train: "a", dev: "c d"), [refusal])
    XCTAssertEqual(try prepared(train: "c d", dev: "a", "task.allow_unknown_tokens=true").count, 2)
    XCTAssertEqual(try prepared(train: "c a", dev: "a").count, 2)
  }

  /// Each value of a grid is checked against the model, not the first one for all.
  func testEachValueOfACureIsChecked() throws {
    try folder.write(
      """
      { model: { path: "embedded" }, seeds: 1,
        grid: { "model.reinit_layers": [0, 99] } }
      """, to: "sweep.json5")
    XCTAssertEqual(
      try prepared(train: "a", dev: "a").count {
        $0.contains("model.reinit_layers is 99, but the model has 12 layers")
      }, 1)
  }

  func testAWarmupThatDoesNotEnd() throws {
    let facts = ["task mine: 2 classes (\"x\", \"y\"); no word piece is [UNK] in the vocabulary of MODEL"]
    func remarks(_ assignments: String...) throws -> [String] {
      let sweep = try PreparedSweep.read(folder.path + "/sweep.json5", assignments)
      return try PreparedSweep(sweep, ResourceReader()).remarks
    }
    // Two examples in batches of one, three times over.
    XCTAssertEqual(try prepared(train: "a b", dev: "b", "training.batch_size=1", "schedule.warmup=5"), facts)
    XCTAssertEqual(
      try remarks("training.batch_size=1", "schedule.warmup=6"),
      [
        "warning: mine default optimizer.learning_rate=0.0001 and 1 more: schedule.warmup takes 6 steps and a trial has 6, so that "
          + "the learning rate never stays at its value; below 1 schedule.warmup is a fraction of the steps"
      ])
  }

  /// The error of an argument's file names the argument.
  func testAFileThatIsNotThereIsNamedWhereItIsGiven() throws {
    XCTAssertEqual(
      try prepared(train: "a", dev: "b", "task.dev=\(folder.path)/none.csv"),
      ["refused: task.dev=FOLDER/none.csv: cannot read FOLDER/none.csv: there is no such file"])
    XCTAssertEqual(
      try prepared(train: "\"a", dev: "b"),
      ["refused: FOLDER/sweep.json5:2:32: FOLDER/train.csv:2: the quote opened here is never closed"])
  }
}
