// Tables of a small sweep solved by hand, and their independence of the journal's history.

import Digests
import Foundation
import ResultsSupport
import Trials
import XCTest

@testable import Reports
@testable import Storage

final class TablesTests: FolderTestCase {
  private var output: RunFolder { RunFolder(folder) }

  /// Two recipes of four seeds: .9, .8, one that never learned and one that collapsed; .7, one that diverged, and two
  /// trials that have no result.
  private let trials = (1...4).map { Example.trial($0) } + (5...8).map { Example.trial($0, configuration: 1) }
  private let results: [JournalRecord] = [
    Example.record(1, Example.outcome(correct: [7, 9])),
    Example.record(2, Example.outcome(correct: [8, 8])),
    Example.record(3, Example.outcome(correct: [6, 4], isConstant: true, trainLoss: 0.69)),
    Example.record(4, Example.outcome(correct: [9, 6])),
    Example.record(5, Example.outcome(correct: [7])),
    Example.record(6, Example.diverged(after: [8])),
  ]

  @discardableResult
  private func tables(_ records: [JournalRecord], _ options: TableOptions = TableOptions()) throws -> [SummaryRow] {
    try? FileManager.default.removeItem(atPath: output.journal)
    try JournalWriter(path: output.journal, epoch: 1).append([.runStart(Example.start)] + records)
    return try RunTables.write(trials, from: JournalIndex(path: output.journal), to: output, options: options)
  }

