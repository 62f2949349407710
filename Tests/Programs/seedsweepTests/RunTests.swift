// Whole runs of the built program on a tiny sweep: the same bytes however it was run, killed, resumed or extended.

import Host
import Storage
import XCTest

@testable import seedsweep

final class RunTests: XCTestCase {
  /// Of 12 runs a recipe 3 go on after step 4; 5 of the other 9 are finished. Tables do not depend on ranks, on kills, or on what the
  /// folder was before.
  func testRunsStopEarly() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "12", steps: 12), to: "tiny.json5")
    let words = ["run", "tiny.json5", "training.evaluate_every=2"]
    let stop = "stop={early: \"score=top25%@4\", finish: 0.1}"
    let alone = try Child.seedsweep(words + [stop, "--output", "a"], in: folder.path)
    XCTAssertEqual(alone.code, 0, alone.errors)
    let tables = try TinySweep.tables(of: folder, "a")
    XCTAssertTrue(
      alone.output.contains(
        "schedule.warmup=0: score=top25%@4 stops 9 of 12 runs at step 4; 5 of them are finished anyway\n"),
      alone.output)
    XCTAssertTrue(
      alone.output.contains(
        "\n224 steps trained\n64 steps not trained, because stop.early (score=top25%@4) stopped 8 runs\n  8 checkpoints in a/checkpoints ("
      ), alone.output)
    XCTAssertTrue(
      alone.output.contains(
        ") let the stopped runs go on if the sweep is run without stop\n  'rm a/checkpoints/*.checkpoint' deletes them and no result; "
          + "without stop, the stopped runs would then begin again\n"), alone.output)
    XCTAssertFalse(alone.output.contains("seedsweep compare a"), alone.output)
    let several = try Child.seedsweep(words + [stop, "--processes", "2", "--output", "b"], in: folder.path)
    XCTAssertEqual(several.code, 0, several.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "b"), tables)

    // Killed again and again, each time a few records later.
    for kill in 1...50 {
      let child = try Child(
        [Child.program] + words + [stop, "--output", "c", "--checkpoint-every", "0.001"], in: folder.path)
      let start = folder.text("c/journal.jsonl").utf8.count { $0 == 10 }
      while child.isRunning, kill == 50 || folder.text("c/journal.jsonl").utf8.count(where: { $0 == 10 }) < start + 13 {
        usleep(1000)
      }
      guard child.isRunning else { break }
      child.send(SIGKILL)
      while child.isRunning { usleep(1000) }
    }
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "c"), tables)
    XCTAssertGreaterThan(folder.text("c/journal.jsonl").components(separatedBy: "\"kind\":\"start\"").count, 3)

    let standing = try Child.seedsweep(["status", "a", "--exit-code"], in: folder.path)
    XCTAssertEqual(standing.code, 0)
    XCTAssertTrue(standing.output.hasPrefix("tiny: 16 of 16 trials done, "), standing.output)
    XCTAssertTrue(
      standing.output.contains(
        "8 more stopped early\ncomplete: every trial has a result, but for 8 trials that stop.early stopped\n"),
      standing.output)
    XCTAssertTrue(
      folder.text("a/report.html").contains(
        "18 runs were stopped early by score=top25%@4, of which 10 were finished anyway; the others have no result."))
    try assertThatStoppedRunsAreRefused(folder)

    // Without the rule only the stopped runs go on, to the bytes of a folder that never had one; with it again they count as stopped.
    let whole = try Child.seedsweep(words + ["--output", "whole"], in: folder.path)
    XCTAssertEqual(whole.code, 0, whole.errors)
    let continued = try Child.seedsweep(words + ["stop=null", "--output", "a"], in: folder.path)
    XCTAssertTrue(
      continued.output.hasPrefix("tiny: 24 trials: 16 reused, 8 to run\n8 of them go on from checkpoints\n"),
      continued.output)
    XCTAssertTrue(continued.output.contains("\n64 steps trained\n"), continued.output)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "a"), try TinySweep.tables(of: folder, "whole"))
    XCTAssertEqual(try Child.seedsweep(words + [stop, "--output", "whole"], in: folder.path).code, 0)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "whole"), tables)

    // Another rule judges the recorded runs anew.
    let other = "stop={early: \"score=top50%@6\"}"
    XCTAssertEqual(try Child.seedsweep(words + [other, "--output", "b"], in: folder.path).code, 0)
    XCTAssertEqual(try Child.seedsweep(words + [other, "--output", "d"], in: folder.path).code, 0)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "b"), try TinySweep.tables(of: folder, "d"))
  }

  /// Neither kind of claims counts a sweep with stopped runs.
  private func assertThatVerdictsDoNotCountStoppedRuns(_ folder: TemporaryFolder, _ advice: String) throws {
    try folder.write(
      """
      { claims: [{ claim: 1, says: "runs fail", conditions: [
        { what: "failed", value: { run: "a", table: "summary.csv", column: "n_failed", reduce: "sum" }, above: 0 } ] }] }
      """, to: "claims.json5")
    let exploratory = try Child.seedsweep(["verdict", "claims.json5", "--runs", "."], in: folder.path)
    XCTAssertTrue(
      exploratory.output.contains(
        "| 1 | runs fail | **not run** | failed | above 0 | not run: a has 8 runs that an early-stop rule stopped before they had a "
          + "result; \(advice) |\n"), exploratory.output)
    try folder.write(
      """
      { registered: null, test: "reml_hartung_knapp", sweeps: { a: "tiny.json5" },
        families: { embedded: { kind: "confirmatory", draws: [
          { name: "d1", pretraining: "p0", data: 0, registered: null, identifiers: { a: null } } ] } },
        claims: [{ claim: 6, says: "it stabilizes", stop: "all seeds", parts: [
          { what: "share", mean: { run: "a", column: "failed" }, direction: "below", smallest: 0 } ] }] }
      """, to: "registration.json5")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/draws/d1", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(folder.path)/a", toPath: "\(folder.path)/draws/d1/a")
    let registered = try Child.seedsweep(["verdict", "registration.json5", "--runs", "draws"], in: folder.path)
    XCTAssertTrue(
      registered.output.contains(
        "\n- d1/a has 8 runs that an early-stop rule stopped before they had a result, and does not count; \(advice)\n"),
      registered.output)
    XCTAssertTrue(
      registered.output.contains("; finish or repeat these: d1: a has 8 runs that an early-stop rule stopped) |\n"),
      registered.output)
  }

  /// What cannot be had of stopped runs, and what to type.
  private func assertThatStoppedRunsAreRefused(_ folder: TemporaryFolder) throws {
    let advice =
      "run the sweep once more with stop=null and the same --output, which continues the stopped runs and no others"
    let compared = try Child.seedsweep(["compare", "a"], in: folder.path)
    XCTAssertEqual(compared.code, 2)
    XCTAssertEqual(
      compared.errors,
      "seedsweep compare: synthetic: 'default (schedule.warmup=0.1)' has 4 runs without a final score because stop.early "
        + "(score=top25%@4) stopped them, and the tests need a score of every run; \(advice), and compare then. The failure rates that "
        + "are known are in summary.csv, with their intervals\n")
    try FileManager.default.copyItem(atPath: "\(folder.path)/a", toPath: "\(folder.path)/copy")
    for words in [["replay", "a"], ["merge", "a", "copy", "--output", "merged"]] {
      let refused = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(refused.code, 2)
      XCTAssertEqual(
        refused.errors,
        "seedsweep \(words[0]): a: stop.early (score=top25%@4) stopped 8 runs that have no result, which \(words[0]) needs of every run; "
          + "\(advice)\n")
    }
    try assertThatVerdictsDoNotCountStoppedRuns(folder, advice)
    let limited = try Child.seedsweep(
      ["run", "tiny.json5", "stop={early: \"score=top25%@4\"}", "--limit", "3", "--output", "l"], in: folder.path)
    XCTAssertEqual(limited.code, 2)
    XCTAssertEqual(
      limited.errors,
      "seedsweep run: --limit does not go together with stop.early in tiny.json5: which runs go on depends on every run of a recipe, each "
        + "trained up to the rule's step; run without --limit, or with stop=null\n")
    let late = try Child.seedsweep(["plan", "tiny.json5", "stop={early: \"score=baseline@4\"}"], in: folder.path)
    XCTAssertEqual(late.code, 2)
    XCTAssertEqual(
      late.errors,
      "stop={early: \"score=baseline@4\"}: synthetic default schedule.warmup=0: stop.early: score=baseline@4 reads what a run has recorded "
        + "by step 4, and the first evaluation comes after step 12; set training.evaluate_every to 4 or less; and likewise of 1 more "
        + "recipe\n")
    let planned = try Child.seedsweep(
      ["plan", "tiny.json5", "training.evaluate_every=2", "stop={early: \"score=baseline@4\"}"], in: folder.path)
    XCTAssertTrue(
      planned.output.contains(
        "\nstop: score=baseline@4 reads each run after step 4; of a recipe's stopped runs 25%, at least 5, are finished anyway; all steps "
          + "are counted here\n  where it stops every run of every recipe, which is the most, 5 of them are finished and 112 of 288 steps "
          + "are saved (39%)\n"), planned.output)
  }

  /// Recipes stop at a declared look, with the same tables for one rank and for three, and go on when the rule is dropped;
  /// where they stop is `SequentialProgressTests`' business.
  func testRecipesStopAtTheirLooks() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "20", steps: 4), to: "tiny.json5")
    let stop = "stop={half_width: 0.33, looks: [5, 10]}"
    let alone = try Child.seedsweep(["run", "tiny.json5", stop, "--output", "a"], in: folder.path)
    XCTAssertEqual(alone.code, 0, alone.errors)
    let several = try Child.seedsweep(
      ["run", "tiny.json5", stop, "--processes", "3", "--output", "b"], in: folder.path)
    XCTAssertEqual(several.code, 0, several.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "a"), try TinySweep.tables(of: folder, "b"))
    XCTAssertTrue(alone.output.contains(" of 20 seeds: "), alone.output)
    let header = folder.text("a/summary.csv").split(separator: "\n")[0].split(separator: ",").map(String.init)
    let rows = folder.text("a/summary.csv").split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let (count, stopped) = try (
      XCTUnwrap(header.firstIndex(of: "n")), XCTUnwrap(header.firstIndex(of: "stopped_at"))
    )
    XCTAssertFalse(rows.isEmpty)
    for row in rows { XCTAssertEqual(row[stopped].isEmpty ? "20" : row[stopped], row[count]) }
    XCTAssertTrue(rows.contains { !$0[stopped].isEmpty })
    let total = rows.reduce(0) { $0 + (Int($1[count]) ?? 0) }
    for name in ["a", "b"] {
      let status = try Child.seedsweep(["status", name, "--exit-code"], in: folder.path)
      XCTAssertEqual(status.code, 0)
      XCTAssertTrue(status.output.hasPrefix("tiny: \(total) of \(total) trials done, "), status.output)
    }
    let agreement = try Child.seedsweep(["agreement", "b"], in: folder.path)
    for row in rows {
      XCTAssertTrue(agreement.output.contains("two of \(row[count]) runs disagree on "), agreement.output)
    }
    let again = try Child.seedsweep(["run", "tiny.json5", stop, "--output", "b"], in: folder.path)
    XCTAssertTrue(again.output.contains("tiny: \(total) trials: \(total) reused, 0 to run"), again.output)
    let whole = try Child.seedsweep(["run", "tiny.json5", "--output", "b"], in: folder.path)
    XCTAssertEqual(whole.code, 0, whole.errors)
    XCTAssertTrue(whole.output.contains("tiny: 40 trials: "), whole.output)
    XCTAssertEqual(folder.text("b/trials.csv").split(separator: "\n").count, 41)
  }

  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  func testSameBytesForAnyRanks() throws {
    let plain = try Child.seedsweep(["run", "tiny.json5", "--output", "plain"], in: folder.path)
    XCTAssertEqual(plain.code, 0, plain.errors)
    let reference = try TinySweep.tables(of: folder, "plain")
    for ranks in [2, 3] {
      let words = Child.launched(ranks: ranks, ["run", "tiny.json5", "--output", "np\(ranks)"])
      let result = try Child(words, in: folder.path).wait()
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(result.output.contains("\(ranks) ranks on "), result.output)
      TinySweep.assertSameTables(reference, try TinySweep.tables(of: folder, "np\(ranks)"))
    }
    let spawned = try Child.seedsweep(
      ["run", "tiny.json5", "--processes=2", "--output", "spawned"], in: folder.path)
    XCTAssertEqual(spawned.code, 0, spawned.errors)
    XCTAssertTrue(spawned.output.contains("2 ranks on "), spawned.output)
    TinySweep.assertSameTables(reference, try TinySweep.tables(of: folder, "spawned"))
    let threaded = try Child.seedsweep(
      ["run", "tiny.json5", "--processes=2", "--threads", "2", "--output", "threaded"], in: folder.path)
    XCTAssertEqual(threaded.code, 0, threaded.errors)
    XCTAssertTrue(threaded.output.contains(", 2 threads a rank"), threaded.output)
    TinySweep.assertSameTables(reference, try TinySweep.tables(of: folder, "threaded"))
  }

  func testWhatARunLeavesBehind() throws {
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out", "--keep-weights", "all"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertEqual(result.errors, "")
    XCTAssertTrue(result.output.hasPrefix("tiny: 4 trials: 0 reused, 4 to run\n1 rank on "), result.output)
    XCTAssertTrue(
      result.output.hasSuffix(
        """

        Tables: out/summary.csv, trials.csv, curves.csv, timings.csv; to look at: report.html
        Next: seedsweep compare out   which recipe is more stable, and how sure that is
              seedsweep table out     a LaTeX table for a paper
              scripts/figures.py out  learning curves, scores and failure rates as PDF and PNG
              seedsweep status out    how the run ended

        """), result.output)
    for name in ["journal.jsonl", "sweep.json", "provenance.json", "status.json", "timings.csv"] {
      XCTAssertTrue(folder.has("out/" + name), name)
    }
    let rows = folder.text("out/trials.csv").split(separator: "\n")
    XCTAssertEqual(rows.count, 5)
    let trial = String(rows[1].split(separator: ",")[0])
    XCTAssertEqual(folder.text("out/predictions/\(trial.prefix(2))/\(trial).csv").split(separator: "\n").count, 41)
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
      XCTAssertTrue(folder.has("out/weights/\(trial)/\(name)"), name)
    }
    XCTAssertFalse(folder.has("out/logs"))
    // One process started once, before the first trial that it trained.
    let startups = folder.text("out/timings.csv").split(separator: "\n").dropFirst()
      .compactMap { Double($0.split(separator: ",", omittingEmptySubsequences: false)[3]) }
    XCTAssertEqual(startups.count, 1)
    XCTAssertTrue(startups.allSatisfy { $0 > 0 && $0 < 600 }, "\(startups)")
  }

  func testSecondRunReusesEverything() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    let tables = try TinySweep.tables(of: folder)
    let journal = try folder.bytes("out/journal.jsonl")
    let again = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertTrue(again.output.hasPrefix("tiny: 4 trials: 4 reused, 0 to run\n\nsynthetic, accuracy"), again.output)
    XCTAssertEqual(journal, try folder.bytes("out/journal.jsonl"))
    TinySweep.assertSameTables(tables, try TinySweep.tables(of: folder))
  }

  /// What a rank left that was killed while it wrote, and the checkpoint of a trial that ended elsewhere.
  func testWhatDeadRanksLeftIsRemovedThoughNothingIsToRun() throws {
    let command = ["run", "tiny.json5", "--output", "out"]
    _ = try Child.seedsweep(command, in: folder.path)
    let checkpoints = folder.path + "/out/checkpoints"
    try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
    let trial = try XCTUnwrap(JournalIndex(path: folder.path + "/out/journal.jsonl").trials.first)
    for name in ["\(trial).checkpoint", ".partial-\(trial).checkpoint-node.1.2", "0123456789abcdef.checkpoint"] {
      try folder.write("spoilt", to: "out/checkpoints/" + name)
    }
    let again = try Child.seedsweep(command, in: folder.path)
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: checkpoints), ["0123456789abcdef.checkpoint"],
      "a trial without a result keeps its checkpoint")
  }

  func testMoreSeedsExtendAFolder() throws {
    let first = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(first.code, 0, first.errors)
    let more = try Child.seedsweep(["run", "tiny.json5", "seeds=4", "--output", "out"], in: folder.path)
    XCTAssertEqual(more.code, 0, more.errors)
    XCTAssertTrue(more.output.hasPrefix("tiny: 8 trials: 4 reused, 4 to run\n"), more.output)
    let fresh = try Child.seedsweep(["run", "tiny.json5", "seeds=4", "--output", "fresh"], in: folder.path)
    XCTAssertEqual(fresh.code, 0, fresh.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "fresh"), try TinySweep.tables(of: folder))
    XCTAssertEqual(try journaledOutcomes("out").count, 8)
  }

  func testLimitRunsTheFirstTrialsInPlanOrder() throws {
    let limited = try Child.seedsweep(["run", "tiny.json5", "--output", "out", "--limit", "3"], in: folder.path)
    XCTAssertEqual(limited.code, 0, limited.errors)
    XCTAssertTrue(limited.output.hasPrefix("tiny: 3 trials: 0 reused, 3 to run\n"), limited.output)
    let rest = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertTrue(rest.output.hasPrefix("tiny: 4 trials: 3 reused, 1 to run\n"), rest.output)
    let whole = try Child.seedsweep(["run", "tiny.json5", "--output", "whole"], in: folder.path)
    XCTAssertEqual(whole.code, 0, whole.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "whole"), try TinySweep.tables(of: folder))
  }

  /// Kills mpirun after some trials have ended; the same command then ends the sweep without repeating one of them.
  func testKilledRunIsResumed() throws {
    // Long enough that trials are left when the ranks end, which they do about a second after mpirun.
    try folder.write(TinySweep.text(seeds: "10", steps: 3000), to: "slow.json5")
    let words = Child.launched(ranks: 2, ["run", "slow.json5", "--output", "out"])
    let first = try Child(words, in: folder.path)
    let deadline = Date().addingTimeInterval(60)
    while (try journaledOutcomes("out").count) < 3, Date() < deadline, first.isRunning { usleep(2000) }
    first.send(SIGKILL)
    XCTAssertEqual(first.wait().code, 128 + 9)
    let finished = try journaledOutcomes("out")
    XCTAssertGreaterThanOrEqual(finished.count, 3)
    let second = try Child(words, in: folder.path).wait()
    XCTAssertEqual(second.code, 0, second.errors)
    XCTAssertTrue(second.output.contains("tiny: 20 trials: "), second.output)
    XCTAssertFalse(second.output.contains(", 0 to run"), second.output)
    let all = try journaledOutcomes("out")
    XCTAssertEqual(all.count, 20)
    XCTAssertEqual(Set(all).count, 20)
    let fresh = try Child.seedsweep(["run", "slow.json5", "--output", "fresh", "--processes", "2"], in: folder.path)
    XCTAssertEqual(fresh.code, 0, fresh.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "fresh"), try TinySweep.tables(of: folder))
  }

  /// Runs that know nothing of each other, each with every fourth trial, merge to the tables of one run.
  func testShardsMergeToTheTablesOfOneRun() throws {
    let sweep = ["tiny.json5", "seeds=3", "record.gradient_norms_every=6"]
    let run = ["run"] + sweep
    XCTAssertEqual(try Child.seedsweep(run + ["--output", "whole"], in: folder.path).code, 0)
    for (index, count) in [2, 2, 1, 1].enumerated() {
      let result = try Child.seedsweep(run + ["--output", "out", "--shard", "\(index)/4"], in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(
        result.output.hasPrefix("tiny: \(counted(count, "trial")): 0 reused, \(count) to run\n"), result.output)
    }
    let rows = folder.text("whole/trials.csv").split(separator: "\n").dropFirst()
    XCTAssertEqual(Set(try journaledOutcomes("out/shard-1")), Set([1, 5].map { String(Array(rows)[$0].prefix(16)) }))

    let status = try Child.seedsweep(["status", "out/shard-1", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 0)
    XCTAssertTrue(status.output.hasPrefix("tiny: 2 of 2 trials done, "), status.output)
    XCTAssertTrue(status.output.hasSuffix("\ncomplete: every trial of shard 1/4 has a result\n"), status.output)
    let verified = try Child.seedsweep(["verify", "out/shard-1", "--sample", "0"], in: folder.path)
    XCTAssertEqual(verified.code, 0, verified.errors)
    let retried = try Child.seedsweep(["retry", "out/shard-1"], in: folder.path)
    XCTAssertEqual(retried.code, 0, retried.output + retried.errors)

    let merged = try Child.seedsweep(
      ["merge"] + (0..<4).map { "out/shard-\($0)" } + ["--output", "all"], in: folder.path)
    XCTAssertEqual(merged.code, 0, merged.errors)
    XCTAssertEqual(try Child.seedsweep(["compare", "whole"], in: folder.path).code, 0)
    XCTAssertEqual(try Child.seedsweep(["compare", "all"], in: folder.path).code, 0)
    XCTAssertEqual(
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/whole").filter { $0.hasSuffix(".csv") }),
      ["trials.csv", "curves.csv", "summary.csv", "gradient_norms.csv", "comparisons.csv", "timings.csv"])
    for table in ["trials", "curves", "summary", "gradient_norms", "comparisons"] {
      XCTAssertEqual(folder.text("whole/\(table).csv"), folder.text("all/\(table).csv"), table)
      XCTAssertFalse(folder.text("all/\(table).csv").isEmpty, table)
    }
    let timings = ["whole", "all"].map { name in
      folder.text("\(name)/timings.csv").split(separator: "\n").map { $0.prefix { $0 != "," } }
    }
    XCTAssertEqual(timings[0], timings[1], "seconds differ, the trials are the same")
    let resumed = try Child.seedsweep(run + ["--output", "all"], in: folder.path)
    XCTAssertTrue(resumed.output.hasPrefix("tiny: 6 trials: 6 reused, 0 to run\n"), resumed.output)
  }

  func testShardsThatDoNotFitAreRefused() throws {
    let run = ["run", "tiny.json5", "--output", "out", "--shard"]
    XCTAssertEqual(try Child.seedsweep(run + ["0/4"], in: folder.path).code, 0)
    let other = try Child.seedsweep(run + ["0/3"], in: folder.path)
    XCTAssertEqual(other.code, 2)
    XCTAssertEqual(
      other.errors,
      "seedsweep run: out/shard-0 holds the trials of --shard 0/4, not of 0/3: all shards of a folder have the same number "
        + "behind the slash; type --shard 0/4, or choose another --output\n")
    let stop = try Child.seedsweep(
      ["run", "tiny.json5", "seeds=20", "stop={half_width: 0.33, looks: [5]}", "--output", "stop", "--shard", "0/2"],
      in: folder.path)
    XCTAssertEqual(stop.code, 2)
    XCTAssertEqual(
      stop.errors,
      "seedsweep run: --shard does not go together with `stop` in tiny.json5: whether a recipe stops depends on seeds that "
        + "other shards train; remove `stop`, or run without --shard\n")
    XCTAssertFalse(folder.has("stop"))
    let inside = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out/shard-0", "--shard", "1/2"], in: folder.path)
    XCTAssertEqual(inside.code, 2)
    XCTAssertEqual(
      inside.errors,
      "seedsweep run: out/shard-0 is a run folder itself; choose another --output for --shard 1/2, whose results go into a "
        + "folder shard-1 below it\n")
    let around = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(around.code, 2)
    XCTAssertEqual(
      around.errors,
      "seedsweep run: out holds shards, which --shard runs: join them with 'seedsweep merge out/shard-* --output DIR' and run "
        + "the sweep there, or choose a new or empty folder for --output\n")
  }

  func testDivergedTrialsAreResults() throws {
    try folder.write(TinySweep.text(rate: "1e30"), to: "wild.json5")
    let result = try Child.seedsweep(["run", "wild.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.contains("4 runs diverged: counted as failed"), result.output)
    XCTAssertEqual(folder.text("out/trials.csv").components(separatedBy: ",diverged,true,diverged,").count, 5)
  }

  /// As many threads as were asked for or none: the command says so and ends before it makes a folder.
  func testThreadsThatCannotBeStarted() throws {
    let limit = ["bash", "-c", "ulimit -v 4000000; exec \"$0\" \"$@\"", Child.program]
    for words in [["run", "tiny.json5"], ["pretrain"]] {
      let result = try Child(
        limit + words + ["--threads", "1024", "--output", "out"], in: folder.path,
        environment: ["OPENBLAS_NUM_THREADS": "1"]
      ).wait()
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssertNotNil(
        result.errors.wholeMatch(
          of:
            /seedsweep [a-z]+: only [0-9]+ of 1024 threads could be started: Resource temporarily unavailable \(.*\)\n/),
        result.errors)
      XCTAssertFalse(folder.has("out"))
    }
  }

  /// A run with nothing to train writes what was removed of a folder's files.
  func testAFileThatWasRemovedIsWrittenAgain() throws {
    let words = ["run", "tiny.json5", "--output", "out"]
    XCTAssertEqual(try Child.seedsweep(words, in: folder.path).code, 0)
    let runs = try XCTUnwrap(folder.text("out/provenance.json").range(of: "\"runs\":"))
    let before = String(folder.text("out/provenance.json")[runs.lowerBound...])
    for name in ["provenance.json", "sweep.json", "status.json", "trials.csv"] {
      try FileManager.default.removeItem(atPath: folder.path + "/out/" + name)
    }
    let again = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertTrue(again.output.contains(" reused, 0 to run\n"), again.output)
    for name in ["sweep.json", "status.json", "trials.csv"] { XCTAssertTrue(folder.has("out/" + name), name) }
    XCTAssertTrue(folder.text("out/provenance.json").hasSuffix(before), folder.text("out/provenance.json"))
  }

  /// A limit on the size of files stands in for a full disk: the journal cannot grow, what it holds stays.
  func testFullDiskLosesNothing() throws {
    try folder.write(TinySweep.text(seeds: "20"), to: "many.json5")
    let words = ["bash", "-c", "ulimit -f 12; exec \"$0\" \"$@\""]
    let full = try Child(words + [Child.program, "run", "many.json5", "--output", "out"], in: folder.path).wait()
    XCTAssertEqual(full.code, 75)
    let finished = try journaledOutcomes("out")
    XCTAssertGreaterThan(finished.count, 0)
    XCTAssertEqual(
      full.errors,
      "seedsweep run: cannot write to out/journal.jsonl: File too large (error 27): a file may hold at most 12288 bytes here "
        + "(ulimit -f); type `ulimit -f unlimited` and the same command again\n"
        + "seedsweep run: Every result that was finished is kept in out/journal.jsonl. \(40 - finished.count) trials are to go, "
        + "and the same command resumes.\n")
    XCTAssertTrue(full.output.hasSuffix(" run many.json5 --output out\n"), full.output)
    let second = try Child.seedsweep(["run", "many.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(second.code, 0, second.errors)
    XCTAssertTrue(
      second.output.contains("tiny: 40 trials: \(finished.count) reused, \(40 - finished.count) to run\n"),
      second.output)
    XCTAssertEqual(Set(try journaledOutcomes("out")).count, 40)
  }

  /// Kept weights that do not fit end the run at its first trial; with space the same command goes on.
  func testCrashesOfAFullDiskCanBeResumed() throws {
    let words = [Child.program, "run", "tiny.json5", "--output", "out", "--keep-weights", "all"]
    let full = try Child(["bash", "-c", "ulimit -f 12; exec \"$0\" \"$@\""] + words, in: folder.path).wait()
    XCTAssertEqual(full.code, 75, full.output + full.errors)
    XCTAssertTrue(full.errors.hasPrefix("seedsweep run: a disk of host "), full.errors)
    XCTAssertTrue(full.errors.contains(" takes no more, so the run ends; trial "), full.errors)
    XCTAssertTrue(full.errors.contains(") came to no result there: cannot write to out/weights/"), full.errors)
    XCTAssertTrue(full.errors.contains(": File too large (error 27): "), full.errors)
    XCTAssertTrue(
      full.errors.hasSuffix(
        "\nseedsweep run: Every result that was finished is kept in out/journal.jsonl. 4 trials are to go, and the same command "
          + "resumes.\n"), full.errors)
    XCTAssertEqual(try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path).code, 75)
    let rest = try Child(words, in: folder.path).wait()
    XCTAssertEqual(rest.code, 0, rest.output + rest.errors)
    XCTAssertEqual(Set(try journaledOutcomes("out")).count, 4)
  }

  /// A file where the folder of predictions should be makes every trial crash.
  func testEqualCrashesStopTheRun() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--limit", "1", "--output", "out"], in: folder.path)
    try FileManager.default.moveItem(atPath: folder.path + "/out/predictions", toPath: folder.path + "/kept")
    try folder.write("", to: "out/predictions")
    let crashed = try Child.seedsweep(["run", "tiny.json5", "seeds=5", "--output", "out"], in: folder.path)
    XCTAssertEqual(crashed.code, 1, crashed.errors)
    XCTAssertTrue(
      crashed.errors.hasPrefix(
        "seedsweep run: the first 3 trials all crashed the same way, so the run stops: "), crashed.errors)
    let status = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 1)
    XCTAssertTrue(status.output.contains("\nincomplete: some trials crashed; the same command tries them again\n"))

    let few = try Child.seedsweep(["run", "tiny.json5", "--limit", "2", "--output", "out"], in: folder.path)
    XCTAssertEqual(few.code, 1, few.errors)
    let trial = try XCTUnwrap(few.output.components(separatedBy: "No result: trial ").last?.prefix(16))
    let title = "trial \(trial) (default schedule.warmup=0, seed 2) crashed"
    XCTAssertTrue(few.output.contains("No result: \(title); see out/logs/\(trial).log\n"), few.output)
    XCTAssertTrue(folder.text("out/logs/\(trial).log").hasPrefix("\(title) on host "))

    try FileManager.default.removeItem(atPath: folder.path + "/out/predictions")
    try FileManager.default.moveItem(atPath: folder.path + "/kept", toPath: folder.path + "/out/predictions")
    let mended = try Child.seedsweep(["run", "tiny.json5", "seeds=5", "--output", "out"], in: folder.path)
    XCTAssertEqual(mended.code, 0, mended.errors)
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=5", "--output", "fresh"], in: folder.path)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "fresh"), try TinySweep.tables(of: folder))
  }

  /// The trials of the journal's results, in the order they were written.
  private func journaledOutcomes(_ output: String) throws -> [String] {
    let path = folder.path + "/" + output + "/journal.jsonl"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    var reader = try JournalReader(path: path)
    var trials: [String] = []
    while let entry = try reader.next() {
      if case .outcome(let record) = entry.record, record.status.isResult { trials.append(record.trial) }
    }
    return trials
  }
}
