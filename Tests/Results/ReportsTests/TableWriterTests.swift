// Tables that are written on a thread of their own: what they come to, how they end, and that a lease is renewed meanwhile.

import Files
import Foundation
import Host
import ResultsSupport
import Storage
import Synchronization
import Trials
import XCTest

@testable import Reports

final class TableWriterTests: FolderTestCase {
  private struct Broken: Error, Equatable {}

  private func lease() throws -> Lease {
    try Lease(folder: folder + "/.leases", holder: .current(launchedByParent: false))
  }

  /// The number of times that a lease was renewed.
  private func beat() throws -> Int {
    let text = try contents(folder + "/.leases/1.json")
    return try XCTUnwrap(text.firstMatch(of: /"beat":([0-9]+)/).flatMap { Int($0.1) })
  }

  /// Tables take long: the leader goes on at once, and renews its lease while it waits for them.
  func testTheLeaseIsRenewedWhileTablesAreWritten() throws {
    let lease = try lease()
    let mayEnd = DispatchSemaphore(value: 0)
    let writer = TableWriter { _ in
      mayEnd.wait()
      return TableWriter.Written(rows: [])
    }
    writer.begin()
    writer.begin()
    XCTAssertNil(try writer.poll(), "they are not written yet, and the leader does not wait")
    let written = try writer.finish {
      try lease.renew()
      if try beat() == 3 { mayEnd.signal() }
    }
    XCTAssertNotNil(written)
    XCTAssertGreaterThanOrEqual(try beat(), 3)
    XCTAssertNil(
      try writer.finish { XCTFail("nothing is written") }, "a second call of begin started no second writing")
  }

  func testAnErrorOfTheTablesIsThrown() throws {
    let writer = TableWriter { _ in throw Broken() }
    writer.begin()
    XCTAssertThrowsError(try writer.finish {}) { XCTAssertTrue($0 is Broken) }
    writer.begin()
    let deadline = Date().addingTimeInterval(60)
    XCTAssertThrowsError(
      try {
        while Date() < deadline { _ = try writer.poll() }
      }()
    ) { XCTAssertTrue($0 is Broken) }
    XCTAssertNil(try writer.finish { XCTFail("nothing is written any more") })
  }

  /// A writing that is cancelled, or whose leader lost its lease, ends before its tables take their names.
  func testACancelledWritingLeavesTheTables() throws {
    try write("old".utf8, to: folder + "/trials.csv")
    let steps = Mutex(0)
    let folder = folder
    let writer = TableWriter { check in
      let file = try WholeFile(path: folder + "/trials.csv")
      try file.write("new")
      while true {
        try check()
        steps.withLock { $0 += 1 }
      }
    }
    writer.begin()
    while steps.withLock({ $0 }) == 0 { usleep(1000) }
    writer.cancel()
    let count = steps.withLock { $0 }
    usleep(20_000)
    XCTAssertEqual(steps.withLock { $0 }, count, "its thread has ended")
    writer.begin()
    XCTAssertThrowsError(try writer.finish { throw Broken() }) { XCTAssertTrue($0 is Broken) }
    XCTAssertNil(try writer.finish { XCTFail("nothing is written any more") })
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), ["trials.csv"])
    XCTAssertEqual(try contents(folder + "/trials.csv"), "old")
  }

  /// While a command reads or writes for long, a thread renews the lease.
  func testALeaseIsRenewedWhileItsHolderWorks() throws {
    let lease = try lease()
    let value = try lease.renewed(every: 0.01) { check in
      while try beat() < 3 {
        try check()
        usleep(1000)
      }
      return 7
    }
    XCTAssertEqual(value, 7)
    let last = try beat()
    usleep(50_000)
    XCTAssertEqual(try beat(), last, "its thread has ended")
    XCTAssertThrowsError(try lease.renewed(every: 0.01) { _ in throw Broken() }) { XCTAssertTrue($0 is Broken) }

    // Another leader takes over: the next check throws, and so does the end of work that does not check.
    try write(try bytes(folder + "/.leases/1.json"), to: folder + "/.leases/2.json")
    XCTAssertThrowsError(
      try lease.renewed(every: 0.01) { check in
        while true {
          try check()
          usleep(1000)
        }
      }
    ) { XCTAssertTrue($0 is LeaseError) }
    XCTAssertThrowsError(try lease.renewed(every: 0.01) { _ in usleep(100_000) }) { XCTAssertTrue($0 is LeaseError) }
  }
}
