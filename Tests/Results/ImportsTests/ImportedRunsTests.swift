// Runs of others: how they are judged, paired and written, and what is wrong with them.

import Console
import Foundation
import ResultsSupport
import XCTest

@testable import Imports
@testable import Reports
@testable import Storage

final class ImportedRunsTests: FolderTestCase {
  private func run(
    _ line: Int, _ variant: String, _ seed: Int, _ final: Double, best: Double? = nil, task: String = "RTE",
    metric: String = "acc"
  ) -> ImportedRun {
    var run = ImportedRun(
      origin: "runs.csv:\(line)", task: task, variant: variant, seed: seed, metric: metric, final: final)
    run.best = best
    return run
  }

  /// A majority of 73 in 138, stored rounded up: within the tolerance of the baseline a run failed.
  func testFailures() throws {
    let baseline = 73.0 / 138
    let runs = [
      run(2, "a", 1, 0.528986, best: 0.528986), run(3, "a", 2, 0.471, best: 0.7), run(4, "a", 3, 0.529, best: 0.6),
      run(5, "a", 4, .nan, best: 0.7),
    ]
    let tolerant = try ImportedRuns(runs, baselines: ["RTE": baseline], tolerance: 1e-5)
    XCTAssertEqual(runs.map { tolerant.failure(of: $0, score: .final) }, [.neverLearned, .collapsed, nil, .diverged])
    XCTAssertEqual(runs.map { tolerant.failure(of: $0, score: .best) }, [.neverLearned, nil, nil, .diverged])
    let strict = try ImportedRuns(runs, baselines: ["RTE": baseline], tolerance: 0)
    XCTAssertNil(strict.failure(of: runs[0], score: .final), "why a tolerance is needed")
    let row = tolerant.summary(score: .best)[0]
    XCTAssertEqual([row.count, row.failedCount, row.count(of: .diverged)], [4, 2, 1])
    XCTAssertEqual(row.definedValues, [0.528986, 0.7, 0.6])
    XCTAssertEqual(row.rule, "baseline=\(baseline)+1e-05")
  }

  /// A best score that is NaN is judged by `--score best` only, and such a run diverged.
  func testABestScoreThatIsNaN() throws {
    let runs = [
      run(2, "a", 1, 0.7, best: .nan), run(3, "a", 2, 0.6, best: 0.8), run(4, "a", 3, 0.4),
      run(5, "a", 4, 0.7, best: 0.9),
    ]
    let judged = try ImportedRuns(runs, baselines: ["RTE": 0.5], tolerance: 0)
    XCTAssertEqual(runs.map { judged.failure(of: $0, score: .final) }, [nil, nil, .neverLearned, nil])
    XCTAssertEqual(runs.map { judged.failure(of: $0, score: .best) }, [.diverged, nil, .neverLearned, nil])
    let row = judged.summary(score: .best)[0]
    XCTAssertEqual([row.count, row.failedCount, row.count(of: .diverged)], [4, 2, 1])
    XCTAssertEqual(row.definedValues, [0.8, 0.4, 0.9])
    XCTAssertEqual(row.successfulValues, [0.8, 0.9])
    let unjudged = try ImportedRuns(runs, baselines: [:], tolerance: 0)
    XCTAssertEqual(runs.map { unjudged.failure(of: $0, score: .best) }, [.diverged, nil, nil, nil])
    XCTAssertEqual(unjudged.summary(score: .best)[0].successfulValues, [0.8, 0.4, 0.9])
  }

  func testScoresInOtherUnitsThanTheBaselineAreTold() throws {
    func remarks(_ scores: [Double], _ baseline: Double) throws -> [String] {
      let runs = scores.enumerated().map { run($0 + 2, "a", $0, $1) }
      return try ImportedRuns(runs, baselines: ["RTE": baseline], tolerance: 0).remarks
    }
    XCTAssertEqual(
      try remarks([60.1, .nan, 70], 0.5),
      [
        "RTE: scores from 60.1 to 70.0 beside a baseline of 0.5; one of them seems to be in percent: give --baseline in the unit of the scores"
      ])
    XCTAssertEqual(
      try remarks([0.6, 1], 52.7),
      [
        "RTE: scores from 0.6 to 1.0 beside a baseline of 52.7; one of them seems to be in percent: give --baseline in the unit of the scores"
      ]
    )
    XCTAssertEqual(
      try remarks([0.6, 70], 0.5),
      [
        "RTE: scores from 0.6 to 70.0 beside a baseline of 0.5; those above 1 seem to be in percent: give all scores in one unit"
      ])
    XCTAssertEqual(try remarks([0.6, 1], 0.5) + remarks([60, 70], 52.7) + remarks([30, 40], 0), [])
  }

  func testProblems() {
    let runs = [
      run(2, "a", 1, 0.7), run(3, "a", 1, 0.8), run(4, "b", 1, 0.7, metric: "f1"), run(5, "a", 1, 0.3, task: "CoLA"),
    ]
    XCTAssertThrowsError(try ImportedRuns(runs, baselines: ["RTE": 0.5, "CoLa": 0], tolerance: 0)) {
      XCTAssertEqual(
        "\($0)",
        """
        runs.csv:3: RTE a seed 1 stands in runs.csv:2 already
        runs.csv:4: the metric 'f1', where task RTE has 'acc' in runs.csv:2; one metric a task
        no baseline for CoLA; give the score of a classifier that always predicts the largest class, such as --baseline CoLA=0.53
        a baseline for 'CoLa', but there is no such task: RTE, CoLA; did you mean 'CoLA'?
        """)
    }
    XCTAssertEqual(
      ImportError((1...22).map(String.init)).description.split(separator: "\n").suffix(2), ["20", "and 2 more"])
  }

