import Foundation
import TestSupport
import Trials
import XCTest

@testable import Training

/// Twenty steps of a tiny model against Hugging Face and torch (`Goldens/make_training_goldens.py`).
final class HuggingFaceTrainingTests: XCTestCase {
  private struct Run: Decodable {
    var losses: [Double]
    var norms: [Double]
    var logits: [Double]
  }

  private static var tests: URL { Checkout.root.appendingPathComponent("Tests/Trainer") }

  func testTwentyStepsFollowHuggingFace() throws {
    let goldens = Self.tests.appendingPathComponent("TrainingTests/Goldens")
    let runs = try JSONDecoder().decode(
      [String: Run].self, from: Data(contentsOf: goldens.appendingPathComponent("training.json")))
    for (algorithm, corrected) in [(OptimizerSpecification.Algorithm.torch, true), (.huggingFace, false)] {
      let expected = try XCTUnwrap(runs[algorithm.rawValue])
      let folder = try temporaryFolder()
      let trial = Self.trial(algorithm, corrected: corrected, goldens: goldens)
      let outcome = TinyTrial.trainer(TrialFolders(predictions: folder)).run(trial).outcome
      XCTAssertEqual(outcome.status, .completed, outcome.message ?? "")
      // The script prints how far torch's float32 is from these float64 values: at most 6.4e-7 of a loss, 2.3e-6 of a
      // norm, 2.1e-5 of a logit. Another order of summation may be as far again, and twenty steps carry it on.
      try Self.compare(outcome, "loss", expected.losses, tolerance: 1e-5)
      try Self.compare(outcome, "gradient_norm", expected.norms, tolerance: 4e-5)
      let rows = try text(folder + "/\(trial.identifier).csv").split(separator: "\n").dropFirst()
      let logits = rows.flatMap { $0.split(separator: ",").suffix(3).compactMap { Double($0) } }
      XCTAssertEqual(logits.count, expected.logits.count)
      for (found, value) in zip(logits, expected.logits) {
        XCTAssertEqual(found, value, accuracy: 2e-4 * max(0.1, abs(value)), "\(algorithm)")
      }
    }
  }

  /// A trial of the golden model and its data, with dropout 0 and in file order.
  static func trial(
    _ algorithm: OptimizerSpecification.Algorithm, corrected: Bool, goldens: URL,
    _ change: (inout TrialConfiguration) -> Void = { _ in }
  ) -> Trial {
    TinyTrial.trial {
      $0.model.path = Self.tests.appendingPathComponent("TransformerTests/Goldens/classification").path
      $0.model.head = .keep
      $0.task.name = "pairs"
      $0.task.trainPath = goldens.appendingPathComponent("train.tsv").path
      $0.task.devPath = goldens.appendingPathComponent("dev.tsv").path
      $0.task.textColumn = "first"
      $0.task.pairColumn = "second"
      $0.task.labelColumn = "label"
      $0.training.batchSize = 4
      $0.training.maximumSteps = 20
      $0.training.shuffle = false
      $0.training.hiddenDropout = 0
      $0.training.attentionDropout = 0
      $0.training.classifierDropout = 0
      $0.optimizer.algorithm = algorithm
      $0.optimizer.biasCorrection = corrected
      $0.optimizer.learningRate = 2e-3
      $0.record.curvesEvery = 1
      change(&$0)
    }
  }

  func testAMissingPoolerIsDrawnFromTheTrialsSeed() {
    let trainer = TinyTrial.trainer()
    let outcomes = [1, 2, 1].map { seed in
      trainer.run(
        TinyTrial.trial(seed: seed) {
          $0.model.path = Self.tests.appendingPathComponent("TransformerTests/Goldens/no-pooler").path
          $0.task.maximumLength = 16
          $0.training.maximumSteps = 1
          $0.schedule.warmup = 2
        }
      ).outcome
    }
    XCTAssertEqual(outcomes.map(\.message), [nil, nil, nil])
    XCTAssertEqual(outcomes.map(\.distanceFromPretrained), [0, 0, 0])  // one update, at rate 0
    XCTAssertEqual(outcomes[0], outcomes[2])
    XCTAssertNotEqual(outcomes[0].weightsDigest, outcomes[1].weightsDigest)
  }

  /// Holds a curve against the values of every step.
  static func compare(
    _ outcome: Outcome, _ quantity: String, _ expected: [Double], tolerance: Double, _ name: String = ""
  ) throws {
    let found = outcome.curve.filter { $0.quantity == quantity }.map(\.value)
    XCTAssertEqual(found.count, expected.count)
    for (step, pair) in zip(found, expected).enumerated() {
      XCTAssertEqual(pair.0, pair.1, accuracy: tolerance * pair.1, "\(quantity) of step \(step + 1) \(name)")
    }
  }
}
