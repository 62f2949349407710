// The rules that make words of intervals, and Holm's adjustment, on numbers chosen by hand.

import Statistics
import XCTest

@testable import Verdicts

final class VerdictRulesTests: XCTestCase {
  private func effect(
    _ estimate: Double, _ low: Double, _ high: Double, above: Bool = true, smallest: Double = 0.1, p: Double = 0.01
  ) -> VerdictWord {
    .ofEffect(
      estimate: estimate, interval: ConfidenceInterval(low: low, high: high), isAbove: above, smallest: smallest,
      adjustedP: p)
  }

  func testEffects() {
    XCTAssertEqual(effect(0.2, 0.05, 0.35), .holds)
    XCTAssertEqual(effect(0.1, 0.05, 0.15), .holds, "as large as asked is large enough")
    XCTAssertEqual(effect(0.08, 0.05, 0.11), .smallerThanAsked)
    XCTAssertEqual(effect(0.08, 0.05, 0.11, p: 0.2), .smallerThanAsked)
    XCTAssertEqual(effect(0.2, 0.05, 0.35, p: 0.05), .notShown, "Holm's p must be below .05")
    XCTAssertEqual(effect(0.2, 0, 0.4), .notShown)
    XCTAssertEqual(effect(0.2, -0.05, 0.45), .notShown)
    XCTAssertEqual(effect(-0.2, -0.3, -0.1), .contradicted)
    XCTAssertEqual(effect(-0.2, -0.4, 0), .notShown)
    // The other side.
    XCTAssertEqual(effect(-0.2, -0.35, -0.05, above: false, smallest: -0.1), .holds)
    XCTAssertEqual(effect(-0.08, -0.11, -0.05, above: false, smallest: -0.1), .smallerThanAsked)
    XCTAssertEqual(effect(0.2, 0.05, 0.35, above: false, smallest: -0.1), .contradicted)
    XCTAssertEqual(effect(-0.2, -0.45, 0.05, above: false, smallest: -0.1), .notShown)
  }

  func testAbsence() {
    func absence(_ narrow: (Double, Double), _ wide: (Double, Double)) -> VerdictWord {
      .ofAbsence(
        narrow: ConfidenceInterval(low: narrow.0, high: narrow.1),
        wide: ConfidenceInterval(low: wide.0, high: wide.1), margin: 0.1)
    }
    XCTAssertEqual(absence((-0.09, 0.05), (-0.11, 0.07)), .holds)
    XCTAssertEqual(absence((-0.1, 0.05), (-0.12, 0.07)), .notShown, "the margin itself is outside")
    XCTAssertEqual(absence((0.13, 0.3), (0.11, 0.32)), .contradicted)
    XCTAssertEqual(absence((-0.3, -0.13), (-0.32, -0.11)), .contradicted)
    XCTAssertEqual(absence((0.12, 0.3), (0.09, 0.33)), .notShown)
  }

  func testConjunctions() {
    XCTAssertEqual(VerdictWord.ofAll([.holds, .holds]), .holds)
    XCTAssertEqual(VerdictWord.ofAll([.holds, .notShown]), .holdsInPart)
    XCTAssertEqual(VerdictWord.ofAll([.contradicted, .holds]), .holdsInPart)
    XCTAssertEqual(VerdictWord.ofAll([.contradicted, .notShown]), .contradicted)
    XCTAssertEqual(VerdictWord.ofAll([.smallerThanAsked, .smallerThanAsked]), .smallerThanAsked)
    XCTAssertEqual(VerdictWord.ofAll([.smallerThanAsked, .notShown]), .notShown)
    XCTAssertEqual(VerdictWord.ofAll([.holds, .notRun("x")]), .notRun("x"))
    XCTAssertEqual(
      [VerdictWord.holds, .smallerThanAsked, .contradicted, .holdsInPart, .notShown, .notRun("")].map(\.words),
      ["holds", "smaller than asked", "contradicted", "holds in part", "not shown", "not run"])
  }
}
