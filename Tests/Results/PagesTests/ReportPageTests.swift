// What a page holds: the numbers of summary.csv, nothing that a label could smuggle in, and no way out of the file.

import Comparisons
import Figures
import Foundation
import Reports
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

final class ReportPageTests: PageTestCase {
  private func example() throws -> RunFolder {
    let plan = try plan([("off", "no correction"), ("on", "correction")], seeds: 10)
    return try results(plan) { index in
      if index == 3 { return Example.diverged(after: [7]) }
      return self.outcome(failed: index < 6, correct: index % 2 == 0 ? 9 : 10)
    }
  }

  func testTheNumbersOfEveryFigureAreThoseOfTheSummary() throws {
    let folder = try example()
    let page = ReportPage([try PageFolder(folder.path)], time: 0)
    XCTAssertEqual(page.figures.overview.map(\.name), ["failures", "scores", "seeds"])
    let summary = try rows(folder.summary)
    XCTAssertEqual(summary.count, 2)
    for (row, name) in zip(summary, ["no correction", "correction"]) {
      func number(_ column: String) throws -> String {
        String(format: "%.3f", try XCTUnwrap(Double(row[column] ?? ""), column))
      }
      let failures =
        "\(name): \(row["n_failed"] ?? "") of \(row["n"] ?? "") runs failed, rate \(try number("failure_rate")), "
        + "95 % interval \(try number("failure_low")) to \(try number("failure_high"))."
      XCTAssertTrue(page.figures.overview[0].description.contains(failures), page.figures.overview[0].description)
      let scores =
        "\(name): \(row["n"] ?? "") runs, scores from \(try number("min")) to \(try number("max")), median "
        + "\(try number("median")), mean \(try number("mean")), sd \(try number("sd")); \(row["n_failed"] ?? "") failed."
      XCTAssertTrue(page.figures.overview[1].description.contains(scores), page.figures.overview[1].description)
    }
    // What is drawn is what the description says, not only what is said.
    guard case .interval(let low, let high, let middle, _, _) = page.figures.overview[0].panels[0].marks[0] else {
      return XCTFail("no interval")
    }
    XCTAssertEqual(
      [low, high, middle].map { "\($0)" }, ["failure_low", "failure_high", "failure_rate"].map { summary[0][$0] })
    let boxes = page.figures.overview[1].panels[0].marks.compactMap { mark -> Box? in
      if case .box(let box, _) = mark { box } else { nil }
    }
    XCTAssertEqual(boxes.count, 2)
    XCTAssertEqual(
      "\(boxes[1].lowQuartile) \(boxes[1].median) \(boxes[1].highQuartile)",
      "\(summary[1]["q25"] ?? "") \(summary[1]["median"] ?? "") \(summary[1]["q75"] ?? "")")
  }

  func testEveryRunIsAPointAndALine() throws {
    let page = ReportPage([try PageFolder(try example().path)], time: 0)
    var counts: [String: Int] = [:]
    for mark in page.figures.overview[1].panels[0].marks {
      if case .points(let points, let shape, _, _) = mark { counts["\(shape)", default: 0] += points.count }
    }
    XCTAssertEqual(counts, ["dot": 14, "cross": 5, "triangle": 1])
    XCTAssertEqual(page.figures.training.map(\.title), ["no correction: 6 of 10 failed", "correction: 0 of 10 failed"])
    var dashes: [String: Int] = [:]
    for mark in page.figures.training[0].panels[1].marks {
      if case .line(_, let ink, let dash, _, _, _) = mark { dashes["\(ink) \(dash)", default: 0] += 1 }
    }
    XCTAssertEqual(dashes, ["series(0) solid": 4, "failed dashed": 5])
  }

