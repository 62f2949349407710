// `status --watch` on a folder that a run writes meanwhile: the clock's sleep is when the run goes on.

import CommandLine
import Foundation
import Host
import ResultsSupport
import Storage
import Synchronization
import Trials
import XCTest

@testable import Console

final class StatusWatchTests: FolderTestCase {
  private var output: RunFolder { RunFolder(folder + "/out") }

  /// A clock on which something happens while it sleeps.
  private final class EventClock: HostClock {
    private let time = Mutex(0.0)
    private nonisolated(unsafe) let event: (Int) throws -> Void

    init(_ event: @escaping (_ second: Int) throws -> Void) { self.event = event }

    var seconds: Double { time.withLock { $0 } }
    var wallSeconds: Double { 1000 + seconds }

    func sleep(_ seconds: Double) {
      time.withLock { $0 += seconds }
      XCTAssertNoThrow(try event(Int(self.seconds)))
      if self.seconds > 400 { fatalError("the watch does not end") }
    }
  }

  private func plan(_ seedCount: UInt64 = 4) throws -> SweepPlan {
    try SweepPlan(
      name: "tiny",
      configurations: [("default", "0123456789abcdef"), ("corrected", "123456789abcdef0")].map {
        PlannedConfiguration(
          variant: $0, label: $0, configuration: TrialConfiguration(), axisValues: [], identifier: $1)
      }, seeds: (1...seedCount).map { TrialSeeds(tied: $0) })
  }

  private func record(_ plan: SweepPlan, _ trial: Int, correct: Int) -> JournalRecord {
    .outcome(
      TrialRecord(
        trial: plan.trialIdentifier(at: trial), attempt: 1, fingerprint: "f", timing: Example.timing,
        outcome: Example.outcome(correct: [correct])))
  }

  private func writeStatus(_ plan: SweepPlan, _ ending: Storage.Ending = .running, step: Int = 0, at time: Double)
    throws
  {
    var status = StatusReport()
    status.sweep = "tiny"
    status.ending = ending
    status.plannedCount = plan.trials.count
    status.updateTime = 1000 + time
    if ending == .running {
      status.runningCount = 1
      status.secondsLeft = 30
      var live = LiveReport()
      live.hosts = [LiveReport.Host(name: "node01", rankCount: 1)]
      live.running = [
        LiveReport.Running(trial: plan.trialIdentifier(at: 3), rank: 0, host: "node01", step: step, stepCount: 189)
      ]
      live.secondsLeft = [plan.configurations[0].identifier: 12, plan.configurations[1].identifier: 30]
      status.live = live
    }
    try status.write(to: output)
  }

  private func begin(_ plan: SweepPlan) throws -> JournalWriter {
    try output.create()
    try write(plan.encodedJSON().utf8, to: output.sweep)
    let writer = try JournalWriter(path: output.journal, epoch: 1)
    try writer.append([.runStart(Example.start)])
    try writeStatus(plan, at: 0)
    return writer
  }

  private func watch(
    columns: Int = 80, rows: Int = 24, _ event: @escaping (_ second: Int, _ screen: ScreenModel) throws -> Void
  ) throws -> (standing: RunStanding, screen: ScreenModel) {
    let screen = ScreenModel(.breaking, columns: columns, rows: rows)
    let clock = EventClock { try event($0, screen) }
    var watch = StatusWatch(
      try RunStanding(of: output.path),
      terminal: ProgressTerminal(size: { screen.size }, write: { screen.write($0) }), clock: clock)
    return (try watch.perform(), screen)
  }

