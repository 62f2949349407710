// The two moments at which a run takes its folder.

import Storage
import TestSupport
import XCTest

@testable import Runs

final class FolderClaimTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func claim(_ name: String) -> FolderClaim {
    FolderClaim(RunFolder(folder.path + "/" + name), isLaunched: false, stallSeconds: 300)
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
}
