// mpirun's command line and what the machine offers, without starting anything.

import Foundation
import Host
import TestSupport
import XCTest

@testable import MPITransport

final class ProcessLauncherTests: XCTestCase {
  private func arguments(_ count: Int, threads: Int = 1, cores: Int, isRoot: Bool = false) -> String {
    let launcher = ProcessLauncher(processCount: count, threadCount: threads, coreCount: cores, isRoot: isRoot)
    return launcher.arguments(program: "/bin/seedsweep", arguments: ["run", "a b.json5"]).joined(separator: "|")
  }

  func testArguments() {
    XCTAssertEqual(
      arguments(4, cores: 4), "--noprefix|-np|4|--map-by|core|--bind-to|core|/bin/seedsweep|run|a b.json5")
    XCTAssertEqual(
      arguments(5, cores: 4), "--noprefix|-np|5|--oversubscribe|--bind-to|none|/bin/seedsweep|run|a b.json5")
    XCTAssertEqual(
      arguments(2, threads: 2, cores: 4),
      "--noprefix|-np|2|--map-by|slot:PE=2|--bind-to|core|/bin/seedsweep|run|a b.json5")
    XCTAssertEqual(
      arguments(3, threads: 2, cores: 4), "--noprefix|-np|3|--bind-to|none|/bin/seedsweep|run|a b.json5")
    XCTAssertEqual(
      arguments(1, cores: 4, isRoot: true),
      "--noprefix|-np|1|--allow-run-as-root|--map-by|core|--bind-to|core|/bin/seedsweep|run|a b.json5")
  }

  func testOptionsStandBeforeTheProgram() {
    let launcher = ProcessLauncher(
      processCount: 1, coreCount: 1, isRoot: false, options: ["--enable-recovery"])
    XCTAssertEqual(launcher.arguments(program: "p", arguments: []).suffix(2), ["--enable-recovery", "p"])
  }

  func testTheProcessCountIsTakenOut() {
    XCTAssertEqual(
      ProcessLauncher.withoutProcessCount(["run", "--processes", "4", "a", "--processes=2", "--output", "o"]),
      ["run", "a", "--output", "o"])
  }

