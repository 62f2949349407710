// What open files and stack allow, for processes that are not this one.

import XCTest

@testable import Host

final class ProcessLimitsTests: XCTestCase {
  func testTheProgramItself() {
    XCTAssertNil(ProcessLimits().refusal)
    XCTAssertNil(ProcessLimits(openFiles: 16, stackByteCount: 64 << 10).refusal)
    XCTAssertEqual(
      ProcessLimits(openFiles: 8).refusal,
      "only 8 files may be open at a time (ulimit -n), and 16 are needed; type `ulimit -n 1024`")
    XCTAssertEqual(
      ProcessLimits(openFiles: 1024, stackByteCount: 32 << 10).refusal,
      "the stack may hold only 32 KiB (ulimit -s), and 64 KiB are needed; type `ulimit -s 8192`")
  }

  func testRanksOfThisMachine() {
    let limits = ProcessLimits(openFiles: 48, stackByteCount: 8 << 20)
    XCTAssertEqual(limits.mostRanks, 4)
    XCTAssertNil(limits.refusal(ranks: 4))
    XCTAssertEqual(
      limits.refusal(ranks: 8),
      "mpirun needs 64 open files to start 8 ranks, and only 48 may be open at a time (ulimit -n); type `ulimit -n 1024`, or "
        + "start fewer ranks")
    XCTAssertEqual(
      ProcessLimits(openFiles: 1024, stackByteCount: 128 << 10).refusal(ranks: 2),
      "mpirun needs a stack of 1 MiB, and it may hold only 128 KiB (ulimit -s); type `ulimit -s 8192`, or add --processes 1"
    )
    XCTAssertEqual(
      ProcessLimits(openFiles: 1024).refusal(ranks: 300),
      "mpirun needs 1232 open files to start 300 ranks, and only 1024 may be open at a time (ulimit -n); type `ulimit -n 1232`, "
        + "or start fewer ranks", "the present limit is no advice")
    XCTAssertEqual(ProcessLimits(openFiles: 20).mostRanks, 1)
    XCTAssertEqual(ProcessLimits().mostRanks, .max)
  }

  func testRanksOfOtherMachines() {
    XCTAssertNil(ProcessLimits(openFiles: 1024).warning(remoteRanks: 960))
    XCTAssertEqual(
      ProcessLimits(openFiles: 1024).warning(remoteRanks: 4000),
      "the leader needs about 4064 open files, 4000 of them for ranks on other machines, but only 1024 may be open at a time "
        + "(ulimit -n); type `ulimit -n 8128` before mpirun")
  }
}
