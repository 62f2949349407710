// Early ends: draining, stopping at once, and what the exit codes then say.

import Host
import Storage
import XCTest

@testable import seedsweep

final class SignalTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(seeds: "100", steps: 300), to: "long.json5")
  }

  override func tearDown() { folder = nil }

  func testDrainLetsRunningTrialsEndWhereNothingIsKept() throws {
    for signal in [SIGUSR1, SIGUSR2] {
      let child = try started(
        [Child.program, "run", "long.json5", "--output", "out\(signal)", "--checkpoint-every", "0"], "out\(signal)")
      child.send(signal)
      let result = child.wait()
      XCTAssertEqual(result.code, 75, result.errors)
      XCTAssertTrue(result.output.contains("trials to go; the same command resumes.\n"), result.output)
      XCTAssertFalse(folder.has("out\(signal)/checkpoints"))
    }
  }

  /// Every way to stop keeps the trial under way, which goes on from there to the bytes of a run that was left alone.
  func testStoppedTrialsGoOnFromWhereTheyWere() throws {
    try folder.write(TinySweep.text(seeds: "1", steps: 6000), to: "two.json5")
    let undisturbed = try Child.seedsweep(["run", "two.json5", "--output", "whole"], in: folder.path)
    XCTAssertEqual(undisturbed.code, 0, undisturbed.errors)
    let command = ["run", "two.json5", "--output", "out", "--checkpoint-every", "0.1"]
    var resumedCount = 0
    for signal in [SIGUSR1, SIGTERM, SIGKILL, SIGUSR2] {
      // A trial may end in the very moment of a signal, and then there is nothing to go on from.
      let old = newestCheckpoint()
      let child = try Child([Child.program] + command, in: folder.path)
      // A checkpoint that is not the last run's, or the first one.
      var newest = old
      let deadline = Date().addingTimeInterval(30)
      while child.isRunning, Date() < deadline, newest == nil || newest == old {
        usleep(2000)
        newest = newestCheckpoint()
      }
      child.send(signal)
      let result = child.wait()
      if result.code == 0 { break }
      XCTAssertEqual(result.code, signal == SIGKILL ? 128 + SIGKILL : 75, result.output + result.errors)
      if old != nil {
        resumedCount += 1
        XCTAssertTrue(
          result.output.contains(" of them goes on from its checkpoint\n")
            || result.output.contains(" of them go on from checkpoints\n"), result.output)
      }
    }
    XCTAssertGreaterThan(resumedCount, 0)
    let last = try Child.seedsweep(command, in: folder.path)
    XCTAssertEqual(last.code, 0, last.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "whole"), try TinySweep.tables(of: folder))
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/checkpoints"), [])
  }

  /// The name and the time of the checkpoint that was written last.
  private func newestCheckpoint() -> String? {
    let path = folder.path + "/out/checkpoints/"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".checkpoint") }.compactMap { name in
      (try? FileManager.default.attributesOfItem(atPath: path + name))?[.modificationDate].map { "\($0) \(name)" }
    }.max()
  }

  func testTheTimeThatIsLeftIsKept() throws {
    let start = Date()
    let result = try Child.seedsweep(
      ["run", "long.json5", "--output", "out", "--time-limit", "0:00:04"], in: folder.path)
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    XCTAssertLessThan(Date().timeIntervalSince(start), 4)
    XCTAssertTrue(result.output.contains("The time is nearly over: no trial starts any more.\n"), result.output)
    let slurm = try Child.seedsweep(
      ["run", "long.json5", "--output", "slurm"], in: folder.path,
      environment: ["SLURM_JOB_END_TIME": "\(Int(Date().timeIntervalSince1970) + 4)"])
    XCTAssertEqual(slurm.code, 75, slurm.output + slurm.errors)
  }

  func testStopAtOnce() throws {
    for (signal, output) in [(SIGINT, "interrupted"), (SIGHUP, "hung"), (SIGTERM, "out")] {
      let child = try started([Child.program, "run", "long.json5", "--output", output], output)
      child.send(signal)
      let result = child.wait()
      XCTAssertEqual(result.code, 75, result.errors)
      let words = signal == SIGINT ? "Interrupted" : "Stopped by \(signal == SIGHUP ? "SIGHUP" : "SIGTERM")"
      assertEndsWithResults(result.output, words, "run long.json5 --output \(output)")
    }
    try assertResumable()
  }

  /// What a stopped run shows: the summary of what is there, what is to go, and the command that goes on.
  private func assertEndsWithResults(_ output: String, _ words: String, _ command: String) {
    XCTAssertTrue(output.contains("\nfail: "), output)
    XCTAssertNotNil(
      output.firstMatch(
        of: try! Regex(
          "\n\n\(words): everything finished is kept, [0-9]+ of 200 trials are to go, and the same command resumes\\.\n"
            + "  [^\n]*/seedsweep \(command)\n$")), output)
  }

  /// mpirun passes SIGTERM on after a second; its own code would be 1.
  func testStopOfSpawnedRanks() throws { try assertSpawnedRanksStop(at: SIGTERM) }

  func testLostTerminalStopsSpawnedRanks() throws { try assertSpawnedRanksStop(at: SIGHUP) }

  /// mpirun makes SIGTERM of Ctrl-C, but the user is told what the user did.
  func testInterruptionOfSpawnedRanks() throws {
    let output = try assertSpawnedRanksStop(at: SIGINT)
    assertEndsWithResults(output, "Interrupted", "run long.json5 --output out --processes 2")
  }

  /// An mpirun that starts nothing and heeds no signal, as the real one does where it may open too few files.
  func testASecondSignalEndsAnMPIRunThatHangs() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    try folder.write("#!/bin/sh\ntrap '' INT TERM HUP\n: > started\nwhile :; do sleep 1; done\n", to: "bin/mpirun")
    chmod(folder.path + "/bin/mpirun", 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let child = try Child(
      [Child.program, "run", "long.json5", "--output", "out", "--processes", "2"], in: folder.path,
      environment: ["PATH": folder.path + "/bin:" + path, "TMPDIR": folder.path])
    let deadline = Date().addingTimeInterval(30)
    while !folder.has("started"), Date() < deadline { usleep(5000) }
    child.send(SIGTERM)
    usleep(700_000)
    XCTAssertTrue(child.isRunning)
    child.send(SIGINT)
    let result = child.wait(atMost: 30)
    XCTAssertEqual(result.code, 75)
    XCTAssertEqual(
      result.errors, "seedsweep run: mpirun was killed after a second SIGINT; the same command goes on\n")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    XCTAssertEqual(names.filter { $0.hasPrefix("seedsweep-exit-code-") }, [])
  }

  /// An mpirun that is killed before its ranks begin leaves nothing that keeps the same command from going on.
  func testAnMPIRunThatIsKilledAtOnce() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    try folder.write("#!/bin/sh\nkill -KILL $$\n", to: "bin/mpirun")
    chmod(folder.path + "/bin/mpirun", 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let result = try Child.seedsweep(
      ["run", "long.json5", "--output", "out", "--processes", "2"], in: folder.path,
      environment: ["PATH": folder.path + "/bin:" + path])
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    XCTAssertEqual(
      result.errors,
      "seedsweep run: mpirun was killed by signal 9 before the run began; the same command goes on\n")
  }

  /// The command that starts ranks first waits for the folder's last leader, and a signal ends that as it ends the leader's wait.
  func testTheWaitBeforeRanksAreStartedCanBeInterrupted() throws {
    let elsewhere = LeaseHolder(
      machine: MachineIdentity(host: "node99", processSpace: "other"),
      process: ProcessIdentity(process: 17, startTime: 4), launcher: nil)
    let lease = try Lease(folder: folder.path + "/out/.leases", holder: elsewhere)
    let command = "run long.json5 --output out --processes 2"
    let child = try Child([Child.program] + command.split(separator: " ").map(String.init), in: folder.path)
    let deadline = Date().addingTimeInterval(30)
    while !child.outputSoFar.contains("The last leader of this folder was "), Date() < deadline { usleep(5000) }
    child.send(SIGINT)
    let result = child.wait(atMost: 30)
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    XCTAssertNotNil(
      result.output.firstMatch(
        of: try! Regex(
          "\nInterrupted before a trial was handed out: everything finished is kept, and the same command resumes\\.\n"
            + "  [^\n]*/seedsweep \(command)\n$")), result.output)
    XCTAssertNoThrow(try lease.renew(), "it is not taken over")
  }

  @discardableResult
  private func assertSpawnedRanksStop(at signal: Int32) throws -> String {
    let child = try started([Child.program, "run", "long.json5", "--output", "out", "--processes", "2"])
    child.send(signal)
    let result = child.wait(atMost: 30)
    XCTAssertEqual(result.code, 75, result.output + result.errors)
    XCTAssertTrue(result.output.hasSuffix(" --processes 2\n"), result.output)
    try assertResumable()
    return result.output
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

  /// SIGUSR1 ends neither mpirun nor a rank that is being started, and is not lost. Ctrl-C ends an mpirun that has started nothing.
  func testSignalsBeforeTheRanksAreStarted() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/bin", withIntermediateDirectories: true)
    try folder.write(
      "#!/bin/sh\n: > started\nsleep 0.3\nPATH=${PATH#*:}\nexport PATH\nexec mpirun \"$@\"\n", to: "bin/mpirun")
    chmod(folder.path + "/bin/mpirun", 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    func result(of signal: Int32) throws -> Child.Result {
      let child = try Child(
        [Child.program, "run", "long.json5", "--output", "out", "--processes", "2"], in: folder.path,
        environment: ["PATH": folder.path + "/bin:" + path])
      let deadline = Date().addingTimeInterval(30)
      while !folder.has("started"), Date() < deadline { usleep(2000) }
      child.send(signal)
      return child.wait(atMost: 60)
    }
    let interrupted = try result(of: SIGINT)
    XCTAssertEqual(interrupted.code, 75)
    XCTAssertEqual(
      interrupted.errors, "seedsweep run: Interrupted before the run began; the same command goes on\n")
    try FileManager.default.removeItem(atPath: folder.path + "/started")
    let drained = try result(of: SIGUSR1)
    XCTAssertEqual(drained.code, 75, drained.output + drained.errors)
    XCTAssertTrue(drained.output.contains(" trials to go; the same command resumes.\n"), drained.output)
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
