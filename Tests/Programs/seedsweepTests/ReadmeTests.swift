// What the README, the catalog's pages and the shipped sweeps say must be what the program reads. Whether links lead
// somewhere is asked in `LinkTests`.

import Analyses
import Claims
import CommandLine
import SweepLanguage
import TestSupport
import Training
import Trials
import XCTest

@testable import seedsweep
@testable import seedsweep_bench

final class ReadmeTests: XCTestCase {
  private let root = Checkout.root

  /// A page of the catalog.
  private func page(_ name: String) throws -> String {
    try String(contentsOf: Checkout.catalog.appendingPathComponent(name), encoding: .utf8)
  }

  private func readme() throws -> String {
    try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  }

  /// The first JSON5 block of a text.
  private func firstSweep(_ text: String) -> String {
    text.components(separatedBy: "```json5\n")[1].components(separatedBy: "```")[0]
  }

  func testEveryKeyOfTheTableExists() throws {
    let lines = try page("HuggingFace.md").components(separatedBy: "| `TrainingArguments` | sweep file |\n|---|---|\n")[
      1
    ]
    .components(separatedBy: "\n\n")[0].split(separator: "\n")
    var keyCount = 0
    for line in lines {
      let cells = line.components(separatedBy: " | ")
      let words = cells[1].components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      for word in words {
        let key = word.prefix { $0 != ":" && $0 != " " }
        guard key.contains(".") else { continue }
        keyCount += 1
        XCTAssertNotNil(ConfigurationSchema.key(at: String(key)), "\(line)")
      }
    }
    XCTAssertGreaterThanOrEqual(keyCount, 15)
  }

  func testTheCommandsOfTheBenchAreUnderstood() throws {
    let commands = try page("Development/Speed.md").split(separator: "\n").compactMap { line -> [String]? in
      let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
      guard let index = words.firstIndex(of: "seedsweep-bench"), index == 0 || words[0] == "mpirun" else { return nil }
      return Array(words[(index + 1)...])
    }
    XCTAssertEqual(commands.compactMap(\.first), ["step", "trial", "blas", "kernels", "farm", "peak"])
    for words in commands {
      guard case .command = try Program.bench.request(words) else { return XCTFail("\(words)") }
    }
  }

  /// Every command line that stands in a code block of the README or the catalog is one that the program takes.
  func testTheCommandsAreUnderstood() throws {
    let pages = try FileManager.default.subpathsOfDirectory(atPath: Checkout.catalog.path).filter {
      $0.hasSuffix(".md")
    }
    var verbs: Set<String> = []
    for text in try pages.map(page) + [readme()] {
      let blocks = text.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      let lines = blocks.joined(separator: "\n").replacing("\\\n", with: " ").split(separator: "\n")
      for line in lines {
        let words = line.prefix { $0 != "#" }.filter { $0 != "'" }.split(separator: " ").map(String.init)
        guard let index = words.firstIndex(where: { $0 == "seedsweep" || $0.hasSuffix("/release/seedsweep") }),
          index == 0 || ["mpirun", "srun"].contains(words[0])
        else { continue }
        let command = Program.seedsweep.commands.first { $0.syntax.name == words[index + 1] }
        let syntax = try XCTUnwrap(command?.syntax, "\(line)")
        _ = try CommandLineParser.parse(Array(words[(index + 2)...]), of: syntax, in: "seedsweep")
        verbs.insert(words[index + 1])
      }
    }
    XCTAssertTrue(verbs.isSuperset(of: ["run", "plan", "compare", "analyze", "table", "check", "import", "pretrain"]))
  }

  func testTheReadmesSweepIsOne() throws {
    let folder = try TemporaryFolder()
    try folder.write(firstSweep(readme()), to: "mine.json5")
    let sweep = try Sweep(file: "mine.json5", workingDirectory: folder.path)
    XCTAssertEqual(sweep.name, "mine")
    XCTAssertEqual(sweep.configurations.map(\.optimizer.biasCorrection), [false, true])
    XCTAssertEqual(sweep.seeds.count, 25)
  }

  func testTheReadmeIsShort() throws {
    XCTAssertLessThanOrEqual(try readme().split(separator: "\n", omittingEmptySubsequences: false).count - 1, 150)
  }

