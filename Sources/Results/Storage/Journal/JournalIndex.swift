// What a journal says about each trial: whether it has a result and where that stands, how often it was handed out, and
// whether it was in flight when a leader died. Outcomes stay on disk and are read one at a time, so memory does not grow
// with curves. `refresh` reads on from where the last reading ended.

import Files
import Foundation
import JSON5
import Trials

/// One trial's history in a journal.
package struct TrialHistory: Equatable, Sendable {
  /// Where an outcome's line stands.
  struct Location: Equatable, Sendable {
    var offset: Int
    var byteCount: Int
  }

  /// The status of the result, or else of the last attempt that ended; nil where none did.
  package internal(set) var status: TrialStatus?
  /// The number of the last attempt, 0 before the first; the next is one more.
  package internal(set) var lastAttempt = 0
  /// Attempts that began, or may have.
  package internal(set) var attemptCount = 0
  /// Attempts that a leader saw end without a result, preempted ones left out: what a cap on retries counts.
  package internal(set) var failedAttemptCount = 0
  /// The rank of the last hand-out, if nothing was heard of it since.
  package internal(set) var openRank: Int?
  /// The epoch of the last hand-out.
  package internal(set) var lastEpoch = 0
  /// The numerics fingerprint of the rank that `status` is of: its own, or else its leader's.
  package internal(set) var fingerprint: String?
  /// Whether the run that `status` is of kept the weights of its trials.
  package internal(set) var keepsWeights = false
  var location: Location?
  var endedAttempt = 0

  /// Whether the trial has a result.
  package var hasResult: Bool { status?.isResult ?? false }
}

/// Two results of one trial that are not equal, though a trial is a pure function of its inputs.
package struct ResultMismatch: Equatable, Sendable, CustomStringConvertible {
  /// The trial.
  package var trial: String
  /// The journal of the result that counts and of the other one.
  package var paths: [String]
  /// Where the lines start.
  package var offsets: [Int]

  /// "trial 0123456789abcdef has two different results: a/journal.jsonl at byte 12 (kept) and b/journal.jsonl at byte 99".
  package var description: String {
    "trial \(trial) has two different results: \(paths[0]) at byte \(offsets[0]) (kept) and \(paths[1]) at byte \(offsets[1])"
  }
}

/// What tells a trial from others, in little memory.
private enum TrialKey: Hashable {
  /// A plan's identifiers are hashes.
  case hash(ContentHash)
  /// Anything else that a journal may hold.
  case text(String)

  init(_ trial: String) { self = ContentHash(hexadecimal: trial).map(TrialKey.hash) ?? .text(trial) }

  var trial: String {
    switch self {
    case .hash(let hash): hash.hexadecimal
    case .text(let text): text
    }
  }
}

