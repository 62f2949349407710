// The columns of summary.csv about certainty and choosing, on runs whose numbers a hand can check.

import ResultsSupport
import Statistics
import TrialTables
import Trials
import XCTest

@testable import Reports

final class SummaryColumnsTests: XCTestCase {
  private let options = TableOptions()

  private func row(_ runs: [ScoredRun]) -> SummaryRow {
    var row = SummaryRow(Example.trial(1), hyperparameters: TrialColumns.values(of: TrialConfiguration()))
    row.runs = runs
    row.evaluationCount = 100
    row.constantScore = 0.5
    return row
  }

  private func run(_ value: Double, failed: FailureKind? = nil) -> ScoredRun {
    ScoredRun(seeds: "", value: value, failure: failed)
  }

  private func columns(_ summary: SummaryRow) -> [String: String] {
    let fields = SummaryTable.rows([summary], options: options)[0]
    XCTAssertEqual(fields.count, SummaryTable.columns.count)
    return Dictionary(uniqueKeysWithValues: zip(SummaryTable.columns.map(\.name), fields.map(\.encoded)))
  }

  private func number(_ columns: [String: String], _ name: String) throws -> Double {
    try XCTUnwrap(columns[name].flatMap(Double.init), name)
  }

  func testIntervals() throws {
    // 6 of 25 failed: 9.4 to 45.1 %.
    let good = (0..<19).map { run(0.7 + 0.001 * Double($0)) }
    let found = columns(row(good + (0..<6).map { _ in run(0.5, failed: .neverLearned) }))
    XCTAssertEqual(try number(found, "clopper_pearson_low"), 0.094, accuracy: 5e-4)
    XCTAssertEqual(try number(found, "clopper_pearson_high"), 0.451, accuracy: 5e-4)
    XCTAssertEqual(try number(found, "q25"), 0.7)
    XCTAssertEqual(try number(found, "q05"), 0.5)
    // Of 25 numbers the 8th from either end: P(Binomial(25, 1/2) <= 7) = .0216.
    XCTAssertEqual(try number(found, "median_low"), 0.701)
    XCTAssertEqual(try number(found, "median_high"), 0.711)
    XCTAssertEqual(found["overall_intervals_reliable"], "false", "25 runs are too few for the sd")
    let (low, high) = (try number(found, "mean_low"), try number(found, "mean_high"))
    XCTAssertTrue(low < 0.65 && low > 0.6 && high > 0.67 && high < 0.7, "\(low) \(high)")
    // Student's, the scores being symmetric, with 18 degrees, 2.10092, about .709 with sd .001 sqrt(19 * 20 / 12).
    let half = 2.10092204 * 0.001 * (19.0 * 20 / 12).squareRoot() / 19.0.squareRoot()
    XCTAssertEqual(try number(found, "mean_successful_low"), 0.709 - half, accuracy: 1e-9)
    XCTAssertEqual(try number(found, "mean_successful_high"), 0.709 + half, accuracy: 1e-9)
    XCTAssertEqual(try number(found, "median_successful"), 0.709, accuracy: 1e-15)
    XCTAssertEqual(found["warnings"], "iqm_hides_failures;median_hides_failures")
  }

