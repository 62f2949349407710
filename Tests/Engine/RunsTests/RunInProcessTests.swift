// Runs in this process, without a program that is started: what they write, reuse and refuse.

import CommandLine
import Farm
import Faults
import Host
import MPITransport
import Merging
import Reports
import Storage
import TestSupport
import Trials
import XCTest

@testable import Runs

final class RunInProcessTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text("optimizer: { learning_rate: 1e-3 }, seeds: 3,"), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  private func run(drain: DrainFlag = DrainFlag(), _ change: (inout RunOptions) -> Void = { _ in }) -> ExitCode {
    var options = RunOptions()
    options.sweepPath = folder.path + "/tiny.json5"
    options.output = folder.path + "/out"
    change(&options)
    let launch = RunLaunch(transport: InProcessTransport.group(size: 1)[0], parent: ParentProcess([:]))
    let context = Context(program: "seedsweep", words: [options.retries == nil ? "run" : "retry"], environment: [:])
    // Signals of this process raise one flag, which other tests may have raised.
    return Run.perform(options, launch, context, signals: StopSignals(drain: drain)).code
  }

  private func table(_ name: String) -> [String] {
    folder.text("out/" + name).split(separator: "\n").map(String.init)
  }

  func testARunWritesItsTablesAndASecondOneReusesThem() throws {
    XCTAssertEqual(run { $0.part.limit = 1 }, .success)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",completed,") }.count, 1)
    XCTAssertEqual(run(), .success)
    let tables = ["trials.csv", "curves.csv", "summary.csv"].map(table)
    XCTAssertEqual(tables[0].filter { $0.contains(",completed,") }.count, 3)
    let journal = try folder.bytes("out/journal.jsonl")
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(["trials.csv", "curves.csv", "summary.csv"].map(table), tables)
    XCTAssertEqual(try folder.bytes("out/journal.jsonl"), journal, "a run without trials leaves no mark in the journal")
    let index = try JournalIndex(path: folder.path + "/out/journal.jsonl")
    XCTAssertEqual(index.runs.count, 2)
    XCTAssertEqual(index.resultCount, 3)
  }

  /// A run that was stopped before it handed out a trial leaves a folder with which the same command goes on.
  func testARunThatStopsBeforeItsFirstTrialResumes() throws {
    let drain = DrainFlag()
    drain.raise()
    XCTAssertEqual(run(drain: drain), .resumable)
    XCTAssertTrue(folder.has("out/status.json"))
    XCTAssertEqual(try JournalIndex(path: folder.path + "/out/journal.jsonl").runs.count, 0)
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",completed,") }.count, 3)
  }

  /// A sweep that is refused makes no folder, and one of another process's is left alone.
  func testWhatIsRefusedLeavesNothing() throws {
    XCTAssertEqual(run { $0.assignments = ["training.max_steps=-1"] }, .refused)
    XCTAssertEqual(run { $0.assignments = ["model.vocab=\"nowhere.txt\""] }, .refused)
    XCTAssertFalse(folder.has("out"))
    let lease = try Lease(folder: folder.path + "/out/.leases", holder: .current(launchedByParent: false))
    XCTAssertEqual(run { $0.assignments = ["training.max_steps=-1"] }, .refused)
    try lease.release()
  }

  func testARunThatIsRetriedLeavesTheOtherTrials() throws {
    XCTAssertEqual(run { $0.part.limit = 1 }, .success)
    let done = try XCTUnwrap(table("trials.csv").first { $0.contains(",completed,") }?.prefix { $0 != "," })
    XCTAssertEqual(
      run {
        $0.retries = RetrySelection()
        $0.retries?.trials = [String(done)]
      }, .refused)
    let plan = try SweepPlan(json: folder.text("out/sweep.json"), name: "sweep.json")
    let open = try XCTUnwrap(plan.trials.map(\.identifier).first { $0 != done })
    XCTAssertEqual(
      run {
        $0.retries = RetrySelection()
        $0.retries?.trials = [open]
      }, .resumable, "one other trial has no result yet")
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",completed,") }.count, 2)
  }

  private func history(of trial: String) throws -> TrialHistory {
    try XCTUnwrap(JournalIndex(path: folder.path + "/out/journal.jsonl")[trial])
  }

  /// Leaves what a leader leaves that was killed at a trial.
  private func die(at trial: String) throws {
    let out = RunFolder(folder.path + "/out")
    let holder = LeaseHolder(
      machine: .current, process: ProcessIdentity(process: getpid(), startTime: 1), launcher: nil)
    let lease = try Lease(folder: out.leases, holder: holder)
    let index = try JournalIndex(path: out.journal)
    let start = RunStart(
      time: Date().timeIntervalSince1970, planDigest: "", version: "", fingerprint: index.runs[0].fingerprint,
      rankCount: 1)
    let attempt = (index[trial]?.lastAttempt ?? 0) + 1
    try JournalWriter(path: out.journal, epoch: lease.epoch).append([
      .runStart(start), .handOut(HandOutRecord(trial: trial, attempt: attempt, rank: 0, host: "node01")),
    ])
  }

  /// A trial at which the only process dies has one attempt less, so that it does not keep the others from being trained for ever.
  func testATrialAtWhichTheOnlyProcessDiesIsGivenUp() throws {
    XCTAssertEqual(run { $0.part.limit = 1 }, .success)
    let bad = try SweepPlan(json: folder.text("out/sweep.json"), name: "sweep.json").trials[1].identifier
    try die(at: bad)
    XCTAssertEqual(run { $0.attemptCap = 1 }, .failure)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",completed,") }.count, 2, "the others are trained")
    XCTAssertEqual(try history(of: bad).status, .lost)
    XCTAssertEqual(try history(of: bad).failedAttemptCount, 1)
    let log = folder.text("out/logs/\(bad).log")
    XCTAssertTrue(
      log.contains(
        " on host \(MachineIdentity.current.host), rank 0, attempt 1: its rank was lost: its process died, and the run with it, "
      ),
      log)
    let status = folder.text("out/status.json")
    XCTAssertTrue(status.contains("\"verdict\": \"incomplete\""), status)

    // Whoever asks for the trial gets it, however often a process died at it.
    try die(at: bad)
    XCTAssertEqual(
      run {
        $0.attemptCap = 1
        $0.retries = RetrySelection()
        $0.retries?.trials = [bad]
      }, .success)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",completed,") }.count, 3)
    XCTAssertEqual(try history(of: bad).failedAttemptCount, 1)
  }

  /// Where attempts are left the trial is trained, to the tables of an undisturbed run.
  func testATrialAtWhichTheOnlyProcessDiedIsTriedAgain() throws {
    XCTAssertEqual(run { $0.output = self.folder.path + "/whole" }, .success)
    XCTAssertEqual(run { $0.part.limit = 1 }, .success)
    let bad = try SweepPlan(json: folder.text("out/sweep.json"), name: "sweep.json").trials[1].identifier
    try die(at: bad)
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(try history(of: bad).failedAttemptCount, 1)
    for name in ["trials.csv", "curves.csv", "summary.csv"] {
      XCTAssertEqual(folder.text("out/" + name), folder.text("whole/" + name), name)
    }
  }

  func testARunOfDivergedTrialsIsComplete() throws {
    XCTAssertEqual(
      run {
        $0.assignments = ["training.max_steps=20"]
        $0.injection = FaultInjection("nan:1", seed: 1)
      }, .success)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",diverged,") }.count, 3, "NaN is a result")
    XCTAssertTrue(folder.text("out/status.json").contains("\"verdict\": \"complete\""), folder.text("out/status.json"))
  }

  /// Results that were made under a fault are trained again by a run without it, to the tables of an undisturbed run.
  func testARunWithoutTheFaultTrainsInjectedResultsAgain() throws {
    let names = ["trials.csv", "curves.csv", "summary.csv"]
    let journal = folder.path + "/out/journal.jsonl"
    func run(_ change: (inout RunOptions) -> Void = { _ in }) -> ExitCode {
      self.run {
        $0.assignments = ["training.max_steps=20"]
        change(&$0)
      }
    }
    XCTAssertEqual(run(), .success)
    let expected = names.map(table)
    try FileManager.default.removeItem(atPath: folder.path + "/out")
    XCTAssertEqual(run { $0.injection = FaultInjection("nan:1", seed: 1) }, .success)
    XCTAssertEqual(table("trials.csv").filter { $0.contains(",diverged,") }.count, 3)
    XCTAssertEqual(try JournalIndex(path: journal).injectedCounts, ["nan": 3])
    let bytes = try folder.bytes("out/journal.jsonl")
    XCTAssertEqual(run { $0.injection = FaultInjection("nan:1", seed: 1) }, .success)
    XCTAssertEqual(try folder.bytes("out/journal.jsonl"), bytes, "the same command has nothing to do")
    let merged = try FolderMerge.perform([folder.path + "/out", folder.path + "/out"], output: folder.path + "/merged")
    XCTAssertEqual(merged.report.resultCounts, [0, 0], "injected results are left out")
    XCTAssertEqual(merged.rows.map(\.missingCount), [3])
    try folder.write("made of the injected results", to: "out/comparisons.csv")

    // A part of the trials, with a fault that changes no outcome: the others are missing, and nothing counts as reused.
    XCTAssertEqual(
      run {
        $0.part.limit = 1
        $0.injection = FaultInjection("slow:0", seed: 1)
        $0.derivedTables = [.comparisons]
      }, .success)
    XCTAssertEqual(table("trials.csv").count, 2)
    XCTAssertFalse(folder.has("out/comparisons.csv"))
    XCTAssertEqual(try JournalIndex(path: journal).injectedCounts, [:])
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(names.map(table), expected)
    XCTAssertEqual(try JournalIndex(path: journal).mismatches, [])
  }

  /// Every kind of fault either marks the outcomes that it changes or leaves them as they are without it.
  func testFaultsThatChangeOutcomes() throws {
    for kind in FaultInjection.Kind.allCases {
      let injection = try XCTUnwrap(FaultInjection("\(kind.rawValue):1", seed: 1))
      XCTAssertEqual(injection.outcomeFault, kind == .nan ? "nan" : nil)
    }
    XCTAssertEqual(run(), .success)
    let expected = table("trials.csv")
    try FileManager.default.removeItem(atPath: folder.path + "/out")
    XCTAssertEqual(run { $0.injection = FaultInjection("slow:1", seed: 1) }, .success)
    XCTAssertEqual(table("trials.csv"), expected)
    XCTAssertEqual(try JournalIndex(path: folder.path + "/out/journal.jsonl").injectedCounts, [:])
    // NaN that strikes no trial marks none.
    try FileManager.default.removeItem(atPath: folder.path + "/out")
    XCTAssertEqual(run { $0.injection = FaultInjection("nan:0", seed: 1) }, .success)
    XCTAssertEqual(table("trials.csv"), expected)
    XCTAssertEqual(try JournalIndex(path: folder.path + "/out/journal.jsonl").injectedCounts, [:])
  }

  /// A journal whose first line is damaged is resumed without a trial, and its results count.
  func testADamagedStartLosesNoTrial() throws {
    XCTAssertEqual(run(), .success)
    let expected = table("trials.csv")
    var journal = try folder.bytes("out/journal.jsonl")
    journal[60] ^= 0x80
    try journal.write(to: URL(fileURLWithPath: folder.path + "/out/journal.jsonl"))
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(try folder.bytes("out/journal.jsonl"), journal, "no trial was run")
    XCTAssertEqual(table("trials.csv"), expected)
  }

  /// A test set's scores and predictions are kept like the dev set's, in columns and a folder of their own.
  func testATestSetIsScored() throws {
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n", to: "vocab.txt")
    try folder.write("text,label\na b,x\nb a,y\na a,x\n", to: "train.csv")
    try folder.write("text,label\na,x\nb b,y\n", to: "dev.csv")
    try folder.write(
      """
      { model: { vocab: "vocab.txt", config: { num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2, intermediate_size: 16 } },
        task: { name: "mine", train: "train.csv", dev: "dev.csv", test: "train.csv", text: "text", label: "label", max_length: 16 },
        training: { max_steps: 2, batch_size: 2 }, seeds: 2 }
      """, to: "mine.json5")
    XCTAssertEqual(run { $0.sweepPath = folder.path + "/mine.json5" }, .success)
    let rows = table("trials.csv").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    let value = try XCTUnwrap(rows[0].firstIndex(of: "value_test"))
    let accuracy = try XCTUnwrap(rows[0].firstIndex(of: "accuracy_test"))
    let identifiers = rows.dropFirst().map { $0[0] }
    for row in rows.dropFirst() {
      let lines = folder.text("out/test_predictions/\(row[0].prefix(2))/\(row[0]).csv").split(separator: "\n")
        .dropFirst()
      let correct = lines.count { line in
        let fields = line.split(separator: ",")
        return fields[1] == fields[2]
      }
      XCTAssertEqual(lines.count, 3)
      XCTAssertEqual(try XCTUnwrap(Double(row[value])), Double(correct) / 3)
      XCTAssertEqual(row[accuracy], row[value])
    }
    XCTAssertEqual(identifiers.count, 2)
    let results = try ResultsFolder(folder.path + "/out")
    XCTAssertEqual(try results.keptFileProblems(), [])
    try assertMergeKeepsTestPredictions(identifiers)
    try folder.write("index,label\n", to: "out/test_predictions/\(identifiers[0].prefix(2))/\(identifiers[0]).csv")
    XCTAssertEqual(try results.keptFileProblems().count, 1)
  }

  /// Further sets have columns in the tables of sweeps that have them alone. A set that is the dev set says what that says.
  func testFurtherSetsAreScored() throws {
    func header(_ name: String) -> [String] { (table(name).first ?? "").split(separator: ",").map(String.init) }
    XCTAssertEqual(run(), .success)
    let plain = ["trials.csv", "summary.csv"].map(header)
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n", to: "vocab.txt")
    try folder.write("text,label\na b,x\nb a,y\na a,x\n", to: "train.csv")
    try folder.write("text,label\na,x\nb b,y\n", to: "dev.csv")
    try folder.write(
      """
      { model: { vocab: "vocab.txt", config: { num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2, intermediate_size: 16 } },
        task: { name: "mine", train: "train.csv", dev: "dev.csv", text: "text", label: "label", max_length: 16 },
        variants: { with: { task: { dev_sets: { seen: { file: "train.csv" }, again: { file: "dev.csv" } } } }, without: {} },
        training: { max_steps: 2, batch_size: 2 }, seeds: 2 }
      """, to: "mine.json5")
    try FileManager.default.removeItem(atPath: folder.path + "/out")
    XCTAssertEqual(run { $0.sweepPath = folder.path + "/mine.json5" }, .success)
    let scores = ["value", "accuracy", "f1", "loss", "examples"]
    XCTAssertEqual(
      header("trials.csv"), plain[0] + ["again", "seen"].flatMap { set in scores.map { "\($0)_dev_\(set)" } })
    XCTAssertEqual(header("summary.csv").count, plain[1].count + 12)
    let rows = table("trials.csv").dropFirst().map { line in
      Dictionary(
        uniqueKeysWithValues: zip(
          header("trials.csv"), line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)))
    }
    XCTAssertEqual(rows.count, 4)
    for row in rows where row["variant"] == "with" {
      XCTAssertEqual(row["value_dev_again"], row["value_final"])
      XCTAssertEqual(row["accuracy_dev_again"], row["accuracy_final"])
      XCTAssertEqual(row["f1_dev_again"], row["f1_final"])
      XCTAssertEqual(row["loss_dev_again"], row["dev_loss_final"])
      XCTAssertEqual([row["examples_dev_again"], row["examples_dev_seen"]], ["2", "3"])
      // The sample of the final pass is all of the training set, in the order of its file.
      XCTAssertEqual(row["loss_dev_seen"], row["train_loss_full"])
      let trial = try XCTUnwrap(row["trial_id"])
      XCTAssertEqual(
        folder.text("out/dev_set_predictions/\(trial.prefix(2))/\(trial)/again.csv"),
        folder.text("out/predictions/\(trial.prefix(2))/\(trial).csv"))
    }
    for row in rows where row["variant"] == "without" { XCTAssertEqual(row["value_dev_again"], "") }
    let results = try ResultsFolder(folder.path + "/out")
    XCTAssertEqual(try results.keptFileProblems(), [])
    try assertMergeKeepsFurtherSets()
    let damaged = try XCTUnwrap(rows.first { $0["variant"] == "with" }?["trial_id"])
    try folder.write("index,label\n", to: "out/dev_set_predictions/\(damaged.prefix(2))/\(damaged)/seen.csv")
    XCTAssertEqual(try results.keptFileProblems().count, 1)
  }

  /// Merges the results of `out` with another seed's: tables and predictions on further sets come along.
  private func assertMergeKeepsFurtherSets() throws {
    let code = run {
      $0.sweepPath = folder.path + "/mine.json5"
      $0.assignments = ["seeds=[3]"]
      $0.output = folder.path + "/other"
    }
    XCTAssertEqual(code, .success)
    let sources = ["out", "other"].map { "\(folder.path)/\($0)" }
    XCTAssertEqual(try FolderMerge.perform(sources, output: folder.path + "/merged").report.resultCounts, [4, 2])
    XCTAssertEqual(try ResultsFolder(folder.path + "/merged").keptFileProblems(), [])
    let merged = folder.text("merged/trials.csv").split(separator: "\n")
    for name in ["out", "other"] {
      for line in folder.text("\(name)/trials.csv").split(separator: "\n") { XCTAssertTrue(merged.contains(line)) }
    }
    XCTAssertEqual(merged.count, 7)
  }

  /// Merges the results of `out` with another seed's: predictions on the test set come along, also those that lie beside each
  /// other, as 0.1.0 laid its tables.
  private func assertMergeKeepsTestPredictions(_ identifiers: [String]) throws {
    let code = run {
      $0.sweepPath = folder.path + "/mine.json5"
      $0.assignments = ["seeds=[3]"]
      $0.output = folder.path + "/other"
    }
    XCTAssertEqual(code, .success)
    let third = try XCTUnwrap(folder.text("other/trials.csv").split(separator: "\n").last).prefix(16)
    func path(_ name: String, _ trial: some StringProtocol) -> String {
      "\(name)/test_predictions/\(trial.prefix(2))/\(trial).csv"
    }
    let texts = identifiers.map { folder.text(path("out", $0)) } + [folder.text(path("other", third))]
    XCTAssertEqual(Set(texts).count, 3, "seeds predict differently")
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/\(path("other", third))", toPath: "\(folder.path)/other/test_predictions/\(third).csv")
    let sources = ["out", "other"].map { "\(folder.path)/\($0)" }
    XCTAssertEqual(
      try FolderMerge.perform(sources, output: folder.path + "/merged").report.resultCounts, [2, 1])
    for (trial, text) in zip(identifiers + [String(third)], texts) {
      XCTAssertEqual(folder.text(path("merged", trial)), text)
    }
    XCTAssertEqual(try ResultsFolder(folder.path + "/merged").keptFileProblems(), [])
  }
}
