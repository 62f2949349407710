// An mpirun that does not end, and ranks that it leaves stopped. Scripts stand for mpirun, because the real one hangs too seldom.

import Foundation
import Host
import TestSupport
import XCTest

@testable import MPITransport

final class LaunchGuardTests: XCTestCase {
  private var folder: TemporaryFolder!
  private var children: [Process] = []

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() {
    for child in children {
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
    }
    (children, folder) = ([], nil)
  }

  /// A process that heeds no SIGTERM and does not end by itself while the test runs.
  private func start(_ environment: [String: String] = [:], script: String = "trap '' TERM; exec sleep 60") throws
    -> ProcessIdentity
  {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sh")
    child.arguments = ["-c", script]
    child.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    try child.run()
    children.append(child)
    return try XCTUnwrap(ProcessIdentity(running: child.processIdentifier))
  }

  /// A process that has ended: none began at the start of the machine with this test's number.
  private let gone = ProcessIdentity(process: getpid(), startTime: 1)

  /// Waits until a condition holds; the time limit only ends a test that fails.
  private func waitUntil(_ holds: () -> Bool) -> Bool {
    for _ in 0..<3000 where !holds() { usleep(10_000) }
    return holds()
  }

  private func stop(_ process: ProcessIdentity) {
    kill(process.process, SIGSTOP)
    XCTAssertTrue(waitUntil { process.isStopped })
  }

  /// The launcher is killed at the end of its time and not before; then the stopped ranks of its job are, and nothing else is.
  func testALauncherThatDoesNotEndIsKilled() throws {
    let launcher = try start()
    let job = ["PMIX_NAMESPACE": "77", "PMIX_SERVER_URI2": "77.0;tcp4://127.0.0.1:1"]
    var other = job
    other["PMIX_SERVER_URI2"] = "77.0;tcp4://127.0.0.1:10"
    let ranks = try [start(job), start(job)]
    let (running, stranger) = (try start(job), try start(other))
    for process in ranks + [stranger] { stop(process) }
    let leader = try start()
    LaunchGuard.start(launcher, after: leader, seconds: 0.3, job: RankSiblings.jobEntries(job))
    usleep(500_000)
    XCTAssertTrue(launcher.isAlive, "its time begins with the end of the rank")
    let beginning = monotonicSeconds()
    kill(leader.process, SIGKILL)
    XCTAssertTrue(waitUntil { !launcher.isAlive })
    XCTAssertGreaterThanOrEqual(monotonicSeconds() - beginning, 0.3)
    XCTAssertTrue(waitUntil { ranks.allSatisfy { !$0.isAlive } })
    XCTAssertTrue(running.isAlive)
    XCTAssertTrue(stranger.isStopped)
  }

  /// A launcher that ends in time leaves stopped ranks too.
  func testRanksThatALauncherLeavesStoppedAreKilled() throws {
    let launcher = try start(script: "sleep 0.2")
    let rank = try start(["PMIX_NAMESPACE": "78"])
    stop(rank)
    LaunchGuard.start(launcher, after: gone, seconds: 60, job: ["PMIX_NAMESPACE=78"])
    XCTAssertTrue(waitUntil { !rank.isAlive })
  }

  /// A user may stop an mpirun with Ctrl-Z; that time does not count.
  func testAStoppedLauncherIsNotKilled() throws {
    let launcher = try start()
    stop(launcher)
    LaunchGuard.start(launcher, after: gone, seconds: 0.2, job: [])
    usleep(600_000)
    XCTAssertTrue(launcher.isStopped)
    kill(launcher.process, SIGCONT)
    XCTAssertTrue(waitUntil { !launcher.isAlive })
  }

  /// A rank leaves in either way under an mpirun that ignores SIGTERM and does not end.
  func testRanksLeaveAnMPIRunThatHangs() throws {
    try folder.write("#!/bin/sh\ntrap '' TERM\n\"$@\"\nwhile :; do sleep 0.05; done\n", to: "mpirun")
    XCTAssertEqual(chmod(folder.path + "/mpirun", 0o755), 0)
    for way in ["leave", "abandon"] {
      let run = try MPIRun.run(
        folder.path + "/mpirun", [MPIRun.selftest, way, "0.2"],
        environment: ["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"])
      XCTAssertEqual(run.status, SIGKILL, way + run.output)
    }
  }
}
