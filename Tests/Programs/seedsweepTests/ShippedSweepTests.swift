// The sweeps that the repository ships have the trials that they had before the key `training.arithmetic` came, by OpenBLAS,
// and none of these by the portable arithmetic. Goldens/shipped-identifiers.txt has a line for each sweep: its name, the number of
// its trials, and the SHA-256 of the identifiers that `seedsweep plan NAME.json5 --list` then printed, one a line.

import Arithmetics
import Digests
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
}
