// The registered sweeps in the world that they were not written for: scripts/world-sweep.sh changes the task and the rates and nothing
// else. And the words that scripts take from the registration.

import Foundation
import SweepLanguage
import TestSupport
import Trials
import Verdicts
import XCTest

final class WorldsTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func shipped(_ name: String, _ words: [String] = []) throws -> Sweep {
    try Sweep(file: "sweeps/\(name).json5", overrides: words, workingDirectory: Checkout.root.path)
  }

  private func script(_ path: String, _ words: [String]) throws -> Child.Result {
    try Child([Checkout.path(path)] + words, in: folder.path).wait()
  }

  private var registration: Registration {
    get throws {
      let path = Checkout.path("sweeps/registration.json5")
      return try RegistrationReader.file(
        Array(Data(contentsOf: URL(fileURLWithPath: path))), name: "registration.json5")
    }
  }

  /// A sweep as it runs in the town.
  private func inTheTown(_ name: String) throws -> Sweep {
    let result = try script("scripts/world-sweep.sh", ["town", name])
    XCTAssertEqual(result.code, 0, result.errors)
    try folder.write(result.output, to: "\(name).json5")
    return try Sweep(file: "\(name).json5", workingDirectory: folder.path)
  }

  /// The town's rate, which scripts/worlds.sh holds.
  private func townRate() throws -> Double {
    try XCTUnwrap(Double(try lines("echo $town_rate")[0]))
  }

  /// Whatever is neither the task nor a learning rate is as in the first language. Where a recipe has one rate, the first language's is
  /// 6e-4 and the town's its own.
  func testEveryRegisteredSweepInTheTown() throws {
    let (base, rate) = (try shipped("embedded").configurations[0].optimizer.learningRate, try townRate())
    let withOwnRates = ["dose", "warmup", "surface", "gradients-beta2", "intermediate-seeds-task"]
    for name in Set(try registration.sweeps.map(\.name) + withOwnRates) {
      let (town, other) = (try inTheTown(name), try shipped(name))
      XCTAssertEqual(town.name, name)
      XCTAssertEqual(town.seeds, other.seeds, name)
      XCTAssertEqual(town.configurations.count, other.configurations.count, name)
      for (found, expected) in zip(town.configurations, other.configurations) {
        XCTAssertEqual(
          found.task.name, name == "intermediate-seeds-task" ? "town-paraphrase" : "town-entailment", name)
        if !withOwnRates.contains(name) {
          XCTAssertEqual(expected.optimizer.learningRate, base, name)
          XCTAssertEqual(found.optimizer.learningRate, rate, name)
        }
        var same = Self.withTaskAndRate(of: found, expected)
        // Its file tells why.
        if name == "surface" { same.training.maximumSteps = 750 }
        XCTAssertEqual(same, found, name)
      }
    }
  }

  /// A configuration with another one's task, difficulty and rate.
  private static func withTaskAndRate(of one: TrialConfiguration, _ other: TrialConfiguration) -> TrialConfiguration {
    var result = other
    (result.task.name, result.task.synthetic.difficulty) = (one.task.name, one.task.synthetic.difficulty)
    result.optimizer.learningRate = one.optimizer.learningRate
    return result
  }

  /// What a function of scripts/worlds.sh prints, in lines.
  private func lines(_ command: String) throws -> [String] {
    let result = try Child(
      ["bash", "-c", "cd '\(Checkout.root.path)' && . scripts/worlds.sh && \(command)"], in: folder.path
    ).wait()
    XCTAssertEqual(result.code, 0, result.errors)
    return result.output.split(separator: "\n").map(String.init)
  }

  /// The scripts know the registered draws, whose names are the world and the number of pre-training and data, and no others.
  func testTheDrawsOfTheRegistration() throws {
    let families = try registration.families
    let names = families.flatMap { $0.draws.map(\.name) }
    XCTAssertEqual(try lines("registered_draws"), names)
    for family in families {
      for draw in family.draws {
        XCTAssertEqual([draw.name, draw.pretraining], Array(repeating: "\(family.name)-\(draw.data)", count: 2))
      }
    }
    let list = "is no draw; sweeps/registration.json5 has \(names.joined(separator: ", "))\n"
    for (path, words) in [
      ("reproduce.sh", ["correction", "--draw"]), ("reproduce.sh", ["correction", "--digest", "--draw"]),
      ("register-draw.sh", []),
    ] {
      for name in ["town-0", "town", "town-1 town-2"] {
        let result = try script("scripts/\(path)", words + [name])
        XCTAssertEqual(result.code, 2)
        XCTAssertEqual(result.errors, "\(path): \(name) \(list)")
      }
    }
    let nameless = try script("scripts/register-draw.sh", [])
    XCTAssertEqual(nameless.code, 2)
    XCTAssertEqual(nameless.errors, "usage: scripts/register-draw.sh WORLD-N\n")
  }

  /// The scripts run the registered sweeps with the registered words, and with seeds from 20001 on.
  func testTheWordsOfTheRegistration() throws {
    let registration = try registration
    XCTAssertEqual(try lines("registered_sweeps"), registration.sweeps.map(\.name))
    for (name, text) in registration.sweeps {
      let words = (try lines("registered_words \(name)").first ?? "").split(separator: " ").map(String.init)
      let said = ([name + ".json5"] + words).joined(separator: " ")
      XCTAssertTrue(text == said || text.hasPrefix(said + ";"), text)
      let seeds = try shipped(name, words).seeds
      XCTAssertGreaterThanOrEqual(
        try XCTUnwrap(seeds.flatMap { [$0.initialization, $0.order, $0.dropout] }.min()) + 19800,
        RegisteredRuns.firstSeed, name)
    }
  }

  /// The tables that scripts/keep-draw.sh copies are those that the claims read.
  func testTheTablesOfTheRegistration() throws {
    let claims = try registration.claims
    let read = claims.flatMap { claim -> [String] in
      switch claim.content {
      case .parts(let parts, let beside): (parts + beside).flatMap { Self.tables(of: $0.measure) }
      case .law: [DoseLaw.fits, DoseLaw.models]
      }
    }
    XCTAssertEqual(try lines("registered_tables"), Set(read).subtracting(["trials.csv", "summary.csv"]).sorted())
    XCTAssertEqual(claims.flatMap(\.requirements), [], "a requirement reads tables, too")
  }

  private static func tables(of measure: Measure) -> [String] {
    switch measure {
    case .riskDifference(let one, let other), .meanDifference(let one, let other, _),
      .deviationRatio(let one, let other):
      [one.table, other.table]
    case .mean(let rows, _), .covariance(let rows, _), .spearman(let rows, _): [rows.table]
    case .difference(let one, let other): tables(of: one) + tables(of: other)
    }
  }

  /// Verdicts on what scripts/keep-draw.sh copies have the same bytes, where neither the run folders nor the models are there any more.
  func testKeptDraws() throws {
    let names = try registration.families.flatMap { $0.draws.map(\.name) }.prefix(2)
    try folder.write(TinySweep.text(), to: "task.json5")
    let draws = try names.enumerated().map { try draw($1, shift: "\(20000 + 10 * $0)") }
    try folder.write(
      """
      { registered: null, test: "reml_hartung_knapp", least_draws: 2,
        sweeps: { tiny: "tiny.json5", more: "more.json5" }, stages: { task: "task.json5" },
        families: { embedded: { kind: "confirmatory", draws: [\(draws.joined(separator: ", "))] } },
        claims: [
          { claim: 1, says: "runs fail", stop: "all seeds", parts: [
            { what: "rate", mean: { run: "tiny", column: "failed" }, within: 0.5 } ] },
          { claim: 2, says: "gradients vanish", stop: "all seeds", parts: [
            { what: "ratio", mean: { run: "tiny", table: "gradient_statistics.csv", column: "ratio" }, direction: "above", smallest: 0 } ] },
        ] }
      """, to: "registration.json5")
    for name in names {
      let kept = try script("scripts/keep-draw.sh", [name, "\(folder.path)/out/draws", "\(folder.path)/kept"])
      XCTAssertEqual(kept.code, 0, kept.errors)
      XCTAssertTrue(kept.output.hasPrefix("\(folder.path)/kept/\(name): 3 run folders, "), kept.output)
    }
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/kept/\(names[0])/tiny").sorted(),
      ["gradient_statistics.csv", "journal.jsonl", "status.json", "summary.csv", "sweep.json", "trials.csv"])
    let original = try verdicts(on: "out/draws", as: "a")
    XCTAssertTrue(original[0].contains("| 1 | runs fail | rate | embedded | "), original[0])
    XCTAssertTrue(
      original[0].contains("- task was run in \(names.joined(separator: ", ")), and no claim counts it: task.json5\n"))
    XCTAssertTrue(original[0].contains("## Deviations from the registration\n\nNone.\n"), original[0])
    XCTAssertFalse(original[0].contains("not run"), original[0])
    try FileManager.default.removeItem(atPath: "\(folder.path)/out")
    XCTAssertEqual(try verdicts(on: "kept", as: "b"), original)
  }

  /// Copies name models from the top of the checkout; lines of journals, which have checksums, stay as they are.
  func testPathsInKeptDraws() throws {
    let name = try XCTUnwrap(try registration.families.first?.draws.first?.name)
    let texts = ["journal.jsonl", "sweep.json"].map { ($0, "\"\(Checkout.root.path)/out/models/a\"\n") }
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/draws/\(name)/tiny", withIntermediateDirectories: true)
    for (file, text) in texts { try folder.write(text, to: "draws/\(name)/tiny/\(file)") }
    let kept = try script("scripts/keep-draw.sh", [name, "\(folder.path)/draws", "\(folder.path)/kept"])
    XCTAssertEqual(kept.code, 0, kept.errors)
    XCTAssertEqual(folder.text("kept/\(name)/tiny/journal.jsonl"), texts[0].1)
    XCTAssertEqual(folder.text("kept/\(name)/tiny/sweep.json"), "\"out/models/a\"\n")
  }

  /// Runs a draw: a first stage, a sweep on a model that it trained, and one that takes the results of that. Returns it as a registration
  /// has it.
  private func draw(_ name: String, shift: String) throws -> String {
    func run(_ words: [String]) throws {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
    }
    let path = "out/draws/\(name)"
    try run(["run", "task.json5", "--shift-seeds", shift, "--keep-weights", "all", "--output", "\(path)/task"])
    let weights = try XCTUnwrap(
      FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(path)/task/weights").min())
    try folder.write(
      """
      { name: "tiny", model: { path: "\(folder.path)/\(path)/task/weights/\(weights)" }, seeds: 3,
        task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 },
        training: { max_steps: 12, batch_size: 8 }, record: { gradient_norms_every: 1 } }
      """, to: "tiny-\(name).json5")
    let words = ["tiny-\(name).json5", "--shift-seeds", shift]
    try run(["run"] + words + ["--output", "\(path)/tiny"])
    try run(["analyze", "gradients", "\(path)/tiny"])
    try run(["run"] + words + ["--reuse", "\(path)/tiny", "--output", "\(path)/more"])
    let digest = try Child.seedsweep(["plan"] + words + ["--digest"], in: folder.path).output.dropLast()
    return """
      { name: "\(name)", pretraining: "\(name)", data: 0, registered: null, identifiers: { tiny: "\(digest)", more: "\(digest)" } }
      """
  }

  /// What a verdict prints, and the tables and pages that it writes.
  private func verdicts(on runs: String, as name: String) throws -> [String] {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    let result = try Child.seedsweep(
      [
        "verdict", "registration.json5", "--runs", runs, "--output", "\(name)/v.csv", "--page", "\(name)/V.md",
      ], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    let files = ["v.csv", "V.md", "V-conditions.md", "V-figures/summary.svg"].map { folder.text("\(name)/\($0)") }
    XCTAssertFalse(files.contains(""))
    return [result.output.replacing("\(name)/V.md", with: "V.md")] + files
  }

  func testMistakes() throws {
    for (words, error) in [
      (
        ["town", "ablation"],
        "ablation does not run in the town; the registered sweeps, dose-search and intermediate-seeds-task do"
      ),
      (["village", "correction"], "usage: scripts/world-sweep.sh town NAME"),
    ] {
      let result = try script("scripts/world-sweep.sh", words)
      XCTAssertEqual(result.code, 2)
      XCTAssertEqual(result.errors, "world-sweep.sh: \(error)\n")
    }
  }
}
