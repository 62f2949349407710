// Comparisons of recipes solved by hand: which test decides, what is adjusted, and what a reader is told.

import JSON5
import ResultsSupport
import Statistics
import StopRules
import Tables
import Trials
import XCTest

@testable import Comparisons
@testable import Reports

final class ComparisonTests: XCTestCase {
  private let options = TableOptions()

  /// A recipe with runs of some scores by seed; those below .6 failed.
  private func recipe(_ name: String, _ scores: [Double], task: String = "rte", firstSeed: Int = 1) -> SummaryRow {
    var trial = Example.trial(1, variant: name)
    trial.configuration.task.name = task
    trial.configurationIdentifier = name
    var row = SummaryRow(trial, hyperparameters: [])
    row.runs = scores.enumerated().map { place, score in
      ScoredRun(
        seeds: "seed \(firstSeed + place)", value: score, failure: score >= 0.6 ? nil : .neverLearned)
    }
    return row
  }

  private func comparison(_ a: SummaryRow, _ b: SummaryRow) -> Comparison {
    Comparison.all(
      [ComparedPair(candidate: a, reference: b, candidateName: a.variant, referenceName: b.variant)], options: options)[
        0]
  }

  private let good: [Double] = (0..<20).map { 0.7 + 0.002 * Double($0 % 5) }
  /// Every other of the first 16 runs failed: 8 of 20.
  private let bad: [Double] = (0..<20).map { place -> Double in
    if place < 16 && place % 2 == 0 { return 0.5 }
    return 0.7 + 0.003 * Double(place % 7)
  }

  func testSameSeedsArePaired() throws {
    let found = comparison(recipe("new", good), recipe("old", bad))
    XCTAssertEqual(found.primaryTest, .mcNemar)
    XCTAssertEqual(found.pairing, PairedProportions(both: 0, onlyFirst: 0, onlySecond: 8, neither: 12))
    // 2 / 2^8.
    XCTAssertEqual(found.primaryP, 0.0078125, accuracy: 1e-15)
    XCTAssertEqual(found.difference, -0.4)
    XCTAssertEqual(found.conclusion, .moreStable)
    XCTAssertEqual(comparison(recipe("old", bad), recipe("new", good)).conclusion, .lessStable)
  }

  func testOtherSeedsAreNot() {
    // 9 of the 20 seeds are common: fewer than half.
    let found = comparison(recipe("new", good), recipe("old", bad, firstSeed: 12))
    XCTAssertNil(found.pairing)
    XCTAssertEqual(found.primaryTest, .boschloo)
    XCTAssertEqual(
      found.primaryP, TwoProportions.boschloo(first: 0, firstTotal: 20, second: 8, secondTotal: 20))
    XCTAssertTrue(
      found.sentence.contains("; Boschloo's test without pairs, as too few seeds are common: 9, p = "), found.sentence)
    XCTAssertEqual(field("design", of: found), .text("unpaired"))
    XCTAssertEqual(field("n_common_seeds", of: found), .integer(9))
    XCTAssertNil(comparison(recipe("new", []), recipe("old", [])).pairing)
    XCTAssertNil(comparison(recipe("new", [0.7]), recipe("old", [])).pairing)
    // 4 seeds of 9: all of one recipe, but not half of the other.
    XCTAssertNil(comparison(recipe("new", Array(good.prefix(4))), recipe("old", Array(bad.prefix(9)))).pairing)
    XCTAssertFalse(comparison(recipe("new", good), recipe("old", bad, firstSeed: 99)).sentence.contains("too few"))
  }

  private func field(_ column: String, of comparison: Comparison) -> CSVField? {
    ComparisonsTable.columns.first { $0.name == column }?.value(
      ComparisonsTable.Row(comparison: comparison, options: options))
  }

