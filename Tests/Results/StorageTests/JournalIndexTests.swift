// What a journal means: results, attempts, duplicates, fenced-off leaders, merges.

import Foundation
import ResultsSupport
import Trials
import XCTest

@testable import Storage

final class JournalIndexTests: FolderTestCase {
  private var path: String { folder + "/journal.jsonl" }
  private let crash = Outcome(status: .crashed, metric: .accuracy)
  private let good = Example.outcome(correct: [9])

  private func append(_ records: [JournalRecord], epoch: Int = 1, to path: String? = nil) throws {
    try JournalWriter(path: path ?? self.path, epoch: epoch).append([.runStart(Example.start)] + records)
  }

  func testMissingJournalIsEmptyAndMayAppearLater() throws {
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index.trialCount, 0)
    XCTAssertNil(try index.record(of: "t1"))
    try append([Example.record(1, good)])
    try index.refresh()
    XCTAssertEqual(index.resultCount, 1)
  }

  /// Attempts to go on that come to nothing change nothing about where a trial was stopped, and a result goes before it.
  func testWhereARuleStoppedATrial() throws {
    let stopped = Example.outcome(correct: [6, 9]).stopped(at: 5)
    try append([
      Example.handOut(1), Example.record(1, stopped), Example.handOut(1, attempt: 2),
      Example.record(1, attempt: 2, crash),
      Example.handOut(1, attempt: 3), Example.record(1, attempt: 3, Outcome(status: .preempted, metric: .accuracy)),
    ])
    let index = try JournalIndex(path: path)
    let first = try XCTUnwrap(index["t1"])
    XCTAssertEqual(first.status, .preempted)
    XCTAssertTrue(first.isStopped)
    XCTAssertEqual(first.failedAttemptCount, 1, "a stop is no failed attempt")
    XCTAssertEqual(try index.curves(of: "t1")?.outcome(), stopped)
    XCTAssertEqual(try index.record(of: "t1")?.status, .preempted)
    XCTAssertEqual(index.resultCount, 0)
    var found: [Outcome?] = []
    try index.forEachResult(of: [(trial: 1, identifier: "t1")]) { found.append($1) }
    try index.forEachResult(of: [(trial: 1, identifier: "t1")], orStopped: true) { found.append($1) }
    XCTAssertEqual(found, [nil, stopped])
    let whole = Example.outcome(correct: [6, 9])
    try append([Example.handOut(1, attempt: 4), Example.record(1, attempt: 4, whole)], epoch: 2)
    // Late or twice, a stop is no second result.
    try append([Example.record(1, attempt: 5, stopped)], epoch: 2)
    try index.refresh()
    XCTAssertEqual(index["t1"]?.isStopped, false)
    XCTAssertEqual(try index.curves(of: "t1")?.outcome(), whole)
    XCTAssertEqual(index.mismatches, [])
  }

  /// A result belongs to the journal's own runs if its own run handed the trial out, or a later one did before a late result came.
  func testWhereAResultWasTrained() throws {
    try append([
      Example.handOut(1), Example.record(1, good), Example.record(2, good), Example.handOut(3), Example.handOut(4),
    ])
    // A later run took the result from another folder, and the first one's result of trial 4 comes late.
    try append([Example.record(3, good), Example.handOut(4, attempt: 2)], epoch: 2)
    try append([Example.record(4, good)], epoch: 1)
    let index = try JournalIndex(path: path)
    XCTAssertEqual((1...4).map { index["t\($0)"]?.wasTrainedHere }, [true, false, false, true])
  }

  /// What was stopped under a fault says nothing about the trial.
  func testATrialThatWasStoppedUnderAFault() throws {
    var timing = Example.timing
    timing.fault = "nan"
    let stopped = Example.outcome(correct: [6, 9]).stopped(at: 5)
    try append([.outcome(TrialRecord(trial: "t1", attempt: 1, timing: timing, outcome: stopped))])
    XCTAssertNil(try JournalIndex(path: path).curves(of: "t1"))
  }

  func testAttempts() throws {
    try append([
      Example.handOut(1), Example.record(1, crash),
      Example.handOut(1, attempt: 2), Example.record(1, attempt: 2, Outcome(status: .preempted, metric: .accuracy)),
      Example.handOut(1, attempt: 3), .returned(HandOutRecord(trial: "t1", attempt: 3, rank: 1, host: "node01")),
      Example.handOut(1, attempt: 4, rank: 0), Example.handOut(2),
    ])
    let index = try JournalIndex(path: path)
    let first = try XCTUnwrap(index["t1"])
    XCTAssertEqual(first.failedAttemptCount, 1, "being preempted is nobody's fault")
    XCTAssertEqual(first.attemptCount, 3, "what was returned never began")
    XCTAssertEqual(first.lastAttempt, 4)
    XCTAssertEqual(first.openRank, 0, "in flight on rank 0 when the leader died")
    XCTAssertEqual(first.status, .preempted)
    XCTAssertFalse(first.hasResult)
    XCTAssertEqual(index["t2"]?.openRank, 1)
    XCTAssertNil(index["t3"])
    try append([Example.handOut(1, attempt: 5), Example.record(1, attempt: 5, good)], epoch: 2)
    try index.refresh()
    let second = try XCTUnwrap(index["t1"])
    XCTAssertTrue(second.hasResult)
    XCTAssertNil(second.openRank)
    XCTAssertEqual(second.lastEpoch, 2)
    XCTAssertEqual(try index.record(of: "t1")?.outcome(), good)
    XCTAssertEqual(index.trialCount, 2)
    XCTAssertEqual(index.resultCount, 1)
    XCTAssertEqual(index.runs.count, 2)
    XCTAssertEqual(index.lastEpoch, 2)
  }

  /// Rank 0 does what it is handed in that order, so a leader that died was at the first trial that did not end.
  func testTheTrialAtWhichALeaderDied() throws {
    try append([
      Example.handOut(1, rank: 0), Example.handOut(2, rank: 0), Example.handOut(3), Example.record(1, good),
      Example.handOut(4, rank: 0), Example.handOut(5, rank: 0),
      .returned(HandOutRecord(trial: "t2", attempt: 1, rank: 0, host: "node01")),
      Example.handOut(2, attempt: 2, rank: 0),
    ])
    let runFolder = RunFolder(folder)
    func trial(_ epoch: Int = 1) throws -> String? {
      try JournalIndex(path: path).trial(atDeathOf: epoch, in: runFolder)
    }
    XCTAssertEqual(try trial(), "t4")
    XCTAssertNil(try trial(2))
    // It goes on from a checkpoint of this run, and not from an older one.
    let checkpoint = runFolder.checkpoint(ofTrial: "t4")
    try FileManager.default.createDirectory(atPath: runFolder.checkpoints, withIntermediateDirectories: true)
    try write("".utf8, to: checkpoint)
    // The file system's clock counts, which may be another than the leader's.
    try write("".utf8, to: runFolder.sweep)
    func date(_ path: String, _ seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
    try date(runFolder.sweep, 1000)
    try date(checkpoint, 1001)
    XCTAssertNil(try trial())
    try date(checkpoint, 999)
    XCTAssertEqual(try trial(), "t4")

    let whole = try bytes(path)
    try write(whole + Array("{\"crc\":\"0".utf8), to: path)
    XCTAssertNil(try trial(), "it died in the middle of a write")
    try write(whole, to: path)
    try JournalWriter(path: path, epoch: 1).append([.runEnd(RunEnd(time: 1, ending: .drained))])
    XCTAssertNil(try trial(), "it ended by itself")
    // A leader that handed nothing out died of nothing.
    try append([], epoch: 2)
    XCTAssertNil(try trial(2))
    XCTAssertNil(try trial(1))
  }

  func testDuplicatesAreComparedAndMismatchesNamed() throws {
    try append([
      Example.record(1, good), Example.record(1, attempt: 2, good), Example.record(1, attempt: 3, crash),
      Example.record(2, good), Example.record(2, attempt: 2, Example.outcome(correct: [8])),
    ])
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index.duplicateCount, 1)
    XCTAssertEqual(try index.record(of: "t1")?.outcome(), good)
    XCTAssertEqual(try index.record(of: "t2")?.outcome(), good, "the first result counts")
    XCTAssertEqual(index.mismatches.map(\.trial), ["t2"])
    let offsets = try XCTUnwrap(index.mismatches.first).offsets
    XCTAssertEqual(
      index.mismatches[0].description,
      "trial t2 has two different results: \(path) at byte \(offsets[0]) (kept) and \(path) at byte \(offsets[1])")
  }

  /// A failed append may leave the same records twice.
  func testRecordsWrittenTwiceCountOnce() throws {
    let group = [Example.handOut(1), Example.record(1, crash), Example.handOut(2)]
    try append(group + group)
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index["t1"]?.failedAttemptCount, 1)
    XCTAssertEqual(index["t1"]?.attemptCount, 1)
    XCTAssertEqual(index["t2"]?.openRank, 1)
  }

  /// A leader that was stopped, replaced and woken up goes on writing; none of that counts.
  func testFencedLeaderIsIgnored() throws {
    let old = try JournalWriter(path: path, epoch: 1)
    try old.append([.runStart(Example.start), Example.handOut(1), Example.record(1, good)])
    let new = try JournalWriter(path: path, epoch: 2)
    try new.append([.runStart(Example.start), Example.handOut(2, rank: 5)])
    try old.append([Example.record(2, Example.outcome(correct: [3])), Example.handOut(3)])
    try new.append([Example.record(2, good), .runEnd(RunEnd(time: 5, ending: .drained))])
    try old.append([.runStart(Example.start), .runEnd(RunEnd(time: 6, ending: .complete))])
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index.fencedCount, 4)
    XCTAssertEqual(try index.record(of: "t2")?.outcome(), good)
    XCTAssertNil(index["t3"])
    XCTAssertEqual(index.lastEnd, RunEnd(time: 5, ending: .drained))
    XCTAssertEqual(index.mismatches, [])
    XCTAssertTrue(index["t1"]?.hasResult ?? false, "what the old leader wrote in its time stands")
  }

  /// Reading on gives what reading anew gives, damage included, wherever the first reading ended.
  func testRefreshEqualsReadingAnew() throws {
    try append([Example.handOut(1), Example.record(1, good)])
    try append([Example.handOut(2), Example.record(2, crash)], epoch: 2)
    var whole = try bytes(path)
    whole.insert(contentsOf: [0, 0, 0x0A, 0], at: whole.lastIndex(of: 0x7B) ?? 0)
    for cut in stride(from: 0, through: whole.count, by: 7) {
      try write(whole[..<cut], to: path)
      let grown = try JournalIndex(path: path)
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: whole[cut...])
      try file.close()
      try grown.refresh()
      let fresh = try JournalIndex(path: path)
      XCTAssertEqual(grown.trials, fresh.trials)
      for trial in fresh.trials { XCTAssertEqual(grown[trial], fresh[trial]) }
      XCTAssertEqual(grown.skipped, fresh.skipped, "cut at \(cut)")
      XCTAssertEqual(grown.runs, fresh.runs)
    }
  }

  func testReplacedOutcomeIsNoticed() throws {
    try append([Example.record(1, good)])
    let index = try JournalIndex(path: path)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.write(contentsOf: Array(repeating: UInt8(0), count: try bytes(path).count))
    try file.close()
    XCTAssertThrowsError(try index.record(of: "t1")) {
      XCTAssertTrue("\($0)".hasSuffix("the journal changed while it was read"), "\($0)")
    }
  }

  func testMerge() throws {
    let (left, right, target) = (folder + "/a.jsonl", folder + "/b.jsonl", folder + "/c.jsonl")
    let other = Example.outcome(correct: [8])
    try append([Example.record(2, good), Example.record(1, good), Example.record(4, crash)], to: left)
    var elsewhere = Example.start
    elsewhere.fingerprint = "Zen"
    try JournalWriter(path: right, epoch: 1).append([
      .runStart(elsewhere), Example.record(1, good), Example.record(2, other), Example.record(3, attempt: 2, other),
    ])
    let writer = try JournalWriter(path: target, epoch: 1)
    try writer.append([.runStart(Example.start)])
    let sources = try [JournalIndex(path: left), JournalIndex(path: right)]
    let report = try JournalMerge.merge(sources, into: writer, present: JournalIndex(path: target))
    XCTAssertEqual(report.resultCounts, [2, 3])
    XCTAssertEqual(report.mergedCount, 3)
    XCTAssertEqual(report.duplicateCount, 1)
    XCTAssertEqual(report.mismatches.map(\.trial), ["t2"])
    XCTAssertEqual(report.mismatches.map(\.paths), [[left, right]])
    let merged = try JournalIndex(path: target)
    XCTAssertEqual(merged.trials, ["t1", "t2", "t3"])
    XCTAssertEqual(try merged.record(of: "t2")?.outcome(), good)
    XCTAssertEqual(try merged.record(of: "t3")?.outcome(), other)
    XCTAssertEqual(merged["t3"]?.attemptCount, 2)
    XCTAssertEqual(merged.trials.map { merged[$0]?.fingerprint }, ["Haswell \"v3\"", "Haswell \"v3\"", "Zen"])
    // Merging once more adds nothing and counts nothing twice.
    let again = try JournalMerge.merge(
      sources, into: JournalWriter(path: target, epoch: 2), present: JournalIndex(path: target))
    XCTAssertEqual(again.mergedCount, 0)
    XCTAssertEqual(again.duplicateCount, 4)
    XCTAssertEqual(try JournalIndex(path: target).resultCount, 3)
  }
}
