// What counts as a failed run, on runs small enough to judge by eye.

import ResultsSupport
import Trials
import XCTest

@testable import Reports

final class FailureRuleTests: XCTestCase {
  private func failure(_ outcome: Outcome, _ rule: FailureRule = .accuracy, _ score: ScoreChoice = .final)
    -> FailureKind?
  {
    rule.failure(of: outcome, score: score)
  }

  /// Of ten examples six are of the larger class: six correct predictions are a failure, seven are not.
  func testAccuracyRuleComparesIntegers() {
    XCTAssertNil(failure(Example.outcome(correct: [7])))
    XCTAssertEqual(failure(Example.outcome(correct: [6])), .neverLearned)
    XCTAssertEqual(failure(Example.outcome(correct: [5, 6, 4])), .neverLearned)
    XCTAssertEqual(failure(Example.outcome(correct: [5, 7, 6])), .collapsed)
    XCTAssertNil(failure(Example.outcome(correct: [5, 6, 7])))
  }

  func testBestCheckpointIsAnotherQuestion() {
    XCTAssertNil(failure(Example.outcome(correct: [5, 7, 6]), .accuracy, .best))
    XCTAssertEqual(failure(Example.outcome(correct: [5, 6]), .accuracy, .best), .neverLearned)
  }

  func testDivergedRunsFailByEveryRule() {
    for rule in [FailureRule.accuracy, .constant, .loss, .below(0)] {
      for score in ScoreChoice.allCases {
        XCTAssertEqual(failure(Example.diverged(after: [9, 9]), rule, score), .diverged)
      }
    }
  }

  func testConstantRule() {
    XCTAssertEqual(failure(Example.outcome(correct: [7], isConstant: true), .constant), .neverLearned)
    XCTAssertNil(failure(Example.outcome(correct: [6]), .constant))
    var outcome = Example.outcome(correct: [7, 6])
    outcome.evaluations[1].isConstant = true
    XCTAssertEqual(failure(outcome, .constant), .collapsed)
  }

  /// .9 ln 2 = .62383.
  func testLossRule() {
    XCTAssertNil(failure(Example.outcome(correct: [6], trainLoss: 0.6238), .loss))
    XCTAssertEqual(failure(Example.outcome(correct: [6], trainLoss: 0.6239), .loss), .neverLearned)
    XCTAssertEqual(failure(Example.outcome(correct: [9], trainLoss: 0.7), .loss), .collapsed)
    XCTAssertEqual(failure(Example.outcome(correct: [6], trainLoss: .nan), .loss), .neverLearned)
    XCTAssertEqual(Example.outcome(correct: [9], trainLoss: 0.7).hasFlatLoss, true)
    XCTAssertNil(Outcome(status: .completed, metric: .accuracy).hasFlatLoss)
  }

  func testBelowRule() {
    XCTAssertNil(failure(Example.outcome(correct: [8]), .below(0.8)))
    XCTAssertEqual(failure(Example.outcome(correct: [7]), .below(0.8)), .neverLearned)
    XCTAssertEqual(failure(Example.outcome(correct: [9, 7]), .below(0.8)), .collapsed)
    XCTAssertNil(failure(Example.outcome(correct: [9, 7]), .below(0.8), .best))
  }

  private func regression(_ correlations: [Double], isConstant: Bool = false) -> Outcome {
    var outcome = Outcome(status: .completed, metric: .spearman)
    outcome.evaluations = correlations.enumerated().map { place, value in
      Evaluation(
        step: place, epoch: 0, value: value, valueA: value, valueB: value, loss: 1, pearson: value, spearman: value,
        isConstant: isConstant)
    }
    outcome.trainLossFinal = 3
    return outcome
  }

  func testRegression() {
    for rule in [FailureRule.accuracy, .loss] {
      XCTAssertNil(failure(regression([0.2]), rule))
      XCTAssertEqual(failure(regression([0]), rule), .neverLearned)
      XCTAssertEqual(failure(regression([0.3, -0.1]), rule), .collapsed)
      XCTAssertEqual(failure(regression([.nan]), rule), .neverLearned)
      XCTAssertEqual(failure(regression([0.9], isConstant: true), rule), .neverLearned)
    }
    XCTAssertNil(regression([0.2]).hasFlatLoss)
    XCTAssertNil(regression([0.2]).majorityTest(regression([0.2]).evaluations[0]))
  }

  /// The constant classifiers' scores of GLUE's MRPC dev set, 279 paraphrases among 408: F1 .8122, not the majority .684,
  /// so a run that ends there has failed although its F1 is high.
  func testConstantParaphraseClassifierFails() {
    var outcome = Outcome(status: .completed, metric: .f1)
    outcome.majorityCount = 279
    outcome.evaluationCount = 408
    outcome.evaluations = [
      Evaluation(
        step: 1, epoch: 1, value: 558.0 / 687, valueA: 0, valueB: 0, loss: 1, accuracy: 279.0 / 408, correctCount: 279,
        confusion: [[0, 129], [0, 279]], isConstant: true)
    ]
    XCTAssertEqual(failure(outcome), .neverLearned)
    XCTAssertEqual(outcome.constantScore, 558.0 / 687)
    outcome.metric = .accuracyAndF1
    XCTAssertEqual(outcome.constantScore, (279.0 / 408 + 558.0 / 687) / 2)
    outcome.metric = .matthews
    XCTAssertEqual(outcome.constantScore, 0)
    outcome.evaluations = []
    XCTAssertEqual(failure(outcome), .neverLearned)
    outcome.metric = .f1
    XCTAssertNil(outcome.constantScore)
    outcome.metric = .accuracy
    XCTAssertEqual(outcome.constantScore, 279.0 / 408)
  }

  func testNames() {
    for rule in [FailureRule.accuracy, .constant, .loss, .below(0.55), .below(-0.5)] {
      XCTAssertEqual(FailureRule(rule.name), rule)
    }
    XCTAssertEqual(FailureRule("below=.5"), .below(0.5))
    for text in ["", "Accuracy", "below", "below=", "below=x", "below=nan", "below=inf"] {
      XCTAssertNil(FailureRule(text), text)
    }
  }
}
