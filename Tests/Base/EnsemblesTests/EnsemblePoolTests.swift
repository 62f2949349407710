// How answers are joined. What joined answers score is compared with golden values in EnsembleCurvesTests.

import XCTest

@testable import Ensembles

final class EnsemblePoolTests: XCTestCase {
  /// Three models of three classes and two examples: by the mean logit the first answer of the third model decides, by votes it is
  /// outvoted, and equal votes go to the more probable class.
  func testTheWaysOfJoining() {
    let pool = ClassPool(
      labels: [0, 2], classCount: 3,
      logits: [[1, 0, 0, 0, 3, 0], [1, 0, 0, 0, 0, 2], [-9, 9, 0, 1, 0, 0]], score: { $0.accuracy })
    let both = [0, 1]
    XCTAssertEqual(pool.answers(.logits, order: [0, 1, 2], examples: both), [[0, 1], [0, 1], [1, 1]])
    XCTAssertEqual(pool.answers(.votes, order: [0, 1, 2], examples: both), [[0, 1], [0, 1], [0, 1]])
    XCTAssertEqual(pool.answers(.votes, order: [1, 2], examples: [1]), [[2], [2]], "one vote each")
    XCTAssertEqual(pool.answers(.probabilities, order: [2, 0, 1], examples: [0]), [[1], [1], [1]])
    XCTAssertEqual(pool.score([0, 1], examples: both), 0.5)
    XCTAssertEqual(pool.strata, [[0], [], [1]])
  }

  /// A single model answers the same by every rule.
  func testASingleModelIsNoEnsemble() {
    let logits = (0..<24).map { Double(($0 * $0 + 3 * $0) % 7) }
    let pool = ClassPool(
      labels: (0..<8).map { $0 % 3 }, classCount: 3, logits: [logits, logits.reversed()], score: { $0.accuracy })
    for model in 0..<2 {
      let answers = ClassPool.rules.map { pool.answers($0, order: [model], examples: Array(0..<8)) }
      XCTAssertEqual(answers[0], answers[1])
      XCTAssertEqual(answers[0], answers[2])
    }
  }

  func testTheMeanOfNumbers() {
    let pool = NumberPool(labels: [3, 1, 2], predictions: [[1, 2, 3], [3, 2, 4], [5, 5, 5]]) { _, predictions in
      predictions.reduce(0, +)
    }
    XCTAssertEqual(
      pool.answers(.predictions, order: [1, 0, 2], examples: [2, 0]), [[4, 3], [3.5, 2], [4, 3]])
    XCTAssertEqual(pool.strata, [[1, 2], [0]], "neighbours by their labels")
    let differences = pool.disagreements(order: [0, 1, 2])
    XCTAssertTrue(differences[0].isNaN)
    XCTAssertEqual(differences[1], (5.0 / 3).squareRoot(), accuracy: 1e-15)
    XCTAssertEqual(differences[2], ((5.0 + 29 + 14) / 9).squareRoot(), accuracy: 1e-15)
  }
}
