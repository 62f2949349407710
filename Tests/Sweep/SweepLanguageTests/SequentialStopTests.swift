// What `stop` and `compare.pairs` may say.

import StopRules
import XCTest

@testable import SweepLanguage
@testable import Trials

final class SequentialStopTests: XCTestCase {
  func testRule() throws {
    let text = "{ model: { init: \"random\" }, task: { name: \"synthetic\" }, seeds: 50,"
    XCTAssertEqual(
      try plan(text + " stop: { half_width: 0.1, looks: [10, 25] } }").stop,
      .precision(SequentialStop(halfWidth: 0.1, looks: [10, 25], level: 0.95)))
    XCTAssertEqual(
      try plan(text + " stop: { half_width: 0.1, looks: [10], level: 0.9 } }", ["stop=null"]).stop, nil)
    XCTAssertEqual(
      try plan(text + "}", ["stop={half_width: 0.2, looks: [5]}"]).stop,
      .precision(SequentialStop(halfWidth: 0.2, looks: [5])))
  }

  func testWhatIsWrong() {
    XCTAssertEqual(
      problems(
        """
        {
          model: { init: "random" }, task: { name: "synthetic" }, seeds: { init: [1, 2], order: [1, 2] },
          stop: { half_widht: 0.1, looks: [10, 10], level: 1 },
        }
        """),
      """
      sweep.json5:3:9: stop.half_width: missing; stop is an object such as { half_width: 0.1, looks: [25, 50, 100] }
      sweep.json5:3:11: unknown key "stop.half_widht"; did you mean "half_width"?
      sweep.json5:3:35: stop.looks: expected increasing numbers of seeds such as [25, 50, 100], found [10, 10]
      sweep.json5:3:52: stop.level: expected a number above 0.5 and below 1.0, found the integer 1
      """)
    XCTAssertEqual(
      problems(
        """
        {
          model: { init: "random" }, task: { name: "synthetic" }, seeds: { init: [1, 2], order: [1, 2] },
          stop: { half_width: 0.1, looks: [10] },
        }
        """),
      "sweep.json5:3:3: stop: the seeds repeat an initialization or a data order, so runs depend on each other; stop needs "
        + "seeds such as seeds: 200")
    XCTAssertEqual(
      problems("{ model: { init: \"random\" }, task: { name: \"synthetic\" }, seeds: 2, stop: 0.1 }"),
      "sweep.json5:1:75: stop: expected an object such as { half_width: 0.1, looks: [25, 50, 100] }, found the number 0.1"
    )
  }

  func testComparisonsThatEnd() throws {
    let text = """
      { model: { init: "random" }, task: { name: "synthetic" }, seeds: 50,
        variants: { a: {}, b: { "schedule.warmup": 0 } }, stop: { STOP } }
      """
    func sweep(_ stop: String) -> String { text.replacingOccurrences(of: "STOP", with: stop) }
    XCTAssertEqual(try plan(sweep("pairs: \"failures\"")).stop, .pairs(PairedStop(.failures)))
    XCTAssertEqual(
      try plan(sweep("pairs: \"scores\", alpha: 0.01, look_every: 5")).stop,
      .pairs(PairedStop(.scores, alpha: 0.01, lookEvery: 5, givesUp: false)))
    XCTAssertEqual(
      try plan(sweep("pairs: \"failures\", give_up: false")).stop, .pairs(PairedStop(.failures, givesUp: false)))
    XCTAssertEqual(
      problems(sweep("pairs: \"ranks\", alpha: 1, look_every: 0, give_up: 1")),
      """
      sweep.json5:2:68: stop.pairs: expected "failures" or "scores", found the text "ranks"
      """)
    XCTAssertEqual(
      problems(sweep("pairs: \"scores\", alpha: 1, look_every: 0, give_up: true")),
      """
      sweep.json5:2:85: stop.alpha: expected a number above 0.0 and below 1.0, found the integer 1
      sweep.json5:2:100: stop.look_every: expected a whole number from 1, found the integer 0
      sweep.json5:2:112: stop.give_up: comparisons of scores go on until they are decided or the seeds are used up; remove it, \
      or write pairs: "failures"
      """)
    XCTAssertEqual(
      problems(sweep("pairs: \"failures\", looks: [10]")),
      "sweep.json5:2:80: stop.looks has no effect beside stop.pairs (2:61); give one of the two rules")
    XCTAssertEqual(
      problems(sweep("half_width: 0.1, looks: [10], alpha: 0.05")),
      "sweep.json5:2:91: stop.alpha belongs to stop.pairs, which is not given; remove it, or add pairs: \"failures\"")
    XCTAssertEqual(
      problems(
        "{ model: { init: \"random\" }, task: { name: \"synthetic\" }, seeds: 5, stop: { pairs: \"scores\" } }"),
      "sweep.json5:1:69: stop.pairs: every task has one recipe, so there is nothing to compare; add variants or a grid, or "
        + "give half_width and looks")
  }

