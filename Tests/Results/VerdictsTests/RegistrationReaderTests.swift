// What a registration file says, and every way in which it can be wrong.

import Claims
import Foundation
import XCTest

@testable import Verdicts

final class RegistrationReaderTests: XCTestCase {
  private static let digest = String(repeating: "0a", count: 32)

  private func text(
    registered: String = "{ time: '2026-12-01T12:00:00Z', commit: 'abcdef' }", draw: String? = nil, claim: String? = nil
  ) -> String {
    let draw = draw ?? self.draw("{ time: '2026-12-02T12:00:00Z', commit: '012345' }")
    let claim =
      claim ?? """
        { claim: 6, says: "it stabilizes", stop: "all seeds", parts: [
          { what: "rate without less rate with", risk_difference: [{ run: "quick", where: { variant: "a" } }, { run: "quick" }],
            direction: "above", smallest: 0.1 } ] }
        """
    return """
      { registered: \(registered), test: "reml_hartung_knapp", sweeps: { quick: "quick.json5 seeds=10" },
      families: { embedded: { kind: "confirmatory", draws: [\(draw)] } },
      claims: [\(claim)] }
      """
  }

  /// A draw whose one identifier is a digest unless something else is given.
  private func draw(_ registered: String, identifiers: String = "{ quick: '\(digest)' }") -> String {
    "{ name: 'd1', pretraining: 'p0', data: 1, registered: \(registered), identifiers: \(identifiers) }"
  }

  private func read(_ text: String) throws -> Registration {
    try RegistrationReader.file(Array(text.utf8), name: "r.json5")
  }

  private func problem(_ text: String) -> String {
    do { return "read: \(try read(text))" } catch { return "\(error)" }
  }

  func testARegistration() throws {
    let registration = try read(text())
    XCTAssertTrue(RegistrationReader.isRegistration(Array(text().utf8)))
    XCTAssertFalse(RegistrationReader.isRegistration(Array("{ claims: [] }".utf8)))
    XCTAssertEqual(registration.commit?.time, 1_796_126_400)
    XCTAssertEqual(registration.leastDraws, 3)
    let draw = registration.families[0].draws[0]
    XCTAssertEqual(draw.identifiers[0].digest, Self.digest)
    XCTAssertEqual(draw.commit?.time, 1_796_126_400 + 86_400)
    XCTAssertEqual(registration.latestCommit(of: draw), draw.commit)
    XCTAssertTrue(registration.counts(draw))
    let claim = registration.claims[0]
    XCTAssertEqual(claim.name, "6")
    guard case .parts(let parts, beside: let beside) = claim.content else { return XCTFail("no parts") }
    XCTAssertEqual(beside, [])
    XCTAssertEqual(parts[0].asked, .effect(isAbove: true, smallest: 0.1))
    guard case .riskDifference(let one, let other) = parts[0].measure else { return XCTFail("another measure") }
    XCTAssertEqual([one.column, other.column, one.table], ["failed", "failed", "trials.csv"])
    XCTAssertNil(try read(text(registered: "null", draw: self.draw("null"))).commit)
  }

