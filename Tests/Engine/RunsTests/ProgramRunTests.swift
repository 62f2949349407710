// Runs of a sweep whose trainer is a program: what they write, reuse, extend and try again.

import CommandLine
import Diagnosis
import Farm
import MPITransport
import Reports
import Storage
import TestSupport
import Trials
import XCTest

@testable import Runs

final class ProgramRunTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      {
        name: "program",
        program: {
          command: ["sh", "train.sh", "{seed}", "{rate}"],
          parameters: { rate: 1 },
          results: { final: "acc" },
          files: ["train.sh"], baseline: 0.5, task: "toss",
        },
        seeds: 4,
        variants: { low: {}, high: { rate: 2 } },
      }
      """, to: "sweep.json5")
    // Seeds that 4 divides are at the baseline, and seed 3 at rate 2 diverges.
    try folder.write(
      """
      echo '{"step": 10, "loss": 0.5}'
      [ $(($1 % 4)) != 0 ] || { echo '{"step": 20, "acc": 0.5}'; exit 0; }
      [ $1-$2 != 3-2 ] || { echo '{"step": 20, "acc": NaN}'; exit 0; }
      echo "{\\"step\\": 20, \\"eval_loss\\": 0.25, \\"acc\\": 0.$1$2}"
      """.replacingOccurrences(of: "0.$1$2", with: "0.6$1$2"), to: "train.sh")
  }

  override func tearDown() { folder = nil }

  private func run(_ change: (inout RunOptions) -> Void = { _ in }) -> ExitCode {
    var options = RunOptions()
    options.sweepPath = folder.path + "/sweep.json5"
    options.output = folder.path + "/out"
    change(&options)
    let launch = RunLaunch(transport: InProcessTransport.group(size: 1)[0], parent: ParentProcess([:]))
    let context = Context(program: "seedsweep", words: ["run"], environment: [:])
    return Run.perform(options, launch, context, signals: StopSignals(drain: DrainFlag())).code
  }

  /// The fields of some columns of a table, a text for each row.
  private func columns(_ names: [String], of table: String) -> [String] {
    let rows = folder.text("out/" + table).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return rows.dropFirst().map { row in
      names.map { name in rows[0].firstIndex(of: name).map { row[$0] } ?? "no column \(name)" }.joined(separator: " ")
    }
  }

  func testARunWritesTheTablesOfOurOwnTrainer() throws {
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(
      columns(
        ["variant", "task", "seed", "status", "failed", "failure_kind", "metric", "value_final", "parameter_rate"],
        of: "trials.csv"),
      [
        "low toss 1 completed false  acc 0.611 1", "low toss 2 completed false  acc 0.621 1",
        "low toss 3 completed false  acc 0.631 1", "low toss 4 completed true never_learned acc 0.5 1",
        "high toss 1 completed false  acc 0.612 2", "high toss 2 completed false  acc 0.622 2",
        "high toss 3 diverged true diverged acc nan 2", "high toss 4 completed true never_learned acc 0.5 2",
      ])
    XCTAssertEqual(
      columns(
        ["variant", "n", "n_failed", "n_diverged", "constant_score", "metric", "failure_rule", "n_constant"],
        of: "summary.csv"),
      ["low 4 1 0 0.5 acc baseline ", "high 4 2 1 0.5 acc baseline "])
    XCTAssertEqual(
      columns(["step", "split", "quantity", "value"], of: "curves.csv").prefix(3),
      ["10 train loss 0.5", "20 dev loss 0.25", "20 dev acc 0.611"])
    XCTAssertEqual(Set(columns(["fingerprint"], of: "timings.csv")), ["none: a program trains"])
    let provenance = String(decoding: try folder.bytes("out/provenance.json"), as: UTF8.self)
    XCTAssertTrue(provenance.contains(#""fingerprint": "none: a program trains""#), provenance)
    XCTAssertFalse(provenance.contains("blas="), provenance)
  }

  func testASecondRunReusesAndExtends() throws {
    XCTAssertEqual(run { $0.assignments = ["seeds=2"] }, .success)
    let journal = try folder.bytes("out/journal.jsonl")
    XCTAssertEqual(run { $0.assignments = ["seeds=2", "program.baseline=0.615"] }, .success)
    XCTAssertEqual(try folder.bytes("out/journal.jsonl"), journal, "another baseline needs no training")
    XCTAssertEqual(columns(["failed"], of: "trials.csv"), ["true", "false", "true", "false"])
    XCTAssertEqual(run(), .success)
    XCTAssertEqual(try JournalIndex(path: folder.path + "/out/journal.jsonl").resultCount, 8)
  }

  /// A trial that two attempts finished with other numbers is a fault only where the program is declared deterministic.
  func testAProgramThatIsNotDeterministicSaysSo() throws {
    XCTAssertEqual(run { $0.assignments = ["seeds=1", "variants=low"] }, .success)
    let index = try JournalIndex(path: folder.path + "/out/journal.jsonl")
    let trial = try XCTUnwrap(index.trials.first)
    XCTAssertTrue(try XCTUnwrap(index.record(of: trial)).outcome().mayDiffer)
    XCTAssertEqual(
      run {
        $0.assignments = ["seeds=1", "variants=low", "program.deterministic=true"]
        $0.output = folder.path + "/other"
      }, .success)
    let other = try JournalIndex(path: folder.path + "/other/journal.jsonl")
    XCTAssertFalse(try XCTUnwrap(other.record(of: trial)).outcome().mayDiffer)
  }

  /// The first trials all crash for one reason, which stops the run, though each message names another folder.
  func testAHopelessProgramStopsTheRun() throws {
    try folder.write("echo no such module in $PWD >&2; exit 1", to: "train.sh")
    XCTAssertEqual(run { $0.attemptCap = 1 }, .failure)
    XCTAssertEqual(try JournalIndex(path: folder.path + "/out/journal.jsonl").resultCount, 0)
    XCTAssertLessThan(columns(["status"], of: "trials.csv").count, 8)
  }

  /// A full disk ends the run though a trial has its result, and costs no trial an attempt. With space the same command trains
  /// the others.
  func testAFullDiskEndsTheRun() throws {
    try folder.write(
      "mkdir \(folder.path)/first 2> /dev/null || [ -e \(folder.path)/space ] || "
        + "{ echo '[Errno 28] No space left on device' >&2; exit 1; }; echo '{\"acc\": 0.75}'", to: "train.sh")
    XCTAssertEqual(run { $0.attemptCap = 2 }, .resumable)
    let index = try JournalIndex(path: folder.path + "/out/journal.jsonl")
    XCTAssertEqual(index.resultCount, 1)
    XCTAssertEqual(index.lastEnd?.ending, .drained)
    let histories = index.trials.compactMap { index[$0] }
    XCTAssertGreaterThan(histories.count, 1)
    XCTAssertEqual(histories.map(\.failedAttemptCount), histories.map { _ in 0 })
    try folder.write("", to: "space")
    XCTAssertEqual(run { $0.attemptCap = 2 }, .success)
    XCTAssertEqual(Set(columns(["status"], of: "trials.csv")), ["completed"])
  }

  /// A sweep that sets `program.timeout` needs no --trial-timeout.
  func testTheTimeoutOfTheSweepEndsAProgram() throws {
    try folder.write("echo $$ > process; sleep 600", to: "train.sh")
    let code = run {
      $0.assignments = ["seeds=1", "variants=low", "program.timeout=0.3", "program.grace=0.1"]
      $0.attemptCap = 1
    }
    XCTAssertEqual(code, .failure)
    XCTAssertEqual(columns(["status", "seed"], of: "trials.csv"), ["timeout 1"])
    let index = try JournalIndex(path: folder.path + "/out/journal.jsonl")
    let trial = try XCTUnwrap(index.trials.first)
    let process = folder.text("out/programs/\(trial.prefix(2))/\(trial)/process")
    XCTAssertEqual(kill(try XCTUnwrap(pid_t(process.trimmingCharacters(in: .whitespacesAndNewlines))), 0), -1)
  }

  /// The limit of one recipe is none of another's.
  func testEachRecipeHasItsOwnTimeout() throws {
    let text = folder.text("sweep.json5").replacing("low: {}", with: "low: { program: { timeout: 0.2 } }")
    try folder.write(text, to: "sweep.json5")
    try folder.write("[ $2 = 2 ] || sleep 5; sleep 0.5; echo '{\"acc\": 0.75}'", to: "train.sh")
    let code = run {
      $0.assignments = ["seeds=1", "program.grace=0.1"]
      $0.attemptCap = 1
    }
    XCTAssertEqual(code, .failure)
    XCTAssertEqual(columns(["variant", "status"], of: "trials.csv"), ["low timeout", "high completed"])
  }

  func testVerifyingKeepsToTheTimeout() throws {
    try folder.write("[ ! -e \(folder.path)/slow ] || sleep 5; echo '{\"acc\": 0.75}'", to: "train.sh")
    XCTAssertEqual(run { $0.assignments = ["seeds=1", "variants=low"] }, .success)
    // The same trial: the key changes no identifier.
    let limits = ["program.timeout=0.2", "program.grace=0.1"]
    XCTAssertEqual(run { $0.assignments = ["seeds=1", "variants=low"] + limits }, .success)
    try folder.write("", to: "slow")
    var lines: [String] = []
    let count = try Verification(folder.path + "/out").trainAgain([0], threadCount: 1) { lines.append($0) }
    XCTAssertEqual(count, 1)
    XCTAssertTrue(lines[0].hasSuffix("): not verified: the program took longer than program.timeout"), lines[0])
    XCTAssertEqual(
      lines.last,
      "0 of 1 trials trained again gave the same bits; 1 took longer than program.timeout: run the sweep with a longer one and "
        + "verify again")
  }

  /// Each trial crashes for a reason of its own, so that only the limit stops the run.
  func testTooManyCrashesStopTheRun() throws {
    try folder.write(
      "sleep 0.05; [ $1 = 1 ] || { echo reason $1 $2 >&2; exit 1; }; echo '{\"acc\": 0.75}'", to: "train.sh")
    let code = run {
      $0.attemptCap = 1
      $0.failureLimit = FailureLimit("2")
    }
    XCTAssertEqual(code, .failure)
    // The rank may have begun another trial before the leader counted the third crash; its end is still recorded.
    XCTAssertTrue((3...4).contains(columns(["status"], of: "trials.csv").count { $0 == "crashed" }))
  }

  /// Runs that all succeed are certain enough at the first look: their intervals are narrower than the rule asks for.
  func testARecipeStopsAtItsLook() throws {
    try folder.write("sleep 0.05; echo '{\"acc\": 0.75}'", to: "train.sh")
    let rule = "stop={ half_width: 0.45, looks: [6, 12] }"
    XCTAssertEqual(run { $0.assignments = ["seeds=12", rule] }, .success)
    XCTAssertEqual(columns(["variant", "n", "stopped_at"], of: "summary.csv"), ["low 6 6", "high 6 6"])
    // A recipe's next trial may have begun before its look.
    let count = try JournalIndex(path: folder.path + "/out/journal.jsonl").resultCount
    XCTAssertTrue((12...14).contains(count), "\(count)")
  }

  func testVerifyingSaysWhetherNumbersRepeat() throws {
    try folder.write("echo \"{\\\"acc\\\": 0.$(date +%N | tail -c 7)7}\"", to: "train.sh")
    XCTAssertEqual(run { $0.assignments = ["seeds=1", "variants=low"] }, .success)
    var lines: [String] = []
    let differentCount = try Verification(folder.path + "/out").trainAgain([0], threadCount: 1) { lines.append($0) }
    XCTAssertEqual(differentCount, 0, "no fault, because the program is not declared deterministic")
    XCTAssertTrue(lines[0].contains("other numbers: 0."), lines[0])
    XCTAssertEqual(
      lines.last,
      "0 of 1 trials trained again gave the same bits; 1 gave other numbers, as a program may that is not declared "
        + "deterministic")
  }
}
