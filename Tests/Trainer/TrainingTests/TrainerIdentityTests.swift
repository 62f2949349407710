import Kernels
import Trials
import XCTest

@testable import Training

/// A trial's weights are a function of its configuration and seeds, and of nothing else.
final class TrainerIdentityTests: XCTestCase {
  func testTheSameTrialGivesTheSameOutcomeInAnyOrder() {
    let trainer = TinyTrial.trainer()
    let trials = [1, 2, 3].map { TinyTrial.trial(seed: $0) }
    let forward = trials.map { trainer.run($0).outcome }
    let backward = trials.reversed().map { trainer.run($0).outcome }
    XCTAssertEqual(forward, backward.reversed())
    XCTAssertEqual(forward[1], TinyTrial.trainer().run(trials[1]).outcome)
    XCTAssertEqual(forward.map(\.status), [.completed, .completed, .completed])
    XCTAssertEqual(Set(forward.map(\.weightsDigest)).count, 3)
  }

  func testAnotherConfigurationInBetweenChangesNothing() {
    let trainer = TinyTrial.trainer()
    let first = trainer.run(TinyTrial.trial()).outcome
    let other = trainer.run(
      TinyTrial.trial {
        $0.model.shape.layerCount = 3
        $0.task.synthetic.seed = 9
        $0.task.maximumLength = 8
      }
    ).outcome
    XCTAssertEqual(other.status, .completed)
    XCTAssertEqual(trainer.run(TinyTrial.trial()).outcome, first)
  }

  /// A run that diverged leaves NaN in every buffer that the next one takes over.
  func testADivergedTrialInBetweenChangesNothing() {
    let trainer = TinyTrial.trainer()
    let broken = trainer.run(TinyTrial.trial(seed: 2) { $0.optimizer.learningRate = 1e30 }).outcome
    XCTAssertEqual(broken.status, .diverged)
    XCTAssertEqual(trainer.run(TinyTrial.trial()).outcome, TinyTrial.outcome())
  }

  func testNoCadenceOfEvaluationOrRecordingChangesAWeight() throws {
    let folder = try temporaryFolder()
    let reference = TinyTrial.outcome()
    let changes: [(inout TrialConfiguration) -> Void] = [
      { $0.training.evaluationsPerEpoch = 4 }, { $0.training.evaluateEvery = 3 }, { $0.record.curvesEvery = 0 },
      { $0.record.curvesEvery = 1 }, { $0.record.predictions = .none }, { $0.record.gradientNormsEvery = 1 },
      { $0.record.updateNorms = true },
    ]
    for (index, change) in changes.enumerated() {
      let trainer = TinyTrial.trainer(
        TrialFolders(predictions: folder + "/p", gradientNorms: folder + "/g", weights: folder + "/w"))
      let outcome = trainer.run(TinyTrial.trial(change)).outcome
      XCTAssertEqual(outcome.weightsDigest, reference.weightsDigest, "change \(index)")
      XCTAssertEqual(outcome.evaluations.last, reference.evaluations.last, "change \(index)")
      XCTAssertEqual(outcome.trainLossFinal, reference.trainLossFinal, "change \(index)")
      XCTAssertEqual(outcome.trainLossFull, reference.trainLossFull, "change \(index)")
    }
  }

  /// At a width where products, sums and updates are cut into blocks.
  func testNoNumberOfThreadsChangesAnOutcome() {
    checkThreads(Self.wide)
  }

  /// The portable arithmetic trains too: as reproducibly, near OpenBLAS's losses, and without a trace in the next trial of the
  /// same process.
  func testThePortableArithmetic() throws {
    try checkOtherProducts(relativeTolerance: 1e-3) { $0.training.arithmetic = .portable }
  }

  /// Trials with a change of what multiplies are reproducible, near the losses of trials without it but not on their weights, and
  /// leave no trace in the next trial of the same process.
  private func checkOtherProducts(
    relativeTolerance: Double, _ change: @escaping (inout TrialConfiguration) -> Void
  ) throws {
    let usual = TinyTrial.outcome()
    checkThreads {
      Self.wide(&$0)
      change(&$0)
    }
    let trainer = TinyTrial.trainer()
    let changed = trainer.run(TinyTrial.trial(change)).outcome
    XCTAssertEqual(changed.status, .completed)
    XCTAssertNotEqual(changed.weightsDigest, usual.weightsDigest)
    let (loss, expected) = (try XCTUnwrap(changed.trainLossFull), try XCTUnwrap(usual.trainLossFull))
    XCTAssertEqual(loss, expected, accuracy: relativeTolerance * expected)
    XCTAssertNotEqual(loss, expected)
    XCTAssertEqual(trainer.run(TinyTrial.trial()).outcome, usual)
  }

  /// A sample of the final pass changes no weight, is the same in every trial, and all of the examples are the pass of before.
  func testTheFinalPassOverASample() throws {
    let whole = TinyTrial.outcome()
    func outcome(_ count: Int, seed: UInt64 = 1) -> Outcome {
      TinyTrial.outcome(seed: seed) { $0.evaluation.trainingExampleCount = count }
    }
    var none = outcome(0)
    XCTAssertNil(none.trainLossFull)
    none.trainLossFull = whole.trainLossFull
    XCTAssertEqual(none, whole)
    XCTAssertEqual(outcome(64), whole)
    let some = outcome(20)
    XCTAssertEqual(some.weightsDigest, whole.weightsDigest)
    XCTAssertNotEqual(some.trainLossFull, whole.trainLossFull)
    XCTAssertEqual(
      try XCTUnwrap(some.trainLossFull), try XCTUnwrap(whole.trainLossFull), accuracy: 0.5,
      "losses of two classes near chance")
    XCTAssertEqual(outcome(20), some)
  }

