// Input that cannot be run: exit code 2, every error at once, nothing created.

import XCTest

@testable import seedsweep

final class RefusalTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  func testEveryErrorOfASweepAtOnce() throws {
    try folder.write(
      """
      {
        task: { name: "synthetic" },
        optimizer: { learning_rat: 1e-3, beta1: "high" },
        grid: { "schedule.warmup": [] },
        seeds: 0,
      }
      """, to: "bad.json5")
    let result = try Child.seedsweep(["run", "bad.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(result.output, "")
    let lines = result.errors.split(separator: "\n")
    XCTAssertEqual(lines.count, 4, result.errors)
    XCTAssertEqual(
      lines.map { String($0.prefix { $0 != " " }) },
      ["bad.json5:3:16:", "bad.json5:3:43:", "bad.json5:4:30:", "bad.json5:5:10:"])
    XCTAssertTrue(lines[0].hasSuffix("did you mean \"optimizer.learning_rate\"?"), "\(lines[0])")
    XCTAssertFalse(folder.has("out"))
  }

  func testRefusalUnderMPIRunEndsAllRanks() throws {
    let words = Child.launched(ranks: 2, ["run", "missing.json5", "--output", "out"])
    let result = try Child(words, in: folder.path).wait(atMost: 30)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors.components(separatedBy: "missing.json5: the file cannot be read: there is no such file").count,
      2)
    XCTAssertFalse(folder.has("out"))
  }

