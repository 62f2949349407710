// The law of the dose on tables that are written here as `analyze dose` writes them.

import Foundation
import ResultsSupport
import Trials
import XCTest

@testable import Claims
@testable import Verdicts

final class DoseLawTests: VerdictTestCase {
  /// Writes what `analyze dose` would: of each recipe LD50 over the reference's in two doses, with a 90 % interval that is
  /// `width` wide on the log scale, and deviances by which the second dose is chosen. A nil ratio is a recipe that never fails. Of two
  /// tasks the second one has no deviance in the second dose.
  private func writeDoses(
    _ draw: Int, logRatios: [Double?], width: Double, tasks: [String] = ["t"], reference: String = "reference"
  ) throws {
    var fits = "dose,task,recipe,reference,ld50,ld50_ratio,ld50_ratio_low,ld50_ratio_high\n"
    var models = "dose,task,left_out_deviance,recipes\n"
    for (dose, deviance, spread) in [("peak_rate", 40.0, 2.0), ("early_rate", 20, 1), ("learning_rate", 400, 10)] {
      for task in tasks {
        let leftOut = dose == "early_rate" && task != "t" ? "" : "\(deviance)"
        models += "\(dose),\(task),\(leftOut),\(logRatios.count + 1)\n"
        fits += "\(dose),\(task),\(reference),true,1,,,\n"
        for (index, ratio) in logRatios.enumerated() {
          let numbers = ratio.map { ratio in
            [0, 0, -width / 2, width / 2].map { "\(exp(spread * ratio + $0))" }
          }
          fits += "\(dose),\(task),recipe \(index),false,\((numbers ?? ["", "", "", ""]).joined(separator: ","))\n"
        }
      }
    }
    try write(fits.utf8, to: "\(folder)/d\(draw)/quick/dose_fits.csv")
    try write(models.utf8, to: "\(folder)/d\(draw)/quick/dose_models.csv")
  }

