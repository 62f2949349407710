// `seedsweep init` as a command: where the draft goes, and what it leaves alone.

import CommandLine
import Foundation
import SweepLanguage
import TestSupport
import XCTest

@testable import seedsweep

final class InitTests: XCTestCase {
  func testNothingIsOverwritten() throws {
    let folder = try TemporaryFolder()
    for name in ["train.tsv", "dev.tsv"] {
      try folder.write("sentence\tlabel\nthe dog sees a cat\t0\na cat sees the dog\t1\n", to: name)
    }
    let path = folder.path + "/mine.json5"
    let words = ["init", folder.path, "--model", "embedded", "--output", path]
    guard case .command(let command) = try Program.seedsweep.request(words) else { return XCTFail("not a command") }
    let context = Context(program: "seedsweep", words: words, environment: [:])
    XCTAssertEqual(try command.perform(context), .success)
    let sweep = try Sweep(file: path, workingDirectory: folder.path)
    XCTAssertEqual(sweep.firstConfiguration?.task.trainPath, folder.path + "/train.tsv")
    try folder.write("{ seeds: 3 }", to: "mine.json5")
    XCTAssertThrowsError(try command.perform(context)) {
      XCTAssertEqual("\($0)", "\(path): there is such a file already; name another one, or remove it")
    }
    XCTAssertEqual(folder.text("mine.json5"), "{ seeds: 3 }")
  }
}
