import Synchronization
import XCTest

@testable import Kernels

final class ThreadTeamTests: XCTestCase {
  func testEveryBlockRunsOnceForManyRounds() throws {
    for threadCount in [1, 2, 3, 5] {
      let team = try ThreadTeam(threadCount: threadCount)
      XCTAssertEqual(team.threadCount, threadCount)
      for round in 0..<2000 {
        let count = round % 37
        var runs = [Int32](repeating: 0, count: count)
        runs.withUnsafeMutableBufferPointer { runs in
          team.run(count) { block, thread in
            runs[block] += 1
            if thread < 0 || thread >= threadCount { runs[block] = -1000 }
          }
        }
        XCTAssertEqual(runs, [Int32](repeating: 1, count: count))
      }
    }
  }

  func testHelpersThatFellAsleepWakeUp() throws {
    let team = try ThreadTeam(threadCount: 3)
    for _ in 0..<20 {
      usleep(3000)  // longer than helpers stay awake
      let sum = Atomic<Int>(0)
      team.run(100) { block, _ in sum.add(block, ordering: .relaxed) }
      XCTAssertEqual(sum.load(ordering: .relaxed), 4950)
    }
  }

  func testThreadsThatRunAtTheSameTimeHaveDifferentNumbers() throws {
    let team = try ThreadTeam(threadCount: 4)
    let inside = (0..<4).map { _ in Busy() }
    let clashes = Atomic<Int>(0)
    for _ in 0..<200 {
      team.run(16) { _, thread in
        if inside[thread].flag.exchange(true, ordering: .acquiringAndReleasing) { clashes.add(1, ordering: .relaxed) }
        sched_yield()
        inside[thread].flag.store(false, ordering: .releasing)
      }
    }
    XCTAssertEqual(clashes.load(ordering: .relaxed), 0)
  }

  private final class Busy: Sendable {
    let flag = Atomic<Bool>(false)
  }

  func testBlocksCoverEverythingOnceAndKeepTheirUnit() {
    for total in [1, 7, 63, 64, 65, 383, 384, 1050, 1536, 3072, 5000, 40_001] {
      for blocks in [Blocks.rows(total, columns: 384), .elements(total * 100), .product(total)] {
        XCTAssertEqual(blocks[0].lowerBound, 0)
        XCTAssertEqual(blocks[blocks.count - 1].upperBound, blocks.total)
        for index in 1..<max(1, blocks.count) {
          XCTAssertEqual(blocks[index - 1].upperBound, blocks[index].lowerBound)
          XCTAssertEqual(blocks[index].lowerBound % blocks.unit, 0)
          XCTAssertFalse(blocks[index].isEmpty)
        }
      }
    }
  }
}
