// Joined answers against Goldens/make_choosing.py, and what draws of them must keep.

import Foundation
import XCTest

@testable import Statistics

final class EnsemblePoolTests: XCTestCase {
  private struct Golden: Decodable {
    let labels, examples: [Int]
    let classes: Int
    let members: [[[Double]]]
    let logits, probabilities, votes, disagreements: [Double]

    var pool: EnsemblePool {
      EnsemblePool(labels: labels, classCount: classes, logits: members.map { $0.flatMap(\.self) })
    }
  }

  private struct Goldens: Decodable {
    let ensembles: [Golden]
  }

  private func goldens() throws -> [Golden] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/choosing.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url)).ensembles
  }

  func testEverySizeByEveryRule() throws {
    let cases = try goldens()
    XCTAssertGreaterThanOrEqual(cases.count, 3)
    for golden in cases {
      let order = Array(golden.members.indices)
      for (rule, expected) in [
        (EnsembleRule.logits, golden.logits), (.probabilities, golden.probabilities), (.votes, golden.votes),
      ] {
        let found = golden.pool.scores(rule, order: order, examples: golden.examples, \.accuracy)
        XCTAssertEqual(found.count, expected.count)
        for (one, other) in zip(found, expected) { XCTAssertEqual(one, other, accuracy: 1e-12, "\(rule)") }
      }
      let disagreements = golden.pool.disagreements(order: order)
      XCTAssertTrue(disagreements[0].isNaN)
      for (one, other) in zip(disagreements, golden.disagreements).dropFirst() {
        XCTAssertEqual(one, other, accuracy: 1e-12)
      }
    }
  }

  func testDrawsDependOnTheirSeedAlone() throws {
    let pool = try goldens()[0].pool
    let curves = [3, 3, 4].map { EnsembleCurves(pool, drawCount: 20, seed: $0) { $0.accuracy } }
    for members in EnsembleCurves.Members.allCases {
      for rule in EnsembleRule.allCases {
        for size in 2...pool.modelCount {
          XCTAssertEqual(curves[0].point(members, rule, size: size), curves[1].point(members, rule, size: size))
        }
      }
    }
    XCTAssertNotEqual(
      curves[0].point(.random, .votes, size: 3).scores, curves[2].point(.random, .votes, size: 3).scores)
  }

  /// All models together are the same ensemble whatever their order, and one model is no ensemble.
  func testTheWholePoolAndSingleModels() throws {
    for golden in try goldens() {
      let pool = golden.pool
      let curves = EnsembleCurves(pool, drawCount: 30, seed: 1) { $0.accuracy }
      for rule in EnsembleRule.allCases {
        let (random, selected) = (
          curves.point(.random, rule, size: pool.modelCount), curves.point(.selected, rule, size: pool.modelCount)
        )
        XCTAssertEqual(random.scores, selected.scores)
        XCTAssertEqual(
          curves.point(.random, rule, size: 1).scores, curves.point(.random, .votes, size: 1).scores)
        // A random model is as good as the mean model, in the mean: 30 draws of about .1 apart.
        XCTAssertEqual(Sample.mean(curves.point(.random, rule, size: 1).gains), 0, accuracy: 0.1)
      }
      XCTAssertEqual(
        Sample.mean(curves.point(.random, .logits, size: pool.modelCount).disagreements),
        golden.disagreements[pool.modelCount - 1], accuracy: 1e-12)
    }
  }

  /// Equal models gain nothing, and a model that is always right is selected.
  func testWhatMustHold() {
    let labels = (0..<40).map { $0 % 2 }
    let right = labels.flatMap { $0 == 0 ? [2.0, 0.0] : [0.0, 2.0] }
    let wrong = right.map { 2 - $0 }
    let same = EnsembleCurves(
      EnsemblePool(labels: labels, classCount: 2, logits: [right, right]), drawCount: 5, seed: 1
    ) {
      $0.accuracy
    }
    XCTAssertEqual(same.point(.random, .logits, size: 2).gains, [0, 0, 0, 0, 0])
    XCTAssertEqual(same.point(.random, .logits, size: 2).disagreements, [0, 0, 0, 0, 0])
    let mixed = EnsembleCurves(
      EnsemblePool(labels: labels, classCount: 2, logits: [wrong, right, wrong]), drawCount: 5, seed: 1
    ) { $0.accuracy }
    XCTAssertEqual(mixed.point(.selected, .votes, size: 1).scores, [1, 1, 1, 1, 1])
    XCTAssertEqual(mixed.point(.random, .votes, size: 3).scores, [0, 0, 0, 0, 0])
  }
}
