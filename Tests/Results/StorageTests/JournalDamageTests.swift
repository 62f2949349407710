// Damage of every single byte, lost starts and shuffled lines: what is whole still counts, and what was lost is said.

import Digests
import Foundation
import ResultsSupport
import Trials
import XCTest

@testable import Storage

final class JournalDamageTests: FolderTestCase {
  private var path: String { folder + "/journal.jsonl" }
  private let numerics = "blas=Haswell/1 simd=v3 libc=2.36 probe=0123456789ab trainer=1"

  /// Line ends of a run of three-step trials as 0.1.0 wrote it, or as it is written now, with the fingerprint in each outcome.
  private func lines(_ trials: ClosedRange<Int>, epoch: Int = 1, asBefore: Bool = false) -> [[UInt8]] {
    var start = Example.start
    start.fingerprint = numerics
    var records: [JournalRecord] = [.runStart(start)]
    for trial in trials {
      var outcome = Example.outcome(correct: [trial % 10])
      outcome.curve = (1...3).map { CurvePoint(step: $0, epoch: Double($0), quantity: "loss", value: 1 / Double($0)) }
      outcome.stepCount = 3
      records.append(Example.handOut(trial))
      records.append(
        .outcome(
          TrialRecord(
            trial: Example.name(trial), attempt: 1, fingerprint: asBefore ? nil : numerics, timing: Example.timing,
            outcome: outcome)))
    }
    records.append(.runEnd(RunEnd(time: 1_700_000_100, ending: .complete)))
    return records.map { JournalLine(epoch: epoch, record: $0).encoded() + [0x0A] }
  }

  private func index(_ lines: [[UInt8]]) throws -> JournalIndex {
    try write(lines.joined(), to: path)
    return try JournalIndex(path: path)
  }

  /// The trial whose outcome a line holds; nil for any other line.
  private func trial(_ line: [UInt8]) throws -> String? {
    let header = try XCTUnwrap(JournalLine.header(line[...]))
    guard case .outcome(let record) = try JournalLine(body: line[header.byteCount..<line.count - 2]).record else {
      return nil
    }
    return record.trial
  }

  private func damages(_ byte: UInt8) -> [UInt8] { [byte ^ 0x01, byte ^ 0x80, 0x0A].filter { $0 != byte } }

  /// What a reader steps over where one byte of a line, which begins at `start`, is damaged; `number` is the line's.
  private func lost(_ line: [UInt8], at offset: Int, now damage: UInt8, start: Int, number: Int) -> SkippedBytes {
    // The record before a damaged line end is whole.
    if offset == line.count - 1 { return SkippedBytes(offset: start + offset, byteCount: 1, line: number) }
    // A line end where a line may begin is no lost byte.
    return damage == 0x0A && offset == 0
      ? SkippedBytes(offset: start + 1, byteCount: line.count - 1, line: number + 1)
      : SkippedBytes(offset: start, byteCount: line.count, line: number)
  }

  private func starts(_ journal: [[UInt8]]) -> [Int] {
    journal.reduce(into: [0]) { starts, line in starts.append((starts.last ?? 0) + line.count) }
  }