  /// A draw's identifiers are known after its pre-training: until they are registered it does not count, and with them all are there.
  func testDrawsThatAreRegisteredLater() throws {
    for identifiers in ["{ quick: null }", "{ quick: '\(Self.digest)' }", "{}"] {
      let registration = try read(text(draw: draw("null", identifiers: identifiers)))
      XCTAssertFalse(registration.counts(registration.families[0].draws[0]), identifiers)
      XCTAssertNil(registration.latestCommit(of: registration.families[0].draws[0]))
      let draft = try read(text(registered: "null", draw: draw("null", identifiers: identifiers)))
      XCTAssertTrue(draft.counts(draft.families[0].draws[0]), identifiers)
    }
    let silent = try read(text(draw: "{ name: 'd1', pretraining: 'p0', data: 1, identifiers: { quick: null } }"))
    XCTAssertFalse(silent.counts(silent.families[0].draws[0]))
    // The file's time counts where it is the later one.
    let earlier = try read(text(draw: draw("{ time: '2026-11-30T12:00:00Z', commit: '012345' }")))
    XCTAssertEqual(earlier.latestCommit(of: earlier.families[0].draws[0]), earlier.commit)
    let commit = "{ time: '2026-12-02T12:00:00Z', commit: '0' }"
    let cure =
      "; 'scripts/register-draw.sh d1' prints all of them, and until they are committed registered of the draw is null"
    XCTAssertEqual(
      problem(text(draw: draw(commit, identifiers: "{ quick: null }"))),
      "r.json5:2:178: quick: draw d1 is registered and this identifier is missing\(cure)")
    XCTAssertEqual(
      problem(text(draw: draw(commit, identifiers: "{}"))),
      "r.json5:2:169: identifiers: draw d1 is registered and has none\(cure)")
    XCTAssertEqual(
      problem(text(registered: "null", draw: draw(commit))),
      "r.json5:2:109: registered: draw d1 is registered and the file is not; commit the file, write that commit and its time into its "
        + "own registered, and register draws after that")
    XCTAssertEqual(
      problem(text(draw: draw("{ time: 'soon', commit: '0' }"))),
      "r.json5:2:117: time: expected the commit's time such as 2026-12-01T12:00:00Z, found \"soon\"")
    XCTAssertEqual(
      problem(text(draw: draw("null", identifiers: "{ quick: '0a' }"))),
      "r.json5:2:137: quick: expected the SHA-256 that 'seedsweep plan --digest' prints for the sweep in this draw")
  }

  func testTheShippedRegistration() throws {
    let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { path, _ in path.deletingLastPathComponent() }
    let bytes = [UInt8](try Data(contentsOf: root.appendingPathComponent("sweeps/registration.json5")))
    let registration = try RegistrationReader.file(bytes, name: "registration.json5")
    XCTAssertEqual(registration.claims.count, 15)
    XCTAssertEqual(registration.families.map(\.draws.count), [6, 4])
    let tables = registration.claims.flatMap(\.tables).filter { ["dose", "gradients"].contains($0.run) }.map(\.table)
    XCTAssertEqual(Set(tables), ["dose_fits.csv", "dose_models.csv", "gradient_statistics.csv"])
  }

  /// A registered draw without the identifiers of a sweep could run it later, as it likes.
  func testARegisteredDrawHasAllIdentifiers() {
    let more = text().replacing("sweeps: { quick:", with: "sweeps: { slow: 's', fast: 'f', quick:")
    XCTAssertTrue(
      problem(more).hasSuffix(
        ": identifiers: draw d1 is registered and lacks slow, fast; 'scripts/register-draw.sh d1' prints all of them, and until they are "
          + "committed registered of the draw is null"), problem(more))
    let later = text(draw: draw("null")).replacing("sweeps: { quick:", with: "sweeps: { slow: 's', quick:")
    XCTAssertTrue(problem(later).hasPrefix("read: "), problem(later))
  }

  private func claim(_ name: String = "1", requires: String = "", parts: String...) -> String {
    let parts = parts.map { "{ direction: 'above', smallest: 0, \($0) }" }.joined(separator: ", ")
    return problem(
      text(claim: "{ claim: \(name), says: 's', stop: 'x', requires: [\(requires)], parts: [\(parts)] }"))
  }

  /// A sweep that is not registered could be run, or not, after the results of the others were seen.
  func testSweepsOfRequirementsAreRegistered() {
    let part = "what: 'w', mean: { run: 'quick', column: 'x' }"
    func requires(_ run: String) -> String {
      claim(requires: "{ what: 'r', value: { run: '\(run)', column: 'x', reduce: 'sum' }, above: 0 }", parts: part)
    }
    XCTAssertTrue(requires("quick").hasPrefix("read: "), requires("quick"))
    XCTAssertTrue(
      requires("slow").hasSuffix(
        ": requires: claim 1 reads slow, which is none of the registered sweeps (quick), so that a draw could be left out after its "
          + "results were seen; register slow and its identifiers in every draw, or leave the condition out"),
      requires("slow"))
  }

