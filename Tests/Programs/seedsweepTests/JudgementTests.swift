// One failure rule and one score in all tables of a folder: what `summarize` was given holds for every command after it, and a
// command that asks for another one makes all tables again. Counts are taken from the scores in trials.csv by this test.

import TestSupport
import XCTest

final class JudgementTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "3"), to: "tiny.json5")
    try perform(["run", "tiny.json5", "--output", "out", "--processes", "1"])
  }

  override func tearDown() { folder = nil }

  @discardableResult
  private func perform(_ words: [String], code: Int32 = 0) throws -> Child.Result {
    let result = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(result.code, code, words.joined(separator: " ") + "\n" + result.output + result.errors)
    return result
  }

  /// The rows of a table that has no quotation marks left of the columns asked for.
  private func column(_ name: String, of table: String) throws -> [String] {
    let rows = folder.text("out/\(table).csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let index = try XCTUnwrap(rows[0].firstIndex(of: name), "\(table): no column \(name)")
    return rows.dropFirst().map { $0[index] }
  }

  /// A rule by which some runs fail, and how many of each recipe's three do.
  private func middleRule() throws -> (name: String, failed: [String]) {
    let scores = try column("value_final", of: "trials").map { try XCTUnwrap(Double($0)) }
    let bound = (try XCTUnwrap(scores.min()) + XCTUnwrap(scores.max())) / 2
    let counts = [scores[..<3], scores[3...]].map { $0.count { $0 < bound } }
    XCTAssertFalse([0, 6].contains(counts.reduce(0, +)), "\(scores)")
    return ("below=\(bound)", counts.map(String.init))
  }

  func testEveryCommandFollowsTheFoldersRule() throws {
    let (rule, failed) = try middleRule()
    let said = try perform(["summarize", "out", "--failure-rule", rule]).output
    XCTAssertTrue(
      said.hasPrefix(
        "All tables of out follow --failure-rule \(rule) --score final now, no longer --failure-rule accuracy --score final.\n"
      ), said)
    XCTAssertEqual(try column("n_failed", of: "summary"), failed)
    try perform(["compare", "out"])
    XCTAssertEqual(try column("failure_rule", of: "comparisons"), [rule])
    XCTAssertEqual(
      [try column("n_failed_b", of: "comparisons"), try column("n_failed_a", of: "comparisons")], failed.map { [$0] })
    try perform(["agreement", "out"])
    XCTAssertEqual(Set(try column("failure_rule", of: "agreement")), [rule])
    XCTAssertEqual(
      try column("n_runs", of: "agreement").enumerated().filter { $0.offset % 4 == 3 }.map(\.element), failed)
    let table = try perform(["table", "out", "--rows", "warmup", "--cells", "n_failed"]).output
    XCTAssertTrue(table.contains("Failed: below \(rule.dropFirst(6))."), table)
    // A run that extends the folder follows it, too.
    let more = try perform(["run", "tiny.json5", "seeds=4", "--output", "out", "--processes", "1"]).output
    XCTAssertTrue(more.contains("\nfail: the metric is below \(rule.dropFirst(6)), at the last evaluation.\n"), more)
    XCTAssertEqual(Set(try column("failure_rule", of: "summary")), [rule])
    XCTAssertEqual(Set(try column("failure_rule", of: "trials")), [rule])
    let status = folder.text("out/status.json")
    let count = try column("n_failed", of: "summary").compactMap(Int.init).reduce(0, +)
    XCTAssertTrue(status.contains("\"failed\": \(count),"), status)
  }

  func testACommandThatAsksForAnotherRuleChangesAllTables() throws {
    try perform(["compare", "out"])
    try perform(["agreement", "out"])
    try perform(["analyze", "correction", "out"])
    try FileManager.default.createDirectory(atPath: folder.path + "/out/figures", withIntermediateDirectories: true)
    let (rule, failed) = try middleRule()
    let words = ["compare", "out", "--failure-rule", rule, "--score", "best"]
    // In a file elsewhere another rule is nobody else's matter.
    let before = try TinySweep.tables(of: folder)
    XCTAssertTrue(try perform(words + ["--output", "other.csv"]).output.hasSuffix("Table: other.csv\n"))
    TinySweep.assertSameTables(before, try TinySweep.tables(of: folder))
    let lines = try perform(words).output.split(separator: "\n").prefix(2)
    XCTAssertEqual(
      lines.joined(separator: "\n"),
      "All tables of out follow --failure-rule \(rule) --score best now, no longer --failure-rule accuracy --score final.\n"
        + "out/comparisons.csv, out/agreement.csv were made by another failure rule or score and are removed; 'seedsweep compare "
        + "out', 'seedsweep agreement out' make them anew; the figures in out/figures still show what was, 'scripts/figures.py "
        + "out' draws them anew")
    for table in ["trials", "summary", "comparisons"] {
      XCTAssertEqual(Set(try column("failure_rule", of: table)), [rule], table)
      XCTAssertEqual(Set(try column("score", of: table)), ["best"], table)
    }
    XCTAssertFalse(folder.has("out/agreement.csv"))
    XCTAssertTrue(folder.has("out/correction_factor.csv"), "which depends on no judgement")
    XCTAssertLessThanOrEqual(
      try column("n_failed", of: "summary").compactMap(Int.init).reduce(0, +),
      failed.compactMap(Int.init).reduce(0, +), "the best evaluation is no worse than the last one")
    // The same command again finds everything in order.
    XCTAssertFalse(try perform(words).output.contains("All tables"))
  }

  func testFoldersThatFollowDifferentRules() throws {
    try perform(["run", "tiny.json5", "seeds=[4,5,6]", "--output", "second", "--processes", "1"])
    try perform(["summarize", "second", "--failure-rule", "constant"])
    let words = ["compare", "out", "second", "--output", "both.csv"]
    XCTAssertEqual(
      try perform(words, code: 2).errors,
      "seedsweep compare: the tables of out follow --failure-rule accuracy --score final, those of second --failure-rule constant "
        + "--score final: add --failure-rule and --score to say which one counts here\n")
    try perform(words + ["--failure-rule", "constant"])
    let merged = try perform(["merge", "out", "second", "--output", "merged"]).output
    XCTAssertTrue(
      merged.contains(
        "The folders' tables follow different failure rules or scores; those of the merged folder follow --failure-rule accuracy "
          + "--score final, and 'seedsweep summarize' changes that.\n"), merged)
    try perform(["summarize", "out", "--failure-rule", "constant"])
    try perform(["merge", "out", "second", "--output", "same"])
    XCTAssertTrue(folder.text("same/summary.csv").contains(",final,constant,6,"), folder.text("same/summary.csv"))
  }
}
