// Ensembles of every size against Goldens/make_ensembles.py, draws included, and what must hold whatever the draws.

import Foundation
import Statistics
import XCTest

@testable import Ensembles

final class EnsembleCurvesTests: XCTestCase {
  private struct Golden: Decodable {
    let labels: [Double]
    let classes: Int
    let metric: String
    let draws: Int
    let seed: UInt64
    let members: [[Double]]
    let rows: [GoldenRow]

    var curves: EnsembleCurves {
      if classes == 1 {
        let isRanked = metric == "spearman"
        let pool = NumberPool(labels: labels, predictions: members) {
          isRanked ? Correlation.spearman($0, $1) : Correlation.pearson($0, $1)
        }
        return EnsembleCurves(pool, drawCount: draws, seed: seed)
      }
      let isAccuracy = metric == "accuracy"
      let pool = ClassPool(labels: labels.map { Int($0) }, classCount: classes, logits: members) {
        isAccuracy ? $0.accuracy : $0.matthews
      }
      return EnsembleCurves(pool, drawCount: draws, seed: seed)
    }
  }

  /// Members, rule, size, score and gain with their bounds, disagreement, whether all sets were used.
  private struct GoldenRow: Decodable {
    let members, rule: String
    let size: Int
    let numbers: [Double]
    let disagreement: Double?
    let hasAllSets: Bool

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      members = try fields.decode(String.self)
      rule = try fields.decode(String.self)
      size = try fields.decode(Int.self)
      numbers = try (0..<6).map { _ in try fields.decode(Double.self) }
      disagreement = try fields.decode(Double?.self)
      hasAllSets = try fields.decode(Bool.self)
    }
  }

  func testEveryRowOfTheGoldens() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/ensembles.json")
    let goldens = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    XCTAssertEqual(goldens.map(\.metric), ["accuracy", "accuracy", "matthews", "pearson", "spearman"])
    for golden in goldens {
      let curves = golden.curves
      XCTAssertEqual(golden.rows.count, 2 * curves.rules.count * golden.members.count)
      XCTAssertTrue(golden.rows.contains { !$0.hasAllSets && $0.members == "random" } || golden.members.count < 11)
      for row in golden.rows {
        let point = curves.point(
          try XCTUnwrap(EnsembleCurves.Members(rawValue: row.members)), try XCTUnwrap(EnsembleRule(rawValue: row.rule)),
          size: row.size)
        let found = [
          point.score.mean, point.score.low, point.score.high, point.gain.mean, point.gain.low, point.gain.high,
        ]
        let name = "\(golden.metric): \(row.members), \(row.rule), \(row.size)"
        for (one, other) in zip(found, row.numbers) { XCTAssertEqual(one, other, accuracy: 1e-9, name) }
        XCTAssertEqual(point.hasAllSets, row.hasAllSets, name)
        if let disagreement = row.disagreement {
          XCTAssertEqual(point.disagreement, disagreement, accuracy: 1e-9, name)
        } else {
          XCTAssertTrue(point.disagreement.isNaN, name)
        }
      }
    }
  }

  /// Any single model gains exactly nothing in the mean, and all models together are one ensemble, selected or not.
  func testSingleModelsAndTheWholePool() {
    let labels = (0..<40).map { $0 % 2 }
    let logits: [[Double]] = (0..<4).map { (model: Int) -> [Double] in
      (0..<80).map { (index: Int) -> Double in
        let square = index * index * (model + 1)
        return Double((index * 7 + model * 13 + square) % 11)
      }
    }
    let curves = EnsembleCurves(
      ClassPool(labels: labels, classCount: 2, logits: logits) { $0.accuracy }, drawCount: 7, seed: 1)
    for rule in curves.rules {
      let single = curves.point(.random, rule, size: 1)
      XCTAssertEqual(single.gain.mean, 0, "\(rule)")
      XCTAssertLessThan(single.gain.low, 0)
      let (all, selected) = (curves.point(.random, rule, size: 4), curves.point(.selected, rule, size: 4))
      XCTAssertEqual(all.score, selected.score)
      XCTAssertEqual(all.gain, selected.gain)
      XCTAssertEqual(all.disagreement, selected.disagreement, accuracy: 1e-15)
    }
  }

  /// Equal models gain nothing, and a model that is always right is selected.
  func testWhatMustHold() {
    let labels = (0..<40).map { $0 % 2 }
    let right = labels.flatMap { $0 == 0 ? [2.0, 0.0] : [0.0, 2.0] }
    let wrong = right.map { 2 - $0 }
    func curves(_ logits: [[Double]]) -> EnsembleCurves {
      EnsembleCurves(ClassPool(labels: labels, classCount: 2, logits: logits) { $0.accuracy }, drawCount: 5, seed: 1)
    }
    let same = curves([right, right]).point(.random, .logits, size: 2)
    XCTAssertEqual([same.gain.mean, same.gain.low, same.gain.high, same.disagreement], [0, 0, 0, 0])
    let mixed = curves([wrong, right, wrong])
    XCTAssertEqual(mixed.point(.selected, .votes, size: 1).score.low, 1)
    XCTAssertEqual(mixed.point(.random, .votes, size: 3).score.high, 0)
    XCTAssertEqual(mixed.point(.random, .votes, size: 1).score.mean, 1.0 / 3, accuracy: 1e-15)
  }

  func testTheSetsOfMembers() {
    XCTAssertEqual(EnsembleCurves.sets(of: 4, size: 2), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    XCTAssertEqual(EnsembleCurves.sets(of: 3, size: 3), [[0, 1, 2]])
    XCTAssertEqual(EnsembleCurves.sets(of: 200, size: 1)?.count, 200)
    XCTAssertNil(EnsembleCurves.sets(of: 201, size: 1))
    XCTAssertEqual(EnsembleCurves.sets(of: 20, size: 2)?.count, 190)
    XCTAssertNil(EnsembleCurves.sets(of: 25, size: 12))
  }
}
