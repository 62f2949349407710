import Datasets
import Glibc
import Tasks
import Tokenization
import Trials
import XCTest

@testable import Training

final class EvaluationTests: XCTestCase {
  private func set(_ targets: [Target], halves: [Bool], positiveClass: Int = 1) throws -> EvaluationSet {
    let tokenizer = try TextTokenizer(
      wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "word"], lowercases: true)
    let texts = targets.map { LabeledText(text: "word", target: $0) }
    let examples = EncodedSet(texts, tokenizer: tokenizer, maximumLength: 8)
    return EvaluationSet(
      examples, indices: Array(0..<examples.count), halves: halves, positiveClass: positiveClass)
  }

  /// Fixed sizes for OpenBLAS, whose rows depend on those beside them; by tokens where they do not.
  func testBatches() {
    let lengths = [3, 1, 4, 1, 5, 9, 2]
    XCTAssertEqual(EvaluationBatches.sequences(3).ranges(of: lengths), [0..<3, 3..<6, 6..<7])
    XCTAssertEqual(EvaluationBatches.tokens(8).ranges(of: lengths), [0..<3, 3..<6, 6..<7])
    XCTAssertEqual(EvaluationBatches.tokens(5).ranges(of: lengths), [0..<3, 3..<5, 5..<6, 6..<7])
    XCTAssertEqual(EvaluationBatches.tokens(100).ranges(of: lengths), [0..<7])
    XCTAssertEqual(EvaluationBatches.tokens(5).ranges(of: []), [])
    XCTAssertEqual(
      EvaluationBatches(.openblas).ranges(of: [Int](repeating: 2, count: 70)), [0..<32, 32..<64, 64..<70])
  }

  func testThreeClassesByHand() throws {
    let set = try set([0, 1, 2, 0, 1, 2].map { .classIndex($0) }, halves: [true, true, true, false, false, false])
    // Predicted: 0, 1, 1 and, by the first of equal logits, 0, 0, 2.
    let logits: [Float] = [3, 0, 0, 0, 2, 1, 0, 5, 4, 1, 1, 1, 2, 2, 0, -1, -2, 0]
    let evaluation = set.evaluation(of: logits, labelCount: 3, metric: .f1, step: 7, epoch: 1.5)
    XCTAssertEqual(evaluation.confusion, [[2, 0, 0], [1, 1, 0], [0, 1, 1]])
    XCTAssertEqual(evaluation.correctCount, 4)
    XCTAssertEqual(evaluation.accuracy, 4.0 / 6)
    // F1 of the classes: 4/5, 2/4, 2/3.
    XCTAssertEqual(evaluation.value, (0.8 + 0.5 + 2.0 / 3) / 3, accuracy: 1e-15)
    XCTAssertEqual(evaluation.value, evaluation.f1)
    // First half: labels 0 1 2 as 0 1 1; second: 0 1 2 as 0 0 2.
    XCTAssertEqual(evaluation.valueA, (1 + 2.0 / 3 + 0) / 3, accuracy: 1e-15)
    XCTAssertEqual(evaluation.valueB, (2.0 / 3 + 0 + 1) / 3, accuracy: 1e-15)
    XCTAssertFalse(evaluation.isConstant)
    let naive = (0..<6).map { row -> Double in
      let values = logits[3 * row..<3 * row + 3].map(Double.init)
      return log(values.reduce(0) { $0 + exp($1) }) - values[row % 3]
    }
    // Losses are computed in Float: a few roundings of numbers below 8.
    XCTAssertEqual(evaluation.loss, naive.reduce(0, +) / 6, accuracy: 8 * 8 * 0x1p-24)
    XCTAssertEqual([evaluation.step, Int(evaluation.epoch * 2)], [7, 3])
  }

  func testEveryMetricOfClasses() throws {
    let set = try set([0, 0, 1, 1].map { .classIndex($0) }, halves: [true, false, true, false])
    let logits: [Float] = [1, 0, 0, 1, 0, 1, 0, 1]  // predicted 0, 1, 1, 1
    func value(_ metric: MetricName) -> Double {
      set.evaluation(of: logits, labelCount: 2, metric: metric, step: 1, epoch: 1).value
    }
    XCTAssertEqual(value(.accuracy), 0.75)
    XCTAssertEqual(value(.f1), 0.8, accuracy: 1e-15)
    XCTAssertEqual(value(.accuracyAndF1), 0.775, accuracy: 1e-15)
    // F1 of class 0 is 2/3, of class 1 4/5. Half A: labels 0, 1 as 0, 1; half B: 0, 1 as 1, 1.
    XCTAssertEqual(value(.macroF1), (2.0 / 3 + 0.8) / 2, accuracy: 1e-15)
    let macro = set.evaluation(of: logits, labelCount: 2, metric: .macroF1, step: 1, epoch: 1)
    XCTAssertEqual(macro.valueA, 1)
    XCTAssertEqual(macro.valueB, 1.0 / 3, accuracy: 1e-15)
    XCTAssertEqual(value(.matthews), 1 / 3.0.squareRoot(), accuracy: 1e-15)
  }

  /// A head may have the positive class as its first output: the scores and the counts are those of the task.
  func testThePositiveClassMayBeTheFirstOutput() throws {
    let targets = [0, 0, 1, 1].map { Target.classIndex($0) }
    let set = try set(targets, halves: [true, false, true, false], positiveClass: 0)
    let logits: [Float] = [1, 0, 0, 1, 0, 1, 0, 1]  // predicted 0, 1, 1, 1
    let evaluation = set.evaluation(of: logits, labelCount: 2, metric: .accuracyAndF1, step: 1, epoch: 1)
    XCTAssertEqual(evaluation.confusion, [[2, 0], [1, 1]])
    XCTAssertEqual(evaluation.f1, 2.0 / 3)
    XCTAssertEqual(evaluation.value, (0.75 + 2.0 / 3) / 2, accuracy: 1e-15)
    // Half B: 0, 1 as 1, 1, so that the positive class is never found.
    XCTAssertEqual([evaluation.valueA, evaluation.valueB], [1, 0.25])
    XCTAssertEqual(evaluation.accuracy, 0.75)
    XCTAssertEqual(try XCTUnwrap(evaluation.matthews), 1 / 3.0.squareRoot(), accuracy: 1e-15)
  }

  func testRegressionByHand() throws {
    let set = try set([1, 2, 3, 4].map { .value($0) }, halves: [true, true, false, false])
    let evaluation = set.evaluation(of: [1, 2, 4, 3], labelCount: 1, metric: .pearson, step: 1, epoch: 1)
    XCTAssertEqual(try XCTUnwrap(evaluation.pearson), 0.8, accuracy: 1e-15)
    XCTAssertEqual(try XCTUnwrap(evaluation.spearman), 0.8, accuracy: 1e-15)
    XCTAssertEqual(evaluation.valueA, 1, accuracy: 1e-15)
    XCTAssertEqual(evaluation.valueB, -1, accuracy: 1e-15)
    XCTAssertEqual(evaluation.loss, 0.5)
    let constant = set.evaluation(of: [2, 2, 2, 2], labelCount: 1, metric: .spearman, step: 1, epoch: 1)
    XCTAssertTrue(constant.isConstant)
    XCTAssertEqual([constant.value, constant.valueA, constant.pearson], [0, 0, 0])
  }

  func testLogitsThatAreNotFiniteAreNoScore() throws {
    let classes = try set([0, 1].map { .classIndex($0) }, halves: [true, false])
    for bad in [Float.nan, .infinity, -.infinity] {
      let evaluation = classes.evaluation(of: [0, 1, bad, 1], labelCount: 2, metric: .accuracy, step: 3, epoch: 1)
      XCTAssertEqual(evaluation.step, 3)
      XCTAssertTrue(evaluation.value.isNaN && evaluation.valueA.isNaN && evaluation.valueB.isNaN)
      XCTAssertTrue(evaluation.loss.isNaN)
      XCTAssertEqual(evaluation.accuracy?.isNaN, true)
      XCTAssertNil(evaluation.correctCount)
      XCTAssertNil(evaluation.pearson)
    }
  }
}