  private static func wide(_ configuration: inout TrialConfiguration) {
    configuration.model.shape.hiddenSize = 192
    configuration.model.shape.intermediateSize = 768
    configuration.training.batchSize = 64
    configuration.training.epochs = 3
  }

  private func checkThreads(_ change: (inout TrialConfiguration) -> Void) {
    let trial = TinyTrial.trial(change)
    let expected = TinyTrial.trainer().run(trial).outcome
    XCTAssertEqual(expected.status, .completed, expected.message ?? "")
    for threadCount in [2, 3] {
      XCTAssertEqual(TinyTrial.trainer(threadCount: threadCount).run(trial).outcome, expected)
    }
  }

  /// Bfloat16 products train too: as reproducibly, near float32's losses but not on them, and without a trace in the next
  /// trial of the same process.
  func testBFloat16() throws {
    let change: (inout TrialConfiguration) -> Void = { $0.training.precision = .bfloat16 }
    try checkOtherProducts(relativeTolerance: 0.01, change)
  }

  /// Who watches sees what the steps computed, in order, and changes nothing.
  func testAWatcherChangesNothing() {
    let tell: (inout TrialConfiguration) -> Void = { $0.record.curvesEvery = 1 }
    var names: [String] = []
    var losses: [Double] = []
    var sequenceCount = 0
    let outcome = TinyTrial.trainer().run(
      TinyTrial.trial(tell),
      watch: { event in
        switch event {
        case .batch(let sequences, let targets):
          names.append("batch")
          sequenceCount = sequences.sequenceCount
          XCTAssertEqual(targets.count, sequenceCount)
        case .loss(let sum):
          names.append("loss")
          losses.append(sum / Double(sequenceCount))
        case .gradients: names.append("gradients")
        case .norms: names.append("norms")
        case .update: names.append("update")
        }
      }
    ).outcome
    XCTAssertEqual(outcome, TinyTrial.outcome(tell))
    XCTAssertEqual(names, (1...8).flatMap { _ in ["batch", "loss", "gradients", "norms", "update"] })
    XCTAssertEqual(losses, outcome.curve.filter { $0.quantity == "loss" }.map(\.value))
  }

  func testEachSeedHasItsOwnCause() {
    func digest(_ seeds: TrialSeeds, _ change: (inout TrialConfiguration) -> Void = { _ in }) -> String? {
      var trial = TinyTrial.trial(change)
      trial.seeds = seeds
      return TinyTrial.trainer().run(trial).outcome.weightsDigest
    }
    let base = TrialSeeds(tied: 1)
    let initialization = TrialSeeds(initialization: 2, order: 1, dropout: 1)
    let order = TrialSeeds(initialization: 1, order: 2, dropout: 1)
    let dropout = TrialSeeds(initialization: 1, order: 1, dropout: 2)
    XCTAssertEqual(Set([base, initialization, order, dropout].map { digest($0) }).count, 4)
    // Without dropout its seed is idle, and so is the order's without shuffling.
    func quiet(_ configuration: inout TrialConfiguration) {
      configuration.training.hiddenDropout = 0
      configuration.training.attentionDropout = 0
      configuration.training.classifierDropout = 0
    }
    XCTAssertEqual(digest(base, quiet), digest(dropout, quiet))
    XCTAssertNotEqual(digest(base, quiet), digest(base))
    XCTAssertEqual(digest(base) { $0.training.shuffle = false }, digest(order) { $0.training.shuffle = false })
  }

  func testStoppingAndStartingAgainGivesTheSameOutcome() {
    let trainer = TinyTrial.trainer()
    let reference = TinyTrial.outcome()
    for stop in [0, 1, 5, 9, 12] {
      var calls = 0
      let result = trainer.run(TinyTrial.trial()) { _ in
        calls += 1
        return calls > stop ? .stop : .proceed
      }
      XCTAssertEqual(result.outcome.status, .preempted, "stopped at call \(stop)")
      XCTAssertEqual(calls, stop + 1)
    }
    XCTAssertEqual(trainer.run(TinyTrial.trial()).outcome, reference)
  }

  func testProgressCountsEveryStepAndEveryEvaluationBatch() {
    var seen: [TrialProgress] = []
    _ = TinyTrial.trainer().run(TinyTrial.trial()) {
      seen.append($0)
      return .proceed
    }
    // Eight steps; two dev evaluations of 40 sentences and one pass over 64 training sentences, 32 at a time.
    XCTAssertEqual(seen.filter { $0.phase == .training }.map(\.step), Array(0..<8))
    XCTAssertEqual(seen.filter { $0.phase == .evaluating }.map(\.step), [4, 4, 8, 8, 8, 8])
    XCTAssertEqual(seen.first, TrialProgress(phase: .preparing, step: 0, stepCount: 0))
    XCTAssertTrue(seen.dropFirst().allSatisfy { $0.stepCount == 8 })
  }
}
