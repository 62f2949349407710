// What a sweep file without `training.arithmetic` means in a run that adds to a folder.

import Arithmetics
import Storage
import SweepLanguage
import Training
import XCTest

@testable import Runs

final class FolderArithmeticTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }
  override func tearDown() { folder = nil }

  /// Reads `text` for a run into the folder by a version whose sweep files mean `portable`.
  private func sweep(_ text: String) throws -> Sweep {
    try folder.write(text, to: "sweep.json5")
    return try FolderArithmetic(path: folder.path + "/out", ofSweepFiles: .portable).sweep {
      try Sweep(file: "sweep.json5", workingDirectory: folder.path, arithmetic: $0)
    }
  }

  private func arithmetic(_ text: String) throws -> [Arithmetic] {
    try sweep(text).configurations.map(\.training.arithmetic)
  }

  private func writePlan(_ text: String) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
    try folder.write(text, to: "out/sweep.json")
  }

  func testANewFolderTakesTheDefault() throws {
    XCTAssertEqual(try arithmetic("{ seeds: 1 }"), [.portable])
    XCTAssertEqual(try sweep("{ seeds: 1 }").remarks, [])
  }

  /// A folder whose plan lacks the key goes on with what its results are, and says so; a key that is given counts.
  func testAFolderWithoutTheKeyGoesOn() throws {
    let old = try Sweep(
      file: "sweep.json5", text: "{ seeds: 1 }", workingDirectory: folder.path, arithmetic: .openblas)
    try writePlan(old.plan(digests: FileDigests()).encodedJSON())
    XCTAssertEqual(try arithmetic("{ seeds: 2 }"), [.openblas])
    XCTAssertEqual(
      try sweep("{ seeds: 2 }").remarks,
      [
        "The results in \(folder.path)/out are of training.arithmetic: \"openblas\", and so are this run's; to change that, set "
          + "the key and choose another --output"
      ])
    XCTAssertEqual(try arithmetic("{ seeds: 2, training: { arithmetic: 'portable' } }"), [.portable])
    XCTAssertEqual(
      try arithmetic("{ seeds: 1, variants: { a: {}, b: { 'training.arithmetic': 'portable' } } }"),
      [.openblas, .portable])
  }

  func testAFolderOfThePortableArithmeticStaysSo() throws {
    let new = try Sweep(
      file: "sweep.json5", text: "{ seeds: 1 }", workingDirectory: folder.path, arithmetic: .portable)
    try writePlan(new.plan(digests: FileDigests()).encodedJSON())
    XCTAssertEqual(try arithmetic("{ seeds: 2 }"), [.portable])
  }
}
