// What counts as a failed run, on runs small enough to judge by eye.

import ResultsSupport
import Tasks
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

  /// By default a run fails where its score is not above the best constant classifier's: for Matthews' correlation 0, as an
  /// import with the baseline 0 has it, whatever its accuracy. The rule `accuracy` counts correct predictions.
  func testMatthewsIsJudgedByItself() {
    var outcome = Outcome(status: .completed, metric: .matthews)
    (outcome.majorityCount, outcome.evaluationCount) = (197, 300)
    func evaluation(_ confusion: [[Int]], matthews: Double) -> Evaluation {
      Evaluation(
        step: 1, epoch: 1, value: matthews, valueA: 0, valueB: 0, loss: 1, matthews: matthews,
        correctCount: confusion[0][0] + confusion[1][1], confusion: confusion)
    }
    // 191 of 300 are correct, fewer than the 197 of the larger class, and the correlation is positive.
    outcome.evaluations = [evaluation([[30, 73], [36, 161]], matthews: 0.119)]
    XCTAssertNil(failure(outcome, .baseline))
    XCTAssertEqual(failure(outcome, .accuracy), .neverLearned)
    for matthews in [0, -0.01, .nan] {
      outcome.evaluations = [evaluation([[0, 103], [0, 197]], matthews: matthews)]
      XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
    }
    outcome.evaluations = [
      evaluation([[30, 73], [36, 161]], matthews: 0.119), evaluation([[0, 103], [0, 197]], matthews: 0),
    ]
    XCTAssertEqual(failure(outcome, .baseline), .collapsed)
    XCTAssertNil(failure(outcome, .baseline, .best))
  }

  /// Of F1 the best constant classifier says yes always, also where most examples are no's: with 40 of 100, 2 * 40 / 140. Its
  /// mean with accuracy is (.4 + .5714) / 2 against .3 of saying no.
  func testTheBestConstantClassifierOfF1() {
    var outcome = Outcome(status: .completed, metric: .f1)
    (outcome.majorityCount, outcome.evaluationCount) = (60, 100)
    func set(_ confusion: [[Int]], _ value: Double) {
      outcome.evaluations = [
        Evaluation(
          step: 1, epoch: 1, value: value, valueA: 0, valueB: 0, loss: 1,
          correctCount: confusion[0][0] + confusion[1][1], confusion: confusion)
      ]
    }
    set([[0, 60], [0, 40]], 80.0 / 140)
    XCTAssertEqual(outcome.constantScore, 80.0 / 140)
    XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
    set([[60, 0], [40, 0]], 0)
    XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
    // 61 correct and F1 .09: better than the larger class by accuracy, worse than yes always by F1.
    set([[59, 1], [38, 2]], 4.0 / 43)
    XCTAssertNil(failure(outcome, .accuracy))
    XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
    set([[40, 20], [10, 30]], 60.0 / 90)
    XCTAssertNil(failure(outcome, .baseline))
    outcome.metric = .accuracyAndF1
    XCTAssertEqual(outcome.constantScore, (0.4 + 80.0 / 140) / 2)
    // Always the larger class: F1 of it 120 / 160, of the other 0.
    outcome.metric = .macroF1
    XCTAssertEqual(outcome.constantScore, (120.0 / 160) / 2)
    outcome.evaluations[0].value = (120.0 / 160) / 2
    XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
    outcome.evaluations[0].value = 0.4
    XCTAssertNil(failure(outcome, .baseline))
    // Three classes of 5, 3 and 2 examples: 10 / 15 of one class, over three.
    set([[5, 0, 0], [3, 0, 0], [2, 0, 0]], (10.0 / 15) / 3)
    XCTAssertEqual(outcome.constantScore, (10.0 / 15) / 3)
    XCTAssertEqual(failure(outcome, .baseline), .neverLearned)
  }

  /// For accuracy the rules are one, and for regression each correlation is judged by itself.
  func testWhereTheBaselineJudgesAsAccuracyDoes() {
    for correct in [[7], [6], [5, 7, 6], [5, 6, 7], []] {
      let outcome = Example.outcome(correct: correct)
      for score in ScoreChoice.allCases {
        XCTAssertEqual(failure(outcome, .baseline, score), failure(outcome, .accuracy, score))
      }
    }
    XCTAssertNil(failure(regression([0.2]), .baseline))
    XCTAssertEqual(failure(regression([0]), .baseline), .neverLearned)
    XCTAssertEqual(failure(regression([0.9], isConstant: true), .baseline), .neverLearned)
    var ranks = regression([0.2])
    ranks.evaluations[0].pearson = -0.1
    XCTAssertNil(failure(ranks, .baseline), "Spearman's correlation is the metric")
    XCTAssertEqual(failure(ranks, .accuracy), .neverLearned)
    XCTAssertEqual(failure(Example.diverged(after: [9]), .baseline), .diverged)
    XCTAssertEqual(FailureRule.baseline.named(for: [.accuracy, .pearson]), .accuracy)
    for metric in [MetricName.matthews, .f1, .macroF1, .accuracyAndF1, .spearman] {
      XCTAssertEqual(FailureRule.baseline.named(for: [.accuracy, metric]), .baseline)
    }
    XCTAssertEqual(FailureRule.constant.named(for: [.accuracy]), .constant)
    XCTAssertEqual(FailureRule("baseline"), .baseline)
  }
}
