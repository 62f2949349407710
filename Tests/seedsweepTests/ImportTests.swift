// `seedsweep import` on the built program: a table as people have it, and everything that may be wrong with one.

import XCTest

@testable import seedsweep

final class ImportTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private let flags = [
    "--output", "out", "--task-column", "dataset", "--variant-column", "method", "--seed-column", "seed",
    "--metric-column", "metric", "--final-column", "last", "--best-column", "best",
  ]

  /// 12 seeds a method: the old one fails with every other seed but two, the new one never.
  private func table() -> String {
    let rows = (0..<12).flatMap { seed in
      [
        "RTE,old,\(seed),acc,\(seed < 8 ? "0.5271" : "0.6\(seed)"),\(seed < 4 ? "0.5271" : "0.71")",
        "RTE,new,\(seed),acc,0.70\(seed),0.72",
      ]
    }
    return (["dataset,method,seed,metric,last,best"] + rows).joined(separator: "\n") + "\n"
  }

  func testImport() throws {
    try folder.write(table(), to: "runs.csv")
    let words = ["import", "runs.csv"] + flags + ["--baseline", "RTE=0.5271"]
    let result = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.contains(
        "\nRTE: new is more stable than old: it failed in 0 of 12 runs against 8 of 12 (difference -0.67, 95% CI -0.86 to "
          + "-0.30; McNemar's exact test on the same seeds, p = 0.008). Of the runs that did not fail: mean 0.7"),
      result.output)
    XCTAssertTrue(result.output.hasSuffix("\nTables: out/summary.csv, trials.csv, comparisons.csv\n"), result.output)
    XCTAssertEqual(folder.text("out/trials.csv").split(separator: "\n").count, 25)
    XCTAssertTrue(folder.text("out/import.json").contains("\"source\": \"runs.csv\""))
    let before = folder.text("out/summary.csv")
    XCTAssertEqual(try Child.seedsweep(words, in: folder.path).code, 0)
    XCTAssertEqual(folder.text("out/summary.csv"), before, "the same bytes again")
    let best = try Child.seedsweep(words + ["--score", "best", "--reference", "new"], in: folder.path)
    XCTAssertTrue(
      best.output.contains("old is not shown to be more or less stable than new: it failed in 4 of 12"), best.output)
  }

  func testWrongTables() throws {
    func errors(_ text: String, _ baselines: [String] = ["RTE=0.5"]) throws -> String {
      try folder.write(text, to: "runs.csv")
      let result = try Child.seedsweep(
        ["import", "runs.csv"] + flags + baselines.flatMap { ["--baseline", $0] }, in: folder.path)
      XCTAssertEqual(result.code, 2)
      XCTAssertFalse(folder.has("out"))
      return result.errors
    }
    XCTAssertTrue(
      try errors("dataset,method,sed,metric,last,best\nRTE,a,1,acc,0.5,0.5\n").hasPrefix(
        "seedsweep import: runs.csv:1: no column \"seed\"; found "))
    XCTAssertEqual(
      try errors("dataset,method,seed,metric,last,best\nRTE,a,one,acc,0.5,\nRTE,,2,acc,high,0.7\n"),
      """
      seedsweep import: runs.csv:2: column 'seed': found 'one', expected a whole number
      seedsweep import: runs.csv:2: column 'best': found '', expected a number, or nan for a run that diverged
      seedsweep import: runs.csv:3: column 'method' is empty
      seedsweep import: runs.csv:3: column 'last': found 'high', expected a number, or nan for a run that diverged

      """)
    XCTAssertEqual(
      try errors("dataset,method,seed,metric,last,best\nRTE,a,1,acc,0.5,0.6\nRTE,a,1,f1,0.5,0.6\n"),
      """
      seedsweep import: runs.csv:3: RTE a seed 1 stands in runs.csv:2 already
      seedsweep import: runs.csv:3: the metric 'f1', where task RTE has 'acc' in runs.csv:2; one metric a task

      """)
    XCTAssertEqual(
      try errors(table(), ["RTE", "RTE=0.5", "RTE=0.6"]),
      """
      seedsweep import: --baseline: found 'RTE', expected TASK=SCORE such as RTE=0.5271
      seedsweep import: --baseline: 'RTE' is given twice

      """)
  }

  func testOneSeedHasNoSpread() throws {
    try folder.write("dataset,method,seed,metric,last,best\nRTE,a,1,acc,0.7,0.7\nRTE,b,1,acc,0.8,0.8\n", to: "one.csv")
    let result = try Child.seedsweep(["import", "one.csv"] + flags + ["--baseline", "RTE=0.5"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.contains("\nNo sd from one run: 2 recipes have one; a spread needs more seeds.\n"), result.output)
    XCTAssertTrue(result.output.contains("; one run has no spread.\n"), result.output)
    XCTAssertTrue(folder.text("out/summary.csv").contains("one_run_no_spread"))
  }
}