  /// Every byte of the whole journal, in place. What stands before a damaged line is parsed once for all of its bytes, and what stands
  /// behind the next line as well: the reader is let go where it has found its way again.
  func testEveryByteDamaged() throws {
    let journal = lines(1...20)
    XCTAssertEqual(journal.count, 42)
    try write(journal.joined(), to: path)
    let starts = starts(journal)
    var reader = try JournalReader(path: path)
    var whole: [JournalEntry] = []
    while let entry = try reader.next() { whole.append(entry) }
    XCTAssertEqual(whole.map(\.offset), starts.dropLast())
    XCTAssertEqual(reader.skipped, [])
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    func put(_ byte: UInt8, at offset: Int) {
      XCTAssertEqual(withUnsafeBytes(of: byte) { pwrite(descriptor, $0.baseAddress, 1, offset) }, 1)
    }
    for (place, line) in journal.enumerated() {
      let (first, last) = (max(0, place - 1), min(journal.count - 1, place + 1))
      for (offset, byte) in line.enumerated() {
        let isLineEnd = offset == line.count - 1
        let expected = (first...last).filter { $0 != place || isLineEnd }.map { whole[$0] }
        for damage in damages(byte) {
          put(damage, at: starts[place] + offset)
          var reader = try JournalReader(path: path, offset: starts[first], line: first + 1)
          var entries: [JournalEntry] = []
          while entries.count < expected.count, let entry = try reader.next() { entries.append(entry) }
          // Behind the last line the reader has to come to the end first.
          if place == journal.count - 1, try reader.next() != nil { XCTFail("a record behind the last one") }
          let skipped = lost(line, at: offset, now: damage, start: starts[place], number: place + 1)
          if entries != expected || reader.skipped != [skipped] {
            XCTFail("line \(place + 1), byte \(offset), now \(damage): \(entries.count) records, \(reader.skipped)")
          }
        }
        put(byte, at: starts[place] + offset)
      }
    }
    XCTAssertEqual(try bytes(path), journal.flatMap(\.self))
  }

  /// Without any one of its lines a journal holds every result of the others, with the fingerprint of each.
  func testEveryLineLost() throws {
    let journal = lines(1...20)
    let results = try journal.map(trial)
    for place in journal.indices {
      let index = try index(journal.indices.filter { $0 != place }.map { journal[$0] })
      let expected = journal.indices.filter { $0 != place }.compactMap { results[$0] }
      XCTAssertEqual(Set(index.trials.filter { index[$0]?.hasResult == true }), Set(expected), "line \(place + 1)")
      XCTAssertTrue(expected.allSatisfy { index[$0]?.fingerprint == numerics }, "line \(place + 1)")
      XCTAssertEqual(index.remarks, [], "line \(place + 1)")
    }
  }

  /// The whole journal from its first byte on, with what a user is told, at bytes all over it.
  func testBytesDamagedInTheWholeJournal() throws {
    let journal = lines(1...20)
    let results = try journal.map(trial)
    let starts = starts(journal)
    for (place, line) in journal.enumerated() {
      // The first bytes of each line, its line end, and one of every 97 between.
      let offsets = line.indices.filter { $0 < 3 || $0 == line.count - 1 || (starts[place] + $0) % 97 == 0 }
      for offset in offsets {
        for damage in damages(line[offset]) {
          var damaged = journal
          damaged[place][offset] = damage
          let index = try index(damaged)
          let isLineEnd = offset == line.count - 1
          XCTAssertEqual(
            Set(index.trials.filter { index[$0]?.hasResult == true }),
            Set(results.indices.filter { $0 != place || isLineEnd }.compactMap { results[$0] }),
            "line \(place + 1), byte \(offset)")
          let skipped = lost(line, at: offset, now: damage, start: starts[place], number: place + 1)
          XCTAssertEqual(index.remarks, ["\(path): skipped \(skipped)"], "line \(place + 1), byte \(offset)")
        }
      }
    }
  }

