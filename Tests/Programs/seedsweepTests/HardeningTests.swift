// What a run does to the machine it is on: whose rights its files have, where they lie, what listens; and what happens to it
// where a file is cut under its hands or a rank dies before its first instruction.

import Diagnosis
import Digests
import Foundation
import Reports
import Runs
import Storage
import XCTest

@testable import seedsweep

final class HardeningTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "some.json5")
  }

  override func tearDown() { folder = nil }

  /// Every path below a folder of the test's, with its type.
  private func everything(below name: String) throws -> [(path: String, attributes: [FileAttributeKey: Any])] {
    let root = folder.path + "/" + name
    return try FileManager.default.subpathsOfDirectory(atPath: root).sorted().map { path in
      (path, try FileManager.default.attributesOfItem(atPath: root + "/" + path))
    }
  }

  // MARK: - Rights

  /// What somebody else's folder says can be read: sentences and summary are printed, and no table is written.
  func testAFolderThatCannotBeWrittenTo() throws {
    XCTAssertEqual(try Child.seedsweep(["run", "some.json5", "--output", "out"], in: folder.path).code, 0)
    let compared = try Child.seedsweep(["compare", "out"], in: folder.path)
    let summary = try Child.seedsweep(["summarize", "out"], in: folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/out/comparisons.csv")
    for name in ["", "/.leases"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path + "/out" + name)
    }
    defer {
      for name in ["", "/.leases"] {
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/out" + name)
      }
    }
    // Root may write anywhere, so that root becomes another user.
    let user = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    func result(_ verb: String) throws -> Child.Result {
      try Child(user + [Child.program, verb, "out"], in: folder.path).wait()
    }
    let reason = "out cannot be written to: Permission denied (error 13)"
    let (comparison, table) = (try result("compare"), try result("summarize"))
    XCTAssertEqual([comparison.code, table.code], [0, 0], comparison.errors + table.errors)
    XCTAssertEqual(
      comparison.output,
      compared.output.replacing(
        "Table: out/comparisons.csv",
        with: "No table is written, because \(reason); --output FILE.csv names another file."))
    XCTAssertEqual(table.output, "The tables are left alone: \(reason)\n" + summary.output)
    XCTAssertFalse(folder.has("out/comparisons.csv"))
  }

  func testAFolderThatMayNotBeReadIsNamedAsSuch() throws {
    let path = folder.path + "/closed"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
    let user = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let result = try Child(user + [Child.program, "status", "closed"], in: folder.path).wait()
    XCTAssertEqual(result.code, 2)
    XCTAssertEqual(
      result.errors, "seedsweep status: cannot read the folder closed: Permission denied (error 13)\n")
  }

  func testFilesHaveTheRightsThatTheUmaskLeaves() throws {
    let sweep = TinySweep.text().replacingOccurrences(
      of: "seeds:", with: "record: { curves_every: 2, gradient_norms_every: 4, predictions: \"final\" }, seeds:")
    try folder.write(sweep, to: "some.json5")
    for (umask, fileRights, folderRights) in [("027", 0o640, 0o750), ("002", 0o664, 0o775), ("077", 0o600, 0o700)] {
      let commands = """
        umask \(umask)
        "\(Child.program)" run some.json5 --output out\(umask) --keep-weights all --checkpoint-every 0.001 > log 2>&1 &&
        cp -r out\(umask) copy\(umask) &&
        "\(Child.program)" merge out\(umask) copy\(umask) --output merged\(umask) > log 2>&1 &&
        "\(Child.program)" pretrain --output pretrained\(umask) --steps 2 --batch-size 2 --layers 1 --hidden 8 > log 2>&1
        """
      let result = try Child(["sh", "-c", commands], in: folder.path).wait()
      XCTAssertEqual(result.code, 0, folder.text("log"))
      for name in ["out\(umask)", "merged\(umask)", "pretrained\(umask)"] {
        let all = try everything(below: name)
        XCTAssertGreaterThan(all.count, name.hasPrefix("out") ? 20 : 3, name)
        for (path, attributes) in all {
          let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
          XCTAssertEqual(
            (attributes[.posixPermissions] as? Int).map { String($0, radix: 8) },
            String(isFolder ? folderRights : fileRights, radix: 8), "\(name)/\(path) with umask \(umask)")
        }
      }
    }
  }

  // MARK: - Paths

  /// Names of tasks and variants are the user's, may be anything in a line and are no part of any path.
  func testNamesLeadNowhere() throws {
    try folder.write("text\tgold\na b\t0\nc d\t1\na d\t1\nc b\t0\n", to: "data.tsv")
    try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\n", to: "vocab.txt")
    let long = String(repeating: "long", count: 1000)
    try folder.write(
      """
      {
        name: "../../sweep",
        model: {
          init: "random", vocab: "vocab.txt",
          config: {
            num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2, intermediate_size: 16,
            max_position_embeddings: 32,
          },
        },
        task: {
          name: "../../../task/", train: "data.tsv", dev: "data.tsv", text: "text", label: "gold", max_length: 16,
        },
        training: { max_steps: 4, batch_size: 2 },
        record: { gradient_norms_every: 1, predictions: "final" },
        variants: {
          "../../up": {}, "/tmp/absolute": { "optimizer.learning_rate": 1e-3 },
          "nul/dev": { "optimizer.learning_rate": 2e-3 }, "\(long)": { "optimizer.learning_rate": 3e-3 },
          "..": { "optimizer.learning_rate": 4e-3 }, "a/b c": { "optimizer.learning_rate": 5e-3 },
        },
        seeds: 1,
      }
      """, to: "hostile.json5")
    try FileManager.default.createDirectory(atPath: folder.path + "/a/b", withIntermediateDirectories: true)
    let words = ["run", "../../hostile.json5", "--output", "out", "--keep-weights", "all"]
    let result = try Child.seedsweep(words, in: folder.path + "/a/b")
    XCTAssertEqual(result.code, 0, result.errors)
    let paths = try everything(below: "a").map(\.path).filter { !$0.hasPrefix("b/std") }
    XCTAssertTrue(paths.allSatisfy { $0 == "b" || $0 == "b/out" || $0.hasPrefix("b/out/") }, "\(paths)")
    XCTAssertEqual(paths.count { $0.hasPrefix("b/out/weights/") && $0.hasSuffix("/config.json") }, 6)
    XCTAssertEqual(
      try everything(below: "").map(\.path).filter { !$0.contains("/") && !$0.hasPrefix("std") },
      [
        "a", "data.tsv", "hostile.json5", "some.json5", "vocab.txt",
      ])
    XCTAssertFalse(FileManager.default.fileExists(atPath: "/tmp/absolute"))
  }

  /// A journal whose trial is called a way out of the folder: merge would copy that trial's files.
  func testATrialOfAJournalLeadsNowhere() throws {
    XCTAssertEqual(try Child.seedsweep(["run", "some.json5", "--output", "out"], in: folder.path).code, 0)
    let index = try JournalIndex(path: folder.path + "/out/journal.jsonl")
    var record = try XCTUnwrap(index.record(of: index.trials[0]))
    record.trial = "../../secret"
    try FileManager.default.createDirectory(atPath: folder.path + "/out/predictions", withIntermediateDirectories: true)
    try folder.write("mine", to: "secret.csv")
    try JournalWriter(path: folder.path + "/out/journal.jsonl", epoch: 1).append([.outcome(record)])
    try FileManager.default.createDirectory(atPath: folder.path + "/x/y", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder.path + "/out", toPath: folder.path + "/copy")
    let result = try Child.seedsweep(["merge", "out", "copy", "--output", "x/y/merged"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertEqual(try everything(below: "x").map(\.path).filter { !$0.hasPrefix("y/merged/") }, ["y", "y/merged"])
    let damage = try Verification.damage(of: folder.path + "/out/journal.jsonl")
    XCTAssertEqual(damage.count, 1)
    XCTAssertTrue(damage[0].contains("trial: expected 1 to 64 letters, digits, - and _"), "\(damage)")
  }

  // MARK: - Ports

  /// The ports that a process listens on.
  private func listeningPorts(of process: Int32) -> [String] {
    var ports: [String: String] = [:]
    for table in ["tcp", "tcp6"] {
      let lines = (try? String(contentsOfFile: "/proc/\(process)/net/\(table)", encoding: .utf8)) ?? ""
      for line in lines.split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ")
        // 0A is LISTEN; the tenth field is the socket's inode.
        if fields.count > 9, fields[3] == "0A" { ports["socket:[\(fields[9])]"] = String(fields[1]) }
      }
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
    return files.compactMap { file in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(file)")).flatMap { ports[$0] }
    }
  }

  func testNothingListensOnAPort() throws {
    try folder.write(TinySweep.text(seeds: "4", steps: 40_000), to: "some.json5")
    for (more, count) in [([], 1), (["--processes", "2"], 3)] {
      let child = try Child(
        [Child.program, "run", "some.json5", "--output", "out\(count)"] + more, in: folder.path)
      defer { child.send(SIGTERM) }
      let deadline = Date().addingTimeInterval(30)
      while !FileManager.default.fileExists(atPath: folder.path + "/out\(count)/journal.jsonl"), Date() < deadline {
        usleep(20_000)
      }
      let processes = child.programs()
      XCTAssertEqual(processes.count, count)
      XCTAssertEqual(processes.flatMap(listeningPorts), [], "\(more)")
      child.send(SIGTERM)
      XCTAssertEqual(child.wait(atMost: 30).code, 75)
    }
  }

  // MARK: - Files that are cut

  /// The weights are read again for every trial: a file that is cut meanwhile costs trials, not the process.
  func testWeightsThatAreCutWhileInUseAreNamed() throws {
    let first = try Child.seedsweep(
      ["run", "some.json5", "--output", "made", "--limit", "1", "--keep-weights", "all"], in: folder.path)
    XCTAssertEqual(first.code, 0, first.errors)
    let kept = try XCTUnwrap(
      FileManager.default.contentsOfDirectory(atPath: folder.path + "/made/weights").first)
    let model = folder.path + "/made/weights/" + kept
    try folder.write(
      """
      {
        name: "cut", model: { path: "made/weights/\(kept)", head: "new" },
        task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 },
        training: { max_steps: 2000, batch_size: 8 }, seeds: 20,
      }
      """, to: "cut.json5")
    let child = try Child([Child.program, "run", "cut.json5", "--output", "out"], in: folder.path)
    let deadline = Date().addingTimeInterval(30)
    while !folder.text("out/journal.jsonl").contains("\"hand_out\""), Date() < deadline { usleep(10_000) }
    usleep(300_000)
    XCTAssertTrue(child.isRunning)
    truncate(model + "/model.safetensors", 1000)
    let result = child.wait(atMost: 60)
    XCTAssertEqual(result.code, 1, result.output + result.errors)
    XCTAssertTrue((result.output + result.errors).contains("No result: trial "), result.output + result.errors)
    XCTAssertTrue(
      (result.output + result.errors).contains("model.safetensors: tensor \"")
        && (result.output + result.errors).contains(": it was cut while it was being read"),
      result.output + result.errors)
  }

  // MARK: - Ranks that never start

  /// mpirun tells the others nothing of a rank that dies before it has got to MPI, and does not end by itself.
  func testARankThatDiesBeforeItStartsEndsTheRun() throws {
    let rank = [Child.program, "run", "some.json5", "--output", "out"]
    // Side by side, because both wait most of the time.
    let runs = try [
      (["-np", "1"] + rank + [":", "-np", "1", "sh", "-c", "kill -9 $$"], 2, 2),
      (["-np", "1", "sh", "-c", "kill -9 $$", ":", "-np", "2"] + rank, 3, 1),
    ].map { words, count, missing in
      (try Child(["mpirun", "--enable-recovery", "--oversubscribe"] + words, in: folder.path), count, missing)
    }
    for (child, count, missing) in runs {
      let result = child.wait(atMost: 60)
      XCTAssertTrue(
        result.errors.contains(
          "seedsweep run: of the \(count) ranks of this host, number \(missing) has no process any more, though MPI has not "
            + "started; the same command starts again\n"), result.output + result.errors)
    }
    let again = try Child(
      ["mpirun", "--enable-recovery", "--oversubscribe", "-np", "2"] + rank, in: folder.path
    ).wait(atMost: 60)
    XCTAssertEqual(again.code, 0, again.errors)
  }
}
