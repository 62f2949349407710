// Ranks, leaders and launchers that die or stop, faults on purpose, and what verify and retry make of what is left.

import Diagnosis
import Foundation
import Reports
import Runs
import Storage
import TestSupport
import Trials
import XCTest

@testable import seedsweep

final class SurvivalTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "6", steps: 600), to: "some.json5")
  }

  override func tearDown() { folder = nil }

  private func run(_ output: String, _ more: [String] = []) throws -> Child.Result {
    try Child.seedsweep(["run", "some.json5", "--output", output] + more, in: folder.path)
  }

  /// The tables of a run that nothing disturbs.
  private func undisturbed() throws -> [Data] {
    let result = try run("whole")
    XCTAssertEqual(result.code, 0, result.errors)
    return try TinySweep.tables(of: folder, "whole")
  }

  private func history(_ output: String = "out") throws -> JournalIndex {
    try JournalIndex(path: folder.path + "/" + output + "/journal.jsonl")
  }

  /// Kills of every kind, on three ranks under mpirun, by the script that users may run: three of it side by side, because each
  /// waits most of the time.
  func testEveryKindOfKillIsSurvived() throws {
    let root = Checkout.root.path
    let scripts = try (1...3).map {
      try Child(
        [root + "/scripts/check/test-kills.sh", "--each", "\($0)/3", "--trials", "12", "--steps", "1500"],
        in: folder.path, environment: ["SEEDSWEEP_PROGRAM": Child.program])
    }
    for script in scripts {
      let result = script.wait(atMost: 400)
      XCTAssertEqual(result.code, 0, result.output + result.errors)
      XCTAssertTrue(result.output.contains("\n3 kills, "), result.output)
      XCTAssertTrue(result.output.hasSuffix(": 0 problems\n"), result.output)
    }
  }

  func testARankThatStopsCostsOneTrial() throws {
    let expected = try undisturbed()
    // Every attempt of the first run stops its rank, rank 0 and its leader among them, unless it is told apart.
    let words = [
      "mpirun", "--enable-recovery", "--oversubscribe", "-np", "1", Child.program, "run", "some.json5",
      "--output", "out", "--stall-timeout", "1", ":", "-np", "1", Child.program, "run", "some.json5", "--output", "out",
      "--inject", "stop-rank:1", "--stall-timeout", "1",
    ]
    let result = try Child(words, in: folder.path).wait(atMost: 60)
    XCTAssertEqual(result.code, 0, result.output + result.errors)
    XCTAssertTrue(result.output.contains(" is lost: no progress for "), result.output)
    XCTAssertTrue(result.output.contains(", will be tried again: its rank was lost: no progress for "), result.output)
    TinySweep.assertSameTables(expected, try TinySweep.tables(of: folder))
    let index = try history()
    XCTAssertEqual(index.trials.map { index[$0]?.failedAttemptCount ?? 0 }.reduce(0, +), 1)
    XCTAssertEqual(try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path).code, 0)
  }

  /// Each of three ranks that are not the leader's dies of the same trial's attempts.
  func testAPoisonousTrialIsCappedAndNamed() throws {
    try folder.write(TinySweep.text(seeds: "1", steps: 600), to: "some.json5")
    let rank = [Child.program, "run", "some.json5", "--output", "out", "--limit", "1", "--stall-timeout", "30"]
    let words =
      ["mpirun", "--enable-recovery", "--oversubscribe", "-np", "1"] + [
        Child.program, "run", "some.json5", "--output", "out", "--limit", "1", "--trial-timeout", "1", "--inject",
        "slow:1",
      ]
      + [":", "-np", "3"] + rank + ["--inject", "kill-rank:1"]
    let result = try Child(words, in: folder.path).wait(atMost: 90)
    XCTAssertTrue(result.output.contains("\nNo result: trial "), result.output + result.errors)
    XCTAssertTrue(result.output.contains(" for the last time: "), result.output)
    let status = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 1, status.output)
    // What is capped is tried again when somebody says so.
    let retry = try Child.seedsweep(["retry", "out"], in: folder.path)
    XCTAssertEqual(retry.code, 75, retry.output + retry.errors)
    XCTAssertTrue(retry.output.contains("1 other trial"), retry.output)
    let rest = try run("out")
    XCTAssertEqual(rest.code, 0, rest.errors)
    TinySweep.assertSameTables(try undisturbed(), try TinySweep.tables(of: folder))
  }

  /// A trial that kills the only process is given up after as many attempts as any other, and a later run tries it again.
  func testATrialThatKillsTheOnlyProcessIsCappedAndNamed() throws {
    let words = ["--limit", "1", "--attempts", "2"]
    let killing = words + ["--inject", "kill-rank:1"]
    let died =
      "its rank was lost: its process died, and the run with it, before a checkpoint of the trial was written; "
    XCTAssertEqual(try run("out", killing).code, 128 + SIGKILL)
    let second = try run("out", killing)
    XCTAssertEqual(second.code, 128 + SIGKILL)
    XCTAssertTrue(second.output.contains(", rank 0, will be tried again: " + died), second.output)
    let third = try run("out", killing)
    XCTAssertEqual(third.code, 1, third.output + third.errors)
    XCTAssertTrue(third.output.contains(", rank 0 for the last time: " + died), third.output)
    XCTAssertTrue(third.output.contains("\nNo result: trial "), third.output)
    let index = try history()
    XCTAssertEqual(index.trials.map { index[$0]?.failedAttemptCount ?? 0 }, [2])
    XCTAssertEqual(try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path).code, 1)
    let last = try run("out", words)
    XCTAssertEqual(last.code, 0, last.output + last.errors)
  }

  func testTornAndFullJournalsResume() throws {
    let expected = try undisturbed()
    for (fault, code) in [("torn-write:0.3", 128 + SIGKILL), ("disk-full:0.3", 75)] {
      let output = String(fault.prefix(4))
      var codes: [Int32] = []
      for seed in 1...40 {
        let result = try run(output, ["--inject", fault, "--inject-seed", "\(seed)"])
        codes.append(result.code)
        if fault.hasPrefix("disk"), result.code != 0 {
          let start =
            "seedsweep run: cannot write to \(output)/journal.jsonl: No space left on device (error 28)\nseedsweep run: Every "
            + "result that was finished is kept in \(output)/journal.jsonl. Make space on the file system of \(output), which has "
          XCTAssertTrue(result.errors.hasPrefix(start), result.errors)
          XCTAssertNotNil(
            result.errors.firstMatch(
              of: result.code == 75
                ? /left\. [0-9]+ trials? (?:is|are) to go, and the same command resumes\.\n$/
                : /left\. Every trial has its result, and the same command writes what is missing\.\n$/),
            result.errors)
        }
        if result.code == 0 { break }
      }
      XCTAssertEqual(codes.last, 0, "\(codes)")
      XCTAssertGreaterThan(codes.count, 2)
      // The disk may also be full for the last record, after every result.
      XCTAssertEqual(Set(codes.dropLast()).subtracting(fault.hasPrefix("disk") ? [1] : []), [code])
      TinySweep.assertSameTables(expected, try TinySweep.tables(of: folder, output))
      XCTAssertEqual(try Verification.damage(of: folder.path + "/\(output)/journal.jsonl"), [])
    }
  }

  func testAnInjectedNaNIsAResultOnAnyNumberOfRanks() throws {
    let words = ["--inject", "nan:0.5"]
    let plain = try run("plain", words)
    XCTAssertEqual(plain.code, 0, plain.errors)
    let ranks = try run("ranks", words + ["--processes", "2"])
    XCTAssertEqual(ranks.code, 0, ranks.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "plain"), try TinySweep.tables(of: folder, "ranks"))
    let diverged = folder.text("plain/trials.csv").components(separatedBy: ",diverged,true,diverged,").count - 1
    XCTAssertTrue((1...11).contains(diverged), "\(diverged)")
  }

  func testTooManyFailuresStopTheRun() throws {
    let result = try run("out", ["--inject", "slow:1", "--trial-timeout", "1", "--max-failures", "0"])
    XCTAssertEqual(result.code, 1, result.output + result.errors)
    XCTAssertTrue(
      result.output.contains("\nStopped: 1 trial without a result, and --max-failures is 0.\n"), result.output)
    let index = try history()
    XCTAssertEqual(index.trials.count { index[$0]?.status == .timeout }, 1)
    let some = try Child.seedsweep(["retry", "out", "--timeout"], in: folder.path)
    XCTAssertEqual(some.code, 75, some.output + some.errors)
    XCTAssertEqual(try history().resultCount, 1)
    let trial = try XCTUnwrap(try history().trials.first { try! history()[$0]?.hasResult == true })
    let again = try Child.seedsweep(["retry", "out", "--trial", trial], in: folder.path)
    XCTAssertEqual(again.code, 2)
    XCTAssertEqual(
      again.errors, "seedsweep retry: trial \(trial) has a result, and results are never touched\n")
  }

  /// Trials that timed out kept their recipes from being looked at. Tried again, they let the recipes stop where those of an
  /// undisturbed run do, and what came of trials beyond that is in no table.
  func testRetryLetsRecipesStopAtTheirLooks() throws {
    try folder.write(TinySweep.text(seeds: "20", steps: 40), to: "some.json5")
    // Which trials are slow follows from their identifiers: with these, some before and some behind the looks.
    let stop = ["training.arithmetic=openblas", "stop={half_width: 0.33, looks: [5, 10]}"]
    XCTAssertEqual(try run("whole", stop).code, 0)
    let counted = Set(folder.text("whole/trials.csv").split(separator: "\n").dropFirst().map { String($0.prefix(16)) })
    XCTAssertTrue((10..<40).contains(counted.count), "\(counted.count)")

    let hurt = try run(
      "out", stop + ["--inject", "slow:0.2", "--trial-timeout", "1", "--attempts", "1", "--processes", "2"])
    XCTAssertEqual(hurt.code, 1, hurt.output + hurt.errors)
    let before = try history()
    let late = before.trials.filter { before[$0]?.status == .timeout }
    XCTAssertTrue(late.contains { counted.contains($0) } && late.contains { !counted.contains($0) }, "\(late)")

    let retry = try Child.seedsweep(["retry", "out", "--timeout"], in: folder.path)
    XCTAssertTrue([0, 75].contains(retry.code), retry.output + retry.errors)
    let after = try history()
    for trial in late where counted.contains(trial) { XCTAssertEqual(after[trial]?.status, .completed, trial) }
    let rest = try run("out", stop)
    XCTAssertEqual(rest.code, 0, rest.output + rest.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "whole"), try TinySweep.tables(of: folder))
    XCTAssertEqual(try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path).code, 0)
  }

  func testVerifyFindsWhatChanged() throws {
    try folder.write((1...80).map { "sentence \($0 % 7)\t\($0 % 2)" }.joined(separator: "\n"), to: "body.tsv")
    try folder.write("text\tgold\n" + folder.text("body.tsv") + "\n", to: "train.tsv")
    try folder.write("text\tgold\n" + folder.text("body.tsv") + "\n", to: "dev.tsv")
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsentence\n1\n2\n3\n", to: "vocab.txt")
    try folder.write(
      TinySweep.text(seeds: "2").replacingOccurrences(
        of: #"task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 }"#,
        with:
          #"task: { name: "mine", train: "train.tsv", dev: "dev.tsv", text: "text", label: "gold", max_length: 32 }"#
      ).replacingOccurrences(of: #"init: "random","#, with: #"init: "random", vocab: "vocab.txt","#), to: "some.json5")
    // OpenBLAS's bits are those of one kind of processor.
    XCTAssertEqual(try run("out", ["training.arithmetic=openblas"]).errors, "")
    let sound = try Child.seedsweep(["verify", "out", "--sample", "2"], in: folder.path)
    XCTAssertEqual(sound.code, 0, sound.output + sound.errors)
    XCTAssertTrue(sound.output.hasPrefix("journal: 4 results, 0 damaged places\ntrial "), sound.output)
    XCTAssertTrue(sound.output.hasSuffix("\n2 of 2 trials trained again gave the same bits\n"), sound.output)

    let journal = try folder.bytes("out/journal.jsonl")
    let place = try XCTUnwrap(journal.range(of: Data("\"weights_digest\":\"".utf8))).upperBound
    var flipped = journal
    flipped[place] ^= 1
    try flipped.write(to: URL(fileURLWithPath: folder.path + "/out/journal.jsonl"))
    let damaged = try Child.seedsweep(["verify", "out", "--sample", "1"], in: folder.path)
    XCTAssertEqual(damaged.code, 1)
    XCTAssertTrue(damaged.errors.contains("out/journal.jsonl: no record in "), damaged.errors)
    XCTAssertTrue(damaged.errors.contains("1 of the sweep's 4 trials has no result"), damaged.errors)

    // A digit that was changed by somebody who mended the checksum as well.
    try forge(journal, at: place)
    let forged = try Child.seedsweep(["verify", "out", "--sample", "4"], in: folder.path)
    XCTAssertEqual(forged.code, 1)
    XCTAssertEqual(forged.errors, "")
    XCTAssertTrue(forged.output.contains(": DIFFERENT: the weights are not those of the journal\n"), forged.output)
    XCTAssertTrue(forged.output.hasSuffix("\n3 of 4 trials trained again gave the same bits\n"), forged.output)

    try journal.write(to: URL(fileURLWithPath: folder.path + "/out/journal.jsonl"))
    let core = try Child.seedsweep(
      ["verify", "out"], in: folder.path, environment: Child.otherKernels)
    XCTAssertEqual(core.code, 2)
    XCTAssertTrue(core.errors.contains("computed with other bits than this machine computes with"), core.errors)

    try folder.write(
      folder.text("train.tsv").replacingOccurrences(of: "sentence 3\t1", with: "sentence 4\t1"), to: "train.tsv")
    let changed = try Child.seedsweep(["verify", "out"], in: folder.path)
    XCTAssertEqual(changed.code, 1)
    XCTAssertTrue(
      changed.errors.contains("/train.tsv changed since the results were made: its SHA-256 was "), changed.errors)
    let retry = try Child.seedsweep(["retry", "out"], in: folder.path)
    XCTAssertEqual(retry.code, 2)
    XCTAssertTrue(retry.errors.contains("/train.tsv changed since the results were made"), retry.errors)
    XCTAssertTrue(
      retry.errors.hasSuffix(
        "give the files the contents they had, or run the sweep with another folder for --output\n"),
      retry.errors)
    let other = try Child.seedsweep(["run", "some.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(other.code, 2)
    XCTAssertTrue(
      other.errors.contains("/train.tsv changed since they were made); choose another folder for --output, or "),
      other.errors)
  }

  func testVerifyHoldsWhatTrialsLeftAgainstTheJournal() throws {
    try folder.write(TinySweep.text(), to: "some.json5")
    let norms = "record.gradient_norms_every=4"
    XCTAssertEqual(try run("out", [norms, "seeds=1"]).errors, "")
    XCTAssertEqual(try run("out", [norms, "--keep-weights", "all"]).errors, "")
    let sound = try Child.seedsweep(["verify", "out", "--sample", "0"], in: folder.path)
    XCTAssertEqual(sound.code, 0, "weights that were never kept are not missing: " + sound.errors)

    func damage(_ name: String, at place: Int) throws {
      var bytes = try folder.bytes(name)
      bytes[bytes.startIndex + place] ^= 1
      try bytes.write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }
    let trials = TinySweep.keptTables(folder, "out/predictions")
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/weights").sorted()
    XCTAssertEqual([trials.count, kept.count], [4, 2])
    try damage("out/predictions/\(trials[0])", at: 60)
    try FileManager.default.removeItem(atPath: folder.path + "/out/predictions/\(trials[1])")
    let rows = folder.text("out/gradient_norms/\(trials[0])").split(separator: "\n", omittingEmptySubsequences: false)
    try folder.write((rows[..<5] + rows[6...]).joined(separator: "\n"), to: "out/gradient_norms/\(trials[0])")
    try FileManager.default.removeItem(atPath: folder.path + "/out/gradient_norms/\(trials[1])")
    try folder.write(
      (rows[..<5] + [rows[5].replacing(/[^,]*$/, with: "nan")] + rows[6...]).joined(separator: "\n")
        .replacing(trials[0].dropFirst(3).dropLast(4), with: trials[2].dropFirst(3).dropLast(4)),
      to: "out/gradient_norms/\(trials[2])")
    let weights = "out/weights/\(kept[0])/model.safetensors"
    try damage(weights, at: try folder.bytes(weights).count - 100)
    try FileManager.default.removeItem(atPath: folder.path + "/out/weights/\(kept[1])")

    let damaged = try Child.seedsweep(["verify", "out", "--sample", "1"], in: folder.path)
    XCTAssertEqual(damaged.code, 1)
    XCTAssertEqual(
      damaged.errors.split(separator: "\n").map(String.init).sorted(),
      [
        "gradient_norms/\(trials[0]): it has \(rows.count - 3) rows for 3 recorded steps",
        "gradient_norms/\(trials[1]): it is missing",
        "gradient_norms/\(trials[2]): line 6 is no row that this trial's rank wrote there",
        "predictions/\(trials[0]): these are not the predictions of the journal's result of this trial",
        "predictions/\(trials[1]): it is missing",
        "weights/\(kept[0]): these are not the weights of the journal's result of this trial",
        "weights/\(kept[1]): it is missing",
      ].map { "seedsweep verify: out/" + $0 }.sorted())
    XCTAssertTrue(damaged.output.hasSuffix("\n1 of 1 trials trained again gave the same bits\n"), damaged.output)

    try damage("out/predictions/\(trials[2])", at: 60)
    let agreement = try Child.seedsweep(["agreement", "out"], in: folder.path)
    XCTAssertEqual(agreement.code, 2)
    XCTAssertTrue(
      agreement.errors.contains(
        ": not computed: fewer than two runs have predictions that are those of the journal. "), agreement.errors)
    XCTAssertTrue(agreement.errors.contains(" predictions are damaged; 'seedsweep verify' names "), agreement.errors)
  }

  /// Changes a digit of an outcome and mends its line's checksum.
  private func forge(_ journal: Data, at place: Int) throws {
    var lines = journal.split(separator: 0x0A).map { Array($0) }
    var start = 0
    for index in lines.indices {
      if place < start + lines[index].count {
        lines[index][place - start] = lines[index][place - start] == 0x30 ? 0x31 : 0x30
        // {"crc":"xxxxxxxx","bytes":N,BODY}
        let comma = try XCTUnwrap(lines[index][18...].dropFirst(9).firstIndex(of: 0x2C))
        let checksum = lines[index].withUnsafeBytes {
          crc(UnsafeRawBufferPointer(rebasing: $0[(comma + 1)..<($0.count - 1)]))
        }
        lines[index].replaceSubrange(8..<16, with: Array(String(format: "%08x", checksum).utf8))
        break
      }
      start += lines[index].count + 1
    }
    let data = lines.map { Data($0) + [0x0A] }.reduce(Data(), +)
    try data.write(to: URL(fileURLWithPath: folder.path + "/out/journal.jsonl"))
  }

  /// CRC-32 by its definition, bit by bit.
  private func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value: UInt32 = .max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }

  /// A journal that a disk spoilt at its end still gives the same tables after the same command.
  func testSpoiltJournalsResumeToTheSameTables() throws {
    let expected = try undisturbed()
    let journal = try folder.bytes("whole/journal.jsonl")
    let ends = journal.indices.filter { journal[$0] == 0x0A }
    let last = ends[ends.count - 2]
    let before = ends[ends.count - 3]
    let record = journal[(before + 1)...last]
    let spoilt: [(String, Data)] = [
      ("cut in the last outcome", journal[...(before + record.count / 2)]),
      ("a zeroed block", journal[...(before - 300)] + Data(count: 512) + journal[(before + 212)...]),
      ("a duplicated record", journal[...last] + record + journal[(last + 1)...]),
      ("garbage between", journal[...before] + Data("{\"crc\":\"00000000\",\"bytes\":12,\0\u{7F}\n".utf8) + record),
    ]
    for (name, data) in spoilt {
      try? FileManager.default.removeItem(atPath: folder.path + "/out")
      try FileManager.default.copyItem(atPath: folder.path + "/whole", toPath: folder.path + "/out")
      try data.write(to: URL(fileURLWithPath: folder.path + "/out/journal.jsonl"))
      let result = try run("out")
      XCTAssertEqual(result.code, 0, name + result.errors)
      TinySweep.assertSameTables(expected, try TinySweep.tables(of: folder))
      XCTAssertEqual(try history().resultCount, 12, name)
    }
  }
}
