// The two defaults of `training.arithmetic`: what identifiers leave out, and what a sweep file without the key means.

import Arithmetics
import XCTest

@testable import SweepLanguage
@testable import Trials

final class ArithmeticKeyTests: XCTestCase {
  private func plan(_ text: String, _ arithmetic: Arithmetic) throws -> SweepPlan {
    let fixture = try SweepFixture(["sweep.json5": text])
    return try Sweep(file: "sweep.json5", workingDirectory: fixture.directory, arithmetic: arithmetic)
      .plan(digests: NameDigests())
  }

  /// The default that identifiers leave out is no matter of the release.
  func testTheDefaultOfIdentifiers() {
    XCTAssertEqual(Arithmetic.ofIdentifiers, .openblas)
    XCTAssertEqual(TrialConfiguration().training.arithmetic, .openblas)
  }

  /// `openblas` is the identifier of before the key came, given or not; `portable` is another one, given or not.
  func testIdentifiers() throws {
    func given(_ name: String) -> String { "{ seeds: 1, training: { arithmetic: '\(name)' } }" }
    let old = "565d0c29d6e55d6d"
    func identifier(_ text: String, _ arithmetic: Arithmetic) throws -> String {
      try plan(text, arithmetic).configurations[0].identifier
    }
    XCTAssertEqual(try identifier("{ seeds: 1 }", .openblas), old)
    for arithmetic in Arithmetic.allCases {
      XCTAssertEqual(try identifier(given("openblas"), arithmetic), old)
      XCTAssertEqual(try identifier(given("portable"), arithmetic), try identifier("{ seeds: 1 }", .portable))
    }
    XCTAssertNotEqual(try identifier("{ seeds: 1 }", .portable), old)
    let configuration = try plan("{ seeds: 1 }", .portable).configurations[0].configuration
    XCTAssertEqual(
      configuration.canonicalText(modelDigest: nil, dataDigest: nil),
      "seedsweep configuration\ntraining.arithmetic=portable\n")
  }

  /// `null` stands for the default of sweep files, and a program has no arithmetic.
  func testTheDefaultOfSweepFiles() throws {
    for arithmetic in Arithmetic.allCases {
      let null = try plan("{ seeds: 1, training: { arithmetic: null } }", arithmetic)
      XCTAssertEqual(null.arithmetics, [arithmetic])
    }
    let program = "{ seeds: 1, program: { command: ['true'], results: { final: 'acc' } } }"
    let configurations = try Arithmetic.allCases.map { try plan(program, $0).configurations[0] }
    XCTAssertEqual(configurations[0].identifier, configurations[1].identifier)
    XCTAssertEqual(configurations[1].configuration.training.arithmetic, .ofIdentifiers)
    XCTAssertEqual(try plan(program, .portable).arithmetics, [])
  }

  /// Plans and messages without the key mean `openblas`, and those of `openblas` are what they were before it came.
  func testPlansAndMessages() throws {
    for arithmetic in Arithmetic.allCases {
      let plan = try plan("{ seeds: 2 }", arithmetic)
      let text = plan.encodedJSON()
      XCTAssertEqual(text.contains("arithmetic"), arithmetic == .portable)
      let read = try SweepPlan(json: text)
      XCTAssertEqual(read.encodedJSON(), text)
      XCTAssertEqual(read.arithmetics, [arithmetic])
      let message = plan.trials[0].encodedJSON()
      XCTAssertEqual(message.contains("arithmetic"), arithmetic == .portable)
      XCTAssertEqual(try Trial(json: message), plan.trials[0])
    }
  }

  /// Commands that put folders side by side name what computed them.
  func testTheLineOfSeveralPlans() throws {
    let (old, new) = (try plan("{ seeds: 1 }", .openblas), try plan("{ seeds: 1 }", .portable))
    let both = try plan("{ seeds: 1, grid: { 'training.arithmetic': ['portable', 'openblas'] } }", .openblas)
    XCTAssertEqual(both.arithmetics, [.openblas, .portable])
    XCTAssertNil(SweepPlan.arithmeticLine(of: [old, old], named: ["a", "b"]))
    XCTAssertEqual(SweepPlan.arithmeticLine(of: [new, new], named: ["a", "b"]), "Arithmetic: portable.")
    XCTAssertEqual(
      SweepPlan.arithmeticLine(of: [old, new, both], named: ["a", "b", "c"]),
      "Arithmetic: openblas in a, portable in b, openblas and portable in c.")
    let program = try plan("{ seeds: 1, program: { command: ['true'], results: { final: 'acc' } } }", .portable)
    XCTAssertNil(SweepPlan.arithmeticLine(of: [program, old], named: ["a", "b"]))
    XCTAssertEqual(
      SweepPlan.arithmeticLine(of: [new, program], named: ["a", "b"]),
      "Arithmetic: portable in a, a program's own in b.")
  }
}