  /// The module map names every module of the package; it shortens the names of the programs.
  func testTheModuleMapIsWhole() throws {
    let package = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let map = try readme().components(separatedBy: "| wing | modules |")[1]
    let modules = package.components(separatedBy: "name: \"").compactMap { text -> String? in
      let name = text.prefix { $0 != "\"" }
      let row = text.dropFirst(name.count)
      return row.hasPrefix("\", wing: .") && !row.hasPrefix("\", wing: .programs") ? String(name) : nil
    }
    XCTAssertGreaterThan(modules.count, 50)
    for module in modules { XCTAssertTrue(map.contains("`\(module)`"), module) }
  }

  func testTheExampleIsASweep() throws {
    let folder = try TemporaryFolder()
    try folder.write(firstSweep(page("SweepFile.md")), to: "example.json5")
    let sweep = try Sweep(file: "example.json5", workingDirectory: folder.path)
    XCTAssertEqual(sweep.name, "bias-correction")
    XCTAssertEqual(sweep.configurations.count, 6)
    XCTAssertEqual(sweep.seeds.count, 25)
  }

  func testShippedSweeps() throws {
    for name in ["random-start", "minilm-sst2"] {
      let sweep = try Sweep(file: "sweeps/\(name).json5", workingDirectory: root.path)
      XCTAssertEqual(sweep.name, name)
      XCTAssertEqual(
        sweep.configurations.map { "\($0.optimizer.biasCorrection) \($0.schedule.warmup)" },
        ["false 0.0", "false 0.1", "true 0.0", "true 0.1"])
      XCTAssertGreaterThanOrEqual(sweep.seeds.count, 10)
    }
    let reactions = try Sweep(file: "sweeps/reactions.json5", workingDirectory: root.path)
    XCTAssertEqual(reactions.configurations.map(\.optimizer.biasCorrection), [false, false, false, true, true, true])
    XCTAssertEqual(reactions.seeds.count, 3)
    let search = try Sweep(file: "sweeps/correction-search.json5", workingDirectory: root.path)
    let confirmation = try Sweep(file: "sweeps/correction.json5", workingDirectory: root.path)
    XCTAssertEqual(confirmation.configurations.map(\.optimizer.biasCorrection), [false, true])
    XCTAssertEqual(confirmation.configurations.map(\.model.path), ["embedded", "embedded"])
    XCTAssertEqual(confirmation.seeds.count, 25)
    XCTAssertTrue(
      search.configurations.contains(confirmation.configurations[0]), "the recipe that fails is one of those searched")
    XCTAssertTrue(Set(search.seeds).isDisjoint(with: confirmation.seeds))
  }

  /// Every sweep that a claim or scripts/reproduce.sh names is there, is called like its file and can be planned.
  func testClaimsNameShippedSweeps() throws {
    let claims = try ClaimsReader.file(
      Array(Data(contentsOf: root.appendingPathComponent("sweeps/claims.json5"))), name: "claims.json5",
      tables: ColumnReference.tables
    ).claims
    XCTAssertEqual(claims.map(\.number), Array(1...13) + [24])
    let script = try String(contentsOf: root.appendingPathComponent("scripts/reproduce.sh"), encoding: .utf8)
    let names = script.components(separatedBy: "\nnames=\"")[1].prefix { $0 != "\"" }.split(separator: " ").map(
      String.init)
    for name in names where !["intermediate", "intermediate-seeds", "families"].contains(name) {
      let sweep = try Sweep(file: "sweeps/\(name).json5", workingDirectory: root.path)
      XCTAssertEqual(sweep.name, name)
      if sweep.configurations[0].model.path != nil {
        let elsewhere = try Sweep(
          file: "sweeps/\(name).json5",
          overrides: ["model.path=models/minilm", "tasks=[{ name: \"rte\", data: \"glue/RTE\" }]"],
          workingDirectory: root.path)
        XCTAssertEqual(elsewhere.configurations.count, sweep.configurations.count, name)
      }
      let trials = try sweep.plan(digests: FileDigests()).trials.count
      XCTAssertEqual(Self.trials(of: name, in: script), "\(trials)", name)
    }
    let text = try String(contentsOf: root.appendingPathComponent("sweeps/claims.json5"), encoding: .utf8)
    let runs = Set(text.components(separatedBy: "run: \"").dropFirst().map { String($0.prefix { $0 != "\"" }) })
    XCTAssertEqual(runs.subtracting(names), ["reproducibility-2"])
  }