  func testARunThatGrowsAndEnds() throws {
    let plan = try plan()
    let writer = try begin(plan)
    var seen: [String] = []
    let (standing, screen) = try watch { [self] second, screen in
      seen.append(screen.text)
      switch second {
      case 1:
        try writer.append([record(plan, 0, correct: 9), record(plan, 1, correct: 5)])
        try writeStatus(plan, step: 37, at: 1)
      case 2:
        try writer.append([
          record(plan, 2, correct: 8),
          .outcome(
            TrialRecord(
              trial: plan.trialIdentifier(at: 4), attempt: 1, fingerprint: "f", timing: Example.timing,
              outcome: Example.diverged())),
        ])
      case 3: screen.resize(columns: 50, rows: 24)
      case 4: screen.resize(columns: 100, rows: 30)
      case 5:
        try writer.append([3, 5, 6, 7].map { record(plan, $0, correct: 9) })
        try writer.append([.runEnd(RunEnd(time: 1, ending: .complete))])
        try writeStatus(plan, .complete, at: 5)
      default: break
      }
    }
    XCTAssertEqual(seen.count, 5)
    XCTAssertEqual(
      seen[0],
      """

      recipe     done  at chance  diverged  mean  left
      default     0/4          0         0     -  12 s
      corrected   0/4          0         0     -  30 s
      rank 0  default  seed 4  step 0 of 189
      1 rank on node01
      tiny: 0 of 8 trials done, 0 at chance, about 30 s left
      """)
    XCTAssertEqual(
      seen[2],
      """

      recipe     done  at chance  diverged   mean  left
      default     3/4          1         0  0.733  12 s
      corrected   1/4          0         1      -  30 s
      rank 0  default  seed 4  step 37 of 189
      1 rank on node01
      tiny: 4 of 8 trials done, 1 at chance, 1 diverged, about 30 s left
      """)
    XCTAssertEqual(seen[3], "4/8 done, 1 at chance, 1 diverged, 30 s left")
    XCTAssertEqual(seen[4].drop { $0 == "\n" }, seen[2].drop { $0 == "\n" })
    XCTAssertEqual(screen.history, "", "nothing stays")
    XCTAssertEqual(standing.exitCode, .success)
    XCTAssertEqual(
      standing.lines(now: 1006),
      [
        "tiny: 8 of 8 trials done, 1 at chance (default 1/4, corrected 0/4), 1 diverged",
        "complete: every trial has a result",
      ])
  }

