// The life of a program under its shim: scripts that end well and badly, that do not want to stop, and that leave others behind.

import CProcesses
import Foundation
import Host
import KeyValues
import TestSupport
import Trials
import XCTest

@testable import ExternalPrograms

final class ProgramRunnerTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func trial(_ script: String, _ change: (inout ProgramSpecification) -> Void = { _ in }) -> Trial {
    var configuration = TrialConfiguration()
    configuration.program.command = ["sh", "-c", script, "sh", "{seed}", "{folder}"]
    configuration.program.results.final = "acc"
    configuration.program.graceSeconds = 0.5
    change(&configuration.program)
    return Trial(
      identifier: "abcd", configurationIdentifier: "c", variant: "default", label: "default",
      configuration: configuration,
      seeds: TrialSeeds(tied: 7))
  }

  private var site: ProgramSite {
    ProgramSite(
      host: Machine.hostName(), root: folder.path + "/programs", environment: ProcessInfo.processInfo.environment)
  }

  private func run(
    _ trial: Trial, cap: Int = 1 << 20, stopAfter seconds: Double = .infinity, notice: (String) -> Void = { _ in }
  ) -> Outcome {
    var runner = ProgramRunner(site)
    runner.logCap = cap
    let start = monotonicSeconds()
    return runner.run(
      trial, isStopped: { monotonicSeconds() - start > seconds }, progress: { _, _ in }, notice: notice)
  }

  private func message(_ script: String, _ change: (inout ProgramSpecification) -> Void = { _ in }) -> String {
    let outcome = run(trial(script, change))
    XCTAssertEqual(outcome.status, .crashed)
    return (outcome.message ?? "none").replacingOccurrences(of: folder.path, with: "DIR")
  }

  private var log: String { folder.text("programs/ab/abcd.log") }

  /// The processes whose command line has a text in it.
  private func processes(with text: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { name in
      guard Int(name) != nil, name != "\(getpid())",
        let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
      else { return false }
      return String(decoding: words, as: UTF8.self).contains(text)
    }
  }

  private func name(ofProcess number: Int32) -> String {
    FileManager.default.contents(atPath: "/proc/\(number)/comm").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  func testItRunsInItsFolderWithItsWords() throws {
    let outcome = run(trial("pwd; echo $1 $2 >&2; echo '{\"acc\": 0.5}'; echo kept > file"))
    XCTAssertEqual(outcome.status, .completed, outcome.message ?? "")
    XCTAssertEqual(outcome.evaluations.map(\.value), [0.5])
    let place = folder.path + "/programs/ab/abcd"
    XCTAssertEqual(Set(log.split(separator: "\n").map(String.init)), [place, "7 \(place)", "{\"acc\": 0.5}"])
    XCTAssertEqual(folder.text("programs/ab/abcd/file"), "kept\n")
    XCTAssertFalse(folder.has("programs/ab/abcd.lock"))
  }

  func testFoldersThatAreEmptyOrNotKeptAreRemoved() throws {
    XCTAssertEqual(run(trial("echo '{\"acc\": 0.5}'")).status, .completed)
    XCTAssertFalse(folder.has("programs/ab/abcd"))
    XCTAssertEqual(run(trial("echo '{\"acc\": 0.5}'; mkdir x; : > x/y") { $0.keepsFolders = false }).status, .completed)
    XCTAssertFalse(folder.has("programs/ab/abcd"))
    XCTAssertEqual(run(trial("mkdir x; exit 1") { $0.keepsFolders = false }).status, .crashed)
    XCTAssertTrue(folder.has("programs/ab/abcd/x"), "a trial without a result keeps its folder")
  }

  /// A folder whose paths are longer than the system takes.
  func testAFolderThatCannotBeRemovedCostsNoResult() throws {
    let script =
      "n=$(printf 'd%.0s' $(seq 200)); for i in $(seq 25); do mkdir $n; cd $n; done; echo '{\"acc\": 0.5}'"
    var notices: [String] = []
    let outcome = run(trial(script) { $0.keepsFolders = false }, notice: { notices.append($0) })
    XCTAssertEqual(outcome.evaluations.map(\.value), [0.5])
    XCTAssertEqual(notices.count, 1)
    XCTAssertTrue(notices.first?.contains("could not be removed: cannot remove") ?? false, "\(notices)")
    XCTAssertEqual(run(trial("rm -r d*; echo '{\"acc\": 1}'")).status, .completed)
  }

  /// Runs a trial while this process may open `count` more descriptors.
  private func run(_ trial: Trial, freeDescriptors count: Int) throws -> Outcome {
    let open = Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int($0) })
    let free = (0...).lazy.filter { !open.contains($0) }.prefix(count)
    var usual = rlimit()
    XCTAssertEqual(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &usual), 0)
    var few = usual
    few.rlim_cur = rlim_t(Array(free)[count - 1] + 1)
    XCTAssertEqual(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &few), 0)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &usual) }
    return run(trial)
  }

  func testFewDescriptors() throws {
    // A start takes 10, the shim 8 more until it has put them where it wants them.
    XCTAssertEqual(try run(trial("echo '{\"acc\": 1}'"), freeDescriptors: 24).status, .completed)
    let message = try run(trial("echo '{\"acc\": 1}'"), freeDescriptors: 13).message ?? ""
    XCTAssertTrue(message.hasSuffix("sh cannot be started on \(Machine.hostName()): Too many open files"), message)
  }

  /// No signal is blocked or ignored, and no descriptor is open but the three.
  func testItStartsCleanly() throws {
    signal(SIGUSR1, SIG_IGN)
    defer { signal(SIGUSR1, SIG_DFL) }
    XCTAssertEqual(
      run(trial("grep -E 'SigBlk|SigIgn' /proc/self/status; ls /proc/$$/fd; echo '{\"acc\": 1}'")).status, .completed)
    let words = log.split(whereSeparator: \.isWhitespace).map(String.init)
    XCTAssertEqual(words.prefix(2), ["SigBlk:", "0000000000000000"])
    // The C library keeps two signals above the plain ones for itself.
    XCTAssertEqual(words.dropFirst(3).first.flatMap { UInt64($0, radix: 16) }.map { $0 & 0x7FFF_FFFF }, 0, log)
    XCTAssertEqual(words.dropFirst(4), ["0", "1", "2", "{\"acc\":", "1}"])
  }

  func testBadEnds() throws {
    XCTAssertEqual(
      message("echo first; echo 'the reason' >&2; exit 3"), "sh exited with code 3; its output ends with: the reason")
    XCTAssertEqual(message("kill -9 $$"), "sh was killed by signal 9; it printed nothing")
    XCTAssertEqual(
      message("exit 0"),
      "it exited with code 0 and gave no score: no line of standard output is a JSON object with \"acc\"")
    XCTAssertEqual(
      message("printf '{\"acc\": 0.' > r.json") { $0.results.file = "r.json" },
      "it exited with code 0, but what it left cannot be read: DIR/programs/ab/abcd/r.json:1:9: expected a number, found \"0.\""
    )
    XCTAssertEqual(
      message("") { $0.command = ["/nowhere/train"] },
      "/nowhere/train cannot be started on \(Machine.hostName()): No such file or directory")
    XCTAssertEqual(
      message("") {
        $0.command = ["no-such-program"]
        $0.environment = [NamedValue("PATH", .text("/a:/b"))]
      }, "no-such-program cannot be started on \(Machine.hostName()): no folder of PATH (/a:/b) holds it")
  }

  func testTheScoreOfAnEarlierAttemptIsNotTaken() throws {
    let write: (inout ProgramSpecification) -> Void = { $0.results.file = "r.json" }
    XCTAssertEqual(run(trial("echo '{\"acc\": 0.5}' > r.json", write)).status, .completed)
    XCTAssertEqual(run(trial("exit 0", write)).status, .crashed)
  }

  /// A file that nobody names may be a part of a checkpoint: it stays, and counts once it is written anew.
  func testTheHistoryOfAnEarlierAttemptIsNotTaken() throws {
    let write: (inout ProgramSpecification) -> Void = { $0.results.file = "r.json" }
    let state = "echo '{\"log_history\": [{\"step\": 9, \"acc\": 0.25}]}' > trainer_state.json;"
    let score = "echo '{\"acc\": 0.5}' > r.json"
    XCTAssertEqual(run(trial(state + score, write)).evaluations.map(\.value), [0.25, 0.5])
    let second = run(trial(score, write))
    XCTAssertEqual(second.evaluations.map(\.value), [0.5])
    XCTAssertEqual(second.curve + second.evaluationCurve.filter { $0.step > 0 }, [])
    XCTAssertTrue(folder.has("programs/ab/abcd/trainer_state.json"))
    XCTAssertEqual(run(trial(state + score, write)).evaluations.map(\.value), [0.25, 0.5])
  }

  func testAFolderInPlaceOfResultsIsNamed() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/programs/ab/abcd/r.json", withIntermediateDirectories: true)
    XCTAssertEqual(
      message("echo") { $0.results.file = "r.json" },
      "cannot remove DIR/programs/ab/abcd/r.json: Is a directory (error 21)")
  }

  func testAStoppedProgramFindsItsFolderAgain() throws {
    let script = """
      if [ -f saved ]; then echo '{"acc": 0.25}'; exit 0; fi
      trap 'echo > saved; exit 1' TERM
      while :; do sleep 0.05; done
      """
    XCTAssertEqual(run(trial(script), stopAfter: 0.2).status, .preempted)
    XCTAssertEqual(run(trial(script)).evaluations.map(\.value), [0.25])
  }

  func testAProgramThatDoesNotWantToStopIsKilled() throws {
    let start = monotonicSeconds()
    let outcome = run(trial("trap '' TERM; : ignores-7301; while :; do sleep 0.05; done"), stopAfter: 0.2)
    XCTAssertEqual(outcome.status, .preempted)
    XCTAssertGreaterThan(monotonicSeconds() - start, 0.6, "it had its time")
    XCTAssertEqual(processes(with: "ignores-7301"), [])
  }

  func testAHaltedProgramIsStopped() throws {
    XCTAssertEqual(run(trial("kill -STOP $$"), stopAfter: 0.2).status, .preempted)
  }

  func testNothingIsLeftOfWhatItStarted() throws {
    let script = """
      sleep 7302 & setsid sleep 7302 &
      setsid sh -c "trap '' TERM HUP; : 7302; (setsid sleep 7302 &) ; while :; do sleep 0.05; done" &
      sleep 0.2
      echo '{"acc": 0.5}'
      """
    XCTAssertEqual(run(trial(script)).status, .completed)
    XCTAssertEqual(processes(with: "7302"), [])
    XCTAssertEqual(run(trial(script + "\nsleep 7302"), stopAfter: 0.4).status, .preempted)
    XCTAssertEqual(processes(with: "7302"), [])
  }

  /// Children that called setsid outlive a killed shim, and become those of the process that started it.
  func testNothingIsLeftWhenTheShimIsKilled() throws {
    let script = """
      sleep 7305 &
      setsid sh -c "trap '' TERM HUP; : 7305; (setsid sleep 7305 &) ; while :; do sleep 0.05; done" &
      sleep 0.2
      kill -KILL $PPID
      sleep 7305
      """
    XCTAssertEqual(message(script), "the shim of sh was killed, and sh with it; it printed nothing")
    XCTAssertEqual(processes(with: "7305"), [])
    XCTAssertEqual(run(trial("echo '{\"acc\": 0.5}'")).status, .completed)
  }

  /// The guard that ends an mpirun is a child of the rank with a session of its own too, but not the shim's.
  func testTheGuardOfALauncherOutlivesAKilledShim() throws {
    let launcher = Process()
    launcher.executableURL = URL(fileURLWithPath: "/bin/sleep")
    launcher.arguments = ["60"]
    try launcher.run()
    defer { launcher.terminate() }
    let identity = try XCTUnwrap(ProcessIdentity(running: launcher.processIdentifier))
    let watched = guarded_process(number: identity.process, start: identity.startTime)
    let noJob: [UnsafePointer<CChar>?] = [nil]
    let code = noJob.withUnsafeBufferPointer { job in
      var guarded = launch_guard(launcher: watched, rank: watched, limit: 60_000, job: job.baseAddress)
      return launch_guard_start(&guarded)
    }
    XCTAssertEqual(code, 0)
    let guarding = try XCTUnwrap(ProcessIdentity(running: launch_guard_process()))
    XCTAssertEqual(
      message("setsid sleep 7306 & kill -KILL $PPID; sleep 7306"),
      "the shim of sh was killed, and sh with it; it printed nothing")
    XCTAssertEqual(processes(with: "7306"), [])
    XCTAssertTrue(guarding.isAlive)
  }

  /// What happens after kill -9 of the rank: its end of the connection closes.
  func testNothingIsLeftWhenNobodyListens() throws {
    let command = ProgramCommand(
      path: "/bin/sh", words: ["sh", "-c", "setsid sleep 7303 & sleep 7303"], environment: [:], folder: folder.path,
      graceSeconds: 0.2)
    var child: ProgramChild? = try ProgramChild(command, kept: -1)
    XCTAssertNotNil(child)
    let deadline = monotonicSeconds() + 10
    while processes(with: "7303").count < 3, monotonicSeconds() < deadline { usleep(10_000) }
    XCTAssertGreaterThanOrEqual(processes(with: "7303").count, 2)
    child = nil
    while !processes(with: "7303").isEmpty, monotonicSeconds() < deadline { usleep(10_000) }
    XCTAssertEqual(processes(with: "7303"), [])
  }

  /// A program may end just before it is told to stop. This process would die of SIGPIPE.
  func testAProgramThatHasEndedIsToldNothing() throws {
    let command = ProgramCommand(
      path: "/bin/sh", words: ["sh", "-c", "exit 3"], environment: [:], folder: folder.path, graceSeconds: 0.2)
    let child = try ProgramChild(command, kept: -1)
    var end: ProgramEnd?
    while end == nil { end = child.wait(atMost: 1) { _, _ in } }
    XCTAssertEqual(end, .exited(3))
    child.stop()
    child.stop()
  }

  /// The first and the last part of the log are kept, and neither the program nor this process waits for the other.
  func testALogHasACap() throws {
    let script = "yes first | head -c 100000; yes '{\"step\": 1}' | head -c 3000000; echo last; echo '{\"acc\": 0.5}'"
    XCTAssertEqual(run(trial(script), cap: 200_000).status, .completed)
    let bytes = try folder.bytes("programs/ab/abcd.log")
    XCTAssertLessThan(bytes.count, 200_100)
    XCTAssertTrue(log.hasPrefix("first\nfirst\n"))
    XCTAssertTrue(log.hasSuffix("last\n{\"acc\": 0.5}\n"))
    let cut = try XCTUnwrap(log.split(separator: "\n").first { $0.contains("bytes were cut here") })
    let count = cut.split(separator: " ").compactMap { Int($0) }.first
    XCTAssertEqual(count, 100_000 + 3_000_000 + "last\n{\"acc\": 0.5}\n".utf8.count - 200_000)
  }

  func testALogThatCannotBeWrittenCostsNothing() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/programs/ab/abcd.log", withIntermediateDirectories: true)
    var notices: [String] = []
    XCTAssertEqual(run(trial("echo '{\"acc\": 0.5}'"), notice: { notices.append($0) }).status, .completed)
    XCTAssertEqual(notices.count, 1)
    XCTAssertTrue(notices.first?.hasPrefix("the log of trial abcd is not whole: cannot") ?? false, "\(notices)")
  }

  /// An attempt whose rank is halted still runs when the next one begins.
  func testANewAttemptEndsAnOldOneInTheSameFolder() throws {
    let path = folder.path + "/x.lock"
    let lock = try ProgramLock(
      path, host: site.host, attempt: ProgramAttempt(run: 2, number: 2), patience: 0
    ) {}
    let command = ProgramCommand(
      path: "/bin/sh", words: ["sh", "-c", ": 7304; trap '' TERM; while :; do sleep 0.05; done"], environment: [:],
      folder: folder.path, graceSeconds: 0.3)
    let child = try ProgramChild(command, kept: lock.descriptor)
    lock.leave(to: child.shimNumber)
    // Its shim has its name only a moment later; until then nobody would ask it to stop.
    let deadline = monotonicSeconds() + 10
    while name(ofProcess: child.shimNumber) != "seedsweep-shim\n", monotonicSeconds() < deadline { usleep(1000) }
    try assertLeftAlone(path)
    var count = 0
    let second = try ProgramLock(
      path, host: site.host, attempt: ProgramAttempt(run: 3, number: 1), patience: 10
    ) { count += 1 }
    XCTAssertGreaterThan(count, 0, "it waited")
    XCTAssertEqual(processes(with: "7304"), [])
    XCTAssertGreaterThanOrEqual(second.descriptor, 0)
    withExtendedLifetime(child) {}
  }

  /// An attempt that was told to stop, or that woke up after a later one had begun, does not stop the program of that one.
  private func assertLeftAlone(_ path: String) throws {
    struct Stopped: Error {}
    XCTAssertThrowsError(
      try ProgramLock(path, host: site.host, attempt: ProgramAttempt(run: 3, number: 1), patience: 10) {
        throw Stopped()
      }
    ) { XCTAssertTrue($0 is Stopped, "\($0)") }
    for earlier in [ProgramAttempt(run: 2, number: 1), ProgramAttempt(run: 1, number: 3)] {
      XCTAssertThrowsError(try ProgramLock(path, host: site.host, attempt: earlier, patience: 0) {}) {
        XCTAssertTrue("\($0)".hasPrefix("a later attempt at this trial still runs"), "\($0)")
      }
    }
    // A program that was asked to stop would be killed by now.
    usleep(600_000)
    XCTAssertNotEqual(processes(with: "7304"), [])
  }
}
