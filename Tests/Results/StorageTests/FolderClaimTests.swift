// The two moments at which a run takes its folder, and the beats while it works.

import Files
import Host
import TestSupport
import XCTest

@testable import Storage

final class FolderClaimTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func claim(_ name: String, _ clock: any HostClock = SystemClock()) -> FolderClaim {
    FolderClaim(RunFolder(folder.path + "/" + name), isLaunched: false, stallSeconds: 300, clock: clock)
  }

  func testANewFolderIsMadeOnlyAtTheSecondMoment() throws {
    let claim = claim("out")
    try claim.takeExisting()
    XCTAssertFalse(folder.has("out"))
    try claim.renew(after: 0)
    try claim.release()
    XCTAssertFalse(folder.has("out"))
    XCTAssertEqual(try claim.take().epoch, 1)
    XCTAssertTrue(folder.has("out"))
  }

  func testAnExistingFolderIsTakenOnce() throws {
    try claim("out").take()
    let second = claim("out")
    XCTAssertThrowsError(try second.takeExisting()) { XCTAssertTrue($0 is LeaseError, "\($0)") }
    XCTAssertThrowsError(try second.take()) { XCTAssertTrue($0 is LeaseError, "\($0)") }
  }

  /// A disk that is full, or fails for a moment, does not end a run before another machine may think that its leader is dead. A
  /// folder with the name of the lease's file keeps it from being written.
  func testFailedBeatsAreForgivenForAWhile() throws {
    let clock = ManualClock()
    let claim = claim("out", clock)
    let file = folder.path + "/out/.leases/1.json"
    func renew(after seconds: Double) throws {
      clock.advance(seconds)
      try claim.renew(after: 1)
    }
    func breakDisk() throws {
      try FileManager.default.removeItem(atPath: file)
      try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: true)
    }
    try claim.take()
    try breakDisk()
    for _ in 0..<2 { XCTAssertNoThrow(try renew(after: 2)) }
    XCTAssertThrowsError(try renew(after: 2)) { XCTAssertEqual(($0 as? FileError)?.code, EISDIR, "\($0)") }
    try FileManager.default.removeItem(atPath: file)
    try folder.write("", to: "out/.leases/1.json")
    XCTAssertNoThrow(try renew(after: 2))
    try breakDisk()
    XCTAssertNoThrow(try renew(after: 4), "the last beat was just now")
    // Who leads is seen also where nothing can be written.
    try folder.write("", to: "out/.leases/2.json")
    XCTAssertThrowsError(try renew(after: 1)) { XCTAssertTrue($0 is LeaseError, "\($0)") }
  }

  func testALeaseThatWasLetGoIsFreeForTheNext() throws {
    let first = claim("out")
    try first.take()
    try first.renew(after: 0)
    first.release(after: CancellationError())
    try first.release()
    let second = claim("out")
    try second.takeExisting()
    XCTAssertEqual(try second.take().epoch, 2, "taken at the first moment and not again")
  }

  /// Pieces of work that are shorter than a second follow each other: each ends with a beat, so that they do not add up to a
  /// silence.
  func testEveryPieceOfWorkEndsWithABeat() throws {
    func beat() throws -> Int {
      let text = folder.text("out/.leases/1.json")
      return try XCTUnwrap(text.firstMatch(of: /"beat":([0-9]+)/).flatMap { Int($0.1) }, text)
    }
    let claim = claim("out")
    XCTAssertEqual(try claim.renewing { 7 }, 7)
    XCTAssertFalse(folder.has("out"), "a claim that is not taken is not renewed")
    try claim.take()
    for count in 1...3 {
      XCTAssertEqual(try claim.renewing { try beat() }, count - 1)
      XCTAssertEqual(try beat(), count)
    }
    try claim.renew(after: 60)
    XCTAssertEqual(try beat(), 3, "the last beat was just now")
    try folder.write(folder.text("out/.leases/1.json"), to: "out/.leases/2.json")
    XCTAssertThrowsError(try claim.renewing {}) { XCTAssertTrue($0 is LeaseError, "\($0)") }
  }
}
