// Figures about seeds and about tables of other commands: what is drawn is what the tables hold.

import Figures
import Foundation
import Reports
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

final class SeedFigureTests: PageTestCase {
  private func figure(_ name: String, of folder: RunFolder) throws -> Figure {
    let page = ReportPage([try PageFolder(folder.path)], time: 0)
    return try XCTUnwrap((page.figures.overview + page.figures.analyses).first { $0.name == name }, name)
  }

  /// The cells of a panel by their positions, and the crosses on them.
  private func cells(_ panel: Panel) -> (cells: [String: Ink], crosses: Set<String>) {
    var (cells, crosses): ([String: Ink], Set<String>) = ([:], [])
    for mark in panel.marks {
      if case .cell(let point, _, _, let ink) = mark { cells["\(point.x) \(point.y)"] = ink }
      if case .points(let points, .cross, _, _) = mark { crosses.formUnion(points.map { "\($0.x) \($0.y)" }) }
    }
    return (cells, crosses)
  }

  func testEverySeedHasACellInTheRowOfItsRecipe() throws {
    let plan = try plan([("off", "no correction"), ("on", "correction")], seeds: 5)
    let folder = try results(plan) { trial in
      // Seed 2 fails with both recipes; seed 4 of the first has no result, and that of the second diverged.
      trial == 3 ? nil : trial == 8 ? Example.diverged(after: [7]) : self.outcome(failed: trial % 5 == 1, correct: 9)
    }
    let figure = try figure("seeds", of: folder)
    let (cells, crosses) = cells(figure.panels[0])
    XCTAssertEqual(
      cells.keys.sorted(), ["1.0 0.0", "1.0 1.0", "2.0 0.0", "2.0 1.0", "3.0 0.0", "3.0 1.0", "5.0 0.0", "5.0 1.0"])
    XCTAssertEqual(crosses, ["2.0 0.0", "2.0 1.0"])
    XCTAssertEqual(cells["2.0 0.0"], .heat(0))
    XCTAssertEqual(cells["1.0 0.0"], .heat(1))
    XCTAssertEqual(figure.panels[0].horizontal.title, "seed")
    XCTAssertEqual(
      figure.description, "5 seeds. no correction: failed with seeds 2. correction: failed with seeds 2, 4.")
    // Every cell is drawn within its row.
    let text = figure.svg(.paper(millimetres: 84)).text
    XCTAssertEqual(text.components(separatedBy: "<rect ").count - 1, 8)
    XCTAssertFalse(text.contains("height=\"-"))
  }

  func testCrossedSeedsHaveAGridOfTheirOwn() throws {
    let tied = try plan([("off", "off")], seeds: 1)
    let seeds = [1, 2, 3].flatMap { first in
      [7, 9].map { TrialSeeds(initialization: first, order: $0, dropout: $0) }
    }
    let crossed = try SweepPlan(name: "crossed", configurations: tied.configurations, seeds: seeds)
    let folder = try results(crossed) { self.outcome(failed: $0 == 4) }
    let figure = try figure("seeds", of: folder)
    let (cells, crosses) = cells(figure.panels[0])
    XCTAssertEqual(cells.keys.sorted(), ["1.0 1.0", "1.0 2.0", "1.0 3.0", "2.0 1.0", "2.0 2.0", "2.0 3.0"])
    XCTAssertEqual(crosses, ["1.0 3.0"], "order 7 is the first column, initialization 3 the third row")
    XCTAssertTrue(
      try text(folder).contains("Of three seeds the first is initialization&#39;s, the second data order&#39;s"))
  }

  /// From 2^53 on neighbours may have one position.
  func testVeryLargeSeedsStandOneAfterAnother() {
    let seeds = (0..<5).map { "\((1 << 60) + $0)" }
    let list = SeedList(seeds)
    XCTAssertEqual(list.axisTitle, "index of the seed")
    XCTAssertEqual(seeds.map { list.position(of: $0) }, [1, 2, 3, 4, 5])
    let last = [2, 1, 0].map { "\(Int.max - $0)" }
    XCTAssertEqual(SeedList.summary(of: last), "\(last[0]) to \(last[2])")
    XCTAssertEqual(SeedList.summary(of: ["3", "5", "7"]), "3, 5, 7")
  }

  func testFewAndVeryManySeedsHaveNoFigure() throws {
    for count in [2, 121] {
      let plan = try plan([("off", "off"), ("on", "on")], seeds: count)
      let folder = try results(plan, in: "of\(count)") { _ in self.outcome(failed: false, records: 1) }
      let page = ReportPage([try PageFolder(folder.path)], time: 0)
      XCTAssertEqual(page.figures.overview.map(\.name), ["failures", "scores"])
    }
  }

  func testTablesOfOtherCommandsAreDrawn() throws {
    let plan = try plan([("off", "no correction"), ("on", "correction")], seeds: 4)
    let folder = try results(plan) { self.outcome(failed: $0 == 0) }
    let (first, second) = (plan.configurations[0].identifier, plan.configurations[1].identifier)
    try """
    configuration_id,metric,n_init,n_order,n_dropout,sd_init,sd_init_low,sd_init_high,sd_order,sd_order_low,sd_order_high,sd_dropout,\
    sd_dropout_low,sd_dropout_high,sd_rest,not_decomposed
    \(first),accuracy,2,2,,0.03,0.01,0.25,0.02,0,0.1,,,,0.04,
    \(second),accuracy,2,2,,,,,,,,,,,,1 of 4 runs have no result

    """.write(toFile: folder.seedComponents, atomically: true, encoding: .utf8)
    try """
    configuration_id,pairs,n_pairs,disagreement,mean_accuracy
    \(first),all,6,0.25,0.7
    \(first),failed,0,nan,
    \(second),all,6,0.125,0.8

    """.write(toFile: folder.agreement, atomically: true, encoding: .utf8)
    try """
    configuration_id,bias_correction,match_step_mass,step_mass_ratio
    \(first),false,true,0.31
    \(second),true,false,0.31

    """.write(toFile: folder.path + "/step_mass.csv", atomically: true, encoding: .utf8)
    let components = try figure("seed-components", of: folder)
    XCTAssertEqual(
      components.description,
      "Standard deviations with their intervals. no correction: initialization 0.030 (0.010 to 0.250), data order 0.020 "
        + "(0.000 to 0.100), rest 0.040.")
    guard case .interval(low: 0.01, high: 0.25, middle: 0.03, row: 1, _) = components.panels[0].marks[0] else {
      return XCTFail("\(components.panels[0].marks)")
    }
    let agreement = try figure("agreement", of: folder)
    XCTAssertEqual(
      agreement.description, "no correction: any two runs, 6 pairs 0.250. correction: any two runs, 6 pairs 0.125.")
    let mass = try figure("step-mass", of: folder)
    XCTAssertEqual(
      mass.description, "no correction: uncorrected, scaled by it, 0.310. correction: corrected, 0.310.")
  }
}