  /// The start of a run is lost, in a journal whose outcomes name no fingerprint of their own.
  func testALostStartLosesNoResult() throws {
    let first = lines(1...4, asBefore: true)
    let alone = try index(Array(first.dropFirst()))
    XCTAssertEqual(alone.resultCount, 4)
    XCTAssertEqual(alone["t3"]?.fingerprint, "unknown")
    XCTAssertEqual(alone.runs, [])
    XCTAssertEqual(alone.lastEpoch, 1)
    XCTAssertEqual(alone.lastEnd?.ending, .complete)
    XCTAssertEqual(
      alone.remarks,
      ["\(path): the start of a run is damaged or missing, so the numerics of 4 results are unknown"])
    // A second run follows, or comes before.
    for order in [
      [first.dropFirst() + [], lines(5...6, epoch: 2)],
      [lines(5...6), lines(1...4, epoch: 2, asBefore: true).dropFirst() + []],
    ] {
      let index = try index(order.flatMap(\.self))
      XCTAssertEqual(index.resultCount, 6)
      XCTAssertEqual(index.lastEpoch, 2)
      XCTAssertEqual(index.runs.count, 1)
      XCTAssertEqual(index["t1"]?.fingerprint, "unknown")
      XCTAssertEqual(index["t5"]?.fingerprint, numerics)
      XCTAssertEqual(index.fencedCount, 0)
    }
    // With the fingerprint in each outcome nothing is unknown.
    let named = try index(Array(lines(1...4).dropFirst()))
    XCTAssertEqual(named["t3"]?.fingerprint, numerics)
    XCTAssertEqual(named.remarks, [])
  }

  /// Lines in any order, of one run and of three, lose no result, and every result has its own run's fingerprint.
  func testShuffledLinesLoseNothing() throws {
    var generator = SystemRandomNumberGenerator()
    for runs in [
      [lines(1...16, asBefore: true)],
      [lines(1...6, asBefore: true), lines(7...12, epoch: 2), lines(13...16, epoch: 3)],
    ] {
      for _ in 0..<50 {
        let index = try index(runs.flatMap(\.self).shuffled(using: &generator))
        XCTAssertEqual(index.resultCount, 16)
        XCTAssertTrue(index.trials.allSatisfy { index[$0]?.fingerprint == numerics })
        XCTAssertEqual(index.runs.count, runs.count)
        XCTAssertEqual(index.lastEpoch, runs.count)
        XCTAssertEqual(index.skipped, [])
        XCTAssertEqual(index.mismatches, [])
      }
    }
  }

