// The key `task.dev_sets`: what it takes, what it refuses where, and what identifiers know of it.

import JSON5
import KeyValues
import XCTest

@testable import SweepLanguage
@testable import Trials

final class DevSetKeyTests: XCTestCase {
  private static let mine =
    "model: { path: 'm' }, task: { name: 'mine', train: 'a.tsv', dev: 'b.tsv', text: 's', label: 'l', dev_sets: "

  private func identifier(_ sets: String, _ overrides: [String] = []) throws -> String {
    try plan("{ seeds: 1, task: { name: 'synthetic', dev_sets: \(sets) } }", overrides).configurations[0].identifier
  }

  func testValuesAndPaths() throws {
    let fixture = try SweepFixture([
      "sweep.json5": "{ seeds: 1, \(Self.mine) { zoo: { file: 'data/z.tsv' }, hard: { file: '/d/h.tsv' } } } }"
    ])
    XCTAssertEqual(
      try fixture.sweep().configurations[0].task.devSets,
      [
        DevSetSpecification("hard", path: "/d/h.tsv"),
        DevSetSpecification("zoo", path: fixture.directory + "/data/z.tsv"),
      ])
    let argument = try fixture.sweep(["task.dev_sets={ one: { file: 'x.tsv' } }"]).configurations[0].task
    XCTAssertEqual(argument.devSets, [DevSetSpecification("one", path: fixture.directory + "/x.tsv")])
    XCTAssertEqual(argument.paths.count, 5)
    let moved = argument.withPaths { "/moved" + $0 }
    XCTAssertEqual(moved.paths, argument.paths.map { path in path.map { "/moved" + $0 } })
    XCTAssertEqual(try fixture.sweep(["task.dev_sets=null"]).configurations[0].task.devSets, [])
    let far =
      "{ seeds: 1, task: { dev_difficulty: 'distant', dev_sets: { far: { difficulty: 'diagnostic', size: 70 }, more: {} } } }"
    let task = try plan(far).configurations[0].configuration.task
    XCTAssertEqual(
      task.devSets, [DevSetSpecification("far", difficulty: .diagnostic, count: 70), DevSetSpecification("more")])
    XCTAssertEqual(task.devSets.map { task.difficulty(of: $0) }, [.diagnostic, .distant])
    XCTAssertEqual(task.devSets.map { task.count(of: $0) }, [70, 500])
  }

  /// Plans and trials come back from their texts, and those of a sweep without the key do not know it.
  func testTextsOfPlansAndTrials() throws {
    for sets in ["{ far: { difficulty: 'diagnostic', size: 70 }, more: {} }", "{}", "null"] {
      let plan = try plan("{ seeds: 2, task: { dev_sets: \(sets) } }")
      XCTAssertEqual(plan.encodedJSON().contains("dev_sets"), sets.contains("far"))
      XCTAssertEqual(Array(try SweepPlan(json: plan.encodedJSON()).trials), Array(plan.trials))
      for trial in plan.trials { XCTAssertEqual(try Trial(json: trial.encodedJSON()), trial) }
    }
  }

  /// Identifiers without the key are those of `testIdentifiersArePinned`; with it they hash what is drawn, given or not, and of a
  /// file its set's name beside the contents.
  func testIdentity() throws {
    XCTAssertEqual(try identifier("{}"), "1b73c3345b51e5c7")
    XCTAssertEqual(try identifier("null"), "1b73c3345b51e5c7")
    XCTAssertEqual(try identifier("{ a: {} }"), try identifier("{ a: { difficulty: 'order', size: 500 } }"))
    let dev = ["task.dev_difficulty=local"]
    XCTAssertEqual(try identifier("{ a: {} }", dev), try identifier("{ a: { difficulty: 'local' } }", dev))
    XCTAssertEqual(try identifier("{ a: {}, b: {} }"), try identifier("{ b: {}, a: {} }"))
    let different = [
      "{}", "{ a: {} }", "{ b: {} }", "{ a: {}, b: {} }", "{ a: { size: 501 } }", "{ a: { difficulty: 'local' } }",
    ]
    XCTAssertEqual(Set(try different.map { try identifier($0) }).count, different.count)
    let files = try plan("{ seeds: 1, \(Self.mine) { hard: { file: 'x/h.tsv' }, a: { file: 'k.tsv' } } } }")
    XCTAssertEqual(
      files.configurations[0].configuration.canonicalText(modelDigest: "m", dataDigest: "d"),
      """
      seedsweep configuration
      data=d
      model=m
      task.dev_sets={"a":{},"hard":{}}
      task.label=l
      task.name=mine
      task.text=s
      training.arithmetic=portable

      """)
    let text =
      "{ seeds: 1, task: { dev_difficulty: 'local' }, variants: { dev: {}, test: { task: { dev_difficulty: null, test_difficulty: 'local' } } } }"
    XCTAssertEqual(Set(try plan(text).configurations.map(\.identifier)).count, 2)
  }