  /// Where at least half of each recipe's runs have a seed in common, these make the pairs of test, difference and interval; rates
  /// and everything secondary are over all runs. Interval: Newcombe's method 10 by its formula in Python, with statsmodels'
  /// proportion_confint(0, 19, method="wilson") and (8, 19); the correlation of a rate of zero is zero.
  func testCommonSeedsArePaired() throws {
    let found = comparison(recipe("new", good), recipe("old", bad, firstSeed: 2))
    XCTAssertEqual(found.primaryTest, .mcNemar)
    XCTAssertEqual(found.pairing, PairedProportions(both: 0, onlyFirst: 0, onlySecond: 8, neither: 11))
    XCTAssertEqual(found.primaryP, 0.0078125, accuracy: 1e-15)
    XCTAssertEqual(found.difference, -8.0 / 19, accuracy: 1e-15)
    XCTAssertEqual(found.differenceInterval.low, -0.6372409646574497, accuracy: 1e-12)
    XCTAssertEqual(found.differenceInterval.high, -0.16758626558226347, accuracy: 1e-12)
    XCTAssertEqual(field("design", of: found), .text("common_seeds"))
    XCTAssertEqual(field("n_common_seeds", of: found), .integer(19))
    XCTAssertEqual(field("difference_method", of: found), .text("newcombe_paired"))
    XCTAssertEqual(field("n_failed_b", of: found), .integer(8))
    XCTAssertEqual(field("failure_rate_b", of: found), .number(0.4))
    XCTAssertTrue(
      found.sentence.hasPrefix(
        "rte: new is more stable than old: it failed in 0 of 20 runs against 8 of 20 (on the 19 seeds that both ran with: "
          + "difference -0.42, 95% CI -0.64 to -0.17; McNemar's exact test, p = 0.008). "), found.sentence)
    // One recipe has all seeds of the other and one more; the same pairs from the other side.
    let more = comparison(recipe("new", good + [0.5]), recipe("old", bad))
    XCTAssertEqual(more.pairing?.total, 20)
    XCTAssertEqual(more.difference, -0.4, "the failure without a pair has no part in the difference")
    XCTAssertEqual(comparison(recipe("old", bad), recipe("new", good + [0.5])).difference, 0.4)
  }

  /// Holm over the pairs of one task; those of another task are another family.
  func testFamilies() {
    let pairs = [("a", "rte", bad), ("b", "rte", good), ("c", "cola", bad)].map { name, task, scores in
      ComparedPair(
        candidate: recipe(name, good, task: task), reference: recipe("old", scores, task: task), candidateName: name,
        referenceName: "old")
    }
    let found = Comparison.all(pairs, options: options)
    XCTAssertEqual(found.map(\.familySize), [2, 2, 1])
    for (found, expected) in zip(found.map(\.adjustedP), [2 * 0.0078125, 1, 0.0078125]) {
      XCTAssertEqual(found, expected, accuracy: 1e-15)
    }
  }

  /// 0 of 15 runs against 5 of 15 on the same seeds: p = 2 / 2^5, and Newcombe's paired interval reaches from -.58 to -.06.
  func testAnIntervalThatTheTestDoesNotFollow() {
    let (all, some) = (
      Array(repeating: 0.8, count: 15), Array(repeating: 0.5, count: 5) + Array(repeating: 0.8, count: 10)
    )
    let sentence = comparison(recipe("new", all), recipe("old", some)).sentence
    XCTAssertTrue(
      sentence.contains(
        "is not shown to be more or less stable than old: it failed in 0 of 15 runs against 5 of 15 (difference -0.33, 95% CI -0.58 "
          + "to -0.06; McNemar's exact test on the same seeds, p = 0.062). The interval leaves out 0, but it is approximate: the test "
          + "decides. "), sentence)
  }

