// What a page says and draws of recipes whose runs were stopped early, have no result, or are the better the lower they score.

import Figures
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages
@testable import Reports

final class ScoreFigureTests: PageTestCase {
  private func row(_ name: String = "r", task: String = "t") -> SummaryRow {
    SummaryRow(
      configurationIdentifier: name, variant: name, label: name, task: task, hyperparameters: [], metric: "accuracy")
  }

  private func recipe(_ row: SummaryRow, runs: [PageRun] = []) -> PageRecipe {
    PageRecipe(row: row, name: row.label, ink: .series(0), runs: runs, options: TableOptions())
  }

  // MARK: - Runs that were stopped early

  /// A recipe with 10 runs that went on, none of them failed, and `stoppedCount` stopped ones, of which `finishedCount` were finished
  /// and all but the first of those failed.
  private func stopped(_ stoppedCount: Int, finished finishedCount: Int, isRead: Bool = true) -> PageRecipe {
    var row = row()
    row.early = RecipeEarlyStop(
      rule: .init(.score, .chance, at: .share(0.25)), step: 25, isRead: isRead, stoppedCount: stoppedCount)
    for seed in 0..<10 { row.runs.append(ScoredRun(seeds: "seed \(seed)", value: 0.9, failure: nil)) }
    for seed in 0..<finishedCount {
      row.runs.append(ScoredRun(seeds: "seed \(10 + seed)", value: 0.5, failure: seed == 0 ? nil : .neverLearned))
      row.noteFinishedAnyway()
    }
    return recipe(row)
  }

  /// Of 30 runs 20 were stopped, and of those 5 were finished, of which 4 failed: (0 + 20 * 4 / 5) / 30 = 0.53, which is not 4 of 15.
  func testTheRateOfStoppedRunsIsCalledAnEstimate() throws {
    let recipe = stopped(20, finished: 5)
    let (low, high) = (
      recipe.numbers.text("failure_low", digits: 2), recipe.numbers.text("failure_high", digits: 2)
    )
    let estimate = "is an estimate from 10 runs that went on and from the 5 of 20 stopped runs that were finished."
    XCTAssertEqual(
      PageWords.rates([recipe]),
      [
        "r failed in 4 of 15 runs with a result. Its rate, 0.53, 95 % interval \(low) to \(high) (Wilson's of two strata), "
          + estimate
      ])
    let figure = try XCTUnwrap(ScoreFigures.failures([recipe], level: 0.95))
    XCTAssertTrue(
      figure.description.hasPrefix("r: 4 of 15 runs failed, rate 0.533, 95 % interval "), figure.description)
    XCTAssertTrue(figure.description.hasSuffix(" The rate \(estimate)"), figure.description)
    let panel = figure.panels[0]
    XCTAssertEqual(
      panel.horizontal.title, "failure rate, 95 % interval (Wilson's, of two strata where runs were stopped)")
    XCTAssertEqual(panel.vertical, .rows([FigureRow("r", note: "4/15, estimated rate 0.53")], strip: 13))
    // Where every stopped run was finished, the rate is that of all runs.
    XCTAssertEqual(
      PageWords.rates([stopped(5, finished: 5)]).map { String($0.prefix(35)) }, ["r failed in 4 of 15 runs: rate 0.27"])
  }

  /// While runs wait for the rule, and while none of the stopped ones has been finished, there is no rate.
  func testThereIsNoRateWhileRunsWait() throws {
    let recipe = stopped(20, finished: 2, isRead: false)
    let words = "there is no rate before stop.early has read every run."
    XCTAssertEqual(PageWords.rates([recipe]), ["r failed in 1 of 12 runs; \(words)"])
    let figure = try XCTUnwrap(ScoreFigures.failures([recipe], level: 0.95))
    XCTAssertEqual(figure.description, "r: 1 of 12 runs failed; \(words)")
    XCTAssertEqual(figure.panels[0].vertical, .rows([FigureRow("r", note: "1/12, no rate yet")], strip: 13))
    XCTAssertEqual(figure.panels[0].marks, [])
    let table = PageTable.recipes([recipe])
    let interval = try XCTUnwrap(table.heads.firstIndex(of: "95 % interval"))
    XCTAssertEqual(table.rows[0][interval], "–")
    XCTAssertEqual(
      PageWords.rates([stopped(20, finished: 0)]),
      ["r failed in 0 of 10 runs; there is no rate before some of the stopped runs have been finished."])
  }

