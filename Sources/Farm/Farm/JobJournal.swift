// What the leader needs of its owner, as three protocols: a journal that keeps the durable record, an observer that is told
// what happens, and a directory of the ranks. The leader keeps only what it needs to hand out. Every call comes from the
// thread that runs the leader; an error that one of them throws ends the run. No method has a default, so that a misspelled
// one does not compile.

/// The jobs of a run and the durable record of their outcomes.
package protocol JobJournal: AnyObject {
  /// Whether a job that waits is still to be done; the leader drops one that is not.
  func wants(job: Int) -> Bool
  /// The bytes to send for a job.
  func payload(of job: Int) throws -> [UInt8]
  /// Records that a job is about to be handed out; it is sent after the next `commit()`.
  func record(handOut: HandOut) throws
  /// Records an answer; if it is not final, this run or a later one tries the job again. A job that paused waits until `released()`
  /// names it.
  func record(answer: Answer, isFinal: Bool) throws
  /// Records that a rank gave a job back before it had begun it.
  func record(returned handOut: HandOut) throws
  /// Records an attempt that its rank did not end; if the loss is not final, the job will be tried again.
  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) throws
  /// Makes everything recorded so far durable; the leader acts on it only afterwards.
  func commit() throws
  /// The paused jobs that go on, each named once. It is asked before the first hand-out and after each commit.
  func released() -> [Int]
}

/// Who is told what happens in a run.
package protocol FarmObserver: AnyObject {
  /// A second answer to a job was dropped; `matches` says whether its result equals the accepted one.
  func notice(duplicate answer: Answer, matches: Bool)
  /// A job under way sent a report.
  func notice(progress report: [UInt8], of handOut: HandOut)
  /// A rank was given up for `reason`, or refused when the run had begun.
  func notice(lost rank: Int, reason: String)
  /// A rank that was given up spoke again.
  func notice(found rank: Int)
  /// A host gets no more jobs while there are other hosts.
  func notice(quarantined host: String)
  /// Called about ten times a second with the state of the farm.
  func tick(_ state: FarmState) throws
}

/// What is known of the ranks, and what jobs may ask for.
package protocol RankDirectory: AnyObject {
  /// Called once for each rank before it gets a job, and normally for all ranks before the first hand-out; throws to refuse
  /// the rank, which ends a run that has not begun. One that has begun goes on without the rank.
  func admit(rank: Int, identity: [UInt8]) throws
  /// Where a rank runs; a host on which jobs fail one after another gets no more of them.
  func host(ofRank rank: Int) -> String
  /// Whether the process of a rank has certainly ended.
  func isGone(rank: Int) -> Bool
  /// Returns what a job under way asked for. Its rank waits meanwhile, so this should not take long.
  func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8]
}

/// A journal for a leader that has no jobs and only sends its ranks home.
package final class NoJournal: JobJournal {
  package init() {}
  package func wants(job: Int) -> Bool { false }
  package func payload(of job: Int) -> [UInt8] { [] }
  package func record(handOut: HandOut) {}
  package func record(answer: Answer, isFinal: Bool) {}
  package func record(returned handOut: HandOut) {}
  package func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) {}
  package func commit() {}
  package func released() -> [Int] { [] }
}

/// An observer that ignores everything.
package final class NoObserver: FarmObserver {
  package init() {}
  package func notice(duplicate answer: Answer, matches: Bool) {}
  package func notice(progress report: [UInt8], of handOut: HandOut) {}
  package func notice(lost rank: Int, reason: String) {}
  package func notice(found rank: Int) {}
  package func notice(quarantined host: String) {}
  package func tick(_ state: FarmState) throws {}
}

/// A directory that admits every rank, knows one host and gives jobs nothing.
package final class OneHost: RankDirectory {
  package init() {}
  package func admit(rank: Int, identity: [UInt8]) throws {}
  package func host(ofRank rank: Int) -> String { "" }
  package func isGone(rank: Int) -> Bool { false }
  package func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8] { [] }
}