/// What a journal says about each trial.
package final class JournalIndex {
  /// The journal.
  package let path: String
  /// The largest epoch of a run's start; 0 in an empty journal.
  package private(set) var lastEpoch = 0
  /// The starts of runs, in order.
  package private(set) var runs: [RunStart] = []
  /// The last run's end, if it left in good order.
  package private(set) var lastEnd: RunEnd?
  /// Records of a leader after another had taken over: ignored.
  package private(set) var fencedCount = 0
  /// Second results equal to the first.
  package private(set) var duplicateCount = 0
  /// Second results that differ from the first.
  package private(set) var mismatches: [ResultMismatch] = []
  /// Bytes that hold no record.
  package private(set) var skipped: [SkippedBytes] = []
  private var histories: [TrialHistory] = []
  /// Where each trial's history stands.
  private var indices: [TrialKey: Int32] = [:]
  /// The end of the last record, where `refresh` reads on.
  private var position = (offset: 0, line: 1)
  private var file: RawFile?

  /// Reads a journal; a missing one is empty.
  ///
  /// - Throws: `FileError`.
  package init(path: String) throws {
    self.path = path
    try refresh()
  }

  /// Reads the records that were appended since the last reading.
  ///
  /// - Throws: `FileError`.
  package func refresh() throws {
    if file == nil {
      do { file = try RawFile(path: path, flags: O_RDONLY) } catch let error as FileError where error.code == ENOENT {
        return
      }
    }
    var reader = try JournalReader(path: path, offset: position.offset, line: position.line)
    skipped.removeAll { $0.offset >= position.offset }
    while let entry = try reader.next() {
      add(entry)
      position = reader.position
    }
    skipped += reader.skipped
  }

  /// The number of trials the journal mentions.
  package var trialCount: Int { histories.count }

  /// The number of trials with a result.
  package var resultCount: Int { histories.count(where: \.hasResult) }

  /// What happened to a trial; nil where the journal does not mention it.
  package subscript(trial: String) -> TrialHistory? { indices[TrialKey(trial)].map { histories[Int($0)] } }

  /// The trials the journal mentions, sorted.
  package var trials: [String] { indices.keys.map(\.trial).sorted() }

  /// The record of a trial's result, or else of its last attempt that ended, read from the disk; nil where none ended.
  ///
  /// - Throws: `FileError`; `CodecError` for a line that changed since it was indexed.
  package func record(of trial: String) throws -> TrialRecord? { try self[trial].flatMap(record) }

  private func record(of history: TrialHistory) throws -> TrialRecord? {
    guard let location = history.location, let file else { return nil }
    let bytes = try file.read(at: location.offset, count: location.byteCount)
    guard let header = JournalLine.header(bytes[...]), header.lineByteCount == bytes.count,
      case .outcome(let record) = try JournalLine(body: bytes[header.byteCount..<bytes.count - 1]).record
    else { throw CodecError("\(path) at byte \(location.offset): the journal changed while it was read") }
    return record
  }

  /// The index of a trial's history, a new one for a trial not mentioned before.
  private func index(of trial: String) -> Int {
    let key = TrialKey(trial)
    if let index = indices[key] { return Int(index) }
    indices[key] = Int32(histories.count)
    histories.append(TrialHistory())
    return histories.count - 1
  }

  private func add(_ entry: JournalEntry) {
    if case .runStart(let start) = entry.record {
      guard entry.epoch >= lastEpoch else {
        fencedCount += 1
        return
      }
      // A start that was written twice, after a failed append, is one run.
      if entry.epoch > lastEpoch { runs.append(start) }
      lastEpoch = entry.epoch
      lastEnd = nil
      return
    }
    guard entry.epoch == lastEpoch else {
      fencedCount += 1
      return
    }
    switch entry.record {
    case .runStart: break
    case .handOut(let handOut): add(handOut, epoch: entry.epoch)
    case .returned(let handOut): takeBack(handOut)
    case .outcome(let record): add(record, entry)
    case .runEnd(let end): lastEnd = end
    }
  }

  private func add(_ handOut: HandOutRecord, epoch: Int) {
    let index = index(of: handOut.trial)
    // Equal attempts are one hand-out, written twice after a failed append.
    guard handOut.attempt > histories[index].lastAttempt else { return }
    histories[index].lastAttempt = handOut.attempt
    histories[index].attemptCount += 1
    histories[index].lastEpoch = epoch
    histories[index].openRank = handOut.rank
  }

  private func takeBack(_ handOut: HandOutRecord) {
    guard let index = indices[TrialKey(handOut.trial)].map(Int.init), histories[index].openRank != nil,
      handOut.attempt == histories[index].lastAttempt
    else { return }
    histories[index].openRank = nil
    histories[index].attemptCount -= 1
  }

  private func add(_ record: TrialRecord, _ entry: JournalEntry) {
    let index = index(of: record.trial)
    let history = histories[index]
    if history.hasResult, let first = history.location {
      guard record.status.isResult else { return }
      if isEqual(record, to: history) {
        duplicateCount += 1
      } else {
        mismatches.append(
          ResultMismatch(trial: record.trial, paths: [path, path], offsets: [first.offset, entry.offset]))
      }
      return
    }
    // An equal end of the same attempt was written twice after a failed append.
    if record.attempt == history.endedAttempt, isEqual(record, to: history) { return }
    note(record, at: TrialHistory.Location(offset: entry.offset, byteCount: entry.byteCount), in: &histories[index])
  }

  /// Whether a record has the outcome of an earlier one, which is read from the disk: that is rare, and costs less than to
  /// remember something of every outcome.
  private func isEqual(_ record: TrialRecord, to history: TrialHistory) -> Bool {
    (try? self.record(of: history))?.outcomeJSON == record.outcomeJSON
  }

  private func note(_ record: TrialRecord, at location: TrialHistory.Location, in history: inout TrialHistory) {
    if record.attempt >= history.lastAttempt { history.openRank = nil }
    history.lastAttempt = max(history.lastAttempt, record.attempt)
    // A merged journal holds no hand-outs.
    if history.attemptCount == 0 { history.attemptCount = record.attempt }
    history.endedAttempt = record.attempt
    history.status = record.status
    history.fingerprint = record.fingerprint ?? runs.last?.fingerprint
    history.keepsWeights = runs.last?.keepsWeights ?? false
    history.location = location
    if !record.status.isResult && record.status != .preempted { history.failedAttemptCount += 1 }
  }
}