  func testMissingModelAndData() throws {
    try folder.write(
      """
      {
        model: { path: "nowhere" },
        task: { name: "sst2", data: "nothing" },
        seeds: 1,
      }
      """, to: "missing.json5")
    let result = try Child.seedsweep(["run", "missing.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(result.errors.contains("missing.json5:2:18: "), result.errors)
    XCTAssertTrue(result.errors.contains("missing.json5:3:31: "), result.errors)
    XCTAssertFalse(folder.has("out"))
  }

  /// What is wrong inside a file is said with the place where the sweep names it.
  func testWrongDataHasItsPlace() throws {
    try folder.write("text\tlabel\na b\t0\nc d\t1\n", to: "data.tsv")
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\n", to: "vocab.txt")
    try folder.write("[PAD]\n", to: "short.txt")
    func errors(_ vocabulary: String, _ column: String) throws -> [String.SubSequence] {
      try folder.write(
        """
        {
          model: { init: "random", vocab: "\(vocabulary)" },
          task: { name: "own",
                  train: "data.tsv", dev: "data.tsv", text: "\(column)", label: "label" },
          variants: { a: {}, b: { "schedule.warmup": 0 } }, seeds: 1,
        }
        """, to: "own.json5")
      let result = try Child.seedsweep(["plan", "own.json5"], in: folder.path)
      XCTAssertEqual(result.code, 2, result.output)
      return result.errors.split(separator: "\n")
    }
    let data = try errors("vocab.txt", "nope")
    XCTAssertEqual(data.count, 1, "\(data)")
    XCTAssertTrue(data[0].hasPrefix("own.json5:4:18: ") && data[0].contains("nope"), "\(data)")
    let model = try errors("short.txt", "text")
    XCTAssertEqual(model.count, 1, "\(model)")
    XCTAssertTrue(model[0].hasPrefix("own.json5:2:35: ") && model[0].contains("short.txt"), "\(model)")
  }

  func testFolderOfAnotherSweep() throws {
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    let journal = try folder.bytes("out/journal.jsonl")
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "optimizer.learning_rate=5e-4", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors,
      """
      seedsweep run: out holds 4 trials and none of them is in this sweep; choose another folder for --output, or run \
      the sweep that out/sweep.json describes (command_line in out/provenance.json has its command)

      """)
    XCTAssertEqual(journal, try folder.bytes("out/journal.jsonl"))
  }

  func testFolderOfSomethingElse() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
    try folder.write("mine", to: "out/thesis.tex")
    let result = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors,
      """
      seedsweep run: out holds thesis.tex but no journal.jsonl, so it is not an output folder of seedsweep; choose a \
      new or empty folder for --output

      """)
    XCTAssertFalse(folder.has("out/.leases"))
  }

  func testUnwritableOutput() throws {
    let result = try Child.seedsweep(["run", "tiny.json5", "--output", "/proc/seedsweep"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors,
      "seedsweep run: cannot create the folder /proc/seedsweep: No such file or directory (error 2)\n")
  }

  func testAKeptHeadOfAnotherTask() throws {
    _ = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "two", "--limit", "1", "--keep-weights", "all"], in: folder.path)
    let model = try XCTUnwrap(FileManager.default.contentsOfDirectory(atPath: folder.path + "/two/weights").first)
    try folder.write("text,label\none,x\ntwo,y\nthree,z\n", to: "three.csv")
    try folder.write(
      """
      {
        model: { path: "two/weights/\(model)", head: "keep" },
        task: { name: "three", train: "three.csv", dev: "three.csv", text: "text", label: "label" },
        seeds: 1,
      }
      """, to: "keep.json5")
    let result = try Child.seedsweep(["run", "keep.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.hasSuffix("\"classifier.weight\": the head to keep has 2 labels, and 3 are expected\n"),
      result.errors)
    XCTAssertFalse(folder.has("out"))
  }

  func testEvaluationOfTooShortSequences() throws {
    let result = try Child.seedsweep(
      ["evaluate", "--model", "m", "--task", "rte", "--data", "d", "--max-length", "2"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors, "seedsweep evaluate: --max-length: found '2', expected a whole number from 3 to 2147483647\n")
  }

  func testSecondLeaderIsRefused() throws {
    try folder.write(TinySweep.text(seeds: "200", steps: 300), to: "long.json5")
    let first = try Child([Child.program, "run", "long.json5", "--output", "out"], in: folder.path)
    let deadline = Date().addingTimeInterval(60)
    while !folder.has("out/journal.jsonl"), Date() < deadline, first.isRunning { usleep(5000) }
    let second = try Child.seedsweep(["run", "long.json5", "--output", "out"], in: folder.path)
    let third = try Child.seedsweep(["run", "long.json5", "--output", "out", "--processes", "2"], in: folder.path)
    let started = first.isRunning
    first.send(SIGKILL)
    _ = first.wait()
    XCTAssertTrue(started)
    for refused in [second, third] {
      XCTAssertEqual(refused.code, 2)
      // A fraction of a second alone; the machine that runs tests is busy.
      XCTAssertLessThan(refused.seconds, 2)
      XCTAssertTrue(
        refused.errors.hasPrefix("seedsweep run: this folder is being written by process \(first.identifier) on host "),
        refused.errors)
    }
  }

  func testSingletonsOfAJobStep() throws {
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out"], in: folder.path,
      environment: ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"])
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors,
      """
      seedsweep run: 4 processes were started by srun, but MPI sees each of them alone: each would lead a run of its own \
      in the same folder. Start with `srun --mpi=pmix seedsweep ...`, or with `mpirun seedsweep ...` inside the \
      allocation.

      """)
    XCTAssertFalse(folder.has("out"))
  }

  func testBatchScriptIsNoJobStep() throws {
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out", "--limit", "1"], in: folder.path,
      environment: ["SLURM_NTASKS": "4", "SLURM_JOB_ID": "7"])
    XCTAssertEqual(result.code, 0, result.errors)
  }

  func testMixedNumericsAreRefused() throws {
    // Rank 1 loads other BLAS kernels than rank 0.
    let rank = [Child.program, "run", "tiny.json5", "training.arithmetic=openblas", "--output", "out"]
    let words =
      ["mpirun", "--oversubscribe", "-np", "1", "-x", "OPENBLAS_CORETYPE=Haswell"] + rank
      + [":", "-np", "1", "-x", "OPENBLAS_CORETYPE=Sandybridge"] + rank
    let result = try Child(words, in: folder.path).wait(atMost: 30)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.hasPrefix(
        "seedsweep run: the ranks compute with different bits, so the same trial would give different results on them:\n"
          + "  rank 0 on "), result.errors)
    XCTAssertTrue(result.errors.contains("Add --blas-core Haswell so that all"), result.errors)
    XCTAssertFalse(folder.has("out/journal.jsonl"))
    let cured = try Child(
      words.map { $0 == "out" ? "out2" : $0 }.flatMap { $0 == "tiny.json5" ? [$0, "--blas-core", "Haswell"] : [$0] },
      in: folder.path
    ).wait(atMost: 60)
    XCTAssertEqual(cured.code, 0, cured.errors)
    XCTAssertTrue(cured.output.contains("\nnumerics: blas=Haswell/1 "), cured.output)
    XCTAssertFalse(cured.output.contains("mixed numerics"), cured.output)
  }

  func testUnknownKernelsAreRefused() throws {
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out", "--blas-core", "Haswel"], in: folder.path)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.hasSuffix(
        "kinds are Prescott, Nehalem, Sandybridge, Haswell, Zen, SkylakeX, Cooperlake and others that its documentation lists\n"
      ), result.errors)
    XCTAssertFalse(folder.has("out"))
  }

  #if arch(x86_64)
    /// OpenBLAS runs kernels that somebody names without a look at the processor. No processor has both kinds' instructions.
    func testKernelsThatTheProcessorCannotRunAreRefused() throws {
      let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let kind = processor.contains(" fma4 ") ? "SkylakeX" : "Bulldozer"
      let result = try Child.seedsweep(
        ["run", "tiny.json5", "--output", "out", "--blas-core", kind, "training.arithmetic=openblas"], in: folder.path)
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssertTrue(
        result.errors.contains(
          "seedsweep: this processor lacks instructions of the OpenBLAS kernels that --blas-core or OPENBLAS_CORETYPE names; "
            + "name the kind of an older processor, such as Haswell\n"), result.errors)
      XCTAssertFalse(result.errors.contains("Backtrace"), result.errors)
      XCTAssertFalse(folder.has("out/trials.csv"))
    }
  #endif

  func testResultsOfOtherBitsAreRefusedEvenAfterTheyWereAccepted() throws {
    func run(core: String, _ more: [String]) throws -> Child.Result {
      try Child.seedsweep(
        ["run", "tiny.json5", "training.arithmetic=openblas", "--output", "out"] + more, in: folder.path,
        environment: ["OPENBLAS_CORETYPE": core])
    }
    XCTAssertEqual(try run(core: "Sandybridge", ["--limit", "1"]).code, 0)
    XCTAssertEqual(try run(core: "Haswell", ["--limit", "2", "--allow-mixed-numerics"]).code, 0)
    let result = try run(core: "Haswell", [])
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.contains("were computed with other bits than this machine computes with"), result.errors)
    XCTAssertTrue(result.errors.contains("results: blas=Sandybridge"), result.errors)
  }

  func testProcessesUnderMPIRun() throws {
    let words = Child.launched(ranks: 1, ["run", "tiny.json5", "--output", "out", "--processes", "2"])
    let result = try Child(words, in: folder.path).wait(atMost: 30)
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(result.errors.contains("--processes starts mpirun itself"), result.errors)
    XCTAssertFalse(folder.has("out"))
  }
}
