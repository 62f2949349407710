// Ranks that see neither model nor data nor the output folder, as --no-shared-files makes them; nodes are told apart by their
// TMPDIR.

import XCTest

@testable import seedsweep

final class SendingTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "1"), to: "tiny.json5")
    let made = try Child.seedsweep(
      ["run", "tiny.json5", "schedule.warmup=[0]", "--keep-weights", "all", "--output", "made"], in: folder.path)
    XCTAssertEqual(made.code, 0, made.errors)
    let name = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/made/weights")[0]
    try FileManager.default.moveItem(atPath: "\(folder.path)/made/weights/\(name)", toPath: folder.path + "/model")
    let words = folder.text("model/vocab.txt").split(separator: "\n").filter { !$0.hasPrefix("[") }
    for (split, count) in [("train", 96), ("dev", 40), ("test", 30), ("hard", 25)] {
      let rows = (0..<count).map { row in
        "\(words[row % 7]) \(words[row % 5]) \(words[row % 3])\t\(row % 3 == 0 ? "yes" : "no")\n"
      }
      try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
      try folder.write("sentence\tlabel\n" + rows.joined(), to: "data/\(split).tsv")
    }
  }

  override func tearDown() { folder = nil }

  private func writeSweep(seeds: Int, steps: Int) throws {
    try folder.write(
      """
      {
        name: "sent",
        model: { path: "model" },
        task: {
          name: "own", train: "data/train.tsv", dev: "data/dev.tsv", test: "data/test.tsv", text: "sentence", label: "label",
          dev_sets: { hard: { file: "data/hard.tsv" }, again: { file: "data/dev.tsv" } },
        },
        training: { max_steps: \(steps), batch_size: 8 },
        optimizer: { learning_rate: 1e-3 },
        record: { gradient_norms_every: 10 },
        seeds: \(seeds),
      }
      """, to: "sweep.json5")
  }

  /// Runs the sweep on a leader and on nodes of so many ranks each, every node with a TMPDIR of its own.
  private func start(nodes: [Int], _ words: [String]) throws -> Child {
    let command = [Child.program, "run", "sweep.json5", "--output", "out", "--no-shared-files"] + words
    var all = ["mpirun", "--oversubscribe", "-np", "1"] + command
    for (node, count) in nodes.enumerated() {
      let path = "\(folder.path)/node-\(node)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      all += [":", "-np", "\(count)", "-x", "TMPDIR=\(path)"] + command
    }
    return try Child(all, in: folder.path)
  }

  /// The files below a folder with their bytes.
  private func contents(_ name: String) throws -> [String: Data] {
    let files = FileManager.default.enumerator(atPath: folder.path + "/" + name)?.compactMap { $0 as? String } ?? []
    var contents: [String: Data] = [:]
    for file in files { contents[file] = FileManager.default.contents(atPath: "\(folder.path)/\(name)/\(file)") }
    return contents
  }

  private func assertSameAsPlain(_ kinds: [String], _ words: [String], line: UInt = #line) throws {
    let plain = try Child.seedsweep(["run", "sweep.json5", "--output", "plain"] + words, in: folder.path)
    XCTAssertEqual(plain.code, 0, plain.errors, line: line)
    TinySweep.assertSameTables(
      try TinySweep.tables(of: folder, "out"), try TinySweep.tables(of: folder, "plain"), line: line)
    for kind in kinds {
      let expected = try contents("plain/" + kind)
      XCTAssertFalse(expected.isEmpty, line: line)
      XCTAssertTrue(try contents("out/" + kind) == expected, kind, line: line)
    }
  }

  func testFilesGoToEveryNodeOnceAndWhatIsKeptComesHome() throws {
    try writeSweep(seeds: 8, steps: 40)
    let run = try start(nodes: [2, 1], ["--keep-weights", "all"]).wait()
    XCTAssertEqual(run.code, 0, run.errors)
    try assertSameAsPlain(
      ["predictions", "test_predictions", "dev_set_predictions", "gradient_norms", "weights"],
      ["--keep-weights", "all"])
    for name in ["model", "data"] {
      let lines = run.errors.split(separator: "\n").filter {
        $0.contains(" received ") && $0.contains("of \(folder.path)/\(name) (")
      }
      XCTAssertEqual(lines.filter { $0.contains("rank 3 on") }.count, 1, run.errors)
      XCTAssertEqual(lines.filter { $0.contains("rank 1 on") || $0.contains("rank 2 on") }.count, 1, run.errors)
      XCTAssertEqual(lines.count, 2, run.errors)
    }
    for node in 0...1 {
      XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/node-\(node)"), [])
    }
  }

  /// The checkpoint of a trial that is stopped comes home and goes out again.
  func testAStoppedRunGoesOnFromCheckpointsThatCameHome() throws {
    try writeSweep(seeds: 4, steps: 8000)
    let run = try start(nodes: [1], ["--checkpoint-every", "0.1"])
    func files(_ path: String) -> [String] {
      (FileManager.default.enumerator(atPath: folder.path + "/" + path)?.compactMap { $0 as? String } ?? [])
        .filter { $0.hasSuffix(".checkpoint") }
    }
    let deadline = Date().addingTimeInterval(60)
    while run.isRunning, Date() < deadline, files("node-0").isEmpty || files("out").isEmpty { usleep(20_000) }
    run.send(SIGUSR1)
    let stopped = run.wait()
    let status = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 75, stopped.errors + stopped.output)
    // One of the two under way may end in the very moment of the signal.
    let kept = files("out").count
    XCTAssertTrue((1...2).contains(kept), stopped.errors)
    XCTAssertEqual(files("node-0"), [])
    // The journal says how far each got, and so far is its checkpoint.
    func stepCounts(_ path: String) throws -> [String] {
      let text = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/out/\(path)")), as: UTF8.self)
      return text.matches(of: /"status":"preempted","metric":"accuracy","step_count":([0-9]+)/).map { String($0.1) }
    }
    XCTAssertEqual(try stepCounts("journal.jsonl").sorted(), try files("out").flatMap(stepCounts).sorted())
    XCTAssertFalse(try stepCounts("journal.jsonl").contains("0"))
    let again = try start(nodes: [1], []).wait()
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertTrue(
      again.output.contains(kept == 2 ? "2 of them go on from checkpoints" : "1 of them goes on from its checkpoint"),
      again.output)
    XCTAssertFalse(again.errors.contains("starts again from its first step"), again.errors)
    XCTAssertEqual(files("out"), [])
    try assertSameAsPlain(["predictions", "test_predictions", "dev_set_predictions", "gradient_norms"], [])
  }
}