  /// The fields of a CSV file without quotation marks, by row and column name.
  private func rows(_ path: String) throws -> [[String: String]] {
    let lines = try contents(path).split(separator: "\n", omittingEmptySubsequences: true)
    let names = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    XCTAssertEqual(Set(names).count, names.count, "column names are unique")
    return lines.dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      XCTAssertEqual(fields.count, names.count)
      return Dictionary(uniqueKeysWithValues: zip(names, fields))
    }
  }

  private func column(_ name: String, of path: String) throws -> [String?] { try rows(path).map { $0[name] } }

  func testTrialsTable() throws {
    let crashed = Example.record(7, Outcome(status: .crashed, metric: .accuracy))
    try tables(results + [crashed])
    let path = output.trials
    XCTAssertEqual(try column("trial_id", of: path), ["t1", "t2", "t3", "t4", "t5", "t6", "t7"])
    XCTAssertEqual(
      try column("learning_rate", of: path), ["1e-05", "1e-05", "1e-05", "1e-05", "2e-05", "2e-05", "2e-05"])
    XCTAssertEqual(try column("seed_order", of: path), ["1", "2", "3", "4", "5", "6", "7"])
    XCTAssertEqual(
      try column("status", of: path),
      ["completed", "completed", "completed", "completed", "completed", "diverged", "crashed"])
    XCTAssertEqual(try column("failed", of: path), ["false", "false", "true", "true", "false", "true", ""])
    XCTAssertEqual(
      try column("failure_kind", of: path), ["", "", "never_learned", "collapsed", "", "diverged", ""])
    XCTAssertEqual(try column("value_final", of: path), ["0.9", "0.8", "0.4", "0.6", "0.7", "nan", ""])
    XCTAssertEqual(try column("value_best", of: path), ["0.9", "0.8", "0.6", "0.9", "0.7", "0.8", ""])
    XCTAssertEqual(try column("step_best", of: path), ["10", "5", "5", "5", "5", "5", ""])
    XCTAssertEqual(try column("correct_final", of: path), ["9", "8", "4", "6", "7", "", ""])
    XCTAssertEqual(try column("constant_prediction", of: path), ["false", "false", "true", "false", "false", "", ""])
    XCTAssertEqual(try column("train_loss_flat", of: path), ["false", "false", "true", "false", "false", "true", ""])
    XCTAssertEqual(try column("train_loss_final", of: path), ["0.1", "0.1", "0.69", "0.1", "0.1", "nan", ""])
    // P(X >= k) of 10 at .6: for 9 .6^10 + 10 .4 .6^9 = 0.0463574, and 1 - .4^10 - 10 .6 .4^9 - ... for 4 = 0.945238.
    XCTAssertEqual(
      try column("majority_p", of: path), ["0.0463574", "0.16729", "0.945238", "0.633103", "0.382281", "", ""])
  }

  /// The best value is the first of equals; half B is reported where half A is best; NaN is no value.
  func testBestOfHalves() throws {
    var outcome = Example.outcome(correct: [7, 8, 8, 8])
    for (place, halves) in [(0.9, 0.3), (0.95, 0.2), (.nan, .nan), (0.95, 0.8)].enumerated() {
      (outcome.evaluations[place].valueA, outcome.evaluations[place].valueB) = halves
    }
    try tables([Example.record(1, outcome)])
    let row = try rows(output.trials)[0]
    XCTAssertEqual(row["value_best"], "0.8")
    XCTAssertEqual(row["step_best"], "10")
    XCTAssertEqual(row["value_best_a"], "0.95")
    XCTAssertEqual(row["value_best_b"], "0.2")
    XCTAssertEqual(row["value_final_b"], "0.8")
  }

  func testSummaryTable() throws {
    try tables(results)
    let first = try rows(output.summary)[0]
    let second = try rows(output.summary)[1]
    // Failures 2 of 4: Wilson's bounds are (2 + z^2 / 2 -+ z sqrt(1 + z^2 / 4)) / (4 + z^2).
    let expected: [String: String] = [
      "configuration_id": "c0", "variant": "default", "task": "synthetic", "metric": "accuracy", "score": "final",
      "failure_rule": "accuracy", "n": "4", "n_missing": "0", "n_failed": "2", "failure_rate": "0.5",
      "interval_method": "wilson", "level": "0.95", "n_never_learned": "1", "n_collapsed": "1", "n_diverged": "0",
      "n_value": "4", "ddof": "1", "min": "0.4", "max": "0.9", "constant_score": "0.6", "n_successful": "2",
      "n_constant": "1", "n_flat_loss": "1", "n_disagreements": "1",
    ]
    for (name, value) in expected { XCTAssertEqual(first[name], value, name) }
    // .9, .8, .4, .6: mean .675, squares .0506 + .0156 + .0756 + .0056 = .1475, median (.6 + .8) / 2.
    let numbers: [String: Double] = [
      "failure_low": 0.150039, "failure_high": 0.849961, "mean": 0.675, "sd": (0.1475 / 3).squareRoot(), "median": 0.7,
      "iqm": 0.7, "mean_imputed": 0.675, "mean_successful": 0.85, "sd_successful": 0.005.squareRoot(),
    ]
    for (name, value) in numbers {
      XCTAssertEqual(try XCTUnwrap(first[name].flatMap(Double.init)), value, accuracy: 1e-6, name)
    }
    // .7 and a diverged run: the median lies between them, so it is no number; the mean is the one value's.
    for (name, value) in [
      "n": "2", "n_missing": "2", "n_failed": "1", "n_diverged": "1", "n_value": "1", "mean": "0.7", "sd": "",
      "median": "nan", "min": "0.7", "n_successful": "1", "mean_successful": "0.7", "sd_successful": "",
    ] { XCTAssertEqual(second[name], value, name) }
    XCTAssertEqual(try XCTUnwrap(second["mean_imputed"].flatMap(Double.init)), 0.65, accuracy: 1e-15)
  }

  func testOtherRuleAndScore() throws {
    let rows = try tables(results, TableOptions(rule: .below(0.85), score: .best))
    XCTAssertEqual(rows.map(\.failedCount), [2, 2])
    XCTAssertEqual(rows[0].values, [0.9, 0.8, 0.6, 0.9])
    XCTAssertEqual(rows[1].definedValues, [0.7], "a diverged run ranks last, whatever it had reached")
    XCTAssertEqual(try column("value_best", of: output.trials)[5], "0.8", "which its own row still tells")
    XCTAssertEqual(try column("failure_rule", of: output.summary), ["below=0.85", "below=0.85"])
    XCTAssertEqual(try column("score", of: output.summary), ["best", "best"])
    XCTAssertEqual(try column("failure_rule", of: output.trials), Array(repeating: "below=0.85", count: 6))
    XCTAssertEqual(try column("score", of: output.trials), Array(repeating: "best", count: 6))
    XCTAssertEqual(try column("seed", of: output.trials), ["1", "2", "3", "4", "5", "6"])
    XCTAssertEqual(TableOptions(of: output), TableOptions(rule: .below(0.85), score: .best))
  }

  /// Of a folder without tables, with a table of something else and with an empty one.
  func testTheJudgementOfAFolder() throws {
    XCTAssertEqual(TableOptions(of: output), TableOptions())
    for text in ["", "a,b\n", "a,b\n1,2\n", "failure_rule,score\nsometimes,worst\n", "failure_rule\n\"constant\",2\n"] {
      try write(text.utf8, to: output.summary)
      XCTAssertEqual(TableOptions(of: output), TableOptions(), text)
    }
    try write("n,score,\"failure_rule\"\n1,best,constant\n2,final,loss\n".utf8, to: output.summary)
    XCTAssertEqual(TableOptions(of: output), TableOptions(rule: .constant, score: .best))
    let judgement = try XCTUnwrap(TableJudgement(ofTable: output.summary))
    XCTAssertTrue(judgement.differs(from: TableOptions(rule: .constant, score: .final)))
    XCTAssertTrue(judgement.differs(from: TableOptions(rule: .loss, score: .best)))
    XCTAssertFalse(judgement.differs(from: TableOptions(rule: .constant, score: .best)))
  }

  func testCurvesTable() throws {
    var outcome = Example.outcome(correct: [9])
    outcome.curve = [
      CurvePoint(step: 1, epoch: 0.2, quantity: "loss", value: 0.75),
      CurvePoint(step: 1, epoch: 0.2, quantity: "learning_rate", value: 1e-7),
    ]
    try tables([Example.record(1, outcome)])
    XCTAssertEqual(
      try contents(output.curves),
      """
      trial_id,step,epoch,split,quantity,value,variant,seed
      t1,1,0.2,train,loss,0.75,default,1
      t1,1,0.2,train,learning_rate,1e-07,default,1
      t1,5,1.0,dev,loss,0.5,default,1
      t1,5,1.0,dev,accuracy,0.9,default,1
      t1,5,1.0,dev,accuracy_a,0.9,default,1
      t1,5,1.0,dev,accuracy_b,0.9,default,1
      t1,5,1.0,dev,f1,0.5,default,1
      t1,5,1.0,dev,matthews,0.25,default,1
      t1,5,1.0,dev,correct,9,default,1

      """)
  }

  /// Three seeds that differ are all in one field, and a name with a comma is quoted in every row.
  func testTheSeedAndTheVariantOfARun() throws {
    var trial = Example.trial(1, variant: "a, \"b\"")
    trial.seeds = TrialSeeds(initialization: 3, order: 1, dropout: 2)
    try JournalWriter(path: output.journal, epoch: 1).append([
      .runStart(Example.start), Example.record(1, Example.outcome(correct: [9])),
    ])
    try RunTables.write([trial], from: JournalIndex(path: output.journal), to: output)
    let curves = try contents(output.curves).split(separator: "\n").dropFirst()
    XCTAssertEqual(curves.count, 7)
    for row in curves { XCTAssertTrue(row.hasSuffix(#","a, ""b""",3/1/2"#), String(row)) }
    let trials = try contents(output.trials).split(separator: "\n")
    let tests = ",value_test,accuracy_test,f1_test,loss_test,peak_rate,smoothed_rate,early_rate,step_mass,early_stop"
    XCTAssertTrue(trials[0].hasSuffix(",seed,score,failure_rule" + tests), String(trials[0]))
    let row = trials[1].split(separator: ",", omittingEmptySubsequences: false)
    XCTAssertEqual(row.suffix(12).prefix(7).joined(separator: ","), "3/1/2,final,accuracy,,,,")
  }

  /// Every row names the bits it was computed with, also where two leaders' differ and no rank's from its leader's.
  func testTimingsTable() throws {
    let crashed = Example.record(1, attempt: 1, Outcome(status: .crashed, metric: .accuracy))
    try tables([
      Example.handOut(1), crashed, Example.handOut(1, attempt: 2),
      Example.record(1, attempt: 2, Example.outcome(correct: [9])),
    ])
    XCTAssertEqual(
      try contents(output.timings),
      "trial_id,training_s,total_s,startup_s,host,rank,attempts,fingerprint,taken_steps\n"
        + "t1,1.5,2.25,,node01,1,2,\"Haswell \"\"v3\"\"\",\n")
    var elsewhere = Example.start
    elsewhere.fingerprint = "Zen"
    let rank = TrialRecord(
      trial: "t3", attempt: 1, fingerprint: "Prescott", timing: Example.timing, outcome: Example.outcome(correct: [9]))
    try JournalWriter(path: output.journal, epoch: 2).append([
      .runStart(elsewhere), Example.record(2, Example.outcome(correct: [9])), .outcome(rank),
    ])
    try RunTables.write(trials, from: JournalIndex(path: output.journal), to: output)
    XCTAssertEqual(try column("fingerprint", of: output.timings), ["\"Haswell \"\"v3\"\"\"", "Zen", "Prescott"])
  }

  /// Order of arrival, hand-outs, crashes, duplicates, earlier runs and damage leave no trace in the three tables.
  func testTablesDoNotDependOnHistory() throws {
    func snapshot() throws -> [String] { try [output.trials, output.curves, output.summary].map(contents) }
    try tables(results)
    let expected = try snapshot()
    let crash = Example.record(3, Outcome(status: .crashed, metric: .accuracy))
    let histories: [[JournalRecord]] = [
      results.reversed(),
      [Example.handOut(3), crash, Example.handOut(3, attempt: 2)] + results + [results[0], results[5]],
      results + [Example.record(99, Example.outcome(correct: [9]))] + [crash],
    ]
    for history in histories {
      try tables(history)
      XCTAssertEqual(try snapshot(), expected)
    }
    try JournalWriter(path: output.journal, epoch: 2).append([.runStart(Example.start)] + results)
    try RunTables.write(trials, from: JournalIndex(path: output.journal), to: output)
    XCTAssertEqual(try snapshot(), expected)
  }

  func testGradientNormsThatNoRankWrote() throws {
    let path = folder + "/norms.csv"
    func problem(_ text: String, steps: Int = 5) throws -> String? {
      try write(text.utf8, to: path)
      return GradientNormsFile.problem(in: path, ofTrial: "t1", steps: steps, every: 2)
    }
    let header = "trial_id,step,tensor,norm\n"
    let (first, second) = ("t1,2,a,0.5\nt1,2,b,0.0\n", "t1,4,a,1e-3\nt1,4,b,2.0\n")
    XCTAssertNil(try problem(header + first + second))
    XCTAssertNil(try problem(header, steps: 1), "nothing was recorded before the run ended")
    XCTAssertEqual(try problem(""), "its last line has no end")
    XCTAssertEqual(try problem(header + first + second.dropLast()), "its last line has no end")
    XCTAssertEqual(try problem("trial,step,tensor,norm\n" + first), "line 1 is not trial_id,step,tensor,norm")
    XCTAssertEqual(try problem(header), "it has 0 rows for 2 recorded steps")
    XCTAssertEqual(try problem(header + first + "t1,4,a,1e-3\n"), "it has 3 rows for 2 recorded steps")
    XCTAssertEqual(try problem(header + first, steps: 1), "it has 2 rows for 0 recorded steps")
    let row = "line 4 is no row that this trial's rank wrote there"
    for other in ["t2,4,a,1e-3", "t1,5,a,1e-3", "t1,4,c,1e-3", "t1,4,a,-1", "t1,4,a,nan", "t1,4,a", "t1,4,a,1,2"] {
      XCTAssertEqual(try problem(header + first + other + "\nt1,4,b,2.0\n"), row, other)
    }
    XCTAssertEqual(GradientNormsFile.problem(in: "/nowhere", ofTrial: "t1", steps: 5, every: 2), "it is missing")
  }

  func testGradientNormsAreJoinedInPlanOrder() throws {
    for (trial, rowCount) in [("t2", 1), ("t1", 40_000), ("t9", 1), ("t7", 1)] {
      let rows = (0..<rowCount).map { "\(trial),\($0),\"bert.pooler, \"\"x\"\"\",0.5\n\(trial),\($0),b,1e-12\n" }
      // A run wrote the norms of one trial where 0.1.0 did.
      let path = trial == "t1" ? folder + "/gradient_norms/t1.csv" : output.gradientNorms(ofTrial: trial)
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try write(("trial_id,step,tensor,norm\n" + rows.joined()).utf8, to: path)
    }
    try tables(results)
    let lines = try contents(output.gradientNorms).split(separator: "\n")
    XCTAssertEqual(lines.count, 1 + 80_000 + 2)
    XCTAssertEqual(lines[0], "trial_id,step,tensor,norm")
    XCTAssertEqual(lines[1], #"t1,0,"bert.pooler, ""x""",0.5"#)
    XCTAssertEqual(lines[80_000], "t1,39999,b,1e-12")
    XCTAssertEqual(lines[80_002], "t2,0,b,1e-12")
  }

  func testEmptyJournalGivesHeadersAndMissingTrials() throws {
    try tables([])
    XCTAssertEqual(try rows(output.trials).count, 0)
    let summary = try rows(output.summary)
    XCTAssertEqual(summary.map { $0["n"] }, ["0", "0"])
    XCTAssertEqual(summary.map { $0["n_missing"] }, ["4", "4"])
    XCTAssertEqual(summary.map { $0["failure_rate"] }, ["", ""])
    XCTAssertEqual(summary.map { $0["mean"] }, ["", ""])
    XCTAssertFalse(FileManager.default.fileExists(atPath: output.gradientNorms))
  }

  /// A table that cannot be written leaves the old one whole.
  func testFullDiskLeavesTheOldTable() throws {
    try tables(results)
    let before = try contents(output.trials)
    let index = try JournalIndex(path: output.journal)
    try withFileSizeLimit(300) {
      XCTAssertThrowsError(try RunTables.write(trials.prefix(1), from: index, to: output)) {
        XCTAssertEqual(
          "\($0)",
          "cannot write to \(output.trials): File too large (error 27): a file may hold at most 300 bytes here (ulimit -f); type "
            + "`ulimit -f unlimited` and the same command again")
      }
    }
    XCTAssertEqual(try contents(output.trials), before)
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".") }, [],
      "nothing half written")
  }
}

extension RunTables {
  /// Writes the tables of trials that are no plan's.
  @discardableResult
  fileprivate static func write(
    _ trials: some Sequence<Trial>, from index: JournalIndex, to folder: RunFolder,
    options: TableOptions = TableOptions()
  ) throws -> [SummaryRow] {
    var options = options
    options.rule = options.rule.named(for: trials.lazy.map(\.configuration.reportedMetric))
    return try write(trials, nil, from: index, to: folder, options: options) {}
  }
}
