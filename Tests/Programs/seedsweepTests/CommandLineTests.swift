// Command lines: what is understood, and the whole text of every refusal and help page.

import CommandLine
import Trials
import XCTest

@testable import Runs
@testable import seedsweep

final class CommandLineTests: XCTestCase {
  func testReadsOperandsAssignmentsAndFlags() throws {
    let given = try CommandLineParser.parse(
      ["a=b.json5", "seeds=3", "--output=out", "--limit", "4", "task.data=../x", "--allow-mixed-numerics"],
      of: RunCommand.syntax, in: "seedsweep")
    XCTAssertEqual(given.operands, ["a=b.json5"])
    XCTAssertEqual(given.assignments, ["seeds=3", "task.data=../x"])
    XCTAssertEqual(given.texts, ["--output": ["out"], "--limit": ["4"], "--allow-mixed-numerics": [""]])
  }

  func testRunOptions() throws {
    let request = try Program.seedsweep.request([
      "run", "s.json5", "--output", "out", "--processes", "2", "--keep-weights", "all",
    ])
    guard case .command(let command as RunCommand) = request else { return XCTFail("not a run") }
    let options = command.options
    XCTAssertEqual(options.sweepPath, "s.json5")
    XCTAssertEqual(options.output, "out")
    XCTAssertEqual(options.processes, 2)
    XCTAssertEqual(options.part, PlanPart())
    XCTAssertTrue(options.keepsWeights)
    XCTAssertFalse(options.allowsMixedNumerics)
    let tables = options.derivedTables.map(\.name)
    XCTAssertTrue(Set(tables).isSuperset(of: ["comparisons", "agreement", "surface"]), "\(tables)")
  }

  func testVersion() throws {
    guard case .text(let text) = try Program.seedsweep.request(["--version"]) else { return XCTFail("not a text") }
    XCTAssertEqual(text, "seedsweep 0.2.0")
  }

  func testUnknownCommand() {
    assertRefusal(
      ["sumarize", "out"],
      """
      seedsweep: unknown command 'sumarize'; did you mean 'summarize'?
      """)
  }

  func testShortFlagIsNoCommand() {
    assertRefusal(
      ["-h"],
      """
      seedsweep: unknown flag '-h'; did you mean '--help'?
      """)
  }

  /// What newcomers type first: a short answer that names the word to type.
  func testWordsOfOtherPrograms() {
    assertRefusal(["rnu"], "seedsweep: unknown command 'rnu'; did you mean 'run'?")
    assertRefusal(["train"], "seedsweep: unknown command 'train'; did you mean 'run'?")
    assertRefusal(["help"], "seedsweep: unknown command 'help'; did you mean '--help'?")
    assertRefusal(
      ["run", "s.json5", "-o", "out"],
      """
      seedsweep run: unknown flag '-o'; did you mean '--output'?
      usage: seedsweep run SWEEP [KEY=VALUE ...] --output DIR [FLAG ...]
      'seedsweep run --help' lists the flags.
      """)
    assertRefusal(
      ["run", "--config=s.json5", "--output_dir", "out", "--learning_rate", "3e-5"],
      """
      seedsweep run: unknown flag '--config'; SWEEP is given without a flag before it
      seedsweep run: unknown flag '--output_dir'; did you mean '--output'?
      seedsweep run: unknown flag '--learning_rate'; a sweep's values are set as KEY=VALUE, without dashes
      seedsweep run: unexpected '3e-5'; a sweep's values are set as KEY=VALUE
      usage: seedsweep run SWEEP [KEY=VALUE ...] --output DIR [FLAG ...]
      'seedsweep run --help' lists the flags.
      """)
    assertRefusal(
      ["run", "s.json5"],
      """
      seedsweep run: --output DIR is missing: the folder of results, created if missing
      usage: seedsweep run SWEEP [KEY=VALUE ...] --output DIR [FLAG ...]
      'seedsweep run --help' lists the flags.
      """)
    assertRefusal(
      ["keys", "--all"],
      """
      seedsweep keys: unknown flag '--all'. Allowed are --help.
      usage: seedsweep keys [WORD ...]
      """)
  }

  /// No refusal of a command line is longer than a few lines, whatever the verb.
  func testUsagesAreShort() {
    for command in Program.seedsweep.commands {
      let words = [command.syntax.name, "--no-such-flag-at-all"]
      XCTAssertThrowsError(try Program.seedsweep.request(words)) { error in
        let lines = Context(program: "seedsweep", words: words, environment: [:]).text(of: error).split(separator: "\n")
        XCTAssertLessThanOrEqual(lines.count, 8, command.syntax.name)
        XCTAssertLessThanOrEqual(lines.map(\.count).max() ?? 0, 160, command.syntax.name)
      }
    }
  }

