// Agreement of predictions against statsmodels, SciPy and NumPy over every pair (Goldens/make_agreement.py), and a table
// worked by hand.

import Foundation
import XCTest

@testable import Statistics

final class AgreementTests: XCTestCase {
  private struct Golden: Decodable {
    struct Pairs: Decodable {
      let disagreement, divergence: Double?
    }

    let logits: [[[Double]]]
    let labels: [Int]
    let failed: [Bool]
    let groups: [String: Pairs]
    let kappa: Double?
    let point_variance, accuracy_variance: Double
  }

  private func largest(_ row: [Double]) -> Int { row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } }

  /// `fleiss_kappa(aggregate_raters(predictions.T)[0])`, `jensenshannon(p, q, axis=1) ** 2`, `(a != b).mean()`,
  /// `correct.var(axis=0, ddof=1).mean()`.
  func testGoldens() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/agreement.json")
    let cases = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let (examples, classes) = (golden.labels.count, golden.logits[0][0].count)
      var votes = [false: Votes(exampleCount: examples, classCount: classes)]
      votes[true] = votes[false]
      var probabilities: [Bool: [ClassProbabilities]] = [false: [], true: []]
      for (model, logits) in golden.logits.enumerated() {
        let predictions = logits.map(largest)
        let failed = golden.failed[model]
        votes[failed]?.add(predictions, areCorrect: zip(predictions, golden.labels).map { $0 == $1 })
        probabilities[failed]?.append(ClassProbabilities(logits: logits.flatMap { $0 }, classCount: classes))
      }
      let (good, bad) = try (XCTUnwrap(votes[false]), XCTUnwrap(votes[true]))
      var all = good
      all.add(bad)
      let (goodOnes, badOnes) = (probabilities[false] ?? [], probabilities[true] ?? [])
      let found: [String: (Double, Double)] = [
        "all": (all.disagreement, JensenShannon.mean(goodOnes + badOnes, exampleCount: examples)),
        "successful": (good.disagreement, JensenShannon.mean(goodOnes, exampleCount: examples)),
        "failed_successful": (
          bad.disagreement(with: good), JensenShannon.mean(badOnes, goodOnes, exampleCount: examples)
        ),
        "failed": (bad.disagreement, JensenShannon.mean(badOnes, exampleCount: examples)),
      ]
      for (kind, expected) in golden.groups {
        let (disagreement, divergence) = try XCTUnwrap(found[kind])
        assertEqual(disagreement, expected.disagreement, "\(index) \(kind) disagreement")
        assertEqual(divergence, expected.divergence, "\(index) \(kind) divergence")
      }
      assertEqual(all.fleissKappa, golden.kappa, "\(index) kappa")
      assertEqual(all.pointVariance, golden.point_variance, "\(index) point variance")
      assertEqual(all.accuracyVariance, golden.accuracy_variance, "\(index) accuracy variance")
    }
  }

  private func assertEqual(_ found: Double, _ expected: Double?, _ what: String) {
    guard let expected else { return XCTAssertTrue(found.isNaN, what) }
    XCTAssertEqual(found, expected, accuracy: 1e-12, what)
  }

  /// Two examples, three models: all right about the first, one right about the second. Accuracies 1, .5, .5; pairs 2 of 3
  /// disagree about the second example.
  func testByHand() {
    var votes = Votes(exampleCount: 2, classCount: 2)
    votes.add([0, 1], areCorrect: [true, true])
    votes.add([0, 0], areCorrect: [true, false])
    votes.add([0, 0], areCorrect: [true, false])
    XCTAssertEqual(votes.disagreement, 1.0 / 3, accuracy: 1e-15)
    XCTAssertEqual(votes.pointVariance, 1.0 / 6, accuracy: 1e-15)
    XCTAssertEqual(votes.accuracyVariance, 1.0 / 12, accuracy: 1e-15)
    // P = 2/3, E = (5/6)^2 + (1/6)^2 = 26/36.
    XCTAssertEqual(votes.fleissKappa, (2.0 / 3 - 26.0 / 36) / (10.0 / 36), accuracy: 1e-14)
    let alone = Votes(exampleCount: 2, classCount: 2)
    XCTAssertTrue(alone.disagreement.isNaN && alone.fleissKappa.isNaN && alone.pointVariance.isNaN)
    XCTAssertTrue(votes.disagreement(with: alone).isNaN)
  }
}
