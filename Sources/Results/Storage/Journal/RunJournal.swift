// One run's part of a journal: what a leader hands out and gets back becomes records, a group of them is appended and
// synced at once. It counts attempts over all runs and knows jobs only by their numbers and their trials' identifiers;
// messages, tables and what the user sees are its caller's.

import Trials

/// What happened to a trial, as the rank that had it says.
package struct TrialAnswer: Sendable {
  /// The outcome, a pure function of the trial.
  package let outcome: Outcome
  /// How long the trial took and where.
  package let timing: TrialTiming
  /// The outcome as `Outcome.encodedJSON()` gives it.
  let outcomeJSON: String

  package init(outcome: Outcome, timing: TrialTiming) {
    self.outcome = outcome
    self.timing = timing
    outcomeJSON = outcome.encodedJSON()
  }

  /// The answer that a rank's bytes hold: `Outcome.encodedJSON()` and `TrialTiming.encodedJSON()`.
  ///
  /// The outcome's text is made anew instead of kept: a line of the journal must be readable whatever a rank sent (line ends and
  /// comments are valid JSON5), and two results of a trial are equal where their texts are.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(result: [UInt8], remark: [UInt8]) throws {
    self.init(
      outcome: try Outcome(json: String(decoding: result, as: UTF8.self)),
      timing: try TrialTiming(json: String(decoding: remark, as: UTF8.self)))
  }
}

/// Journals one run.
package final class RunJournal {
  private let path: String
  private let epoch: Int
  private let identifier: (Int) -> String
  /// The number of each job's last attempt, over all runs.
  private var attempts: [Int]
  private let fingerprint: String
  private var writer: JournalWriter?
  private let fault: (() -> WriteFault?)?
  private var group: [JournalRecord] = []

  /// The journal of a run that has not begun; nothing is written before it does.
  ///
  /// - Parameters:
  ///   - path: The journal.
  ///   - epoch: Larger than every epoch in the journal.
  ///   - fingerprint: The leader's numerics fingerprint.
  ///   - attempts: The number of each job's last attempt, 0 for a job that was never handed out.
  ///   - fault: Makes writes go wrong on purpose; see `JournalWriter.fault`.
  ///   - identifier: The identifier of a job's trial.
  package init(
    path: String, epoch: Int, fingerprint: String, attempts: [Int], fault: (() -> WriteFault?)? = nil,
    identifier: @escaping (Int) -> String
  ) {
    self.path = path
    self.epoch = epoch
    self.fingerprint = fingerprint
    self.attempts = attempts
    self.identifier = identifier
    self.fault = fault
  }

  /// Whether the run's start is in the journal.
  package var hasBegun: Bool { writer != nil }

  /// Writes the run's start, before any other record; groups may be gathered earlier.
  ///
  /// `prepare` runs once the file exists and before its first record: a folder of results is known by its journal, so that
  /// is there before other files are.
  ///
  /// - Throws: `FileError`, and what `prepare` throws.
  package func begin(_ start: RunStart, preparing prepare: () throws -> Void = {}) throws {
    let writer = try JournalWriter(path: path, epoch: epoch)
    writer.fault = fault
    try prepare()
    try writer.append([.runStart(start)])
    self.writer = writer
  }

  /// Records that a job is about to go to a rank.
  package func handOut(job: Int, rank: Int, host: String) {
    attempts[job] += 1
    group.append(.handOut(record(job, rank, host)))
  }

  /// Records that a job came back without having begun.
  package func takeBack(job: Int, rank: Int, host: String) { group.append(.returned(record(job, rank, host))) }

  /// Records what happened to a job; `fingerprint` is that of the rank that had it.
  package func finish(job: Int, _ answer: TrialAnswer, fingerprint: String?) {
    group.append(
      .outcome(
        TrialRecord(
          trial: identifier(job), attempt: attempts[job], status: answer.outcome.status,
          fingerprint: fingerprint ?? self.fingerprint, timing: answer.timing,
          outcomeJSON: answer.outcomeJSON)))
  }

  /// Appends everything recorded so far and waits until it is on the disk; call `begin` first.
  ///
  /// - Throws: `FileError`; nothing is lost then, see `JournalWriter.append`.
  package func commit() throws {
    // Records that could not be written are the writer's to keep.
    defer { group.removeAll(keepingCapacity: true) }
    try writer?.append(group)
  }

  /// Appends the run's end; a run that never began leaves no mark.
  ///
  /// - Throws: `FileError`.
  package func end(_ end: RunEnd) throws {
    guard hasBegun else { return }
    group.append(.runEnd(end))
    try commit()
  }

  private func record(_ job: Int, _ rank: Int, _ host: String) -> HandOutRecord {
    HandOutRecord(trial: identifier(job), attempt: attempts[job], rank: rank, host: host)
  }
}
