import Foundation
import MaskSets
import Storage
import Transformer
import XCTest

@testable import Analyses

final class ForgettingTests: XCTestCase {
  /// A pre-trained folder, its mask set, and a tuned folder whose encoder's tensors `change` changes.
  private func curve(_ change: (ParameterLayout.Tensor, Int, Float) -> Float) throws -> ForgettingCurve {
    let folder = try temporaryFolder()
    let model = try TinyModels.writePretrained(to: folder + "/pretrained")
    try TinyModels.writeTuned(from: model, to: folder + "/tuned", change)
    let pretrained = try ModelFolder(folder + "/pretrained")
    try MaskSet.create(folder + "/masks.jsonl", for: pretrained, textPath: nil)
    let masks = try MaskSet(contentsOf: folder + "/masks.jsonl", for: pretrained)
    XCTAssertEqual(masks.sentenceCount, 1000)
    return try ForgettingMeter(pretrained: pretrained, masks: masks).curve(ofWeights: folder + "/tuned")
  }

  func testAnEncoderThatWasNotChangedForgetsNothing() throws {
    let curve = try curve { $2 }
    XCTAssertEqual(curve.losses, [Double](repeating: curve.pretrainedLoss, count: 5))
    XCTAssertEqual(curve.recoveryCount, 0)
  }

  /// With everything reset, the embeddings as well, the perplexity is the pre-trained model's; the decoder and the head
  /// are the pre-trained ones all along.
  func testResettingEverythingGivesThePretrainedPerplexity() throws {
    let curve = try curve { $2 + Float(($1 * 7919) % 13 - 6) / 20 }
    XCTAssertEqual(exp(curve.losses[4]), curve.pretrainedPerplexity, accuracy: 1e-6 * curve.pretrainedPerplexity)
    XCTAssertEqual(Set(curve.losses).count, 5, "every reset changes the model")
    XCTAssertNotEqual(curve.losses[3], curve.pretrainedLoss)
  }

  /// Where only the top layer was changed, one reset layer is enough, to the bit.
  func testTheTopLayerIsResetFirst() throws {
    let curve = try curve { $0.group == .layer(2) ? $2 + Float($1 % 3) : $2 }
    XCTAssertNotEqual(curve.losses[0], curve.pretrainedLoss)
    XCTAssertEqual(Array(curve.losses.dropFirst()), [Double](repeating: curve.pretrainedLoss, count: 4))
  }

  /// Where only the word table was changed, the decoder is not: no reset layer helps, the embeddings' does.
  func testTheDecoderStaysPretrained() throws {
    let curve = try curve { $0.name.contains("word_embeddings") ? $2 + Float($1 % 3) : $2 }
    XCTAssertEqual(Set(curve.losses.prefix(4)).count, 1)
    XCTAssertNotEqual(curve.losses[3], curve.pretrainedLoss)
    XCTAssertEqual(curve.losses[4], curve.pretrainedLoss)
  }

  /// The model inside the program on the built-in language's held-out sentences: what its pre-training printed at its end,
  /// before it was rounded to F16 (`models/embedded/metrics.csv`).
  func testTheEmbeddedModelHasThePerplexityThatItsPretrainingPrinted() throws {
    let folder = try temporaryFolder()
    let model = try ModelFolder("embedded")
    try MaskSet.create(folder + "/masks.jsonl", for: model, textPath: nil)
    let analysis = try ForgettingMeter(
      pretrained: model, masks: MaskSet(contentsOf: folder + "/masks.jsonl", for: model))
    XCTAssertEqual(analysis.pretrainedLoss, 1.7088784806063392, accuracy: 1e-3)
    let rounded = try ForgettingMeter(
      pretrained: model, masks: MaskSet(contentsOf: folder + "/masks.jsonl", for: model), .ofIdentifiers, .bfloat16)
    XCTAssertNotEqual(rounded.pretrainedLoss, analysis.pretrainedLoss)
    XCTAssertEqual(rounded.pretrainedLoss, analysis.pretrainedLoss, accuracy: 1e-2)
  }

