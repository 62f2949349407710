// The grid of a variant: values that this variant alone runs with.

import XCTest

@testable import SweepLanguage
@testable import Trials

final class VariantGridTests: XCTestCase {
  private let text = """
    { seeds: 1,
      grid: { "optimizer.learning_rate": [1e-5, 2e-5], "training.epochs": [1, 2] },
      variants: {
        plain: {},
        own: { grid: { "optimizer.learning_rate": [3e-5, 4e-5, 5e-5] } },
        more: { "optimizer.bias_correction": true, grid: { "training.epochs": [9], "optimizer.beta2": [0.98, 0.99] } },
      } }
    """

  private func recipes(_ plan: SweepPlan) -> [String] {
    plan.configurations.map { planned in
      ([planned.variant] + planned.axisValues.map { "\($0.key.split(separator: ".")[1])=\($0.text)" })
        .joined(separator: " ")
    }
  }

  func testItsAxesReplaceThoseOfTheGridOrComeBehindThem() throws {
    let plan = try plan(text)
    let combined = { (variant: String, rates: [String], epochs: [String]) in
      rates.flatMap { rate in epochs.map { "\(variant) learning_rate=\(rate) epochs=\($0)" } }
    }
    XCTAssertEqual(
      recipes(plan),
      combined("plain", ["1e-05", "2e-05"], ["1", "2"]) + combined("own", ["3e-05", "4e-05", "5e-05"], ["1", "2"])
        + combined("more", ["1e-05", "2e-05"], ["9 beta2=0.98", "9 beta2=0.99"]))
    XCTAssertEqual(plan.configurations[4].configuration.optimizer.learningRate, 3e-5)
    XCTAssertEqual(
      plan.configurations[11].configuration.optimizer.beta2, 0.99)
    XCTAssertTrue(plan.configurations[11].configuration.optimizer.biasCorrection)
    XCTAssertEqual(Array(try SweepPlan(json: plan.encodedJSON()).trials), Array(plan.trials))
  }

  func testTheCommandLineWinsOverIt() throws {
    XCTAssertEqual(
      recipes(try plan(text, ["optimizer.learning_rate=7e-5", "optimizer.beta2=0.9", "variants=own,more"])),
      ["own epochs=1", "own epochs=2", "more epochs=9"])
    XCTAssertEqual(
      recipes(try plan(text, ["training.epochs=[4]", "variants=own,more"])),
      ["3e-05", "4e-05", "5e-05"].map { "own learning_rate=\($0) epochs=4" }
        + ["1e-05", "2e-05"].flatMap { rate in
          ["0.98", "0.99"].map { "more learning_rate=\(rate) epochs=4 beta2=\($0)" }
        })
    let fixture = try SweepFixture(["sweep.json5": text])
    XCTAssertEqual(
      try fixture.sweep(["optimizer.learning_rate=7e-5", "variants=own"]).remarks,
      ["optimizer.learning_rate on the command line replaces what the variant own gives; the labels stay."])
    XCTAssertEqual(
      try fixture.sweep(["optimizer.learning_rate=[3e-5,4e-5,5e-5]", "variants=own"]).remarks, [], "the same values")
  }

  /// An axis of `grid={...}` wins as a list by itself does.
  func testTheGridOfTheCommandLineWins() throws {
    let rates = "{ 'optimizer.learning_rate': [7e-5] }"
    XCTAssertEqual(
      recipes(try plan(text, ["grid=\(rates)", "variants=own"])),
      ["1", "2"].map { "own learning_rate=7e-05 epochs=\($0)" })
    XCTAssertEqual(
      problems(text, ["grid=\(rates)", "optimizer.learning_rate=9e-5"]),
      "optimizer.learning_rate=9e-5: optimizer.learning_rate is given twice; it is first given in grid=\(rates)")
    XCTAssertEqual(
      recipes(try plan(text, ["grid={ 'training.epochs': null }", "variants=own"])),
      ["3e-05", "4e-05", "5e-05"].map { "own learning_rate=\($0)" })
  }

  func testAnExtendingFileChangesIt() throws {
    func extended(_ changes: String) throws -> [String] {
      recipes(
        try SweepFixture([
          "base.json5": text, "sweep.json5": "{ extends: 'base.json5', variants: { plain: null, \(changes) } }",
        ])
        .plan(["training.epochs=1"]))
    }
    XCTAssertEqual(
      try extended("more: null, own: { grid: { 'optimizer.learning_rate': [6e-5] } }"), ["own learning_rate=6e-05"])
    XCTAssertEqual(
      try extended("more: null, own: { grid: { 'optimizer.learning_rate': null } }"),
      ["own learning_rate=1e-05", "own learning_rate=2e-05"])
    XCTAssertEqual(
      try extended("own: null, more: { grid: null, label: 'x' }"),
      ["more learning_rate=1e-05", "more learning_rate=2e-05"])
    // A value in place of inherited ones, and values in place of an inherited one.
    XCTAssertEqual(
      try extended("own: null, more: { 'optimizer.beta2': 0.97 }"),
      ["more learning_rate=1e-05", "more learning_rate=2e-05"])
    XCTAssertEqual(
      try extended(
        "own: null, more: { grid: { 'optimizer.bias_correction': [false, true], 'optimizer.beta2': null } }"),
      ["1e-05", "2e-05"].flatMap { rate in
        ["false", "true"].map { "more learning_rate=\(rate) bias_correction=\($0)" }
      })
  }

  func testProblems() {
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: { grid: [1] }, b: { grid: { 'optimizer.beta2': 0.9, seeds: [1] } } } }"),
      """
      sweep.json5:1:36: variants.a.grid: expected an object of keys with lists of values, found a list
      sweep.json5:1:75: optimizer.beta2: expected a list of at least one value, found the number 0.9; write [0.9]
      sweep.json5:1:80: unknown key "seeds"; seeds is given as a whole, at the top of the sweep
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: { 'training.epochs': 2, grid: { 'training.epochs': [1, 2] } } } }"),
      "sweep.json5:1:49: variants.a: training.epochs is also an axis of the grid (1:60); give it in one of the two")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, grid: { training: [{ epochs: 3 }] }, variants: { a: { grid: { 'training.epochs': [1] } } } }"),
      "sweep.json5:1:75: grid: training.epochs and training both set training.epochs; give it in one of the two")
    let many = (1...1001).map(String.init).joined(separator: ", ")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, grid: { 'training.epochs': [\(many)] },\n variants: { a: {}, b: {\n grid: { 'task.seed': [\(many)] } } } }"
      ),
      "sweep.json5:3:10: the grid has more than the 1000000 configurations allowed")
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: {}, b: { grid: { 'training.epochs': [2, 3] } } } }"),
      "sweep.json5:1:32: two configurations are the same: synthetic a and synthetic b training.epochs=3; their trials would be "
        + "the same; remove one of them")
  }
}
