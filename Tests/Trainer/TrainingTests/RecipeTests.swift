import Foundation
import Schedules
import Tasks
import Transformer
import Trials
import XCTest

@testable import Datasets
@testable import Optimizers
@testable import Training

/// Recipes that train beside the pre-trained weights, and their controls, on a model folder that a tiny trial left.
final class RecipeTests: XCTestCase {
  /// A model folder of a tiny trial that trained.
  private func pretrained() throws -> String {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial(seed: 7)
    XCTAssertEqual(TinyTrial.trainer(TrialFolders(weights: folder)).run(trial).outcome.status, .completed)
    return "\(folder)/\(trial.identifier)"
  }

  private func outcome(
    _ path: String, threadCount: Int = 1, _ change: (inout TrialConfiguration) -> Void = { _ in }
  ) -> Outcome {
    TinyTrial.trainer(threadCount: threadCount).run(
      TinyTrial.trial {
        $0.model.path = path
        change(&$0)
      }
    ).outcome
  }

  /// The sweep file's limits are the built-in task's own.
  func testAnyCountsASweepMayHaveAreGenerated() {
    XCTAssertEqual(SyntheticSpecification.allowedCounts, BuiltInExamples.allowedCounts)
  }

  /// Intermediate training: a kept folder with a new head, whose pooler and encoder are the folder's.
  func testAKeptFolderStartsAnotherTrialWithANewHead() throws {
    let path = try pretrained()
    let still = outcome(path) {
      $0.training.maximumSteps = 1
      $0.schedule.warmup = 4
    }
    XCTAssertEqual(still.distanceFromPretrained, 0)
    var kept = TinyTrial.trial { $0.model.path = path }
    kept.configuration.model.head = .keep
    XCTAssertNotEqual(TinyTrial.trainer().run(kept).outcome.weightsDigest, outcome(path).weightsDigest)
  }

  /// The distance over linear weights is a part of that over all, and nothing where biases alone are trained.
  func testTheDistanceOverLinearWeights() throws {
    let path = try pretrained()
    func distances(_ change: (inout TrialConfiguration) -> Void) throws -> [Double] {
      let both = [RecordSpecification.Distance.all, .linear].map { distance in
        outcome(path) {
          change(&$0)
          $0.record.distance = distance
        }
      }
      XCTAssertEqual(both[0].weightsDigest, both[1].weightsDigest)
      return try both.map { try XCTUnwrap($0.distanceFromPretrained) }
    }
    let whole = try distances { $0.optimizer.learningRate = 3e-3 }
    XCTAssertGreaterThan(whole[1], 0)
    XCTAssertLessThan(whole[1], whole[0])
    let biases = try distances { $0.training.freeze = .allButBiases }
    XCTAssertGreaterThan(biases[0], 0)
    XCTAssertEqual(biases[1], 0)
  }

  func testMixoutStaysCloserToThePretrainedWeightsAndNoCadenceOrThreadChangesIt() throws {
    let path = try pretrained()
    func long(_ configuration: inout TrialConfiguration) {
      configuration.training.epochs = 12
      configuration.optimizer.learningRate = 3e-3
    }
    func mixed(_ configuration: inout TrialConfiguration) {
      long(&configuration)
      configuration.training.mixout = 0.7
    }
    let reference = outcome(path, mixed)
    XCTAssertEqual(reference.status, .completed)
    let distances = try [reference, outcome(path, long)].map { try XCTUnwrap($0.distanceFromPretrained) }
    XCTAssertLessThan(distances[0], distances[1])
    XCTAssertEqual(outcome(path, threadCount: 3, mixed).weightsDigest, reference.weightsDigest)
    let recorded = outcome(path) {
      mixed(&$0)
      $0.training.evaluateEvery = 1
      $0.record.curvesEvery = 1
      $0.record.gradientNormsEvery = 1
    }
    XCTAssertEqual(recorded.weightsDigest, reference.weightsDigest)
    let published = outcome(path) {
      mixed(&$0)
      $0.training.mixoutGradient = .published
    }
    XCTAssertNotEqual(published.weightsDigest, reference.weightsDigest)
    // The next trial of the same trainer is none the wiser.
    let trainer = TinyTrial.trainer()
    let trials = [mixed, { _ in }, mixed].map { change in
      TinyTrial.trial {
        $0.model.path = path
        change(&$0)
      }
    }
    let outcomes = trials.map { trainer.run($0).outcome }
    XCTAssertEqual(outcomes[0], outcomes[2])
    XCTAssertEqual(outcomes[1], outcome(path))
  }