  /// Diverged runs rank below every score: they are trimmed away with the lowest quarter, and where there are more of them, the
  /// mean of the middle half has no value.
  func testTheInterquartileMeanOfRecipesWithDivergedRuns() throws {
    let diverged = run(.nan, failed: .diverged)
    // Of -, .6, .7, .8 the middle half is .6 and .7; without the diverged run it would be .7 and parts of its neighbours.
    XCTAssertEqual(try number(columns(row([run(0.8), diverged, run(0.6), run(0.7)])), "iqm"), 0.65, accuracy: 1e-15)
    // Of eight runs with two that diverged, the third to the sixth: .1, .2, .3 and .4.
    let eight = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1].map { run($0) } + [diverged, diverged]
    XCTAssertEqual(try number(columns(row(eight)), "iqm"), 0.25, accuracy: 1e-15)
    XCTAssertEqual(columns(row([run(0.8), diverged, diverged, run(0.7)]))["iqm"], "nan")
    XCTAssertEqual(columns(row([diverged, diverged]))["iqm"], "nan")
    XCTAssertEqual(
      SummaryTable.reference.columns.first { $0.name == "iqm" }?.documentation,
      "The mean score of the middle half of the runs, diverged runs ranking last.")
  }

  /// Where the bootstrap stops, formulas say the same: each of its bounds differs from theirs by less than a tenth of the
  /// interval's width, though a tenth of the runs failed.
  func testManyRunsAreNotResampled() throws {
    var bits: UInt64 = 1
    func noise() -> Double {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(bits >> 11) * 0x1p-53 - 0.5
    }
    let runs = (0..<1200).map { place -> ScoredRun in
      let value = (place % 10 == 0 ? 0.5 : 0.7) + 0.05 * noise()
      return ScoredRun(
        seeds: "", value: value, failure: nil, finalHalves: (value + 0.02 * noise(), value + 0.02 * noise()))
    }
    let found = columns(row(runs))
    XCTAssertEqual(found["overall_interval_method"], "student_t;bonett")
    XCTAssertEqual(found["halves_interval_method"], "student_t")
    XCTAssertEqual(found["resamples"], "")
    XCTAssertEqual(columns(row(Array(runs.prefix(500))))["overall_interval_method"], "bca")
    let bootstrap = Bootstrap()
    let overall = bootstrap.intervals(runs.map(\.value), of: [Sample.mean, { Sample.standardDeviation($0, ddof: 1) }])
    let halves = runs.pairs(\.finalHalves.first, \.finalHalves.second)
    let shared = Halves.shared(halves.first, halves.second, bootstrap: bootstrap)
    for (name, expected) in [("mean", overall[0]), ("sd", overall[1]), ("halves_covariance", shared.interval)] {
      let tolerance = (expected.high - expected.low) / 10
      XCTAssertEqual(try number(found, name + "_low"), expected.low, accuracy: tolerance, name)
      XCTAssertEqual(try number(found, name + "_high"), expected.high, accuracy: tolerance, name)
    }
    XCTAssertEqual(try number(found, "halves_covariance"), shared.covariance)
    XCTAssertEqual(try number(found, "halves_correlation"), shared.correlation)
    XCTAssertEqual(try number(found, "halves_p"), shared.p)
    XCTAssertEqual(try number(found, "sd_surviving"), shared.deviation)
  }

  /// A table of very many runs says how much fewer its resamples are; configurations that are not resampled do not count.
  func testTablesOfManyRunsTakeFewerResamples() {
    let runs = (0..<400).map { _ in run(0.7) }
    func resamples(_ count: Int) -> Int {
      let rows = Array(repeating: row(runs), count: count) + [row((0..<100_000).map { _ in run(0.7) })]
      return LargeSamples.options(options, for: rows).resampleCount
    }
    XCTAssertEqual(resamples(250), 5000)
    XCTAssertEqual(resamples(251), 1000)
  }

  func testWarnings() {
    func warnings(_ failed: Int, of count: Int) -> [String] {
      IntervalColumns.warnings(
        row((0..<count).map { run(0.7, failed: $0 < failed ? .collapsed : nil) }), level: 0.95)
    }
    XCTAssertEqual(warnings(0, of: 25), [])
    XCTAssertEqual(warnings(25, of: 25), [])
    XCTAssertEqual(warnings(7, of: 25), ["median_hides_failures"])
    XCTAssertEqual(warnings(13, of: 25), ["median_hides_successes"])
    XCTAssertEqual(warnings(19, of: 25), ["iqm_hides_successes", "median_hides_successes"])
    XCTAssertEqual(warnings(2, of: 4), [])
    XCTAssertEqual(warnings(0, of: 1), ["one_run_no_spread"])
  }

  /// Nine scores of which one lies apart may come from a distribution with any spread; nine even ones may not.
  func testImpreciseSpread() {
    let even = (0..<9).map { run(0.7 + 0.01 * Double($0)) }
    XCTAssertEqual(IntervalColumns.warnings(row(even), level: 0.95), [])
    let skewed = even.dropLast() + [run(0.3)]
    XCTAssertEqual(IntervalColumns.warnings(row(Array(skewed)), level: 0.95), ["sd_successful_imprecise"])
  }

  /// Without failures, with four of them, or with fewer than 50 runs, an interval over all runs is not to be relied upon.
  func testUnreliableIntervals() {
    for (failed, count, reliable) in [
      (0, 50, "false"), (4, 50, "false"), (46, 50, "false"), (5, 10, "false"), (20, 49, "false"), (5, 50, "true"),
      (45, 50, "true"), (34, 50, "true"),
    ] {
      let runs = (0..<count).map { run(0.6 + 0.001 * Double($0), failed: $0 < failed ? .collapsed : nil) }
      XCTAssertEqual(columns(row(runs))["overall_intervals_reliable"], reliable, "\(failed) of \(count)")
    }
  }

  func testSelection() throws {
    // Chosen on A, the best of five is seed 5: .8 there, .7 on B. Checkpoints gain .02 on A and nothing on B.
    let runs = (1...5).map { seed in
      let (a, b) = (0.7 + 0.02 * Double(seed), 0.65 + 0.01 * Double(seed))
      return ScoredRun(
        seeds: "\(seed)", value: (a + b) / 2, failure: nil, finalHalves: (a, b), bestHalves: (a + 0.02, b))
    }
    let found = columns(row(runs))
    for (name, value) in [
      ("selected_a_5", 0.8), ("selected_b_5", 0.7), ("optimism_5", 0.04 - 0.02), ("checkpoint_gain_a", 0.02),
      ("checkpoint_gain_b", 0), ("halves_covariance", 0.02 * 0.01 * 2.5), ("halves_correlation", 1),
      ("sd_surviving", (0.02 * 0.01 * 2.5).squareRoot()), ("expected_max_unbiased_5", 0.75), ("n_halves", 5),
      // The mean of the successful runs is (.76 + .68) / 2.
      ("dev_standard_error", (0.72 * 0.28 / 100).squareRoot()),
    ] { XCTAssertEqual(try number(found, name), value, accuracy: 1e-12, name) }
    // A run that collapsed after its best checkpoint gains .5 more, and did not succeed.
    let collapsed = ScoredRun(
      seeds: "6", value: 0.3, failure: .collapsed, finalHalves: (0.3, 0.3), bestHalves: (0.8, 0.7))
    let mixed = columns(row(runs + [collapsed]))
    XCTAssertEqual(try number(mixed, "checkpoint_gain_a"), 0.1, accuracy: 1e-12)
    XCTAssertEqual(try number(mixed, "checkpoint_gain_median_a"), 0.02, accuracy: 1e-12)
    XCTAssertEqual(try number(mixed, "checkpoint_gain_median_b"), 0, accuracy: 1e-12)
    XCTAssertEqual(try number(mixed, "checkpoint_gain_successful_a"), 0.02, accuracy: 1e-12)
    XCTAssertEqual(try number(mixed, "checkpoint_gain_successful_b"), 0, accuracy: 1e-12)
    XCTAssertEqual(found["expected_max_unbiased_10"], "")
    XCTAssertEqual(found["optimism_10"], "")
  }

  /// A diverged run has the constant classifier's score when the best of several is expected, and ranks last elsewhere.
  func testDivergedRun() throws {
    let found = columns(row([run(0.7), run(.nan, failed: .diverged)] + (0..<3).map { _ in run(0.5) }))
    XCTAssertEqual(try number(found, "expected_max_unbiased_5"), 0.7)
    XCTAssertEqual(found["q05"], "nan")
    XCTAssertEqual(found["median_low"], "")
  }

  func testNoRunsAndOneRun() {
    let none = columns(row([]))
    for name in (IntervalColumns.all + SelectionColumns.all).map(\.name) {
      let isConvention = name.hasSuffix("_method") || ["resamples", "bootstrap_seed", "n_halves"].contains(name)
      XCTAssertEqual(none[name] == "", !isConvention, name)
    }
    let one = columns(row([run(0.7)]))
    for name in ["sd", "sd_low", "mean_low", "mean_successful_high", "sd_successful_low"] {
      XCTAssertEqual(one[name], "", name)
    }
  }

  func testRowsDoNotDependOnCores() {
    let rows = (0..<40).map { place in row((0..<6).map { run(0.6 + 0.001 * Double($0 * place % 7)) }) }
    XCTAssertEqual(
      SummaryTable.rows(rows, options: options), rows.map { SummaryTable.rows([$0], options: options)[0] })
  }

  /// Of runs from which one is selected, a diverged one has the constant classifier's score on both halves, as where the best of
  /// several is expected. Chosen among all six of A = .72 ... .80 and .5: .8, and .7 on B.
  func testSelectionAmongDivergedRuns() throws {
    let runs = (1...5).map { seed in
      ScoredRun(
        seeds: "\(seed)", value: 0.7, failure: nil, finalHalves: (0.7 + 0.02 * Double(seed), 0.65 + 0.01 * Double(seed))
      )
    }
    let diverged = ScoredRun(seeds: "6", value: .nan, failure: .diverged)
    let found = columns(row(runs + [diverged]))
    // Five of six without replacement: the best is among them in 5 of 6 draws, else the second best is.
    XCTAssertEqual(try number(found, "selected_a_5"), 0.8 * 5 / 6 + 0.78 / 6, accuracy: 1e-12)
    XCTAssertEqual(try number(found, "selected_b_5"), 0.7 * 5 / 6 + 0.69 / 6, accuracy: 1e-12)
    // Four runs and one that diverged are five: the best of all five is the best of the four.
    XCTAssertEqual(try number(columns(row(runs.dropLast() + [diverged])), "selected_a_5"), 0.78, accuracy: 1e-12)
    var unknown = row(runs + [diverged])
    unknown.constantScore = nil
    XCTAssertEqual(columns(unknown)["selected_a_5"], "", "as mean_imputed, which is not known either")
    XCTAssertEqual(columns(row([run(0.7), run(.nan, failed: .diverged)]))["selected_a_5"], "")
  }

  /// Where every run of every recipe on a task failed, each of its rows says so; a text that the vocabulary lacks is told too.
  func testWarningsOfWhatCannotTell() throws {
    func summary(_ task: String, failed: Int, of count: Int) -> SummaryRow {
      var row = row((0..<count).map { run(0.6, failed: $0 < failed ? .neverLearned : nil) })
      row.task = task
      return row
    }
    let index = try XCTUnwrap(SummaryTable.columns.firstIndex { $0.name == "warnings" })
    func warnings(_ rows: [SummaryRow]) -> [String] {
      SummaryTable.rows(rows, options: options).map { $0[index].encoded }
    }
    XCTAssertEqual(
      warnings([
        summary("a", failed: 3, of: 3), summary("a", failed: 2, of: 2), summary("b", failed: 3, of: 3),
        summary("b", failed: 2, of: 3), summary("c", failed: 0, of: 0),
      ]), ["all_runs_failed", "all_runs_failed", "", "median_hides_successes", ""])
    var unknown = summary("a", failed: 3, of: 3)
    unknown.unknownShare = 0.05
    XCTAssertEqual(warnings([unknown]), ["all_runs_failed;unknown_tokens"])
    unknown.unknownShare = 0.049
    XCTAssertEqual(warnings([unknown]), ["all_runs_failed"])
  }

  /// Scores on a test set are summarized beside the others, over all runs that have one, and judge nothing.
  func testScoresOnATestSet() throws {
    var row = SummaryRow(Example.trial(1), hyperparameters: TrialColumns.values(of: TrialConfiguration()))
    for (correct, test) in [([9], 0.6), ([6], 0.2), ([8], 0.4)] {
      var outcome = Example.outcome(correct: correct)
      outcome.test = Evaluation(step: 5, epoch: 1, value: test, valueA: test, valueB: test, loss: 1)
      let failure = FailureRule.baseline.failure(of: outcome, score: .final)
      XCTAssertEqual(failure == nil, correct[0] > 6)
      row.add(outcome, seeds: "", failure: failure, score: .final)
    }
    var diverged = Example.diverged()
    diverged.test = Evaluation(step: 5, epoch: 1, value: .nan, valueA: .nan, valueB: .nan, loss: .nan)
    row.add(diverged, seeds: "", failure: .diverged, score: .final)
    let found = columns(row)
    XCTAssertEqual(found["n_test"], "3")
    XCTAssertEqual(try number(found, "mean_test"), 0.4, accuracy: 1e-15)
    XCTAssertEqual(try number(found, "sd_test"), 0.2, accuracy: 1e-15)
    let none = columns(self.row([run(0.7)]))
    XCTAssertEqual([none["n_test"], none["mean_test"], none["sd_test"]], ["", "", ""])
  }

  /// Each further set has columns in the tables of sweeps that have it: over all runs with a score and over the successful ones.
  func testScoresOnFurtherSets() throws {
    var row = SummaryRow(Example.trial(1), hyperparameters: TrialColumns.values(of: TrialConfiguration()))
    for (correct, value) in [([9], 0.6), ([6], 0.2), ([8], 0.5)] {
      var outcome = Example.outcome(correct: correct)
      outcome.devSets = [
        DevSetScore(
          "far", exampleCount: 40, Evaluation(step: 5, epoch: 1, value: value, valueA: 0, valueB: 0, loss: 1))
      ]
      let failure = FailureRule.baseline.failure(of: outcome, score: .final)
      XCTAssertEqual(failure == nil, correct[0] > 6)
      row.add(outcome, seeds: "", failure: failure, score: .final)
    }
    var diverged = Example.diverged()
    diverged.devSets = [
      DevSetScore(
        "far", exampleCount: 40, Evaluation(step: 5, epoch: 1, value: .nan, valueA: .nan, valueB: .nan, loss: .nan))
    ]
    row.add(diverged, seeds: "", failure: .diverged, score: .final)
    let extra = ExtraColumns(devSets: ["far", "near"])
    let fields = SummaryTable.rows([row], options: options, extra: extra)[0].map(\.encoded)
    let found = Dictionary(uniqueKeysWithValues: zip(SummaryTable.columns.names() + extra.summaryNames, fields))
    XCTAssertEqual(fields.count, SummaryTable.columns.count + 12)
    XCTAssertEqual(found["n_dev_far"], "3")
    XCTAssertEqual(try number(found, "mean_dev_far"), 1.3 / 3, accuracy: 1e-15)
    XCTAssertEqual(try number(found, "sd_dev_far"), 0.20816659994661327, accuracy: 1e-15)
    XCTAssertEqual(found["n_successful_dev_far"], "2")
    XCTAssertEqual(try number(found, "mean_successful_dev_far"), 0.55, accuracy: 1e-15)
    XCTAssertEqual(try number(found, "sd_successful_dev_far"), 0.1 / 2.0.squareRoot(), accuracy: 1e-15)
    XCTAssertEqual(extra.summaryNames.suffix(6).map { found[$0] }, [String](repeating: "", count: 6))
    XCTAssertEqual(SummaryTable.rows([row], options: options)[0].count, SummaryTable.columns.count)
    for name in extra.summaryNames {
      let known = SummaryTable.devSetColumn(named: name)
      XCTAssertEqual(known?.column.name, name)
      XCTAssertEqual(known?.devSet, name.hasSuffix("far") ? "far" : "near")
    }
    XCTAssertEqual(SummaryTable.devSetColumn(named: "mean_dev_a_dev_b")?.devSet, "a_dev_b")
    // A set whose columns would be called like others may not be.
    let taken = SummaryTable.columns.names().compactMap { SummaryTable.devSetColumn(named: $0)?.devSet }
    XCTAssertEqual(taken, ["set"])
    XCTAssertTrue(Set(taken).isSubset(of: DevSetSpecification.reservedNames))
    for name in ["mean_dev_", "mean_dev_A", "median_dev_far", "mean_test"] {
      XCTAssertNil(SummaryTable.devSetColumn(named: name), name)
    }
  }
}
