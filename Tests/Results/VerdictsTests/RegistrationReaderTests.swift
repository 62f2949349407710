// What a registration file says, and every way in which it can be wrong.

import Claims
import XCTest

@testable import Verdicts

final class RegistrationReaderTests: XCTestCase {
  private static let digest = String(repeating: "0a", count: 32)

  private func text(
    registered: String = "{ time: '2026-12-01T12:00:00Z', commit: 'abcdef' }", draw: String? = nil, claim: String? = nil
  ) -> String {
    let draw = draw ?? "{ name: 'd1', pretraining: 'p0', data: 1, identifiers: { quick: '\(Self.digest)' } }"
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
    XCTAssertEqual(registration.families[0].draws[0].identifiers[0].digest, Self.digest)
    let claim = registration.claims[0]
    XCTAssertEqual(claim.name, "6")
    guard case .parts(let parts, beside: let beside) = claim.content else { return XCTFail("no parts") }
    XCTAssertEqual(beside, [])
    XCTAssertEqual(parts[0].asked, .effect(isAbove: true, smallest: 0.1))
    guard case .riskDifference(let one, let other) = parts[0].measure else { return XCTFail("another measure") }
    XCTAssertEqual([one.column, other.column, one.table], ["failed", "failed", "trials.csv"])
    XCTAssertNil(try read(text(registered: "null")).commit)
  }

  func testMistakes() {
    func part(_ text: String) -> String {
      problem(self.text(claim: "{ claim: 1, says: 's', stop: 'x', parts: [{ what: 'w', \(text) }] }"))
    }
    XCTAssertEqual(
      problem(text(registered: "{ time: 'yesterday', commit: 'a' }")),
      "r.json5:1:23: time: expected the commit's time such as 2026-12-01T12:00:00Z, found \"yesterday\"")
    XCTAssertEqual(
      problem(text(draw: "{ name: 'd', pretraining: 'p', data: 1, identifiers: { quick: null } }")),
      "r.json5:2:117: quick: expected the SHA-256 that 'seedsweep plan --digest' prints for the sweep in this draw")
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
        + "difference; found 0")
  }
}