  /// An mpirun that waits for ever and heeds no signal, as the real one does where it may open too few files.
  func testAnMPIRunThatStartsNothingIsKilled() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "#!/bin/sh\ntrap '' INT TERM HUP\necho $$ > \"$0.process\"\nwhile :; do sleep 1; done\n", to: "mpirun")
    let mpirun = folder.path + "/mpirun"
    chmod(mpirun, 0o755)
    let launcher = ProcessLauncher(processCount: 2)
    XCTAssertThrowsError(
      try launcher.run(
        mpirun: mpirun, program: "p", arguments: [], watch: LaunchWatch(patience: 0.6, hasStarted: { false }))
    ) {
      XCTAssertEqual(
        String(describing: $0),
        "mpirun started no rank within 0 s and was killed; see what `mpirun -np 2 hostname` says, or add --processes 1")
    }
    let process = try XCTUnwrap(Int32(folder.text("mpirun.process").trimmingCharacters(in: .newlines)))
    XCTAssertEqual(kill(process, 0), -1, "it is gone")
  }

  /// This process has many threads, and none of them blocks SIGTERM.
  func testSignalsArePassedOnWhicheverThreadTakesThem() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "#!/bin/sh\ntrap 'exit 7' TERM\n: > \"$0.started\"\nwhile :; do sleep 0.01; done\n", to: "mpirun")
    chmod(folder.path + "/mpirun", 0o755)
    var before = sigaction()
    sigaction(SIGTERM, nil, &before)
    let started = folder.path + "/mpirun.started"
    let sender = Thread {
      while access(started, F_OK) != 0 { usleep(1000) }
      // To this very thread, which waits for no signal.
      pthread_kill(pthread_self(), SIGTERM)
    }
    sender.start()
    let ending = try ProcessLauncher(processCount: 2).run(
      mpirun: folder.path + "/mpirun", program: "p", arguments: [],
      watch: LaunchWatch(patience: 30, hasStarted: { true }))
    XCTAssertEqual(ending, .exited(7))
    var after = sigaction()
    sigaction(SIGTERM, nil, &after)
    XCTAssertEqual(
      unsafeBitCast(after.__sigaction_handler.sa_handler, to: Int.self),
      unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self), "the handler from before is back")
  }

  /// A signal that came before this process took signals over is seen by the last look, and a later one is passed on.
  func testTheLastLookEndsWhatIsNotStarted() throws {
    struct Asked: Error {}
    let folder = try TemporaryFolder()
    try folder.write("#!/bin/sh\n: > \"$0.started\"\n", to: "mpirun")
    chmod(folder.path + "/mpirun", 0o755)
    XCTAssertThrowsError(
      try ProcessLauncher(processCount: 2).run(
        mpirun: folder.path + "/mpirun", program: "p", arguments: [],
        watch: LaunchWatch(patience: 5, hasStarted: { false }),
        lastLook: {
          XCTAssertNotEqual(
            unsafeBitCast(SignalHandling.action(of: SIGTERM).__sigaction_handler.sa_handler, to: Int.self), 0)
          throw Asked()
        })
    ) { XCTAssertTrue($0 is Asked) }
    XCTAssertFalse(folder.has("mpirun.started"))
  }

  /// A process whose parent ignores SIGCHLD ignores it as well, and the system forgets its children.
  func testTheEndOfMPIRunIsSeenWhereSIGCHLDIsIgnored() throws {
    let folder = try TemporaryFolder()
    try folder.write("#!/bin/sh\nexit 7\n", to: "mpirun")
    chmod(folder.path + "/mpirun", 0o755)
    var before = sigaction()
    sigaction(SIGCHLD, nil, &before)
    defer { sigaction(SIGCHLD, &before, nil) }
    signal(SIGCHLD, SIG_IGN)
    let ending = try ProcessLauncher(processCount: 2).run(
      mpirun: folder.path + "/mpirun", program: "p", arguments: [],
      watch: LaunchWatch(patience: 5, hasStarted: { false }))
    XCTAssertEqual(ending, .exited(7))
  }

  /// The same command may go on after an mpirun that somebody killed, not after one with a fault of its own.
  func testAnMPIRunThatASignalEnds() throws {
    let folder = try TemporaryFolder()
    for (signal, isFromOutside) in [(SIGKILL, true), (SIGSEGV, false)] {
      try folder.write("#!/bin/sh\nulimit -c 0\nkill -\(signal) $$\n", to: "mpirun")
      chmod(folder.path + "/mpirun", 0o755)
      let ending = try ProcessLauncher(processCount: 2).run(
        mpirun: folder.path + "/mpirun", program: "p", arguments: [],
        watch: LaunchWatch(patience: 5, hasStarted: { false }))
      XCTAssertEqual(ending, .killed(signal))
      XCTAssertEqual(ending.code, 128 + signal)
      let end = ProcessesRun.End(reported: nil, launcher: ending, signal: nil)
      XCTAssertEqual(end.isFromOutside, isFromOutside)
      XCTAssertEqual(end.reason, "mpirun was killed by signal \(signal)")
    }
    let failed = ProcessesRun.End(reported: nil, launcher: .exited(1), signal: nil)
    XCTAssertFalse(failed.isFromOutside)
    XCTAssertEqual(failed.reason, "mpirun ended with exit code 1")
    let asked = ProcessesRun.End(reported: nil, launcher: .exited(1), signal: SIGTERM)
    XCTAssertTrue(asked.isFromOutside)
    XCTAssertEqual(asked.reason, "Stopped by SIGTERM")
  }

  func testMissingMPIRun() throws {
    XCTAssertThrowsError(try ProcessLauncher.findMPIRun(searchPath: "/nonexistent:/proc")) {
      XCTAssertEqual(
        String(describing: $0),
        "--processes needs Open MPI's mpirun, which is in none of the folders of PATH (/nonexistent, /proc). Install it "
          + "(Debian: apt-get install openmpi-bin), load your cluster's module, or leave --processes out to run in one "
          + "process.")
    }
    let launcher = ProcessLauncher(processCount: 1)
    let watch = LaunchWatch(patience: 1, hasStarted: { true })
    XCTAssertThrowsError(try launcher.run(mpirun: "/nonexistent/mpirun", program: "p", arguments: [], watch: watch)) {
      XCTAssertEqual(String(describing: $0), "/nonexistent/mpirun could not be started: No such file or directory.")
    }
  }
}