  /// Mixout and decay towards the pre-trained weights keep nothing between steps that a checkpoint would have to hold.
  func testAStoppedTrialGoesOnBesideThePretrainedWeights() throws {
    let path = try pretrained()
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial {
      $0.model.path = path
      $0.training.mixout = 0.5
      $0.optimizer.decayTowards = .pretrained
      $0.optimizer.weightDecay = 0.5
    }
    let expected = TinyTrial.trainer().run(trial).outcome
    XCTAssertEqual(expected.status, .completed)
    func stopped(after calls: Int) -> Outcome {
      let policy = CheckpointPolicy(folder: folder, everySeconds: 1e9, numerics: "these")
      var count = 0
      return Trainer(context: TrainerContext(host: "here", rank: 0, checkpoints: policy)).run(trial) { _ in
        count += 1
        return count > calls ? .stop : .proceed
      } notice: {
        XCTFail($0)
      }.outcome
    }
    XCTAssertEqual(stopped(after: 3).status, .preempted)
    XCTAssertEqual(stopped(after: 2).status, .preempted)
    XCTAssertEqual(stopped(after: .max), expected)
  }

  /// A step takes a fifth of the way to the target, 200 times the learning rate of 1e-3: Adam moves little beside that.
  func testDecayTowardsThePretrainedWeightsHoldsTheEncoderAndLetsTheHeadFade() throws {
    let path = try pretrained()
    func strong(_ configuration: inout TrialConfiguration) {
      configuration.optimizer.weightDecay = 200
      configuration.schedule.kind = .constant
      configuration.schedule.warmup = 0
      configuration.training.epochs = 8
    }
    let towardsZero = try XCTUnwrap(outcome(path, strong).distanceFromPretrained)
    let free = try XCTUnwrap(outcome(path) { $0.training.epochs = 8 }.distanceFromPretrained)
    let held = try XCTUnwrap(
      outcome(path) {
        strong(&$0)
        $0.optimizer.decayTowards = .pretrained
      }.distanceFromPretrained)
    XCTAssertLessThan(held, free / 2)
    XCTAssertGreaterThan(towardsZero, 1.3 * free)
  }

  func testDecayTowardsZeroIsTheDefaultToTheBit() throws {
    let path = try pretrained()
    XCTAssertEqual(
      outcome(path) {
        $0.optimizer.decayTowards = .pretrained
        $0.optimizer.weightDecay = 0
      },
      outcome(path) { $0.optimizer.weightDecay = 0 })
  }

  func testTrainingBesideThePretrainedWeightsCountsTheirMemory() throws {
    let path = try pretrained()
    let estimator = CostEstimator(ResourceReader())
    func bytes(_ change: (inout TrialConfiguration) -> Void) throws -> Int {
      var configuration = TinyTrial.configuration(change)
      configuration.model.path = path
      return try estimator.cost(of: configuration, seeds: [TrialSeeds(tied: 1)]).stateByteCount
    }
    let plain = try bytes { _ in }
    XCTAssertEqual(try bytes { $0.optimizer.decayTowards = .pretrained }, plain / 4 * 5)
    XCTAssertEqual(try bytes { $0.training.mixout = 0.5 }, plain / 4 * 6)
  }

