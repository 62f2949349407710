// What users are told of a task and a vocabulary before anything is trained.

import Datasets
import Foundation
import Tokenization
import XCTest

@testable import Training

final class TaskFactsTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Case: Decodable {
      let texts: [[String]]
      let pieces, unknown: Int
    }
    let vocabulary: [String]
    let maximumLength: Int
    let cases: [Case]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/unknown.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  /// Single texts and pairs, cut to a length, against Hugging Face's tokenizer (Goldens/make_unknown_goldens.py).
  func testUnknownWordPiecesAsHuggingFace() throws {
    let goldens = try goldens()
    let tokenizer = try TextTokenizer(wordPieces: goldens.vocabulary, lowercases: true)
    XCTAssertEqual(goldens.cases.map { $0.texts[0].count }, [1, 2])
    for golden in goldens.cases {
      let texts = golden.texts.map {
        LabeledText(text: $0[0], pair: $0.count > 1 ? $0[1] : nil, target: .classIndex(0))
      }
      let found = EncodedSet(texts, tokenizer: tokenizer, maximumLength: goldens.maximumLength).unknownTokens
      XCTAssertEqual(found.pieceCount, golden.pieces)
      XCTAssertEqual(found.unknownCount, golden.unknown)
      XCTAssertEqual(found.share, Double(golden.unknown) / Double(golden.pieces))
    }
    XCTAssertEqual(EncodedSet([], tokenizer: tokenizer, maximumLength: 8).unknownTokens.share, 0)
  }

  private func task(train: [String], dev: [String], names: [String] = ["no", "yes"]) throws -> EncodedTask {
    func texts(_ texts: [String]) -> [LabeledText] {
      texts.map { LabeledText(text: $0, target: names.isEmpty ? .value(1) : .classIndex(0)) }
    }
    let tokenizer = try TextTokenizer(
      wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"], lowercases: true)
    return EncodedTask(
      TaskData(name: "mine", labelNames: names, train: texts(train), dev: texts(dev)), tokenizer: tokenizer,
      maximumLength: 64)
  }

  /// 70 words and the two tokens around them: of 72 tokens 8 are cut off at 64, of the set's 70 + 20 word pieces 8.
  func testTextsThatAreCut() throws {
    let (long, short) = (Array(repeating: "a", count: 70), Array(repeating: "a", count: 20))
    let cut = try task(train: [long, short].map { $0.joined(separator: " ") }, dev: ["a"])
    XCTAssertEqual(
      cut.fact(task: "mine", vocabulary: "minilm", maximumLength: 64),
      "task mine: 2 classes (\"no\", \"yes\"); no word piece is [UNK] in the vocabulary of minilm; cut at 64 tokens: 50 % of train "
        + "with 8.89 % of its word pieces; the longest text has 72")
    XCTAssertEqual(cut.warnings(task: "mine", vocabulary: "minilm", maximumLength: 64), [])
    let much = try task(train: ["a"], dev: [(long + short).joined(separator: " ")])
    XCTAssertEqual(
      much.warnings(task: "mine", vocabulary: "minilm", maximumLength: 64),
      [
        "warning: task mine: 31.1 % of the word pieces of dev are cut off at 64 tokens; raise task.max_length as far as the model's "
          + "positions allow"
      ])
  }

  func testFactsAndWarnings() throws {
    XCTAssertEqual(
      try task(train: ["a a a"], dev: ["a"]).fact(task: "mine", vocabulary: "minilm", maximumLength: 64),
      "task mine: 2 classes (\"no\", \"yes\"); no word piece is [UNK] in the vocabulary of minilm")
    // One of 21 is 4.8 %, one of 20 is 5 %.
    let few = Array(repeating: "a", count: 20).joined(separator: " ")
    let below = try task(train: [few + " b"], dev: ["a"])
    XCTAssertEqual(
      below.fact(task: "mine", vocabulary: "minilm", maximumLength: 64),
      "task mine: 2 classes (\"no\", \"yes\"); [UNK] in the vocabulary of minilm: 4.76 % of train, 1 of 21; 0 % of dev, 0 of 1"
    )
    XCTAssertEqual(below.warnings(task: "mine", vocabulary: "minilm", maximumLength: 64), [])
    // The set with the larger share decides.
    let many = try task(train: ["a a"], dev: [few.dropLast(2) + " b"], names: [])
    XCTAssertEqual(many.unknownTokens.share, 0.05)
    XCTAssertEqual(
      many.fact(task: "mine", vocabulary: "minilm", maximumLength: 64),
      "task mine: predicts a number; [UNK] in the vocabulary of minilm: 0 % of train, 0 of 2; 5 % of dev, 1 of 20")
    XCTAssertEqual(
      many.warnings(task: "mine", vocabulary: "minilm", maximumLength: 64),
      [
        "warning: task mine: 5 % of the word pieces are [UNK], which stands for text that the vocabulary of minilm lacks; the "
          + "vocabulary does not fit these texts, so use a model whose vocabulary does"
      ])
  }

  /// The unknown token has the name that its vocabulary gives it; a vocabulary of bytes has none.
  func testTheNameOfTheUnknownToken() throws {
    let pieces = try UnigramModel(
      vocabulary: ["<unk>", "\u{2581}", "a"], scores: [0, -1, -2], unknown: 0, fallsBack: false, source: "pieces")
    func tokenizer(_ model: any SubwordModel) -> TextTokenizer {
      TextTokenizer(
        TokenizerParts(
          normalizer: Normalizer([]), splitter: MetaspaceSplitter(), model: model, frame: .empty, added: [],
          special: SpecialTokens(maskName: "<mask>", mask: nil, identifiers: [])))
    }
    let set = EncodedSet(
      [LabeledText(text: "a b", target: .value(1))], tokenizer: tokenizer(pieces), maximumLength: 8)
    XCTAssertEqual(set.unknownTokens.name, "<unk>")
    XCTAssertEqual(set.unknownTokens.unknownCount, 1)
    XCTAssertEqual(
      UnknownShare.problem(set.unknownTokens, vocabulary: "pieces"),
      "25 % of the word pieces are <unk>, which stands for text that the vocabulary of pieces lacks; the vocabulary does not "
        + "fit these texts, so use a model whose vocabulary does")
    let bytes = try BytePairModel(
      vocabulary: ["a", "b", "\u{120}"], merges: [], unknown: nil, fusesUnknown: false, source: "bytes")
    let whole = EncodedSet(
      [LabeledText(text: "a b", target: .value(1))], tokenizer: tokenizer(bytes), maximumLength: 8)
    XCTAssertNil(whole.unknownTokens.name)
    XCTAssertEqual(
      UnknownShare.sentence([("train", whole)], vocabulary: "bytes"),
      "no word piece is unknown in the vocabulary of bytes")
  }

  /// The share is part of an outcome where it is above 0, so that tables can warn.
  func testOutcomesKnowTheShare() throws {
    let folder = try temporaryFolder()
    let vocabulary = try write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", "vocab.txt", in: folder)
    let data = try write("text,label\na b,x\na,y\na a,x\n", "data.csv", in: folder)
    let outcome = TinyTrial.outcome {
      $0.model.vocabularyPath = vocabulary
      $0.task.name = "mine"
      ($0.task.trainPath, $0.task.devPath) = (data, data)
      ($0.task.textColumn, $0.task.labelColumn) = ("text", "label")
    }
    XCTAssertEqual(outcome.unknownShare, 0.2)
    XCTAssertNil(TinyTrial.outcome().unknownShare)
  }
}
