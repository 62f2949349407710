// Shifted seeds: those of trials and those of data move apart from each other, and only where something is drawn.

import JSON5
import Trials
import XCTest

@testable import SweepLanguage

final class SeedShiftTests: XCTestCase {
  private func sweep(_ text: String, trials: UInt64 = 0, data: UInt64 = 0) throws -> Sweep {
    try Sweep(
      file: "sweep.json5", text: text, workingDirectory: "/tmp", shift: SeedShift(trials: trials, data: data))
  }

  private static let synthetic = """
    { seeds: [5, 6], task: { name: "synthetic", seed: 3, shuffle_labels: 8 }, train_subset: { size: 50 } }
    """

  func testEverySeedOfTheDataMoves() throws {
    let plain = try sweep(Self.synthetic)
    let shifted = try sweep(Self.synthetic, data: 100)
    var expected = try XCTUnwrap(plain.firstConfiguration)
    expected.task.synthetic.seed = 103
    expected.task.labelShuffleSeed = 108
    expected.trainSubset?.seed = 101
    XCTAssertEqual(shifted.firstConfiguration, expected)
    XCTAssertEqual(shifted.seeds, plain.seeds)
    // A shift is what writing the seeds would be.
    let written = try sweep(
      """
      { seeds: [5, 6], task: { name: "synthetic", seed: 103, shuffle_labels: 108 }, train_subset: { size: 50, seed: 101 } }
      """)
    XCTAssertEqual(shifted.configurations, written.configurations)
  }

  func testTheSeedsOfTrialsMoveAlone() throws {
    let shifted = try sweep(Self.synthetic, trials: 10)
    XCTAssertEqual(shifted.seeds.map(\.initialization), [15, 16])
    XCTAssertEqual(shifted.configurations, try sweep(Self.synthetic).configurations)
  }

  func testAnAxisOfDataSeedsShowsWhatIsDrawn() throws {
    let shifted = try sweep(
      #"{ seeds: 1, task: { name: "synthetic" }, grid: { "task.seed": [1, 2] } }"#, data: 10)
    XCTAssertEqual(shifted.configurations.map(\.task.synthetic.seed), [11, 12])
    XCTAssertEqual(shifted.points.map { $0.axisValues.map(\.text) }, [["11"], ["12"]])
  }

  func testAnAxisOfObjectsShowsWhatIsDrawn() throws {
    let shifted = try sweep(
      #"{ seeds: 1, grid: { train_subset: [{ size: 16, seed: 3 }, null, { size: 32 }] } }"#, data: 10)
    XCTAssertEqual(
      shifted.points.map { $0.axisValues.map(\.text) }, [["{size: 16, seed: 13}"], ["null"], ["{size: 32}"]])
  }

  func testSeedsThatLeave64Bits() {
    let text = #"{ seeds: 1, task: { name: "synthetic", seed: 18446744073709551615 } }"#
    XCTAssertThrowsError(try sweep(text, data: 2)) {
      XCTAssertTrue(
        "\($0)".hasSuffix(": a seed of the data leaves 64 bits where 2 is added to it (--shift-data)"), "\($0)")
    }
  }

  func testAShiftWithoutData() {
    let text = #"{ seeds: 1, task: { name: "rte", data: "glue/RTE" }, model: { path: "model" } }"#
    XCTAssertThrowsError(try sweep(text, data: 1)) {
      XCTAssertTrue(
        "\($0)".contains("--shift-data changes nothing: no data of this sweep is drawn from a seed"), "\($0)")
    }
    XCTAssertNoThrow(try sweep(text, trials: 1))
  }
}
