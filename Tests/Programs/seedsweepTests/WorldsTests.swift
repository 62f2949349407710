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
    let result = try Child(
      ["bash", "-c", "cd '\(Checkout.root.path)' && . scripts/worlds.sh && echo $town_rate"], in: folder.path
    ).wait()
    return try XCTUnwrap(Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines)), result.errors)
  }

  /// Whatever is neither the task nor a learning rate is as in the first language. Where a recipe has one rate, the first language's is
  /// 6e-4 and the town's its own.
  func testEveryRegisteredSweepInTheTown() throws {
    let (base, rate) = (try shipped("embedded").configurations[0].optimizer.learningRate, try townRate())
    let withOwnRates = ["dose-search", "dose", "warmup", "gradients-beta2", "intermediate-seeds-task"]
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
        XCTAssertEqual(Self.withTaskAndRate(of: found, expected), found, name)
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

  /// The scripts run the registered sweeps with the registered words, and with seeds from 20001 on.
  func testTheWordsOfTheRegistration() throws {
    let registration = try registration
    func lines(_ command: String) throws -> [String] {
      let result = try Child(
        ["bash", "-c", "cd '\(Checkout.root.path)' && . scripts/worlds.sh && \(command)"], in: folder.path
      ).wait()
      XCTAssertEqual(result.code, 0, result.errors)
      return result.output.split(separator: "\n").map(String.init)
    }
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
