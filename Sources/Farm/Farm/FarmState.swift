// What the leader tells its owner about a run while it lasts, and when it has ended.

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
  /// The ranks of which nothing is expected any more.
  package var lostRanks: [Int]
  /// The hosts that get no jobs, because everything failed there.
  package var quarantinedHosts: Set<String>

  package init(
    finishedCount: Int, exhaustedCount: Int, waitingCount: Int, running: [Running] = [], isDraining: Bool = false,
    nextJob: Int? = nil, longestPause: Double = 0, lostRanks: [Int] = [], quarantinedHosts: Set<String> = []
  ) {
    self.finishedCount = finishedCount
    self.exhaustedCount = exhaustedCount
    self.waitingCount = waitingCount
    self.running = running
    self.isDraining = isDraining
    self.nextJob = nextJob
    self.longestPause = longestPause
    self.lostRanks = lostRanks
    self.quarantinedHosts = quarantinedHosts
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
  /// Ranks that were lost or did not say farewell in time.
  package var silentRanks: [Int] = []
  /// Those of them that were lost before the end.
  package var lostRanks: [Int] = []

  /// A run in which nothing happened yet.
  package init() {}
}