  func testShuffledLabelsAreTheSameLabelsInAnotherOrder() throws {
    func data(_ seed: UInt64?) throws -> TaskData {
      try TaskReader.load(
        TaskDescription(
          name: "synthetic",
          source: .builtIn(BuiltInExamples(BuiltInTask.all[0], trainCount: 200, devCount: 40, seed: 1)),
          subset: .init(size: 100, seed: 3), labelShuffleSeed: seed))
    }
    let (plain, one, two) = (try data(nil), try data(1), try data(2))
    XCTAssertEqual(one.train.map(\.text), plain.train.map(\.text))
    XCTAssertEqual(one.dev, plain.dev)
    func positives(_ data: TaskData) -> Int { data.train.count { $0.target == .classIndex(1) } }
    XCTAssertEqual(positives(one), positives(plain))
    XCTAssertEqual(try data(1).train, one.train)
    XCTAssertNotEqual(one.train, two.train)
    // Of 100 balanced labels half keep their value by chance: 50, sd 5.
    XCTAssertEqual(zip(one.train, plain.train).count { $0.target == $1.target }, 50, accuracy: 20)
  }

  /// Ratios of the paper's runs, computed from the definitions by hand (correction sqrt(1 - .999^t) / (1 - .9^t)).
  func testStepMassOfThePapersRuns() {
    for (stepCount, ratio) in [(468, 0.376), (690, 0.445), (1605, 0.620), (189, 0.253), (3120, 0.761), (19641, 0.976)] {
      let configuration = TrialConfiguration()
      let schedule = LearningRateSchedule(configuration.schedule, stepCount: stepCount)
      let found = StepMass.ratio(configuration.optimizer, schedule, stepCount: stepCount)
      XCTAssertEqual(found, ratio, accuracy: 6e-4, "\(stepCount) steps")
    }
  }

  func testMatchingTheStepMassIsASmallerRate() {
    let length = 8
    var configuration = TinyTrial.configuration()
    configuration.training.maximumSteps = length
    let schedule = LearningRateSchedule(configuration.schedule, stepCount: length)
    let ratio = StepMass.ratio(configuration.optimizer, schedule, stepCount: length)
    XCTAssertLessThan(ratio, 0.3)
    XCTAssertEqual(
      TinyTrial.outcome { $0.optimizer.matchesStepMass = true },
      TinyTrial.outcome { $0.optimizer.learningRate *= ratio })
  }

  /// The schedule's horizon apart from the run's length: the steps of a short run are the first ones of the long run.
  func testAShortRunWithALongHorizonIsTheBeginningOfTheLongRun() {
    let long = TinyTrial.outcome { $0.record.curvesEvery = 1 }
    let short = TinyTrial.outcome {
      $0.record.curvesEvery = 1
      $0.training.maximumSteps = 4
      $0.schedule.totalSteps = 8
    }
    XCTAssertEqual(short.curve, Array(long.curve.prefix(short.curve.count)))
    XCTAssertEqual(short.evaluations.last, long.evaluations.first)
  }

  func testEntropyAndSaturationAreWhatTheirNamesSay() throws {
    XCTAssertEqual(softmaxEntropy([2, 2]), log(2), accuracy: 1e-15)
    XCTAssertEqual(softmaxEntropy([0, 1000]), 0)
    // Of weights 1 and 3: -(1/4) ln (1/4) - (3/4) ln (3/4).
    XCTAssertEqual(softmaxEntropy([0, Float(log(3.0))]), 0.5623351446188083, accuracy: 1e-7)
    let outcome = TinyTrial.outcome { $0.record.curvesEvery = 1 }
    func values(_ quantity: String) -> [Double] { outcome.curve.filter { $0.quantity == quantity }.map(\.value) }
    XCTAssertEqual(values("softmax_entropy").count, 8)
    XCTAssertTrue(values("softmax_entropy").allSatisfy { $0 > 0 && $0 <= log(2) })
    XCTAssertEqual(values("saturation_0.99").count, 8)
    for (high, low) in zip(values("saturation_0.99"), values("saturation_0.85")) { XCTAssertLessThanOrEqual(high, low) }
  }
}
