// Which runs lie in one basin, by the barriers between them.

import Foundation
import Reports
import Trials
import XCTest

@testable import Analyses

final class BasinTests: XCTestCase {
  private func pot(_ count: Int, chanceLoss: Double? = log(2)) throws -> SoupPot {
    let runs = (1...count).map { order -> JudgedTrial in
      let run = TinyRuns.run("t\(order)", failed: false, accuracies: [Double(order) / 10])
      var outcome = run.outcome
      outcome.chanceLoss = chanceLoss
      let trial = Trial(
        identifier: run.identifier, configurationIdentifier: "c0", variant: "default", label: "default",
        configuration: run.configuration, seeds: TrialSeeds(initialization: 1, order: UInt64(order), dropout: 7))
      return JudgedTrial(trial: trial, outcome: outcome, failure: nil, rule: run.rule, score: run.score)
    }
    return try SoupPot.all(of: runs, atMost: 99)[0]
  }

  func testComponentsAreNumberedByTheirFirstVertices() {
    XCTAssertEqual(Basins.components(of: 4, joining: []), [1, 2, 3, 4])
    XCTAssertEqual(Basins.components(of: 5, joining: [(3, 4), (0, 4), (1, 2)]), [1, 2, 2, 1, 1])
    XCTAssertEqual(Basins.components(of: 3, joining: [(1, 2), (0, 2), (0, 1)]), [1, 1, 1])
  }

  /// A chain joins its ends, and the table says how high the barrier between these is.
  func testAChainIsOneBasin() throws {
    let basins = Basins(
      of: try pot(4),
      [(0, 1, 0.01), (0, 2, 0.5), (1, 2, 0.02), (0, 3, 0.3), (1, 3, .nan), (2, 3, 0.4)], threshold: 0.02)
    XCTAssertEqual(basins.numbers, [1, 1, 1, 2])
    XCTAssertEqual(basins.rows.map(\.basinSize), [3, 3, 3, 1])
    XCTAssertEqual(basins.rows.map(\.within), [0.5, 0.02, 0.5, nil])
    XCTAssertEqual(basins.rows.map(\.outside), [0.3, nil, 0.4, 0.3])
    XCTAssertEqual(
      basins.sentence,
      "synthetic: default, seed_init 1: 2 basins at a barrier of 0.0200: 1 (mean score 0.2000: seeds 1/1/7, 1/2/7, 1/3/7); "
        + "2 (mean score 0.4000: seeds 1/4/7).")
  }

  func testTheThresholdIsAShareOfTheChanceLoss() throws {
    let lines = [(first: 0, second: 1, barrier: 0.0138)]
    XCTAssertEqual(try XCTUnwrap(Basins(of: pot(2), lines, threshold: nil).threshold), 0.02 * log(2), accuracy: 1e-15)
    XCTAssertEqual(Basins(of: try pot(2), lines, threshold: nil).numbers, [1, 1])
    XCTAssertEqual(Basins(of: try pot(2), lines, threshold: 0.0137).numbers, [1, 2])
    let unknown = Basins(of: try pot(2, chanceLoss: nil), lines, threshold: nil)
    XCTAssertEqual(unknown.rows.map(\.basin), [nil, nil])
    XCTAssertEqual(
      unknown.sentence,
      "synthetic: default, seed_init 1: no basins: the results do not tell the chance loss; declare a threshold with "
        + "--basin-barrier")
  }
}
