// What `plan` says of comparisons that end early.

import StopRules
import Trials
import XCTest

@testable import Estimates

final class PairedForecastTests: XCTestCase {
  private func lines(_ rule: PairedStop, recipes: Int, seeds: Int) throws -> [String] {
    let configurations = (0..<recipes).map { index in
      PlannedConfiguration(
        variant: "v\(index)", label: "v\(index)", configuration: TrialConfiguration(), axisValues: [],
        identifier: "000000000000000\(index)")
    }
    let plan = try SweepPlan(
      name: "s", configurations: configurations, seeds: (1...UInt64(seeds)).map { TrialSeeds(tied: $0) },
      stop: .pairs(rule))
    return PairedForecast(rule, plan).lines
  }

  /// Numbers by make_paired_stops.py beside the goldens of StatisticsTests.
  func testFailures() throws {
    XCTAssertEqual(
      try lines(PairedStop(.failures), recipes: 2, seeds: 25),
      [
        "stop: a comparison ends when E >= 20 (alpha 0.05), looked at after every pair of runs with equal seeds; all seeds are counted here",
        "  failure rates of 0.56 and 0: decided with probability 1.00, after 12.5 of 25 pairs on average",
        "  failure rates of 0.5 and 0.12: decided with probability 0.56, after 17.7 of 25 pairs on average",
        "  failure rates of 0.3 and 0.1: decided with probability 0.17, after 18.7 of 25 pairs on average",
        "  failure rates of 0.3 and 0.3: decided with probability 0.02, after 16.0 of 25 pairs on average",
      ])
    XCTAssertEqual(
      try lines(PairedStop(.failures), recipes: 3, seeds: 50).prefix(3),
      [
        "stop: a comparison ends when E >= 40 (alpha 0.05, 2 comparisons on a task), looked at after every pair of runs with equal seeds; all seeds are counted here",
        "  failure rates of 0.56 and 0: decided with probability 1.00, after 14.3 of 50 pairs on average",
        "  failure rates of 0.5 and 0.12: decided with probability 0.86, after 28.7 of 50 pairs on average",
      ])
    XCTAssertEqual(
      try lines(PairedStop(.failures), recipes: 2, seeds: 201)[1], "  within the first 200 of 201 pairs:")
  }

  func testScores() throws {
    XCTAssertEqual(
      Array(try lines(PairedStop(.scores, lookEvery: 10), recipes: 2, seeds: 100).dropFirst()),
      [
        "  a difference of 0.3 in every pair is decided after 30 pairs",
        "  a difference of 0.1 in every pair is decided after 80 pairs",
        "  a difference of 0.03 in every pair is not decided within 100 pairs",
        "  differences that vary take longer; for a metric from -1 to 1, such as a correlation, they must be twice as large",
      ])
  }
}
