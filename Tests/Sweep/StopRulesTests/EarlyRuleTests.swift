// What rules for stopping runs early are called, and which of the stopped runs are finished.

import XCTest

@testable import StopRules

final class EarlyRuleTests: XCTestCase {
  func testNames() {
    let rules: [(String, EarlyRule)] = [
      ("score=baseline@25%", EarlyRule(.score, .chance, at: .share(0.25))),
      ("score=0.6@100", EarlyRule(.score, .level(0.6), at: .step(100))),
      ("score=-0.5@1", EarlyRule(.score, .level(-0.5), at: .step(1))),
      ("train_loss=flat@12.5%", EarlyRule(.trainLoss, .chance, at: .share(0.125))),
      ("train_loss=top7%@99%", EarlyRule(.trainLoss, .top(0.07), at: .share(0.99))),
      ("dev_loss=0.001@50", EarlyRule(.devLoss, .level(0.001), at: .step(50))),
    ]
    for (text, rule) in rules {
      XCTAssertEqual(EarlyRule(text), rule, text)
      XCTAssertEqual(rule.name, text)
    }
    for percent in 1...99 { XCTAssertEqual(EarlyRule("score=top\(percent)%@5")?.name, "score=top\(percent)%@5") }
  }

  /// A rule is read from its name in sweep.json again, so that the name holds all of it.
  func testNamesReadBackAsTheSameRule() throws {
    for text in ["score=top33.3333333%@100", "score=0.6@12.34567891%", "train_loss=top66.66666667%@0.1234567%"] {
      let rule = try XCTUnwrap(EarlyRule(text), text)
      XCTAssertEqual(EarlyRule(rule.name), rule, text)
    }
    for text in ["score=top0.0000001%@100", "score=0.6@0.0000001%", "score=0.6@99.99999999%"] {
      XCTAssertNil(EarlyRule(text), text)
    }
  }

  func testWhatIsNoRule() {
    for text in [
      "", "score", "score=0.6", "score@5", "score=@5", "score=0.6@", "score=0.6@0", "score=0.6@-1", "score=0.6@100%",
      "score=0.6@0%", "score=flat@5", "train_loss=baseline@5", "dev_loss=flat@5", "loss=0.6@5", "score=top100%@5",
      "score=top0%@5", "score=top50@5", "score=nan@5", "score=0.6@5@6", "score=0.6=7@5", "score=0.6@2.5",
    ] {
      XCTAssertNil(EarlyRule(text), text)
    }
  }

  func testAShareOfTheStepsIsRoundedUp() {
    XCTAssertEqual(EarlyRule.Moment.share(0.25).step(of: 100), 25)
    XCTAssertEqual(EarlyRule.Moment.share(0.25).step(of: 101), 26)
    XCTAssertEqual(EarlyRule.Moment.share(0.01).step(of: 5), 1)
    for percent in 1...99 { XCTAssertEqual(EarlyRule.Moment.share(Double(percent) / 100).step(of: 100), percent) }
    XCTAssertEqual(EarlyRule.Moment.step(70).step(of: 5), 70)
  }

  /// The smallest of hashlib.sha256(("finish " + identifier).encode()).hexdigest() in Python, for 1 to 12 as 16 hexadecimal digits.
  func testTheFinishedRunsAreThoseWithTheSmallestHashes() {
    let identifiers = (1...12).map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let found = EarlyRule.finished(identifiers, count: 5)
    XCTAssertEqual(found.map { $0.suffix(2) }.sorted(), ["01", "02", "06", "08", "0b"])
    XCTAssertEqual(EarlyRule.finished(identifiers.reversed(), count: 5), found)
    XCTAssertEqual(EarlyRule.finished(identifiers, count: 0), [])
    XCTAssertEqual(EarlyRule.finished(identifiers, count: 12), Set(identifiers))
  }
}
