// Whether ranks fit a host, judged from numbers.

import XCTest

@testable import Runs

final class MemoryCheckTests: XCTestCase {
  func testMemoryForSlurm() {
    // 40 MiB of program; an eighth more; hundreds.
    XCTAssertEqual(MemoryCheck.slurmMemory(bytesPerRank: 0), "100M")
    XCTAssertEqual(MemoryCheck.slurmMemory(bytesPerRank: 40 << 20), "100M")
    XCTAssertEqual(MemoryCheck.slurmMemory(bytesPerRank: 49 << 20), "200M")
    XCTAssertEqual(MemoryCheck.slurmMemory(bytesPerRank: 984 << 20), "1200M")
  }

  func testRanksThatFit() {
    XCTAssertEqual(MemoryCheck.fittingCount(bytesPerRank: 984 << 20, memoryByteCount: 8 << 30), 8)
    XCTAssertEqual(MemoryCheck.fittingCount(bytesPerRank: 984 << 20, memoryByteCount: 1023 << 20), 0)
    XCTAssertEqual(MemoryCheck.fittingCount(bytesPerRank: 984 << 20, memoryByteCount: 0), .max)
  }

  func testMemoryRefusal() {
    XCTAssertNil(MemoryCheck.refusal(ranks: 4, bytesPerRank: 1 << 30, host: "node01", memoryByteCount: 8 << 30))
    XCTAssertEqual(
      MemoryCheck.refusal(ranks: 8, bytesPerRank: 960 << 20, host: "node01", memoryByteCount: 4 << 30),
      "8 ranks of 1000.0 MiB each need 7.8 GiB, but node01 has 4.0 GiB. At most 4 ranks fit: start fewer, or use more nodes."
    )
    // 984 + 40 MiB, 128 for the main thread and 192 for each that trains.
    func refusal(addresses: Int?, threads: Int = 1) -> String? {
      MemoryCheck.refusal(
        ranks: 4, bytesPerRank: 984 << 20, host: "node01", memoryByteCount: 8 << 30, addressByteCount: addresses,
        threads: threads)
    }
    XCTAssertNil(refusal(addresses: 1344 << 20))
    XCTAssertNotNil(refusal(addresses: 1344 << 20, threads: 2))
    XCTAssertNil(refusal(addresses: 1536 << 20, threads: 2))
    XCTAssertEqual(
      refusal(addresses: 1023 << 20),
      "a rank addresses 1.3 GiB, but on node01 a process may address only 1023.0 MiB more (ulimit -v). Raise that limit, "
        + "or use a smaller batch or model.")
    for addresses in [nil, 1023 << 20] {
      var identity = RankIdentity.current(threadCount: 1)
      identity.addressByteCount = addresses
      XCTAssertEqual(try RankIdentity(encoded: identity.encoded), identity)
    }
  }
}