  func testScalarsOfACurve() {
    let curve = ForgettingCurve(losses: [5, 7, log(19.9), 2.2, 2.3], pretrainedLoss: log(10))
    XCTAssertEqual(curve.layerCount, 3)
    XCTAssertEqual(curve.peak, 1)
    XCTAssertEqual(curve.recoveryCount, 2)
    XCTAssertNil(ForgettingCurve(losses: [5, 5, 2], pretrainedLoss: 1).recoveryCount)
  }

  func testAMaskSetIsReadBackAndThatOfAnotherTokenizerRefused() throws {
    let folder = try temporaryFolder()
    _ = try TinyModels.writePretrained(to: folder + "/pretrained")
    let model = try ModelFolder(folder + "/pretrained")
    try "the dog sleeps .\n\nthe cats sleep .\n".write(toFile: folder + "/text", atomically: true, encoding: .utf8)
    let path = folder + "/masks.jsonl"
    try MaskSet.create(path, for: model, textPath: folder + "/text")
    let set = try MaskSet(contentsOf: path, for: model)
    XCTAssertEqual(set.sentenceCount, 2)
    XCTAssertGreaterThanOrEqual(set.maskedCount, 2)
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    try MaskSet.create(path, for: model, textPath: folder + "/text")
    XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path)), first, "the same masks every time")
    // Another vocabulary of the same size.
    let vocabulary = try String(contentsOfFile: model.vocabularyPath, encoding: .utf8)
    try vocabulary.replacingOccurrences(of: "dog", with: "hog").write(
      toFile: model.vocabularyPath, atomically: true, encoding: .utf8)
    XCTAssertThrowsError(try MaskSet(contentsOf: path, for: model)) {
      XCTAssertTrue("\($0)".contains("this mask set is of another tokenizer"), "\($0)")
    }
    XCTAssertThrowsError(try MaskSet.create(path, for: model, textPath: nil)) {
      XCTAssertTrue("\($0)".contains("give sentences with --text FILE"), "\($0)")
    }
  }

  func testTheFirstRunsInPlanOrderAreChosen() throws {
    let runs = [("a", false), ("b", true), ("c", true), ("d", false), ("e", true)].map { TinyRuns.run($0, failed: $1) }
    let chosen = try JudgedTrial.first(2, of: runs)
    XCTAssertEqual(chosen.failed.map(\.trial.identifier), ["b", "c"])
    XCTAssertEqual(chosen.successful.map(\.trial.identifier), ["a", "d"])
    XCTAssertThrowsError(try JudgedTrial.first(2, of: [runs[0]])) {
      XCTAssertTrue("\($0)".contains("of 1 completed runs 0 failed"), "\($0)")
    }
  }

  func testMeanCurvesOfFailedRuns() throws {
    let folder = try temporaryFolder()
    let runs = [
      TinyRuns.run("a", failed: true, losses: [0.7, 0.6], accuracies: [0.5]),
      TinyRuns.run("b", failed: false, losses: [0.1, 0.1], accuracies: [0.9]),
      TinyRuns.run("c", failed: true, losses: [0.9, 0.8], accuracies: [0.6]),
    ]
    try FailedCurves.write(runs, to: RunFolder(folder))
    let rows = try rows(folder + "/failed_curves.csv")
    XCTAssertEqual(rows.count, 4)
    XCTAssertEqual(rows[1].prefix(7), ["c0", "default", "synthetic", "20", "train", "loss", "2"])
    XCTAssertEqual(try XCTUnwrap(Double(rows[1][7])), 0.8, accuracy: 1e-15)
    XCTAssertEqual(try XCTUnwrap(Double(rows[1][8])), 0.02.squareRoot(), accuracy: 1e-15)
    XCTAssertEqual(rows[3].prefix(7), ["c0", "default", "synthetic", "40", "dev", "accuracy", "2"])
    XCTAssertEqual(rows[0].suffix(3), ["majority_share", "score", "failure_rule"])
    XCTAssertEqual(rows[3].suffix(3), ["0.5", "best", "constant"])
  }
}