  /// The models of the families are pre-trained before the sweep, so it cannot be planned without them.
  func testFamiliesHaveTheirOwnRecipes() throws {
    let sweep = try Sweep(file: "sweeps/families.json5", workingDirectory: root.path)
    let rows = sweep.configurations.map { configuration in
      let optimizer = configuration.optimizer
      let family = (configuration.model.path ?? "").split(separator: "/").last ?? ""
      return
        "\(family) \(optimizer.biasCorrection) \(optimizer.beta2) \(optimizer.appliedClip) \(optimizer.weightDecay) "
        + (configuration.training.hiddenDropout.map { "\($0)" } ?? "the model's own")
    }
    XCTAssertEqual(
      rows.enumerated().filter { $0.offset % 3 == 0 }.map(\.element),
      [
        "bert false 0.999 global 0.01 the model's own", "bert true 0.999 global 0.01 the model's own",
        "roberta false 0.98 unclipped 0.1 the model's own", "roberta true 0.98 unclipped 0.1 the model's own",
        "albert false 0.999 global 0.0 0.0", "albert true 0.999 global 0.0 0.0",
      ])
    let script = try String(contentsOf: root.appendingPathComponent("scripts/reproduce.sh"), encoding: .utf8)
    XCTAssertEqual(
      Self.trials(of: "families", in: script), "\(sweep.configurations.count * sweep.seeds.count)")
  }

  /// The number of trials that the script's table gives a sweep.
  private static func trials(of name: String, in script: String) -> String? {
    let row = script.split(separator: "\n").first { $0.hasPrefix("#   \(name) ") }
    return row?.split(separator: " ").dropFirst(2).first.map(String.init)
  }

  /// The intermediate task's second stage starts from models that the first one keeps, so alone it is no sweep.
  func testIntermediateTaskIsASweepOfTwoStages() throws {
    let first = try Sweep(file: "sweeps/intermediate-task.json5", workingDirectory: root.path)
    XCTAssertEqual(first.configurations.map(\.task.labelShuffleSeed), [nil, 1])
    XCTAssertEqual(first.configurations.map(\.task.name), ["synthetic-pairs", "synthetic-pairs"])
    let alone = try Sweep(file: "sweeps/intermediate.json5", workingDirectory: root.path)
    XCTAssertThrowsError(try alone.plan(digests: FileDigests())) { error in
      XCTAssertTrue("\(error)".contains("their trials would be the same"), "\(error)")
    }
    let second = try secondStage(
      of: "intermediate", "{ model: { path: \"a\" } }", "{ model: { path: \"b\" } }", trialsBefore: first.trialCount)
    XCTAssertEqual(second.map(\.model.path), ["embedded", "a", "b"])
    // Nothing else differs from the recipe of the other sweeps.
    let correction = try Sweep(file: "sweeps/correction.json5", workingDirectory: root.path)
    XCTAssertEqual(second[0], correction.configurations[0])
  }

  /// The same after ten models of each kind.
  func testTenIntermediateModelsOfEachKind() throws {
    let first = try Sweep(file: "sweeps/intermediate-seeds-task.json5", workingDirectory: root.path)
    XCTAssertEqual(first.trialCount, 20)
    let paths = ["a", "b"].map { kind in (1...10).map { "\(kind)\($0)" } }
    let grids = paths.map { "{ grid: { \"model.path\": [\($0.map { "\"\($0)\", " }.joined())] } }" }
    let second = try secondStage(of: "intermediate-seeds", grids[0], grids[1], trialsBefore: first.trialCount)
    XCTAssertEqual(second.map(\.model.path), ["embedded"] + paths[0] + paths[1])
  }

  /// The configurations of a second stage, the folders of its models' paths left out. The script's table has its trials and those
  /// before it.
  private func secondStage(
    of name: String, _ intermediate: String, _ shuffled: String, trialsBefore: Int
  ) throws -> [TrialConfiguration] {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {
        extends: "\(root.path)/sweeps/\(name).json5",
        variants: { intermediate: \(intermediate), shuffled: \(shuffled) },
      }
      """, to: "both.json5")
    let second = try Sweep(file: "both.json5", workingDirectory: folder.path)
    let script = try String(contentsOf: root.appendingPathComponent("scripts/reproduce.sh"), encoding: .utf8)
    XCTAssertEqual(Self.trials(of: name, in: script), "\(trialsBefore + second.trialCount)")
    return second.configurations.map { configuration in
      var configuration = configuration
      configuration.model.path = configuration.model.path?.split(separator: "/").last.map(String.init)
      return configuration
    }
  }
}