  /// A crash of an earlier attempt behind the result or behind a later crash changes neither.
  func testAttemptsOutOfOrder() throws {
    let crash = Outcome(status: .crashed, metric: .accuracy)
    let preempted = Outcome(status: .preempted, metric: .accuracy)
    try JournalWriter(path: path, epoch: 1).append([
      .runStart(Example.start), Example.record(1, attempt: 2, Example.outcome(correct: [9])),
      Example.record(1, attempt: 1, crash), Example.record(2, attempt: 2, preempted),
      Example.record(2, attempt: 1, crash), Example.handOut(2, attempt: 1),
    ])
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index["t1"]?.status, .completed)
    XCTAssertEqual(index["t2"]?.status, .preempted)
    XCTAssertEqual(index["t2"]?.lastAttempt, 2)
    XCTAssertEqual(index["t2"]?.failedAttemptCount, 1)
  }

  func testRemarksNameWhatIsIgnored() throws {
    let good = Example.outcome(correct: [9])
    let old = try JournalWriter(path: path, epoch: 1)
    try old.append([.runStart(Example.start), Example.record(1, good), Example.record(1, attempt: 2, good)])
    try JournalWriter(path: path, epoch: 2).append([.runStart(Example.start), Example.record(2, good)])
    try old.append([Example.handOut(3), Example.record(4, Outcome(status: .crashed, metric: .accuracy))])
    try old.append([Example.record(3, good), Example.record(2, Example.outcome(correct: [1]))])
    let whole = try bytes(path)
    try write([0x7B, 0x0A] + whole + [0x7B], to: path)
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index.resultCount, 3, "a late result of a trial that has no other counts")
    XCTAssertEqual(try index.record(of: "t2")?.outcome(), good)
    XCTAssertEqual(
      index.remarks,
      [
        "\(path): skipped 2 places that hold no record, 3 bytes in all, the first of them 2 bytes at offset 0 (line 1)",
        "\(path): ignored 3 records that a leader wrote after another had taken over",
        "\(path): ignored 1 second result of trials that have an equal one",
      ])
  }

  // MARK: - Results that were made under a fault

  private func injected(_ trial: Int, attempt: Int = 1) -> JournalRecord {
    var timing = Example.timing
    timing.fault = "nan"
    return .outcome(
      TrialRecord(trial: Example.name(trial), attempt: attempt, timing: timing, outcome: Example.diverged(after: [6])))
  }

  private func start(_ fault: String? = nil) -> JournalRecord {
    var start = Example.start
    start.fault = fault
    return .runStart(start)
  }

  func testAnInjectedResultCountsUntilARunWithoutTheFaultBegins() throws {
    let good = Example.outcome(correct: [9])
    try JournalWriter(path: path, epoch: 1).append([start("nan"), injected(1), injected(2), Example.record(3, good)])
    let index = try JournalIndex(path: path)
    XCTAssertEqual(index.runs.map(\.fault), ["nan"])
    XCTAssertEqual(index.resultCount, 3)
    XCTAssertEqual(index["t1"]?.status, .diverged)
    XCTAssertEqual(index["t1"]?.fault, "nan")
    XCTAssertEqual(
      index.remarks,
      [
        "\(path): 2 results were made under --inject nan; they are no results of the sweep, and 'seedsweep run' without "
          + "--inject trains their trials again"
      ])
    // A further run with the fault changes nothing.
    try JournalWriter(path: path, epoch: 2).append([start("nan")])
    try index.refresh()
    XCTAssertEqual(index.resultCount, 3)
    // One without it lets them count no more, also where it comes no further.
    let writer = try JournalWriter(path: path, epoch: 3)
    try writer.append([start(), Example.handOut(1, attempt: 2)])
    try index.refresh()
    XCTAssertEqual(index.resultCount, 1)
    XCTAssertNil(index["t1"]?.status)
    XCTAssertNil(try index.record(of: "t2"))
    XCTAssertEqual(index["t1"]?.lastAttempt, 2)
    XCTAssertEqual(index.remarks, [])
    try writer.append([
      Example.record(1, attempt: 2, good), Example.record(2, attempt: 2, Outcome(status: .crashed, metric: .accuracy)),
    ])
    for index in [index, try JournalIndex(path: path)] {
      try index.refresh()
      XCTAssertEqual(index.resultCount, 2)
      XCTAssertEqual(try index.record(of: "t1")?.outcome(), good)
      XCTAssertNil(index["t1"]?.fault)
      XCTAssertEqual(index["t2"]?.status, .crashed)
      XCTAssertEqual(index.mismatches, [])
      XCTAssertEqual(index.duplicateCount, 0)
    }
  }

  func testARunWithoutTheFaultDiscardsBeforeItBegins() throws {
    try JournalWriter(path: path, epoch: 1).append([start("nan"), injected(1), Example.record(3, Example.diverged())])
    let index = try JournalIndex(path: path)
    index.discardInjected()
    XCTAssertEqual(index.resultCount, 1)
    XCTAssertEqual(index["t1"]?.hasResult, false)
    XCTAssertEqual(index["t3"]?.hasResult, true, "a trial that diverged by itself has a result")
    XCTAssertEqual(index.remarks, [])
  }

  /// A true result is kept whatever order the lines have.
  func testATrueResultGoesBeforeAnInjectedOne() throws {
    let good = Example.outcome(correct: [9])
    let lines =
      [start("nan"), injected(1)].map { JournalLine(epoch: 1, record: $0).encoded() + [0x0A] }
      + [start(), Example.record(1, attempt: 2, good)].map { JournalLine(epoch: 2, record: $0).encoded() + [0x0A] }
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 0]] {
      let index = try index(order.map { lines[$0] })
      XCTAssertEqual(try index.record(of: "t1")?.outcome(), good, "\(order)")
      XCTAssertEqual(index.mismatches, [], "\(order)")
    }
  }
}
