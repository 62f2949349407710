// Where recipes stop, whatever the order of results.

import Trials
import XCTest

@testable import Reports

final class SequentialProgressTests: XCTestCase {
  private func plan(seeds: Int, _ stop: SequentialStop?) throws -> SweepPlan {
    let configurations = (0..<2).map { place in
      PlannedConfiguration(
        variant: "v\(place)", label: "v\(place)", configuration: TrialConfiguration(), axisValues: [],
        identifier: "000000000000000\(place)")
    }
    return try SweepPlan(
      name: "s", configurations: configurations, seeds: (1...UInt64(seeds)).map { TrialSeeds(tied: $0) }, stop: stop)
  }

  /// 0 of 6: rates with 7 (1 - p)^6 >= .05 reach to .561, half of it .281.
  func testStopsAtADeclaredLook() throws {
    let plan = try plan(seeds: 12, SequentialStop(halfWidth: 0.29, looks: [3, 6, 9]))
    var progress = try XCTUnwrap(SequentialProgress(plan))
    for place in 0..<5 { XCTAssertNil(progress.note(place, .successful)) }
    XCTAssertTrue(progress.counts(11))
    XCTAssertEqual(progress.note(5, .successful), 0)
    XCTAssertEqual(progress.stoppedAt, [6, nil])
    XCTAssertEqual((0..<24).filter(progress.counts), Array(0..<6) + Array(12..<24))
    XCTAssertNil(progress.note(7, .failed), "a result beyond the stop changes nothing")
    XCTAssertEqual(progress.stoppedAt, [6, nil])
    XCTAssertEqual(
      progress.description(ofConfiguration: 0), "stopped after 6 of 12 seeds: 0 failed, rate within 0.00 to 0.56")
    XCTAssertEqual([0, 2, 3, 5, 6, 11, 12].map(progress.lookCount), [0, 0, 1, 1, 2, 3, 0])
    XCTAssertNil(SequentialProgress(try self.plan(seeds: 3, nil)))
  }

  /// A run that fails late in the order of arrival is still in the prefix.
  func testOrderOfResultsDoesNotMatter() throws {
    let plan = try plan(seeds: 40, SequentialStop(halfWidth: 0.25, looks: [5, 10, 20, 30]))
    var generator = SystemRandomNumberGenerator()
    for share in [0, 3, 10, 20, 37] {
      let fates: [SequentialProgress.Fate] = (0..<80).map { $0 * 7 % 40 < share ? .failed : .successful }
      var inOrder = try XCTUnwrap(SequentialProgress(plan))
      for (place, fate) in fates.enumerated() { inOrder.note(place, fate) }
      for _ in 0..<20 {
        var other = try XCTUnwrap(SequentialProgress(plan))
        for place in fates.indices.shuffled(using: &generator) { other.note(place, fates[place]) }
        XCTAssertEqual(other.stoppedAt, inOrder.stoppedAt)
      }
    }
  }

  func testPlanKeepsItsRuleAndPairs() throws {
    let rule = SequentialStop(halfWidth: 0.1, looks: [25, 50], level: 0.9)
    let plan = try SweepPlan(
      name: "s", configurations: try plan(seeds: 2, nil).configurations, seeds: [TrialSeeds(tied: 1)],
      pairs: [VariantPair("v1", with: "v0")], stop: rule)
    let read = try SweepPlan(json: plan.encodedJSON())
    XCTAssertEqual(read.stop, rule)
    XCTAssertEqual(read.pairs, plan.pairs)
    XCTAssertEqual(read.encodedJSON(), plan.encodedJSON())
    let indices = try ComparisonPairs.indices(plan)
    XCTAssertEqual(indices.map { [$0.candidate, $0.reference] }, [[1, 0]])
    let reversed = try SweepPlan(
      name: "s", configurations: plan.configurations, seeds: plan.seeds, pairs: [VariantPair("v0", with: "v1")])
    XCTAssertEqual(try ComparisonPairs.indices(reversed).map { [$0.candidate, $0.reference] }, [[0, 1]])
    XCTAssertEqual(
      try ComparisonPairs.indices(reversed, reference: "v0").map { [$0.candidate, $0.reference] }, [[1, 0]])
  }
}
