// How many processes a run has, how it starts them, and limits of the system under which none would start.

import Host
import XCTest

@testable import seedsweep

final class LaunchingTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  private let nobodySays: [String: String?] = ["SEEDSWEEP_PROCESSES": nil]

  /// Where nobody says how many, all cores train, at most one for each trial.
  func testARunUsesAllCores() throws {
    let count = min(4, UsableCores.count(ProcessInfo.processInfo.environment))
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out"], in: folder.path, environment: nobodySays)
    XCTAssertEqual(result.code, 0, result.errors)
    let ranks = "\(counted(count, "rank")) on "
    if count > 1 {
      let reason = count == 4 ? "one for each trial" : "all cores"
      XCTAssertTrue(
        result.output.hasPrefix("\(count) processes: \(reason); --processes N changes this\ntiny: 4 trials: "),
        result.output)
    } else {
      XCTAssertTrue(result.output.hasPrefix("tiny: 4 trials: "), result.output)
    }
    XCTAssertTrue(result.output.contains("\n" + ranks), result.output)
    let plan = try Child.seedsweep(["plan", "tiny.json5"], in: folder.path, environment: nobodySays)
    XCTAssertTrue(plan.output.contains(" on \(counted(count, "rank")), "), plan.output)
  }

  /// What is refused is refused before anything is said of processes.
  func testARefusalSaysNothingOfProcesses() throws {
    try folder.write(
      "{ model: { path: \"nowhere\" }, task: { name: \"sst2\", data: \"nothing\" }, seeds: 4 }", to: "missing.json5")
    try FileManager.default.createDirectory(atPath: folder.path + "/full", withIntermediateDirectories: true)
    try folder.write("x", to: "full/x.txt")
    for (sweep, output) in [("missing.json5", "out"), ("tiny.json5", "full")] {
      let result = try Child.seedsweep(
        ["run", sweep, "--output", output], in: folder.path, environment: nobodySays)
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssertEqual(result.output, "")
    }
  }

  /// OpenBLAS takes Prescott's kernels where it does not know the processor. A folder keeps the kernels of its first results, so
  /// later runs are told nothing, and neither are those that do not compute with OpenBLAS.
  func testKernelsFarBelowTheProcessorAreNoted() throws {
    let note =
      "note: OpenBLAS uses its Prescott kernels, far slower than this processor; run with --blas-core Haswell\n"
    func output(_ words: [String], core: String) throws -> String {
      let result = try Child.seedsweep(words, in: folder.path, environment: ["OPENBLAS_CORETYPE": core])
      XCTAssertEqual(result.code, 0, result.errors)
      return result.output
    }
    let openblas = "training.arithmetic=openblas"
    let pretraining = ["--layers", "1", "--hidden", "16", "--heads", "2", "--intermediate", "32", "--steps", "1"]
    for words in [
      ["plan", "tiny.json5", openblas], ["run", "tiny.json5", openblas, "--limit", "1", "--output", "out"],
      ["pretrain", "--output", "model", "--arithmetic", "openblas"] + pretraining,
    ] {
      XCTAssertEqual(try output(words, core: "Prescott").components(separatedBy: note).count, 2, "\(words)")
      let other = words.map { ["out", "model"].contains($0) ? "other-" + $0 : $0 }
      XCTAssertFalse(try output(other, core: "Haswell").contains("note: OpenBLAS"), "\(words)")
    }
    XCTAssertFalse(try output(["run", "tiny.json5", "--output", "out"], core: "Prescott").contains("note: OpenBLAS"))
    let cured = try output(
      ["run", "tiny.json5", openblas, "--limit", "1", "--output", "cured", "--blas-core", "Haswell"], core: "Prescott")
    XCTAssertFalse(cured.contains("note: OpenBLAS"), cured)
    for words in [["plan", "tiny.json5"], ["run", "tiny.json5", "--limit", "1", "--output", "portable"]] {
      XCTAssertFalse(try output(words, core: "Prescott").contains("note: OpenBLAS"), "\(words)")
    }
  }

  func testOneProcessNeverCallsMPI() throws {
    for (name, words, environment) in [
      ("asked", ["--processes", "1"], nobodySays), ("one", ["--limit", "1"], nobodySays),
      ("preset", [], ["SEEDSWEEP_PROCESSES": "1"]),
    ] as [(String, [String], [String: String?])] {
      let result = try Child.seedsweep(
        ["run", "tiny.json5", "--output", name] + words, in: folder.path, environment: environment)
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(result.output.hasPrefix("tiny: "), result.output)
      XCTAssertTrue(folder.text("\(name)/provenance.json").contains("\"mpi\": null"), name)
    }
  }

  func testWithoutMPIRunOneProcessTrains() throws {
    try XCTSkipIf(UsableCores.count(ProcessInfo.processInfo.environment) < 2, "one core needs no mpirun")
    let result = try Child.seedsweep(
      ["run", "tiny.json5", "--output", "out"], in: folder.path,
      environment: ["PATH": "/nowhere", "SEEDSWEEP_PROCESSES": nil])
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.hasPrefix("1 process of "), result.output)
    XCTAssertTrue(result.output.contains("\n1 rank on "), result.output)
  }

  /// The shells of `srun --pty bash` and `salloc -n 1`: one task, whose machine may have more cores.
  func testRanksInAnAllocationOfOneTask() throws {
    let host = ProcessInfo.processInfo.hostName
    let job = [
      "SLURM_JOB_ID": "1", "SLURM_JOBID": "1", "SLURM_JOB_NODELIST": host, "SLURM_NODELIST": host, "SLURM_NNODES": "1",
      "SLURM_TASKS_PER_NODE": "1", "SLURM_NTASKS": "1",
    ]
    let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"]
    let pmix = ["PMIX_RANK": "0", "PMIX_NAMESPACE": "slurm.pmix.1.0", "PMI_RANK": "0", "PMI_SIZE": "1"]
    for (name, environment) in [
      ("salloc", job), ("srun", job.merging(step) { $1 }), ("pmix", job.merging(step) { $1 }.merging(pmix) { $1 }),
    ] {
      let result = try Child.seedsweep(
        ["run", "tiny.json5", "--output", name, "--processes", "2"], in: folder.path, environment: environment)
      XCTAssertEqual(result.code, 0, name + result.output + result.errors)
      XCTAssertTrue(result.output.contains("2 ranks on "), name + result.output)
    }
  }

  /// The ranks find programs on the PATH of the user's shell, also those that lie beside mpirun.
  func testRanksHaveThePathOfTheShell() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    // A program of Open MPI's stands for another python3 in its folder.
    try folder.write("#!/bin/sh\necho '{\"acc\": 0.75}'\n", to: "bin/ompi_info")
    chmod(folder.path + "/bin/ompi_info", 0o755)
    try folder.write(
      #"{ name: "path", program: { command: ["ompi_info", "{seed}"], results: { final: "acc" }, baseline: 0.5 }, seeds: 2 }"#,
      to: "path.json5")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let result = try Child.seedsweep(
      ["run", "path.json5", "--output", "out", "--processes", "2"], in: folder.path,
      environment: ["PATH": folder.path + "/bin:" + path])
    XCTAssertEqual(result.code, 0, result.output + result.errors)
    XCTAssertTrue(result.output.contains("\n2 ranks on "), result.output)
    let rows = folder.text("out/trials.csv").split(separator: "\n").dropFirst()
    XCTAssertEqual(rows.count { $0.contains(",completed,") }, 2)
  }

  /// Limits under which this program or mpirun would crash or wait without end.
  func testLimitsOfTheSystemAreSentences() throws {
    func limited(_ limit: String, _ words: [String]) throws -> Child.Result {
      try Child(["bash", "-c", "ulimit \(limit); exec \"$0\" \"$@\"", Child.program] + words, in: folder.path).wait()
    }
    let run = ["run", "tiny.json5", "--output", "out"]
    let refused = [
      try limited("-n 8", run), try limited("-s 32", run), try limited("-n 32", run + ["--processes", "2"]),
      try limited("-s 128", run + ["--processes", "2"]),
    ]
    XCTAssertEqual(
      refused.map(\.errors),
      [
        "seedsweep: only 8 files may be open at a time (ulimit -n), and 16 are needed; type `ulimit -n 1024`\n",
        "seedsweep: the stack may hold only 32 KiB (ulimit -s), and 64 KiB are needed; type `ulimit -s 8192`\n",
        "seedsweep run: mpirun needs 40 open files to start 2 ranks, and only 32 may be open at a time (ulimit -n); type "
          + "`ulimit -n 1024`, or start fewer ranks\n",
        "seedsweep run: mpirun needs a stack of 1 MiB, and it may hold only 128 KiB (ulimit -s); type `ulimit -s 8192`, or "
          + "add --processes 1\n",
      ])
    XCTAssertEqual(refused.map(\.code), [2, 2, 2, 2])
    XCTAssertFalse(folder.has("out"))
    let few = try limited("-n 16", run)
    XCTAssertEqual(few.code, 0, few.errors)
  }
}
