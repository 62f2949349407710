// Who gets which job when. Idle ranks first, then one job ahead for each rank while jobs are short, or a few while they are
// very short; a job sent ahead to a rank that turns out slow is called back for one that has nothing to do.

extension Leader {
  /// Hands out all that may go now: first to ranks without a job, then ahead to those that changed since the last call. All
  /// others have as many as they may, or had them offered.
  func handOut() throws {
    let depth = 1 + prefetchCount
    if depth > offeredDepth {
      offeredDepth = depth
      loads.changeAll()
    }
    let changed = loads.takeChanged()
    if changed.isEmpty { return }
    let hosts = avoidedHosts
    try fill(loads.idle.members, upTo: 1, avoiding: hosts)
    for level in stride(from: 2, through: depth, by: 1) where !queue.isEmpty {
      try fill(changed, upTo: level, avoiding: hosts)
    }
    if queue.isEmpty { recallForIdleRanks(avoiding: hosts) }
    // What was just handed out is no reason to look at a rank again.
    _ = loads.takeChanged()
  }

  /// How many jobs to send ahead to a rank.
  private var prefetchCount: Int {
    let mean = durations.mean
    guard mean < policy.prefetchSeconds else { return 0 }
    // What ranks say they took is not to be relied upon.
    guard mean > 0 else { return policy.prefetchCount }
    return max(1, Int(min(Double(policy.prefetchCount), policy.prefetchedSeconds / mean)))
  }

  /// Gives jobs to those ranks that hold fewer than `depth`.
  private func fill(_ candidates: [Int], upTo depth: Int, avoiding hosts: Set<String>) throws {
    for rank in candidates {
      if queue.isEmpty { return }
      visitCount += 1
      guard ranks[rank].openHandOuts.count < depth, isTaker(rank, avoiding: hosts) else { continue }
      let others = ranks.indices.lazy.filter { $0 != rank && self.isTaker($0, avoiding: hosts) }
      guard let (job, attempt) = takeWanted(for: rank, others: others) else { continue }
      let handOut = HandOut(job: job, attempt: attempt, rank: rank)
      let payload = try journal.payload(of: job)
      try journal.record(handOut: handOut)
      hasRecords = true
      let now = clock.seconds
      ranks[rank].openHandOuts.append(OpenHandOut(handOut: handOut, start: now))
      if ranks[rank].openHandOuts.count == 1 { ranks[rank].beginNext(now: now) }
      loads.update(rank, ranks[rank])
      outbox.append((rank, .job(epoch: policy.epoch, job: job, attempt: attempt, payload: payload)))
    }
  }

  /// Takes the first job that may go to a rank and that the journal still wants.
  private func takeWanted(for rank: Int, others: some Collection<Int>) -> (job: Int, attempt: Int)? {
    while let taken = queue.take(for: rank, others: others) {
      if journal.wants(job: taken.job) { return taken }
    }
    return nil
  }

  /// Calls back as many jobs sent ahead as there are idle ranks, each time the last one of a rank that has most.
  private func recallForIdleRanks(avoiding hosts: Set<String>) {
    let idle = loads.idle.members
    let idleCount = hosts.isEmpty ? idle.count : idle.count { isTaker($0, avoiding: hosts) }
    var missingCount = idleCount - (idleCount > 0 ? loads.recalledCount : 0)
    while missingCount > 0, let rank = loads.rankWithMostAhead,
      let index = ranks[rank].openHandOuts.indices.dropFirst().last(where: { !ranks[rank].openHandOuts[$0].isRecalled })
    {
      visitCount += 1
      recall(rank, index)
      missingCount -= 1
    }
  }

  /// Calls back every job sent ahead, and interrupts those under way where jobs can go on later: of all ranks once, then of
  /// those that changed.
  func recallAll() {
    if !hasRecalled { loads.changeAll() }
    hasRecalled = true
    for rank in loads.takeChanged() {
      visitCount += 1
      for index in ranks[rank].openHandOuts.indices.dropFirst() { recall(rank, index) }
      if policy.interruptsJobs, !ranks[rank].openHandOuts.isEmpty { interrupt(rank) }
    }
  }

  /// Asks a rank once to stop the job under way where it can go on later.
  func interrupt(_ rank: Int) {
    if ranks[rank].openHandOuts[0].isInterrupted { return }
    ranks[rank].openHandOuts[0].isInterrupted = true
    outbox.append((rank, .interrupt(epoch: policy.epoch, job: ranks[rank].openHandOuts[0].handOut.job)))
  }

  /// Asks for a job back once; the rank returns the job, or its answer later if the job has begun.
  private func recall(_ rank: Int, _ index: Int) {
    if ranks[rank].openHandOuts[index].isRecalled { return }
    ranks[rank].openHandOuts[index].isRecalled = true
    loads.update(rank, ranks[rank])
    outbox.append((rank, .recall(epoch: policy.epoch, job: ranks[rank].openHandOuts[index].handOut.job)))
  }
}

/// How long the latest jobs took.
struct RecentDurations {
  private var seconds: [Double] = []
  private var oldest = 0

  /// The mean of the last 16 durations in seconds, infinite before the first.
  var mean: Double { seconds.isEmpty ? .infinity : seconds.reduce(0, +) / Double(seconds.count) }

  mutating func add(_ duration: Double) {
    if seconds.count < 16 {
      seconds.append(duration)
    } else {
      seconds[oldest] = duration
      oldest = (oldest + 1) % 16
    }
  }
}
