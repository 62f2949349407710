import Digests
import Foundation
import Glibc
import Trials
import XCTest

@testable import Training

final class TrainerTests: XCTestCase {
  func testAnOutcomeHasEverythingThatItPromises() throws {
    let outcome = TinyTrial.outcome()
    XCTAssertNil(outcome.message)
    XCTAssertEqual(outcome.status, .completed)
    XCTAssertEqual(outcome.metric, .accuracy)
    XCTAssertEqual(outcome.stepCount, 8)
    XCTAssertEqual(outcome.evaluations.map(\.step), [4, 8])
    XCTAssertEqual(outcome.evaluations.map(\.epoch), [1, 2])
    XCTAssertEqual(outcome.evaluationCount, 40)
    XCTAssertGreaterThanOrEqual(try XCTUnwrap(outcome.majorityCount), 20)
    let last = try XCTUnwrap(outcome.evaluations.last)
    XCTAssertEqual(last.confusion.joined().reduce(0, +), 40)
    XCTAssertEqual(last.correctCount, last.confusion[0][0] + last.confusion[1][1])
    XCTAssertEqual(last.value, Double(try XCTUnwrap(last.correctCount)) / 40)
    XCTAssertEqual(last.value, last.accuracy)
    // The halves hold 20 examples each.
    XCTAssertEqual((last.valueA + last.valueB) / 2, last.value, accuracy: 1e-15)
    XCTAssertNil(last.pearson)
    XCTAssertEqual(try XCTUnwrap(outcome.chanceLoss), log(2), accuracy: 0.01)
    XCTAssertLessThan(abs(try XCTUnwrap(outcome.trainLossFinal) - log(2)), 0.2)
    XCTAssertLessThan(abs(try XCTUnwrap(outcome.trainLossFull) - log(2)), 0.2)
    XCTAssertGreaterThan(try XCTUnwrap(outcome.distanceFromPretrained), 0)
    XCTAssertEqual(outcome.weightsDigest?.count, 64)
    XCTAssertEqual(outcome.predictionsDigest?.count, 64)
  }

  func testCurvesHoldWhatTheStepsMeasured() {
    let outcome = TinyTrial.outcome { $0.record.curvesEvery = 3 }
    XCTAssertEqual(
      outcome.curve.map { "\($0.step) \($0.quantity)" },
      [3, 6, 8].flatMap { step in
        [
          "loss", "learning_rate", "gradient_norm", "mean_prediction", "accuracy", "softmax_entropy", "saturation_0.99",
          "saturation_0.95", "saturation_0.9", "saturation_0.85",
        ].map { "\(step) \($0)" }
      })
    XCTAssertEqual(outcome.curve[0].epoch, 0.75)
    // Eight steps with a warm-up of none: step 3 was made at rate 1e-3 (8 - 2) / 8.
    XCTAssertEqual(outcome.curve[1].value, 1e-3 * 0.75)
    XCTAssertTrue(outcome.curve.allSatisfy { $0.value.isFinite })
    for point in outcome.curve where ["mean_prediction", "accuracy"].contains(point.quantity) {
      XCTAssertTrue((0...1).contains(point.value))
    }
    XCTAssertEqual(TinyTrial.outcome { $0.record.curvesEvery = 0 }.curve, [])
  }

  func testTheFirstUpdateOfAWarmupMovesNoWeight() {
    let still = TinyTrial.outcome {
      $0.training.maximumSteps = 1
      $0.schedule.warmup = 4
    }
    XCTAssertEqual(still.distanceFromPretrained, 0)
    let moved = TinyTrial.outcome {
      $0.training.maximumSteps = 1
      $0.schedule.warmup = 0
    }
    XCTAssertGreaterThan(moved.distanceFromPretrained ?? 0, 0)
  }

  func testStepsOverrideEpochsAndTheHorizonStandsApart() {
    let short = TinyTrial.outcome {
      $0.training.maximumSteps = 6
      $0.record.curvesEvery = 1
    }
    XCTAssertEqual(short.stepCount, 6)
    XCTAssertEqual(short.evaluations.map(\.step), [4, 6])
    let cut = TinyTrial.outcome {
      $0.training.maximumSteps = 6
      $0.schedule.totalSteps = 8
      $0.record.curvesEvery = 1
    }
    let full = TinyTrial.outcome { $0.record.curvesEvery = 1 }
    XCTAssertEqual(cut.curve, full.curve.filter { $0.step <= 6 })
    XCTAssertNotEqual(cut.curve, short.curve)
  }

  func testATrainingSubsetIsTheSameForEverySeedOfTheRun() {
    let outcomes = [1, 2].map { seed in
      TinyTrial.outcome(seed: seed) {
        $0.trainSubset = SubsetSpecification(size: 20, seed: 5)
        $0.training.epochs = 1
      }
    }
    XCTAssertEqual(outcomes.map(\.stepCount), [2, 2])  // 16 sentences and 4
    XCTAssertEqual(outcomes[0].chanceLoss, outcomes[1].chanceLoss)
    let tooLarge = TinyTrial.outcome { $0.trainSubset = SubsetSpecification(size: 65, seed: 5) }
    XCTAssertEqual(tooLarge.status, .crashed)
    XCTAssertTrue(tooLarge.message?.contains("65") == true && tooLarge.message?.contains("64") == true)
  }

