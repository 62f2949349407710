import Foundation
import TestSupport
import Trials
import XCTest

@testable import Training

/// Twenty steps with each cure against PyTorch (`Goldens/make_cure_goldens.py`).
final class CureGoldenTests: XCTestCase {
  private struct Run: Decodable {
    var losses: [Double]
    var norms: [Double]
    var logits: [Double]
  }

  private static let cures: [String: @Sendable (inout TrialConfiguration) -> Void] = [
    "layer_decay": { $0.optimizer.layerDecay = 0.7 },
    "label_smoothing": { $0.training.labelSmoothing = 0.2 },
    "freeze_embeddings": { $0.training.freeze = .embeddings },
    "freeze_layers": {
      $0.training.freeze = .layers
      $0.training.frozenLayerCount = 2
    },
    "freeze_encoder": { $0.training.freeze = .encoder },
    "freeze_all_but_biases": { $0.training.freeze = .allButBiases },
    "swa": {
      $0.training.average = .swa
      $0.training.averageFrom = 0.5
      $0.training.averageEvery = 2
    },
    "ema": {
      $0.training.average = .ema
      $0.training.averageDecay = 0.9
    },
    "all": {
      $0.optimizer.layerDecay = 0.8
      $0.training.labelSmoothing = 0.1
      $0.training.freeze = .embeddings
      $0.training.average = .ema
      $0.training.averageDecay = 0.9
    },
  ]

  /// The tolerances are those of HuggingFaceTrainingTests, and for the same reasons.
  func testTwentyStepsWithEachCureFollowPyTorch() throws {
    let goldens = Checkout.root.appendingPathComponent("Tests/Trainer/TrainingTests/Goldens")
    let runs = try JSONDecoder().decode(
      [String: Run].self, from: Data(contentsOf: goldens.appendingPathComponent("cures.json")))
    XCTAssertEqual(Set(runs.keys), Set(Self.cures.keys))
    let folder = try temporaryFolder()
    let trainer = TinyTrial.trainer(TrialFolders(predictions: folder))
    for (name, cure) in Self.cures {
      let expected = try XCTUnwrap(runs[name])
      let trial = HuggingFaceTrainingTests.trial(.torch, corrected: true, goldens: goldens, cure)
      let outcome = trainer.run(trial).outcome
      XCTAssertEqual(outcome.status, .completed, outcome.message ?? "")
      try HuggingFaceTrainingTests.compare(outcome, "loss", expected.losses, tolerance: 1e-5, name)
      try HuggingFaceTrainingTests.compare(outcome, "gradient_norm", expected.norms, tolerance: 4e-5, name)
      let rows = try text(folder + "/\(trial.identifier).csv").split(separator: "\n").dropFirst()
      let logits = rows.flatMap { $0.split(separator: ",").suffix(3).compactMap { Double($0) } }
      XCTAssertEqual(logits.count, expected.logits.count)
      for (found, value) in zip(logits, expected.logits) {
        XCTAssertEqual(found, value, accuracy: 2e-4 * max(0.1, abs(value)), name)
      }
    }
  }
}
