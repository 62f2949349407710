// The commands beside `run`, on folders that the built program made.

import Storage
import Trials
import XCTest

@testable import seedsweep

final class CommandTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  func testPlan() throws {
    let result = try Child.seedsweep(
      ["plan", "tiny.json5", "--ranks", "2"], in: folder.path, environment: ["OPENBLAS_CORETYPE": "Haswell"])
    XCTAssertEqual(result.code, 0, result.errors)
    let lines = result.output.split(separator: "\n").map(String.init)
    XCTAssertEqual(lines.count, 13, result.output)
    XCTAssertEqual(lines[0], "tiny: 4 trials, 2 configurations with 2 seeds")
    XCTAssertTrue(lines[1].hasSuffix("  synthetic default schedule.warmup=0 seed 1, 12 steps"), lines[1])
    XCTAssertTrue(lines[4].hasSuffix("  synthetic default schedule.warmup=0.1 seed 2, 12 steps"), lines[4])
    XCTAssertEqual(
      Array(lines[5..<9]),
      [
        "effective rates of each recipe's steps, as in summary.csv:",
        "      peak_rate  smoothed_rate     early_rate      step_mass  recipe",
        "        0.00413        0.00125              -         0.0339  synthetic default schedule.warmup=0",
        "         0.0045        0.00126              -         0.0335  synthetic default schedule.warmup=0.1",
      ])
    XCTAssertTrue(lines[9].hasPrefix("training: 48 steps, "), lines[9])
    XCTAssertTrue(lines[10].hasPrefix("time: about 0 s on 2 ranks, "), lines[10])
    XCTAssertTrue(
      lines[11].hasPrefix("arithmetic: portable/1, the same bits on every processor, products made with "), lines[11])
    XCTAssertNotNil(
      lines[12].wholeMatch(
        of:
          /memory: 4.\.. MiB a rank \(weights, gradients and moments [0-9.]+ KiB, activations [0-9.]+ KiB, data [0-9.]+ KiB, program 40.0 MiB\); this machine has .*/
      ), lines[12])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 == "out" }, [])
  }

  func testPlanListsTheFirstTrialsOrAll() throws {
    try folder.write(
      "{ extends: 'tiny.json5', variants: { slow: { optimizer: { learning_rate: 1e-6 } } } }", to: "varied.json5")
    let varied = try Child.seedsweep(["plan", "varied.json5", "optimizer.learning_rate=1e-3"], in: folder.path)
    XCTAssertEqual(varied.code, 0, varied.errors)
    XCTAssertTrue(
      (varied.output + varied.errors).contains(
        "optimizer.learning_rate on the command line replaces what the variant slow gives; the labels stay."),
      varied.output + varied.errors)
    let short = try Child.seedsweep(["plan", "tiny.json5", "seeds=10"], in: folder.path)
    XCTAssertTrue(short.output.contains("\n  and 15 more; --list shows all\n"), short.output)
    let all = try Child.seedsweep(["plan", "tiny.json5", "seeds=10", "--list"], in: folder.path)
    XCTAssertEqual(all.output.components(separatedBy: " seed ").count, 21, all.output)
  }

  func testPlanAnswersHowManySeeds() throws {
    let result = try Child.seedsweep(
      [
        "plan", "tiny.json5", "schedule.warmup=[0,0.1,0.2,0.3]", "--ranks", "2", "--half-width", "0.1", "--detect",
        "0.4,0",
      ], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    let lines = result.output.split(separator: "\n").suffix(4).map { $0.replacing(/about .* on/, with: "about T on") }
    XCTAssertEqual(
      lines,
      [
        "for each failure rate to +-0.1 (Wilson's 95% interval, whatever the rate): 93 seeds: 372 trials, about T on 2 ranks",
        "to tell failure rates of 0.4 and 0 apart with power 0.8 at .05 / 3, as Holm's adjustment over 3 comparisons a task "
          + "needs at worst:",
        // 2 / 2^7 < .05 / 3: seven discordant pairs, P(Binomial(22, .4) >= 7) = .842.
        "  the same seeds for both, McNemar's exact test: 22 seeds: 88 trials, about T on 2 ranks",
        "  different seeds, Boschloo's test: 19 seeds: 76 trials, about T on 2 ranks",
      ])
    let wrong = try Child.seedsweep(
      ["plan", "tiny.json5", "--half-width", "0.5", "--detect", "0.4", "--power", "1"], in: folder.path)
    XCTAssertEqual(wrong.code, 2)
    XCTAssertEqual(
      wrong.errors,
      """
      seedsweep plan: --half-width: found '0.5', expected a number above 1e-05 and below 0.5
      seedsweep plan: --power: found '1', expected a number above 0.0 and below 1.0
      seedsweep plan: --detect: found '0.4', expected two different rates from 0 to 1 such as 0.4,0
      seedsweep plan: --power belongs to --detect RATE,RATE

      """)
  }

  func testPlanRefusesRanksThatDoNotFit() throws {
    let result = try Child.seedsweep(
      [
        "plan", "tiny.json5", "model.config.hidden_size=16384", "model.config.num_hidden_layers=1000",
        "model.config.intermediate_size=65536", "--ranks", "1",
      ], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(result.errors.hasPrefix("seedsweep plan: 1 rank of "), result.errors)
    XCTAssertTrue(result.errors.hasSuffix("Use a smaller batch or model, or a node with more memory.\n"), result.errors)
  }

  /// 2 GiB for 130 million parameters, where a process may address 1.5.
  func testAModelThatExceedsTheLimitOfAddressesIsRefused() throws {
    let sizes = ["hidden_size=1024", "num_hidden_layers=10", "intermediate_size=4096"].map { "model.config." + $0 }
    let limit = ["bash", "-c", "ulimit -v 1500000; exec \"$0\" \"$@\"", Child.program]
    for words in [
      ["plan", "tiny.json5"] + sizes, ["run", "tiny.json5", "--output", "out"] + sizes,
      ["pretrain", "--output", "model", "--hidden", "1024", "--layers", "10"],
    ] {
      let result = try Child(limit + words, in: folder.path, environment: ["OPENBLAS_NUM_THREADS": "1"]).wait()
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssertNotNil(
        result.errors.wholeMatch(
          of:
            /seedsweep [a-z]+: a rank addresses .* [GM]iB, but on .* a process may address only .* more \(ulimit -v\)\. .*\n/
        ),
        result.errors)
    }
  }

  func testProcessesThatNoMachineHolds() throws {
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out", "--processes", "\(Int.max)"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors,
      "seedsweep run: --processes: found '\(Int.max)', expected a whole number from 1 to 1024\n")
    XCTAssertFalse(folder.has("out"))
  }

  func testStatus() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    let result = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.hasPrefix("tiny: 4 of 4 trials done, "), result.output)
    XCTAssertTrue(result.output.hasSuffix("\ncomplete: every trial has a result\n"), result.output)
    for limit in ["2", "1"] {
      _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out", "--limit", limit], in: folder.path)
      let limited = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
      XCTAssertEqual(limited.code, 0, limited.errors)
      XCTAssertNotNil(
        limited.output.firstMatch(of: try Regex("^tiny: \(limit) of \(limit) trials done, [0-\(limit)] at chance")))
      XCTAssertTrue(
        limited.output.hasSuffix("\ncomplete: every trial of the first \(limit) has a result\n"), limited.output)
    }
    let nothing = try Child.seedsweep(["status", "nowhere"], in: folder.path)
    XCTAssertEqual(nothing.code, 2)
    XCTAssertEqual(
      nothing.errors,
      "seedsweep status: nowhere: there is no such folder\n")
  }

  /// With words the references print what they name, and say what is near to what they do not.
  func testReferencesOfSomeWords() throws {
    func names(_ words: String...) throws -> [String] {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      return result.output.matches(of: /(?m)^(?:## |\| )(`?[^ `\n]+`?)/).map { String($0.output.1) }
    }
    XCTAssertEqual(try names("keys", "optimizer.learning_rate"), ["key", "`optimizer.learning_rate`"])
    XCTAssertEqual(try names("keys", "lr", "warmup"), ["key", "`optimizer.learning_rate`", "`schedule.warmup`"])
    XCTAssertEqual(
      try names("keys", "train_subset"), ["key", "`train_subset`", "`train_subset.size`", "`train_subset.seed`"])
    XCTAssertEqual(try names("columns", "iqm"), ["summary.csv", "column", "`iqm`"])
    XCTAssertEqual(try names("columns", "timings").prefix(3), ["timings.csv", "column", "`trial_id`"])
    XCTAssertEqual(try names("columns", "timings.csv"), try names("columns", "timings"))
    for (words, problem) in [
      (["keys", "learning_rat"], "there is no key 'learning_rat'; did you mean 'optimizer.learning_rate'?"),
      (["keys", "zzz"], "there is no key 'zzz'."),
      (["columns", "failure_rat"], "there is no table and no column 'failure_rat'; did you mean 'failure_rate'?"),
    ] {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 2)
      XCTAssertEqual(result.errors, "seedsweep \(words[0]): \(problem)\n")
    }
  }

  /// Tables of recipes by name do not outlive the names.
  func testComparisonsOfVariantsThatWereRenamed() throws {
    let sweep = TinySweep.text().replacing(
      "grid: { \"schedule.warmup\": [0, 0.1] }", with: "variants: { a: {}, b: { \"schedule.warmup\": 0 } }")
    try folder.write(sweep, to: "named.json5")
    let words = ["run", "named.json5", "--output", "my out"]
    let first = try Child.seedsweep(words, in: folder.path)
    XCTAssertTrue(first.output.contains("\nNext: seedsweep compare 'my out'  "), first.output)
    _ = try Child.seedsweep(["compare", "my out"], in: folder.path)
    _ = try Child.seedsweep(words, in: folder.path)
    XCTAssertTrue(folder.has("my out/comparisons.csv"))
    try folder.write(sweep.replacing(" b: {", with: " other: {"), to: "named.json5")
    let renamed = try Child.seedsweep(words, in: folder.path)
    XCTAssertTrue(renamed.output.contains(" 4 trials: 4 reused, 0 to run\n"), renamed.output)
    XCTAssertTrue(
      renamed.output.contains(
        "\nmy out/comparisons.csv was made of variants with other names and is removed; `seedsweep compare 'my out'` makes it anew\n"
      ), renamed.output)
    XCTAssertFalse(folder.has("my out/comparisons.csv"))
    // A label is a name as well.
    func labelled(_ label: String) throws -> String {
      let text = sweep.replacing(" b: { ", with: " b: { label: \"\(label)\", ")
      try folder.write(text, to: "named.json5")
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      return result.output
    }
    _ = try labelled("old")
    XCTAssertEqual(try Child.seedsweep(["compare", "my out"], in: folder.path).code, 0)
    XCTAssertTrue(folder.text("my out/comparisons.csv").contains(",old,a,"))
    XCTAssertFalse(try labelled("old").contains("is removed"))
    let relabelled = try labelled("new")
    XCTAssertTrue(
      relabelled.contains("\nmy out/comparisons.csv was made of variants with other names and is removed; "), relabelled
    )
    XCTAssertFalse(folder.has("my out/comparisons.csv"))
  }

  func testFilesThatCannotBeUsedAreRefused() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    let plan = try folder.bytes("out/sweep.json")
    for (text, problem) in [
      ("", "out/sweep.json:1:1: expected a value, found an empty text"),
      ("{}", "out/sweep.json: configurations: the field is missing"),
    ] {
      try folder.write(text, to: "out/sweep.json")
      let damaged = try Child.seedsweep(["compare", "out"], in: folder.path)
      XCTAssertEqual(damaged.code, 2)
      XCTAssertEqual(
        damaged.errors, "seedsweep compare: \(problem); 'seedsweep run' with the same sweep writes it again\n")
    }
    let again = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertEqual(try folder.bytes("out/sweep.json"), plan)
    for (words, table) in [
      (["compare", "out"], "comparisons"), (["agreement", "out"], "agreement"), (["ensemble", "out"], "ensembles"),
      (["pick", "out"], "best_of_n"), (["replay", "out"], "replay"), (["summarize", "out"], "summary"),
    ] {
      try? FileManager.default.removeItem(atPath: folder.path + "/out/\(table).csv")
      try FileManager.default.createDirectory(
        atPath: folder.path + "/out/\(table).csv/in-the-way", withIntermediateDirectories: true)
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssertTrue(result.errors.contains("cannot rename a new file to out/\(table).csv: "), result.errors)
      XCTAssertTrue(result.output.contains("synthetic"), "what is computed is printed: " + result.output)
    }
    try folder.write("{}", to: "out/status.json")
    let status = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 0, status.errors)
    XCTAssertTrue(
      status.output.contains(
        "\ncomplete: every trial has a result\nout/status.json: verdict: the field is missing; what is said here "),
      status.output)
    let retry = try Child.seedsweep(["retry", "out"], in: folder.path)
    XCTAssertEqual(retry.code, 2)
    XCTAssertEqual(
      retry.errors,
      "seedsweep retry: out/status.json: verdict: the field is missing; 'seedsweep run' with the same words writes it "
        + "again\n")
    let pretrain = try Child.seedsweep(["pretrain", "--output", "/dev/null"], in: folder.path)
    XCTAssertEqual(pretrain.code, 2, pretrain.errors)
  }

  /// What a full disk takes of the output is said, and the command fails. A reader that has gone is no error.
  func testOutputThatIsLostIsAnError() throws {
    func result(_ script: String) throws -> Child.Result {
      try Child(["bash", "-c", script, Child.program], in: folder.path).wait()
    }
    for words in ["keys", "--help", "columns"] {
      let full = try result("\"$0\" \(words) > /dev/full")
      XCTAssertEqual(full.code, 1, words)
      XCTAssertEqual(
        full.errors,
        "seedsweep \(words): cannot write to standard output: No space left on device (error 28); make space there and give "
          + "the same command again\n")
    }
    let closed = try result("\"$0\" keys >&-")
    XCTAssertEqual(closed.code, 1)
    XCTAssertEqual(
      closed.errors, "seedsweep keys: cannot write to standard output: Bad file descriptor (error 9)\n")
    let unread = try result("trap '' PIPE; \"$0\" keys | true; exit ${PIPESTATUS[0]}")
    XCTAssertEqual(unread.code, 0)
    XCTAssertEqual(unread.errors, "")
  }

  func testStatusOfARunThatWasKilled() throws {
    try folder.write(TinySweep.text(seeds: "200", steps: 300), to: "long.json5")
    let child = try Child([Child.program, "run", "long.json5", "--output", "out"], in: folder.path)
    let deadline = Date().addingTimeInterval(60)
    while !folder.has("out/status.json"), Date() < deadline, child.isRunning { usleep(5000) }
    let running = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    child.send(SIGKILL)
    _ = child.wait()
    XCTAssertEqual(running.code, 75, running.errors)
    XCTAssertTrue(running.output.contains("\nrunning: "), running.output)
    let killed = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(killed.code, 75, killed.errors)
    XCTAssertTrue(
      killed.output.contains("\nstopped without an end: its leader, process \(child.identifier) on host "),
      killed.output)
    XCTAssertTrue(killed.output.hasSuffix(", is gone; the same command resumes\n"), killed.output)
  }

  func testWeightsThatReusedResultsDoNotBring() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=1", "--output", "out"], in: folder.path)
    let words = ["run", "tiny.json5", "--output", "out", "--keep-weights", "all"]
    let note = "\n2 of the reused results have no kept weights, "
    for _ in 1...2 {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(result.output.contains(note), result.output)
      XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/weights").count, 2)
    }
  }

  func testSummarizeWithAnotherRule() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    let tables = try TinySweep.tables(of: folder)
    let other = try Child.seedsweep(
      ["summarize", "out", "--failure-rule", "below=2", "--score", "best"], in: folder.path)
    XCTAssertEqual(other.code, 0, other.errors)
    XCTAssertTrue(other.output.contains("fail: the metric is below 2.0, at the best evaluation."), other.output)
    XCTAssertTrue(folder.text("out/summary.csv").contains(",best,below=2.0,2,0,2,1.0,"), folder.text("out/summary.csv"))
    let back = try Child.seedsweep(["summarize", "out"], in: folder.path)
    XCTAssertEqual(back.code, 0, back.errors)
    TinySweep.assertSameTables(tables, try TinySweep.tables(of: folder))
    let wrong = try Child.seedsweep(["summarize", "out", "--failure-rule", "bellow=2"], in: folder.path)
    XCTAssertEqual(wrong.code, 2)
    XCTAssertEqual(
      wrong.errors,
      "seedsweep summarize: --failure-rule: found 'bellow=2', allowed are baseline, accuracy, constant, loss, below=X\n"
    )
  }

  func testCompareWithinAndAcrossFolders() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "a"], in: folder.path)
    _ = try Child.seedsweep(["run", "tiny.json5", "optimizer.bias_correction=true", "--output", "b"], in: folder.path)
    let within = try Child.seedsweep(["compare", "a"], in: folder.path)
    XCTAssertEqual(within.code, 0, within.errors)
    let name = "synthetic: default (schedule.warmup=0.1) is "
    XCTAssertTrue(within.output.hasPrefix(name), within.output)
    XCTAssertTrue(within.output.contains("McNemar's exact test on the same seeds, p = 1.000)"), within.output)
    XCTAssertTrue(within.output.hasSuffix("Table: a/comparisons.csv\n"), within.output)
    XCTAssertEqual(folder.text("a/comparisons.csv").split(separator: "\n").count, 2)
    let across = try Child.seedsweep(["compare", "a", "b", "--output", "both.csv"], in: folder.path)
    XCTAssertEqual(across.code, 0, across.errors)
    XCTAssertEqual(folder.text("both.csv").split(separator: "\n").count, 3)
    XCTAssertTrue(across.output.contains("after Holm over 2 comparisons"), across.output)
    XCTAssertTrue(folder.text("both.csv").contains(",default (schedule.warmup=0) in b,"), folder.text("both.csv"))
    let wrong = try Child.seedsweep(["compare", "a", "b", "--reference", "x"], in: folder.path)
    XCTAssertEqual(wrong.code, 2)
    XCTAssertEqual(
      wrong.errors,
      """
      seedsweep compare: --output FILE.csv is missing: the table of several folders belongs to none of them, so name its file
      seedsweep compare: --reference names a variant of one folder; with several the first folder is the reference

      """)
    let unknown = try Child.seedsweep(["compare", "a", "--reference", "x"], in: folder.path)
    XCTAssertEqual(unknown.errors, "seedsweep compare: no variant 'x' to compare with; there are default\n")
  }

  func testComponentsOfCrossedSeeds() throws {
    let seeds = "seeds={init: [1, 2, 3], order: [1, 2], dropout: \"order\", design: \"crossed\"}"
    _ = try Child.seedsweep(["run", "tiny.json5", seeds, "--output", "a"], in: folder.path)
    let result = try Child.seedsweep(["components", "a"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.hasPrefix("synthetic: default (schedule.warmup=0): init sd 0.0"), result.output)
    XCTAssertTrue(result.output.hasSuffix("\nTable: a/seed_components.csv\n"), result.output)
    let rows = folder.text("a/seed_components.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    XCTAssertEqual(rows.count, 3)
    XCTAssertEqual(
      rows.map { Array($0[5...7]) }, [["n_init", "n_order", "n_dropout"], ["3", "2", ""], ["3", "2", ""]])
    let all = "seeds={init: [1, 2], order: [1, 2], dropout: [1, 2, 3], design: \"crossed\"}"
    _ = try Child.seedsweep(["run", "tiny.json5", all, "--output", "d"], in: folder.path)
    let three = try Child.seedsweep(["components", "d"], in: folder.path)
    XCTAssertTrue(three.output.contains(", dropout sd 0.0"), three.output)
    XCTAssertTrue(folder.text("d/seed_components.csv").contains(",2,2,3,"))
    _ = try Child.seedsweep(["run", "tiny.json5", seeds, "--limit", "7", "--output", "b"], in: folder.path)
    let partial = try Child.seedsweep(["components", "b"], in: folder.path)
    XCTAssertTrue(
      partial.output.contains("(schedule.warmup=0.1): not decomposed: 5 of 6 runs have no result.\n"), partial.output)
    let reasons = folder.text("b/seed_components.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)[27]
    }
    XCTAssertEqual(reasons, ["not_decomposed", "", "5 of 6 runs have no result"])
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "c"], in: folder.path)
    let tied = try Child.seedsweep(["components", "c"], in: folder.path)
    XCTAssertEqual(tied.code, 2)
    XCTAssertTrue(
      tied.errors.hasPrefix(
        "seedsweep components: the seeds of c do not cross initialization and order, each pair once"),
      tied.errors)
  }

  func testAgreementOfPredictions() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=3", "--output", "a"], in: folder.path)
    let result = try Child.seedsweep(["agreement", "a"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.hasPrefix("synthetic: default (schedule.warmup=0): two of 3 runs disagree on "))
    XCTAssertTrue(result.output.hasSuffix("\nTable: a/agreement.csv\n"), result.output)
    let rows = folder.text("a/agreement.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    XCTAssertEqual(rows.count, 9)
    XCTAssertEqual(rows[1][5...10], ["all", "3", "3", "0", "40", "2"])
    XCTAssertEqual(rows[2...4].map { $0[5] }, ["successful", "failed_successful", "failed"])
    XCTAssertEqual(rows[2...4].reduce(0) { $0 + (Int($1[7]) ?? 0) }, 3, "the pairs' kinds are all pairs")
    let (mean, reference) = (
      try XCTUnwrap(rows[0].firstIndex(of: "mean_accuracy")), try XCTUnwrap(rows[0].firstIndex(of: "reference"))
    )
    XCTAssertEqual(rows[1][reference...], ["", "", "", ""], "the first recipe is the reference")
    XCTAssertEqual(rows[5][reference], "default (schedule.warmup=0)")
    let difference = try XCTUnwrap(Double(rows[5][mean])) - XCTUnwrap(Double(rows[1][mean]))
    XCTAssertEqual(try XCTUnwrap(Double(rows[5][reference + 1])), difference, accuracy: 1e-12)
    XCTAssertEqual(rows[6...8].map { $0[reference] }, ["", "", ""], "only the row of all pairs is compared")

    let spoilt = TinySweep.keptTables(folder, "a/predictions")
    try folder.write("index,label,prediction,logit_0,logit_1\n", to: "a/predictions/\(spoilt[0])")
    let partial = try Child.seedsweep(["agreement", "a"], in: folder.path)
    XCTAssertTrue(
      partial.output.contains(" 1 run's predictions are damaged; 'seedsweep verify' names the file.\n"), partial.output)
    let extended = try Child.seedsweep(["run", "tiny.json5", "seeds=4", "--output", "a"], in: folder.path)
    XCTAssertTrue(
      extended.output.contains(
        "\na/agreement.csv was made of other results and is removed; 'seedsweep agreement a' makes it anew\n"),
      extended.output)
    XCTAssertFalse(folder.has("a/agreement.csv"))
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=3", "--output", "a"], in: folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/a/predictions/\(spoilt[0])")
    XCTAssertEqual(
      try Child.seedsweep(["agreement", "a"], in: folder.path).output,
      partial.output.replacing(
        "run's predictions are damaged; 'seedsweep verify' names the file", with: "run's predictions are missing"))

    _ = try Child.seedsweep(["run", "tiny.json5", "record.predictions=none", "--output", "b"], in: folder.path)
    let none = try Child.seedsweep(["agreement", "b"], in: folder.path)
    XCTAssertEqual(none.code, 2)
    XCTAssertTrue(
      none.errors.hasPrefix(
        "seedsweep agreement: synthetic: default (schedule.warmup=0): not computed: fewer than two runs have predictions; "
          + "record.predictions: \"final\" keeps them.\n"), none.errors)
    XCTAssertFalse(folder.has("b/agreement.csv"))
    _ = try Child.seedsweep(["run", "tiny.json5", "optimizer.learning_rate=1e30", "--output", "c"], in: folder.path)
    let diverged = try Child.seedsweep(["agreement", "c"], in: folder.path)
    XCTAssertTrue(
      diverged.errors.hasPrefix(
        "seedsweep agreement: synthetic: default (schedule.warmup=0): not computed: fewer than two runs have predictions, and "
          + "runs that diverged leave none.\n"), diverged.errors)
    try FileManager.default.removeItem(atPath: folder.path + "/a/predictions")
    for verb in ["agreement", "ensemble"] {
      XCTAssertEqual(try Child.seedsweep([verb, "a"], in: folder.path).code, 2, verb)
    }
  }

  func testTablesOfOtherResultsAreRemoved() throws {
    func run(_ words: String...) throws -> String {
      let result = try Child.seedsweep(["run", "tiny.json5", "--output", "a"] + words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      return result.output
    }
    let norms = "record.gradient_norms_every=1"
    let tables = ["a/comparisons.csv", "a/agreement.csv", "a/gradient_statistics.csv", "a/step_mass.csv"]
    let commands = [
      ["compare", "a"], ["agreement", "a"], ["analyze", "gradients", "a"], ["analyze", "correction", "a"],
    ]
    func derive() throws {
      for words in commands { XCTAssertEqual(try Child.seedsweep(words, in: folder.path).errors, "") }
      for table in tables { XCTAssertTrue(folder.has(table), table) }
    }
    _ = try run("seeds=4", norms)
    try derive()
    // Nothing changes, however often the tables are written.
    let same = [try run("seeds=4", norms), try Child.seedsweep(["summarize", "a"], in: folder.path).output]
    for table in tables { XCTAssertTrue(folder.has(table), table) }
    for output in same { XCTAssertFalse(output.contains("removed"), output) }
    try folder.write("{}\n", to: "a/mask_set.jsonl")
    // Fewer trials are reported, and none is trained.
    let line = """
      a/comparisons.csv, a/agreement.csv, a/gradient_statistics.csv, a/correction_factor.csv, a/step_mass.csv were made of \
      other results and are removed; 'seedsweep compare a', 'seedsweep agreement a', 'seedsweep analyze gradients a', \
      'seedsweep analyze correction a' make them anew

      """
    let fewer = try run("seeds=2", norms)
    XCTAssertEqual(fewer.components(separatedBy: line).count, 2, fewer)
    for table in tables { XCTAssertFalse(folder.has(table), table) }
    XCTAssertTrue(folder.has("a/mask_set.jsonl"))
    // More trials are reported after some were trained.
    try derive()
    let more = try run("seeds=5", norms)
    XCTAssertEqual(more.components(separatedBy: line).count, 2, more)
    for table in tables { XCTAssertFalse(folder.has(table), table) }
  }

  func testMergeJoinsAndCompares() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=[1,2]", "--output", "a"], in: folder.path)
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=[2,3]", "--output", "b"], in: folder.path)
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=[1,2,3]", "--output", "whole"], in: folder.path)
    let result = try Child.seedsweep(["merge", "a", "b", "--output", "joined"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.hasSuffix("\na: 4 results\nb: 4 results\njoined: 6 results, 2 found twice and equal\n"),
      result.output)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "whole"), try TinySweep.tables(of: folder, "joined"))
    XCTAssertEqual(TinySweep.keptTables(folder, "joined/predictions").count, 6)
    let resumed = try Child.seedsweep(["run", "tiny.json5", "seeds=[1,2,3]", "--output", "joined"], in: folder.path)
    XCTAssertTrue(resumed.output.hasPrefix("tiny: 6 trials: 6 reused, 0 to run\n"), resumed.output)
    // One folder twice, also in other words and through a link.
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "a")
    for (verb, output) in [("merge", "none"), ("compare", "none.csv"), ("report", "none.html")] {
      let words = [verb, "a", "b", "a", "a/", "link", "--output", output]
      let refused = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(refused.code, 2)
      XCTAssertEqual(
        refused.errors,
        ["a is given twice", "a/ is given twice, first as a", "link is given twice, first as a"]
          .map { "seedsweep \(verb): \($0)\n" }.joined())
      XCTAssertFalse(folder.has(output))
    }
  }

  func testAMergedFolderIsOneLikeOthers() throws {
    // Files are digested where models and data have any.
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsentence\n1\n2\n3\n", to: "vocab.txt")
    let rows = (1...80).map { "sentence \($0 % 7)\t\($0 % 2)" }.joined(separator: "\n")
    for name in ["train.tsv", "dev.tsv"] { try folder.write("text\tgold\n" + rows + "\n", to: name) }
    try folder.write(
      TinySweep.text().replacingOccurrences(
        of: #"task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 }"#,
        with:
          #"task: { name: "mine", train: "train.tsv", dev: "dev.tsv", text: "text", label: "gold", max_length: 32 }"#
      ).replacingOccurrences(of: #"init: "random","#, with: #"init: "random", vocab: "vocab.txt","#), to: "own.json5")
    for (output, words) in [
      ("a", ["seeds=[1,2]", "--limit", "3"]), ("b", ["seeds=[3]"]), ("c", ["seeds=[4]", "schedule.warmup=[0]"]),
    ] {
      let run = try Child.seedsweep(["run", "own.json5", "--output", output] + words, in: folder.path)
      XCTAssertEqual(run.code, 0, run.errors)
    }
    XCTAssertEqual(try Child.seedsweep(["merge", "a", "b", "--output", "joined"], in: folder.path).errors, "")
    let verify = try Child.seedsweep(["verify", "joined", "--sample", "1"], in: folder.path)
    XCTAssertEqual(verify.errors, "seedsweep verify: 1 of the sweep's 6 trials has no result\n")
    XCTAssertTrue(verify.output.hasSuffix("\n1 of 1 trials trained again gave the same bits\n"), verify.output)
    let status = try Child.seedsweep(["status", "joined", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 1, "the same merge is refused, so nothing resumes")
    XCTAssertTrue(status.output.hasPrefix("tiny: 5 of 6 trials done, "), status.output)
    XCTAssertTrue(status.output.contains("\nincomplete: no merged folder has a result of the others; "), status.output)
    let index = try JournalIndex(path: folder.path + "/joined/journal.jsonl")
    let plan = try SweepPlan(json: folder.text("joined/sweep.json"), name: "sweep.json")
    let missing = try XCTUnwrap(plan.trials.map(\.identifier).first { index[$0] == nil })
    let retry = try Child.seedsweep(["retry", "joined", "--trial", missing], in: folder.path)
    XCTAssertEqual(retry.code, 0, retry.errors)
    XCTAssertEqual(try Child.seedsweep(["verify", "joined", "--sample", "0"], in: folder.path).code, 0)

    let refused = try Child.seedsweep(["merge", "a", "c", "--output", "none"], in: folder.path)
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(
      refused.errors.contains(
        " together would have 1 trial that none of them plans, first mine default schedule.warmup=0.1 seed 4; "),
      refused.errors)
    XCTAssertFalse(folder.has("none"))
  }

  func testEvaluateGivesTheTrialsOwnScore() throws {
    // Two classes of sentences that differ in one word, in GLUE's SST-2 layout.
    let words = ["good", "fine", "nice", "bad", "poor", "dull"]
    let rows = (0..<48).map { "\(words[$0 % 6]) film number \(words[$0 * 5 % 6])\t\($0 % 6 < 3 ? 1 : 0)" }
    try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
    for name in ["train.tsv", "dev.tsv"] {
      try folder.write((["sentence\tlabel"] + rows).joined(separator: "\n") + "\n", to: "data/" + name)
    }
    try folder.write(
      (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film", "number"] + words).joined(separator: "\n") + "\n",
      to: "vocab.txt")
    try folder.write(
      """
      {
        model: { init: "random", config: { num_hidden_layers: 1, hidden_size: 16, num_attention_heads: 2 }, vocab: "vocab.txt" },
        task: { name: "sst2", data: "data", max_length: 32 },
        training: { max_steps: 10 },
        optimizer: { learning_rate: 1e-3 },
        seeds: 1,
      }
      """, to: "words.json5")
    let trained = try Child.seedsweep(
      ["run", "words.json5", "--keep-weights", "all", "--output", "out"], in: folder.path)
    XCTAssertEqual(trained.code, 0, trained.errors)
    let table = folder.text("out/trials.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let trial = table[1][0]
    let result = try Child.seedsweep(
      [
        "evaluate", "--model", "out/weights/\(trial)", "--task", "sst2", "--data", "data", "--max-length", "32",
        "--predictions", "p.csv",
      ], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    let column = try XCTUnwrap(table[0].firstIndex(of: "accuracy_final"))
    XCTAssertTrue(
      result.output.hasPrefix(
        "out/weights/\(trial) on 48 dev examples of sst2\naccuracy: \(table[1][column])\n"), result.output)
    XCTAssertEqual(folder.text("p.csv"), folder.text("out/predictions/\(trial.prefix(2))/\(trial).csv"))
    let wrong = try Child.seedsweep(
      ["evaluate", "--model", "out", "--task", "sst", "--data", "data"], in: folder.path)
    XCTAssertEqual(wrong.code, 2)
    XCTAssertTrue(
      wrong.errors.hasPrefix("seedsweep evaluate: --task: unknown task 'sst'; did you mean 'sst2'?"), wrong.errors)
  }

  func testDoctorOnThisMachine() throws {
    let result = try Child.seedsweep(["doctor"], in: folder.path)
    XCTAssertTrue(result.code == 0 || result.code == 1, result.errors)
    XCTAssertTrue(result.output.contains("\nMPI library     Open MPI v"), result.output)
  }

  /// A machine of which not even the loopback interface is up.
  func testDoctorAndRunWithoutANetwork() throws {
    try folder.write(TinySweep.text(seeds: "1"), to: "sweep.json5")
    let namespace = ["timeout", "60", "unshare", "--map-root-user", "--net"]
    guard try Child(namespace + ["true"], in: folder.path).wait().code == 0 else {
      throw XCTSkip("this user may not make network namespaces")
    }
    let doctor = try Child(namespace + [Child.program, "doctor"], in: folder.path).wait()
    XCTAssertTrue(doctor.output.contains("numerics "), doctor.errors)
    XCTAssertEqual(doctor.errors, "")
    XCTAssertLessThan(doctor.seconds, 30)
    let run = try Child(namespace + [Child.program, "run", "sweep.json5", "--output", "out"], in: folder.path).wait()
    XCTAssertEqual(run.code, 0)
    XCTAssertEqual(run.errors, "")
    XCTAssertLessThan(run.seconds, 30)
  }
}