  func testEveryOptimizerLowersTheLoss() throws {
    for algorithm in OptimizerSpecification.Algorithm.allCases {
      let outcome = TinyTrial.outcome {
        $0.optimizer.algorithm = algorithm
        $0.optimizer.biasCorrection = true
        $0.training.epochs = 60
        $0.training.hiddenDropout = 0
        $0.training.attentionDropout = 0
        $0.training.classifierDropout = 0
        $0.optimizer.learningRate = 3e-3
        $0.record.curvesEvery = 20
      }
      let losses = outcome.curve.filter { $0.quantity == "loss" }.map(\.value)
      XCTAssertEqual(outcome.status, .completed)
      XCTAssertLessThan(try XCTUnwrap(losses.last), 0.5 * losses[0], "\(algorithm)")
      XCTAssertLessThan(try XCTUnwrap(outcome.trainLossFull), 0.35, "\(algorithm)")
    }
  }

  func testAHugeRateDivergesAndSaysWhere() throws {
    let outcome = TinyTrial.outcome {
      $0.optimizer.learningRate = 1e38
      $0.schedule.warmup = 0
    }
    XCTAssertEqual(outcome.status, .diverged)
    let last = try XCTUnwrap(outcome.evaluations.last)
    XCTAssertEqual(last.step, outcome.stepCount)
    XCTAssertTrue(last.value.isNaN && last.valueA.isNaN && last.loss.isNaN)
    XCTAssertTrue(try XCTUnwrap(outcome.trainLossFinal).isNaN || outcome.trainLossFinal!.isInfinite)
    let message = try XCTUnwrap(outcome.message)
    XCTAssertTrue(message.hasPrefix("after \(outcome.stepCount) of 8 updates, "), message)
    XCTAssertTrue(message.contains("bert."), message)
    // The next trial of the same process starts clean.
    let trainer = TinyTrial.trainer()
    _ = trainer.run(TinyTrial.trial { $0.optimizer.learningRate = 1e38 })
    XCTAssertEqual(trainer.run(TinyTrial.trial()).outcome, TinyTrial.outcome())
  }

  func testRegression() throws {
    let folder = try temporaryFolder()
    let rows = (0..<48).map { "the \($0 % 3 == 0 ? "cat" : "dog") sleeps\t\(Double($0 % 3))" }
    let data = try write("text\tscore\n" + rows.joined(separator: "\n") + "\n", "scores.tsv", in: folder)
    let vocabulary = try write(
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\ndog\nsleeps\n", "vocab.txt", in: folder)
    let outcome = TinyTrial.outcome {
      $0.model.vocabularyPath = vocabulary
      $0.task.name = "scores"
      $0.task.trainPath = data
      $0.task.devPath = data
      $0.task.textColumn = "text"
      $0.task.labelColumn = "score"
      $0.task.isRegression = true
      $0.training.epochs = 60
      $0.optimizer.biasCorrection = true
      $0.optimizer.learningRate = 3e-3
    }
    XCTAssertNil(outcome.message)
    XCTAssertEqual(outcome.metric, .pearson)
    XCTAssertNil(outcome.majorityCount)
    XCTAssertNil(outcome.chanceLoss)
    let last = try XCTUnwrap(outcome.evaluations.last)
    XCTAssertEqual(last.value, last.pearson)
    XCTAssertNil(last.accuracy)
    XCTAssertEqual(last.confusion, [])
    // Cats score 0 and dogs 1 or 2: the word tells r = sqrt(.75) of the variance and no more.
    XCTAssertEqual(last.value, 0.75.squareRoot(), accuracy: 0.01)
    XCTAssertFalse(last.isConstant)
    XCTAssertFalse(outcome.curve.contains { $0.quantity == "accuracy" })
  }

  func testConstantPredictionsOfARegression() {
    let labels = (0..<100).map { Double($0 % 6) }
    var predictions = (0..<100).map { 2.5 + 0.0004 * Double($0) }  // within .0396 of each other, the labels within 5
    XCTAssertTrue(isNearlyConstant(predictions, labels: labels))
    predictions[7] = 4
    XCTAssertFalse(isNearlyConstant(predictions, labels: labels), "99 of 100 are not more than 99 %")
    XCTAssertTrue(isNearlyConstant(predictions + predictions[0..<1] + predictions[8..<80], labels: labels))
    XCTAssertFalse(isNearlyConstant(labels, labels: labels))
  }

  func testTimingHoldsHostAndRank() {
    let result = Trainer(context: TrainerContext(host: "node7", rank: 3)).run(TinyTrial.trial())
    XCTAssertEqual(result.timing.host, "node7")
    XCTAssertEqual(result.timing.rank, 3)
    XCTAssertGreaterThan(result.timing.trainingSeconds, 0)
    XCTAssertGreaterThan(result.timing.totalSeconds, result.timing.trainingSeconds)
  }
}
