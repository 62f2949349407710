// `seedsweep pretrain` as its users run it: the same bytes after a kill, one process a folder, and everything refused.

import Foundation
import Host
import Storage
import XCTest

final class PretrainTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func words(_ output: String, steps: Int = 40, _ more: [String] = []) -> [String] {
    [
      "pretrain", "--output", output, "--layers", "2", "--hidden", "16", "--heads", "2", "--intermediate", "32",
      "--max-length", "32", "--steps", "\(steps)", "--batch-size", "4", "--evaluate-every", "10",
    ] + more
  }

  private func run(_ words: [String], environment: [String: String?] = [:]) throws -> Child.Result {
    try Child.seedsweep(words, in: folder.path, environment: environment)
  }

  private func assertRefused(
    _ words: [String], _ message: String, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    let result = try run(words)
    XCTAssertEqual(result.code, 2, result.output, file: file, line: line)
    XCTAssertTrue(result.errors.contains(message), result.errors, file: file, line: line)
  }

  private static let files = [
    "model.safetensors", "config.json", "vocab.txt", "tokenizer_config.json", "metrics.csv", "mask_set.jsonl",
    "checkpoint",
  ]

  func testAKilledRunGoesOnWithTheSameBytes() throws {
    let whole = try run(words("whole"))
    XCTAssertEqual(whole.code, 0, whole.errors)
    XCTAssertTrue(
      whole.output.contains("knowing the language's grammar leaves a held-out loss of 1.6888"), whole.output)
    XCTAssertTrue(whole.output.hasSuffix("the model is in whole\n"), whole.output)
    XCTAssertEqual(folder.text("whole/metrics.csv").split(separator: "\n").count, 5)

    let limited = try run(words("pieces", steps: 40, ["--limit", "13"]))
    XCTAssertEqual(limited.code, 75, limited.errors)
    XCTAssertTrue(limited.output.contains("stopped after step 13 of 40; the same command goes on"), limited.output)
    // SIGKILL between two checkpoints: what was done since the last one is done again.
    let killed = try Child([Child.program] + words("pieces"), in: folder.path)
    while killed.isRunning, !killed.outputSoFar.contains("step 20  ") { usleep(1000) }
    killed.send(SIGKILL)
    _ = killed.wait()
    let rest = try run(words("pieces", steps: 40, ["--threads", "2"]))
    XCTAssertEqual(rest.code, 0, rest.errors)
    for name in Self.files {
      XCTAssertEqual(try folder.bytes("pieces/" + name), try folder.bytes("whole/" + name), name)
    }
    XCTAssertTrue(try run(words("whole")).output.contains("going on after step 40"), "nothing is left to do")
  }

  func testHalfTheBytesOfTheSameModel() throws {
    XCTAssertEqual(try run(words("single", steps: 3)).code, 0)
    XCTAssertEqual(try run(words("half", steps: 3, ["--half"])).code, 0)
    XCTAssertEqual(try folder.bytes("half/checkpoint"), try folder.bytes("single/checkpoint"))
    let (single, half) = (try folder.bytes("single/model.safetensors"), try folder.bytes("half/model.safetensors"))
    XCTAssertLessThan(half.count, single.count * 3 / 5)
  }

  /// A pre-LN model is pre-trained, fine-tuned, kept and analysed like any other.
  func testAPreNormModel() throws {
    let words = words("pre", steps: 30, ["--model-type", "megatron-bert", "--learning-rate", "1e-2"])
    XCTAssertEqual(try run(words).code, 0)
    let losses = folder.text("pre/metrics.csv").split(separator: "\n").dropFirst().map { row in
      row.split(separator: ",").dropFirst(2).first.flatMap { Double($0) } ?? .nan
    }
    XCTAssertLessThan(losses[2], losses[0] - 0.1, "it learns")
    let configuration = folder.text("pre/config.json")
    for line in ["\"model_type\": \"megatron-bert\"", "\"architectures\": [\"MegatronBertForMaskedLM\"]"] {
      XCTAssertTrue(configuration.contains(line), configuration)
    }
    try assertIsTunedAndAnalysed("pre")
  }

  /// A causal model predicts every next token, is fine-tuned on the last one, and has no norms of its queries alone.
  func testACausalModel() throws {
    let pretrained = try run(words("causal", steps: 20, ["--model-type", "gpt2"]))
    XCTAssertEqual(pretrained.code, 0, pretrained.errors)
    XCTAssertFalse(pretrained.output.contains("grammar"), "the bound is one of masked words")
    XCTAssertTrue(folder.text("causal/config.json").contains("\"architectures\": [\"GPT2LMHeadModel\"]"))
    XCTAssertTrue(folder.text("causal/mask_set.jsonl").hasPrefix("{\"input_ids\": [2, "))
    try assertIsTunedAndAnalysed(
      "causal", task: "synthetic-pairs", rate: 2e-2, more: "record: { gradient_norms_every: 6 },")
    XCTAssertTrue(
      folder.text("out-causal/mask_set.jsonl").split(separator: "\n")[0].hasSuffix("\"predicts\":\"next\"}"))
    XCTAssertEqual(try run(["analyze", "gradients", "out-causal"]).code, 0)
    let queries = try run(["analyze", "gradients", "out-causal", "--tensors", "attention.self.query.weight"])
    XCTAssertTrue(
      queries.errors.contains(
        "the layers have no attention.self.query.weight of their own, as their family keeps queries, keys and values in one; "
          + "take --tensors all"), queries.errors)
  }

  /// Models of other families are pre-trained, fine-tuned, kept and analysed like any other.
  func testOtherFamilies() throws {
    for (family, more) in [("roberta", []), ("electra", ["--embedding", "8"]), ("distilbert", [])] {
      let pretrained = try run(words(family, steps: 10, ["--model-type", family] + more))
      XCTAssertEqual(pretrained.code, 0, pretrained.errors)
      try assertIsTunedAndAnalysed(family)
    }
  }

  /// Fine-tunes a model with six seeds, keeps the weights and analyses what was forgotten: with all reset they are the pre-trained
  /// model.
  private func assertIsTunedAndAnalysed(
    _ model: String, task: String = "synthetic", rate: Double = 1e-3, more: String = ""
  ) throws {
    let output = "out-\(model)"
    try folder.write(
      """
      { model: { path: "\(model)" }, \(more) task: { name: "\(task)", train_size: 96, dev_size: 40, max_length: 32 },
        training: { max_steps: 12, batch_size: 8 }, optimizer: { learning_rate: \(rate) }, seeds: 6 }
      """, to: "sweep.json5")
    let tuned = try run(["run", "sweep.json5", "--output", output, "--keep-weights", "all"])
    XCTAssertEqual(tuned.code, 0, tuned.errors)
    func table(_ name: String, _ columns: [String]) throws -> [[Double]] {
      let rows = folder.text("\(output)/\(name)").split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let places = try columns.map { column in try XCTUnwrap(rows.first?.firstIndex { $0 == column }, column) }
      return try rows.dropFirst().map { row in try places.map { try XCTUnwrap(Double(row[$0])) } }
    }
    // Some count as failed: those that are nearer to the lowest score than to the highest.
    let scores = try table("trials.csv", ["value_final"]).flatMap { $0 }
    XCTAssertGreaterThan(Set(scores).count, 1)
    let rule = "below=\((try XCTUnwrap(scores.min()) + (try XCTUnwrap(scores.max()))) / 2)"
    let analyzed = try run(["analyze", "forgetting", output, "--runs", "6", "--failure-rule", rule])
    XCTAssertEqual(analyzed.code, 0, analyzed.errors)
    let perplexities = try table("forgetting_summary.csv", ["perplexity_all", "perplexity_pretrained"])
    XCTAssertEqual(perplexities.count, 6)
    for row in perplexities { XCTAssertEqual(row[0], row[1], accuracy: 1e-6 * row[1]) }
  }

  /// A shared layer has gradient norms in each application, and cannot be reset alone.
  func testALayerThatIsAppliedAgainAndAgain() throws {
    let pretrained = try run(words("shared", steps: 2, ["--model-type", "albert", "--embedding", "8"]))
    XCTAssertEqual(pretrained.code, 0, pretrained.errors)
    try folder.write(
      """
      { model: { path: "shared" }, task: { name: "synthetic", train_size: 16, dev_size: 8, max_length: 24 },
        training: { max_steps: 4, batch_size: 4 }, seeds: 1, record: { gradient_norms_every: 1 } }
      """, to: "sweep.json5")
    let tuned = try run(["run", "sweep.json5", "--output", "out", "--keep-weights", "all"])
    XCTAssertEqual(tuned.code, 0, tuned.errors)
    let norms = folder.text("out/gradient_norms.csv")
    for application in 0..<2 { XCTAssertTrue(norms.contains("albert_layers.0.ffn.weight#\(application),")) }
    let analyzed = try run(["analyze", "gradients", "out", "--tensors", "intermediate.dense.weight"])
    XCTAssertEqual(analyzed.code, 0, analyzed.errors)
    let forgetting = try run(["analyze", "forgetting", "out"])
    XCTAssertTrue(
      forgetting.errors.contains(
        "all layers of model_type \"albert\" are applications of one, so none can be reset to the pre-trained one by itself"
      ),
      forgetting.errors)
  }

  func testASecondProcessIsRefused() throws {
    let first = try Child([Child.program] + words("out", steps: 1_000_000), in: folder.path)
    while first.isRunning, !folder.has("out/.leases/1.json") { usleep(1000) }
    try assertRefused(words("out", steps: 1_000_000), "process \(first.identifier) on host ")
    first.send(SIGTERM)
    let stopped = first.wait()
    XCTAssertEqual(stopped.code, 75, stopped.errors)
    XCTAssertTrue(folder.has("out/checkpoint"))
  }

  /// Another machine leads, which takes 15 s to be given up.
  func testTheWaitForAFolderCanBeInterrupted() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
    let elsewhere = LeaseHolder(
      machine: MachineIdentity(host: "node99", processSpace: "other"),
      process: ProcessIdentity(process: 17, startTime: 4), launcher: nil)
    let lease = try Lease(folder: RunFolder(folder.path + "/out").leases, holder: elsewhere)
    let child = try Child([Child.program] + words("out"), in: folder.path)
    while child.isRunning, !child.outputSoFar.contains("taking over if it gives no sign of life") { usleep(1000) }
    child.send(SIGINT)
    let stopped = child.wait(atMost: 10)
    XCTAssertEqual(stopped.code, 75, stopped.errors)
    XCTAssertTrue(
      stopped.output.hasSuffix("stopped before the first step; the same command starts again\n"), stopped.output)
    XCTAssertNoThrow(try lease.renew(), "it is not taken over")
    XCTAssertFalse(folder.has("out/checkpoint"))
  }

  /// 85 million weights take a while to be drawn.
  func testAStopWhileWeightsAreDrawnLeavesNoFolder() throws {
    let child = try Child(
      [Child.program, "pretrain", "--output", "out", "--hidden", "768", "--layers", "12"], in: folder.path)
    while child.isRunning, !folder.has("out/.leases/1.json") { usleep(1000) }
    child.send(SIGTERM)
    let stopped = child.wait()
    XCTAssertEqual(stopped.code, 75, stopped.errors)
    XCTAssertEqual(stopped.output, "stopped before the first step; the same command starts again\n")
    XCTAssertFalse(folder.has("out"))
  }

  func testSeveralProcessesAreRefused() throws {
    let result = try Child(Child.launched(ranks: 2, words("out")), in: folder.path).wait()
    XCTAssertEqual(result.code, 2, result.output)
    XCTAssertTrue(
      result.errors.contains(
        "seedsweep pretrain: 2 processes were started by mpirun, but one pre-trains; start it alone, with --threads N for "
          + "more cores"), result.errors)
    XCTAssertFalse(folder.has("out"))
    XCTAssertEqual(try Child(Child.launched(ranks: 1, words("out", steps: 2)), in: folder.path).wait().code, 0)
  }

  func testAnotherRunsFolderIsRefused() throws {
    XCTAssertEqual(try run(words("out", steps: 4, ["--limit", "2", "--arithmetic", "openblas"])).code, 75)
    for other in [["--seed", "2"], ["--learning-rate", "1e-3"], ["--dropout", "0"]] {
      try assertRefused(words("out", steps: 4, other), "out/checkpoint is of a run with other settings or another text")
    }
    let elsewhere = try run(words("out", steps: 4), environment: Child.otherKernels)
    XCTAssertEqual(elsewhere.code, 2, elsewhere.output)
    XCTAssertTrue(
      elsewhere.errors.contains("out/checkpoint was computed with other bits than this machine computes with"),
      elsewhere.errors)
    let accepted = try run(
      words("out", steps: 4, ["--allow-mixed-numerics"]), environment: Child.otherKernels)
    XCTAssertEqual(accepted.code, 0, accepted.errors)
  }

  func testAFolderWithAnothersModelIsKept() throws {
    for name in ["model.safetensors", "journal.jsonl"] {
      let path = "other-" + name
      try FileManager.default.createDirectory(atPath: folder.path + "/" + path, withIntermediateDirectories: true)
      try folder.write("mine", to: path + "/" + name)
      try assertRefused(words(path), "\(path) has a \(name) but no checkpoint, so it is not from pre-training")
      XCTAssertEqual(folder.text(path + "/" + name), "mine")
      XCTAssertFalse(folder.has(path + "/.leases"))
    }
  }

  func testBadInputIsRefused() throws {
    try folder.write("the dog sleeps .\n", to: "short.txt")
    try folder.write("[UNK]\n[CLS]\n[SEP]\nthe\n", to: "no-mask.txt")
    try folder.write("[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n", to: "words.txt")
    for (more, message) in [
      (["--text", "short.txt"], "--text and --vocabulary need each other"),
      (["--cased"], "--cased: needs a --vocabulary"),
      (["--text", "none.txt", "--vocabulary", "words.txt"], "cannot read the text none.txt: there is no such file"),
      (
        ["--text", "short.txt", "--vocabulary", "none.txt"],
        "cannot read the vocabulary none.txt: there is no such file"
      ),
      (["--text", "short.txt", "--vocabulary", "no-mask.txt"], "lack [MASK]"),
      (["--text", "short.txt", "--vocabulary", "words.txt"], "short.txt: 1 sentence, one on each line; at least 20"),
      (["--steps", "0"], "--steps"), (["--dropout", "1"], "--dropout"),
      (
        ["--model-type", "t5"],
        "--model-type: found 't5', allowed are bert, megatron-bert, gpt2, roberta, xlm-roberta, camembert, electra, distilbert, "
          + "albert"
      ),
      (["--embedding", "64"], "the embeddings of \"bert\" are as wide as the encoder"),
    ] {
      // A flag that is given twice would hide the one that is asked about.
      let base = words("refused").filter { $0 != "--steps" && $0 != "40" }
      try assertRefused(base + more, message)
      XCTAssertFalse(folder.has("refused"))
    }
    let diverged = try run(words("diverged", steps: 40, ["--learning-rate", "1e30", "--warmup", "0"]))
    XCTAssertEqual(diverged.code, 1, diverged.output)
    XCTAssertTrue(diverged.errors.contains("a smaller --learning-rate or a longer --warmup may help"), diverged.errors)
  }

  /// Sizes and warm-ups keep the rules of sweeps, and are refused before there is a folder or a model.
  func testNumbersThatNoRunCanHaveAreRefused() throws {
    for (more, message) in [
      (["--hidden", "9"], "pretrain: --heads: 4 heads do not divide the hidden size 9\n"),
      (["--hidden", "\(1 << 62)"], "--hidden: found '\(1 << 62)', expected a whole number from 1 to 2147483647"),
      (["--hidden", "2147483644"], "--hidden: these sizes make "),
      (["--layers", "100000", "--hidden", "8"], "--layers: expected at most 1000 layers, found 100000\n"),
      (["--hidden", "200000", "--max-length", "8"], "pretrain: 1 rank of "),
      (["--batch-size", "65537"], "--batch-size: found '65537', expected a whole number from 1 to 65536"),
      (["--threads", "\(Int.max)"], "--threads: found '\(Int.max)', expected a whole number from 1 to 1024"),
      (["--learning-rate", "1e39"], "--learning-rate: expected a number from 1.1754944e-38 to 3.4028235e+38"),
      (["--warmup", "1e19"], "--warmup: expected a fraction below 1 or a whole number of steps up to 2147483647"),
      (["--warmup", "1.5"], "--warmup: expected a fraction below 1 or a whole number of steps up to 2147483647"),
      (["--warmup", "10", "--steps", "3"], "--warmup: 10 steps of warm-up are more than the schedule's 3 (--steps)\n"),
    ] {
      try assertRefused(["pretrain", "--output", "refused"] + more, message)
      XCTAssertFalse(folder.has("refused"), "\(more)")
    }
  }

  /// Weights that no held-out sentence can be scored with are no checkpoint to go on from.
  func testALossThatIsNotFiniteIsNotKept() throws {
    let result = try run(
      words("diverged").filter { $0 != "--evaluate-every" && $0 != "10" }
        + ["--learning-rate", "1e30", "--warmup", "0", "--evaluate-every", "1"])
    XCTAssertEqual(result.code, 1, result.output)
    XCTAssertTrue(result.errors.contains("step 1: the held-out loss is "), result.errors)
    XCTAssertFalse(result.output.contains("held-out loss -nan"), result.output)
    XCTAssertFalse(folder.has("diverged/checkpoint"))
  }
}
