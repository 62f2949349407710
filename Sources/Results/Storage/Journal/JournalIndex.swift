// What a journal says about each trial: whether it has a result and where that stands, how often it was handed out, and
// whether it was in flight when a leader died. Outcomes stay on disk and are read one at a time, so memory does not grow
// with curves. `refresh` reads on from where the last reading ended. What the journal lost and what does not count is put in
// words in `JournalIndex+Remarks`.

import Files
import Foundation
import JSON5
import Trials

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
  /// The fingerprint of a result that neither names its own nor has a start of its run in the journal.
  package static let unknownNumerics = "unknown"

  /// The journal.
  package let path: String
  /// The largest epoch of a record; 0 in an empty journal.
  package private(set) var lastEpoch = 0
  /// The last run's end, if it left in good order.
  package private(set) var lastEnd: RunEnd?
  /// Records of a leader after another had taken over: ignored.
  package private(set) var fencedCount = 0
  /// Second results equal to the first.
  package private(set) var duplicateCount = 0
  /// Second results that differ from the first.
  package private(set) var mismatches: [ResultMismatch] = []
  /// Second results with other numbers of programs that are not declared deterministic, which are no fault.
  package private(set) var differingCount = 0
  /// Bytes that hold no record.
  package private(set) var skipped: [SkippedBytes] = []
  private var histories: [TrialHistory] = []
  /// Where each trial's history stands.
  private var indices: [TrialKey: Int32] = [:]
  /// The starts of runs by their epochs. A run whose start is damaged has none.
  private var starts: [Int: RunStart] = [:]
  /// The epoch of the last run that injected no fault into outcomes. It trains again what earlier runs made under one.
  private var lastTrueEpoch = 0
  /// The indices of the trials that the last leader handed to rank 0, in that order. Those that ended since are removed with the next one.
  private var ledTrials: [Int] = []
  /// Whether no outcome that was made under a fault counts, whatever runs follow it.
  private var discardsInjected = false
  /// One copy of each fingerprint.
  private var fingerprints: Set<String> = []
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
  /// - Parameter note: Called with the trial of each outcome that was read.
  /// - Throws: `FileError`.
  package func refresh(noting note: (String) -> Void = { _ in }) throws {
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
      if case .outcome(let record) = entry.record { note(record.trial) }
    }
    skipped += reader.skipped
  }

  /// Whether the journal was removed, cut or replaced by another file since it was read, so that it must be read anew.
  package var isReplaced: Bool {
    guard let file else { return false }
    return !file.isFile(at: path) || ((try? file.size()) ?? 0) < position.offset
  }

  /// The starts of runs, by epoch.
  package var runs: [RunStart] { starts.sorted { $0.key < $1.key }.map(\.value) }

  /// The number of trials the journal mentions.
  package var trialCount: Int { histories.count }

  /// The number of trials with a result.
  package var resultCount: Int { histories.count { $0.hasResult && !isDiscarded($0) } }

  /// The faults of `--inject` that changed results which count, with the number of those results.
  package var injectedCounts: [String: Int] {
    histories.reduce(into: [:]) { counts, history in
      if let fault = history.fault, history.hasResult, !isDiscarded(history) { counts[fault, default: 0] += 1 }
    }
  }

  /// The number of results that name no numerics fingerprint and whose run's start is lost.
  package var unknownNumericsCount: Int {
    histories.count {
      $0.hasResult && !isDiscarded($0)
        && ($0.fingerprint ?? starts[$0.statusEpoch]?.fingerprint ?? Self.unknownNumerics) == Self.unknownNumerics
    }
  }

  /// The number of results whose run's start is lost, so that nobody knows when they were made.
  package var unknownStartCount: Int {
    histories.count { $0.hasResult && !isDiscarded($0) && starts[$0.statusEpoch] == nil }
  }

  /// Lets no outcome count that was made under a fault of `--inject`: a run that injects none trains those trials again.
  package func discardInjected() { discardsInjected = true }

  /// What happened to a trial; nil where the journal does not mention it.
  package subscript(trial: String) -> TrialHistory? {
    guard let index = indices[TrialKey(trial)] else { return nil }
    var history = histories[Int(index)]
    if isDiscarded(history) { history = history.withoutOutcome }
    guard history.status != nil else { return history }
    // A start may stand behind the records of its run where lines were sorted or copied together.
    let start = starts[history.statusEpoch]
    history.fingerprint = history.fingerprint ?? start?.fingerprint ?? Self.unknownNumerics
    history.keepsWeights = start?.keepsWeights ?? false
    return history
  }

  /// The trial that rank 0 was at when the leader of an epoch died, which may have died of it. Nil where that leader ended by itself or in
  /// the middle of a write, where another one has begun a run since, and where the run of that leader wrote a checkpoint of the trial, from
  /// which the next run goes on.
  package func trial(atDeathOf epoch: Int, in folder: RunFolder) -> String? {
    guard epoch == lastEpoch, lastEnd == nil, !skipped.contains(where: { $0.offset >= position.offset }),
      let index = ledTrials.first(where: { histories[$0].openRank == 0 && !histories[$0].hasResult }),
      let trial = indices.first(where: { $0.value == index })?.key.trial
    else { return nil }
    // Both times are those of the folder's file system. A run writes sweep.json when it begins.
    func writing(of path: String) -> Date? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    guard let start = writing(of: folder.sweep), let kept = writing(of: folder.checkpoint(ofTrial: trial)) else {
      return trial
    }
    return kept > start ? nil : trial
  }

  /// The trials the journal mentions, sorted.
  package var trials: [String] { indices.keys.map(\.trial).sorted() }

  /// The record of a trial's result, or else of its last attempt that ended, read from the disk; nil where none ended.
  ///
  /// - Throws: `FileError`; `CodecError` for a line that changed since it was indexed.
  package func record(of trial: String) throws -> TrialRecord? { try self[trial].flatMap(record) }

  private func record(of history: TrialHistory) throws -> TrialRecord? { try line(of: history)?.record() }

  /// The record of a trial's result, or else of where a rule stopped it, read from the disk; nil where it has neither.
  ///
  /// - Throws: `FileError`; `CodecError` for a line that changed since it was indexed.
  package func curves(of trial: String) throws -> TrialRecord? {
    guard let history = self[trial] else { return nil }
    return try curveLine(of: history)?.record()
  }

  /// The line of a trial's result, or else of where a rule stopped it, read from the disk; nil where it has neither.
  ///
  /// - Throws: `FileError`.
  package func curveLine(of history: TrialHistory) throws -> IndexedLine? {
    try line(at: history.hasResult ? history.location : history.stopLocation)
  }

  /// The line of a trial's result, or else of its last attempt that ended, read from the disk; nil where none ended.
  ///
  /// - Throws: `FileError`.
  package func line(of history: TrialHistory) throws -> IndexedLine? { try line(at: history.location) }

  private func line(at location: TrialHistory.Location?) throws -> IndexedLine? {
    guard let location, let file else { return nil }
    let bytes = try file.read(at: location.offset, count: location.byteCount)
    return IndexedLine(bytes: bytes, path: path, offset: location.offset)
  }

  /// The index of a trial's history, a new one for a trial not mentioned before.
  private func index(of trial: String) -> Int {
    let key = TrialKey(trial)
    if let index = indices[key] { return Int(index) }
    indices[key] = Int32(histories.count)
    histories.append(TrialHistory())
    return histories.count - 1
  }

  private func isDiscarded(_ history: TrialHistory) -> Bool {
    history.fault != nil && (discardsInjected || history.statusEpoch < lastTrueEpoch)
  }

  private func add(_ entry: JournalEntry) {
    let isLate = entry.epoch < lastEpoch
    if entry.epoch > lastEpoch {
      // Any record of a leader proves that it took over, also where the start of its run is damaged.
      lastEpoch = entry.epoch
      lastEnd = nil
      ledTrials = []
    }
    switch entry.record {
    case .runStart(let start): add(start, epoch: entry.epoch, isLate: isLate)
    case .outcome(let record): add(record, entry, isLate: isLate)
    case .handOut, .returned, .runEnd:
      // After a takeover only a result says something that its trial alone decides.
      if isLate { fencedCount += 1 } else { addInTime(entry) }
    }
  }

  private func addInTime(_ entry: JournalEntry) {
    switch entry.record {
    case .handOut(let handOut): add(handOut, epoch: entry.epoch)
    case .returned(let handOut): takeBack(handOut)
    case .runEnd(let end): lastEnd = end
    case .runStart, .outcome: break
    }
  }

  private func add(_ start: RunStart, epoch: Int, isLate: Bool) {
    guard starts[epoch] == nil else {
      // A start that was written twice, after a failed append, is one run.
      if isLate { fencedCount += 1 }
      return
    }
    starts[epoch] = start
    if start.fault == nil { lastTrueEpoch = max(lastTrueEpoch, epoch) }
  }

  private func add(_ handOut: HandOutRecord, epoch: Int) {
    let index = index(of: handOut.trial)
    // Equal attempts are one hand-out, written twice after a failed append.
    guard handOut.attempt > histories[index].lastAttempt else { return }
    if handOut.rank == 0 {
      ledTrials.removeAll { $0 == index || histories[$0].openRank != 0 }
      ledTrials.append(index)
    }
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

  private func add(_ record: TrialRecord, _ entry: JournalEntry, isLate: Bool) {
    guard !isLate || record.status.isResult else {
      fencedCount += 1
      return
    }
    let index = index(of: record.trial)
    let history = histories[index]
    guard history.hasResult, let first = history.location else {
      // An equal end of the same attempt was written twice after a failed append.
      if record.attempt == history.endedAttempt, isEqual(record, to: history) { return }
      return note(record, entry, isLate: isLate, in: &histories[index])
    }
    switch replacement(of: history, by: record, epoch: entry.epoch, isLate: isLate) {
    case .replaces:
      if history.isLate { fencedCount += 1 }
      note(record, entry, isLate: isLate, in: &histories[index])
    case .isIgnored: if isLate { fencedCount += 1 }
    case .isCompared where isEqual(record, to: history): duplicateCount += 1
    case .isCompared where record.mayDiffer: differingCount += 1
    case .isCompared:
      mismatches.append(
        ResultMismatch(trial: record.trial, paths: [path, path], offsets: [first.offset, entry.offset]))
    }
  }

  /// What a further record of a trial means beside its result.
  private enum Replacement { case replaces, isIgnored, isCompared }

  /// A true result goes before one that was made under a fault, and among those one in time before a late one.
  private func replacement(
    of history: TrialHistory, by record: TrialRecord, epoch: Int, isLate: Bool
  ) -> Replacement {
    let isLaterRun = history.fault != nil && !isLate && epoch > history.statusEpoch
    guard record.status.isResult else { return isLaterRun ? .replaces : .isIgnored }
    func rank(_ fault: String?, _ isLate: Bool) -> Int { (fault == nil ? 2 : 0) + (isLate ? 0 : 1) }
    let (known, new) = (rank(history.fault, history.isLate), rank(record.timing.fault, isLate))
    if new > known || (record.timing.fault != nil && isLaterRun) { return .replaces }
    return new < known ? .isIgnored : .isCompared
  }

  /// Whether a record has the outcome of an earlier one, which is read from the disk: that is rare, and costs less than to
  /// remember something of every outcome.
  private func isEqual(_ record: TrialRecord, to history: TrialHistory) -> Bool {
    (try? self.record(of: history))?.outcomeJSON == record.outcomeJSON
  }

  private func note(_ record: TrialRecord, _ entry: JournalEntry, isLate: Bool, in history: inout TrialHistory) {
    if record.attempt >= history.lastAttempt { history.openRank = nil }
    history.lastAttempt = max(history.lastAttempt, record.attempt)
    // A merged journal holds no hand-outs.
    if history.attemptCount == 0 { history.attemptCount = record.attempt }
    if record.status.isFailedAttempt { history.failedAttemptCount += 1 }
    let location = TrialHistory.Location(offset: entry.offset, byteCount: entry.byteCount)
    // A later run judges anew what an injected fault stopped.
    if record.status == .stopped, record.timing.fault == nil { history.stopLocation = location }
    // An earlier attempt that stands behind a later one counts, and the later one says how the trial stands.
    guard record.status.isResult || record.attempt >= history.endedAttempt else { return }
    history.endedAttempt = record.attempt
    history.status = record.status
    history.statusEpoch = entry.epoch
    history.isLate = isLate
    history.fault = record.timing.fault
    history.fingerprint = record.fingerprint.map { fingerprints.insert($0).memberAfterInsert }
    history.location = location
  }
}

/// A line of a journal that holds an outcome: bytes that any thread may decode.
package struct IndexedLine: Sendable {
  fileprivate let bytes: [UInt8]
  /// The journal.
  package let path: String
  fileprivate let offset: Int

  /// The record of the line.
  ///
  /// - Throws: `CodecError` for a line that changed since it was indexed.
  package func record() throws -> TrialRecord {
    guard let header = JournalLine.header(bytes[...]), header.lineByteCount == bytes.count,
      case .outcome(let record) = try JournalLine(body: bytes[header.byteCount..<bytes.count - 1]).record
    else { throw CodecError("\(path) at byte \(offset): the journal changed while it was read") }
    return record
  }
}
