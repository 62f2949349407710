// One leader a folder, tried with real processes that live, die, stop and are orphaned.

import Files
import Foundation
import Host
import ResultsSupport
import Synchronization
import XCTest

@testable import Storage

final class LeaseTests: FolderTestCase {
  private var leases: String { folder + "/.leases" }
  private let here = LeaseHolder.current(launchedByParent: false)
  private var processes: [Process] = []

  override func tearDownWithError() throws {
    for process in processes where process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try super.tearDownWithError()
  }

  /// A process that sleeps, to play a leader or its launcher.
  private func sleeper() throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sleep")
    process.arguments = ["60"]
    try process.run()
    processes.append(process)
    return process
  }

  private func end(_ process: Process) {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func identity(_ process: Process) throws -> ProcessIdentity {
    try XCTUnwrap(ProcessIdentity(running: process.processIdentifier))
  }

  private func holder(_ process: Process, launcher: Process? = nil) throws -> LeaseHolder {
    LeaseHolder(machine: .current, process: try identity(process), launcher: try launcher.map(identity))
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }

  private func patience(orphan: Double = 3, silent: Double = 15) -> LeasePatience {
    var patience = LeasePatience()
    patience.orphanSeconds = orphan
    patience.launcherSeconds = orphan
    patience.silentSeconds = silent
    patience.pollSeconds = 0.02
    return patience
  }

  func testALeaderThatWroteNothingLeavesNoTraceUnlessAnotherLedBefore() throws {
    try Lease(folder: leases, holder: here).withdraw()
    XCTAssertFalse(FileManager.default.fileExists(atPath: leases))
    let first = try Lease(folder: leases, holder: here)
    XCTAssertEqual(first.epoch, 1)
    try first.release()
    try Lease(folder: leases, holder: here).withdraw()
    // The number 2 stays used: whoever held 1 may only be asleep.
    XCTAssertEqual(try Lease(folder: leases, holder: here).epoch, 3)
  }

  func testLivingLeaderIsRefusedWithinASecond() throws {
    let leader = try sleeper()
    let launcher = try sleeper()
    for holder in [try holder(leader), try holder(leader, launcher: launcher)] {
      let lease = try Lease(folder: leases, holder: holder)
      let elapsed = try seconds {
        XCTAssertThrowsError(try Lease(folder: leases, holder: here)) {
          XCTAssertEqual(
            "\($0)",
            "this folder is being written by process \(leader.processIdentifier) on host "
              + "\(ProcessInfo.processInfo.hostName); wait until it ends, stop it, or choose another folder")
        }
      }
      XCTAssertLessThan(elapsed, 1)
      try lease.release()
    }
  }

  /// Whoever killed the command that started mpirun is told what still runs. A shell that ends leaves its child an orphan.
  func testAnOrphanedLauncherIsNamed() throws {
    // Foundation's Process would wait for the child as well.
    let shell = try ChildProcess.start("/bin/sh", ["-c", "sleep 60 & echo $! > '\(folder)/process'"])
    XCTAssertEqual(waitpid(shell, nil, 0), shell)
    let text = try String(contentsOfFile: folder + "/process", encoding: .utf8)
    let launcher = try XCTUnwrap(Int32(text.trimmingCharacters(in: .newlines)))
    defer { kill(launcher, SIGKILL) }
    let identity = try XCTUnwrap(ProcessIdentity(running: launcher))
    try XCTSkipUnless(identity.isOrphan, "something else than the first process adopts orphans here")
    XCTAssertFalse(here.process.isOrphan)
    let leader = try sleeper()
    _ = try Lease(
      folder: leases,
      holder: LeaseHolder(machine: .current, process: try self.identity(leader), launcher: identity))
    XCTAssertThrowsError(try Lease(folder: leases, holder: here)) {
      XCTAssertEqual(
        "\($0)",
        "this folder is being written by process \(leader.processIdentifier) on host "
          + "\(ProcessInfo.processInfo.hostName): the command that started its mpirun, process \(launcher), is gone, but "
          + "mpirun and its ranks go on; wait until they end, stop them with `kill \(launcher)` and give the same command "
          + "again, or choose another folder")
    }
  }

  /// It may wake up, so only its silence tells; should it do so later, it learns that it leads no more.
  func testStoppedLeaderIsReplacedOnceItHasBeenSilent() throws {
    let leader = try sleeper()
    let lease = try Lease(folder: leases, holder: try holder(leader))
    kill(leader.processIdentifier, SIGSTOP)
    let deadline = Date().addingTimeInterval(5)
    while !(try identity(leader).isStopped), Date() < deadline { usleep(1000) }
    let elapsed = try seconds {
      XCTAssertEqual(try Lease(folder: leases, holder: here, patience: patience(silent: 0.5)).epoch, 2)
    }
    XCTAssertGreaterThanOrEqual(elapsed, 0.5)
    kill(leader.processIdentifier, SIGCONT)
    XCTAssertThrowsError(try lease.renew()) { XCTAssertTrue("\($0)".contains("took over this folder"), "\($0)") }
  }

  func testStoppedLeaderThatWakesInTimeIsNotReplaced() throws {
    let leader = try sleeper()
    let lease = try Lease(folder: leases, holder: try holder(leader))
    kill(leader.processIdentifier, SIGSTOP)
    let deadline = Date().addingTimeInterval(5)
    while !(try identity(leader).isStopped), Date() < deadline { usleep(1000) }
    nonisolated(unsafe) let waking = lease
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.3) { try? waking.renew() }
    XCTAssertThrowsError(try Lease(folder: leases, holder: here, patience: patience(silent: 5)))
  }

  func testDeadLeaderIsReplacedAtOnce() throws {
    let leader = try sleeper()
    _ = try Lease(folder: leases, holder: try holder(leader))
    end(leader)
    var notices: [String] = []
    let elapsed = try seconds {
      XCTAssertEqual(try Lease(folder: leases, holder: here, notice: { notices.append($0) }).epoch, 2)
    }
    XCTAssertLessThan(elapsed, 1)
    XCTAssertEqual(
      notices,
      [
        "The last leader of this folder (process \(leader.processIdentifier) on host "
          + "\(ProcessInfo.processInfo.hostName)) is gone; taking over."
      ])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: leases), ["2.json"])
  }

  /// After `kill -9` of mpirun its ranks live about a second.
  func testOrphanIsWaitedFor() throws {
    let leader = try sleeper()
    let launcher = try sleeper()
    _ = try Lease(folder: leases, holder: try holder(leader, launcher: launcher))
    end(launcher)
    let number = leader.processIdentifier
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.5) { kill(number, SIGKILL) }
    let elapsed = try seconds {
      XCTAssertEqual(try Lease(folder: leases, holder: here, patience: patience()).epoch, 2)
    }
    XCTAssertGreaterThan(elapsed, 0.4)
    XCTAssertLessThan(elapsed, 3)
  }

  func testOrphanThatStaysIsRefused() throws {
    let leader = try sleeper()
    let launcher = try sleeper()
    _ = try Lease(folder: leases, holder: try holder(leader, launcher: launcher))
    end(launcher)
    let elapsed = try seconds {
      XCTAssertThrowsError(try Lease(folder: leases, holder: here, patience: patience(orphan: 0.4))) {
        let process = leader.processIdentifier
        XCTAssertEqual(
          "\($0)",
          "this folder is being written by process \(process) on host \(ProcessInfo.processInfo.hostName): its mpirun is gone, but "
            + "it has not left for 0 s; stop it with `kill \(process)` and give the same command again, or choose another folder"
        )
      }
    }
    XCTAssertGreaterThan(elapsed, 0.39)
  }

  /// A busy machine may let a leader without its mpirun wait longer for a core than an mpirun needs to end.
  func testALeaderThatLeavesSlowlyIsWaitedFor() throws {
    let leader = try sleeper()
    let launcher = try sleeper()
    _ = try Lease(folder: leases, holder: try holder(leader, launcher: launcher))
    end(launcher)
    let number = leader.processIdentifier
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.5) { kill(number, SIGKILL) }
    var patience = patience()
    patience.launcherSeconds = 0.1
    XCTAssertEqual(try Lease(folder: leases, holder: here, patience: patience).epoch, 2)
    XCTAssertGreaterThan(LeasePatience().orphanSeconds, 5 * LeasePatience().launcherSeconds)
  }

  /// A leader that is gone while its mpirun still collects the ranks: nobody writes the journal any more.
  func testLauncherOfADeadLeaderIsWaitedForInVain() throws {
    let leader = try sleeper()
    let launcher = try sleeper()
    _ = try Lease(folder: leases, holder: try holder(leader, launcher: launcher))
    end(leader)
    let elapsed = try seconds {
      XCTAssertEqual(try Lease(folder: leases, holder: here, patience: patience(orphan: 0.4)).epoch, 2)
    }
    XCTAssertGreaterThan(elapsed, 0.39)
  }

  func testReusedProcessNumberIsNotTheLeader() throws {
    let other = try sleeper()
    var holder = try holder(other)
    holder.process.startTime -= 1
    _ = try Lease(folder: leases, holder: holder)
    XCTAssertEqual(try Lease(folder: leases, holder: here).epoch, 2)
  }

  func testSilentLeaderOfAnotherMachineIsReplaced() throws {
    let holder = elsewhere
    _ = try Lease(folder: leases, holder: holder)
    var notices: [String] = []
    let elapsed = try seconds {
      let lease = try Lease(
        folder: leases, holder: here, patience: patience(silent: 0.6), notice: { notices.append($0) })
      XCTAssertEqual(lease.epoch, 2)
    }
    XCTAssertGreaterThan(elapsed, 0.59)
    XCTAssertEqual(
      notices,
      [
        "The last leader of this folder was process 17 on host node99; taking over if it gives no sign of life for 1 s."
      ])
  }

  /// A run that is interrupted while it waits for the last leader, on another machine or on this one, takes nothing.
  func testTheWaitForALeaderCanBeEnded() throws {
    struct Stopped: Error {}
    let leader = try sleeper()
    let dying = try holder(leader, launcher: try sleeper())
    end(leader)
    for (epoch, holder) in [elsewhere, dying].enumerated() {
      let lease = try Lease(folder: leases, holder: holder)
      XCTAssertEqual(lease.epoch, epoch + 1)
      var count = 0
      let elapsed = try seconds {
        XCTAssertThrowsError(
          try Lease(
            folder: leases, holder: here, patience: patience(),
            checking: {
              count += 1
              if count == 3 { throw Stopped() }
            })
        ) { XCTAssertTrue($0 is Stopped, "\($0)") }
      }
      XCTAssertLessThan(elapsed, 2)
      XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: leases), ["\(epoch + 1).json"])
      try lease.release()
    }
  }

  /// What a killed leader has half written goes with the next lease.
  func testHalfWrittenLeasesAreRemoved() throws {
    try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: true)
    try write("x".utf8, to: leases + "/.partial-1.json-A")
    try write("x".utf8, to: leases + "/.partial-B")
    XCTAssertEqual(try Lease(folder: leases, holder: here).epoch, 1)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: leases), ["1.json"])
  }

  /// A lease is made as a hard link, which some file systems do not have.
  func testAFileSystemWithoutHardLinksIsNamed() {
    XCTAssertEqual(
      "\(Lease.failure(toCreate: "out/.leases/1.json", EPERM))",
      "cannot create out/.leases/1.json: Operation not permitted (error 1): this file system has no hard links; choose a "
        + "folder on another file system")
    XCTAssertEqual(
      "\(Lease.failure(toCreate: "out/.leases/1.json", EIO))",
      "cannot create out/.leases/1.json: Input/output error (error 5)")
  }

  func testBeatingLeaderOfAnotherMachineIsRefused() throws {
    let lease = try Lease(folder: leases, holder: elsewhere)
    let leases = leases
    let refused = expectation(description: "refused")
    let (here, patience) = (here, patience())
    DispatchQueue.global().async {
      do {
        _ = try Lease(folder: leases, holder: here, patience: patience)
      } catch { refused.fulfill() }
    }
    for _ in 0..<10 {
      Thread.sleep(forTimeInterval: 0.05)
      try lease.renew()
    }
    wait(for: [refused], timeout: 5)
  }

  func testReleasedLeaseIsTakenAtOnce() throws {
    let lease = try Lease(folder: leases, holder: elsewhere)
    try lease.renew()
    try lease.release()
    try lease.release()
    var notices: [String] = []
    XCTAssertEqual(try Lease(folder: leases, holder: here, notice: { notices.append($0) }).epoch, 2)
    XCTAssertEqual(notices, [])
  }

  /// A leader that was stopped, replaced and woken up learns it at its next renewal and leaves the new lease alone.
  func testReplacedLeaderLearnsIt() throws {
    let old = try Lease(folder: leases, holder: elsewhere)
    let new = try Lease(folder: leases, holder: here, patience: patience(silent: 0.1))
    for _ in 0..<2 {
      XCTAssertThrowsError(try old.renew()) {
        XCTAssertEqual(
          "\($0)",
          "\(here.title) took over this folder because this leader seemed dead; stopping")
      }
    }
    try new.renew()
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: leases), ["2.json"])
  }

  func testADepartedHolderIsKnown() throws {
    XCTAssertNil(Lease.departedHolder(in: leases))
    let leader = try sleeper()
    let dying = try holder(leader)
    _ = try Lease(folder: leases, holder: dying)
    XCTAssertNil(Lease.departedHolder(in: leases))
    end(leader)
    XCTAssertEqual(Lease.departedHolder(in: leases), dying)
    let lease = try Lease(folder: leases, holder: here)
    XCTAssertNil(Lease.departedHolder(in: leases))
    try lease.release()
    XCTAssertEqual(Lease.departedHolder(in: leases), here)
    var elsewhere = dying
    elsewhere.machine.host = "elsewhere"
    _ = try Lease(folder: leases, holder: elsewhere)
    XCTAssertNil(Lease.departedHolder(in: leases))
  }

  /// A leader that let go of the folder is told from one that died and from one on another machine that fell silent.
  func testALeaderThatFellIsKnown() throws {
    let first = try Lease(folder: leases, holder: here)
    XCTAssertNil(first.fallen)
    try first.release()
    let leader = try sleeper()
    XCTAssertNil(try Lease(folder: leases, holder: try holder(leader)).fallen)
    end(leader)
    let third = try Lease(folder: leases, holder: here)
    XCTAssertEqual(third.fallen, FallenLeader(epoch: 2, host: here.machine.host))
    try third.renew()
    try third.release()
    let fourth = try Lease(folder: leases, holder: here)
    XCTAssertEqual(fourth.fallen, third.fallen, "the third one may have written nothing")
    try fourth.release()
    XCTAssertEqual(try Lease(folder: leases, holder: elsewhere).fallen, third.fallen)
    XCTAssertEqual(
      try Lease(folder: leases, holder: here, patience: patience(silent: 0.1)).fallen,
      FallenLeader(epoch: 5, host: "node99"))
  }

  func testDamagedLeaseIsNobodys() throws {
    try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: true)
    try write("torn {".utf8, to: leases + "/7.json")
    XCTAssertEqual(try Lease(folder: leases, holder: here).epoch, 8)
  }

  /// Numbers that cannot be counted on from, as a file's name and in a journal.
  func testNumbersThatNoLeaderHas() throws {
    try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: true)
    for name in ["9223372036854775807.json", "99999999999999999999.json", "-1.json", "x.json", ".json"] {
      try write("{}".utf8, to: leases + "/" + name)
    }
    XCTAssertEqual(try Lease(folder: leases, holder: here).epoch, 1)
    try write("{}".utf8, to: leases + "/2147483647.json")
    XCTAssertThrowsError(try Lease(folder: leases, holder: here)) {
      XCTAssertEqual(
        "\($0)",
        "the last leader of this folder had the number 2147483647, after which there is none: its journal or \(leases) is "
          + "damaged; choose another folder")
    }
  }

  /// A folder copied without its hidden files has no leases left; a lower epoch would make readers ignore all that follows.
  func testEpochsOfTheJournalAreNotUsedAgain() throws {
    let journal = folder + "/journal.jsonl"
    try JournalWriter(path: journal, epoch: 5).append([.runStart(Example.start), Example.handOut(1)])
    let lease = try Lease(folder: leases, holder: here)
    XCTAssertEqual(lease.epoch, 6)
    let good = Example.outcome(correct: [9])
    try JournalWriter(path: journal, epoch: lease.epoch).append([.runStart(Example.start), Example.record(1, good)])
    let index = try JournalIndex(path: journal)
    XCTAssertEqual(index.fencedCount, 0)
    XCTAssertEqual(try index.record(of: "t1")?.outcome(), good)
  }

  /// An error names the lease, and not the temporary name of its file. Nobody can make a file in this folder.
  func testALeaseThatCannotBeMadeIsNamed() {
    XCTAssertThrowsError(try Lease(folder: "/proc/sys/kernel", holder: here)) {
      XCTAssertEqual(($0 as? FileError)?.operation, "create")
      XCTAssertEqual(($0 as? FileError)?.path, "/proc/sys/kernel/1.json")
    }
  }

  /// Of many that find the same dead leader at once, one leads.
  func testOnlyOneOfManyLeads() throws {
    for round in 0..<10 {
      let folder = leases + "\(round)"
      let leader = try sleeper()
      _ = try Lease(folder: folder, holder: try holder(leader))
      end(leader)
      let here = here
      let counter = Counter()
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do {
          let lease = try Lease(folder: folder, holder: here)
          XCTAssertEqual(lease.epoch, 2)
          counter.add(lease)
        } catch { XCTAssertTrue(error is LeaseError, "\(error)") }
      }
      XCTAssertEqual(counter.count, 1)
    }
  }

  private var elsewhere: LeaseHolder {
    LeaseHolder(
      machine: MachineIdentity(host: "node99", processSpace: "other"),
      process: ProcessIdentity(process: 17, startTime: 4), launcher: nil)
  }
}

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var leases: [Lease] = []

  func add(_ lease: Lease) {
    lock.lock()
    leases.append(lease)
    lock.unlock()
  }

  var count: Int { leases.count }

  /// A file system that fails for a moment costs nothing; one that fails for longer than the patience, or another leader, does.
  func testFailedRenewalsAreLetBeForAWhile() throws {
    let failure = FileError(operation: "create", path: "1.json", code: EIO)
    let calls = Mutex(0)
    let isBroken = Mutex(true)
    @Sendable func renew() throws {
      calls.withLock { $0 += 1 }
      if isBroken.withLock({ $0 }) { throw failure }
    }
    func wait(for count: Int) {
      let first = calls.withLock { $0 }
      while calls.withLock({ $0 }) < first + count { usleep(1000) }
    }
    let patient = LeaseBeat(every: 0.002, patience: 3600) { try renew() }
    wait(for: 5)
    XCTAssertNoThrow(try patient.check())
    patient.end()
    XCTAssertNoThrow(try patient.check())

    let impatient = LeaseBeat(every: 0.002, patience: 0) { try renew() }
    wait(for: 3)
    XCTAssertThrowsError(try impatient.check()) { XCTAssertEqual($0 as? FileError, failure) }
    isBroken.withLock { $0 = false }
    wait(for: 3)
    XCTAssertNoThrow(try impatient.check(), "a later renewal succeeded")
    impatient.end()

    let taken = LeaseBeat(every: 0.002, patience: 3600) { throw LeaseError(description: "taken") }
    let deadline = Date().addingTimeInterval(60)
    XCTAssertThrowsError(
      try {
        while Date() < deadline { try taken.check() }
      }()
    ) { XCTAssertTrue($0 is LeaseError) }
    taken.end()
  }

  /// A renewal that takes long, as on a busy machine, is waited for, and its end decides.
  func testASlowRenewalIsWaitedFor() throws {
    for error in [nil, LeaseError(description: "taken")] {
      let hangs = DispatchSemaphore(value: 0)
      let isOver = Mutex(false)
      let beat = LeaseBeat(every: 0.002, patience: 0.02) {
        hangs.signal()
        usleep(300_000)
        isOver.withLock { $0 = true }
        if let error { throw error }
      }
      hangs.wait()
      usleep(50_000)
      let result = Result { try beat.check() }
      XCTAssertTrue(isOver.withLock { $0 }, "nothing is written before the renewal ends")
      switch result {
      case .success: XCTAssertNil(error)
      case .failure(let found): XCTAssertEqual(found as? LeaseError, error)
      }
      beat.end()
    }
  }

  /// Another leader took over while a renewal took long, after it had looked for one: nothing may be written.
  func testATakeoverDuringASlowRenewalIsNoticed() throws {
    let hangs = DispatchSemaphore(value: 0)
    let count = Mutex(0)
    let beat = LeaseBeat(every: 0.002, patience: 0.02) {
      let call = count.withLock { count in
        count += 1
        return count
      }
      guard call == 1 else { throw LeaseError(description: "taken") }
      hangs.signal()
      usleep(100_000)
    }
    hangs.wait()
    usleep(50_000)
    XCTAssertThrowsError(try beat.check()) { XCTAssertEqual($0 as? LeaseError, LeaseError(description: "taken")) }
    beat.end()
  }

  /// A renewal that hangs, as on a network file system without its server, is noticed in the end.
  func testARenewalThatHangsIsNoticed() throws {
    let (hangs, ends) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let beat = LeaseBeat(every: 0.002, patience: 0.05, hangSeconds: 0.2) {
      hangs.signal()
      ends.wait()
    }
    XCTAssertNoThrow(try beat.check())
    hangs.wait()
    let deadline = Date().addingTimeInterval(60)
    XCTAssertThrowsError(
      try {
        while Date() < deadline { try beat.check() }
      }()
    ) {
      XCTAssertEqual(
        ($0 as? LeaseError)?.description,
        "the lease has not been renewed for 0 s, because its file system does not answer")
    }
    beat.end()
    ends.signal()
  }
}