  func testSentences() {
    XCTAssertEqual(
      comparison(recipe("new", good), recipe("old", bad)).sentence.components(separatedBy: " Of the runs")[0],
      "rte: new is more stable than old: it failed in 0 of 20 runs against 8 of 20 (difference -0.40, 95% CI -0.61 to "
        + "-0.16; McNemar's exact test on the same seeds, p = 0.008).")
    XCTAssertEqual(
      comparison(recipe("new", [0.7]), recipe("old", [0.71])).sentence,
      "rte: new is not shown to be more or less stable than old: it failed in 0 of 1 runs against 0 of 1 (difference "
        + "0.00, 95% CI -0.79 to 0.79; McNemar's exact test on the same seeds, p = 1.000). Scores: mean 0.700 against 0.710; "
        + "one run has no spread.")
    XCTAssertEqual(
      comparison(recipe("new", []), recipe("old", [0.7])).sentence,
      "rte: new is not compared with old: no results of new.")
    XCTAssertTrue(
      comparison(recipe("new", [0.5, 0.5]), recipe("old", bad)).sentence
        .hasSuffix("One of them has no run that did not fail, so nothing else is compared."))
    let large = comparison(recipe("new", [3e12, 4e12]), recipe("old", [1e300, 1e300])).sentence
    XCTAssertTrue(large.contains("Scores: mean 3.5e+12 against 1e+300, sd 7.07e+11 against 0.000"), large)
    let tight = good.map { 0.7 + ($0 - 0.7) / 10 }
    XCTAssertTrue(
      comparison(recipe("new", tight), recipe("old", good)).sentence.contains(": they spread less (secondary))."))
  }

  /// A diverged run ranks last and has no part in means.
  func testDivergedRuns() {
    var row = recipe("new", good)
    row.runs[0].value = .nan
    row.runs[0].failure = .diverged
    let found = comparison(row, recipe("old", good))
    XCTAssertEqual(found.overall.count.candidate, 19)
    // Against itself the place of one run among 20 is moved to the end: 400 / 2 less the 16 it beat and 4 / 2 of ties.
    XCTAssertEqual(found.mannWhitney.superiority, (200 - 2) / 400.0)
  }

  /// More runs than Boschloo's table of outcomes holds are left to Fisher's test.
  func testManyRuns() {
    let found = comparison(
      recipe("new", Array(repeating: 0.7, count: 2100)),
      recipe("old", Array(repeating: 0.7, count: 2000), firstSeed: 5000))
    XCTAssertEqual(found.primaryTest, .fisher)
    XCTAssertEqual(found.primaryP, 1)
    XCTAssertTrue(found.boschloo.isNaN)
  }

  func testTable() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("comparisons-\(UUID().uuidString).csv")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ComparisonsTable.write(
      [
        comparison(recipe("new", good), recipe("old", bad)), comparison(recipe("new", []), recipe("old", [0.7])),
      ], to: path, options: options)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    XCTAssertEqual(Set(names).count, names.count)
    let fields = lines[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let row = Dictionary(uniqueKeysWithValues: zip(names, fields))
    for (name, value) in [
      "task": "rte", "a": "new", "b": "old", "n_failed_a": "0", "n_failed_b": "8", "verdict": "more_stable",
      "difference_method": "newcombe_paired", "primary_test": "mcnemar_exact", "primary_p": "0.0078125",
      "n_common_seeds": "20",
      "holm_family": "1", "n_only_b_failed": "8", "secondary_n_b_successful": "12",
      "secondary_permutation_exact": "false",
      "survivor_note": "the successful runs are those that were left after 8 failed; they are no fair sample",
    ] { XCTAssertEqual(row[name], value, name) }
    XCTAssertTrue(lines[2].contains(",no_runs,,,,"), String(lines[2]))
  }

