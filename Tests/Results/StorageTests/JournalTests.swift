// The journal survives everything that kills, parallel file systems and full disks do to it.

import Digests
import Foundation
import JSON5
import ResultsSupport
import Trials
import XCTest

@testable import Storage

final class JournalTests: FolderTestCase {
  private var path: String { folder + "/journal.jsonl" }

  private let records: [JournalRecord] = [
    .runStart(Example.start), Example.handOut(1), Example.handOut(2, rank: 0),
    Example.record(1, Example.outcome(correct: [6, 9])), Example.record(2, Example.diverged(after: [7])),
    .returned(HandOutRecord(trial: "t3", attempt: 1, rank: 1, host: "node01")),
    .runEnd(RunEnd(time: 1_700_000_100, ending: .complete)),
    .runStart(
      RunStart(time: 1_700_000_200, planDigest: "d", version: "0.1", fingerprint: "f", rankCount: 1, keepsWeights: true)
    ),
  ]

  private func read() throws -> (entries: [JournalEntry], skipped: [SkippedBytes]) {
    var reader = try JournalReader(path: path)
    var entries: [JournalEntry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return (entries, reader.skipped)
  }

  func testRecordsReadBackAsWritten() throws {
    try JournalWriter(path: path, epoch: 3).append(records)
    let (entries, skipped) = try read()
    XCTAssertEqual(entries.map(\.record), records)
    XCTAssertEqual(entries.map(\.epoch), Array(repeating: 3, count: records.count))
    XCTAssertEqual(skipped, [])
    guard case .outcome(let record) = entries[4].record else { return XCTFail("no outcome") }
    let outcome = try record.outcome()
    XCTAssertEqual(outcome.status, .diverged)
    XCTAssertTrue(outcome.trainLossFinal?.isNaN ?? false)
  }

  /// The exact text, so that a journal stays readable by other tools: `"crc"` is what Python's
  /// `zlib.crc32` gives for the 88 bytes from `"epoch"` to the brace that closes the record.
  func testLineText() throws {
    try JournalWriter(path: path, epoch: 2).append([Example.handOut(7, attempt: 3)])
    XCTAssertEqual(
      try contents(path),
      #"{"crc":"4eb3c79f","bytes":88,"epoch":2,"kind":"hand_out","record":{"trial":"t7","attempt":3,"rank":1,"host":"node01"}}"#
        + "\n")
  }

  /// Whatever byte a kill stopped at, the records before it are read, and the next run's records all are.
  func testCutAtEveryByte() throws {
    let writer = try JournalWriter(path: path, epoch: 1)
    try writer.append(records)
    let whole = try bytes(path)
    let ends = whole.indices.filter { whole[$0] == 0x0A }
    for cut in 0...whole.count {
      try write(whole[..<cut], to: path)
      // A record is whole once its closing brace is there, line end or not.
      let wholeCount = ends.count { $0 <= cut }
      XCTAssertEqual(try read().entries.map(\.record), Array(records.prefix(wholeCount)), "cut at \(cut)")
      try JournalWriter(path: path, epoch: 2).append([Example.handOut(9)])
      let (entries, skipped) = try read()
      XCTAssertEqual(entries.map(\.record), Array(records.prefix(wholeCount)) + [Example.handOut(9)], "cut at \(cut)")
      let covered = entries.reduce(0) { $0 + $1.byteCount } + skipped.reduce(0) { $0 + $1.byteCount }
      let size = try bytes(path).count
      XCTAssertTrue(
        (size - entries.count - 2...size).contains(covered), "cut at \(cut): all but line ends is accounted for")
    }
  }

  func testZeroedBlockLosesOnlyTheRecordsItTouches() throws {
    try JournalWriter(path: path, epoch: 1).append(records)
    let whole = try bytes(path)
    let starts = [0] + whole.indices.filter { whole[$0] == 0x0A }.map { $0 + 1 }
    for start in stride(from: 0, to: whole.count - 64, by: 37) {
      var damaged = whole
      damaged.replaceSubrange(start..<start + 64, with: Array(repeating: 0, count: 64))
      try write(damaged, to: path)
      let expected = records.indices.filter { place in
        starts[place + 1] - 1 <= start || starts[place] >= start + 64
      }
      let (entries, skipped) = try read()
      XCTAssertEqual(entries.map(\.record), expected.map { records[$0] }, "zeros from \(start)")
      XCTAssertFalse(skipped.isEmpty)
    }
  }

  func testForeignBytesBetweenRecords() throws {
    try JournalWriter(path: path, epoch: 1).append(Array(records.prefix(1)))
    let line = try bytes(path)
    let garbage = Array(#"{"crc":"0123abcd","bytes":999999,"epoch" and {"crc":"#.utf8) + [0xFF, 0, 0x0A, 0x0A, 0x7B]
    try write(garbage + line.dropLast() + [0, 0] + line + garbage, to: path)
    let (entries, skipped) = try read()
    XCTAssertEqual(entries.map(\.record), [records[0], records[0]])
    XCTAssertEqual(entries[0].offset, garbage.count)
    XCTAssertEqual(
      skipped,
      [
        SkippedBytes(offset: 0, byteCount: garbage.count, line: 1),
        SkippedBytes(offset: garbage.count + line.count - 1, byteCount: 2, line: 3),
        SkippedBytes(offset: garbage.count + 2 * line.count + 1, byteCount: garbage.count, line: 4),
      ])
    XCTAssertEqual(skipped[1].description, "2 bytes at offset \(garbage.count + line.count - 1) (line 3)")
  }

  /// A record of a kind that a later version may write has a valid checksum and is named.
  func testUnknownKindIsSkippedByName() throws {
    try JournalWriter(path: path, epoch: 1).append([Example.handOut(1)])
    let line = try contents(path).replacingOccurrences(of: "hand_out", with: "handshak")
    let body = line.dropFirst(line.distance(from: line.startIndex, to: line.range(of: #""epoch""#)!.lowerBound))
      .dropLast(2)
    let sum = Array(body.utf8).withUnsafeBytes { JournalLine.hexadecimal(CRC32.checksum($0)) }
    try write(Array("{\"crc\":\"".utf8) + sum + Array(line.utf8.dropFirst(16)), to: path)
    let (entries, skipped) = try read()
    XCTAssertEqual(entries, [])
    XCTAssertEqual(
      skipped.map(\.description),
      ["\(line.utf8.count - 1) bytes at offset 0 (line 1): kind: there is no record of kind \"handshak\""])
  }

  /// Lines larger than the piece that is read at once, with garbage larger than it between them.
  func testLongLinesAndLongGarbage() throws {
    var outcome = Example.outcome(correct: [9])
    outcome.message = String(repeating: "long \"message\" ", count: 200_000)
    let record = Example.record(1, outcome)
    let writer = try JournalWriter(path: path, epoch: 1)
    try writer.append([record])
    let line = try bytes(path)
    try write(line + Array(repeating: 0, count: 3_000_001) + [0x0A] + line, to: path)
    let (entries, skipped) = try read()
    XCTAssertEqual(entries.map(\.record), [record, record])
    XCTAssertEqual(skipped.map(\.offset), [line.count])
    XCTAssertEqual(skipped.map(\.byteCount), [3_000_002], "the zeros and the line end after them")
  }

  /// A line that a kill cut where the reader takes up its second piece of the file.
  func testLineCutBehindTheFirstPiece() throws {
    let writer = try JournalWriter(path: path, epoch: 4)
    var outcome = Example.outcome(correct: [9])
    outcome.message = String(repeating: "x", count: 10_000)
    let line = JournalLine(epoch: 4, record: Example.record(1, outcome)).encoded().count + 1
    try writer.append((0...(1 << 20) / line).map { _ in Example.record(1, outcome) })
    let whole = try bytes(path)
    let count = (1 << 20) / line
    XCTAssertGreaterThan(whole.count, 1 << 20)
    for cut in [1, 2, 50, whole.count - (1 << 20) - 3] {
      try write(whole[..<((1 << 20) + cut)], to: path)
      let (entries, skipped) = try read()
      XCTAssertEqual(entries.count, count)
      XCTAssertEqual(skipped.map(\.offset), [count * line])
      XCTAssertEqual(skipped.map(\.byteCount), [(1 << 20) + cut - count * line])
      XCTAssertEqual(try JournalReader.lastEpoch(path: path), 4)
    }
  }

  func testFullDiskIsNamed() throws {
    let writer = try JournalWriter(path: "/dev/full", epoch: 1)
    XCTAssertThrowsError(try writer.append([Example.handOut(1)])) {
      XCTAssertEqual("\($0)", "cannot write to /dev/full: No space left on device (error 28)")
    }
  }

  func testUnwritablePlaceIsNamed() throws {
    XCTAssertThrowsError(try JournalWriter(path: folder + "/missing/journal.jsonl", epoch: 1)) {
      XCTAssertEqual("\($0)", "cannot create \(folder)/missing/journal.jsonl: No such file or directory (error 2)")
    }
    XCTAssertThrowsError(try JournalWriter(path: folder, epoch: 1)) {
      XCTAssertEqual("\($0)", "cannot create \(folder): Is a directory (error 21)")
    }
  }

  /// A write that stops in the middle, as on a full disk: the records are kept, go out later, and hurt no other.
  func testPartialAppendIsRepaired() throws {
    let writer = try JournalWriter(path: path, epoch: 1)
    try writer.append(Array(records[0...1]))
    let limit = try bytes(path).count + 70
    try withFileSizeLimit(limit) {
      XCTAssertThrowsError(try writer.append([records[2]])) {
        XCTAssertEqual(
          "\($0)",
          "cannot write to \(path): File too large (error 27): a file may hold at most \(limit) bytes here (ulimit -f); "
            + "type `ulimit -f unlimited` and the same command again")
      }
      XCTAssertThrowsError(try writer.append([records[3]]))
    }
    try writer.append([records[4]])
    let (entries, skipped) = try read()
    XCTAssertEqual(entries.map(\.record), Array(records[0...4]))
    XCTAssertEqual(skipped.count, 1)
    try writer.commit()
    XCTAssertEqual(try read().entries.count, 5, "nothing is pending")
  }

  /// A line around a body of any kind, its count and checksum in order.
  private func line(_ body: String) -> [UInt8] {
    let sum = Array(body.utf8).withUnsafeBytes { JournalLine.hexadecimal(CRC32.checksum($0)) }
    return JournalLine.marker + sum + Array("\",\"bytes\":\(body.utf8.count),\(body)}\n".utf8)
  }

  /// Numbers that cannot be counted on from, and names that lead out of the folder, behind a checksum that holds.
  func testImpossibleNumbersAndNamesAreSkippedByName() throws {
    func handOut(_ epoch: String, _ trial: String, _ attempt: String) -> String {
      "\"epoch\":\(epoch),\"kind\":\"hand_out\",\"record\":{\"trial\":\(JSONWriter.quoted(trial)),"
        + "\"attempt\":\(attempt),\"rank\":1,\"host\":\"a\"}"
    }
    let bound = "expected an integer from 0 to 2147483647, found an integer"
    let name = "trial: expected 1 to 64 letters, digits, - and _, found a string"
    for (body, problem) in [
      (handOut("9223372036854775807", "t1", "1"), "epoch: " + bound), (handOut("-1", "t1", "1"), "epoch: " + bound),
      (handOut("1", "t1", "9223372036854775807"), "attempt: " + bound), (handOut("1", "../../t1", "1"), name),
      (handOut("1", "t1/..", "1"), name), (handOut("1", "..", "1"), name), (handOut("1", "", "1"), name),
      (handOut("1", "a\0", "1"), name), (handOut("1", String(repeating: "a", count: 65), "1"), name),
    ] {
      try write(line(handOut("1", "t1", "1")) + line(body), to: path)
      let (entries, skipped) = try read()
      XCTAssertEqual(entries.count, 1)
      XCTAssertEqual(skipped.map(\.reason), [problem], body)
      let index = try JournalIndex(path: path)
      XCTAssertEqual(index.trials, ["t1"])
    }
  }

  /// Megabytes that claim a record at every few bytes, each as long as the rest, on one line and on many: time grows with the
  /// bytes, not with their square.
  func testManyClaimsOfLongRecordsTakeNoLonger() throws {
    let claim = Array(#"{"crc":"00000000","bytes":1000000000,"#.utf8)
    let claims = Array(repeatElement(claim, count: 200_000).joined())
    for file in [claims, claims + [0x0A], claims + Array(repeating: 0x20, count: 1 << 20) + [0x0A]] {
      try write(file + line("x"), to: path)
      let start = Date()
      let (entries, skipped) = try read()
      XCTAssertLessThan(Date().timeIntervalSince(start), 20)
      XCTAssertEqual(entries, [])
      XCTAssertGreaterThanOrEqual(skipped.reduce(0) { $0 + $1.byteCount }, file.count)
    }
  }

  /// A journal that is cut after it was indexed: an error when a record is asked for, and the rest of it still there.
  func testAJournalCutWhileInUse() throws {
    try JournalWriter(path: path, epoch: 1).append(records)
    let index = try JournalIndex(path: path)
    XCTAssertNotNil(try index.record(of: "t2"))
    let place = try XCTUnwrap(index["t2"]?.location)
    truncate(path, off_t(place.offset + place.byteCount / 2))
    XCTAssertThrowsError(try index.record(of: "t2")) {
      XCTAssertEqual("\($0)", "\(path) at byte \(place.offset): the journal changed while it was read")
    }
    XCTAssertNotNil(try index.record(of: "t1"))
    XCTAssertNoThrow(try index.refresh())
  }
}
