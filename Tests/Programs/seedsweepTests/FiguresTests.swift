// scripts/figures.py on a folder that the built program made, and scripts/cures.py on made-up tables. Skipped where there is no
// Python, the former also where it has no matplotlib and pandas; SEEDSWEEP_PYTHON names one that is not python3.

import TestSupport
import XCTest

final class FiguresTests: XCTestCase {
  private let python = ProcessInfo.processInfo.environment["SEEDSWEEP_PYTHON"] ?? "python3"

  private func run(_ arguments: [String], in folder: String) throws -> (code: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// The figures of a folder with comparisons and without analyses, in order.
  private func figures(of name: String, in folder: TemporaryFolder) throws -> [String] {
    let rows = folder.text(name + "/trials.csv").split(separator: "\n").map { $0.split(separator: ",") }
    let hasFailed = rows.contains { $0.contains("never_learned") || $0.contains("collapsed") }
    return ["scores", "failures", "means", "profiles", "learning", "generalization"]
      + (hasFailed ? ["failed_runs"] : []) + ["superiority"]
  }

  /// A figure whose table is gone or follows another rule than the others goes as well; curves.csv of an older program, which
  /// names neither variant nor seed, will do.
  private func checkFiguresOfTablesThatAreGone(_ script: String, in folder: TemporaryFolder) throws {
    let curves = folder.text("out/curves.csv")
    try folder.write(
      curves.split(separator: "\n").map { $0.split(separator: ",").prefix(6).joined(separator: ",") + "\n" }.joined(),
      to: "out/curves.csv")
    let comparisons = folder.text("out/comparisons.csv")
    try folder.write(
      comparisons.replacing(",accuracy,final,accuracy,", with: ",accuracy,final,constant,"), to: "out/comparisons.csv")
    let stale = try run([script, "out"], in: folder.path)
    XCTAssertEqual(stale.code, 0, stale.output)
    XCTAssertTrue(
      stale.output.contains(
        "Skipped superiority: comparisons.csv is stale (made by failure rule constant, summary.csv by accuracy) -> run "
          + "`seedsweep compare out`\nRemoved out/figures/superiority.pdf, which showed what was\n"), stale.output)
    XCTAssertFalse(folder.has("out/figures/superiority.png"))
    XCTAssertTrue(stale.output.contains("out/figures/learning.png\n"), stale.output)
    try folder.write(comparisons, to: "out/comparisons.csv")
    try folder.write(curves, to: "out/curves.csv")
  }

  func testFigures() throws {
    let folder = try TemporaryFolder()
    guard try run(["-c", "import matplotlib, pandas"], in: folder.path).code == 0 else {
      throw XCTSkip("\(python) has no matplotlib and pandas, so scripts/figures.py is not tried")
    }
    let script = Checkout.path("scripts/figures.py")
    try folder.write(TinySweep.text(seeds: "3"), to: "tiny.json5")
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path)
    _ = try Child.seedsweep(["compare", "out"], in: folder.path)
    let result = try run([script, "out"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.output)
    let drawn = try figures(of: "out", in: folder)
    let names = drawn.flatMap { ["\($0).pdf", "\($0).png"] }
    let undrawn = [
      ("forgetting", "forgetting"), ("gradients", "gradient_statistics"), ("correction", "correction_factor"),
      ("surface", "surface"),
    ].map { "Skipped \($0): no \($1).csv with rows -> run `seedsweep analyze \($0) out`" }
    XCTAssertEqual(
      result.output.split(separator: "\n").map(String.init),
      names.map { "out/figures/\($0)" } + (drawn.contains("failed_runs") ? [] : ["Skipped failed_runs: no run failed"])
        + undrawn, result.output)
    for name in names {
      let bytes = try folder.bytes("out/figures/\(name)")
      XCTAssertEqual(bytes.prefix(4), name.hasSuffix("pdf") ? Data("%PDF".utf8) : Data([0x89, 0x50, 0x4E, 0x47]), name)
      XCTAssertGreaterThan(bytes.count, 5000, name)
    }
    for (words, points) in [([], 229.5), (["--width", "3.03"], 219.08)] {
      // The columns of LaTeX's article and of ACL's style, 72.27 points an inch; a PDF has 72.
      XCTAssertEqual(try run([script, "out", "--output", "narrow"] + words, in: folder.path).code, 0)
      let text = String(decoding: try folder.bytes("narrow/scores.pdf"), as: UTF8.self)
      let box = try XCTUnwrap(text.firstMatch(of: #/MediaBox \[ 0 0 ([0-9.]+) /#))
      let width = try XCTUnwrap(Double(box.1)) / 72 * 72.27
      XCTAssertTrue(width <= points && width > 0.99 * points, "\(width)")
    }
    try checkFiguresOfTablesThatAreGone(script, in: folder)
    // Runs of one seed and a recipe without runs leave figures too.
    _ = try Child.seedsweep(["run", "tiny.json5", "seeds=1", "--limit", "1", "--output", "one"], in: folder.path)
    let one = try run([script, "one", "--output", "elsewhere"], in: folder.path)
    XCTAssertEqual(one.code, 0, one.output)
    XCTAssertTrue(folder.has("elsewhere/profiles.pdf"))
    // Several folders share their figures, of recipes that are in one of them alone.
    _ = try Child.seedsweep(
      ["run", "tiny.json5", "optimizer.learning_rate=2e-3", "seeds=1", "--output", "other"], in: folder.path)
    let joint = try run([script, "out", "other"], in: folder.path)
    XCTAssertEqual(joint.code, 0, joint.output)
    XCTAssertEqual(joint.output.split(separator: "\n").count, 8, joint.output)
    XCTAssertTrue(folder.has("out/figures-joint/scores.pdf"))
    let twice = try run([script, "out", "one"], in: folder.path)
    XCTAssertEqual(twice.code, 1)
    XCTAssertTrue(twice.output.contains("is in several rows of summary.csv"), twice.output)
    // The edges of all pairs of runs, without a plane.
    let points = (0...4).map { "a,b,failed,successful,\(Double($0) / 4),\(0.5 + Double($0 % 3))\n" }
    try folder.write(
      "trial_failed,trial_successful,from,to,place,loss\n" + points.joined(), to: "out/surface_edges.csv")
    let edges = try run([script, "out"], in: folder.path)
    XCTAssertEqual(edges.code, 0, edges.output)
    XCTAssertTrue(edges.output.contains("out/figures/surface.png\n"), edges.output)
    // Runs of which none ended, and tables of something else.
    let trials = String(decoding: try folder.bytes("out/trials.csv"), as: UTF8.self)
    let header = try XCTUnwrap(trials.split(separator: "\n").first)
    try folder.write(header + "\n", to: "one/trials.csv")
    let without = try run([script, "one", "--output", "without"], in: folder.path)
    XCTAssertEqual(without.code, 0, without.output)
    XCTAssertTrue(folder.has("without/generalization.png"))
    try folder.write("seed,score\n1,2\n", to: "one/trials.csv")
    XCTAssertEqual(
      try run([script, "one"], in: folder.path).output,
      "figures.py: one/trials.csv: no column trial_id; seedsweep summarize writes a run's tables anew\n")
    let nothing = try run([script, "nowhere"], in: folder.path)
    XCTAssertEqual(
      nothing.output,
      "figures.py: nowhere/trials.csv: no such file; DIR is a folder that seedsweep run, summarize or import wrote\n")
  }

  // MARK: - scripts/cures.py

  /// A cell of a made-up study: its update norm as a multiple of the rate, and its score and seeds that fail.
  private struct Cell {
    var variant: String
    var rate: Double
    var normFactor: Double
    var score = 0.9
    var failing: Range<Int> = 0..<0
  }

  /// Writes what scripts/cures.py reads of a run folder.
  private func write(_ cells: [Cell], seeds: Range<Int>, to path: String, in folder: TemporaryFolder) throws {
    var trials = "trial_id,variant,learning_rate,seed,status,failed,value_final\n"
    var curves = "trial_id,step,quantity,value\n"
    for (index, cell) in cells.enumerated() {
      for seed in seeds {
        let failed = cell.failing.contains(seed)
        trials += "\(index)-\(seed),\(cell.variant),\(cell.rate),\(seed),completed,\(failed),"
        trials += "\(failed ? 0.5 : cell.score)\n"
        // Only the points of the updates 21 to 60 count.
        for step in stride(from: 10, through: 70, by: 10) {
          let norm = (30...60).contains(step) ? cell.rate * cell.normFactor : 1e9
          curves += "\(index)-\(seed),\(step),update_norm,\(norm)\n\(index)-\(seed),\(step),loss,1\n"
        }
      }
    }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/" + path, withIntermediateDirectories: true)
    try folder.write(trials, to: path + "/trials.csv")
    try folder.write(curves, to: path + "/curves.csv")
    let recipes = cells.map { "{\"variant\": \"\($0.variant)\", \"label\": \"\($0.variant)\"}" }
    try folder.write("{\"configurations\": [\(recipes.joined(separator: ", "))]}", to: path + "/sweep.json")
  }

  /// A study in which the failing recipe fails in 0, 15 and 25 of 25 runs, bias correction makes steps of .4 times its size, head
  /// tuning learns at 3 times the rate, and BitFit at none. p = 2 x 2^-15 and 2 x 2^-25, times Holm's 4 and 6 of 6 tests.
  func testCures() throws {
    let folder = try TemporaryFolder()
    guard try run(["--version"], in: folder.path).code == 0 else { throw XCTSkip("there is no Python (\(python))") }
    let bases = [3e-4, 6e-4, 1.2e-3]
    let plain = zip(bases, [0..<0, 30001..<30016, 30001..<30026]).map {
      Cell(variant: "plain", rate: $0, normFactor: 1000, failing: $1)
    }
    let corrected = bases.map { Cell(variant: "corrected", rate: $0, normFactor: 400) }
    let few = [3e-4, 6e-4, 9e-4, 1.2e-3, 1.8e-3, 3e-3, 3.6e-3, 6e-3, 1.2e-2].flatMap { rate in
      [
        Cell(
          variant: "head", rate: rate, normFactor: 100, score: [9e-4, 1.8e-3, 3.6e-3].contains(rate) ? 0.95 : 0.6),
        Cell(variant: "bitfit", rate: rate, normFactor: 100, failing: 0..<40000),
      ]
    }
    let ladder = [1e-5, 1e-4, 1e-3, 1e-2].map { Cell(variant: "plain", rate: $0, normFactor: 1000) }
    try write(plain + corrected, seeds: 1001..<1004, to: "out/cures-search/cures", in: folder)
    try write(ladder, seeds: 1001..<1004, to: "out/cures-search/ladder", in: folder)
    try write(few, seeds: 1001..<1006, to: "out/cures-search/factor", in: folder)
    try write(plain + corrected, seeds: 30001..<30026, to: "out/cures", in: folder)
    try write(few, seeds: 30001..<30026, to: "out/cures-few", in: folder)
    let script = Checkout.path("scripts/cures.py")
    let rates = try run([script, "rates", "out"], in: folder.path)
    XCTAssertEqual(
      rates.output,
      "[3e-05, 6e-05, 9e-05, 0.00012, 0.00018, 0.00024, 0.0003, 0.00036, 0.00048, 0.0006, 0.0012]\n")
    let matched = [3e-5, 6e-5, 9e-5, 1.2e-4, 1.8e-4, 2.4e-4, 3e-4, 3.6e-4, 4.8e-4, 6e-4, 1.2e-3].map {
      // At 4.8e-4 the steps are a fifth too large.
      Cell(variant: "plain", rate: $0, normFactor: $0 == 4.8e-4 ? 1200 : 1000)
    }
    try write(matched, seeds: 30001..<30026, to: "out/cures-matched", in: folder)
    let result = try run([script, "table", "out", "--figure", "cures.svg"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.output)
    for line in [
      "| the failing recipe | 15 | 0.900 | - | - | - | - |",
      "| corrected | 0 | 0.900 | **0 : 15, 0.0002** | - | 0.00024: 0 | 0 : 0, 1 |",
      "| corrected | 0 | 0.900 | **0 : 25, 4e-07** | - | 0.00048: 0 (norm x 1.20) | 0 : 0, 1 |",
      "| head, 1 x the rate | 0 | 0.600 | under-trained | under-trained | - | under-trained |",
      "| head, 3 x the rate | 0 | 0.950 | **0 : 15, 0.0002** | 0 : 0, 1 | 0.00018: 0 | 0 : 0, 1 |",
      "| head, 10 x the rate | 0 | 0.600 | too large | too large | - | too large |",
      "| bitfit, 1 x the rate | 25 | - | learns nothing | learns nothing | 6e-05: 0 | learns nothing |",
    ] { XCTAssertTrue(result.output.contains(line + "\n"), "\(line)\n\(result.output)") }
    XCTAssertEqual(try run(["-c", "import xml.dom.minidom as xml; xml.parse('cures.svg')"], in: folder.path).code, 0)
    XCTAssertEqual(folder.text("out/cures.csv").split(separator: "\n").count, 1 + 3 + 18)
  }
}
