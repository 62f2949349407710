// The sweeps that the repository ships have the trials that they had before the key `training.arithmetic` came, by OpenBLAS,
// and none of these by the portable arithmetic. Goldens/shipped-identifiers.txt has a line for each sweep: its name, the number of
// its trials, and the SHA-256 of the identifiers that `seedsweep plan NAME.json5 --list` then printed, one a line.

import Arithmetics
import Digests
import Foundation
import Schedules
import SweepLanguage
import TestSupport
import Training
import Trials
import XCTest

final class ShippedSweepTests: XCTestCase {
  private func identifiers(_ name: String, _ arithmetic: Arithmetic) throws -> [String] {
    let sweep = try Sweep(
      file: "sweeps/\(name).json5", workingDirectory: Checkout.path(""), arithmetic: arithmetic)
    return try sweep.plan(digests: FileDigests()).trials.map(\.identifier)
  }

  func testIdentifiersOfBothArithmetics() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/shipped-identifiers.txt"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: " ")
    }
    XCTAssertEqual(lines.count, 17)
    for line in lines {
      let name = String(line[0])
      let old = try identifiers(name, .openblas)
      XCTAssertEqual(
        ["\(old.count)", SHA256.hex(of: old.map { $0 + "\n" }.joined())], line.dropFirst().map(String.init), name)
      let new = try identifiers(name, .portable)
      XCTAssertEqual(new.count, old.count, name)
      XCTAssertTrue(Set(new).isDisjoint(with: old), name)
    }
  }

  /// What `--share-steps` saves: of all shipped sweeps only `size` has trials that are the beginning of longer ones, 48 of 189 steps.
  func testStepsThatTrialsShare() throws {
    var found: [String: [Int]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: Checkout.path("sweeps")) {
      guard file.hasSuffix(".json5"), !["claims.json5", "registration.json5"].contains(file),
        let plan = try? Sweep(file: "sweeps/" + file, workingDirectory: Checkout.path("")).plan(digests: FileDigests())
      else { continue }
      let counts = plan.configurations.map { planned in
        planned.configuration.trainSubset?.size ?? planned.configuration.task.synthetic.trainCount
      }
      let shared = SharedSteps(plan, exampleCounts: counts)
      let steps = plan.trials.indices.flatMap { shared.shorterTrials(of: $0).map { $0.stepCount } }
      if !steps.isEmpty { found[file] = steps }
    }
    XCTAssertEqual(found, ["size.json5": [Int](repeating: 189, count: 48)])
  }
}