  // MARK: - Runs without a result

  /// Of runs that were imported nobody knows whether a result is still to come.
  func testImportedRunsWithoutAResultAreNotToCome() {
    var (imported, own) = (row("i"), row("o"))
    imported.rule = "diverged"
    (imported.missingCount, own.missingCount) = (4, 1)
    func sentences(_ rows: [SummaryRow]) -> [String] { PageWords.missing(rows.map { recipe($0) }, asOf: "now") }
    XCTAssertEqual(sentences([imported]), ["4 runs have no result."])
    XCTAssertEqual(sentences([own]), ["1 trial has no result yet. What follows is as of now."])
    XCTAssertEqual(
      sentences([imported, own]), ["1 trial has no result yet. What follows is as of now.", "4 runs have no result."])
    XCTAssertEqual(sentences([row()]), [])
    XCTAssertEqual(PageTable.recipes([recipe(imported)]).heads[2], "no result")
    XCTAssertEqual(PageTable.recipes([recipe(own)]).heads[2], "to come")
  }

  // MARK: - Scores

  /// Recipes of several folders may have baselines of their own.
  func testEveryBaselineIsDrawn() throws {
    let recipes = [0.5, 0.6, 0.5].map { baseline in
      var row = self.row()
      row.constantScore = baseline
      row.runs = [ScoredRun(seeds: "seed 1", value: 0.7, failure: nil)]
      let run = PageRun(identifier: "t", seed: "1", status: .completed, failure: nil, score: 0.7, final: 0.7)
      return self.recipe(row, runs: [run])
    }
    let marks = try XCTUnwrap(ScoreFigures.scores(recipes)).panels[0].marks
    let rules = marks.compactMap { mark -> Double? in
      if case .verticalRule(let x, _, _) = mark { x } else { nil }
    }
    XCTAssertEqual(rules, [0.5, 0.6])
  }

  func testOneRunInWords() {
    func words(_ score: Double) -> String? {
      var row = self.row()
      let failure: FailureKind? = score.isNaN ? .diverged : nil
      row.runs = [ScoredRun(seeds: "seed 1", value: score, failure: failure)]
      let run = PageRun(
        identifier: "t", seed: "1", status: score.isNaN ? .diverged : .completed, failure: failure, score: score,
        final: score)
      return ScoreFigures.scores([recipe(row, runs: [run])])?.description
    }
    XCTAssertEqual(
      words(0.75), "r: 1 run, scores from 0.750 to 0.750, median 0.750, mean 0.750, sd –; 0 failed.")
    XCTAssertEqual(words(.nan), "r: 1 run, none with a score; 1 failed.")
  }

  /// Runs without a score stand beyond the worst ones, whichever end that is.
  func testDivergedRunsStandAtTheBadEnd() throws {
    for isLowGood in [false, true] {
      var row = row()
      row.lowerIsBetter = isLowGood
      let scores = [1.0, 2, .nan]
      let runs = scores.enumerated().map { number, score in
        PageRun(
          identifier: "t", seed: "\(number)", status: score.isNaN ? .diverged : .completed,
          failure: score.isNaN ? .diverged : nil, score: score, final: score)
      }
      let panel = try XCTUnwrap(ScoreFigures.scores([recipe(row, runs: runs)])).panels[0]
      let positions = panel.marks.compactMap { mark -> [Double]? in
        if case .points(let points, .triangle, _, _) = mark { points.map(\.x) } else { nil }
      }.flatMap { $0 }
      XCTAssertEqual(positions.count, 1)
      let share = try XCTUnwrap(panel.horizontal.scale.share(of: positions[0]))
      XCTAssertEqual(share, isLowGood ? 0.96 : 0.04, accuracy: 0.01)
      XCTAssertEqual(positions[0] > 2, isLowGood)
    }
  }
}
