// Ranks that die, stop or hang: the leader is told nothing, so it judges by progress. What such a rank had goes elsewhere; what
// it says later is an answer like any other, the first to a job or a duplicate.

extension Leader {
  /// The hosts whose ranks get no jobs: those where everything fails, unless there is no other.
  var avoidedHosts: Set<String> {
    if quarantined.isEmpty { return [] }
    visitCount += ranks.count
    let hasOther = ranks.indices.contains {
      ranks[$0].isPresent && !quarantined.contains(directory.host(ofRank: $0))
    }
    return hasOther ? quarantined : []
  }

  /// Whether a rank may get jobs.
  func isTaker(_ rank: Int, avoiding hosts: Set<String>) -> Bool {
    ranks[rank].isPresent && (hosts.isEmpty || !hosts.contains(directory.host(ofRank: rank)))
  }

  /// Notes a sign of life, and of progress where the message is one.
  func note(_ message: Message, from rank: Int) {
    let now = clock.seconds
    ranks[rank].lastHeard = now
    if ranks[rank].isLost {
      ranks[rank].isLost = false
      ranks[rank].lastProgress = now
      ranks[rank].progressCount = 0
      observer.notice(found: rank)
      for ahead in ranks[rank].owed.dropFirst() {
        outbox.append((rank, .recall(epoch: policy.epoch, job: ahead.job)))
      }
      loads.update(rank, ranks[rank])
    }
    let current = ranks[rank].current
    // What a job asks for while it is being prepared says that it gets on, not that it runs.
    if case .request(policy.epoch, let job, _, _) = message, job == current { ranks[rank].lastProgress = now }
    guard case .progress(policy.epoch, let job, _, _) = message, job == current else { return }
    // The first sign says that the job is being prepared, the second that it runs.
    if ranks[rank].progressCount > 1 { longestGap = max(longestGap, now - ranks[rank].lastProgress) }
    ranks[rank].progressCount += 1
    ranks[rank].lastProgress = now
  }

  /// Gives up ranks that are gone or no longer get on, and interrupts jobs that take too long.
  func judgeRanks() throws {
    let now = clock.seconds
    let pause = now - lastPass
    if pause < Self.judgementSeconds { return }
    lastPass = now
    if pause > 1 {
      // This process slept, not the ranks: what they said meanwhile has just been heard, and they get their time anew.
      for rank in ranks.indices {
        ranks[rank].lastProgress = max(ranks[rank].lastProgress, now - Self.judgementSeconds)
      }
    }
    for rank in ranks.indices where !ranks[rank].isLost && !ranks[rank].hasLeft {
      if rank > 0, directory.isGone(rank: rank) {
        try lose(rank, "its process is gone")
        continue
      }
      guard ranks[rank].current != nil else { continue }
      let silence = now - ranks[rank].lastProgress
      if silence > patience(with: rank) {
        try lose(rank, "no progress for \(Int(silence)) s")
      } else if let open = ranks[rank].openHandOuts.first, !open.isInterrupted,
        now - open.start > queue.mostSeconds(of: open.handOut.job)
      {
        interrupt(rank)
        ranks[rank].openHandOuts[0].isTimedOut = true
      }
    }
  }

  /// How often ranks are looked at.
  private static let judgementSeconds = 0.25

  /// How long a rank may be without progress: ten times the longest pause that any job was seen to make, at least, and longer
  /// while its job still reads its files.
  private func patience(with rank: Int) -> Double {
    max(policy.stallSeconds, 10 * longestGap) * (ranks[rank].progressCount > 1 ? 1 : Policy.preparationFactor)
  }

  /// Expects nothing more of a rank and hands on what it had.
  private func lose(_ rank: Int, _ reason: String) throws {
    ranks[rank].isLost = true
    ranks[rank].owed += ranks[rank].openHandOuts.map(\.handOut)
    observer.notice(lost: rank, reason: reason)
    try takeBackFlights(of: rank, failing: .rank(reason: reason))
    if !quarantined.isEmpty { loads.changeAll() }
  }

  /// Takes back all that a rank had; the job under way counts as failed where a loss is given.
  func takeBackFlights(of rank: Int, failing loss: Loss?) throws {
    let openHandOuts = ranks[rank].openHandOuts
    ranks[rank].openHandOuts = []
    loads.update(rank, ranks[rank])
    let now = clock.seconds
    for (index, open) in openHandOuts.enumerated() where accepted[open.handOut.job] == nil {
      if index == 0, let loss {
        try fail(open.handOut, loss, seconds: now - open.start)
      } else {
        try journal.record(returned: open.handOut)
        hasRecords = true
        queue.putBack(open.handOut.job)
      }
    }
  }

  /// Counts an attempt that its rank did not end.
  func fail(_ handOut: HandOut, _ loss: Loss, seconds: Double) throws {
    try journal.record(loss: loss, of: handOut, seconds: seconds, isFinal: queue.isLastAttempt(handOut.job))
    hasRecords = true
    queue.fail(handOut.job, on: handOut.rank)
    noteFailure(after: seconds, on: handOut.rank)
  }

  /// Ends the count of a host's failures.
  func noteSuccess(on rank: Int) {
    if quickFailures.isEmpty { return }
    let host = directory.host(ofRank: rank)
    quickFailures[host] = nil
    if quarantined.remove(host) != nil { loads.changeAll() }
  }

  /// Counts the failures of a host that come one after another and quickly.
  func noteFailure(after seconds: Double, on rank: Int) {
    let host = directory.host(ofRank: rank)
    guard seconds < policy.quickSeconds else { return }
    quickFailures[host, default: 0] += 1
    guard quickFailures[host] == policy.quarantineLimit else { return }
    quarantined.insert(host)
    let hasOther = ranks.indices.contains {
      ranks[$0].isAdmitted && !ranks[$0].isLost && directory.host(ofRank: $0) != host
    }
    if hasOther { observer.notice(quarantined: host) }
  }
}
