// `ensemble`, `pick` and `analyze soups` by the built program on one run of a tiny sweep, against Goldens/averaging/make_averaging.py;
// and what they refuse.

import Foundation
import Storage
import XCTest

@testable import seedsweep

final class AveragingTests: XCTestCase {
  private static let inputs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Goldens/averaging")
  /// The inputs of the sweep, its run in `out` and a regression in `numbers`: made once for all tests, which write beside them.
  nonisolated(unsafe) private static var shared: TemporaryFolder?
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    if Self.shared == nil { Self.shared = try Self.runs() }
    folder = Self.shared
  }

  private static func runs() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["sweep.json5", "train.tsv", "dev.tsv", "vocab.txt"] {
      try FileManager.default.copyItem(atPath: inputs.path + "/" + name, toPath: folder.path + "/" + name)
    }
    for words in [
      ["--output", "out", "--keep-weights", "all"],
      ["task.regression=true", "task.label=value", "seeds=3", "--output", "numbers"],
    ] {
      let run = try Child.seedsweep(["run", "sweep.json5"] + words, in: folder.path)
      XCTAssertEqual(run.code, 0, run.errors)
    }
    return folder
  }

  override func tearDown() { folder = nil }

  override class func tearDown() { shared = nil }

  // MARK: - Goldens

  private struct Goldens: Decodable {
    struct Recipe: Decodable {
      let ensembles: [Row]
      let picks: [[Double]]?
    }

    /// Members, rule, size, score and gain with their bounds, disagreement, whether all sets were used.
    struct Row: Decodable {
      let names: [String]
      let numbers: [Double]
      let disagreement: Double?

      init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        let (members, rule) = (try fields.decode(String.self), try fields.decode(String.self))
        names = [members, rule, String(try fields.decode(Int.self))]
        numbers = try (0..<6).map { _ in try fields.decode(Double.self) }
        disagreement = try fields.decode(Double?.self)
      }
    }

    struct Pot: Decodable {
      let variant, seed_init: String
      let trials: [String]
      let accuracies: [String: Double]
      let lines: [Line]
      let basins: [Int]
    }

    struct Line: Decodable {
      let first, second: Int
      let loss_a, loss_b, loss_mean, barrier, barrier_at: Double
    }

    let classes, numbers: [String: Recipe]
    let pots: [Pot]
    let basin_barrier: Double
  }

  private func goldens() throws -> Goldens {
    try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: Self.inputs.appendingPathComponent("averaging.json")))
  }

  /// The rows of a table by the names of its columns.
  private func rows(_ path: String) -> [[String: String]] {
    let lines = folder.text(path).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  private func number(_ row: [String: String], _ column: String) throws -> Double {
    try XCTUnwrap(Double(row[column] ?? ""), "\(column): \(row[column] ?? "no such column")")
  }

  private func seedsweep(_ words: String...) throws -> Child.Result {
    try Child.seedsweep(words, in: folder.path)
  }

  /// A copy of the folder of the run, without the table of another test and some of what it holds.
  private func copy(_ name: String, of original: String = "out", without parts: [String] = []) throws {
    try FileManager.default.copyItem(atPath: folder.path + "/" + original, toPath: folder.path + "/" + name)
    try? FileManager.default.removeItem(atPath: "\(folder.path)/\(name)/ensembles.csv")
    for part in parts { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)/\(part)") }
  }

  // MARK: - Ensembles

  func testEnsembles() throws {
    let goldens = try goldens()
    for (name, recipes) in [("out", goldens.classes), ("numbers", goldens.numbers)] {
      let result = try seedsweep("ensemble", name, "--draws", "20", "--seed", "4")
      XCTAssertEqual(result.code, 0, result.errors)
      let again = try seedsweep("summarize", name)
      XCTAssertEqual(again.code, 0, again.errors)
      XCTAssertTrue(folder.has(name + "/ensembles.csv"), "nothing in it depends on what is judged: \(again.output)")
      let found = rows(name + "/ensembles.csv")
      XCTAssertEqual(Set(recipes.keys), ["fast", "slow"])
      XCTAssertEqual(found.count, recipes.values.reduce(0) { $0 + $1.ensembles.count })
      for (variant, recipe) in recipes {
        let own = found.filter { $0["variant"] == variant }
        for (row, golden) in zip(own, recipe.ensembles) {
          XCTAssertEqual(["members", "combination", "size"].map { row[$0] ?? "" }, golden.names)
          let columns = ["score", "score_low", "score_high", "gain", "gain_low", "gain_high"]
          for (column, number) in zip(columns, golden.numbers) {
            XCTAssertEqual(try self.number(row, column), number, accuracy: 1e-9, "\(variant) \(golden.names) \(column)")
          }
          if let disagreement = golden.disagreement {
            XCTAssertEqual(try number(row, "disagreement"), disagreement, accuracy: 1e-9)
          } else {
            XCTAssertEqual(row["disagreement"], "", "one member disagrees with nobody")
          }
          XCTAssertEqual(row["all_sets"], golden.names[0] == "random" ? "true" : "false")
        }
      }
    }
    XCTAssertEqual(Set(rows("numbers/ensembles.csv").map { $0["combination"] }), ["predictions"], "nothing to vote on")
    XCTAssertEqual(Set(rows("numbers/ensembles.csv").map { $0["metric"] }), ["pearson"])
  }

  func testMembersWithoutPredictions() throws {
    let trials = rows("out/trials.csv").map { $0["trial_id"] ?? "" }
    try copy("kept")
    let run = RunFolder(folder.path + "/kept")
    try FileManager.default.removeItem(atPath: run.keptPredictions(ofTrial: trials[1]))
    try Data("index,label,prediction,logit_0\n".utf8).write(
      to: URL(fileURLWithPath: run.keptPredictions(ofTrial: trials[4])))
    let some = try seedsweep("ensemble", "kept", "--draws", "2")
    XCTAssertEqual(some.code, 0, some.errors)
    XCTAssertTrue(
      some.output.contains(
        "2 runs left out: 1 whose predictions are gone, 1 whose predictions are not those of the journal."), some.output
    )
    XCTAssertEqual(Set(rows("kept/ensembles.csv").map { $0["n_without_predictions"] ?? "" }), ["2", "0"])
    XCTAssertEqual(Set(rows("kept/ensembles.csv").filter { $0["variant"] == "fast" }.map { $0["size"] }).count, 4)
    try copy("lost", without: ["predictions"])
    let none = try seedsweep("ensemble", "lost")
    XCTAssertEqual(none.code, 2)
    XCTAssertEqual(
      none.errors,
      """
      seedsweep ensemble: films: fast: not computed: fewer than two runs have predictions (6 whose predictions are gone).
      seedsweep ensemble: films: slow: not computed: fewer than two runs have predictions (6 whose predictions are gone).

      """)
    XCTAssertFalse(folder.has("lost/ensembles.csv"))
  }

  // MARK: - Picks

  func testPicks() throws {
    let result = try seedsweep("pick", "out")
    XCTAssertEqual(result.code, 0, result.errors)
    for (variant, recipe) in try goldens().classes {
      let found = rows("out/best_of_n.csv").filter { $0["variant"] == variant }
      XCTAssertEqual(found.map { $0["n"] ?? "" }, (1...6).map(String.init))
      for (row, golden) in zip(found, try XCTUnwrap(recipe.picks)) {
        for (column, number) in zip(["expected_best", "sd_best", "selected_a", "selected_b"], golden) {
          XCTAssertEqual(try self.number(row, column), number, accuracy: 1e-9, "\(variant) \(column)")
        }
      }
    }
    XCTAssertTrue(result.output.contains("films: for 480 steps: fast "), result.output)
  }

  // MARK: - Soups

  func testSoupsAndBasinsAndTwoRanksWriteTheSameBytes() throws {
    let goldens = try goldens()
    let words = ["analyze", "soups", "out", "--basin-barrier", "\(goldens.basin_barrier)"]
    let one = try Child.seedsweep(words + ["--output", "one"], in: folder.path)
    XCTAssertEqual(one.code, 0, one.errors)
    let two = try Child(Child.launched(ranks: 2, words + ["--output", "two"]), in: folder.path).wait()
    XCTAssertEqual(two.code, 0, two.errors)
    for table in ["soups.csv", "barriers.csv", "basins.csv"] {
      XCTAssertEqual(folder.text("one/" + table), folder.text("two/" + table), table)
    }
    XCTAssertEqual(goldens.pots.count, 4)
    for pot in goldens.pots {
      let own = ["variant": pot.variant, "seed_init": pot.seed_init]
      func of(_ table: String) -> [[String: String]] {
        rows("one/\(table).csv").filter { row in own.allSatisfy { row[$0.key] == $0.value } }
      }
      try check(of("soups"), pot)
      let barriers = of("barriers")
      XCTAssertEqual(barriers.count, pot.lines.count)
      for (row, line) in zip(barriers, pot.lines) {
        XCTAssertEqual([row["trial_a"], row["trial_b"]], [pot.trials[line.first], pot.trials[line.second]])
        for (column, loss) in [
          ("loss_a", line.loss_a), ("loss_b", line.loss_b), ("loss_mean", line.loss_mean), ("barrier", line.barrier),
        ] {
          XCTAssertEqual(try number(row, column), loss, accuracy: 1e-5, column)
        }
        // A barrier of nothing but rounding has no position.
        if line.barrier > 1e-4 { XCTAssertEqual(try number(row, "barrier_at"), line.barrier_at, accuracy: 1e-9) }
      }
      XCTAssertEqual(of("basins").map { $0["trial_id"] ?? "" }, pot.trials)
      XCTAssertEqual(of("basins").map { $0["basin"] ?? "" }, pot.basins.map(String.init))
    }
    XCTAssertGreaterThan(Set(goldens.pots.map(\.basins)).count, 1, "some runs share a basin and others do not")
    XCTAssertTrue(one.output.contains("films: fast, seed_init 1: "), one.output)
    XCTAssertTrue(one.output.contains(" at a barrier of "), one.output)
  }

  /// The mean of the scores on both halves, which are equally large, is the accuracy of PyTorch's model.
  private func check(_ soups: [[String: String]], _ pot: Goldens.Pot) throws {
    XCTAssertEqual(soups.map { $0["kind"] ?? "" }, pot.trials.map { _ in "single" } + ["uniform", "greedy"])
    func accuracy(_ row: [String: String]) throws -> Double {
      (try number(row, "value_a") + number(row, "value_b")) / 2
    }
    let singles = soups.prefix(pot.trials.count)
    for (index, row) in singles.enumerated() {
      XCTAssertEqual(row["trial_id"], pot.trials[index])
      XCTAssertEqual(try accuracy(row), try XCTUnwrap(pot.accuracies["\(index)"]), accuracy: 1e-9)
    }
    let greedy = singles.indices.filter { soups[$0]["in_greedy"] == "true" }.map(String.init).joined()
    for (row, members) in [(soups[soups.count - 2], "012"), (soups[soups.count - 1], greedy)] {
      XCTAssertEqual(try accuracy(row), try XCTUnwrap(pot.accuracies[members]), accuracy: 1e-9, members)
    }
    let best = try singles.map { try number($0, "value_a") }.max()
    XCTAssertGreaterThanOrEqual(try number(soups[soups.count - 1], "value_a"), try XCTUnwrap(best))
  }

  func testSoupsOfWhatHasNoCommonWeightsAreRefused() throws {
    let heads = try seedsweep("analyze", "soups", "numbers")
    XCTAssertEqual(heads.code, 2)
    XCTAssertTrue(
      heads.errors.hasPrefix(
        "seedsweep analyze: no two completed runs of a recipe started from the same head (seed_init), and weights of different "
          + "heads have no common average"), heads.errors)
    try copy("bare", without: ["weights"])
    let bare = try seedsweep("analyze", "soups", "bare", "--recipe", "slow")
    XCTAssertEqual(bare.code, 2)
    XCTAssertTrue(
      bare.errors.hasPrefix("seedsweep analyze: the weights of 6 of 6 runs were not kept in bare/weights: "),
      bare.errors)
    // Another run's model in the place of one.
    let trials = rows("out/trials.csv").map { $0["trial_id"] ?? "" }
    try copy("mixed", without: ["weights/" + trials[0]])
    try copy("mixed/weights/" + trials[0], of: "out/weights/" + trials[1])
    let mixed = try seedsweep("analyze", "soups", "mixed", "--recipe", "fast")
    XCTAssertNotEqual(mixed.code, 0)
    XCTAssertTrue(
      mixed.errors.contains("\(trials[0]): these are not the weights of the journal's result of this trial"),
      mixed.errors)
    XCTAssertFalse(folder.has("mixed/soups.csv"))
  }

  // MARK: - One run, no recipe

  func testOneRunIsNoEnsemble() throws {
    let run = try seedsweep(
      "run", "sweep.json5", "seeds=1", "--limit", "1", "--output", "single", "--keep-weights", "all")
    XCTAssertTrue([0, 1, 75].contains(run.code), run.errors)
    let ensemble = try seedsweep("ensemble", "single")
    XCTAssertEqual(ensemble.code, 2)
    XCTAssertEqual(
      ensemble.errors,
      """
      seedsweep ensemble: films: fast: not computed: fewer than two runs have a result.
      seedsweep ensemble: films: slow: not computed: fewer than two runs have a result.

      """)
    let soups = try seedsweep("analyze", "soups", "single")
    XCTAssertEqual(soups.code, 2)
    XCTAssertTrue(soups.errors.contains("no two completed runs of a recipe"), soups.errors)
    let pick = try seedsweep("pick", "single")
    XCTAssertEqual(pick.code, 0, pick.errors)
    XCTAssertEqual(rows("single/best_of_n.csv").map { $0["n"] ?? "" }, ["1", ""])
    XCTAssertTrue(pick.output.contains("films: slow: not computed: no run has a result."), pick.output)
    let none = try seedsweep("pick", "single", "--recipe", "slow")
    XCTAssertEqual(none.code, 2)
    XCTAssertEqual(none.errors, "seedsweep pick: films: slow: not computed: no run has a result.\n")
  }

  func testARecipeThatDoesNotExistIsRefused() throws {
    for (verb, words) in [("ensemble", ["ensemble"]), ("pick", ["pick"]), ("analyze", ["analyze", "soups"])] {
      let result = try Child.seedsweep(words + ["numbers", "--recipe", "quick"], in: folder.path)
      XCTAssertEqual(result.code, 2)
      XCTAssertEqual(
        result.errors, "seedsweep \(verb): --recipe: there is no variant 'quick'; there are fast, slow\n")
    }
  }
}
