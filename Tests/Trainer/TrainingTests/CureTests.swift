import Foundation
import Kernels
import Transformer
import Trials
import XCTest

@testable import Optimizers
@testable import Training

/// What cures leave alone, on a model folder that a tiny trial left; their numbers are `CureGoldenTests`'.
final class CureTests: XCTestCase {
  private static let cures: [(name: String, change: @Sendable (inout TrialConfiguration) -> Void)] = [
    ("plain", { _ in }),
    (
      "reinit",
      {
        $0.model.reinitializedLayerCount = 1
        $0.model.reinitializesPooler = true
      }
    ),
    ("decay", { $0.optimizer.layerDecay = 0.5 }),
    (
      "layers",
      {
        $0.training.freeze = .layers
        $0.training.frozenLayerCount = 1
      }
    ),
    ("encoder", { $0.training.freeze = .encoder }),
    ("biases", { $0.training.freeze = .allButBiases }),
    ("smoothing", { $0.training.labelSmoothing = 0.2 }),
    (
      "swa",
      {
        $0.training.average = .swa
        $0.training.averageFrom = 0.25
        $0.training.averageEvery = 2
      }
    ),
    ("ema", { $0.training.average = .ema }),
    (
      "several",
      {
        $0.model.reinitializedLayerCount = 1
        $0.optimizer.layerDecay = 0.5
        $0.training.freeze = .embeddings
        $0.training.mixout = 0.3
        $0.training.average = .ema
      }
    ),
  ]

  private func pretrained() throws -> String {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial(seed: 7)
    XCTAssertEqual(TinyTrial.trainer(TrialFolders(weights: folder)).run(trial).outcome.status, .completed)
    return "\(folder)/\(trial.identifier)"
  }

  private func trial(_ path: String, _ change: (inout TrialConfiguration) -> Void) -> Trial {
    TinyTrial.trial {
      $0.model.path = path
      $0.optimizer.learningRate = 3e-3
      change(&$0)
    }
  }

  /// Neither threads, nor cadences, nor the trials before change a bit; and every cure is another trial.
  func testNeitherThreadsNorCadencesNorOtherTrialsChangeABit() throws {
    let path = try pretrained()
    let trainer = TinyTrial.trainer()
    var digests: Set<String> = []
    for (name, cure) in Self.cures {
      let outcome = trainer.run(trial(path, cure)).outcome
      XCTAssertEqual(outcome.status, .completed, outcome.message ?? name)
      XCTAssertEqual(TinyTrial.trainer(threadCount: 3).run(trial(path, cure)).outcome, outcome, name)
      let recorded = TinyTrial.trainer().run(
        trial(path) {
          cure(&$0)
          $0.training.evaluateEvery = 1
          $0.record.curvesEvery = 1
          $0.record.gradientNormsEvery = 1
        }
      ).outcome
      XCTAssertEqual(recorded.weightsDigest, outcome.weightsDigest, name)
      digests.insert(outcome.weightsDigest ?? "")
    }
    XCTAssertEqual(digests.count, Self.cures.count)
  }

  func testAStoppedTrialGoesOnToTheSameOutcome() throws {
    let path = try pretrained()
    for (name, cure) in Self.cures {
      let folder = try temporaryFolder()
      let trial = trial(path, cure)
      let expected = TinyTrial.trainer().run(trial).outcome
      // Stops come after every kind of call: before a step, within an evaluation, behind the last step.
      var (outcome, stopCount) = (run(trial, in: folder, after: 3), 0)
      while outcome.status == .preempted, stopCount < 20 {
        stopCount += 1
        outcome = run(trial, in: folder, after: 3 + stopCount % 3)
      }
      XCTAssertGreaterThan(stopCount, 2, name)
      XCTAssertEqual(outcome, expected, name)
    }
  }

  private func run(_ trial: Trial, in folder: String, after calls: Int) -> Outcome {
    let policy = CheckpointPolicy(folder: folder, everySeconds: 1e9, numerics: "these")
    var count = 0
    return Trainer(context: TrainerContext(host: "here", rank: 0, checkpoints: policy)).run(trial) { _ in
      count += 1
      return count > calls ? .stop : .proceed
    } notice: {
      XCTFail($0)
    }.outcome
  }

