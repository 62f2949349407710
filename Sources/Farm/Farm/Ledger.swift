// What the leader calls its owner for. The ledger keeps the durable record; the leader keeps only what it needs to
// hand out. All calls come from the thread that runs the leader; an error thrown by any of them ends the run.

/// The durable side of a leader.
package protocol Ledger: AnyObject {
  /// Called once a rank before it gets a job, and normally for all ranks before the first hand-out; throw to refuse.
  func admit(rank: Int, identity: [UInt8]) throws
  /// Whether a job that waits is still to be done; one that is not is forgotten.
  func wants(job: Int) -> Bool
  /// The bytes to send for a job.
  func payload(of job: Int) throws -> [UInt8]
  /// Records that a job is about to be handed out; it is sent after the next `commit()`.
  func record(handOut: HandOut) throws
  /// Records an answer; not final means that the job will be tried again, by this run or a later one.
  func record(answer: Answer, isFinal: Bool) throws
  /// Records that a handed-out job came back without having begun.
  func record(returned handOut: HandOut) throws
  /// Records an attempt that its rank did not end; not final means that the job will be tried again.
  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) throws
  /// Makes everything recorded so far durable; the leader acts on it only afterwards.
  func commit() throws
  /// Tells of a second answer to a job, which is dropped, and whether its result equals the accepted one.
  func notice(duplicate answer: Answer, matches: Bool)
  /// What a job under way asked for, as an answer that its rank waits for: it should not take long.
  func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8]
  /// Tells of a sign of life.
  func notice(progress report: [UInt8], of handOut: HandOut)
  /// Where a rank runs: what fails there often is kept away from there.
  func site(ofRank rank: Int) -> String
  /// Whether a rank's process surely is gone.
  func isGone(rank: Int) -> Bool
  /// Tells that nothing is expected of a rank any more, and why.
  func notice(lost rank: Int, reason: String)
  /// Tells that a rank that was given up spoke again.
  func notice(found rank: Int)
  /// Tells that a site gets no more jobs while there are others.
  func notice(quarantined site: String)
  /// Called about ten times a second with the state of the farm.
  func tick(_ state: FarmState) throws
}

extension Ledger {
  /// Admits every rank.
  package func admit(rank: Int, identity: [UInt8]) throws {}
  /// Wants every job.
  package func wants(job: Int) -> Bool { true }
  /// Records nothing.
  package func record(handOut: HandOut) throws {}
  /// Records nothing.
  package func record(returned handOut: HandOut) throws {}
  /// Records nothing.
  package func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) throws {}
  /// Answers with nothing.
  package func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8] { [] }
  /// All ranks are in one place.
  package func site(ofRank rank: Int) -> String { "" }
  /// Nothing is known.
  package func isGone(rank: Int) -> Bool { false }
  /// Does nothing.
  package func notice(lost rank: Int, reason: String) {}
  /// Does nothing.
  package func notice(found rank: Int) {}
  /// Does nothing.
  package func notice(quarantined site: String) {}
  /// Does nothing.
  package func commit() throws {}
  /// Does nothing.
  package func notice(duplicate answer: Answer, matches: Bool) {}
  /// Does nothing.
  package func notice(progress report: [UInt8], of handOut: HandOut) {}
  /// Does nothing.
  package func tick(_ state: FarmState) throws {}
}

/// Where a run of the farm stands.
package struct FarmState: Equatable, Sendable {
  /// An attempt under way.
  package struct Running: Equatable, Sendable {
    /// The attempt.
    package var handOut: HandOut
    /// Seconds since it was handed out.
    package var seconds: Double
    /// Seconds since its rank last said anything.
    package var silentSeconds: Double

    /// An attempt with everything given.
    package init(handOut: HandOut, seconds: Double, silentSeconds: Double) {
      self.handOut = handOut
      self.seconds = seconds
      self.silentSeconds = silentSeconds
    }
  }
  /// Jobs with a finished answer.
  package var finishedCount: Int
  /// Jobs that crashed as often as they may.
  package var exhaustedCount: Int
  /// Jobs that wait for a rank.
  package var waitingCount: Int
  /// Attempts under way or prefetched, by rank and then in the order they were handed out.
  package var running: [Running]
  /// Whether nothing new is handed out.
  package var isDraining: Bool
  /// The job that is handed out next.
  package var nextJob: Int?
  /// The longest pause in seconds that a job made between two signs of progress.
  package var longestPause: Double

  /// A state with everything given.
  package init(
    finishedCount: Int, exhaustedCount: Int, waitingCount: Int, running: [Running] = [], isDraining: Bool = false,
    nextJob: Int? = nil, longestPause: Double = 0
  ) {
    self.finishedCount = finishedCount
    self.exhaustedCount = exhaustedCount
    self.waitingCount = waitingCount
    self.running = running
    self.isDraining = isDraining
    self.nextJob = nextJob
    self.longestPause = longestPause
  }
}

/// How a run of the farm ended.
package struct FarmReport: Equatable, Sendable {
  /// The number of jobs that finished in this run.
  package var finishedCount = 0
  /// Jobs that crashed as often as they may, in increasing order.
  package var exhausted: [Int] = []
  /// Jobs left for a later run because this one was drained, in increasing order.
  package var remaining: [Int] = []
  /// The number of second answers, all dropped.
  package var duplicateCount = 0
  /// Jobs of which two answers disagreed, in the order noticed.
  package var mismatches: [Int] = []
  /// Ranks that were lost or did not take leave in time.
  package var silentRanks: [Int] = []
  /// Those of them that were lost before the end.
  package var lostRanks: [Int] = []

  /// A run in which nothing happened yet.
  package init() {}
}
