// Short runs of the fuzzer over every parser, and over one whose faults it must find; parsers of this program's own are fed
// here.

import CommandLine
import Foundation
import JSON5
import XCTest

@testable import Runs
@testable import seedsweep
@testable import seedsweep_fuzz

final class FuzzTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func fuzz(_ words: [String]) throws -> Child.Result {
    try Child([Child.products + "/seedsweep-fuzz"] + words, in: folder.path).wait(atMost: 300)
  }

  func testHelpNamesTheParsers() throws {
    let help = try fuzz(["--help"])
    XCTAssertEqual(help.code, 0, help.errors)
    XCTAssertTrue(help.output.hasPrefix("usage: seedsweep-fuzz all|PARSER ... [--inputs N] [--seed S]\n"), help.output)
    let names = FuzzTargets.makers.filter { !$0.isHidden }.map(\.name)
    XCTAssertTrue(help.output.hasSuffix("\n\nparsers: \(names.joined(separator: " "))\n"), help.output)
    let unknown = try fuzz(["parsnip"])
    XCTAssertEqual(unknown.code, 2)
    XCTAssertEqual(unknown.errors, "seedsweep-fuzz: " + help.output)
  }

  func testNoParserFailsOnSpoiltInputs() throws {
    let result = try fuzz(["all", "--inputs", "2000", "--seed", "7"])
    XCTAssertEqual(result.code, 0, result.output + result.errors)
    let lines = result.output.split(separator: "\n")
    let names = FuzzTargets.makers.filter { !$0.isHidden }.map(\.name)
    XCTAssertEqual(lines.map { String($0.prefix { $0 != ":" }) }, names)
    for line in lines {
      XCTAssertTrue(line.contains(": 2000 inputs, ") && line.contains(", 0 failures; "), String(line))
      XCTAssertFalse(line.contains(", 0 taken, ") || line.contains(", 0 refused, "), String(line))
    }
  }

  /// Each fault of a parser made for it is found, counted and told so that it can be seen again.
  func testFaultsAreFound() throws {
    let result = try fuzz(["faulty", "--inputs", "60", "--seed", "1"])
    XCTAssertEqual(result.code, 1, result.output)
    for fault in [
      ": signal ", ": it took more than 1 s of processor time", ": it threw an error that nobody handles",
    ] { XCTAssertTrue(result.output.contains(fault), fault + "\n" + result.output) }
    let again = try XCTUnwrap(result.output.components(separatedBy: "  again: seedsweep-fuzz ").last)
    let number = try XCTUnwrap(again.split(separator: " ").last.map { $0.filter(\.isNumber) })
    XCTAssertTrue(result.output.contains("  FAILED input \(number): "), result.output)
    let written = try fuzz(["faulty", "--seed", "1", "--input", number, "--write", "input"])
    XCTAssertEqual(written.code, 0, written.errors)
    XCTAssertTrue(try folder.bytes("input").contains { $0 >= 0xF8 })
  }

  /// What ranks say of themselves and of their trials.
  func testHellosAndReportsAreReadOrRefused() throws {
    let isHandled = { (error: any Error) in error is Refusal || error is Diagnostics }
    let targets = [
      FuzzTarget(name: "hello", samples: [RankIdentity.current(threadCount: 1).encoded], isHandled: isHandled) {
        input in
        let identity = try RankIdentity(encoded: input)
        for count in [1, 1_000_000] {
          _ = MemoryCheck.refusal(
            ranks: count, bytesPerRank: 1 << 40, host: identity.host, memoryByteCount: identity.memoryByteCount)
        }
        return true
      },
      FuzzTarget(
        name: "report",
        samples: [
          TrialReport.progress(step: 1, stepCount: 2).encoded, TrialReport.notice("a \"text\"").encoded,
          TrialReport.interruption(step: 2, kept: 1).encoded, TrialReport.fullDisk("a \"text\"").encoded,
        ], isHandled: isHandled
      ) { input in
        _ = try TrialReport(encoded: input)
        return true
      },
    ]
    for target in targets {
      let maker = InputMaker(target: target, seed: 7)
      var takenCount = 0
      for number in 0..<20_000 {
        do { if try target.parse(maker.input(number)) { takenCount += 1 } } catch {
          XCTAssertTrue(target.isHandled(error), "\(target.name) \(number): \(error)")
        }
      }
      XCTAssertTrue((1..<20_000).contains(takenCount), "\(target.name): \(takenCount)")
    }
  }
}
