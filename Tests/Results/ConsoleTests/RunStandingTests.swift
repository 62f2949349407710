// What status says and exits with: the journal decides, whatever status.json says.

import Foundation
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Console
@testable import Reports

final class RunStandingTests: FolderTestCase {
  private var output: RunFolder { RunFolder(folder + "/out") }

  /// A folder of four trials that all have a result, two of them failed, as a run leaves it.
  private func makeFolder() throws -> SweepPlan {
    let plan = try SweepPlan(
      name: "tiny",
      configurations: [
        PlannedConfiguration(
          variant: "default", label: "default", configuration: TrialConfiguration(), axisValues: [],
          identifier: "0123456789abcdef")
      ], seeds: (1...4).map { TrialSeeds(tied: $0) })
    try output.create()
    try write(plan.encodedJSON().utf8, to: output.sweep)
    try append(plan, [5, 9, 6, 8], epoch: 1)
    try status(.complete, failed: 2).write(to: output)
    return plan
  }

  private func append(_ plan: SweepPlan, _ correct: [Int], epoch: Int, ending: Storage.Ending? = .complete) throws {
    let records = zip(plan.trials, correct).map { trial, correct in
      JournalRecord.outcome(
        TrialRecord(
          trial: trial.identifier, attempt: 1, fingerprint: "f", timing: Example.timing,
          outcome: Example.outcome(correct: [correct])))
    }
    try JournalWriter(path: output.journal, epoch: epoch).append(
      [.runStart(Example.start)] + records + (ending.map { [.runEnd(RunEnd(time: 1, ending: $0))] } ?? []))
  }

  private func status(_ ending: Storage.Ending, done: Int = 4, failed: Int = 0, limit: Int? = nil) -> StatusReport {
    var status = StatusReport()
    status.sweep = "tiny"
    status.ending = ending
    status.part.limit = limit
    status.plannedCount = 4
    status.completedCount = done
    status.failedCount = failed
    status.updateTime = 1000
    return status
  }

  private func standing() throws -> (code: Int32, lines: [String]) {
    let standing = try RunStanding(of: output.path)
    return (standing.exitCode.rawValue, standing.lines(now: 1001))
  }

  private func checkLost(_ done: Int, _ failed: Int, _ message: String) throws {
    let standing = try standing()
    XCTAssertEqual(standing.code, 75, message)
    XCTAssertEqual(
      Array(standing.lines.prefix(2)),
      [
        "tiny: \(done) of 4 trials done, \(failed) at chance",
        "unfinished: the journal holds \(done) of the 4 results that the last run ended with, so it was emptied, cut or "
          + "replaced; the same command trains the trials that have none",
      ], message)
  }

  func testACompleteFolder() throws {
    _ = try makeFolder()
    let standing = try standing()
    XCTAssertEqual(standing.code, 0)
    XCTAssertEqual(standing.lines, ["tiny: 4 of 4 trials done, 2 at chance", "complete: every trial has a result"])
  }

  func testAnEmptiedCutOrReplacedJournalIsUnfinished() throws {
    let plan = try makeFolder()
    let journal = try bytes(output.journal)
    for ending in [Storage.Ending.complete, .incomplete, .drained] {
      try status(ending, failed: 2).write(to: output)
      try write([], to: output.journal)
      try checkLost(0, 0, "emptied, \(ending)")
    }
    try status(.complete, failed: 2).write(to: output)
    let ends = journal.indices.filter { journal[$0] == 0x0A }
    for (lines, failed) in [(1, 0), (2, 1), (3, 1), (4, 2)] {
      try write(journal[...ends[lines - 1]], to: output.journal)
      try checkLost(lines - 1, failed, "cut after line \(lines)")
    }
    // The end of the run alone is lost: every trial has its result.
    try write(journal[...ends[4]], to: output.journal)
    XCTAssertEqual(try standing().code, 0)

    // The journal of another sweep, complete in itself, or one that ended with trials that crashed.
    for ending in [Storage.Ending.complete, .incomplete] {
      try write([], to: output.journal)
      try JournalWriter(path: output.journal, epoch: 3).append([
        .runStart(Example.start), Example.record(1, Example.outcome(correct: [9])),
        .runEnd(RunEnd(time: 1, ending: ending)),
      ])
      try checkLost(0, 0, "foreign, \(ending)")
      // It had no result when it ended, so only the trials tell.
      try status(ending, done: 0).write(to: output)
      XCTAssertEqual(try standing().code, 75)
      try status(.complete, failed: 2).write(to: output)
    }
    _ = plan
  }