  /// What was read is not read again: bytes that change behind the watch's back are never looked at.
  func testTheJournalIsReadOnce() throws {
    let plan = try plan()
    let writer = try begin(plan)
    try writer.append((0..<3).map { record(plan, $0, correct: 9) })
    let size = try bytes(output.journal).count
    var seen: [String] = []
    let (standing, _) = try watch { [self] second, screen in
      seen.append(screen.text.components(separatedBy: "\n").last ?? "")
      if second == 1 {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: output.journal))
        try file.write(contentsOf: Data(repeating: 0, count: size))
        try file.close()
        try writer.append([record(plan, 3, correct: 5)])
      } else {
        try writer.append((4..<8).map { record(plan, $0, correct: 9) } + [.runEnd(RunEnd(time: 1, ending: .complete))])
        try writeStatus(plan, .complete, at: 2)
      }
    }
    XCTAssertEqual(
      seen,
      [
        "tiny: 3 of 8 trials done, 0 at chance, about 30 s left",
        "tiny: 4 of 8 trials done, 1 at chance, about 30 s left",
      ])
    XCTAssertEqual(standing.exitCode, .success)
    XCTAssertEqual(try RunStanding(of: output.path).exitCode, .resumable, "who reads all of it finds the damage")
  }

  /// A run that begins anew in the folder may have another plan, and its journal may be another file.
  func testAnotherRunAndAnotherJournal() throws {
    let (plan, larger) = (try plan(), try plan(6))
    var writer = try begin(plan)
    try writer.append([record(plan, 0, correct: 9)])
    var seen: [String] = []
    let (standing, _) = try watch { [self] second, screen in
      seen.append(screen.text.components(separatedBy: "\n").last ?? "")
      switch second {
      case 1:
        try write(larger.encodedJSON().utf8, to: output.sweep)
        writer = try JournalWriter(path: output.journal, epoch: 2)
        try writer.append([.runStart(Example.start), record(larger, 1, correct: 9)])
        try writeStatus(larger, at: 1)
      case 2:
        try FileManager.default.removeItem(atPath: output.journal)
        writer = try JournalWriter(path: output.journal, epoch: 3)
        try writer.append([.runStart(Example.start), record(larger, 5, correct: 9)])
      default:
        try writer.append([.runEnd(RunEnd(time: 1, ending: .drained))])
        try writeStatus(larger, .drained, at: 3)
      }
    }
    XCTAssertEqual(
      seen,
      [
        "tiny: 1 of 8 trials done, 0 at chance, about 30 s left",
        "tiny: 2 of 12 trials done, 0 at chance, about 30 s left",
        "tiny: 1 of 12 trials done, 0 at chance, about 30 s left",
      ])
    XCTAssertEqual(standing.exitCode, .resumable)
  }

  /// A run that has ended is over at once, unless a leader holds the folder whose lease changes.
  func testARunThatHasEnded() throws {
    let plan = try plan()
    let writer = try begin(plan)
    try writer.append([.runEnd(RunEnd(time: 1, ending: .drained))])
    try writeStatus(plan, .drained, at: 0)
    let (standing, screen) = try watch { _, _ in XCTFail("nothing to wait for") }
    XCTAssertEqual(standing.exitCode, .resumable)
    XCTAssertEqual(screen.history, "")

    // A leader of another machine, which lives for 20 s.
    var holder = LeaseHolder.current(launchedByParent: false)
    holder.machine = MachineIdentity(host: "node07", processSpace: "another")
    let lease = try Lease(folder: output.leases, holder: holder)
    var last = 0
    var shown = ""
    _ = try watch { second, screen in
      if second <= 20 { try lease.renew() }
      last = second
      shown = screen.text
    }
    XCTAssertTrue((35...36).contains(last), "\(last)")
    XCTAssertTrue(shown.contains("stopped early: the same command resumes\ntiny: 0 of 8 trials done"), shown)

    // It begins a run, and is gone without a word.
    last = 0
    let (killed, _) = try watch { [self] second, _ in
      if second == 3 {
        try lease.renew()
        try JournalWriter(path: output.journal, epoch: lease.epoch + 1).append([.runStart(Example.start)])
        try writeStatus(plan, at: 3)
      }
      if second == 10 { try lease.release() }
      last = second
    }
    XCTAssertEqual(last, 10)
    XCTAssertTrue(killed.lines(now: 1011)[1].hasPrefix("stopped without an end: its leader, process "))
  }

  /// A leader that writes nothing for a minute is doubted, and the watch goes on: it may be another machine's network.
  func testSilence() throws {
    let plan = try plan()
    let writer = try begin(plan)
    var seen: [String] = []
    _ = try watch { [self] second, screen in
      seen.append(screen.text)
      guard second == 100 else { return }
      try writer.append([.runEnd(RunEnd(time: 1, ending: .drained))])
      try writeStatus(plan, .drained, at: 100)
    }
    XCTAssertFalse(seen[58].contains("not heard of"))
    XCTAssertTrue(seen[75].contains("\nnot heard of for 75 s: if it was killed, the same command resumes\n"), seen[75])
  }

  func testNoTerminalGetsALineAMinute() throws {
    let plan = try plan()
    let writer = try begin(plan)
    var lines: [String] = []
    let clock = EventClock { [self] second in
      if second == 50 { try writer.append([record(plan, 0, correct: 9)]) }
      guard second == 130 else { return }
      try writer.append([.runEnd(RunEnd(time: 1, ending: .drained))])
      try writeStatus(plan, .drained, at: 130)
    }
    var watch = StatusWatch(
      try RunStanding(of: output.path), terminal: nil, clock: clock, print: { lines.append($0) })
    XCTAssertEqual(try watch.perform().exitCode, .resumable)
    XCTAssertEqual(
      lines,
      [
        "tiny: 0 of 8 trials done, 0 at chance, about 30 s left",
        "tiny: 1 of 8 trials done, 0 at chance (default 0/1, corrected 0/0), about 30 s left",
        "tiny: 1 of 8 trials done, 0 at chance (default 0/1, corrected 0/0), about 30 s left",
      ])
  }
}