  /// A shell leaves `~` alone behind an equals sign.
  func testTheHomeFolderInWords() throws {
    let home = try XCTUnwrap(ProcessInfo.processInfo.environment["HOME"])
    let given = try CommandLineParser.parse(
      ["~/s.json5", "task.data=~/x", "--output=~/out"], of: RunCommand.syntax, in: "seedsweep")
    XCTAssertEqual(given.operands, [home + "/s.json5"])
    XCTAssertEqual(given.assignments, ["task.data=~/x"])
    XCTAssertEqual(given.texts, ["--output": [home + "/out"]])
  }

  func testEveryErrorOfALineAtOnce() {
    assertRefusal(
      ["plan", "s.json5", "--rank", "2", "--list=yes", "--ranks"],
      """
      seedsweep plan: unknown flag '--rank'; did you mean '--ranks'?
      seedsweep plan: --list takes no value, found 'yes'
      seedsweep plan: --ranks is given twice
      seedsweep plan: --ranks needs a value: --ranks N
      usage: seedsweep plan SWEEP [KEY=VALUE ...] [FLAG ...]
      'seedsweep plan --help' lists the flags.
      """)
  }

  func testMissingOperandsAndFlags() {
    assertRefusal(
      ["merge", "one"],
      """
      seedsweep merge: two or more DIR are needed, found one
      seedsweep merge: --output DIR is missing: the folder to create
      usage: seedsweep merge DIR DIR ... --output DIR
      """)
    assertRefusal(
      ["check", "out"],
      """
      seedsweep check: DIR is missing: a folder of results; 'out' is taken as PAPER.tex (the paper)
      usage: seedsweep check PAPER.tex DIR [DIR ...]
      """)
  }

  func testUnexpectedOperandNamesTheAssignmentForm() {
    assertRefusal(
      ["run", "s.json5", "seeds", "--output", "out", "--output", "out2"],
      """
      seedsweep run: --output is given twice
      seedsweep run: unexpected 'seeds'; a sweep's values are set as KEY=VALUE
      usage: seedsweep run SWEEP [KEY=VALUE ...] --output DIR [FLAG ...]
      'seedsweep run --help' lists the flags.
      """)
  }

  func testEveryWrongValueAtOnce() throws {
    assertRefusal(
      ["run", "s", "--output", "", "--processes", "two", "--limit", "0", "--shard", "2/2", "--keep-weights", "some"],
      """
      seedsweep run: --output: found an empty path, expected a folder
      seedsweep run: --limit: found '0', expected a whole number from 1 to 2147483647
      seedsweep run: --shard: found '2/2', expected two whole numbers such as 0/20, the first from 0 and below the second
      seedsweep run: --processes: found 'two', expected a whole number from 1 to 1024
      seedsweep run: --keep-weights: found 'some', allowed are none, all
      """)
  }

  func testNumbersThatNoMachineHoldsAreRefused() throws {
    let most = ["--threads": "1024", "--limit": "2147483647", "--attempts": "2147483647"]
    for (flag, allowed) in most {
      for number in ["1\(allowed)", "\(Int.max)", "1\(Int.max)", "-1", "1.5", "1e3"] {
        assertRefusal(
          ["run", "s", "--output", "o", flag, number],
          "seedsweep run: \(flag): found '\(number)', expected a whole number from 1 to \(allowed)")
      }
    }
    for (words, message) in [
      (
        ["verify", "o", "--threads", "1025"], "verify: --threads: found '1025', expected a whole number from 1 to 1024"
      ),
      (
        ["analyze", "surface", "o", "--points", "1001"],
        "analyze: --points: found '1001', expected a whole number from 2 to 1000"
      ),
      (
        ["plan", "s", "--half-width", "1e-300"],
        "plan: --half-width: found '1e-300', expected a number above 1e-05 and below 0.5"
      ),
      (
        ["report", "o", "--figures", "f", "--width", "1e300"],
        "report: --width: found '1e300', expected a number of at least 40.0 and at most 2000.0"
      ),
      (
        ["plan", "s", "--shift-seeds", "18446744073709551616"],
        "plan: --shift-seeds: found '18446744073709551616', expected a whole number from 0 to 18446744073709551615"
      ),
    ] { assertRefusal(words, "seedsweep " + message) }
  }

  private func assertRefusal(_ words: [String], _ text: String, line: UInt = #line) {
    XCTAssertThrowsError(try Program.seedsweep.request(words), line: line) { error in
      let context = Context(program: "seedsweep", words: words, environment: [:])
      XCTAssertEqual(context.text(of: error), text, line: line)
      XCTAssertEqual((error as? any UserError)?.exitCode, .refused, line: line)
    }
  }
}
