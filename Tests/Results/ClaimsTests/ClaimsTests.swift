// Verdicts on tables written here, each number computed by hand; and every way a claims file can be wrong.

import Foundation
import ResultsSupport
import Storage
import Tables
import Trials
import XCTest

@testable import Claims

final class ClaimsTests: XCTestCase {
  private let folder = NSTemporaryDirectory() + "claims-\(UUID().uuidString)"

  override func setUpWithError() throws {
    try write(
      "a/trials.csv",
      """
      variant,seed,failed,loss,chance,score,digest,note
      plain,1,true,0.7,0.7,0.5,aa,"x, y"
      plain,2,true,0.63,0.7,0.5,ab,
      plain,3,false,0.1,0.7,0.9,ac,
      plain,4,true,,0.7,nan,ad,
      fixed,1,false,0.01,0.5,0.90,aa,
      fixed,2,false,0.02,0.5,0.94,ab,
      fixed,3,false,0.03,0.5,0.92,xx,
      fixed,5,false,0.04,0.5,0.96,ae,

      """)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, _ text2: String) throws {
    let path = folder + "/" + text
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text2.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func judged(_ value: String, _ relation: String = "at_least: 0") throws -> JudgedCondition {
    let text = "{ claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', value: \(value), \(relation) }] }] }"
    let file = try ClaimsReader.file(Array(text.utf8), name: "c.json5")
    return try JudgedClaim(file.claims[0], in: ResultTables(folder: folder, judgedFor: file)).conditions[0]
  }

  private func value(_ text: String) throws -> Double {
    let judged = try judged(text)
    return try XCTUnwrap(judged.value, "\(judged.verdict)")
  }

  func testColumns() throws {
    let plain = "run: 'a', where: { variant: 'plain' }"
    let failed = "run: 'a', where: { failed: true }"
    XCTAssertEqual(try value("{ \(plain), column: 'failed', reduce: 'mean' }"), 0.75)
    XCTAssertEqual(try value("{ \(plain), reduce: 'count' }"), 4)
    XCTAssertEqual(try value("{ \(failed), column: 'loss', reduce: 'max' }"), 0.7, "an empty field is no number")
    XCTAssertEqual(try value("{ \(failed), column: 'loss', over: 'chance', reduce: 'min' }"), 0.9, accuracy: 1e-15)
    XCTAssertEqual(try value("{ run: 'a', where: { seed: 3.0, variant: 'fixed' }, column: 'loss' }"), 0.03)
    XCTAssertEqual(
      try value("{ run: 'a', where: { loss: { below: 0.05 } }, column: 'loss', reduce: 'sum' }"), 0.1, accuracy: 1e-15)
    XCTAssertEqual(try value("{ run: 'a', where: { seed: [1, 5] }, column: 'score', reduce: 'median' }"), 0.9)
    XCTAssertEqual(
      try value("{ run: 'a', where: { variant: 'fixed' }, column: 'score', reduce: 'sd' }"), (0.002 / 3).squareRoot(),
      accuracy: 1e-15)
    XCTAssertEqual(try value("{ ratio: [{ difference: [3, 1] }, 4] }"), 0.5)
  }

  /// Boschloo's p of 3 of 4 against 0 of 4 is SciPy's `boschloo_exact` as twice the smaller one-sided p; Levene's are
  /// `scipy.stats.levene` with center mean and median on (.9, .94, .92, .96) and (.5, .5, .9); Mann and Whitney's are
  /// `scipy.stats.mannwhitneyu(method='exact')` on (.7, .63, .1) and (.01, .02, .03, .04).
  func testTests() throws {
    let groups = "[{ run: 'a', where: { variant: 'plain' } }, { run: 'a', where: { variant: 'fixed' } }]"
    XCTAssertEqual(try value("{ boschloo: \(groups) }"), 0.0703125, accuracy: 1e-9)
    let scores = """
      [{ run: 'a', where: { variant: 'fixed' }, column: 'score' },
       { run: 'a', where: { variant: 'plain', seed: [1, 2, 3] }, column: 'score' }]
      """
    XCTAssertEqual(try value("{ levene: \(scores) }"), 0.00871184163090801, accuracy: 1e-12)
    XCTAssertEqual(try value("{ levene: \(scores), center: 'median' }"), 0.357090030336562, accuracy: 1e-12)
    let losses = """
      [{ run: 'a', where: { variant: 'plain' }, column: 'loss' }, { run: 'a', where: { variant: 'fixed' }, column: 'loss' }]
      """
    XCTAssertEqual(try value("{ mann_whitney: \(losses) }"), 0.0571428571428571, accuracy: 1e-12)
  }

  func testSpearman() throws {
    let rows = "run: 'a', where: { variant: 'fixed' }, column: 'loss', with: 'score'"
    // Ranks 1 2 3 4 against 1 3 2 4: r = 1 - 6 * 2 / (4 * 15) = .8; atanh(.8) -+ 1.96 sqrt((1 + .32) / 1).
    XCTAssertEqual(try value("{ spearman: { \(rows) } }"), 0.8, accuracy: 1e-15)
    let reach = 1.959963984540054 * 1.32.squareRoot()
    XCTAssertEqual(
      try value("{ difference: [{ spearman: { \(rows) }, end: 'low' }, -1] }"), tanh(atanh(0.8) - reach) + 1,
      accuracy: 1e-9)
    XCTAssertEqual(try value("{ spearman: { \(rows) }, end: 'high' }"), tanh(atanh(0.8) + reach), accuracy: 1e-9)
  }

  /// Rows in one order have the correlation 1 and no interval: 1.96 standard errors from infinity are no end.
  func testWhatIsNoNumber() throws {
    let rows = "run: 'a', where: { variant: 'fixed' }, column: 'loss', with: 'seed'"
    XCTAssertEqual(try value("{ spearman: { \(rows) } }"), 1)
    for end in ["low", "high"] {
      XCTAssertEqual(
        try reason("{ spearman: { \(rows) }, end: '\(end)' }"),
        "a/trials.csv where variant fixed: the ranks of 4 rows are in one order or in the opposite one, and such a correlation has no "
          + "interval")
    }
    for below in ["0", "{ difference: [2, 2] }"] {
      XCTAssertEqual(try reason("{ ratio: [1, \(below)] }"), "a ratio is over 0")
    }
    try write("zero/trials.csv", "x,y\n1,0\n")
    XCTAssertEqual(
      try reason("{ run: 'zero', column: 'x', over: 'y' }"),
      "zero/trials.csv: x cannot be divided by y, which is 0 in a row")
  }

  /// The rows of a quantity in its order, whatever it is made of.
  func testTheRowsOfAQuantity() throws {
    let text = """
      { claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', value: { ratio: [
        { difference: [{ run: 'a', column: 'x' }, 1] }, { spearman: { run: 'b', column: 'x', with: 'y' } }] },
        above: { levene: [{ run: 'c', column: 'x' }, { run: 'd', column: 'x' }] } }] }] }
      """
    let file = try ClaimsReader.file(Array(text.utf8), name: "c.json5")
    XCTAssertEqual(file.claims[0].conditions[0].rows.map(\.run), ["a", "b", "c", "d"])
  }

  func testDiffering() throws {
    let groups = """
      [{ run: 'a', where: { variant: 'plain' }, column: 'digest' }, { run: 'a', where: { variant: 'fixed' }, column: 'digest' }]
      """
    XCTAssertEqual(try value("{ differing: \(groups), by: ['seed'] }"), 3, "seed 3 differs; 4 and 5 have no partner")
    XCTAssertTrue(try reason("{ differing: \(groups), by: ['variant'] }").contains("4 rows for 1 keys (variant)"))
  }

  func testRelations() throws {
    for (relation, holds) in [
      ("below: 1", false), ("above: 1", false), ("at_most: 1", true), ("at_least: 1", true), ("below: 1.1", true),
      ("above: 0.9", true), ("at_most: 0.9", false), ("at_least: 1.1", false), ("below: { ratio: [4, 2] }", true),
    ] { XCTAssertEqual(try judged("1", relation).verdict, holds ? .holds : .fails, relation) }
  }

  private func reason(_ value: String) throws -> String {
    guard case .notRun(let reason) = try judged(value).verdict else { return "" }
    return reason
  }

  /// Tables show nothing of a fault: the journal beside them does. A true result in the place of the injected one counts.
  func testInjectedResultsAreNoEvidence() throws {
    let count = "{ run: 'a', where: { variant: 'plain' }, reduce: 'count' }"
    func record(_ trial: Int, attempt: Int, fault: String?) -> JournalRecord {
      var timing = Example.timing
      timing.fault = fault
      return .outcome(
        TrialRecord(
          trial: Example.name(trial), attempt: attempt, fingerprint: "f", timing: timing, outcome: Example.diverged()))
    }
    func start(_ fault: String?) -> JournalRecord {
      var start = Example.start
      start.fault = fault
      return .runStart(start)
    }
    let journal = folder + "/a/journal.jsonl"
    let writer = try JournalWriter(path: journal, epoch: 1)
    try writer.append([start("nan"), record(1, attempt: 1, fault: nil)])
    XCTAssertEqual(try reason(count), "", "a fault that struck no trial changed no result")
    try writer.append([record(2, attempt: 1, fault: "nan"), record(3, attempt: 1, fault: "nan")])
    for table in ["", "table: 'summary.csv', column: 'n', "] {
      XCTAssertEqual(
        try reason("{ run: 'a', \(table)reduce: 'count' }"),
        "a: 2 results were made under --inject nan; 'seedsweep run' without --inject trains their trials again")
    }
    try JournalWriter(path: journal, epoch: 2).append(
      [start(nil)] + [2, 3].map { record($0, attempt: 2, fault: nil) })
    XCTAssertEqual(try reason(count), "")
    XCTAssertEqual(try value(count), 4)
  }

  /// Runs that a rule stopped have no result, and those that went on were chosen; that they were finished anyway is no harm.
  func testStoppedRunsAreNoEvidence() throws {
    let advice =
      "run the sweep once more with stop=null and the same --output, which continues the stopped runs and no others"
    try write("b/other.csv", "x\n1\n")
    for (fates, what) in [
      ("", nil), ("finished", nil), ("stopped", "1 run that an early-stop rule stopped before it had a result"),
      ("waiting,finished,stopped", "2 runs that an early-stop rule stopped before they had a result"),
    ] {
      let rows = fates.split(separator: ",", omittingEmptySubsequences: false).map { "\n2,\($0)" }.joined()
      try write("b/trials.csv", "x,early_stop\n1,\(rows)\n")
      for table in ["trials.csv", "other.csv"] {
        XCTAssertEqual(
          try reason("{ run: 'b', table: '\(table)', column: 'x', reduce: 'max' }"),
          what.map { "b has \($0); \(advice)" } ?? "")
      }
    }
  }

  /// The run folder itself in the place of the folder that it is in.
  func testARunFolderHoldsNoRuns() throws {
    try write("journal.jsonl", "")
    XCTAssertEqual(
      try reason("{ run: 'b', column: 'x' }"),
      "b was not run; \(folder) is a run folder itself, and --runs names the folder that it is in")
  }

  func testWhatWasNotRunSaysWhy() throws {
    XCTAssertEqual(try reason("{ run: 'b', column: 'x' }"), "b was not run")
    XCTAssertEqual(
      try reason("{ run: 'a', table: 'forgetting.csv', column: 'x' }"),
      "a has no forgetting.csv; 'seedsweep columns' says which command writes it")
    XCTAssertEqual(try reason("{ run: 'a', column: 'x' }"), "a/trials.csv has no column x")
    XCTAssertEqual(
      try reason("{ run: 'a', column: 'losss' }"), "a/trials.csv has no column losss; did you mean \"loss\"?")
    XCTAssertEqual(
      try reason("{ run: 'a', where: { variant: 'plain', loss: { at_most: 0 } }, column: 'loss' }"),
      "a/trials.csv where variant plain, loss at most 0.0: 0 rows, at least 1 needed")
    XCTAssertEqual(
      try reason("{ run: 'a', where: { variant: 'fixed' }, column: 'loss' }"),
      "a/trials.csv where variant fixed: 4 rows where one is meant")
    XCTAssertEqual(try reason("{ run: 'a', column: 'note' }"), "a/trials.csv: \"x, y\" in note is no number")
    XCTAssertEqual(try reason("{ run: 'a', where: { seed: 4 }, column: 'score' }"), "a value is not a number")
    let count = "{ run: 'a', where: { variant: 'plain' }, reduce: 'count' }"
    for (status, expected) in [
      ("\"running\"", "a is not finished"), ("\"drained\"", "a is not finished"), ("\"complete\"", ""),
      ("\"complete\", \"limit\": 2", "a was run with --limit 2, not to its end"),
      ("\"complete\", \"shard\": \"0/2\"", "a holds --shard 0/2 only; 'seedsweep merge' joins all shards"),
    ] {
      try write("a/status.json", "{ \"verdict\": \(status) }")
      XCTAssertEqual(try reason(count), expected)
    }
    try write("a/status.json", "{ \"verdict\": \"complete\" }")
    // A slip is no count of 0.
    XCTAssertEqual(
      try reason("{ run: 'a', where: { variant: ['none', 'nil'] }, reduce: 'count' }"),
      "a/trials.csv has no variant none or nil")
    XCTAssertEqual(
      try reason("{ run: 'a', where: { variant: { below: 3 } }, reduce: 'count' }"),
      "a/trials.csv: \"plain\" in variant is no number")
    XCTAssertEqual(
      try reason("{ boschloo: [{ run: 'a', column: 'score' }, { run: 'a' }] }"),
      "a/trials.csv: 0.5 in score is no flag, as a rate needs")
    XCTAssertEqual(
      try reason("{ spearman: { run: 'a', where: { variant: 'fixed' }, column: 'loss', with: 'digest' } }"),
      "a/trials.csv: \"aa\" in digest is no number")
    // Failures by another rule are other failures.
    for (rule, score, expected) in [
      ("accuracy", "final", ""),
      (
        "below=0.8", "final",
        "a is judged by --failure-rule below=0.8 --score final, the claims are about accuracy and final"
      ),
      (
        "accuracy", "best",
        "a is judged by --failure-rule accuracy --score best, the claims are about accuracy and final"
      ),
    ] {
      try write("a/summary.csv", "failure_rule,score\n\(rule),\(score)\n")
      XCTAssertEqual(try reason(count), expected)
    }
    try write("a/summary.csv", "failure_rule,score\nbelow=0.8,best\n")
    let text =
      "{ failure_rule: 'below=0.8', score: 'best', claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', value: \(count), above: 0 }] }] }"
    let file = try ClaimsReader.file(Array(text.utf8), name: "c")
    XCTAssertEqual(
      try JudgedClaim(file.claims[0], in: ResultTables(folder: folder, judgedFor: file)).verdict, .holds)
    try FileManager.default.removeItem(atPath: folder + "/a/summary.csv")
    try write("a/other.csv", "x,failure_rule,score\n1,constant,final\n")
    XCTAssertTrue(
      try reason("{ run: 'a', table: 'other.csv', column: 'x' }").hasPrefix("a is judged by --failure-rule constant"))
    try write("short/trials.csv", "a,b\n1\n")
    let short = try reason("{ run: 'short', column: 'a' }")
    XCTAssertTrue(short.hasPrefix("short/trials.csv:2"), short)
  }

  func testAClaimHoldsIfAllConditionsDo() throws {
    func claim(_ conditions: [String], requires: String = "", runs: [String] = [""]) throws -> ReplicatedClaim {
      let list = conditions.map { "{ what: 'w', \($0) }" }.joined(separator: ", ")
      let text =
        "{ claims: [{ claim: 7, says: 'it is so', requires: [\(requires)], conditions: [\(list)] }] }"
      let file = try ClaimsReader.file(Array(text.utf8), name: "c")
      return try ReplicatedClaim(
        file.claims[0], in: runs.map { ResultTables(folder: folder + $0, judgedFor: file) })
    }
    let (yes, no, missing) = ("value: 1, above: 0", "value: 1, below: 0", "value: { run: 'b', column: 'x' }, above: 0")
    XCTAssertEqual(try claim([yes, yes]).draws[0].verdict, .holds)
    XCTAssertEqual(try claim([yes, no]).draws[0].verdict, .fails)
    XCTAssertEqual(try claim([no, missing]).draws[0].verdict, .notRun("b was not run"))
    let judged = try claim([yes, no, missing, "value: 1, above: { ratio: [4, 8] }"])
    XCTAssertEqual(
      VerdictTable.markdown([judged], folders: ["out"]),
      """
      | # | claim | verdict | condition | asked | found |
      |---|---|---|---|---|---|
      | 7 | it is so | **not run** | w | above 0 | yes: 1 |
      |  | |  | w | below 0 | **no**: 1 |
      |  | |  | w | above 0 | not run: b was not run |
      |  | |  | w | above | yes: 1, asked: above 0.5 |

      """)
    // Too few runs to tell are no evidence.
    let short = try claim([no], requires: "{ what: 'enough runs', value: 3, at_least: 5 }")
    XCTAssertEqual(short.draws[0].verdict, .notRun("required: enough runs"))
    XCTAssertTrue(
      VerdictTable.markdown([short], folders: ["out"]).contains(
        "| **not run** | required: enough runs | at least 5 | **no**: 3 |\n"),
      VerdictTable.markdown([short], folders: ["out"]))
    XCTAssertEqual(try claim([no], requires: "{ what: 'w', value: 5, at_least: 5 }").words, Verdict.fails.words)
    let missingTwice = try claim([missing, missing], runs: [""])
    XCTAssertTrue(
      VerdictTable.markdown([missingTwice], folders: ["out"]).hasSuffix(
        "| above 0 | not run: b was not run |\n|  | |  | w | above 0 |  |\n"),
      VerdictTable.markdown([missingTwice], folders: ["out"]))
    // Folders that cannot tell count for nothing.
    try write("other/a/trials.csv", "x\n-1\n")
    try write("same/a/trials.csv", "x\n2\n")
    let above = "value: { run: 'a', column: 'x' }, above: 0"
    XCTAssertEqual(try claim([above], runs: ["/same", "/other"]).words, "holds in 1 of 2")
    XCTAssertEqual(try claim([above], runs: ["/same", "/none"]).words, "holds (1 of 1)")
    XCTAssertEqual(try claim([yes], runs: ["/same", "/other"]).words, "holds (2 of 2)")
    XCTAssertEqual(try claim([no], runs: ["/same", "/other"]).words, "does not hold at this scale (0 of 2)")
    XCTAssertEqual(try claim([above], runs: ["/none", "/nowhere"]).words, "not run")
    var barred = try claim([yes])
    barred.claim.says = "P(A | B)\nis so"
    barred.claim.conditions[0].what = "a | b"
    XCTAssertTrue(
      VerdictTable.markdown([barred], folders: ["out"]).hasSuffix(
        "| 7 | P(A \\| B) is so | **holds** | a \\| b | above 0 | yes: 1 |\n"),
      VerdictTable.markdown([barred], folders: ["out"]))
    XCTAssertEqual(
      VerdictTable.columns.fields(of: VerdictTable.rows([judged], folders: ["out"])[2]).map(\.encoded),
      ["7", "it is so", "not run", "out", "not run", "w", "", "above", "", "not run", "b was not run"])
  }

  func testWrongFilesAreRefusedWithTheirPlace() {
    func message(_ text: String) -> String {
      do {
        _ = try ClaimsReader.file(Array(text.utf8), name: "c.json5")
        return ""
      } catch { return "\(error)" }
    }
    func condition(_ text: String) -> String {
      message("{ claims: [{ claim: 1, says: 's', conditions: [\n{ what: 'w', \(text) }] }] }")
    }
    XCTAssertEqual(message("{ claims: [] }"), "c.json5:1:11: claims: expected at least one")
    XCTAssertEqual(condition("value: 1, at_most: NaN"), "c.json5:2:33: expected a finite number, found nan")
    XCTAssertEqual(condition("value: Infinity, at_most: 1"), "c.json5:2:21: expected a finite number, found inf")
    XCTAssertEqual(
      condition("value: { run: 'a', where: { x: { below: NaN } }, column: 'x' }, above: 0"),
      "c.json5:2:54: expected a finite number, found nan")
    XCTAssertEqual(
      message("{ claim: [] }"), "c.json5:1:3: claims file: unknown key \"claim\"; allowed: claims, failure_rule, score")
    XCTAssertEqual(
      message("{ claims: [{ claim: 'one', says: 's', conditions: [{}] }] }"), "c.json5:1:21: claim: expected its number"
    )
    XCTAssertEqual(
      message("{ claims: [{ claim: 2, says: 's', conditions: [] }] }"), "c.json5:1:12: claim 2 has no conditions")
    XCTAssertEqual(
      condition("value: 1, above: 0, below: 2"),
      "c.json5:2:1: a condition has one of below, above, at_most, at_least; found below and above")
    XCTAssertEqual(
      condition("value: { run: 'a', colum: 'x' }, above: 0"),
      "c.json5:2:33: rows: unknown key \"colum\"; allowed: run, table, where, column, over, reduce")
    XCTAssertEqual(condition("value: { run: 'a' }, above: 0"), "c.json5:2:21: rows: column is missing")
    XCTAssertEqual(
      condition("value: { run: 'a', column: 'x', reduce: 'avg' }, above: 0"),
      "c.json5:2:54: reduce: expected only, mean, median, min, max, sum, sd, count")
    XCTAssertEqual(
      condition("value: { run: 'a', where: { x: [] }, column: 'x' }, above: 0"),
      "c.json5:2:45: x: expected at least one value")
    XCTAssertTrue(condition("value: { welch: [1, 2] }, above: 0").hasPrefix("c.json5:2:23: unknown quantity \"welch\""))
    XCTAssertEqual(condition("value: { ratio: [1] }, above: 0"), "c.json5:2:30: ratio: expected a list of two")
    XCTAssertEqual(
      condition("value: { run: 'a', where: { x: { near: 1 } }, column: 'x' }, above: 0"),
      "c.json5:2:45: x: expected one of below, above, at_most, at_least with a number")
    let claim = "{ claim: 1, says: 's', conditions: [{ what: 'w', value: 1, above: 0 }] }"
    XCTAssertEqual(message("{ claims: [\(claim), \(claim)] }"), "c.json5:1:86: claim 1 is stated twice")
    for (rule, near) in [
      ("constan", "; did you mean \"constant\"?"), ("baseline=", "; did you mean \"baseline\"?"), ("mine", ""),
      ("below=x", ""),
    ] {
      XCTAssertEqual(
        message("{ failure_rule: '\(rule)', claims: [\(claim)] }"),
        "c.json5:1:17: failure_rule: expected baseline, accuracy, constant, loss or below=X, or the failure_rule of an imported "
          + "table, found \"\(rule)\"\(near)")
    }
    for rule in ["baseline=0.5271+1e-05", "lower_baseline=0.69-1e-05", "baseline=-0.5", "diverged", "loss"] {
      XCTAssertEqual(message("{ failure_rule: '\(rule)', claims: [\(claim)] }"), "", rule)
    }
    XCTAssertTrue(message("{ claims: [").hasPrefix("c.json5:1:"))
  }
}