  func testRunsThatStopEarly() throws {
    let text = """
      { model: { init: "random" }, task: { name: "synthetic" }, seeds: 50, stop: { STOP } }
      """
    func sweep(_ stop: String) -> String { text.replacingOccurrences(of: "STOP", with: stop) }
    XCTAssertEqual(
      try plan(sweep("early: \"score=baseline@25%\", finish: 0.2")).stop,
      .early(EarlyStop(EarlyRule(.score, .chance, at: .share(0.25)), finishShare: 0.2)))
    XCTAssertEqual(
      try plan(sweep("early: \"score=top50%@100\"")).stop,
      .early(EarlyStop(EarlyRule(.score, .top(0.5), at: .step(100)), finishShare: 0.25)))
    XCTAssertEqual(
      try plan(sweep("early: \"score=0.6@3\"")).trials.map(\.identifier),
      try plan(sweep("early: \"score=0.6@3\""), ["stop=null"]).trials.map(\.identifier),
      "the rule is no part of what a trial is")
    XCTAssertEqual(
      problems(sweep("early: \"accuracy=0.6@3\", finish: 0")),
      """
      sweep.json5:1:85: stop.early: expected MEASURE=BOUND@STEP such as score=baseline@25%, score=0.6@100, train_loss=flat@50 or \
      score=top50%@100, found the text "accuracy=0.6@3"
      sweep.json5:1:111: stop.finish: expected a number above 0 and at most 1, found the integer 0
      """)
    XCTAssertEqual(
      problems(sweep("early: \"score=0.6@3\", pairs: \"failures\", looks: [10]")),
      """
      sweep.json5:1:100: stop.pairs does not go together with stop.early (1:78): a sweep leaves out either seeds or steps; give one of the \
      two rules
      sweep.json5:1:119: stop.looks does not go together with stop.early (1:78): a sweep leaves out either seeds or steps; give one of the \
      two rules
      """)
    XCTAssertEqual(
      problems(sweep("half_width: 0.1, looks: [10], finish: 0.2")),
      "sweep.json5:1:108: stop.finish belongs to stop.early, which is not given; remove it, or add early: \"score=baseline@25%\""
    )
  }

  /// A program cannot be paused, and nobody knows what chance gives where a number is predicted.
  func testRunsThatCannotStopEarly() {
    XCTAssertEqual(
      problems(
        """
        { program: { command: ["train", "{seed}"], results: { final: "acc" } }, seeds: 5,
          stop: { early: "score=0.6@3" } }
        """),
      "sweep.json5:2:3: stop.early: a program of your own (program.command) cannot be paused at a step and go on from there; remove stop, "
        + "let the program stop by itself, or replay the rule on finished runs: seedsweep replay DIR --rule score=0.6@3"
    )
    XCTAssertEqual(
      problems(
        """
        { model: { path: "m" }, task: { name: "stsb", data: "glue" }, seeds: 5,
          stop: { early: "train_loss=flat@3" } }
        """),
      "sweep.json5:2:3: stop.early: what chance gives is not known for the regression task stsb; give a number in place of flat, such "
        + "as train_loss=0.5@25%")
  }

