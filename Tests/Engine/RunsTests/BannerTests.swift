// The lines that a run opens with, and which ranks it refuses for their numerics.

import CommandLine
import Host
import Storage
import XCTest

@testable import Runs

final class BannerTests: XCTestCase {
  private func rank(_ host: String, cores: Int, threads: Int = 1, _ fingerprint: String = "bits") -> RankIdentity {
    RankIdentity(
      host: host, processor: "Some Processor", coreCount: cores, threadCount: threads, memoryByteCount: 1 << 34,
      fingerprint: fingerprint)
  }

  /// Results with these fingerprints, which this process would compute with "bits".
  private func results(_ found: [String]) -> [NumericsPolicy.Result] {
    found.map { NumericsPolicy.Result(found: $0, now: "bits") }
  }

  func testOneLineAHostThenTheNumerics() {
    let ranks = [0: rank("node01", cores: 1), 1: rank("node01", cores: 1), 2: rank("node02", cores: 4)]
    XCTAssertEqual(
      Banner.lines(ranks: ranks, leader: rank("node01", cores: 1)),
      [
        "2 ranks on node01, 1 core each to run on, one thread a rank",
        "1 rank on node02, 4 cores each to run on, one thread a rank", "numerics: bits",
      ])
  }

  func testRanksThatShareCoresAreWarnedOf() {
    let ranks = Dictionary(uniqueKeysWithValues: (0..<3).map { ($0, rank("node01", cores: 2)) })
    XCTAssertEqual(
      Banner.lines(ranks: ranks, leader: rank("node01", cores: 2))[1], "warning: node01: 3 ranks share 2 cores")
  }

  func testTooFewOpenFilesForRanksOfOtherHosts() {
    let ranks = [0: rank("a", cores: 1), 1: rank("a", cores: 1), 2: rank("b", cores: 1)]
    func lines(_ count: Int) -> [String] {
      Banner.lines(ranks: ranks, leader: rank("a", cores: 1), limits: ProcessLimits(openFiles: count))
    }
    XCTAssertEqual(lines(65).count, 3)
    XCTAssertEqual(
      lines(64)[2],
      "warning: the leader needs about 65 open files, 1 of them for ranks on other machines, but only 64 may be open at a time "
        + "(ulimit -n); type `ulimit -n 4096` before mpirun")
  }

  func testMixedNumericsAreWarnedOf() {
    let ranks = [0: rank("a", cores: 1), 1: rank("b", cores: 1, "other bits")]
    XCTAssertEqual(Banner.lines(ranks: ranks, leader: rank("a", cores: 1)).last, "warning: mixed numerics: other bits")
  }

  func testMixedNumericsAreRefusedUnlessAllowed() {
    let (leader, other) = (rank("a", cores: 1), rank("b", cores: 1, "other bits"))
    let strict = NumericsPolicy(fingerprint: "bits", allowsMixture: false)
    XCTAssertNoThrow(try strict.check(leader, rank: 0, leader: leader))
    XCTAssertThrowsError(try strict.check(other, rank: 1, leader: leader)) {
      XCTAssertTrue("\($0)".contains("\n  rank 0 on a: bits\n  rank 1 on b: other bits\n"), "\($0)")
    }
    XCTAssertThrowsError(try strict.check(results: results(["bits", "old bits"]), starts: ["bits"], folder: "out")) {
      XCTAssertTrue("\($0)".contains("\n  results: old bits\n  now:     bits\n"), "\($0)")
    }
    XCTAssertNoThrow(try strict.check(results: results(["bits", "bits"]), starts: ["bits"], folder: "out"))
    let lax = NumericsPolicy(fingerprint: "bits", allowsMixture: true)
    XCTAssertNoThrow(try lax.check(other, rank: 1, leader: leader))
    XCTAssertNoThrow(try lax.check(results: results(["old bits"]), starts: [], folder: "out"))
  }

  /// Where all recipes are computed portably, ranks of every kind take part, and results of another revision still do not count.
  func testRanksOfEveryKindComputePortably() {
    let policy = NumericsPolicy(fingerprint: "portable/1", allowsMixture: false, comparesRanks: false)
    XCTAssertNoThrow(try policy.check(rank("b", cores: 1, "other"), rank: 1, leader: rank("a", cores: 1)))
    let old = NumericsPolicy.Result(found: "portable/0", now: "portable/1")
    XCTAssertThrowsError(try policy.check(results: [old], starts: ["portable/0"], folder: "out")) {
      XCTAssertTrue("\($0)".contains("\n  results: portable/0\n  now:     portable/1\n"), "\($0)")
    }
    let ranks = [0: rank("a", cores: 1), 1: rank("a", cores: 1, "other")]
    XCTAssertEqual(
      Banner.lines(ranks: ranks, leader: rank("a", cores: 1), portable: "portable/1").dropFirst(),
      ["numerics: portable/1, the same bits on every processor"])
  }

  /// Results whose fingerprint is lost count if all runs that are known computed as this process does, or none is known.
  func testLostNumericsCountWhereNothingSpeaksAgainstThem() {
    let lost = ["bits", JournalIndex.unknownNumerics]
    let strict = NumericsPolicy(fingerprint: "bits", allowsMixture: false)
    for starts in [[], ["bits"], ["bits", "bits"], ["bits", JournalIndex.unknownNumerics]] {
      XCTAssertNoThrow(try strict.check(results: results(lost), starts: starts, folder: "out"), "\(starts)")
    }
    for starts in [["old bits"], ["bits", "old bits"]] {
      XCTAssertThrowsError(try strict.check(results: results(lost), starts: starts, folder: "out"), "\(starts)") {
        XCTAssertTrue(
          "\($0)".contains(
            "\n  results: unknown, because the start of their run is lost; other runs of the folder differ from now\n"
              + "  now:     bits\n"), "\($0)")
      }
      let lax = NumericsPolicy(fingerprint: "bits", allowsMixture: true)
      XCTAssertNoThrow(try lax.check(results: results(lost), starts: starts, folder: "out"))
    }
    XCTAssertThrowsError(try strict.check(results: results(lost + ["old bits"]), starts: ["bits"], folder: "out")) {
      XCTAssertTrue("\($0)".contains("\n  results: old bits\n"), "\($0)")
    }
  }
}