  func testRefusedValues() {
    XCTAssertEqual(
      problems(
        """
        { seeds: 1, task: { dev_sets: {
          far: { difficulty: 'diagnostik' },
          near: { dificulty: 'local', size: 3 },
          "Hard-1": {},
          plain: 'h.tsv',
          other: { colour: 1, file: 7 },
        } } }
        """),
      """
      sweep.json5:2:22: task.dev_sets.far.difficulty: expected "order", "local", "distant" or "diagnostic", found the text "diagnostik"; did you mean "diagnostic"?
      sweep.json5:3:11: unknown key "task.dev_sets.near.dificulty"; did you mean "difficulty"?
      sweep.json5:3:37: task.dev_sets.near.size: expected an integer from 4 to 100000, found the integer 3
      sweep.json5:4:3: task.dev_sets: expected a name of 1 to 40 of a-z, 0-9 and _, found "Hard-1"
      sweep.json5:5:10: task.dev_sets.plain: expected an object of file, difficulty or size, found the text "h.tsv"
      sweep.json5:6:12: unknown key "task.dev_sets.other.colour"; allowed are file, difficulty or size
      sweep.json5:6:29: task.dev_sets.other.file: expected a path in quotes, found the integer 7
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, task: { dev_sets: 'far' } }"),
      "sweep.json5:1:31: task.dev_sets: expected an object of at most 8 names with objects of file, difficulty or size, found the text \"far\""
    )
    let nine = (1...9).map { "s\($0): {}" }.joined(separator: ", ")
    XCTAssertEqual(
      problems("{ seeds: 1, task: { dev_sets: { \(nine) } } }"),
      "sweep.json5:1:97: task.dev_sets: 9 entries are more than the 8 allowed")
    XCTAssertEqual(
      problems("{ seeds: 1, task: { dev_sets: { a: {}, b: {}, a: { size: 5 } } } }"),
      "sweep.json5:1:47: duplicate key \"a\"; it is first given at 1:33")
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["task.dev_sets.far.size=7"]),
      "task.dev_sets.far.size=7: unknown key \"task.dev_sets.far.size\"; task.dev_sets is given as a whole, as an object of at most 8 names with objects of file, difficulty or size"
    )
  }

  func testSetsThatATaskCannotHave() {
    XCTAssertEqual(
      problems("{ seeds: 1, task: { dev_sets: { hard: { file: 'h.tsv' } } } }"),
      "sweep.json5:1:31: task.dev_sets: hard: the task \"synthetic\" makes its examples and reads no file; give difficulty, size or {} instead"
    )
    XCTAssertEqual(
      problems("{ seeds: 1, task: { name: 'town-similarity', dev_sets: { far: { difficulty: 'local' } } } }"),
      "sweep.json5:1:56: task.dev_sets: far: the task \"town-similarity\" has no difficulties; give size or {} instead")
    XCTAssertEqual(
      problems("{ seeds: 1, \(Self.mine) { far: { size: 70 } } } }"),
      "sweep.json5:1:121: task.dev_sets: far: the task \"mine\" is read from files; give file: \"PATH\" alone")
    XCTAssertEqual(
      problems("{ seeds: 1, \(Self.mine) { far: {} } } }"),
      "sweep.json5:1:121: task.dev_sets: far: the task \"mine\" is read from files; give file: \"PATH\"")
    for name in ["train", "dev", "test", "set"] {
      XCTAssertEqual(
        problems("{ seeds: 1, task: { dev_sets: { \(name): {} } } }"),
        "sweep.json5:1:31: task.dev_sets: \"\(name)\" has another meaning among sets and columns; choose another name")
    }
    XCTAssertEqual(
      problems(
        "{ seeds: 1, program: { command: ['true', '{seed}'], results: { final: 'score' } },\n task: { dev_sets: { far: {} } } }"
      ),
      "sweep.json5:2:20: task has no effect beside program (1:13), which trains by itself; remove it, and give what the program should know in program.parameters"
    )
  }

  /// A file that cannot be read is told where it is named.
  func testAFileIsToldWhereItIsNamed() throws {
    struct Missing: ContentDigests {
      func digest(of model: ModelSpecification) throws -> String { "m" }
      func digest(of task: TaskSpecification) throws -> String {
        throw CodecError("\(task.devSets.last?.path ?? ""): no such file")
      }
      func digest(of program: ProgramSpecification) throws -> String { "p" }
    }
    let fixture = try SweepFixture([
      "sweep.json5": "{ seeds: 1, \(Self.mine) {\n  a: { file: 'a.tsv' },\n  hard: { file: 'h.tsv' } } } }"
    ])
    XCTAssertThrowsError(try fixture.sweep().plan(digests: Missing())) {
      XCTAssertEqual("\($0)", "sweep.json5:3:17: \(fixture.directory)/h.tsv: no such file")
    }
  }
}