  /// The tests need a score of every run.
  func testRecipesWithStoppedRunsAreRefused() throws {
    let configurations = ["x", "y"].enumerated().map { place, variant in
      PlannedConfiguration(
        variant: variant, label: variant, configuration: TrialConfiguration(), axisValues: [],
        identifier: "000000000000000\(place)")
    }
    let plan = try SweepPlan(name: "s", configurations: configurations, seeds: [TrialSeeds(tied: 1)])
    var rows = plan.trials.map { SummaryRow($0, hyperparameters: []) }
    rows[1].early = RecipeEarlyStop(
      rule: EarlyRule(.score, .chance, at: .share(0.25)), step: 25, isRead: true, stoppedCount: 2)
    let message =
      "synthetic: 'y' has 2 runs without a final score because stop.early (score=baseline@25%) stopped them, and the tests need a score "
      + "of every run; run the sweep once more with stop=null and the same --output, which continues the stopped runs and no others, and "
      + "compare then. The failure rates that are known are in summary.csv, with their intervals"
    XCTAssertThrowsError(try ComparisonPairs.declared(plan, rows, reference: nil)) {
      XCTAssertEqual("\($0)", message.replacing("synthetic", with: rows[1].task))
    }
    let source = ComparisonPairs.Source(path: "a", plan: plan, rows: rows)
    XCTAssertThrowsError(try ComparisonPairs.across([source, source])) {
      XCTAssertEqual(
        "\($0)", message.replacing("synthetic", with: rows[1].task).replacing("'y'", with: "'y in a'"))
    }
    // Where all stopped runs were finished, every run has a score.
    for _ in 0..<2 {
      rows[1].runs.append(ScoredRun(seeds: "seed \(rows[1].runs.count)", value: 0.5, failure: .neverLearned))
      rows[1].noteFinishedAnyway()
    }
    XCTAssertEqual(try ComparisonPairs.declared(plan, rows, reference: nil).count, 1)
  }

  /// Runs that wait until `stop.early` has read all of their recipe are mostly failing ones, so those with a result are no sample.
  func testRecipesWithWaitingRunsAreNotCompared() {
    let new = recipe("new", good)
    var old = recipe("old", bad)
    XCTAssertEqual(comparison(new, old).conclusion, .moreStable)
    old.early = RecipeEarlyStop(
      rule: EarlyRule(.score, .chance, at: .share(0.25)), step: 25, isRead: false, stoppedCount: 0)
    for (a, b) in [(new, old), (old, new)] {
      let found = comparison(a, b)
      XCTAssertEqual(found.conclusion, .undecided)
      XCTAssertEqual(field("verdict", of: found), .text("undecided"))
      XCTAssertEqual(
        found.sentence,
        "rte: \(a.variant) is not compared with \(b.variant) while runs of one of them wait for stop.early to read "
          + "all.")
    }
    XCTAssertEqual(field("failure_rate_b", of: comparison(new, old)), .missing)
  }

  /// Each variant with the reference at the same grid values; without variants each recipe with the first.
  func testDeclaredPairs() throws {
    func plan(_ variants: [String], reference: String?) throws -> (SweepPlan, [SummaryRow]) {
      let configurations = variants.enumerated().flatMap { place, variant in
        ["0.0", "0.1"].enumerated().map { axis, value in
          PlannedConfiguration(
            variant: variant, label: variant, configuration: TrialConfiguration(),
            axisValues: [AxisValue(key: "schedule.warmup", text: value)],
            identifier: String(repeating: "0", count: 15) + "\(2 * place + axis)")
        }
      }
      let plan = try SweepPlan(
        name: "s", configurations: configurations, seeds: [TrialSeeds(tied: 1)], reference: reference)
      let rows = plan.trials.map { SummaryRow($0, hyperparameters: []) }
      return (plan, rows)
    }
    func names(_ variants: [String], _ declared: String?, _ asked: String? = nil) throws -> [String] {
      let (plan, rows) = try plan(variants, reference: declared)
      return try ComparisonPairs.declared(plan, rows, reference: asked).map {
        "\($0.candidateName) / \($0.referenceName)"
      }
    }
    let (low, high) = ("(schedule.warmup=0.0)", "(schedule.warmup=0.1)")
    XCTAssertEqual(try names(["x", "y"], nil), ["y \(low) / x \(low)", "y \(high) / x \(high)"])
    XCTAssertEqual(try names(["x", "y"], "y"), ["x \(low) / y \(low)", "x \(high) / y \(high)"])
    XCTAssertEqual(try names(["x", "y"], "y", "x"), try names(["x", "y"], nil))
    XCTAssertEqual(try names(["x"], nil), ["x \(high) / x \(low)"])
    XCTAssertThrowsError(try names(["x"], nil, "z")) {
      XCTAssertEqual("\($0)", "no variant 'z' to compare with; there are x")
    }
  }

