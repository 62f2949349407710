// Texts that look alike and differ in bytes: no trial takes the file or the parameter of another.

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
}
