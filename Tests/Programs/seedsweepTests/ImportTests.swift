// `seedsweep import` on the built program: a table as people have it, and everything that may be wrong with one.

import XCTest

@testable import Imports
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
    XCTAssertTrue(
      result.output.hasSuffix("\nTables: out/summary.csv, trials.csv, comparisons.csv; to look at: report.html\n"),
      result.output)
    XCTAssertEqual(folder.text("out/trials.csv").split(separator: "\n").count, 25)
    XCTAssertTrue(folder.text("out/import.json").contains("\"source\": \"runs.csv\""))
    let before = folder.text("out/summary.csv")
    XCTAssertEqual(try Child.seedsweep(words, in: folder.path).code, 0)
    XCTAssertEqual(folder.text("out/summary.csv"), before, "the same bytes again")
    let best = try Child.seedsweep(words + ["--score", "best", "--reference", "new"], in: folder.path)
    XCTAssertTrue(
      best.output.contains("old is not shown to be more or less stable than new: it failed in 4 of 12"), best.output)
  }

  func testPercentBesideAFractionIsTold() throws {
    try folder.write(table(), to: "runs.csv")
    let result = try Child.seedsweep(["import", "runs.csv"] + flags + ["--baseline", "RTE=52.71"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.errors.contains("seedsweep import: RTE: scores from ")
        && result.errors.contains(
          " beside a baseline of 52.71; one of them seems to be in percent: give --baseline in the unit of the scores"),
      result.errors)
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
    XCTAssertEqual(
      try errors("dataset,method,sed,metric,lst,best\nRTE,a,1,acc,0.5,0.5\n"),
      "seedsweep import: runs.csv:1: no column \"seed\", \"last\"; found \"dataset\", \"method\", \"sed\", \"metric\", "
        + "\"lst\", \"best\"; did you mean \"sed\", \"lst\"?\n")
    XCTAssertEqual(
      try errors("dataset,method,seed,metric,last,best\nRTE,a,one,acc,0.5,\nRTE,,2,acc,high,0.7\n"),
      """
      seedsweep import: runs.csv:2: column 'seed': found 'one', expected a whole number
      seedsweep import: runs.csv:2: column 'best' is empty; write nan for a run that diverged (pandas: to_csv(..., \
      na_rep='nan')), and for one without a result its state, such as crashed, in the column that --state-column names
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

  private func state(_ path: String, step: Int, _ scores: [String]) throws {
    let file = folder.path + "/" + path + "/trainer_state.json"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let entries = scores.enumerated().flatMap { place, score in
      ["{\"loss\": 0.6, \"step\": \(place)}", "{\"eval_accuracy\": \(score), \"step\": \(place)}"]
    }
    try "{\"global_step\": \(step), \"log_history\": [\(entries.joined(separator: ", "))]}".write(
      toFile: file, atomically: true, encoding: .utf8)
  }

  /// Of a run's checkpoints the last one tells its scores.
  func testTrainerStates() throws {
    for seed in 1...3 {
      try state("hf/rte/old-s\(seed)/checkpoint-90", step: 90, ["0.6"])
      try state("hf/rte/old-s\(seed)/checkpoint-100", step: 100, ["0.6", seed < 3 ? "0.5" : "NaN"])
      try state("hf/rte/new-s\(seed)", step: 100, ["0.6", "0.7"])
    }
    let words = [
      "import", "hf/", "--output", "out", "--path-pattern", "{task}/{variant}-s{seed}", "--baseline", "rte=0.5",
    ]
    let result = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    let rows = folder.text("out/trials.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let columns = ["variant", "seed_init", "failure_kind", "value_final", "value_best"].map {
      rows[0].firstIndex(of: $0)!
    }
    XCTAssertEqual(
      rows.dropFirst().map { row in columns.map { row[$0] }.joined(separator: " ") },
      [
        "new 1  0.7 0.7", "new 2  0.7 0.7", "new 3  0.7 0.7", "old 1 collapsed 0.5 0.6", "old 2 collapsed 0.5 0.6",
        "old 3 diverged nan 0.6",
      ])
    let wrong = try Child.seedsweep(
      ["import", "hf", "--output", "other", "--path-pattern", "{variant}_{seed}", "--baseline", "rte=0.5"],
      in: folder.path)
    XCTAssertEqual(wrong.code, 2)
    XCTAssertTrue(
      wrong.errors.hasPrefix(
        "seedsweep import: hf/rte/new-s1/trainer_state.json: the path does not have the form {variant}_{seed}/.../"),
      wrong.errors)
    let key = try Child.seedsweep(words + ["--metric-key", "eval_f1"], in: folder.path)
    XCTAssertEqual(
      key.errors,
      "seedsweep import: hf/rte/new-s1/trainer_state.json: no entry of log_history has the key 'eval_f1', and no file of "
        + "results beside it; keys that exist: eval_accuracy, loss (and 5 more like it, such as "
        + "hf/rte/new-s2/trainer_state.json)\n")
    let mixed = try Child.seedsweep(words + ["--seed-column", "s"], in: folder.path)
    XCTAssertEqual(mixed.errors, "seedsweep import: --seed-column is for a table, and hf/ is a folder\n")
  }

  func testPathPatterns() {
    func name(_ path: String, _ pattern: String) -> String? {
      PathPattern(text: pattern).name(ofFolders: path.split(separator: "/")).map {
        "\($0.task) \($0.variant) \($0.seed)"
      }
    }
    XCTAssertEqual(name("rte/a-b-c-17/checkpoint-5", "{task}/{variant}-{seed}"), "rte a-b-c 17")
    XCTAssertEqual(name("bert_rte_lr2e-5_s3", "bert_{task}_{variant}_s{seed}"), "rte lr2e-5 3")
    XCTAssertEqual(name("s3", "s{seed}"), "task recipe 3")
    XCTAssertNil(name("sx", "s{seed}"))
    XCTAssertNil(name("s3x", "s{seed}"))
    XCTAssertNil(name("a/b/s3", "{variant}/s{seed}"))
    XCTAssertNil(name("", "s{seed}"))
    XCTAssertEqual(name("monday/lr2e-5_s3_1200", "{any}/{variant}_s{seed}_{any}"), "task lr2e-5 3")
    XCTAssertEqual(PathPattern(text: "{any}/{task}/{variant}-{seed}{").problems, [])
  }

  /// A wandb export from the command line to a paper's table: runs without a result are named, and the rates that the runs had are
  /// rows of the table.
  func testAnExportOfWandb() throws {
    try folder.write(
      """
      "Name","State","lr","batch_size","seed","eval/accuracy"
      "a","finished","1e-5","16","1","0.9"
      "b","finished","1e-5","16","2","0.8"
      "c","finished","2e-5","16","1","0.75"
      "d","finished","2e-5","16","2","0.5"
      "e","crashed","2e-5","16","3",""
      "f","running","2e-5","16","4","0.9"

      """, to: "export.csv")
    let words = [
      "import", "export.csv", "--output", "out", "--variant-column", "lr", "--seed-column", "seed", "--final-column",
      "eval/accuracy",
    ]
    let result = try Child.seedsweep(words + ["--baseline", "task=0.6"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.hasSuffix(
        "\nImported 4 of 6 runs, of 2 recipes. Without a result, counted in n_missing: 1 crashed (export.csv:6), 1 running "
          + "(export.csv:7).\nTables: out/summary.csv, trials.csv, comparisons.csv; to look at: report.html\n"),
      result.output)
    XCTAssertTrue(result.output.contains("\n2 runs have no result.\n"), result.output)
    let table = try Child.seedsweep(
      ["table", "out", "--rows", "learning_rate", "--cells", "n,failure_rate,mean"], in: folder.path)
    XCTAssertEqual(table.code, 0, table.errors)
    XCTAssertTrue(table.output.contains("\n    2e-05 & 2 & 0.500 & 0.625 \\\\\n"), table.output)
    XCTAssertEqual(
      try Child.seedsweep(Array(words.prefix(6)), in: folder.path).errors,
      """
      seedsweep import: --seed-column NAME is missing, which a table needs
      seedsweep import: --final-column NAME is missing, which a table needs
      seedsweep import: the columns of export.csv are Name, State, lr, batch_size, seed, eval/accuracy

      """)
    // With a pattern a folder was meant: the columns of a table are not what is missing.
    XCTAssertEqual(
      try Child.seedsweep(
        ["import", "export.csv", "--output", "out", "--path-pattern", "{seed}"], in: folder.path
      ).errors,
      "seedsweep import: --path-pattern is for a folder, and export.csv is none\n")
    func errors(_ more: String...) throws -> String { try Child.seedsweep(words + more, in: folder.path).errors }
    XCTAssertEqual(
      try errors("--lower-is-better", "--higher-is-better"),
      "seedsweep import: --lower-is-better and --higher-is-better exclude each other; give one of them\n")
    XCTAssertEqual(
      try errors("--hyperparameter", "rate=lr"),
      "seedsweep import: --hyperparameter: found 'rate=lr', expected KEY=NAME such as learning_rate=peak, KEY a column of "
        + "trials.csv\n")
    XCTAssertEqual(
      try errors(
        "--hyperparameter", "learning_rate=lr", "--hyperparameter", "batch_size=lr", "--hyperparameter",
        "learning_rate=batch_size"),
      "seedsweep import: --hyperparameter: 'learning_rate' is given twice\n")
    XCTAssertTrue(
      try errors().hasPrefix("seedsweep import: no baseline is given, so only diverged runs count as failed; "))
  }

  /// The page compares as the table does, also where a task lacks the reference.
  func testThePageComparesWithTheReference() throws {
    var lines = ["dataset,method,seed,metric,last,best"]
    for name in ["A,base", "A,new", "B,new", "B,other"] {
      lines += (1...3).map { "\(name),\($0),acc,0.\($0 + 6),0.9" }
    }
    try folder.write(lines.joined(separator: "\n") + "\n", to: "runs.csv")
    let baselines = ["--baseline", "A=0.5", "--baseline", "B=0.5"]
    for words in [["import", "runs.csv"] + flags + baselines + ["--reference", "other"], ["report", "out"]] {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      let page = folder.text("out/report.html")
      for (task, reference) in [("A", "base"), ("B", "other")] {
        let sentence = "\(task): new is not shown to be more or less stable than \(reference)"
        XCTAssertTrue(page.contains(">\(sentence)<"), "\(words[0]): \(sentence)")
      }
    }
  }

  /// One file that was cut off costs its run.
  func testAnUnreadableStateIsNamed() throws {
    for seed in 1...3 { try state("hf/s\(seed)", step: 100, ["0.6", "0.7"]) }
    try folder.write("{\"global_step\": 100, \"log_his", to: "hf/s2/trainer_state.json")
    let result = try Child.seedsweep(
      ["import", "hf", "--output", "out", "--path-pattern", "s{seed}", "--baseline", "task=0.5"], in: folder.path)
    XCTAssertEqual(result.code, 0)
    XCTAssertEqual(
      result.errors,
      "seedsweep import: 1 file could not be read as JSON, which a kill or a full disk may cause, and did not count; a run without "
        + "another file has no result: hf/s2/trainer_state.json:1:22 (the string is never closed with \")\n")
    XCTAssertTrue(
      result.output.contains(
        "\nImported 2 of 3 runs, of 1 recipe. Without a result, counted in n_missing: 1 unreadable "
          + "(hf/s2/trainer_state.json:1:22).\n"), result.output)
    XCTAssertEqual(folder.text("out/trials.csv").components(separatedBy: ",crashed,").count, 2)
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