  /// What a remark advises can be typed as it stands, also for a task with a space in its name.
  func testAdvisedBaselinesAreQuoted() throws {
    let runs = [run(2, "a", 1, 0.7, task: "Co LA"), run(3, "a", 1, 0.7)]
    let advice = "such as --baseline 'Co LA=0.53'"
    XCTAssertTrue(try ImportedRuns(runs, baselines: [:], tolerance: 0).remarks[0].hasSuffix(advice))
    XCTAssertThrowsError(try ImportedRuns(runs, baselines: ["RTE": 0.5], tolerance: 0)) {
      XCTAssertTrue("\($0)".hasSuffix(advice), "\($0)")
    }
  }

  func testPairs() throws {
    let runs = [
      run(2, "old", 1, 0.7), run(3, "new", 1, 0.8), run(4, "newer", 1, 0.8), run(5, "new", 1, 0.4, task: "CoLA"),
    ]
    let imported = try ImportedRuns(runs, baselines: ["RTE": 0.5, "CoLA": 0], tolerance: 0)
    let rows = imported.summary(score: .final)
    func names(_ reference: String?) throws -> [String] {
      try imported.pairs(of: rows, reference: reference).map {
        "\($0.candidate.task) \($0.candidateName) \($0.referenceName)"
      }
    }
    XCTAssertEqual(try names(nil), ["RTE new old", "RTE newer old"])
    XCTAssertEqual(try names("new"), ["RTE old new", "RTE newer new"])
    XCTAssertThrowsError(try names("nwe")) {
      XCTAssertEqual("\($0)", "no recipe 'nwe' to compare with; there are old, new, newer")
    }
  }

  func testTables() throws {
    var runs = (1...4).map { run($0 + 1, "old", $0, $0 < 3 ? 0.5 : 0.7, best: 0.7) }
    runs[2].finalElsewhere = 0.65
    runs[2].bestElsewhere = 0.6
    let imported = try ImportedRuns(runs, baselines: ["RTE": 0.5], tolerance: 0)
    let output = RunFolder(folder + "/out")
    try ImportedTables.create(output)
    let source = ImportSource(path: "runs.csv", digest: "abc", settings: [("seed-column", "s")])
    let rows = imported.summary(score: .final)
    try ImportedTables.write(imported, rows, [], from: source, to: output, options: TableOptions())
    let lines = try contents(output.trials).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    XCTAssertEqual(lines[0], TrialsTable.columns.map(\.name))
    let first = Dictionary(uniqueKeysWithValues: zip(lines[0], lines[1]))
    for (name, value) in [
      "variant": "old", "task": "RTE", "seed_init": "1", "seed_dropout": "1", "status": "completed", "failed": "true",
      "failure_kind": "collapsed", "metric": "acc", "value_final": "0.5", "value_best": "0.7", "learning_rate": "",
    ] { XCTAssertEqual(first[name], value, name) }
    XCTAssertEqual(Set(lines.dropFirst().map { $0[0] }).count, 4, "each trial has an identifier of its own")
    let summary = try contents(output.summary).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let row = Dictionary(uniqueKeysWithValues: zip(summary[0], summary[1]))
    for (name, value) in [
      "n": "4", "n_failed": "2", "failure_rule": "baseline=0.5", "n_constant": "", "n_disagreements": "",
      "n_halves": "1", "constant_score": "0.5", "checkpoint_gain_a": "0.1",
    ] { XCTAssertEqual(row[name].map { $0.hasPrefix("0.0999") ? "0.1" : $0 }, value, name) }
    XCTAssertEqual(
      try contents(output.importSource),
      "{\n  \"source\": \"runs.csv\",\n  \"sha256\": \"abc\",\n  \"seed-column\": \"s\"\n}\n")
    XCTAssertNoThrow(try ImportedTables.create(output), "importing again replaces the tables")
    XCTAssertThrowsError(try ImportedTables.create(RunFolder(folder))) {
      XCTAssertTrue("\($0)".hasSuffix("so no import made it; choose a new or empty folder for --output"), "\($0)")
    }
  }

  func testConsole() throws {
    let imported = try ImportedRuns(
      [run(2, "old", 1, 0.5), run(3, "old", 2, 0.75)], baselines: ["RTE": 0.5], tolerance: 0)
    XCTAssertEqual(
      ConsoleTable.text(imported.summary(score: .final)),
      """
      RTE, acc
      recipe  n  fail  rate     95% CI   mean     sd  median    min    max  ok mean  ok sd
      old     2     1  0.50  0.09-0.91  0.625  0.177   0.625  0.500  0.750    0.750      -

      fail: the score is not above the task's baseline, at the last evaluation.
      CI: Wilson's, of the rate; sd: with n - 1; ok: the runs that did not fail.

      """)
  }
}
