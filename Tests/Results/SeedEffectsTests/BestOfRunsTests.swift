import Reports
import TrialTables
import Trials
import XCTest

@testable import SeedEffects

final class BestOfRunsTests: XCTestCase {
  private func row(_ values: [Double], steps: Int?, constant: Double? = 0.5, variant: String = "a") -> SummaryRow {
    var row = SummaryRow(
      configurationIdentifier: variant, variant: variant, label: variant, task: "rte", hyperparameters: [],
      metric: "accuracy")
    row.constantScore = constant
    row.runs = values.enumerated().map { index, value in
      var run = ScoredRun(
        seeds: "\(index)", value: value, failure: value.isNaN ? .diverged : nil, finalHalves: (value, value - 0.1))
      run.stepCount = steps
      return run
    }
    return row
  }

  private func best(_ row: SummaryRow) -> BestOfRuns { BestOfRuns(row, name: row.variant, options: TableOptions()) }

  func testTheCurveOfARecipe() throws {
    let recipe = best(row([0.473, 0.71, 0.527, 0.69, 0.61], steps: 100))
    for (index, value) in [0.602, 0.6657, 0.694, 0.706, 0.71].enumerated() {
      let point = try XCTUnwrap(recipe.point(index + 1))
      XCTAssertEqual(point.mean, value, accuracy: 1e-12)
      XCTAssertEqual(point.onSecond, value - 0.1, accuracy: 1e-12, "the other half ranks the runs alike")
      XCTAssertLessThanOrEqual(point.band.low, value)
      XCTAssertGreaterThanOrEqual(point.band.high, value)
    }
    XCTAssertEqual(
      recipe.sentence,
      "rte: a: the best of 1 0.6020 (0.5020 where another half chose it), of 5 0.7100 (0.6100 where another half chose it)."
    )
  }

  func testADivergedRunCountsWithTheConstantScore() {
    XCTAssertEqual(best(row([0.7, .nan], steps: 10)).point(1)?.mean ?? 0, 0.6, accuracy: 1e-12)
    let unknown = best(row([0.7, .nan], steps: 10, constant: nil))
    XCTAssertNil(unknown.point(1))
    XCTAssertEqual(
      unknown.sentence, "rte: a: not computed: a run diverged and the constant classifier's score is not known.")
    XCTAssertEqual(best(row([], steps: nil)).sentence, "rte: a: not computed: no run has a result.")
  }

  /// Ten runs of 300 steps cost as much as twenty of 150: the budget is what the cheaper recipe has.
  func testRecipesAreComparedAtEqualCost() {
    let short = best(row((0..<10).map { 0.6 + 0.01 * Double($0) }, steps: 100, variant: "short"))
    let long = best(row((0..<10).map { 0.65 + 0.01 * Double($0) }, steps: 300, variant: "long"))
    XCTAssertEqual(BestOfRuns.commonBudget([short, long]), 1000)
    XCTAssertEqual(short.runCount(for: 1000), 10)
    XCTAssertEqual(long.runCount(for: 1000), 3)
    XCTAssertNil(long.runCount(for: 200))
    XCTAssertEqual(
      BestOfRuns.budgetSentences([short, long]),
      ["rte: for 1000 steps: short 0.6900 (best of 10), long 0.7225 (best of 3)."])
    let few = best(row([0.6, 0.7], steps: 100, variant: "few"))
    XCTAssertEqual(
      BestOfRuns.budgetSentences([few, long]),
      ["rte: for 200 steps: few 0.7000 (best of 2), long none, because one run takes more."])
    XCTAssertEqual(BestOfRuns.budgetSentences([short]), [])
    XCTAssertNil(BestOfRuns.commonBudget([short, best(row([0.7], steps: nil))]))
  }

  /// A step of 32 examples costs as much as two of 16; what a step on other lengths or another model costs nobody has recorded.
  func testStepsThatCostDifferently() {
    func recipe(_ variant: String, steps: Int?, _ settings: [String: String]) -> BestOfRuns {
      var row = row((0..<10).map { 0.6 + 0.01 * Double($0) }, steps: steps, variant: variant)
      row.hyperparameters = TrialColumns.configurationNames.map { settings[$0] ?? "" }
      return best(row)
    }
    let small = recipe("small", steps: 100, ["batch_size": "16", "learning_rate": "1e-5"])
    let large = recipe("large", steps: 100, ["batch_size": "32", "learning_rate": "2e-5"])
    XCTAssertEqual(BestOfRuns.commonBudget([small, large], in: .examples), 16_000)
    XCTAssertEqual(
      BestOfRuns.budgetSentences([small, large]),
      ["rte: for 16000 training examples: small 0.6900 (best of 10), large 0.6817 (best of 5)."])
    let same = recipe("same", steps: 50, ["batch_size": "16", "learning_rate": "2e-5"])
    XCTAssertEqual(
      BestOfRuns.budgetSentences([small, same]),
      ["rte: for 500 steps: small 0.6817 (best of 5), same 0.6900 (best of 10)."])
    let long = recipe("long", steps: 100, ["batch_size": "32", "max_length": "512", "model": "other"])
    XCTAssertEqual(
      BestOfRuns.budgetSentences([small, long]),
      [
        "rte: the recipes are not compared at equal cost, because steps of one may cost more than those of another (they differ in model, "
          + "max_length); timings.csv has the seconds of each run."
      ])
    XCTAssertEqual(BestOfRuns.budgetSentences([small, recipe("unknown", steps: nil, ["model": "other"])]), [])
  }
}
