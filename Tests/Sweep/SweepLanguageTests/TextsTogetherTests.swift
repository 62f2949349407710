// What the texts of a sweep mean together: one key in two spellings, tasks beside `tasks`, null, and the command line over variants
// and axes. The order of members and arguments decides nothing.

import XCTest

@testable import SweepLanguage
@testable import Trials

final class TextsTogetherTests: XCTestCase {
  // MARK: - Tasks

  private let tasks = "tasks: [{ name: 'synthetic' }, { name: 'synthetic-pairs', max_length: 64 }]"

  func testKeysOfATaskHoldForEveryTaskThatDoesNotGiveThem() throws {
    for text in [
      "'task.max_length': 16, \(tasks)", "\(tasks), 'task.max_length': 16", "task: { max_length: 16 }, \(tasks)",
      "\(tasks), task: { max_length: 16 }",
    ] {
      XCTAssertEqual(
        try plan("{ seeds: 1, \(text) }").configurations.map(\.configuration.task.maximumLength), [16, 64], text)
    }
  }

  func testOnlyAnotherTaskReplacesAnInheritedList() throws {
    func inherited(_ text: String) throws -> [String] {
      try SweepFixture([
        "base.json5": "{ seeds: 1, \(tasks) }", "sweep.json5": "{ extends: 'base.json5', \(text) }",
      ])
      .plan().configurations.map { "\($0.configuration.task.name) \($0.configuration.task.maximumLength)" }
    }
    for text in ["task: { max_length: 16 }", "'task.max_length': 16"] {
      XCTAssertEqual(try inherited(text), ["synthetic 16", "synthetic-pairs 16"], text)
    }
    for text in ["task: { name: 'synthetic-pairs' }", "'task.name': 'synthetic-pairs'"] {
      XCTAssertEqual(try inherited(text), ["synthetic-pairs 128"], text)
    }
    XCTAssertEqual(try inherited("task: null"), ["synthetic 128"])
    XCTAssertEqual(
      problems("{ seeds: 1, 'task.name': 'synthetic', tasks: [{ name: 'synthetic-pairs' }] }"),
      "sweep.json5:1:39: tasks: give either task or tasks, not both")
  }

  // MARK: - Two spellings

