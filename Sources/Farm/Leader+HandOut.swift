// Who gets which job when. Idle ranks first, then one job ahead for each rank while jobs are short; a job sent ahead to
// a rank that turns out slow is called back for one that has nothing to do.

extension Leader {
  /// Hands out all that may go now.
  func handOut() throws {
    try fill(upTo: 1)
    if durations.mean < policy.prefetchSeconds { try fill(upTo: 2) }
    if queue.isEmpty { recallForIdleRanks() }
  }

  /// Gives jobs to ranks that hold fewer than `depth`.
  private func fill(upTo depth: Int) throws {
    if queue.isEmpty { return }
    let takers = ranks.indices.filter { ranks[$0].isAdmitted && !ranks[$0].hasLeft }
    for rank in takers where ranks[rank].flights.count < depth {
      guard let (job, attempt) = queue.take(for: rank, others: takers.filter { $0 != rank }) else { continue }
      let handOut = HandOut(job: job, attempt: attempt, rank: rank)
      let payload = try ledger.payload(of: job)
      try ledger.record(handOut: handOut)
      hasRecords = true
      ranks[rank].flights.append(Flight(handOut: handOut, start: monotonicSeconds()))
      outbox.append((rank, .job(epoch: policy.epoch, job: job, attempt: attempt, payload: payload)))
    }
  }

  /// Calls back as many jobs sent ahead as there are idle ranks.
  private func recallForIdleRanks() {
    var idleCount = ranks.count { $0.isAdmitted && !$0.hasLeft && $0.flights.isEmpty }
    for rank in ranks.indices where ranks[rank].flights.count > 1 {
      for place in ranks[rank].flights.indices.dropFirst() {
        if idleCount == 0 { return }
        idleCount -= 1
        recall(rank, place)
      }
    }
  }

  /// Calls back every job sent ahead.
  func recallAll() {
    for rank in ranks.indices {
      for place in ranks[rank].flights.indices.dropFirst() { recall(rank, place) }
    }
  }

  /// Asks for a job back once; the rank answers with the job or, if it has begun, later with its answer.
  private func recall(_ rank: Int, _ place: Int) {
    if ranks[rank].flights[place].isRecalled { return }
    ranks[rank].flights[place].isRecalled = true
    outbox.append((rank, .recall(epoch: policy.epoch, job: ranks[rank].flights[place].handOut.job)))
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
