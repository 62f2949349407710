// What the leader calls its owner for. The ledger keeps the durable record; the leader keeps only what it needs to
// hand out. All calls come from the thread that runs the leader; an error thrown by any of them ends the run.

/// The durable side of a leader.
public protocol Ledger: AnyObject {
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
  /// Makes everything recorded so far durable; the leader acts on it only afterwards.
  func commit() throws
  /// Tells of a second answer to a job, which is dropped, and whether its result equals the accepted one.
  func notice(duplicate answer: Answer, matches: Bool)
  /// Tells of a sign of life.
  func notice(progress report: [UInt8], of handOut: HandOut)
  /// Called about ten times a second with the state of the farm.
  func tick(_ state: FarmState) throws
}

extension Ledger {
  /// Admits every rank.
  public func admit(rank: Int, identity: [UInt8]) throws {}
  /// Wants every job.
  public func wants(job: Int) -> Bool { true }
  /// Records nothing.
  public func record(handOut: HandOut) throws {}
  /// Records nothing.
  public func record(returned handOut: HandOut) throws {}
  /// Does nothing.
  public func commit() throws {}
  /// Does nothing.
  public func notice(duplicate answer: Answer, matches: Bool) {}
  /// Does nothing.
  public func notice(progress report: [UInt8], of handOut: HandOut) {}
  /// Does nothing.
  public func tick(_ state: FarmState) throws {}
}

/// Where a run of the farm stands.
public struct FarmState: Equatable, Sendable {
  /// An attempt under way.
  public struct Running: Equatable, Sendable {
    /// The attempt.
    public var handOut: HandOut
    /// Seconds since it was handed out.
    public var seconds: Double
    /// Seconds since its rank last said anything.
    public var silentSeconds: Double

    /// An attempt with everything given.
    public init(handOut: HandOut, seconds: Double, silentSeconds: Double) {
      self.handOut = handOut
      self.seconds = seconds
      self.silentSeconds = silentSeconds
    }
  }
  /// Jobs with a finished answer.
  public var finishedCount: Int
  /// Jobs that crashed as often as they may.
  public var exhaustedCount: Int
  /// Jobs that wait for a rank.
  public var waitingCount: Int
  /// Attempts under way or prefetched, by rank and then in the order they were handed out.
  public var running: [Running]
  /// Whether nothing new is handed out.
  public var isDraining: Bool

  /// A state with everything given.
  public init(
    finishedCount: Int, exhaustedCount: Int, waitingCount: Int, running: [Running] = [], isDraining: Bool = false
  ) {
    self.finishedCount = finishedCount
    self.exhaustedCount = exhaustedCount
    self.waitingCount = waitingCount
    self.running = running
    self.isDraining = isDraining
  }
}

/// How a run of the farm ended.
public struct FarmReport: Equatable, Sendable {
  /// The number of jobs that finished in this run.
  public var finishedCount = 0
  /// Jobs that crashed as often as they may, in increasing order.
  public var exhausted: [Int] = []
  /// Jobs left for a later run because this one was drained, in increasing order.
  public var remaining: [Int] = []
  /// The number of second answers, all dropped.
  public var duplicateCount = 0
  /// Jobs of which two answers disagreed, in the order noticed.
  public var mismatches: [Int] = []
  /// Ranks that did not take leave in time.
  public var silentRanks: [Int] = []

  /// A run in which nothing happened yet.
  public init() {}
}