  func testEndings() throws {
    let plan = try makeFolder()
    // More is asked for than the journal has, and its last run says how it ended.
    for (ending, code, line) in [
      (Storage.Ending.incomplete, Int32(1), "incomplete: some trials crashed; the same command tries them again"),
      (.drained, 75, "stopped early: the same command resumes"),
    ] {
      try write([], to: output.journal)
      try append(plan, [5, 9], epoch: 2, ending: ending)
      // What status.json says of the end counts for nothing.
      for written in [ending, .complete, .running] {
        try status(written, done: 2).write(to: output)
        let standing = try standing()
        XCTAssertEqual(standing.code, code, "\(ending), \(written)")
        XCTAssertEqual(standing.lines, ["tiny: 2 of 4 trials done, 1 at chance", line], "\(ending), \(written)")
      }
    }
    // The first two trials were asked for, and have their results.
    try status(.complete, done: 2, limit: 2).write(to: output)
    XCTAssertEqual(try standing().code, 0)
    XCTAssertEqual(
      try standing().lines,
      ["tiny: 2 of 2 trials done, 1 at chance", "complete: every trial of the first 2 has a result"])
  }

  /// While a run writes, status.json may be seconds behind: done and failed are of one moment, the journal's.
  func testARunningLeaderIsSeenThroughItsJournal() throws {
    let plan = try makeFolder()
    try write([], to: output.journal)
    try append(plan, [5, 9, 6], epoch: 2, ending: nil)
    var behind = status(.running, done: 1, failed: 0)
    behind.runningCount = 1
    behind.secondsLeft = 30
    try behind.write(to: output)
    let running = try standing()
    XCTAssertEqual(running.code, 75)
    XCTAssertEqual(
      running.lines, ["tiny: 3 of 4 trials done, 2 at chance, about 30 s left", "running: 1 trial trains now"])
  }

  /// Without status.json the journal tells how a run stands.
  func testAFolderWithoutAReadableStatus() throws {
    let plan = try makeFolder()
    let advice =
      "; what is said here comes from the journal and is about every trial of the sweep, because --limit and --shard stand in "
      + "that file alone; 'seedsweep run' with the same words writes it again"
    try write("{}".utf8, to: output.status)
    XCTAssertEqual(try standing().code, 0)
    XCTAssertEqual(
      try standing().lines,
      [
        "tiny: 4 of 4 trials done, 2 at chance", "complete: every trial has a result",
        "\(output.status): verdict: the field is missing" + advice,
      ])
    try FileManager.default.removeItem(atPath: output.status)
    try write([], to: output.journal)
    try append(plan, [5, 9], epoch: 2, ending: .drained)
    let stopped = try standing()
    XCTAssertEqual(stopped.code, 75)
    XCTAssertEqual(
      stopped.lines,
      [
        "tiny: 2 of 4 trials done, 1 at chance", "stopped early: the same command resumes",
        "\(output.status) is missing or cannot be read" + advice,
      ])
  }

  /// A status.json that is damaged while a run is watched is read again when it is whole.
  func testAStatusThatIsDamagedForAMoment() throws {
    _ = try makeFolder()
    try write("{".utf8, to: output.status)
    var standing = try RunStanding(of: output.path)
    XCTAssertEqual(standing.lines(now: 1001).count, 3)
    try status(.complete, failed: 2).write(to: output)
    try standing.refresh()
    XCTAssertEqual(standing.lines(now: 1001).count, 2)
    try write("{".utf8, to: output.status)
    try standing.refresh()
    XCTAssertEqual(standing.lines(now: 1001).count, 2)
  }

  func testWhatTheJournalLostIsSaid() throws {
    _ = try makeFolder()
    var journal = try bytes(output.journal)
    journal[20] ^= 0x01
    try write(journal, to: output.journal)
    let standing = try standing()
    XCTAssertEqual(standing.code, 0, "the results name their numerics themselves")
    XCTAssertEqual(standing.lines.count, 3)
    XCTAssertTrue(standing.lines[2].hasPrefix("\(output.journal): skipped "), standing.lines[2])
  }
}
