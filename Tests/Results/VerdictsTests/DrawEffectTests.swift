// Measures of tables that are written here: which rows count, and what is no number.

import Claims
import Foundation
import ResultsSupport
import XCTest

@testable import Verdicts

final class DrawEffectTests: FolderTestCase {
  override func setUpWithError() throws {
    try super.setUpWithError()
    try FileManager.default.createDirectory(atPath: folder + "/q", withIntermediateDirectories: true)
    let table = """
      variant,status,loss,chance,rank
      a,diverged,nan,0.5,1
      a,completed,0.4,0.5,1
      a,completed,0.5,0.5,1
      a,completed,0.6,0.5,1
      b,completed,nan,0.5,1
      b,completed,0.1,0.5,1
      b,completed,0.2,0.5,1
      c,completed,1,0.5,1
      c,diverged,nan,0.5,9
      c,completed,2,0.5,3
      c,completed,3,0.5,2
      c,completed,4,0.5,4
      d,completed,1,0.5,1
      d,completed,2,0.5,2
      d,completed,3,0.5,3
      d,completed,4,0.5,4
      d,completed,5,0.5,5
      e,diverged,nan,0.5,1
      e,completed,0.4,0.5,1

      """
    try write(table.utf8, to: folder + "/q/trials.csv")
    let flags = "variant,vanished\na,true\na,true\na,true\nb,1\nb,1\nb,1\n"
    try write(flags.utf8, to: folder + "/q/flags.csv")
  }

  private func rows(
    _ variant: String, _ column: String = "loss", over: String? = nil, table: String = "trials.csv"
  ) -> Rows {
    Rows(
      run: "q", table: table, requirements: [("variant", .oneOf([variant]))], column: column, divisor: over)
  }

  private func effect(_ measure: Measure) throws -> DrawEffect {
    try measure.effect(in: ResultTables(folder: folder, failureRule: nil, score: "final"))
  }

  private func reason(_ measure: Measure) -> String {
    do { return "\(try effect(measure))" } catch { return "\(error)" }
  }

  /// Of .8, 1 and 1.2 the mean is 1 and the variance .04; of the logarithms of .4, .5 and .6 and of 1 to 4 the means differ by what is
  /// computed here; ranks 1 3 2 4 have the correlation .8.
  func testRunsThatDivergedAreLeftOut() throws {
    let mean = try effect(.mean(rows("a", over: "chance"), against: 0.25))
    XCTAssertEqual(mean.estimate, 0.75, accuracy: 1e-12)
    XCTAssertEqual(mean.variance, 0.04 / 3, accuracy: 1e-12)
    XCTAssertEqual(mean.runCounts, [3])
    XCTAssertEqual(mean.divergedCount, 1)
    let means = try effect(.meanDifference(rows("a"), rows("c"), ofLogs: false))
    XCTAssertEqual(means.estimate, 0.5 - 2.5, accuracy: 1e-12)
    XCTAssertEqual(means.variance, 0.01 / 3 + 5.0 / 3 / 4, accuracy: 1e-12)
    XCTAssertEqual(means.runCounts, [3, 4])
    XCTAssertEqual(means.divergedCount, 2)
    let deviations = try effect(.deviationRatio(rows("a"), rows("d")))
    XCTAssertEqual(deviations.runCounts, [3, 5])
    XCTAssertEqual(deviations.divergedCount, 1)
    let spearman = try effect(.spearman(rows("c"), with: "rank"))
    XCTAssertEqual(spearman.estimate, atanh(0.8), accuracy: 1e-12)
    XCTAssertEqual(spearman.variance, 1.32, accuracy: 1e-12)
    XCTAssertEqual(spearman.divergedCount, 1)
    XCTAssertEqual(try effect(.covariance(rows("c"), with: "rank")).estimate, 4.0 / 3, accuracy: 1e-12)
    let both = try effect(
      .difference(.mean(rows("a"), against: 0), .mean(rows("c"), against: 0)))
    XCTAssertEqual(both.divergedCount, 2)
  }

  /// A run that completed and has no number is no exclusion that anybody registered.
  func testRunsWithoutANumber() {
    XCTAssertEqual(
      reason(.mean(rows("b"), against: 0)),
      "q/trials.csv where variant b: a row has no finite loss, and its status is not diverged, for which it would be left out; a bound "
        + "in where, such as loss: { below: 1e9 }, leaves such rows out, if it is registered before the runs")
    XCTAssertEqual(
      reason(.mean(rows("e"), against: 0)),
      "q/trials.csv where variant e: 1 row, beside 1 of runs that diverged and have no number, at least 2 are needed")
  }

  /// Ranks in one order have no interval, also of five runs, whose correlation rounding made less than 1.
  func testPerfectOrders() {
    XCTAssertEqual(
      reason(.spearman(rows("d"), with: "rank")),
      "q/trials.csv where variant d: the ranks of 5 runs agree entirely, or all runs have one value")
  }

  /// A column over itself is 1 in every row, and so are numbers that happen to be; the texts true and false are flags, with the variance
  /// of a rate to which half a run of each kind is added: 3.5 of 4.
  func testFlags() throws {
    let flags = try effect(.mean(rows("a", "vanished", table: "flags.csv"), against: 0))
    XCTAssertEqual(flags.variance, 0.875 * 0.125 / 3, accuracy: 1e-12)
    XCTAssertEqual(
      reason(.mean(rows("d", over: "loss"), against: 0)), "q/trials.csv where variant d: all runs have one value")
    XCTAssertEqual(
      reason(.mean(rows("b", "vanished", table: "flags.csv"), against: 0)),
      "q/flags.csv where variant b: all runs have one value")
    XCTAssertEqual(
      reason(.riskDifference(rows("d", over: "loss"), rows("d", over: "loss"))),
      "q/trials.csv where variant d: quotients are no flags, as a rate needs; leave over out")
  }
}
