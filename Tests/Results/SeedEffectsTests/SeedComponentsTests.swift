// What crossed seeds contribute to the spread, against components that NumPy computed from the same table.

import Reports
import Trials
import XCTest

@testable import SeedEffects

final class SeedComponentsTests: XCTestCase {
  /// Scores by initialization seed and order seed.
  private let scores = [[0.70, 0.75, 0.71], [0.60, 0.66, 0.60], [0.80, 0.84, 0.82]]

  /// The components of the scores in a plan that lists the seeds in some order.
  private func components(_ seeds: [TrialSeeds]) throws -> SeedComponents {
    let configuration = PlannedConfiguration(
      variant: "x", label: "x", configuration: TrialConfiguration(), axisValues: [], identifier: "0000000000000000")
    let plan = try SweepPlan(name: "s", configurations: [configuration], seeds: seeds)
    var row = SummaryRow(plan.trials[0], hyperparameters: [])
    row.runs = seeds.map { seeds in
      ScoredRun(
        seeds: seeds.title, value: scores[Int(seeds.initialization) - 1][Int(seeds.order) - 1], failure: nil)
    }
    let found = try XCTUnwrap(SeedComponents.all(plan, [row], options: TableOptions()))
    return try XCTUnwrap(found.first)
  }

  private func seeds(_ initialization: [UInt64], _ order: [UInt64]) -> [TrialSeeds] {
    zip(initialization, order).map { TrialSeeds(initialization: $0, order: $1, dropout: $1) }
  }

  /// The same nine runs, as a crossed design lists them and zipped in an order in which the order seeds rotate.
  func testTheOrderOfTheSeedsChangesNothing() throws {
    let crossed = try components(seeds([1, 1, 1, 2, 2, 2, 3, 3, 3], [1, 2, 3, 1, 2, 3, 1, 2, 3]))
    let zipped = try components(seeds([1, 2, 3, 1, 2, 3, 1, 2, 3], [1, 2, 3, 2, 3, 1, 3, 1, 2]))
    for found in [crossed, zipped] {
      XCTAssertEqual(found.factors.map(\.name), ["init", "order"])
      // (MS_init - MS_rest) / 3, (MS_order - MS_rest) / 3 and MS_rest of the table.
      XCTAssertEqual(found.factors[0].variance, 0.009966666666666662, accuracy: 1e-12)
      XCTAssertEqual(found.factors[1].variance, 0.00066666666666667, accuracy: 1e-12)
      XCTAssertEqual(found.rest ?? .nan, 0.0001, accuracy: 1e-12)
    }
    XCTAssertEqual(zipped.sentence, crossed.sentence)
    XCTAssertEqual(zipped.factors.map(\.permutationP), crossed.factors.map(\.permutationP))
    XCTAssertEqual(zipped.factors.map(\.interval), crossed.factors.map(\.interval))
  }
}