  /// Files and marks of the page are named by claims.
  func testNamesOfClaims() {
    let part = "what: 'w', mean: { run: 'quick', column: 'x' }"
    for name in ["12", "'4b'", "'a.b-c_d'"] { XCTAssertTrue(claim(name, parts: part).hasPrefix("read: "), name) }
    for name in ["4/5", "a b", "../a", "b-->", "4\u{e9}"] {
      let found = claim("'\(name)'", parts: part)
      XCTAssertTrue(
        found.hasSuffix(
          ": claim: \"\(name)\" has other characters than letters, digits, points, hyphens and underscores, and files are named by it; "
            + "such as \"4b\""), found)
    }
  }

  func testPartsOfOneName() {
    let found = claim(
      parts: "what: 'w', mean: { run: 'quick', column: 'x' }", "what: 'w', mean: { run: 'quick', column: 'y' }")
    XCTAssertTrue(
      found.hasSuffix(
        ": what: claim 1 has two parts that are called \"w\"; give each a text of its own, by which tables and figures tell them apart"
      ),
      found)
  }

  /// The variances of two measures add where no run is in both.
  func testDifferencesOfMeasures() {
    func difference(_ one: String, _ other: String) -> String {
      claim(parts: "what: 'w', difference: [{ \(one) }, { \(other) }]")
    }
    func rates(_ wheres: String...) -> String {
      "risk_difference: [\(wheres.map { "{ run: 'quick', where: { \($0) } }" }.joined(separator: ", "))]"
    }
    for (one, other) in [
      (
        rates("variant: 'a', beta2: 0.999", "variant: 'b', beta2: 0.999"),
        rates("variant: 'a', beta2: 0.98", "variant: 'b', beta2: 0.98")
      ),
      (rates("steps: { below: 5 }", "steps: { at_most: 2 }"), rates("steps: { at_least: 5 }", "steps: [6, 7]")),
      (
        "against: 1, mean: { run: 'quick', where: { x: 1 }, column: 'y' }",
        "mean: { run: 'quick', where: { x: 2 }, column: 'y' }, against: 2"
      ),
    ] { XCTAssertTrue(difference(one, other).hasPrefix("read: "), difference(one, other)) }
    for (one, other) in [
      (rates("variant: 'a'", "variant: 'b'"), rates("variant: 'b'", "variant: 'a'")),
      (rates("variant: 'a'", "variant: 'b'"), rates("variant: ['c', 'a']", "variant: 'd'")),
      (rates("variant: 'a', beta2: 1", "variant: 'b'"), rates("variant: 'c'", "beta2: 1.0")),
      (rates("steps: { below: 5 }", "steps: 9"), rates("steps: { above: 4.5, }", "steps: 10")),
      (rates("steps: { below: 5 }", "steps: 9"), rates("steps: { below: 3 }", "steps: 10")),
      (rates("steps: { at_most: 5 }", "steps: 9"), rates("steps: { at_least: 5 }", "steps: 10")),
      ("mean: { run: 'quick', column: 'x' }", "mean: { run: 'quick', table: 'other.csv', column: 'y' }"),
    ] {
      let found = difference(one, other)
      XCTAssertTrue(found.contains(": difference: the two measures may be of the same runs (quick/trials.csv"), found)
      XCTAssertTrue(
        found.hasSuffix(
          "), and then their errors are not independent; give each runs of its own, which the same column of where tells apart"
        ), found)
    }
    let none = difference("against: 1", "mean: { run: 'quick', column: 'y' }")
    XCTAssertTrue(
      none.hasSuffix(
        ": each of the two objects of a difference has one of risk_difference, mean_difference, mean_ratio, sd_ratio, mean, covariance, "
          + "spearman, difference, and here is none; such as mean: { run: \"correction\", column: \"failed\" }"), none)
    let two = difference(
      "mean: { run: 'quick', column: 'x' }, covariance: { run: 'quick', column: 'x', with: 'y' }",
      "mean: { run: 'quick', column: 'y' }")
    XCTAssertTrue(
      two.hasSuffix(
        ": each of the two objects of a difference has one measure, and here are mean and covariance; leave all but one out, or write "
          + "difference: [{ mean: { ... } }, { mean: { ... } }] with one measure in each pair of braces"), two)
    let part = claim(
      parts: "what: 'w', mean: { run: 'quick', column: 'x' }, spearman: { run: 'quick', column: 'x', with: 'y' }")
    XCTAssertTrue(
      part.hasSuffix(
        ": a part has one measure, and here are mean and spearman; leave all but one out, or give each a part of its own"
      ), part)
  }

