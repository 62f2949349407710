// The examples of scripts/examples that need nothing but a shell, started by a sweep as their users start them. The Python ones
// need packages that a test may not ask for.

import TestSupport
import XCTest

final class ExampleTests: XCTestCase {
  private let sweep = Checkout.path("scripts/examples/train.json5")
  private let script = Checkout.path("scripts/examples/train.sh")

  /// The rows of a table as dictionaries.
  private func rows(_ folder: TemporaryFolder, _ name: String) throws -> [[String: String]] {
    let lines = folder.text(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try XCTUnwrap(lines.first, name)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  /// The score that the script leaves for a seed when it is started by hand.
  private func score(seed: String, correction: String, in folder: TemporaryFolder) throws -> Double {
    let name = "by-hand-\(seed)-\(correction)"
    try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
    let result = try Child(
      ["sh", script, seed, correction, "3", "\(folder.path)/\(name)"], in: folder.path
    ).wait()
    XCTAssertEqual(result.code, 0, result.errors)
    let object = try JSONSerialization.jsonObject(with: folder.bytes("\(name)/all_results.json")) as? [String: Double]
    return try XCTUnwrap(object?["accuracy"])
  }

  /// Every trial has the score that the script leaves by hand; those of 0.5, the baseline, failed.
  func testTheShellScriptTrainsTheTrialsOfASweep() throws {
    let folder = try TemporaryFolder()
    let result = try Child.seedsweep(
      ["run", sweep, "steps=3", "seeds=6", "--output", "out", "--processes", "2"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    let trials = try rows(folder, "out/trials.csv")
    XCTAssertEqual(trials.count, 12)
    for trial in trials {
      let (seed, variant) = try (XCTUnwrap(trial["seed"]), XCTUnwrap(trial["variant"]))
      let expected = try score(seed: seed, correction: "\(variant == "corrected")", in: folder)
      XCTAssertEqual(trial["value_final"].flatMap(Double.init), expected, "\(variant) \(seed)")
      XCTAssertEqual(trial["failed"], "\(expected == 0.5)", "\(variant) \(seed)")
    }
    XCTAssertEqual(trials.filter { $0["failed"] == "true" }.map { $0["seed"] }, ["5"])
  }

  /// A script that was stopped finds its checkpoint when the sweep is started again, and ends with the score of an undisturbed one.
  func testTheShellScriptGoesOnAfterAnInterruption() throws {
    let folder = try TemporaryFolder()
    let run = ["run", sweep, "steps=100000000", "seeds=[5]", "variants=corrected", "--output", "out"]
    let first = try Child([Child.program] + run, in: folder.path)
    let programs = folder.path + "/out/programs"
    func checkpoint() -> String? {
      FileManager.default.enumerator(atPath: programs)?.compactMap { $0 as? String }
        .first { $0.hasSuffix("/checkpoint") }
    }
    while checkpoint() == nil && first.isRunning { usleep(5000) }
    first.send(SIGTERM)
    XCTAssertEqual(first.wait().code, 75)
    let name = try XCTUnwrap(checkpoint(), "the trial's folder is kept")
    // As if nearly all steps had been done, so that the second attempt ends soon.
    try folder.write("99999990\n", to: "out/programs/" + name)
    let second = try Child.seedsweep(run, in: folder.path)
    XCTAssertEqual(second.code, 0, second.errors)
    let trial = try XCTUnwrap(rows(folder, "out/trials.csv").first)
    XCTAssertEqual(
      trial["value_final"].flatMap(Double.init), try score(seed: "5", correction: "true", in: folder))
    let log = (name as NSString).deletingLastPathComponent + ".log"
    XCTAssertEqual(folder.text("out/programs/" + log), "going on after step 99999990\n")
  }
}