  func testTheSentencesAreThoseOfCompare() throws {
    let folder = try example()
    let results = try ResultsFolder(folder.path)
    let options = TableOptions(of: folder).named(for: results.plan)
    let rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    let sentence = Comparison.all(
      try ComparisonPairs.declared(results.plan, rows, reference: nil), options: options)[0].sentence
    let parts = sentence.components(separatedBy: ": it failed in ")
    XCTAssertEqual(parts.count, 2)
    let text = try text(folder)
    XCTAssertTrue(
      text.contains("<strong>\(Markup.escaped(parts[0]))</strong>: it failed in \(Markup.escaped(parts[1]))</p>"), text)
    XCTAssertTrue(text.contains("2 recipes on synthetic, 10 seeds each (accuracy on 10 dev examples)"), text)
    XCTAssertTrue(text.contains("20 of 20 trials have a result, 6 failed."))
    XCTAssertFalse(text.contains("no result yet"))
  }

  /// Of many pairs the page opens with those that tell two recipes apart.
  func testOfManyPairsTheDecidedOnesComeFirst() throws {
    let names = (0...6).map { "r\($0)" }
    let folder = try results(try plan(names.map { ($0, $0) }, seeds: 12)) { index in
      self.outcome(failed: index / 12 != 5)
    }
    let text = try text(folder)
    let answers = text.components(separatedBy: "<p class=\"answer\">").dropFirst().map { String($0.prefix(90)) }
    XCTAssertEqual(answers.count, 2)
    XCTAssertTrue(
      answers[0].hasPrefix("In 1 of 6 pairs one recipe is more stable than the other; the other 5 do not tell.</p>"),
      answers[0])
    XCTAssertTrue(answers[1].hasPrefix("<strong>synthetic: r5 is more stable than r0</strong>"), answers[1])
    XCTAssertTrue(text.contains(">5 more pairs of recipes are in the table of comparisons.</p>"), text)
  }

  /// Where no pair tells two recipes apart, the page says so once, and shows the two that come nearest to it.
  func testOfManyUndecidedPairsTheNearestTwoAreShown() throws {
    let failures = [0, 1, 3, 2]
    let folder = try results(try plan((0...3).map { ("r\($0)", "r\($0)") }, seeds: 6)) { index in
      self.outcome(failed: index % 6 < failures[index / 6])
    }
    let text = try text(folder)
    let answers = text.components(separatedBy: "<p class=\"answer\">").dropFirst().map { String($0.prefix(80)) }
    XCTAssertEqual(answers.count, 3)
    XCTAssertTrue(
      answers[0].hasPrefix("In none of 3 pairs is one recipe shown to be more stable than the other.</p>"), answers[0])
    XCTAssertTrue(answers[1].hasPrefix("<strong>synthetic: r2 is not shown"), answers[1])
    XCTAssertTrue(answers[2].hasPrefix("<strong>synthetic: r3 is not shown"), answers[2])
  }

