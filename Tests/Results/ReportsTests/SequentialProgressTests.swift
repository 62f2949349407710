// Where recipes stop, whatever the order of results.

import ResultsSupport
import Statistics
import StopRules
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
      name: "s", configurations: configurations, seeds: (1...UInt64(seeds)).map { TrialSeeds(tied: $0) },
      stop: stop.map { .precision($0) })
  }

  /// 0 of 6: rates with 7 (1 - p)^6 >= .05 reach to .561, half of it .281.
  func testStopsAtADeclaredLook() throws {
    let plan = try plan(seeds: 12, SequentialStop(halfWidth: 0.29, looks: [3, 6, 9]))
    var progress = try XCTUnwrap(SequentialProgress(plan))
    for place in 0..<5 { XCTAssertEqual(progress.note(place, .successful), []) }
    XCTAssertTrue(progress.counts(11))
    XCTAssertEqual(progress.note(5, .successful), [0])
    XCTAssertEqual(progress.stoppedAt, [6, nil])
    XCTAssertEqual((0..<24).filter(progress.counts), Array(0..<6) + Array(12..<24))
    XCTAssertEqual(progress.note(7, .failed), [], "a result beyond the stop changes nothing")
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
      pairs: [VariantPair("v1", with: "v0")], stop: .precision(rule))
    let read = try SweepPlan(json: plan.encodedJSON())
    XCTAssertEqual(read.stop, .precision(rule))
    XCTAssertEqual(read.pairs, plan.pairs)
    XCTAssertEqual(read.encodedJSON(), plan.encodedJSON())
    let indices = ComparisonPairs.indices(plan)
    XCTAssertEqual(indices.map { [$0.candidate, $0.reference] }, [[1, 0]])
    let reversed = try SweepPlan(
      name: "s", configurations: plan.configurations, seeds: plan.seeds, pairs: [VariantPair("v0", with: "v1")])
    XCTAssertEqual(ComparisonPairs.indices(reversed).map { [$0.candidate, $0.reference] }, [[0, 1]])
    XCTAssertEqual(
      try ComparisonPairs.indices(reversed, reference: "v0").map { [$0.candidate, $0.reference] }, [[1, 0]])
  }

  /// Seven discordant pairs decide (E = 26.8), so both recipes stop after seven of twelve seeds.
  func testComparisonsThatEnd() throws {
    let rule = StopRule.pairs(PairedStop(.failures))
    let configurations = try plan(seeds: 12, nil).configurations
    let plan = try SweepPlan(
      name: "s", configurations: configurations, seeds: (1...12).map { TrialSeeds(tied: $0) }, stop: rule)
    XCTAssertEqual(try SweepPlan(json: plan.encodedJSON()).stop, rule)
    var progress = try XCTUnwrap(SequentialProgress(plan))
    for seed in 0..<12 { XCTAssertEqual(progress.note(seed, .failed), []) }
    for seed in 0..<6 { XCTAssertEqual(progress.note(12 + seed, .successful), []) }
    XCTAssertEqual(progress.note(18, .successful), [1, 0])
    XCTAssertEqual(progress.stoppedAt, [7, 7])
    XCTAssertEqual((0..<24).filter(progress.counts), Array(0..<7) + Array(12..<19))
    XCTAssertEqual([0, 1, 11, 12, 14].map(progress.lookCount), [0, 1, 11, 0, 2])
    XCTAssertEqual(
      progress.description(ofConfiguration: 1),
      "stopped after 7 of 12 seeds: of its 1 comparison, 1 decided and 0 given up")
    let stop = progress.stop(ofConfiguration: 1)
    XCTAssertEqual(stop.candidateOf.keys.sorted(), ["0000000000000000"])
    XCTAssertEqual(stop.candidateOf.values.first?.ending, .decided)
    XCTAssertEqual(progress.stop(ofConfiguration: 0).candidateOf, [:])
    progress.replace(18, with: nil)
    XCTAssertEqual(progress.stoppedAt, [nil, nil])
    XCTAssertEqual(progress.note(18, .failed), [])
    XCTAssertEqual(progress.note(19, .successful), [1, 0], "the seventh pair is concordant")
    XCTAssertEqual(progress.stoppedAt, [8, 8])
  }

  /// A run that diverged has the constant classifier's score, 6 of 10.
  func testScoresOfComparisons() throws {
    let configurations = try plan(seeds: 12, nil).configurations
    let plan = try SweepPlan(
      name: "s", configurations: configurations, seeds: (1...12).map { TrialSeeds(tied: $0) },
      stop: .pairs(PairedStop(.scores)))
    var progress = try XCTUnwrap(SequentialProgress(plan))
    progress.note(0, Example.outcome(correct: [9]))
    progress.note(12, Example.diverged())
    var test = BettingTest(mean: 0, in: -1...1, alpha: 0.05)
    test.add(0.6 - 0.9)
    let found = try XCTUnwrap(progress.comparisons(ofConfiguration: 0).first)
    XCTAssertEqual(found.pairCount, 1)
    XCTAssertEqual(found.evidence, test.evidence, accuracy: 1e-12)
    XCTAssertFalse(found.favorsCandidate)
  }
}