  func testTwoRecipesThatNeverLearned() {
    let sentence = comparison(recipe("new", [0.5, 0.4]), recipe("old", [0.5, 0.5])).sentence
    XCTAssertTrue(
      sentence.hasSuffix("p = 1.000). Every run of both failed: this says nothing about their stability."), sentence)
  }

  /// A recipe as a sweep leaves it whose comparisons end when they are decided: eight discordant pairs give E = 50.3, of which the
  /// first seven, with one concordant pair among the first eight, decide.
  private func stopped(_ rule: PairedStop) throws -> Comparison {
    let seeds = (1...40).map { TrialSeeds(tied: $0) }
    let configurations = ["old", "new"].enumerated().map { index, name in
      PlannedConfiguration(
        variant: name, label: name, configuration: TrialConfiguration(), axisValues: [],
        identifier: "000000000000000\(index)")
    }
    let plan = try SweepPlan(name: "s", configurations: configurations, seeds: seeds, stop: .pairs(rule))
    var progress = try XCTUnwrap(SequentialProgress(plan))
    var rows = [recipe("old", []), recipe("new", [])]
    for seed in 0..<40 {
      for (index, score) in [seed == 1 ? 0.7 : 0.5, 0.9].enumerated() {
        progress.note(40 * index + seed, score < 0.6 ? .failed : .successful, score: score)
        rows[index].configurationIdentifier = configurations[index].identifier
        guard progress.counts(40 * index + seed) else { continue }
        rows[index].runs.append(
          ScoredRun(seeds: seeds[seed].title, value: score, failure: score < 0.6 ? .neverLearned : nil))
      }
    }
    progress.mark(&rows)
    return comparison(rows[1], rows[0])
  }

  func testASweepThatEndsComparisons() throws {
    let found = try stopped(PairedStop(.failures))
    XCTAssertEqual(found.pair.candidate.stop?.count, 8)
    XCTAssertEqual(found.conclusion, .moreStable)
    XCTAssertTrue(
      found.sentence.contains(
        "By the sweep's stop rule the comparison of failures (only new failed in 0, only old in 7) was decided after 8 pairs "
          + "(E = 26.8, and 20 decides). "), found.sentence)
    XCTAssertEqual(
      ["stop_rule", "stop_pairs", "stop_only_a_failed", "stop_only_b_failed", "stop_e_threshold", "stop_ending"].map {
        field($0, of: found)?.encoded
      }, ["pairs_failures", "8", "0", "7", "20.0", "decided"])
    guard case .number(let value) = field("stop_e_value", of: found) else { return XCTFail("no e-value") }
    XCTAssertEqual(value, 26.8125, accuracy: 1e-9)
    let scores = try stopped(PairedStop(.scores))
    XCTAssertTrue(
      scores.sentence.contains("By the sweep's stop rule the comparison of scores was decided after "), scores.sentence)
    XCTAssertTrue(scores.sentence.contains("pairs: new scores higher (E = "), scores.sentence)
    let without = comparison(recipe("new", good), recipe("old", bad))
    XCTAssertEqual(field("stop_e_value", of: without), .missing)
    XCTAssertEqual(field("stop_rule", of: without), .missing)
    XCTAssertFalse(without.sentence.contains("stop rule"))
  }

  /// A p-value below .05 decides nothing where an e-value was to.
  func testAnUndecidedComparisonIsUndecided() throws {
    let found = try stopped(PairedStop(.failures, alpha: 1e-13, givesUp: false))
    XCTAssertLessThan(found.primaryP, 0.05)
    XCTAssertEqual(found.conclusion, .undecided)
    XCTAssertTrue(found.sentence.contains("ended undecided after "), found.sentence)
  }
}