  private func law(
    _ logRatios: [Double?], width: Double, tasks: [String] = ["t"], dose: String = "early_rate"
  ) throws -> JudgedLaw {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 { try writeDoses(draw, logRatios: logRatios, width: width, tasks: tasks) }
    var registration = registration(plans)
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let runs = try RegisteredRuns(registration, below: folder)
    let verdict = try XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first)
    XCTAssertEqual(VerdictRow.all([verdict]).count, logRatios.count * tasks.count)
    XCTAssertTrue(VerdictPage(registration, runs, [verdict]).markdown.contains("LD50, in \(dose)"))
    // In units of the margin: the figure's line is the 90 % interval's.
    let figures = VerdictFigures(verdicts: [verdict])
    let effects = VerdictFigures.effects(of: verdict)
    if tasks.count == 1, let first = logRatios[0], !logRatios.contains(nil) {
      XCTAssertEqual(effects.map(\.what), logRatios.indices.map { "LD50 of recipe \($0)" })
      XCTAssertEqual(effects[0].estimate, first / log(1.15), accuracy: 1e-9)
    }
    XCTAssertEqual(figures.figure(ofClaim: "6")?.panels.count, 1)
    XCTAssertNil(figures.figure(ofClaim: "7"))
    return try XCTUnwrap(verdict.law)
  }

  /// Three draws that agree: the pooled 90 % interval has the half width t(.9, 2) / sqrt(3) of an error, which is the width over
  /// 2 x 1.645. In the learning rate the recipes' LD50 lie ten times as far apart as in the dose, so it explains 1 - 1/100.
  func testTheLawOfTheDose() throws {
    let holds = try law([0.02, -0.03], width: 0.06)
    XCTAssertEqual(holds.dose, "early_rate")
    XCTAssertEqual(holds.deviances.map(\.deviance), [120, 60])
    XCTAssertEqual(holds.word, .holds)
    XCTAssertEqual(try XCTUnwrap(holds.explained), 0.99, accuracy: 1e-9)
    let interval = holds.ratios[0].interval(level: 0.9)
    let half = 2.9199855803537 / 3.0.squareRoot() * 0.06 / (2 * 1.6448536269514722)
    XCTAssertEqual(log(interval.high), 0.02 + half, accuracy: 1e-9)
    XCTAssertEqual(log(interval.low), 0.02 - half, accuracy: 1e-9)
    // One recipe beyond the margin of log 1.15 = .14: the law explains much, and holds in part.
    XCTAssertEqual(try law([0.02, -0.3], width: 0.06).word, .holdsInPart)
    XCTAssertEqual(try law([0.02, -0.03], width: 0.6).word, .holdsInPart)
  }

  /// Of a recipe that never fails nobody knows whether its LD50 is the reference's.
  func testTheLawDoesNotHoldForARecipeWithoutLD50() throws {
    let silent = try law([0.02, nil], width: 0.06)
    XCTAssertEqual(silent.ratios.map(\.drawCount), [3, 0])
    XCTAssertNil(silent.explained, "no draw has an LD50 of every recipe")
    XCTAssertEqual(silent.word, .notShown)
  }

  /// The variance between recipes is of draws that have all of them: in one draw a recipe has another LD50, and another recipe none.
  func testTheLawExplainsWithinWholeDraws() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 { try writeDoses(draw, logRatios: [draw == 2 ? nil : 0.02, -0.03], width: 0.06) }
    let path = "\(folder)/d2/quick/dose_fits.csv"
    let lines = try contents(path).split(separator: "\n").map { line in
      line.hasPrefix("early_rate") && line.contains("recipe 1")
        ? "early_rate,t,recipe 1,false,5,5,4.9,5.1" : String(line)
    }
    try write((lines.joined(separator: "\n") + "\n").utf8, to: path)
    var registration = registration(plans)
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let runs = try RegisteredRuns(registration, below: folder)
    let law = try XCTUnwrap(XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first).law)
    XCTAssertEqual(try XCTUnwrap(law.explained), 0.99, accuracy: 1e-9)
    XCTAssertEqual(law.explainedDrawCount, 2)
    // Both pages say of how many draws that is.
    let verdicts = try RegisteredVerdict.all(registration, in: runs)
    let share = "explains 0.99 of the variance of log LD50, in the 2 of 3 draws with one of every recipe"
    let conditions = VerdictPage(registration, runs, verdicts).markdown
    let page = VerdictReport(registration, runs, verdicts, stem: "V").text(replacing: nil)
    for text in [conditions, page] { XCTAssertTrue(text.contains(share), text) }
    // Every recipe has a line of its own, and the page says what the dose is.
    let asked = "each within 1/1.15 to 1.15; explains at least 0.8, to hold in part"
    XCTAssertTrue(conditions.contains(" | \(asked) | "), conditions)
    XCTAssertTrue(
      conditions.contains(
        "|  |  | recipe 0 | embedded | no interval (2 of 3 draws) |  | (this recipe: not shown) |\n"), conditions)
    XCTAssertTrue(page.contains("|  | recipe 0 | no interval (2 of 3 draws), not shown |\n"), page)
    XCTAssertTrue(
      page.contains("- recipe 0: embedded no interval (2 of 3 draws), **not shown**.\n- recipe 1: embedded "), page)
    XCTAssertTrue(page.contains("\n\n`early_rate`: The mean effective rate of the updates 20 to 60; "), page)
    // In the figures a recipe without an interval has a row without a line.
    let figures = VerdictFigures(verdicts: verdicts)
    let panel = try XCTUnwrap(figures.figure(ofClaim: "6")?.panels.first)
    guard case .lines(let rows) = panel.vertical else { return XCTFail("no lines") }
    XCTAssertEqual(rows.map(\.label), ["recipe 0", "recipe 1"])
    XCTAssertEqual(rows[0].note, "no interval")
    let marked = panel.marks.compactMap { mark -> Double? in
      if case .interval(_, _, _, let row, _) = mark { row } else { nil }
    }
    XCTAssertEqual(marked, [1])
    guard case .rows(let summary, _) = try XCTUnwrap(figures.summary?.panels.first).vertical else {
      return XCTFail("no rows")
    }
    XCTAssertEqual(summary.map(\.label), ["6: correction stabilizes", "LD50 of recipe 0", "LD50 of recipe 1"])
    XCTAssertEqual(summary[1].note, "no interval")
  }

  /// Where one model has no dose, the claim's figure is about the other one alone.
  func testALawThatWasNotRunHasNoPanel() throws {
    let plans = try (0..<6).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 { try writeDoses(draw, logRatios: [0.02, -0.03], width: 0.06) }
    var registration = twoModels(registration(plans))
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let verdicts = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))
    XCTAssertEqual(verdicts.map(\.word.words), ["holds", "not run"])
    let figure = try XCTUnwrap(VerdictFigures(verdicts: verdicts).figure(ofClaim: "6"))
    XCTAssertEqual(figure.panels.map(\.title), ["LD50, in early_rate"])
  }

  /// A recipe of which no cell counts has no row in any table, and a table that lost its rows looks alike. So it is told. Ratios to
  /// another recipe do not count.
  func testCurvesOfOtherRecipes() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 {
      try writeDoses(draw, logRatios: [0.02], width: 0.06, tasks: ["synthetic"], reference: "plain")
    }
    func change(_ draw: Int, _ change: (String) -> String) throws {
      let path = "\(folder)/d\(draw)/quick/dose_fits.csv"
      try write(change(try contents(path)).utf8, to: path)
    }
    try change(1) { $0.split(separator: "\n").filter { !$0.contains("plain") }.joined(separator: "\n") + "\n" }
    try change(2) {
      $0.replacing(",plain,true,", with: ",plain,false,").replacing(",recipe 0,false,", with: ",recipe 0,true,")
    }
    var registration = registration(plans)
    XCTAssertEqual(
      try RegisteredRuns(registration, below: folder).deviations, [], "no claim reads the tables of a dose")
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let runs = try RegisteredRuns(registration, below: folder)
    let other = "has a dose_fits.csv with ratios to \"recipe 0\", and the sweep's reference is \"plain\""
    XCTAssertEqual(
      runs.deviations,
      [
        "d1/quick has a dose_fits.csv without \"plain\", and the law is judged without it: no cell of such a recipe counts (column excluded "
          + "of doses.csv), or rows were lost, and 'seedsweep analyze dose' writes them again",
        "d2/quick \(other), and does not count; 'seedsweep analyze dose' without --reference writes the table again",
      ])
    XCTAssertEqual(
      try RegisteredVerdict.all(registration, in: runs)[0].law?.missingDraws.map(\.reason).last, "quick \(other)")
  }

  /// A table that lacks a recipe in one dose, or one that the models of both tables are not about, leaves its draw out.
  func testTheLawNeedsEveryRecipeOfEveryDraw() throws {
    func judged(recipes: Int = 3, lacking: (String) -> Bool) throws -> JudgedLaw {
      let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
      for draw in 0..<3 { try writeDoses(draw, logRatios: [0.02, -0.03], width: 0.06) }
      for table in ["dose_fits.csv", "dose_models.csv"] {
        let path = "\(folder)/d1/quick/\(table)"
        let lines = try contents(path).split(separator: "\n").filter { !lacking(String($0)) }
        // No field of the first table is 3.
        let text = (lines.joined(separator: "\n") + "\n").replacing(",3\n", with: ",\(recipes)\n")
        try write(text.utf8, to: path)
      }
      var registration = registration(plans)
      registration.claims[0].content = .law(
        DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
      let runs = try RegisteredRuns(registration, below: folder)
      return try XCTUnwrap(XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first).law)
    }
    let cut = try judged { $0.hasPrefix("early_rate") && $0.contains("recipe 1") }
    XCTAssertEqual(
      cut.missingDraws.map(\.reason), ["dose_fits.csv of quick has no row of recipe 1 in early_rate"])
    let lost = try judged { $0.contains("recipe 1") }
    XCTAssertEqual(
      lost.missingDraws.map(\.reason),
      [
        "dose_fits.csv of quick has 2 recipes of t in peak_rate, and dose_models.csv is about 3; write both again with 'seedsweep analyze "
          + "dose'"
      ])
    // A recipe without a cell that counts has no row at all, and a dose that no recipe has none of any. Then the draw does not tell how
    // much of the variance between all recipes a dose explains.
    let fewer = try judged(recipes: 2) { $0.contains("recipe 1") }
    XCTAssertEqual(fewer.missingDraws.map(\.reason), [])
    XCTAssertEqual(fewer.explainedDrawCount, 2)
    XCTAssertEqual(try XCTUnwrap(fewer.explained), 0.99, accuracy: 1e-9)
    XCTAssertEqual(try judged { $0.hasPrefix("peak_rate") }.missingDraws.map(\.reason), [])
  }

  /// A dose with curves for one of two tasks has no deviance, though the sum over the other task alone would be the smallest; and the
  /// recipes of both tasks are judged.
  func testTheLawOverTasks() throws {
    let two = try law([0.02, -0.03], width: 0.06, tasks: ["t", "u"], dose: "peak_rate")
    XCTAssertEqual(two.deviances.map(\.deviance), [240, nil])
    XCTAssertEqual(two.ratios.map(\.recipe), ["t: recipe 0", "t: recipe 1", "u: recipe 0", "u: recipe 1"])
    XCTAssertEqual(two.word, .holds)
  }
}
