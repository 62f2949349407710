// A ledger that remembers everything it is told, in order, and can pretend that the disk is full.

import Farm

/// What a ledger was told, in order.
package enum Event: Equatable, Sendable {
  case admitted(rank: Int)
  case handedOut(HandOut)
  case answered(Answer, isFinal: Bool)
  case returned(HandOut)
  case failed(Loss, HandOut, isFinal: Bool)
  case lost(rank: Int)
  case found(rank: Int)
  case quarantined(host: String)
  case committed
  case duplicate(job: Int, matches: Bool)
  case progress([UInt8], HandOut)
}

/// Keeps events, in memory only.
package final class RecordingLedger: JobJournal, FarmObserver, RankDirectory {
  /// Thrown in place of what a full disk would cause.
  package struct DiskFull: Error, Equatable {}

  /// Everything so far.
  package private(set) var events: [Event] = []
  /// Whether every commit from now on fails.
  package var isDiskFull = false
  /// Called after each answer is recorded.
  package var onAnswer: (Answer) -> Void = { _ in }
  /// The ranks whose processes are gone.
  package var goneRanks: Set<Int> = []
  /// Where ranks run, by rank.
  package var hosts: [Int: String] = [:]
  /// The ranks to refuse.
  package var refusedRanks: Set<Int> = []
  /// The jobs that are no longer to be done.
  package var unwantedJobs: Set<Int> = []
  /// The paused jobs that go on, once the leader asks for them.
  package var releasedJobs: [Int] = []
  private let payload: (Int) -> [UInt8]

  /// A ledger that gives these payloads.
  package init(payload: @escaping (Int) -> [UInt8] = { _ in [] }) { self.payload = payload }

  /// Admits a rank that is not to be refused.
  package func admit(rank: Int, identity: [UInt8]) throws {
    if refusedRanks.contains(rank) { throw Refusal(rank: rank) }
    events.append(.admitted(rank: rank))
  }

  /// Wants every job but the unwanted ones.
  package func wants(job: Int) -> Bool { !unwantedJobs.contains(job) }

  /// The payload given at the start.
  package func payload(of job: Int) -> [UInt8] { payload(job) }

  /// Remembers a hand-out.
  package func record(handOut: HandOut) { events.append(.handedOut(handOut)) }

  /// Remembers an answer.
  package func record(answer: Answer, isFinal: Bool) {
    events.append(.answered(answer, isFinal: isFinal))
    onAnswer(answer)
  }

  /// Remembers a returned job.
  package func record(returned handOut: HandOut) { events.append(.returned(handOut)) }

  /// Remembers an attempt that its rank did not end.
  package func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) {
    events.append(.failed(loss, handOut, isFinal: isFinal))
  }

  /// The host given for the rank.
  package func host(ofRank rank: Int) -> String { hosts[rank] ?? "" }

  /// Whether the rank is among those said to be gone.
  package func isGone(rank: Int) -> Bool { goneRanks.contains(rank) }

  /// Remembers a lost rank.
  package func notice(lost rank: Int, reason: String) { events.append(.lost(rank: rank)) }

  /// Remembers a rank that came back.
  package func notice(found rank: Int) { events.append(.found(rank: rank)) }

  /// Remembers a host that gets no more jobs.
  package func notice(quarantined host: String) { events.append(.quarantined(host: host)) }

  /// Remembers a commit, unless the disk is full.
  package func commit() throws {
    if isDiskFull { throw DiskFull() }
    events.append(.committed)
  }

  /// Lets the paused jobs go on that were named for that.
  package func released() -> [Int] {
    defer { releasedJobs = [] }
    return releasedJobs
  }

  /// Remembers a duplicate.
  package func notice(duplicate answer: Answer, matches: Bool) {
    events.append(.duplicate(job: answer.handOut.job, matches: matches))
  }

  /// Remembers a report.
  package func notice(progress report: [UInt8], of handOut: HandOut) { events.append(.progress(report, handOut)) }

  /// Gives jobs nothing.
  package func response(to request: [UInt8], of handOut: HandOut) -> [UInt8] { [] }

  /// Notices nothing.
  package func tick(_ state: FarmState) {}

  /// The answers in the order they were recorded.
  package var answers: [Answer] {
    events.compactMap { if case .answered(let answer, _) = $0 { answer } else { nil } }
  }

  /// The hand-outs in the order they were recorded.
  package var handOuts: [HandOut] {
    events.compactMap { if case .handedOut(let handOut) = $0 { handOut } else { nil } }
  }
}

/// Thrown for a rank that the ledger was told to refuse.
package struct Refusal: Error, Equatable {
  /// The rank.
  package let rank: Int

  /// A refusal of a rank.
  package init(rank: Int) { self.rank = rank }
}
