// Rank 0's head: hands jobs out in the order given, accepts answers, and sleeps whenever there is nothing to do, so that
// its rank can train beside it. Every pass records first, makes the records durable once, and only then sends.

/// Hands jobs to ranks, rank 0's own worker among them, until all are answered or the drain flag is raised.
package final class Leader {
  /// How the leader behaves; times are in seconds.
  package struct Policy: Sendable {
    /// Attempts a job gets, crashed ones of earlier runs included.
    package var attemptCap = 3
    /// A second job is sent ahead to a rank while jobs take less than this on average.
    package var prefetchSeconds = 1.0
    /// The most jobs sent ahead to a rank: more than one where jobs are so short that one does not last until the journal
    /// has committed the next.
    package var prefetchCount = 1
    /// A `prefetchCount` for runs whose jobs may be that short.
    package static let shortJobPrefetchCount = 16
    /// How long the jobs sent ahead are to last, if there are more than one.
    package var prefetchedSeconds = 0.02
    /// How long hand-outs wait for ranks that have not said hello.
    package var helloSeconds = 10.0
    /// How many seconds the leader waits at the end for ranks to say that they leave.
    package var farewellSeconds = 5.0
    /// A rank whose job gives no sign of progress for `stallSeconds` is lost.
    package var stallSeconds = Double.infinity
    /// How much longer a job may take until its first sign of progress after the first.
    package static let preparationFactor = 5.0
    /// Whether draining stops the jobs under way, because they can go on later, instead of letting them end.
    package var interruptsJobs = false
    /// A host with this number of failures in a row, each within `quickSeconds`, gets no jobs while there are other hosts.
    package var quarantineLimit = 3
    /// What a quick failure is.
    package var quickSeconds = 10.0
    /// A rank that heard nothing of the leader for this long is told that it lives.
    package var beatSeconds = 10.0
    /// The `beatSeconds` of a run whose ranks give their leader up after `stallSeconds` without a word.
    package static func beatSeconds(stallSeconds: Double) -> Double { min(10, max(0.25, stallSeconds / 10)) }
    /// The number of this run in the journal; answers of another one are dropped.
    package var epoch: UInt64 = 1
    /// Pauses when nothing happens.
    package var backoff = Backoff()

    /// The usual policy.
    package init() {}
  }

  /// Whom a leader works for.
  package struct Owner {
    /// Keeps the record.
    package var journal: any JobJournal
    /// Is told what happens.
    package var observer: any FarmObserver = NoObserver()
    /// Knows the ranks.
    package var directory: any RankDirectory = OneHost()

    package init(
      journal: any JobJournal, observer: any FarmObserver = NoObserver(), directory: any RankDirectory = OneHost()
    ) {
      self.journal = journal
      self.observer = observer
      self.directory = directory
    }

    /// One object that is all three.
    package init(_ owner: some JobJournal & FarmObserver & RankDirectory) {
      self.init(journal: owner, observer: owner, directory: owner)
    }
  }

  /// An attempt under way.
  struct OpenHandOut {
    var handOut: HandOut
    var start: Double
    var isRecalled = false
    var isInterrupted = false
    /// Interrupted because it took longer than its job may.
    var isTimedOut = false
  }

  /// What the leader knows of a rank.
  struct RankState {
    var isAdmitted = false
    /// It does not fit and said so only when the run had begun: it gets no jobs and leaves with the others, because mpirun may
    /// end all ranks where one leaves early.
    var isRefused = false
    var hasLeft = false
    /// Nothing is expected of it any more; a word from it changes that.
    var isLost = false
    var lastHeard: Double
    /// When something was sent to it.
    var lastSent = -Double.infinity
    /// When the job under way last showed that it gets on.
    var lastProgress: Double
    /// Signs of progress of the job under way.
    var progressCount = 0
    /// The job under way, then those sent ahead.
    var openHandOuts: [OpenHandOut] = []
    /// What it had when it was given up and has neither answered nor returned: should it live, it is still at the first.
    var owed: [HandOut] = []
    /// Whether it may get jobs, as far as it is concerned: a rank that came back and is still at its old job may not, because a
    /// new one would wait behind that and seem to stall.
    var isPresent: Bool { isAdmitted && !hasLeft && !isLost && owed.isEmpty }
    /// The job it is at, as far as is known.
    var current: Int? { openHandOuts.first?.handOut.job ?? owed.first?.job }

    init(now: Double) {
      lastHeard = now
      lastProgress = now
    }

    /// Notes that the first of the open hand-outs begins now, if there is one.
    mutating func beginNext(now: Double) {
      lastProgress = now
      progressCount = 0
      if !openHandOuts.isEmpty { openHandOuts[0].start = now }
    }
  }

  let transport: any Transport
  let worker: Worker
  let journal: any JobJournal
  let observer: any FarmObserver
  let directory: any RankDirectory
  let policy: Policy
  let clock: any FarmClock
  let drain: DrainFlag
  /// Once raised nothing new is handed out, and what is under way ends.
  let hold: DrainFlag
  let jobCount: Int
  var queue: JobQueue
  var ranks: [RankState]
  /// Sums over the ranks' jobs.
  var loads: RankLoads
  /// Checksums of accepted results by job; nil until a job has finished.
  var accepted: [UInt64?]
  var report = FarmReport()
  var durations = RecentDurations()
  /// Messages to send once the journal has committed.
  var outbox: [(rank: Int, message: Message)] = []
  /// Whether something was recorded since the last commit.
  var hasRecords = false
  let start: Double
  /// Quick failures in a row, by host.
  var quickFailures: [String: Int] = [:]
  /// The hosts with as many of them as `Policy.quarantineLimit`.
  var quarantined: Set<String> = []
  /// The most jobs that a rank could have when jobs were handed out.
  var offeredDepth = 0
  /// Whether all ranks were looked at since the drain flag was raised.
  var hasRecalled = false
  /// How often a rank was looked at to hand out jobs or to call them back. Tests hold it to the number of jobs.
  var visitCount = 0
  /// Whether jobs are handed out, even if some ranks have not said hello.
  private(set) var hasBegun = false
  private var lastTick = -Double.infinity
  private var lastBeat = -Double.infinity
  /// When the last pass over the messages ended.
  var lastPass: Double
  /// The longest that a job was seen to get on without a sign of it.
  var longestGap = 0.0

  /// A leader of these jobs; `transport` must be rank 0's, and `worker` is this rank's own, not yet serving.
  package init(
    jobs: [Job], transport: any Transport, worker: Worker, owner: Owner, policy: Policy = Policy(),
    drain: DrainFlag = DrainFlag(), hold: DrainFlag = DrainFlag(), clock: any FarmClock = SystemFarmClock()
  ) {
    precondition(transport.rank == 0, "Rank 0 leads, not rank \(transport.rank).")
    self.transport = transport
    self.worker = worker
    journal = owner.journal
    observer = owner.observer
    directory = owner.directory
    self.policy = policy
    self.drain = drain
    self.hold = hold
    self.clock = clock
    start = clock.seconds
    lastPass = start
    jobCount = jobs.count
    queue = JobQueue(jobs, attemptCap: policy.attemptCap)
    ranks = Array(repeating: RankState(now: start), count: transport.size)
    loads = RankLoads(rankCount: transport.size)
    accepted = Array(repeating: nil, count: jobs.count)
  }

  /// Runs until every job is answered or, once drained, no job is under way; then sends all ranks home.
  ///
  /// All calls to the transport and to the owner come from the calling thread. When this throws, the ranks have been
  /// told to leave, but this rank's own worker may still be busy.
  package func run() throws -> FarmReport {
    worker.start()
    do {
      release()
      try lead()
    } catch {
      try? dismiss()
      throw error
    }
    try dismiss()
    // Paused jobs wait for others; where those had no time to end, they wait on.
    let paused = drain.isRaised || hold.isRaised ? Array(queue.paused) : []
    report.remaining = (queue.waiting + paused).filter { journal.wants(job: $0) }.sorted()
    report.exhausted = queue.exhausted.sorted()
    return report
  }

  /// Probes, acts and backs off until nothing is left to do.
  private func lead() throws {
    var backoff = policy.backoff
    while true {
      let wasActive = try pass()
      if isOver { return }
      if wasActive { backoff.reset() } else { worker.waitForOutgoing(atMost: backoff.next()) }
    }
  }

  /// Takes what has arrived, hands out what may go, and answers whether anything happened.
  private func pass() throws -> Bool {
    var wasActive = false
    var hasHeardAll = false
    for _ in 0..<max(64, 2 * ranks.count) {
      guard let (rank, message) = try nextMessage() else {
        hasHeardAll = true
        break
      }
      try handle(message, from: rank)
      wasActive = true
    }
    if hasHeardAll { try judgeRanks() }
    if drain.isRaised { recallAll() } else if !hold.isRaised && mayBegin() { try handOut() }
    wasActive = wasActive || !outbox.isEmpty
    try commitAndSend()
    try tickIfDue()
    return wasActive
  }

  private var isOver: Bool {
    loads.openCount == 0
      && (queue.isEmpty || drain.isRaised || hold.isRaised
        || ranks.allSatisfy { $0.isLost || $0.hasLeft || $0.isRefused })
  }

  /// Hand-outs wait until all ranks are admitted, so that one that does not fit is refused before anything starts.
  private func mayBegin() -> Bool {
    hasBegun = hasBegun || loads.absentCount == 0 || clock.seconds - start > policy.helloSeconds
    return hasBegun
  }

  private func nextMessage() throws -> (rank: Int, message: Message)? {
    if let message = worker.takeOutgoing() { return (0, message) }
    guard let received = try transport.poll() else { return nil }
    return (received.source, try Message(received.bytes))
  }

  private func commitAndSend() throws {
    if hasRecords {
      try journal.commit()
      release()
    }
    hasRecords = false
    for (rank, message) in outbox { try send(message, to: rank) }
    outbox.removeAll(keepingCapacity: true)
  }

  /// Puts the paused jobs back that go on.
  private func release() {
    let released = journal.released()
    for job in released { queue.release(job) }
    // Ranks were given all there was.
    if !released.isEmpty { loads.changeAll() }
  }

  private func send(_ message: Message, to rank: Int) throws {
    ranks[rank].lastSent = clock.seconds
    if rank == 0 { try worker.deliver(message) } else { try transport.send(message.encoded(), to: rank) }
  }

  private func tickIfDue() throws {
    let now = clock.seconds
    if now - lastTick < 0.1 { return }
    lastTick = now
    if now - lastBeat >= policy.beatSeconds / 2 {
      lastBeat = now
      try beat(now)
    }
    let running = ranks.flatMap { rank in
      rank.openHandOuts.map {
        FarmState.Running(handOut: $0.handOut, seconds: now - $0.start, silentSeconds: now - rank.lastHeard)
      }
    }
    try observer.tick(
      FarmState(
        finishedCount: report.finishedCount, exhaustedCount: queue.exhausted.count, waitingCount: queue.waitingCount,
        running: running, isDraining: drain.isRaised || hold.isRaised, nextJob: queue.next, longestPause: longestGap,
        lostRanks: ranks.indices.filter { ranks[$0].isLost }, quarantinedHosts: quarantined))
  }

  /// Tells the ranks to which nothing was sent for a while that the leader lives, lost ones as well: one that wakes up comes back
  /// only if it knows.
  private func beat(_ now: Double) throws {
    for rank in ranks.indices.dropFirst()
    where !ranks[rank].hasLeft && now - ranks[rank].lastSent >= policy.beatSeconds / 2 {
      if !ranks[rank].isLost {
        try send(.beat, to: rank)
      } else if !directory.isGone(rank: rank) {
        // Whether it still listens is not known.
        try? send(.beat, to: rank)
      }
    }
  }

  /// Tells all ranks to stop and waits a while for their farewells, so that nothing is under way when rank 0 leaves.
  private func dismiss() throws {
    try worker.deliver(.stop)
    for rank in ranks.indices.dropFirst() { try? transport.send(Message.stop.encoded(), to: rank) }
    let deadline = clock.seconds + policy.farewellSeconds
    var backoff = policy.backoff
    ranks[0].hasLeft = true
    let hasLost = ranks.contains { $0.isLost }
    var awaitedCount = ranks.count { !$0.hasLeft && !$0.isLost }
    while transport.unsentCount > 0 && !hasLost || awaitedCount > 0, clock.seconds < deadline {
      guard let received = try transport.poll() else {
        clock.sleep(backoff.next())
        continue
      }
      backoff.reset()
      guard (try? Message(received.bytes)) == .farewell, !ranks[received.source].hasLeft else { continue }
      if !ranks[received.source].isLost { awaitedCount -= 1 }
      ranks[received.source].hasLeft = true
    }
    report.silentRanks = ranks.indices.filter { !ranks[$0].hasLeft }
    report.lostRanks = ranks.indices.filter { ranks[$0].isLost && ($0 == 0 || !ranks[$0].hasLeft) }
  }
}