  func testFirstStages() throws {
    func stages(_ stages: String) -> String { text().replacing("sweeps:", with: "stages: \(stages), sweeps:") }
    let registration = try read(stages("{ task: 'twenty models' }"))
    XCTAssertEqual(registration.stages.map { [$0.name, $0.what] }, [["task", "twenty models"]])
    XCTAssertTrue(registration.isStage("task"))
    XCTAssertFalse(registration.isStage("quick"))
    XCTAssertFalse(registration == (try read(text())))
    XCTAssertEqual(
      problem(stages("{ quick: 'the models' }")),
      "r.json5:1:105: quick is one of the registered sweeps, and a first stage is none of them: no claim counts it")
    XCTAssertTrue(problem(stages("['task']")).hasPrefix("r.json5:1:103: "), problem(stages("['task']")))
  }

  func testProcessors() throws {
    let draw = draw("{ time: '2026-12-02T12:00:00Z', commit: '012345' }")
    let named = try read(text(draw: draw.replacing("data: 1", with: "data: 1, processor: 'Zen 3'")))
    XCTAssertEqual(named.families[0].draws[0].processor, "Zen 3")
    XCTAssertNil(try read(text(draw: draw)).families[0].draws[0].processor)
    XCTAssertFalse(named == (try read(text(draw: draw))))
  }

  func testMistakes() {
    func part(_ text: String) -> String {
      problem(self.text(claim: "{ claim: 1, says: 's', stop: 'x', parts: [{ what: 'w', \(text) }] }"))
    }
    XCTAssertEqual(
      problem(text(registered: "{ time: 'yesterday', commit: 'a' }")),
      "r.json5:1:23: time: expected the commit's time such as 2026-12-01T12:00:00Z, found \"yesterday\"")
    XCTAssertEqual(
      problem(text(draw: "{ name: 'd', pretraining: 'p', data: 1, identifiers: { slow: null } }")),
      "r.json5:2:110: slow is none of the registered sweeps: quick")
    XCTAssertEqual(
      problem(text(claim: "{ claim: 1, says: 's', stop: 'x', parts: [] }")), "r.json5:3:10: claim 1 has no parts")
    XCTAssertEqual(
      part("mean: { run: 'slow', column: 'x' }, direction: 'above', smallest: 0"),
      "r.json5:3:10: claim 1 reads slow, which is none of the registered sweeps: quick")
    XCTAssertEqual(
      part("mean: { run: 'quick', column: 'x' }, direction: 'above', smallest: -0.1"),
      "r.json5:3:132: smallest: expected a number of the sign that direction names, or 0")
    XCTAssertEqual(
      part("sd_ratio: [{ run: 'quick', column: 'x' }, { run: 'quick', column: 'x' }], within: 0.8"),
      "r.json5:3:147: within: expected a ratio above 1")
    // Numbers that no table could have: their logarithm or Fisher's transformation is none, and all estimates would be as large.
    XCTAssertEqual(
      part(
        "sd_ratio: [{ run: 'quick', column: 'x' }, { run: 'quick', column: 'x' }], direction: 'below', smallest: -1"),
      "r.json5:3:169: smallest: expected a ratio above 0 on the side of 1 that direction names, or 1")
    XCTAssertEqual(
      part("spearman: { run: 'quick', column: 'x', with: 'y' }, direction: 'above', smallest: 1.5"),
      "r.json5:3:147: smallest: expected a correlation between -1 and 1 of the sign that direction names, or 0")
    XCTAssertEqual(
      part("spearman: { run: 'quick', column: 'x', with: 'y' }, within: 1"),
      "r.json5:3:125: within: expected a correlation above 0 and below 1")
    XCTAssertEqual(
      part("mean: { run: 'quick', column: 'x' }, within: 0.1, smallest: 1"),
      "r.json5:3:115: a part asks for a direction or to lie within a margin, not both")
    XCTAssertEqual(
      part("direction: 'above', smallest: 0"),
      "r.json5:3:52: a part has one of risk_difference, mean_difference, mean_ratio, sd_ratio, mean, covariance, spearman, "
        + "difference, and here is none; such as mean: { run: \"correction\", column: \"failed\" }")
  }
}
