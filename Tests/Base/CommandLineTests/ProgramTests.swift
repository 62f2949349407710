// Programs of several verbs: what words come to, what is printed of errors, and what help says.

import CommandLine
import XCTest

final class ProgramTests: XCTestCase {
  private func sample(_ words: String...) throws -> SampleCommand {
    try SampleCommand.read(words, of: "prog")
  }

  private func printed(_ words: String...) -> String {
    do {
      _ = try sampleProgram.request(words)
      return ""
    } catch { return Context(program: "prog", words: words, environment: [:]).text(of: error) }
  }

  func testDefaultsHoldWhereNothingIsGiven() throws {
    let command = try sample("a", "--output", "o")
    XCTAssertEqual(command.count, 3)
    XCTAssertEqual(command.rate, 1e-5)
    XCTAssertNil(command.limit)
    XCTAssertEqual(command.color, .red)
    XCTAssertFalse(command.listsAll)
    XCTAssertEqual(command.tags, [])
  }

  func testGivenValuesAreTyped() throws {
    let command = try sample(
      "a", "--output=o", "--count", "7", "--rate=0.5", "--limit", "2", "--color", "green", "--tag", "x=1", "--tag=y=2")
    XCTAssertEqual(command.output, "o")
    XCTAssertEqual(command.count, 7)
    XCTAssertEqual(command.rate, 0.5)
    XCTAssertEqual(command.limit, 2)
    XCTAssertEqual(command.color, .green)
    XCTAssertEqual(command.tags, ["x", "y"])
  }

  /// The first operand is a path and may hold an equals sign.
  func testAssignmentsAreKeptApartFromOperands() throws {
    let given = try CommandLineParser.parse(
      ["a=b", "k=v", "--output", "o", "l=w"], of: SampleCommand.syntax, in: "prog")
    XCTAssertEqual(given.operands, ["a=b"])
    XCTAssertEqual(given.assignments, ["k=v", "l=w"])
    XCTAssertTrue(given.isGiven(SampleCommand.output))
    XCTAssertFalse(given.isGiven(SampleCommand.count))
  }

  func testEveryWrongWordAtOnce() {
    XCTAssertEqual(
      printed("sample", "--cuont", "1", "--list=yes", "--rate", "--rate", "2"),
      """
      prog sample: unknown flag '--cuont'; did you mean '--count'?
      prog sample: --list takes no value, found 'yes'
      prog sample: --rate needs a value: --rate X
      prog sample: --rate is given twice
      prog sample: FILE is missing: the file
      prog sample: --output DIR is missing: the folder to write
      usage: prog sample FILE [KEY=VALUE ...] --output DIR [FLAG ...]
      'prog sample --help' lists the flags.
      """)
  }

  func testEveryWrongValueAtOnce() {
    XCTAssertEqual(
      printed(
        "sample", "a", "--output", "", "--count", "0", "--rate", "-1", "--limit", "x", "--color", "blue", "--tag", "1",
        "--tag", "b=2", "--tag", "c", "--list"),
      """
      prog sample: --output: found an empty path, expected a folder
      prog sample: --count: found '0', expected a whole number from 1 to 2147483647
      prog sample: --rate: found '-1', expected a number of at least 0.0
      prog sample: --limit: found 'x', expected a whole number from 1 to 2147483647
      prog sample: --color: found 'blue', allowed are red, green
      prog sample: --tag: found '1', expected KEY=N such as a=1
      prog sample: --tag: found 'c', expected KEY=N such as a=1
      """)
    XCTAssertEqual(
      printed("sample", "a", "--output", "o", "--list", "--limit", "1"),
      "prog sample: --list and --limit exclude each other")
  }

  func testUnknownVerbsAndNone() {
    XCTAssertEqual(
      printed("smaple"),
      "prog: unknown command 'smaple'; did you mean 'sample'?")
    XCTAssertEqual(printed("xyz"), "prog: unknown command 'xyz'. Commands are sample, fail; see 'prog --help'.")
    XCTAssertEqual(printed(), HelpText.general(sampleProgram))
  }

  func testHelpPrintsTheDefaultsOfFlags() {
    XCTAssertEqual(
      HelpText.text(of: SampleCommand.syntax, in: "prog"),
      """
      usage: prog sample FILE [KEY=VALUE ...] --output DIR [--count N] [--rate X] [--limit N] [--color NAME] [--list] \
      [--tag KEY=N [--tag ...]]

      Shows every kind of flag.

        FILE          the file
        KEY=VALUE     a value
        --output DIR  the folder to write
        --count N     how many (default: 3)
        --rate X      how fast (default: 1e-5)
        --limit N     only the first N (default: all)
        --color NAME  the color (default: red)
        --list        list everything
        --tag KEY=N   a tag
        --help        print this
      """)
  }

  func testTheReferenceHasEveryVerb() {
    let text = HelpText.markdown(sampleProgram)
    XCTAssertTrue(text.contains("\n## sample\n\nShows every kind of flag.\n\n"), text)
    XCTAssertTrue(text.contains("\n| `--rate X` | how fast (default: 1e-5) |\n"), text)
    XCTAssertTrue(text.contains("\n## fail\n"), text)
  }

  func testErrorsBecomeExitCodes() {
    func code(_ how: String, speaks: Bool = true) -> ExitCode {
      sampleProgram.perform(["fail", how], environment: [:], speaks: speaks)
    }
    XCTAssertEqual(code("mendable"), .refused)
    XCTAssertEqual(code("resumable"), .resumable)
    XCTAssertEqual(code("broken"), .failure)
    XCTAssertEqual(code("unknown"), .failure)
    // What the user is to mend, only the rank that speaks tells.
    XCTAssertEqual(code("mendable", speaks: false), .success)
    XCTAssertEqual(code("broken", speaks: false), .failure)
    XCTAssertEqual(sampleProgram.perform(["sample", "a"], environment: [:], speaks: false), .success)
    XCTAssertEqual(sampleProgram.perform(["sample", "a"], environment: [:], speaks: true), .refused)
  }

  func testErrorsGetTheVerbWhereTheyArePrinted() {
    struct Several: UserError, CustomStringConvertible {
      var description: String { "one\ntwo" }
    }
    let context = Context(program: "prog", words: ["sample", "a"], environment: [:])
    XCTAssertEqual(context.text(of: Refusal("one\n  two")), "prog sample: one\n  two")
    XCTAssertEqual(context.text(of: Refusal(problems: ["one", "two"])), "prog sample: one\nprog sample: two")
    XCTAssertEqual(context.text(of: Several()), "prog sample: one\nprog sample: two")
    XCTAssertEqual(context.text(of: Refusal(standingAlone: "f:1:2: wrong")), "f:1:2: wrong")
  }
}
