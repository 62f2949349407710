// A process is told from others with its number or a strange name.

import Foundation
import XCTest

@testable import Host

final class ProcessIdentityTests: XCTestCase {
  func testProgramNameMayLookLikeStatus() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let strange = folder + "/a) Z 1 (b"
    try FileManager.default.createSymbolicLink(atPath: strange, withDestinationPath: "/bin/sleep")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: strange)
    process.arguments = ["60"]
    try process.run()
    let seen = try XCTUnwrap(ProcessIdentity(running: process.processIdentifier))
    XCTAssertTrue(seen.isAlive)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    XCTAssertFalse(seen.isAlive)
    XCTAssertNil(ProcessIdentity(running: process.processIdentifier))
  }
}