  /// A mean of the last weights alone is the last weights, and a moving average that keeps nothing as well.
  func testAnAverageOfTheLastWeightsIsTheLastWeights() throws {
    let path = try pretrained()
    let plain = TinyTrial.trainer().run(trial(path) { _ in }).outcome
    for change in [
      {
        $0.training.average = .swa
        $0.training.averageFrom = 0.99
      },
      {
        $0.training.average = .ema
        $0.training.averageDecay = 0
      },
    ] as [(inout TrialConfiguration) -> Void] {
      XCTAssertEqual(TinyTrial.trainer().run(trial(path, change)).outcome, plain)
    }
  }

  /// Training goes on from weights that are not averaged, so its losses are those without an average.
  func testAnAverageIsEvaluatedAndKeptAndNeverTrained() throws {
    let path = try pretrained()
    let folder = try temporaryFolder()
    let plain = TinyTrial.trainer().run(trial(path) { _ in }).outcome
    let trial = trial(path) { $0.training.average = .ema }
    let averaged = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial).outcome
    XCTAssertEqual(averaged.curve, plain.curve)
    XCTAssertNotEqual(averaged.evaluations, plain.evaluations)
    // The kept folder, trained for no step at all, is evaluated like the trial's end.
    let again = TinyTrial.trainer().run(
      self.trial("\(folder)/\(trial.identifier)") {
        $0.model.head = .keep
        $0.training.maximumSteps = 1
        $0.schedule.warmup = 2
      }
    ).outcome
    let (found, expected) = (try XCTUnwrap(again.evaluations.last), try XCTUnwrap(averaged.evaluations.last))
    XCTAssertEqual(found.loss, expected.loss)
    XCTAssertEqual(again.weightsDigest, averaged.weightsDigest)
  }

  func testWhichStepsAnAverageTakes() throws {
    func counts(_ change: (inout TrainingSpecification) -> Void, stepCount: Int) throws -> [Int] {
      var training = TrainingSpecification()
      change(&training)
      let rule = try XCTUnwrap(AverageRule(training, stepCount: stepCount))
      return (0...stepCount).map { rule.count(after: $0) }
    }
    XCTAssertEqual(try counts({ $0.average = .ema }, stepCount: 3), [0, 1, 2, 3])
    XCTAssertEqual(try counts({ $0.average = .swa }, stepCount: 8), [0, 0, 0, 0, 0, 0, 0, 1, 2])
    XCTAssertEqual(
      try counts(
        {
          $0.average = .swa
          $0.averageFrom = 0
          $0.averageEvery = 3
        }, stepCount: 7), [0, 1, 1, 1, 2, 2, 2, 3])
    XCTAssertNil(AverageRule(TrainingSpecification(), stepCount: 5))
  }

  func testFrozenTensorsKeepTheirBytesAndTheOthersDoNot() throws {
    let path = try pretrained()
    func weights(_ path: String) throws -> Classifier {
      let folder = try ModelFolder(path)
      let classifier = Classifier(configuration: folder.configuration, labelCount: 2)
      try folder.load(into: classifier, keepHead: true, seed: 1)
      return classifier
    }
    let before = try weights(path)
    for (frozen, isFrozen) in [
      (.embeddings, { $0.contains(".embeddings.") }),
      (.layers, { $0.contains(".embeddings.") || $0.contains(".layer.0.") }),
      (.encoder, { $0.hasPrefix("bert.") }),
      (.allButBiases, { !$0.hasSuffix(".bias") && !$0.hasPrefix("classifier") }),
    ] as [(TrainingSpecification.Freeze, (String) -> Bool)] {
      let folder = try temporaryFolder()
      let trial = trial(path) {
        $0.training.freeze = frozen
        $0.training.frozenLayerCount = 1
        $0.optimizer.weightDecay = 0.1
      }
      let outcome = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial).outcome
      XCTAssertEqual(outcome.status, .completed, outcome.message ?? "")
      let after = try weights("\(folder)/\(trial.identifier)")
      for tensor in before.layout.tensors where tensor.group != .head {
        let isSame = before.values(of: tensor).elementsEqual(after.values(of: tensor))
        XCTAssertEqual(isSame, isFrozen(tensor.name), "\(frozen) \(tensor.name)")
      }
    }
  }

  /// Moments of frozen tensors are not kept, an average is, and the backward pass is as long as it has to be.
  func testCuresCountInWhatATrialCosts() throws {
    let path = try pretrained()
    let estimator = CostEstimator(ResourceReader())
    func cost(_ change: (inout TrialConfiguration) -> Void) throws -> CostEstimate {
      var configuration = TinyTrial.configuration(change)
      configuration.model.path = path
      return try estimator.cost(of: configuration, seeds: [TrialSeeds(tied: 1)])
    }
    let plain = try cost { _ in }
    let encoder = try cost { $0.training.freeze = .encoder }
    // Head: 2 classes, hidden size 16.
    XCTAssertEqual(encoder.stateByteCount, 4 * (2 * plain.parameterCount + 2 * (2 * 16 + 2)))
    XCTAssertLessThan(encoder.flopsPerStep, 0.4 * plain.flopsPerStep)
    XCTAssertEqual(
      try cost { $0.training.freeze = .allButBiases }.flopsPerStep, plain.flopsPerStep / 3 * 2, accuracy: 1)
    XCTAssertEqual(try cost { $0.training.average = .swa }.stateByteCount, plain.stateByteCount / 4 * 5)
    XCTAssertEqual(
      try cost {
        $0.model.reinitializedLayerCount = 1
        $0.optimizer.layerDecay = 0.9
        $0.training.labelSmoothing = 0.1
      }, plain)
  }

  /// Mixout of weights that are all frozen would only turn dropout off, and layer decay would decay nothing.
  func testCuresWithNothingToWorkOnAreRefused() throws {
    func cost(_ change: (inout TrialConfiguration) -> Void) throws {
      var configuration = TrialConfiguration()
      configuration.model.path = "embedded"
      configuration.training.freeze = .layers
      configuration.training.frozenLayerCount = 12
      change(&configuration)
      _ = try CostEstimator().cost(of: configuration, seeds: [TrialSeeds(tied: 1)])
    }
    XCTAssertThrowsError(try cost { $0.training.mixout = 0.5 }) {
      XCTAssertEqual(
        "\($0)",
        "training.mixout: no linear weight of the model folder is trained below the head, so that nothing would be mixed and dropout "
          + "would be off; remove this key, or freeze fewer layers")
    }
    XCTAssertThrowsError(try cost { $0.optimizer.layerDecay = 0.5 }) {
      XCTAssertEqual(
        "\($0)",
        "optimizer.layer_decay: no layer is trained, so that every trained weight would have the whole rate; remove this key, or "
          + "freeze fewer layers")
    }
    XCTAssertNoThrow(try cost { _ in })
    XCTAssertNoThrow(
      try cost {
        ($0.training.mixout, $0.optimizer.layerDecay) = (0.5, 0.5)
        $0.training.frozenLayerCount = 11
      })
  }

  func testCuresThatDoNotFitTheModelAreRefused() throws {
    func message(_ family: EncoderConfiguration, _ change: (inout TrialConfiguration) -> Void) -> String? {
      var configuration = TrialConfiguration()
      configuration.model.path = "m"
      change(&configuration)
      return CureCheck.problem(of: configuration, with: family)
    }
    func family(_ type: String) throws -> EncoderConfiguration {
      EncoderConfiguration(
        architecture: try XCTUnwrap(.init(rawValue: type)), vocabularySize: 9, hiddenSize: 8, layerCount: 12,
        headCount: 2,
        intermediateSize: 8)
    }
    let (bert, albert) = (try family("bert"), try family("albert"))
    XCTAssertNil(message(bert) { _ in })
    XCTAssertNil(message(albert) { $0.training.freeze = .embeddings })
    let shared =
      "the layers of a model of type \"albert\" share their tensors, so that none of them can be treated otherwise than the "
      + "others; remove this key"
    XCTAssertEqual(message(albert) { $0.model.reinitializedLayerCount = 1 }, "model.reinit_layers: \(shared)")
    XCTAssertEqual(message(albert) { $0.optimizer.layerDecay = 0.9 }, "optimizer.layer_decay: \(shared)")
    XCTAssertEqual(
      message(bert) { $0.model.reinitializedLayerCount = 13 }, "model.reinit_layers is 13, but the model has 12 layers")
    XCTAssertEqual(
      message(bert) {
        $0.model.reinitializedLayerCount = 4
        $0.training.freeze = .layers
        $0.training.frozenLayerCount = 9
      },
      "training.freeze_layers: the lowest 9 and the top 4 (model.reinit_layers) of 12 layers overlap; what is drawn anew cannot "
        + "keep its values")
    XCTAssertEqual(
      message(try family("roberta")) { $0.model.reinitializesPooler = true },
      "model.reinit_pooler: a classifier of type \"roberta\" has no pooler below its head; remove this key")
  }
}
