// The analyses by the built program, alone and under mpirun, on a language model that it pre-trained itself.

import Host
import Storage
import Training
import XCTest

@testable import seedsweep

final class AnalyzeTests: XCTestCase {
  private var folder: TemporaryFolder!

  /// A model pre-trained for six steps and six runs of two heads.
  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(
      """
      {
        name: "tiny", model: { path: "lm" },
        task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 },
        training: { max_steps: 12, batch_size: 8 }, optimizer: { learning_rate: 1e-3 },
        seeds: { init: [1, 2], order: [1, 2, 3], design: "crossed" },
        record: { gradient_norms_every: 1, curves_every: 2 },
      }
      """, to: "tiny.json5")
    let model = try Child.seedsweep(
      [
        "pretrain", "--output", "lm", "--layers", "2", "--hidden", "16", "--heads", "2", "--max-length", "40",
        "--steps", "6",
      ],
      in: folder.path)
    XCTAssertEqual(model.code, 0, model.errors)
    let run = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(run.code, 0, run.errors)
  }

  override func tearDown() { folder = nil }

  /// A rule by which some runs fail and the best ones do not: half-way between the lowest and the highest score.
  private func rule() throws -> String {
    let scores = try column("out/trials.csv", "value_final").compactMap(Double.init)
    let (low, high) = (try XCTUnwrap(scores.min()), try XCTUnwrap(scores.max()))
    XCTAssertLessThan(low, high)
    return "below=\((low + high) / 2)"
  }

  private func column(_ table: String, _ name: String) throws -> [String] {
    let rows = folder.text(table).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let place = try XCTUnwrap(rows.first?.firstIndex { $0 == name }, name)
    return rows.dropFirst().map { String($0[place]) }
  }

  private func analyze(_ words: [String], ranks: Int? = nil) throws -> Child.Result {
    let words = ["analyze"] + words
    guard let ranks else { return try Child.seedsweep(words, in: folder.path) }
    return try Child(Child.launched(ranks: ranks, words), in: folder.path).wait()
  }

  /// Two working folders play two hosts without a shared file system.
  func testARankThatDoesNotSeeTheRunsSaysWhatIsNeeded() throws {
    let elsewhere = folder.path + "/elsewhere"
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    let words = [Child.program, "analyze", "surface", "out", "--retrain", "--failure-rule", try rule()]
    let result = try Child(
      ["mpirun", "--oversubscribe", "-np", "1"] + words + [":", "-np", "1", "-wdir", elsewhere] + words,
      in: folder.path
    ).wait()
    XCTAssertEqual(result.code, 1, result.output)
    XCTAssertNotNil(
      result.errors.firstMatch(
        of:
          /seedsweep analyze: rank 1 on host .* finds no out\/journal.jsonl: analyze sends no files, so every host needs/
      ),
      result.errors)
  }

  func testForgettingTrainsAgainWhatItNeedsAndTwoRanksWriteTheSameBytes() throws {
    let words = ["forgetting", "out", "--runs", "1", "--failure-rule", try rule()]
    let refused = try analyze(words)
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(refused.errors.contains("the weights of 2 of 2 runs were not kept in out/weights: "), refused.errors)
    XCTAssertTrue(refused.errors.contains("--retrain trains them again and keeps them"), refused.errors)
    XCTAssertFalse(folder.has("out/mask_set.jsonl"), "nothing is drawn for an analysis that is refused")
    let two = try analyze(words + ["--retrain", "--output", "two"], ranks: 2)
    XCTAssertEqual(two.code, 0, two.errors)
    XCTAssertTrue(two.output.contains("training 2 of 2 runs again"), two.output)
    let one = try analyze(words + ["--output", "one"])
    XCTAssertEqual(one.code, 0, one.errors)
    for name in ["forgetting.csv", "forgetting_summary.csv", "failed_curves.csv", "mask_set.jsonl"] {
      XCTAssertEqual(try folder.bytes("one/" + name), try folder.bytes("two/" + name), name)
    }
    for table in ["forgetting", "forgetting_summary", "failed_curves"] {
      XCTAssertEqual(Set(try column("one/\(table).csv", "failure_rule")), [words[words.count - 1]], table)
      XCTAssertEqual(Set(try column("one/\(table).csv", "score")), ["final"], table)
    }
    // Per run k = 0, 1, 2, then the embeddings.
    XCTAssertEqual(try column("one/forgetting.csv", "layers_reset"), ["0", "1", "2", "2", "0", "1", "2", "2"])
    let all = try column("one/forgetting_summary.csv", "perplexity_all").compactMap(Double.init)
    let pretrained = try column("one/forgetting_summary.csv", "perplexity_pretrained").compactMap(Double.init)
    for (all, pretrained) in zip(all, pretrained) { XCTAssertEqual(all, pretrained, accuracy: 1e-6 * pretrained) }
    XCTAssertEqual(all.count, 2)
    // A mask set that was drawn with another vocabulary.
    let masks = folder.text("one/mask_set.jsonl")
    let digest = "{\"vocabulary_sha256\":\""
    XCTAssertTrue(masks.hasPrefix(digest), String(masks.prefix(100)))
    try folder.write(digest + "0" + masks.dropFirst(digest.count + 1), to: "other.jsonl")
    let other = try analyze(words + ["--mask-set", "other.jsonl"])
    XCTAssertEqual(other.code, 2)
    XCTAssertTrue(other.errors.contains("other.jsonl: this mask set is of another tokenizer"), other.errors)
  }

  func testWeightsAreTrainedAgainOnlyByWhomTheFolderIsFreeFor() throws {
    let words = ["surface", "out", "--points", "2", "--examples", "4", "--failure-rule", try rule(), "--output", "one"]
    let leases = RunFolder(folder.path + "/out").leases
    let lease = try Lease(folder: leases, holder: .current(launchedByParent: false))
    let refused = try analyze(words + ["--retrain"])
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(
      refused.errors.hasPrefix("seedsweep analyze: this folder is being written by process \(getpid()) on host "),
      refused.errors)
    XCTAssertFalse(folder.has("out/weights"))
    try lease.release()
    // A leader on another machine is waited for, which a signal ends.
    let elsewhere = LeaseHolder(
      machine: MachineIdentity(host: "node99", processSpace: "other"),
      process: ProcessIdentity(process: 17, startTime: 4), launcher: nil)
    let other = try Lease(folder: leases, holder: elsewhere)
    let waiting = try Child([Child.program, "analyze"] + words + ["--retrain"], in: folder.path)
    while waiting.isRunning, !waiting.outputSoFar.contains("taking over if it gives no sign of life") { usleep(1000) }
    waiting.send(SIGINT)
    let stopped = waiting.wait(atMost: 10)
    XCTAssertEqual(stopped.code, 75, stopped.errors)
    XCTAssertTrue(stopped.errors.contains("stopped by SIGINT: no table was written"), stopped.errors)
    try other.release()
    let free = try analyze(words + ["--retrain"])
    XCTAssertEqual(free.code, 0, free.errors)
    // Let go of, or the next would have to wait; and of a higher number than the one before.
    XCTAssertGreaterThan(try Lease(folder: leases, holder: .current(launchedByParent: false)).epoch, lease.epoch + 1)
    // What only reads needs no lease.
    XCTAssertEqual(try analyze(words).code, 0)
  }

  func testTheSameTextIsReadTwiceAndAnotherRefused() throws {
    let sentences = folder.text("lm/vocab.txt").split(separator: "\n").filter { !$0.hasPrefix("[") }
    let lines = stride(from: 0, to: min(sentences.count, 40) - 4, by: 2).map {
      sentences[$0..<$0 + 4].joined(separator: " ") + "\n"
    }
    try folder.write(lines.joined(), to: "sentences.txt")
    try folder.write(lines.dropFirst().joined(), to: "others.txt")
    func forgetting(_ text: String) throws -> Child.Result {
      try analyze(
        ["forgetting", "out", "--runs", "1", "--failure-rule", rule(), "--retrain", "--output", "one", "--text", text])
    }
    let first = try forgetting("sentences.txt")
    XCTAssertEqual(first.code, 0, first.errors)
    let (masks, table) = (folder.text("one/mask_set.jsonl"), folder.text("one/forgetting.csv"))
    XCTAssertTrue(masks.contains("\"text\":\"sentences.txt\",\"text_sha256\":\""), String(masks.prefix(300)))
    let second = try forgetting("sentences.txt")
    XCTAssertEqual(second.code, 0, second.errors)
    XCTAssertEqual(folder.text("one/forgetting.csv"), table)
    // As earlier versions wrote it: readable, but it does not say which text it is of.
    let digest = try FileDigests().digest(ofFile: folder.path + "/sentences.txt")
    for (text, old) in [
      ("others.txt", masks),
      ("sentences.txt", masks.replacingOccurrences(of: ",\"text_sha256\":\"\(digest)\"", with: "")),
    ] {
      try folder.write(old, to: "one/mask_set.jsonl")
      let other = try forgetting(text)
      XCTAssertEqual(other.code, 2)
      XCTAssertEqual(
        other.errors,
        "seedsweep analyze: one/mask_set.jsonl is there already, and not known to be drawn from \(text); remove it, or name "
          + "another with --mask-set, to draw from that\n")
    }
    XCTAssertFalse(folder.text("one/mask_set.jsonl").contains("text_sha256"))
    let old = try analyze(["forgetting", "out", "--runs", "1", "--failure-rule", rule(), "--output", "one"])
    XCTAssertEqual(old.code, 0, old.errors)
    XCTAssertEqual(folder.text("one/forgetting.csv"), table)
  }

  func testAModelWithoutALanguageModelHeadIsRefused() throws {
    let kept = try Child.seedsweep(
      ["run", "tiny.json5", "seeds=1", "--output", "kept", "--keep-weights", "all"], in: folder.path)
    XCTAssertEqual(kept.code, 0, kept.errors)
    let trial = try column("kept/trials.csv", "trial_id")[0]
    let result = try analyze(
      ["forgetting", "out", "--failure-rule", try rule(), "--pretrained", "kept/weights/\(trial)"])
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(result.errors.contains("there is no masked-language-model head"), result.errors)
  }

  func testAPretrainedModelThatChangedIsRefused() throws {
    let rule = try rule()
    let (weights, moved) = (folder.path + "/lm/model.safetensors", folder.path + "/moved")
    try FileManager.default.copyItem(atPath: folder.path + "/lm", toPath: moved)
    let same = try analyze(
      [
        "forgetting", "out", "--runs", "1", "--failure-rule", rule, "--retrain", "--output", "same", "--pretrained",
        "moved",
      ])
    XCTAssertEqual(same.code, 0, same.errors)
    // One bit of the last weight.
    var bytes = try folder.bytes("lm/model.safetensors")
    let then = try FileDigests().digest(ofFile: weights)
    bytes[bytes.count - 4] ^= 1
    for (path, words, what) in [
      (weights, ["surface", "out"], ""), (weights, ["forgetting", "out"], ""),
      (moved + "/model.safetensors", ["forgetting", "out", "--pretrained", moved], " from \(weights)"),
    ] {
      try bytes.write(to: URL(fileURLWithPath: path))
      let refused = try analyze(words + ["--failure-rule", rule, "--retrain", "--output", "other"])
      XCTAssertEqual(refused.code, 2)
      let now = try FileDigests().digest(ofFile: path)
      XCTAssertEqual(
        refused.errors,
        "seedsweep analyze: \(path) changed since the results were made\(what): its SHA-256 was \(then.prefix(16))..., "
          + "and is \(now.prefix(16))...\n")
    }
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/other"), [])
  }

  func testSurfaceIsTheSameOnTwoRanksAndItsCornersAreTheRuns() throws {
    let words = ["surface", "out", "--points", "4", "--examples", "16", "--failure-rule", try rule()]
    let one = try analyze(words + ["--retrain", "--output", "one"])
    XCTAssertEqual(one.code, 0, one.errors)
    let two = try analyze(words + ["--output", "two"], ranks: 2)
    XCTAssertEqual(two.code, 0, two.errors)
    let started = try analyze(words + ["--output", "started", "--processes", "2"])
    XCTAssertEqual(started.code, 0, started.errors)
    for name in ["surface.csv", "surface_edges.csv", "surface_summary.csv"] {
      XCTAssertEqual(try folder.bytes("one/" + name), try folder.bytes("two/" + name), name)
      XCTAssertEqual(try folder.bytes("one/" + name), try folder.bytes("started/" + name), name)
    }
    XCTAssertEqual(try column("one/surface.csv", "loss").count, 16)
    for end in ["from", "to"] {
      let plane = try column("one/surface_summary.csv", "loss_" + end).compactMap(Double.init)
      let direct = try column("one/surface_summary.csv", "loss_\(end)_direct").compactMap(Double.init)
      XCTAssertEqual(plane.count, 3)
      for (plane, direct) in zip(plane, direct) { XCTAssertEqual(plane, direct, accuracy: 1e-6) }
    }
    let trials = try column("out/trials.csv", "trial_id")
    let elsewhere = ["surface", "out", "--failed", trials[0], "--successful", trials[5]]
    for refused in try [analyze(elsewhere), analyze(elsewhere, ranks: 2), analyze(elsewhere + ["--processes", "2"])] {
      XCTAssertEqual(refused.code, 2)
      XCTAssertTrue(refused.errors.contains("started from different heads (seed_init 1 and 2)"), refused.errors)
    }
  }

  func testAllPairsAreTheSameOnTwoRanksAndEachIsThePairByItself() throws {
    let common = ["surface", "out", "--points", "4", "--examples", "16", "--failure-rule", try rule()]
    let words = common + ["--all-pairs"]
    let refused = try analyze(words)
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(refused.errors.contains("runs were not kept in out/weights: "), refused.errors)
    let two = try analyze(words + ["--retrain", "--output", "two"], ranks: 2)
    XCTAssertEqual(two.code, 0, two.errors)
    let one = try analyze(words + ["--output", "one"])
    XCTAssertEqual(one.code, 0, one.errors)
    XCTAssertFalse(folder.has("one/surface.csv"))
    for name in ["surface_edges.csv", "surface_summary.csv"] {
      XCTAssertEqual(try folder.bytes("one/" + name), try folder.bytes("two/" + name), name)
    }
    // The pairs as the runs' table has them, under the same rule.
    let judged = try Child.seedsweep(["summarize", "out", "--failure-rule", common[common.count - 1]], in: folder.path)
    XCTAssertEqual(judged.code, 0, judged.errors)
    let (trials, seeds) = (try column("out/trials.csv", "trial_id"), try column("out/trials.csv", "seed_init"))
    let verdicts = try column("out/trials.csv", "failed")
    let pairs = trials.indices.flatMap { one in
      trials.indices.filter { verdicts[one] == "true" && verdicts[$0] == "false" && seeds[one] == seeds[$0] }
        .map { (trials[one], trials[$0]) }
    }
    XCTAssertFalse(pairs.isEmpty)
    XCTAssertEqual(try column("one/surface_summary.csv", "trial_failed"), pairs.map(\.0))
    XCTAssertEqual(try column("one/surface_summary.csv", "trial_successful"), pairs.map(\.1))
    XCTAssertEqual(Set(try column("one/surface_summary.csv", "from")), ["failed"])
    XCTAssertEqual(Set(try column("one/surface_summary.csv", "to")), ["successful"])
    XCTAssertTrue(
      one.output.contains(
        "\(pairs.count) pair\(pairs.count == 1 ? "" : "s") of a failed and a successful run of one head, "),
      one.output)
    func lines(_ table: String, _ failed: String, _ successful: String) -> [Substring] {
      folder.text(table).split(separator: "\n").filter { $0.hasPrefix("\(failed),\(successful),") }
    }
    // The first and the last pair, each by its own analysis.
    for (failed, successful) in [pairs[0], pairs[pairs.count - 1]] {
      let single = try analyze(common + ["--failed", failed, "--successful", successful, "--output", "single"])
      XCTAssertEqual(single.code, 0, single.errors)
      XCTAssertFalse(single.output.contains("is removed"), single.output)
      for (name, count) in [("surface_edges.csv", 5), ("surface_summary.csv", 1)] {
        let own = lines("one/" + name, failed, successful)
        XCTAssertEqual(own.count, count)
        XCTAssertEqual(own, lines("single/" + name, failed, successful).filter { $0.contains(",failed,successful,") })
        XCTAssertEqual(
          folder.text("one/" + name).prefix { $0 != "\n" }, folder.text("single/" + name).prefix { $0 != "\n" })
      }
    }
    // A plane has no place beside edges of other runs.
    XCTAssertTrue(folder.has("single/surface.csv"))
    let after = try analyze(words + ["--output", "single"])
    XCTAssertEqual(after.code, 0, after.errors)
    XCTAssertTrue(
      after.output.contains("single/surface.csv is removed: its edges were written over\n"), after.output)
    XCTAssertFalse(folder.has("single/surface.csv"))
    XCTAssertEqual(try folder.bytes("single/surface_edges.csv"), try folder.bytes("one/surface_edges.csv"))
    let none = try analyze(["surface", "out", "--all-pairs", "--failure-rule", "below=2"])
    XCTAssertEqual(none.code, 2)
    XCTAssertTrue(none.errors.contains("of 6 completed runs 6 failed; a higher learning rate"), none.errors)
  }

  func testAPairOfWrongVerdictsIsRefused() throws {
    let trials = try column("out/trials.csv", "trial_id")
    func refusal(_ failed: String, _ successful: String, rule: String) throws -> String {
      let result = try analyze(
        ["surface", "out", "--failed", failed, "--successful", successful, "--failure-rule", rule, "--retrain"])
      XCTAssertEqual(result.code, 2)
      return result.errors
    }
    XCTAssertEqual(
      try refusal(trials[0], trials[1], rule: "below=-1"),
      "seedsweep analyze: --failed \(trials[0]): this run is successful by the failure rule below=-1.0 on the final score\n"
    )
    for failed in trials.prefix(2) {
      XCTAssertEqual(
        try refusal(failed, trials[1], rule: "below=2"),
        "seedsweep analyze: --successful \(trials[1]): this run failed (never_learned) by the failure rule below=2.0 on the "
          + "final score\n")
    }
  }

  /// Begins an analysis that takes long on two ranks, which the program starts itself where `words` are its name alone, and calls `strike` with the second one's process.
  private func interrupted(_ words: [String], strike: (Child, Int32) -> Void) throws -> Child.Result {
    let long = [
      "analyze", "surface", "out", "--points", "1000", "--examples", "96", "--failure-rule", try rule(), "--retrain",
      "--output", "long",
    ]
    let child = try Child(words + long + (words.count == 1 ? ["--processes", "2"] : []), in: folder.path)
    let deadline = Date().addingTimeInterval(60)
    var second: Int32?
    // Kept weights say that the ranks have greeted each other.
    while second == nil, child.isRunning, Date() < deadline {
      usleep(50_000)
      let kept = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/weights")) ?? []
      if kept.filter({ folder.has("out/weights/\($0)/model.safetensors") }).count == 2 {
        second = child.programs().first { process in
          let variables = FileManager.default.contents(atPath: "/proc/\(process)/environ")?.split(separator: 0) ?? []
          return variables.contains { $0.elementsEqual("OMPI_COMM_WORLD_RANK=1".utf8) }
        }
      }
    }
    // Well into the second round.
    usleep(1_500_000)
    strike(child, try XCTUnwrap(second, child.wait(atMost: 1).errors))
    return child.wait()
  }

  func testARankThatDiesIsNamed() throws {
    for words in [[Child.program], ["mpirun", "--enable-recovery", "--oversubscribe", "-np", "2", Child.program]] {
      try? FileManager.default.removeItem(atPath: folder.path + "/out/weights")
      let result = try interrupted(words) { _, second in kill(second, SIGKILL) }
      XCTAssertTrue(
        result.errors.contains(" was lost: its process is gone; the same command begins the analysis again\n"),
        result.errors)
      XCTAssertTrue(result.errors.contains("seedsweep analyze: rank 1 on host "), result.errors)
      // With --enable-recovery mpirun's own code is 0 whatever its ranks return.
      if words.count == 1 { XCTAssertEqual(result.code, 1) }
      XCTAssertFalse(folder.has("long/surface.csv"))
    }
  }

  func testAStoppedAnalysisSaysSo() throws {
    let result = try interrupted([Child.program]) { child, _ in child.send(SIGINT) }
    XCTAssertEqual(result.code, 75)
    XCTAssertTrue(
      result.errors.contains("seedsweep analyze: stopped by SIG"), result.errors)
    XCTAssertTrue(
      result.errors.contains(
        ": no table was written; the same command begins again, with the weights that were kept\n"),
      result.errors)
    // So does one whose mpirun has started nothing.
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    try folder.write("#!/bin/sh\n: > started\nexec sleep 30\n", to: "bin/mpirun")
    chmod(folder.path + "/bin/mpirun", 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let child = try Child(
      [Child.program, "analyze", "surface", "out", "--processes", "2"], in: folder.path,
      environment: ["PATH": folder.path + "/bin:" + path])
    let deadline = Date().addingTimeInterval(20)
    while !folder.has("started"), child.isRunning, Date() < deadline { usleep(2000) }
    child.send(SIGINT)
    let early = child.wait(atMost: 30)
    XCTAssertEqual(early.code, 75)
    XCTAssertEqual(
      early.errors,
      "seedsweep analyze: Interrupted before the analysis ended; the same command begins it again\n")
  }

  func testGradientsAndCorrectionNeedTheTablesAlone() throws {
    let gradients = try analyze(["gradients", "out", "--tensors", "output.dense.weight"])
    XCTAssertEqual(gradients.code, 0, gradients.errors)
    XCTAssertEqual(try column("out/gradient_statistics.csv", "ratio").count, 6)
    XCTAssertEqual(Set(try column("out/gradient_statistics.csv", "failure_rule")), ["accuracy"])
    XCTAssertEqual(Set(try column("out/gradient_statistics.csv", "tensor_set")), ["output.dense.weight"])
    let file = try analyze(["gradients", "out", "--output", "tiny.json5"])
    XCTAssertEqual(file.code, 2)
    XCTAssertEqual(
      file.errors,
      "seedsweep analyze: cannot create the folder tiny.json5: there is a file of this name; choose another one\n")
    let correction = try analyze(["correction", "out"], ranks: 2)
    XCTAssertEqual(correction.code, 0, correction.errors)
    XCTAssertEqual(try column("out/correction_factor.csv", "step"), (1...12).map(String.init))
  }

  func testWhatNoAnalysisReadsIsRefused() throws {
    let result = try analyze(["surfaces", "out"])
    XCTAssertEqual(
      result.errors,
      "seedsweep analyze: ANALYSIS: found 'surfaces', allowed are forgetting, surface, soups, gradients, correction, dose\n"
    )
    // With one word it is told as what it is taken: the analysis may be what is missing, and it may be misspelt.
    for word in ["out", "surfaces"] {
      let errors = try analyze([word]).errors
      XCTAssertTrue(
        errors.hasPrefix(
          "seedsweep analyze: DIR is missing: a folder of results; '\(word)' is taken as ANALYSIS "
            + "(forgetting, surface, soups, gradients, correction or dose)\n"), errors)
    }
    let other = try analyze(["gradients", "out", "--points", "3", "--processes", "2", "--tensors", "dense"])
    XCTAssertEqual(
      other.errors,
      """
      seedsweep analyze: --points: only analyze surface reads it
      seedsweep analyze: --processes: only analyze forgetting, surface and soups reads it
      seedsweep analyze: --tensors: found 'dense', allowed are all, attention.self.query.weight, attention.self.key.weight, \
      attention.self.value.weight, attention.output.dense.weight, intermediate.dense.weight, output.dense.weight

      """)
    XCTAssertEqual([result.code, other.code], [2, 2])
  }
}
