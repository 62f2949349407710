// Early ends: draining, stopping at once, and what the exit codes then say.

import XCTest

@testable import seedsweep

final class SignalTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "100", steps: 300), to: "long.json5")
  }

  override func tearDown() { folder = nil }

  func testDrainLetsRunningTrialsEnd() throws {
    let child = try started([Child.program, "run", "long.json5", "--output", "out"])
    child.send(SIGUSR1)
    let result = child.wait()
    XCTAssertEqual(result.code, 75, result.errors)
    XCTAssertTrue(result.output.contains("trials to go; the same command resumes.\n"), result.output)
    try assertResumable()
  }

  func testStopAtOnce() throws {
    for (signal, output) in [(SIGINT, "interrupted"), (SIGHUP, "hung"), (SIGTERM, "out")] {
      let child = try started([Child.program, "run", "long.json5", "--output", output], output)
      child.send(signal)
      let result = child.wait()
      XCTAssertEqual(result.code, 75, result.errors)
      XCTAssertTrue(
        result.output.hasSuffix(
          "Stopped by signal \(signal): everything finished is kept, and the same command resumes.\n"), result.output)
    }
    try assertResumable()
  }

  /// mpirun passes SIGTERM on after a second; its own code would be 1.
  func testStopOfSpawnedRanks() throws { try assertSpawnedRanksStop(at: SIGTERM) }

  func testLostTerminalStopsSpawnedRanks() throws { try assertSpawnedRanksStop(at: SIGHUP) }

  private func assertSpawnedRanksStop(at signal: Int32) throws {
    let child = try started([Child.program, "run", "long.json5", "--output", "out", "--processes", "2"])
    child.send(signal)
    let result = child.wait(atMost: 30)
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    try assertResumable()
  }

  func testNohupKeepsARunAlive() throws {
    let child = try started(["nohup", Child.program, "run", "long.json5", "--output", "out"])
    child.send(SIGHUP)
    usleep(300_000)
    XCTAssertTrue(child.isRunning, child.outputSoFar)
    child.send(SIGTERM)
    XCTAssertEqual(child.wait().code, 75)
  }

  func testDrainOfSpawnedRanks() throws {
    let child = try started([Child.program, "run", "long.json5", "--output", "out", "--processes", "2"])
    child.send(SIGUSR1)
    let result = child.wait(atMost: 30)
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    try assertResumable()
  }

  /// A run that has at least one result.
  private func started(_ words: [String], _ output: String = "out") throws -> Child {
    let child = try Child(words, in: folder.path)
    let deadline = Date().addingTimeInterval(60)
    while !folder.text(output + "/journal.jsonl").contains("\"kind\":\"outcome\""), Date() < deadline, child.isRunning {
      usleep(5000)
    }
    XCTAssertTrue(child.isRunning, child.outputSoFar)
    return child
  }

  private func assertResumable() throws {
    let status = try Child.seedsweep(["status", "out", "--exit-code"], in: folder.path)
    XCTAssertEqual(status.code, 75, status.errors)
    XCTAssertTrue(status.output.hasSuffix("\nstopped early: the same command resumes\n"), status.output)
    let next = try Child.seedsweep(["run", "long.json5", "--output", "out", "--limit", "1"], in: folder.path)
    XCTAssertEqual(next.code, 0, next.errors)
    XCTAssertTrue(next.output.hasPrefix("tiny: 1 trial: "), next.output)
  }
}
