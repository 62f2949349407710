// Texts that look alike and differ in bytes: no trial takes the file or the parameter of another. And names that tables
// could not keep apart or in one line.

import XCTest

@testable import SweepLanguage
@testable import Trials

final class SpellingTests: XCTestCase {
  private let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
  private let reason =
    "Unicode takes two spellings for one text there, such as a letter with its mark or letter and mark apart; write it alike "
    + "everywhere, and rename one if they are two files"

  /// A sweep on files of its own with further keys of the task, each on a line of its own, and further members.
  private func own(_ keys: String, _ members: String = "variants: {}") -> String {
    """
    { seeds: 1, model: { path: "m" }, task: { name: "mine", dev: "/d/dev.tsv", text: "s", label: "l", train:
    \(keys) },
    \(members) }
    """
  }

  func testTwoFilesWhoseNamesLookAlikeAreRefused() {
    let variants = "variants: { a: {}, b: { 'task.train':\n'/d/\(decomposed).tsv' } }"
    XCTAssertEqual(
      problems(own("'/d/\(composed).tsv'", variants)),
      "sweep.json5:4:1: task.train: \"/d/\(decomposed).tsv\" stands in other bytes at 2:1: \(reason)")
    let same = "variants: { a: { 'task.train': '/d/\(composed).tsv' } }"
    XCTAssertEqual(problems(own("'/d/\(composed).tsv'", same)), "no problem")
    let grid = "grid: { 'task.train': [\n'/d/\(composed).tsv',\n'/d/\(decomposed).tsv'] }"
    XCTAssertEqual(
      problems(own("'/d/other.tsv'", grid)),
      "sweep.json5:5:1: task.train: \"/d/\(decomposed).tsv\" stands in other bytes at 4:1: \(reason)")
    // Sets are files as well.
    let sets = own("'/d/train.tsv', test: '/d/\(composed)', dev_sets: { far: { file: '/d/\(decomposed)' } }")
    XCTAssertEqual(
      problems(sets),
      "sweep.json5:2:44: task.dev_sets: \"/d/\(decomposed)\" stands in other bytes at 2:23: \(reason)")
  }

  /// What the command line replaces is no second spelling: a shell completes a name in the bytes that the folder has.
  func testTheCommandLineMaySpellAFileAnew() throws {
    let fixture = try SweepFixture(["sweep.json5": own("'/d/\(composed).tsv'")])
    for argument in ["task.train=/d/\(decomposed).tsv", "task.train=['/d/\(decomposed).tsv']"] {
      let path = try XCTUnwrap(try fixture.sweep([argument]).firstConfiguration?.task.trainPath)
      XCTAssertTrue(path.isSpelled(like: "/d/\(decomposed).tsv"), argument)
    }
  }

  func testParametersThatLookAlikeAreRefused() {
    XCTAssertEqual(
      problems(
        """
        { program: { command: ["t", "{x}", "{seed}"], results: { final: "a" }, parameters: { x:
        "\(composed)" } },
          seeds: 1, variants: { a: {}, b: { x:
        "\(decomposed)" } } }
        """),
      "sweep.json5:4:1: program.parameters.x: \"\(decomposed)\" stands in other bytes at 2:1: \(reason)")
  }

  func testTwoVariantsThatTablesWouldCallAlikeAreRefused() {
    func problem(_ text: String, _ first: String) -> String {
      "sweep.json5:3:1: variants.b: tables would call it \"\(text)\", as they call variants.a (\(first)); give one of "
        + "them another label, such as label: \"\(text) 2\""
    }
    let labels = "{ seeds: 1, variants: { a: { label:\n'x' }, b: { 'optimizer.beta1': 0.8, label:\n'x' } } }"
    XCTAssertEqual(problems(labels), problem("x", "2:1"))
    XCTAssertEqual(problems(labels, ["variants=b"]), "no problem")
    // Without a label a variant is called by its name.
    let name = "{ seeds: 1, variants: { a: { label:\n'b' },\nb: { 'optimizer.beta1': 0.8 } } }"
    XCTAssertEqual(problems(name), problem("b", "2:1"))
    XCTAssertEqual(problems(name.replacing("'b'", with: "'B'")), "no problem")
    // The other one may stand in the file that is extended.
    let base = "{ seeds: 1, variants: { a: { label: 'x' } } }"
    let more = "{ extends: 'base.json5', variants: { b: { 'optimizer.beta1': 0.8,\nlabel:\n'x' } } }"
    XCTAssertEqual(problems(["base.json5": base, "sweep.json5": more]), problem("x", "base.json5:1:37"))
  }

  func testControlCharactersInNamesAreRefused() {
    let end =
      "has a control character, such as a line feed, which breaks the lines of tables and messages; leave it out"
    XCTAssertEqual(
      problems(
        """
        { seeds: 1, model: { path: 'm' }, name:
        'a\\nb', task: { train: 't.tsv', dev: 'd.tsv', text: 's', label: 'l', name:
        'c\\u0007' }, variants: {
        'd\\r': {}, e: { 'optimizer.beta1': 0.8, label:
        '\\tf' } } }
        """),
      """
      sweep.json5:2:1: name: "a\\nb" \(end)
      sweep.json5:3:1: task.name: "c\\u0007" \(end)
      sweep.json5:4:1: variants: "d\\r" \(end)
      sweep.json5:5:1: variants.e.label: "\\tf" \(end)
      """)
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["name=a\nb"]), "name=a\nb: name: \"a\\nb\" \(end)")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, program: { command: ['t', '{seed}'], results: { final: 'x' }, task:\n'a\\u0000' } }"),
      "sweep.json5:2:1: program.task: \"a\\u0000\" \(end)")
  }

  /// Positions inside a value of the command line are those of the whole argument.
  func testPositionsInAnArgument() {
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["optimizer={ beta1: 0.8"]),
      "optimizer={ beta1: 0.8: expected a comma or } in an object opened at 1:11, found the end of the text")
  }
}
