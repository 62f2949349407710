// Runs that are asked to end before they hand out trials, or after another leader has taken their folder.

import CommandLine
import Farm
import Host
import MPITransport
import Storage
import Synchronization
import TestSupport
import XCTest

@testable import Runs

final class EarlySignalTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text("optimizer: { learning_rate: 1e-3 }, seeds: 2,"), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  /// A run that is sent the signal that `asked` returns.
  private func run(
    _ output: String = "out", asked: @escaping @Sendable () -> Int32? = { nil },
    change: (inout RunOptions) -> Void = { _ in }
  ) -> ExitCode {
    var options = RunOptions()
    options.sweepPath = folder.path + "/tiny.json5"
    options.output = folder.path + "/" + output
    change(&options)
    let launch = RunLaunch(transport: InProcessTransport.group(size: 1)[0], parent: ParentProcess([:]))
    let context = Context(program: "seedsweep", words: ["run"], environment: [:])
    return Run.perform(options, launch, context, signals: StopSignals(drain: DrainFlag(), asked: asked)).code
  }

  func testASignalBeforeAnythingIsWrittenLeavesNothing() throws {
    XCTAssertEqual(run(asked: { SIGINT }), .resumable)
    XCTAssertFalse(folder.has("out"))
    XCTAssertEqual(run(), .success)
  }

  /// A leader on another machine.
  private let elsewhere = LeaseHolder(
    machine: MachineIdentity(host: "node99", processSpace: "other"),
    process: ProcessIdentity(process: 17, startTime: 4), launcher: nil)

  /// Another machine leads, which takes 15 s to be given up.
  func testTheWaitForAFolderCanBeInterrupted() throws {
    XCTAssertEqual(run(change: { $0.part.limit = 1 }), .success)
    let lease = try Lease(folder: folder.path + "/out/.leases", holder: elsewhere)
    let callCount = Mutex(0)
    let start = monotonicSeconds()
    let code = run(asked: {
      callCount.withLock { count in
        count += 1
        return count > 3 ? SIGTERM : nil
      }
    })
    XCTAssertEqual(code, .resumable)
    XCTAssertLessThan(monotonicSeconds() - start, 10)
    XCTAssertNoThrow(try lease.renew(), "it is not taken over")
    try lease.release()
    XCTAssertEqual(run(), .success)
  }

  /// A process that is about to start ranks waits as its leader would, and is ended by every signal that its ranks would not see.
  func testTheWaitBeforeRanksAreStartedCanBeInterrupted() throws {
    XCTAssertEqual(run(change: { $0.part.limit = 1 }), .success)
    var options = RunOptions()
    options.sweepPath = folder.path + "/tiny.json5"
    options.output = folder.path + "/out"
    let context = Context(program: "seedsweep", words: ["run"], environment: [:])
    let drain = DrainFlag()
    var launchCount = 0
    func end(asked: @escaping @Sendable () -> Int32? = { nil }) throws -> ExitCode {
      let check = SignalCheck(
        signals: StopSignals(drain: drain, asked: asked), parent: ParentProcess([:]),
        console: RunConsole(context, terminal: nil, now: 0))
      return try SpawnedRun.afterChecks(options, 2, context, check) {
        launchCount += 1
        return .success
      }
    }
    let leases = folder.path + "/out/.leases"
    let dead = LeaseHolder(machine: .current, process: ProcessIdentity(process: getpid(), startTime: 1), launcher: nil)
    let fallenEpoch = try Lease(folder: leases, holder: dead).epoch
    XCTAssertEqual(try end(), .success)
    XCTAssertEqual(launchCount, 1)
    let next = try Lease(folder: leases, holder: .current(launchedByParent: false))
    XCTAssertEqual(next.fallen?.epoch, fallenEpoch, "the leader that is started counts the attempt")
    try next.release()
    let lease = try Lease(folder: leases, holder: elsewhere)
    let callCount = Mutex(0)
    let code = try end(asked: {
      callCount.withLock { count in
        count += 1
        return count > 4 ? SIGTERM : nil
      }
    })
    XCTAssertEqual(code, .resumable)
    XCTAssertNoThrow(try lease.renew(), "it is not taken over")
    drain.raise()
    XCTAssertEqual(try end(), .resumable)
    XCTAssertNoThrow(try lease.renew())
    XCTAssertEqual(launchCount, 1)
    options.sweepPath += ".missing"
    XCTAssertThrowsError(try end(), "what is wrong goes before a signal")
  }

  /// Results of another folder that were not copied yet are copied by the next command.
  func testCopiesOfAnotherFolderCanBeInterrupted() throws {
    XCTAssertEqual(run("first"), .success)
    let source = folder.path + "/first"
    let journal = folder.path + "/out/journal.jsonl"
    XCTAssertEqual(
      run(asked: { access(journal, F_OK) == 0 ? SIGTERM : nil }, change: { $0.reusedFolders = [source] }), .resumable)
    XCTAssertEqual(try JournalIndex(path: journal).resultCount, 0)
    XCTAssertEqual(run(change: { $0.reusedFolders = [source] }), .success)
    XCTAssertEqual(folder.text("out/trials.csv"), folder.text("first/trials.csv"))
  }

  /// Another leader takes the folder after the first result, and then a signal ends this run: what it says of itself would
  /// stand in the files of the other one.
  func testALeaderThatWasReplacedWritesNoEnd() throws {
    let out = folder.path + "/out"
    let code = run(
      asked: {
        let journal = (try? String(contentsOfFile: "\(out)/journal.jsonl", encoding: .utf8)) ?? ""
        guard journal.contains("\"kind\":\"outcome\"") else { return nil }
        try? Data().write(to: URL(fileURLWithPath: "\(out)/.leases/2.json"))
        return SIGTERM
      },
      change: {
        $0.assignments = ["seeds=200", "training.max_steps=300"]
        $0.checkpointSeconds = 0
      })
    XCTAssertEqual(code, .failure)
    XCTAssertNil(try JournalIndex(path: out + "/journal.jsonl").lastEnd)
    XCTAssertTrue(folder.text("out/status.json").contains("\"verdict\": \"running\""), folder.text("out/status.json"))
  }
}