  /// Names of a sweep are texts wherever they stand, also in the paths of links and in the command at the end.
  func testNamesCannotBecomeMarkup() throws {
    let planted = "</script><img src=x onerror=alert(1)>\"'&\u{1B}"
    let plan = try plan([("a", planted), ("b", "--><svg/onload=alert(2)>")], seeds: 6, name: planted)
    let folder = try results(plan, in: "a'b<img src=y onerror=alert(3)>") { self.outcome(failed: $0 < 4) }
    let file = folder.report
    try ReportFile.write(folder.path)
    let text = try contents(file)
    for part in ["<img", "<svg/", "onerror=alert(1)>", "\u{1B}", "-->"] { XCTAssertFalse(text.contains(part), part) }
    XCTAssertEqual(text.components(separatedBy: "</script>").count, 2, "the one script has one end")
    XCTAssertTrue(text.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\u{FFFD}"))
    for figure in ReportPage([try PageFolder(folder.path)], time: 0).figures.overview {
      XCTAssertFalse(figure.svg(.paper(millimetres: 84)).text.contains("<img"))
    }
  }

  /// What provenance.json says of hosts, paths and versions is text as well.
  func testProvenanceCannotBecomeMarkup() throws {
    let folder = try example()
    let planted = "</script><img src=x onerror=alert(1)>"
    try """
    {"command_line": ["seedsweep", "run", "\(planted)"], "blas": "\(planted)", "mpi": "\(planted)", "system": "\(planted)",
     "commit": "\(planted)", "hosts": [{"name": "\(planted)", "processor": "\(planted)", "cores": 2, "ranks": [0]}],
     "files": [{"path": "data/\(planted)", "sha256": "\(planted)"}]}
    """.write(toFile: folder.provenance, atomically: true, encoding: .utf8)
    let text = try text(folder)
    XCTAssertFalse(text.contains("<img"))
    // The digest is cut off after twelve characters, inside the first tag.
    XCTAssertEqual(text.components(separatedBy: "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;").count - 1, 8)
    XCTAssertTrue(text.contains("(SHA-256 &lt;/script&gt;&lt;im…)"), text)
  }

  func testThePageAsksNobodyForAnything() throws {
    let text = try text(try example())
    for part in ["http:", "https:", "src=", "url(", "@import", "<link", "<iframe", " style="] {
      let allowed = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"]
      let rest = allowed.reduce(text) { $0.replacing($1, with: "") }
      XCTAssertFalse(rest.contains(part), part)
    }
    XCTAssertTrue(text.contains("content=\"default-src &#39;none&#39;; style-src &#39;sha256-"))
    // An XML parser and a browser read the same style and the same script.
    for part in ["\(PageStyle.sheet)", "\(PageStyle.script)"] {
      XCTAssertFalse(part.contains("<") || part.contains("&") || part.contains("]]>"))
      XCTAssertTrue(text.contains(part))
    }
  }

  func testTheTableOfTrialsHasTwelveColumnsAtMost() throws {
    let folder = try example()
    let (table, isPart) = PageTable.trials(try PageFolder(folder.path).recipes)
    XCTAssertFalse(isPart)
    XCTAssertLessThanOrEqual(table.heads.count, 12)
    let trials = try rows(folder.trials)
    XCTAssertEqual(table.rows.count, trials.count)
    let (score, outcome, trial) = (
      try XCTUnwrap(table.heads.firstIndex(of: "score")), try XCTUnwrap(table.heads.firstIndex(of: "outcome")),
      try XCTUnwrap(table.heads.firstIndex(of: "trial"))
    )
    for (cells, row) in zip(table.rows, trials) {
      XCTAssertEqual(cells[trial], row["trial_id"])
      XCTAssertEqual(cells[outcome].hasPrefix("failed"), row["failed"] == "true")
      let value = try XCTUnwrap(Double(row["value_final"] ?? ""))
      XCTAssertEqual(cells[score], value.isNaN ? "nan" : String(format: "%.4f", value))
    }
  }

  func testAHalfFinishedRunSaysSo() throws {
    let plan = try plan([("a", "a"), ("b", "b")], seeds: 5)
    let folder = try results(plan) { index in
      if index == 9 { return Outcome(status: .crashed, metric: .accuracy) }
      if index == 7 { return Outcome(status: .preempted, metric: .accuracy) }
      return index % 2 == 0 ? self.outcome(failed: false) : nil
    }
    let text = try text(folder, time: 0)
    XCTAssertTrue(
      text.contains("5 trials have no result yet. What follows is as of 1970-01-01 00:00 UTC."), text)
    XCTAssertTrue(text.contains("5 of 10 trials have a result"))
    XCTAssertTrue(text.contains(">7 of 10 trials have begun. Every column"))
    XCTAssertTrue(text.contains(">crashed</td>"))
    XCTAssertTrue(text.contains(">unfinished</td>"))
    XCTAssertTrue(text.contains("it failed in 0 of 2 runs against 0 of 3"), "what there is is compared")
  }

  func testRecipesWithoutAResultAreNotCompared() throws {
    let folder = try results(try plan([("a", "a"), ("b", "b"), ("c", "c")], seeds: 4)) { index in
      index < 3 ? self.outcome(failed: index == 0) : nil
    }
    let text = try text(folder)
    XCTAssertTrue(text.contains("a failed in 1 of 3 runs: rate 0.33, 95 % interval 0.06 to 0.79."), text)
    XCTAssertTrue(text.contains("2 pairs of recipes are not compared: one of the two has no result."))
  }

  func testARunWithoutAnyResultIsAPageAsWell() throws {
    let folder = try results(try plan([("a", "a")], seeds: 3)) { _ in nil }
    let text = try text(folder)
    XCTAssertTrue(text.contains("3 trials have no result yet."))
    XCTAssertFalse(text.contains("nan") && text.contains("<svg"))
  }

  func testManyTrialsAreBandsAndTheFirstTwenty() throws {
    let plan = try plan([("a", "a")], seeds: 230)
    let folder = try results(plan) { self.outcome(failed: $0 % 10 == 0, records: 130, correct: 8 + $0 % 3) }
    let figure = try XCTUnwrap(ReportPage([try PageFolder(folder.path)], time: 0).figures.training.first)
    let marks = figure.panels[0].marks
    let bands = marks.filter { if case .band = $0 { true } else { false } }
    let lines = marks.compactMap { mark -> [FigurePoint]? in
      if case .line(let points, _, _, _, _, .some) = mark { points } else { nil }
    }
    XCTAssertEqual(bands.count, 2, "one of successful, one of failed runs")
    XCTAssertEqual(lines.count, 20)
    XCTAssertEqual(lines[1].count, 44, "130 records in threes")
    // The mean of the steps 1 to 3 and of the losses there.
    XCTAssertEqual(lines[1][0].x, 2)
    XCTAssertEqual(lines[1][0].y, (0.69 + 0.69 / 2 + 0.69 / 3) / 3, accuracy: 1e-12)
    XCTAssertEqual(
      figure.note,
      "Bands: the middle 80 % of 230 runs, and their median; lines: the first 20 of them, seeds "
        + "1 to 20. Losses are means of 3 recorded ones.")
  }

  /// Of many runs only those are read again whose curves have too few records in a point.
  func testRunsAreReadAgainWhereTheyAreTooFine() {
    func run(_ number: Int, _ recordCount: Int, _ grain: CurveGrain = CurveGrain()) -> PageRun {
      var run = PageRun(identifier: "t", seed: "\(number)", status: .completed, failure: nil, score: 1, final: 1)
      let records = (0..<recordCount).map { FigurePoint(Double($0), 1) }
      run.loss = PageCurve(records, recordsPerPoint: grain.loss)
      return run
    }
    func evened(_ counts: [Int]) -> (read: [Int], grains: Set<Int>) {
      var indices: [Int] = []
      let runs = PageFolder.evened(counts.enumerated().map { run($0.offset, $0.element) }) { part, grain in
        indices += part
        return part.map { run($0, counts[$0], grain) }
      }
      return (indices, Set(runs.map(\.grain.loss)))
    }
    let many = Array(repeating: PageCurve.mostPoints * 3, count: CurveFigures.mostLines)
    XCTAssertEqual(evened(many + [PageCurve.mostPoints * 3]).read, [])
    let short = evened(many + [7])
    XCTAssertEqual(short.read, [CurveFigures.mostLines])
    XCTAssertEqual(short.grains, [3])
    XCTAssertEqual(evened(many.dropLast() + [7]).grains, [1, 3], "where runs are lines, each keeps its points")
  }

  /// On a page with many recipes, recipes with few runs are drawn as bands too, so that the page stays small.
  func testManyRecipesAreBands() throws {
    let row = SummaryRow(
      configurationIdentifier: "c", variant: "v", label: "v", task: "t", hyperparameters: [], metric: "accuracy")
    func recipe(_ count: Int) -> PageRecipe {
      let runs = (0..<count).map { number in
        var run = PageRun(identifier: "t", seed: "\(number)", status: .completed, failure: nil, score: 1, final: 1)
        run.loss = PageCurve((0..<50).map { FigurePoint(Double($0), Double(number)) })
        return run
      }
      return PageRecipe(row: row, name: "r", ink: .series(0), runs: runs, options: TableOptions())
    }
    func lineCounts(_ counts: [Int]) -> [Int] {
      CurveFigures.figures(counts.map(recipe)).map { figure in
        figure.panels[0].marks.count { if case .line(_, _, _, _, _, .some) = $0 { true } else { false } }
      }
    }
    XCTAssertEqual(lineCounts([150, 150]), [150, 150])
    XCTAssertEqual(lineCounts(Array(repeating: 190, count: 8) + [12]), Array(repeating: 20, count: 8) + [12])
  }

  func testPaperGetsTheFirstRowsOfTheTable() throws {
    let plan = try plan([("a", "a"), ("b", "b")], seeds: PageStyle.printedRows / 2 + 1)
    let folder = try results(plan) { _ in self.outcome(failed: false, records: 1) }
    XCTAssertTrue(try text(folder).contains("<span class=\"printed\">Printed: the first 200 rows. </span>"))
    XCTAssertTrue("\(PageStyle.sheet)".contains("nth-child(n+\(PageStyle.printedRows + 1))"))
    XCTAssertFalse(try text(try example()).contains("class=\"printed\""))
  }

  func testOfVeryManyTrialsFailedAndExtremeOnesAreListed() throws {
    var runs = self.runs(scores: (0...PageTable.mostTrials).map { Double($0) })
    for number in [5000, 6000] { runs[number].failure = .collapsed }
    let (table, isPart) = PageTable.trials([recipe(runs)])
    XCTAssertTrue(isPart)
    let seeds = table.rows.map { $0[1] }
    XCTAssertEqual(seeds.prefix(4), ["5000", "6000", "0", "1"])
    XCTAssertEqual(seeds.last, "\(PageTable.mostTrials)")
    XCTAssertEqual(seeds.count, 202)
  }

  /// Of a few that did not fail, none is listed both as one of the lowest and as one of the highest.
  func testNoTrialIsListedTwice() {
    var runs = self.runs(scores: (0...PageTable.mostTrials).map { Double($0) })
    for number in 50..<runs.count { runs[number].failure = .collapsed }
    let seeds = PageTable.trials([recipe(runs)]).table.rows.map { $0[1] }
    XCTAssertEqual(seeds.count, PageTable.mostTrials / 2 + 50)
    XCTAssertEqual(Set(seeds).count, seeds.count)
  }

  func testScoresOfAnySizeAreDrawn() throws {
    let most = Double.greatestFiniteMagnitude
    let recipes = [recipe(runs(scores: [-most, 0.5, most])), recipe(runs(scores: [1, 2, 3]))]
    for figure in [ScoreFigures.scores(recipes), SeedFigures.scores(recipes)] {
      let text = try XCTUnwrap(figure).svg(.paper(millimetres: 84)).text
      XCTAssertFalse(text.contains("nan") || text.contains("inf"))
    }
  }

  private func runs(scores: [Double]) -> [PageRun] {
    scores.enumerated().map { number, score in
      PageRun(
        identifier: "t\(number)", seed: "\(number)", status: .completed, failure: nil, score: score, final: score)
    }
  }

  private func recipe(_ runs: [PageRun]) -> PageRecipe {
    let row = SummaryRow(
      configurationIdentifier: "c", variant: "v", label: "v", task: "t", hyperparameters: [], metric: "accuracy")
    return PageRecipe(row: row, name: "r", ink: .series(0), runs: runs, options: TableOptions())
  }
}