  func testAKeyInTwoSpellingsIsGivenTwice() {
    let twice = "training.max_steps is given twice; it is first given"
    XCTAssertEqual(
      problems("{ seeds: 1, training: { max_steps: 3 }, 'training.max_steps': 7 }"),
      "sweep.json5:1:41: \(twice) at 1:36")
    for second in ["training={max_steps:5}", "training=[{max_steps:5}]"] {
      XCTAssertEqual(
        problems("{ seeds: 1 }", ["training.max_steps=4", second]), "\(second): \(twice) in training.max_steps=4")
    }
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["training.max_steps=[4]", "training=[{max_steps:5}]"]),
      "training=[{max_steps:5}]: \(twice) in training.max_steps=[4]")
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: {} } }", ["compare.reference=a", "compare={reference:'a'}"]),
      "compare={reference:'a'}: compare is given twice on the command line; first as compare.reference=a")
  }

  func testAnAliasLeavesTheKeysThatTheTextGives() throws {
    func dropouts(_ text: String, _ arguments: [String] = []) throws -> [[Double?]] {
      try plan("{ seeds: 1, \(text) }", arguments).configurations.map {
        [$0.configuration.training.hiddenDropout, $0.configuration.training.attentionDropout]
      }
    }
    let given = ["training.dropout=0.1", "training.hidden_dropout=0.3"]
    for text in [
      "training: { dropout: 0.1, hidden_dropout: 0.3 }", "training: { hidden_dropout: 0.3, dropout: 0.1 }",
      "'training.dropout': 0.1, training: { hidden_dropout: 0.3 }",
      "training: { hidden_dropout: 0.3 }, 'training.dropout': 0.1",
    ] {
      XCTAssertEqual(try dropouts(text), [[0.3, 0.1]], text)
    }
    XCTAssertEqual(try dropouts("", given), [[0.3, 0.1]])
    XCTAssertEqual(try dropouts("", given.reversed()), [[0.3, 0.1]])
    XCTAssertEqual(
      try dropouts("", ["training.hidden_dropout=[0.2,0.3]", "training.dropout=0.1"]), [[0.2, 0.1], [0.3, 0.1]])
  }

  func testANullSectionLeavesTheKeysThatTheTextGives() throws {
    for text in ["optimizer: null, 'optimizer.beta1': 0.5", "'optimizer.beta1': 0.5, optimizer: null"] {
      let fixture = try SweepFixture([
        "base.json5": "{ seeds: 1, optimizer: { beta1: 0.7, beta2: 0.7 } }",
        "sweep.json5": "{ extends: 'base.json5', \(text) }",
      ])
      let optimizer = try fixture.plan().configurations[0].configuration.optimizer
      XCTAssertEqual([optimizer.beta1, optimizer.beta2], [0.5, 0.999], text)
    }
  }

  // MARK: - Null

  func testNullForWhatIsNotThere() {
    let noVariant = "null takes away a variant of the file that this one extends, which has no variant"
    XCTAssertEqual(
      problems(
        "{ seeds: 1, grid: { 'optimizer.learnin_rate': null, 'optimizer.beta1': null },\n variants: { b: null } }"),
      """
      sweep.json5:1:21: unknown key "optimizer.learnin_rate"; did you mean "optimizer.learning_rate"?
      """, "a file without variants before it may take away any")
    XCTAssertEqual(
      problems([
        "base.json5": "{ seeds: 1, variants: { default: {}, corrected: { 'optimizer.bias_correction': true } } }",
        "sweep.json5": "{ extends: 'base.json5', variants: { corected: null } }",
      ]),
      "sweep.json5:1:38: variants.corected: \(noVariant) \"corected\"; did you mean \"corrected\"?")
  }

  func testNullForAnAxisOfAnotherForm() {
    func extending(_ base: String, _ grid: String) -> String {
      problems([
        "base.json5": "{ seeds: 1, grid: { \(base) } }", "sweep.json5": "{ extends: 'base.json5', grid: {\n\(grid) } }",
      ])
    }
    XCTAssertEqual(
      extending("training: [{ epochs: 3 }, { epochs: 4 }]", "'training.epochs': null"),
      "sweep.json5:2:1: grid: there is no axis over training.epochs that null could take away; write training: null to take "
        + "away the axis training (base.json5:1:21)")
    XCTAssertEqual(
      extending("'training.epochs': [3, 4]", "training: null"),
      "sweep.json5:2:1: grid: there is no axis over training that null could take away; write \"training.epochs\": null to "
        + "take away the axis training.epochs (base.json5:1:21)")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, grid: { 'training.epochs': [1, 2] },\n variants: { a: { grid: {\n'training.epochs': null } } } }"),
      "sweep.json5:3:1: variants.a.grid: null takes away an axis of this grid, and training.epochs is one of the sweep's grid "
        + "(1:21), which every variant runs with; give this variant a value of its own, such as [1]")
  }

  func testNullForALabelAReferenceAndPairs() throws {
    func inherited(_ text: String, _ compare: String = "reference: 'b'") throws -> SweepPlan {
      try SweepFixture([
        "base.json5": """
        { seeds: 2, variants: { a: { label: 'A' }, b: { 'optimizer.beta1': 0.8 } }, compare: { \(compare) } }
        """,
        "sweep.json5": "{ extends: 'base.json5', \(text) }",
      ]).plan()
    }
    XCTAssertEqual(try inherited("compare: { pairs: null }").reference, "b", "null for pairs is no other reference")
    XCTAssertNil(try inherited("compare: { reference: null }").reference)
    XCTAssertEqual(try inherited("compare: { reference: 'a', pairs: null }").reference, "a")
    let pairs = try inherited("compare: { pairs: [['b', 'a']], reference: null }")
    XCTAssertEqual(pairs.pairs, [VariantPair("b", with: "a")])
    XCTAssertEqual(try inherited("compare: { pairs: null }", "pairs: [['b', 'a']]").pairs, [])
    XCTAssertEqual(try inherited("variants: { a: { label: null } }").configurations.map(\.label), ["a", "b"])
    XCTAssertEqual(try inherited("name: null").name, "sweep")
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: {\nlabel: 3 } } }"),
      "sweep.json5:2:8: variants.a.label: expected a text in quotes, found the integer 3")
  }

  // MARK: - The command line

  func testDeclaredComparisonsThatAreNotSelected() {
    let variants = "variants: { a: {}, b: { 'optimizer.beta1': 0.8 }, c: { 'optimizer.beta1': 0.7 } }"
    for compare in ["{ pairs: [['b', 'a'], ['c', 'a']] }", "{ reference: 'a' }"] {
      let text = "{ seeds: 2, \(variants), compare: \(compare) }"
      XCTAssertEqual(
        problems(text, ["variants=b,c"]),
        "variants=b,c: no declared comparison is left among these variants; select a reference too, or add "
          + "compare={reference:\"NAME\"}, or compare=null for none")
      for arguments in [
        ["variants=b,c", "compare={reference:'b'}"], ["compare.reference=c", "variants=b,c"], ["variants=a,c"],
        ["variants=c"],
      ] {
        XCTAssertEqual(problems(text, arguments), "no problem", "\(arguments)")
      }
    }
    XCTAssertEqual(problems("{ seeds: 2, \(variants) }", ["variants=b,c"]), "no problem")
  }

  func testAListReplacesAnAxisOfAnotherForm() throws {
    let plan = try plan(
      """
      { seeds: 1,
        grid: { optimizer: [{ learning_rate: 1e-5 }, { learning_rate: 2e-5 }], 'training.epochs': [1, 2] } }
      """, ["optimizer.learning_rate=[3e-5,4e-5]"])
    XCTAssertEqual(
      plan.configurations.map(\.title),
      ["3e-05", "4e-05"].flatMap { rate in
        ["1", "2"].map { "synthetic default optimizer.learning_rate=\(rate) training.epochs=\($0)" }
      })
  }

  /// An axis of objects whose other keys the list does not give is not replaced in silence.
  func testAListThatWouldLoseAKeyOfAnAxisIsRefused() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, grid: { training: [{ epochs: 3, batch_size: 8 }, { epochs: 10, batch_size: 64 }] } }",
        ["training.epochs=[1,2]"]),
      "training.epochs=[1,2]: training.batch_size would be lost with the axis training (sweep.json5:1:21) that this list "
        + "replaces; give objects with all these keys")
  }

  private let objects = """
    { seeds: 1, grid: { training: [{ epochs: 3, batch_size: 8 }, { epochs: 10, batch_size: 64 }] } }
    """

  /// Nor is it for a single value.
  func testAValueThatWouldLoseAKeyOfAnAxisIsRefused() {
    XCTAssertEqual(
      problems(objects, ["training.epochs=1"]),
      "training.epochs=1: training.batch_size would be lost with the axis training (sweep.json5:1:21) that this value "
        + "replaces; give training.batch_size=VALUE as well")
    XCTAssertEqual(problems(objects, ["training.epochs=1", "training.batch_size=8"]), "no problem")
    XCTAssertEqual(problems(objects, ["training.epochs=1", "training.batch_size=[8,16]"]), "no problem")
    XCTAssertEqual(
      problems("{ seeds: 1, grid: { 'training.dropout': [0, 0.1] } }", ["training.hidden_dropout=0.2"]),
      "training.hidden_dropout=0.2: training.attention_dropout and training.classifier_dropout would be lost with the axis "
        + "training.dropout (sweep.json5:1:21) that this value replaces; give training.attention_dropout=VALUE "
        + "training.classifier_dropout=VALUE as well")
    XCTAssertEqual(
      problems("{ seeds: 1, grid: { train_subset: [null, { size: 10 }] } }", ["train_subset.size=50"]), "no problem",
      "null gives nothing that could be lost")
  }

  /// Nor in a file that extends another.
  func testAnExtendingFileThatWouldLoseAKeyOfAnAxisIsRefused() {
    func extending(_ text: String) -> String {
      problems(["base.json5": objects, "sweep.json5": "{ extends: 'base.json5', 'training.epochs':\n1, \(text) }"])
    }
    XCTAssertEqual(
      extending(""),
      "sweep.json5:2:1: training.batch_size would be lost with the axis training (base.json5:1:21) that this value replaces; "
        + "give it as well, or take the axis away with grid: { training: null }")
    for text in [
      "'training.batch_size': 8", "grid: { training: null }", "grid: null", "grid: { 'training.batch_size': [8, 16] }",
      "grid: { training: null, 'training.batch_size': [8, 16] }",
      "grid: { 'training.batch_size': [8, 16], training: null }",
    ] {
      XCTAssertEqual(extending(text), "no problem", text)
    }
  }

  func testTasksOfTheCommandLineWin() throws {
    let named = try SweepFixture(["sweep.json5": "{ seeds: 1, variants: { a: { 'task.name': 'synthetic-pairs' } } }"])
    let sweep = try named.sweep(["tasks=[{ name: 'synthetic' }]"])
    XCTAssertEqual(sweep.configurations.map(\.task.name), ["synthetic"])
    XCTAssertEqual(
      sweep.remarks, ["task.name on the command line replaces what the variant a gives; the labels stay."])
    let grid = "{ seeds: 1, grid: { 'task.max_length': [16, 32], 'training.epochs': [1, 2] } }"
    func lengths(_ arguments: [String]) throws -> [Int] {
      try plan(grid, arguments).configurations.map(\.configuration.task.maximumLength)
    }
    XCTAssertEqual(try lengths(["tasks=[{ max_length: 64 }]"]), [64, 64])
    XCTAssertEqual(try lengths(["tasks=[{ max_length: 64 }]", "task.max_length=[20]"]), [20, 20])
    XCTAssertEqual(try lengths(["tasks=[{ seed: 3 }]"]), [16, 16, 32, 32], "what tasks do not give stays")
    let objects = """
      { seeds: 1, grid: { task: [{ name: "synthetic", train_size: 50 }, { name: "synthetic", train_size: 60 }] } }
      """
    let task = "tasks=[{ name: 'synthetic' }]"
    XCTAssertEqual(
      problems(objects, [task]),
      "\(task): task.train_size would be lost with the axis task (sweep.json5:1:21) that this list replaces; give it to every "
        + "task as well, or take the axis away with grid={ task: null }")
    for argument in ["grid={ task: null }", "task.train_size=70"] {
      XCTAssertEqual(problems(objects, [task, argument]), "no problem", argument)
    }
  }

  func testAListReplacesWhatAVariantGives() throws {
    let fixture = try SweepFixture([
      "sweep.json5": """
      { seeds: 1, variants: { a: { 'optimizer.learning_rate': 1e-5 }, b: { 'optimizer.bias_correction': true } } }
      """
    ])
    let sweep = try fixture.sweep(["optimizer.learning_rate=[3e-5,4e-5]"])
    XCTAssertEqual(sweep.configurations.map(\.optimizer.learningRate), [3e-5, 4e-5, 3e-5, 4e-5])
    XCTAssertEqual(
      sweep.remarks,
      ["optimizer.learning_rate on the command line replaces what the variant a gives; the labels stay."])
    XCTAssertEqual(try fixture.sweep(["optimizer.learning_rate=[1e-5]"]).remarks, [])
  }
}