  func testPairs() throws {
    let text = """
      { model: { init: "random" }, task: { name: "synthetic" }, seeds: 2,
        variants: { a: {}, b: { "schedule.warmup": 0 }, c: { "schedule.warmup": 0.5 } },
        compare: { pairs: PAIRS } }
      """
    func sweep(_ pairs: String) -> String { text.replacingOccurrences(of: "PAIRS", with: pairs) }
    XCTAssertEqual(
      try plan(sweep("[[\"b\", \"a\"], [\"c\", \"b\"]]")).pairs,
      [VariantPair("b", with: "a"), VariantPair("c", with: "b")])
    XCTAssertEqual(
      try plan(sweep("[[\"b\", \"a\"], [\"c\", \"b\"]]"), ["variants=a,b"]).pairs, [VariantPair("b", with: "a")])
    XCTAssertEqual(
      problems(sweep("[[\"b\", \"d\"]]")),
      "sweep.json5:3:28: compare.pairs: there is no variant \"d\"; there are a, b, c")
    XCTAssertEqual(
      problems(sweep("[[\"b\", \"b\"]]")),
      "sweep.json5:3:21: compare.pairs: expected pairs of two different variants such as [[\"corrected\", \"default\"]], "
        + "found [[\"b\", \"b\"]]")
    XCTAssertEqual(
      problems(sweep("[[\"b\", \"a\"], [\"c\", \"a\"], [\"b\", \"a\"],\n [\"a\", \"b\"]]")),
      """
      sweep.json5:3:46: compare.pairs: ["b", "a"] is compared twice, in either order; it is first given at 3:22
      sweep.json5:4:2: compare.pairs: ["a", "b"] is compared twice, in either order; it is first given at 3:22
      """)
  }

  /// Only one of the two can decide; what comes later takes the place of what was inherited.
  func testPairsOrAReference() throws {
    let text = """
      { model: { init: "random" }, task: { name: "synthetic" }, seeds: 2,
        variants: { a: {}, b: { "schedule.warmup": 0 } }, compare: { COMPARE } }
      """
    func sweep(_ compare: String) -> String { text.replacingOccurrences(of: "COMPARE", with: compare) }
    XCTAssertEqual(
      problems(sweep("reference: \"a\", pairs: [[\"b\", \"a\"]]")),
      "sweep.json5:2:80: compare: give either reference or pairs, not both")
    let pairs = sweep("pairs: [[\"b\", \"a\"]]")
    XCTAssertEqual(try plan(pairs, ["compare.reference=b"]).reference, "b")
    XCTAssertEqual(try plan(pairs, ["compare.reference=b"]).pairs, [])
    let back = try plan(sweep("reference: \"b\""), ["compare={ pairs: [[\"b\", \"a\"]] }"])
    XCTAssertEqual(back.pairs, [VariantPair("b", with: "a")])
    XCTAssertNil(back.reference)
  }

  /// A rule none of whose looks comes would be no rule at all. One whose last looks do not come is one.
  func testLooksThatNeverCome() {
    XCTAssertEqual(problems("{ seeds: 10,\n stop: { half_width: 0.1, looks: [5, 10, 20, 50] } }"), "no problem")
    let late = "{ seeds: 10,\n stop: { half_width: 0.1, looks: [20, 50] } }"
    XCTAssertEqual(
      problems(late),
      "sweep.json5:2:2: stop.looks: no look ever comes, because the first one is after 20 seeds and the number of seeds is 10; remove "
        + "stop (stop=null on the command line), or give at least 20 seeds")
    for argument in ["stop=null", "seeds=20", "stop={half_width:0.1,looks:[10]}"] {
      XCTAssertEqual(problems(late, [argument]), "no problem", argument)
    }
  }
}
