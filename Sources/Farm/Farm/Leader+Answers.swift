// What the leader does with each message it receives. A job has at most one accepted result; every further answer to it
// is compared with that one and dropped.

extension Leader {
  /// Acts on one message; throws for one that no worker may send.
  func handle(_ message: Message, from rank: Int) throws {
    note(message, from: rank)
    switch message {
    case .hello(let identity):
      do { try directory.admit(rank: rank, identity: identity) } catch {
        // What the others have done so far is worth more than a rank that came late.
        guard hasBegun else { throw error }
        ranks[rank].isRefused = true
        observer.notice(lost: rank, reason: "it came after the run had begun and does not fit: \(error)")
        return
      }
      ranks[rank].isAdmitted = true
      loads.update(rank, ranks[rank])
    case .answer(let epoch, let job, let attempt, let seconds, let content):
      guard try isCurrent(epoch, job, rank) else { return }
      let handOut = HandOut(job: job, attempt: attempt, rank: rank)
      try receive(Answer(handOut: handOut, seconds: seconds, content: content))
    case .returned(let epoch, let job, let attempt):
      guard try isCurrent(epoch, job, rank) else { return }
      try receive(returned: HandOut(job: job, attempt: attempt, rank: rank))
    case .progress(let epoch, let job, let attempt, let report):
      guard try isCurrent(epoch, job, rank) else { return }
      observer.notice(progress: report, of: HandOut(job: job, attempt: attempt, rank: rank))
    case .request(let epoch, let job, let attempt, let content):
      guard try isCurrent(epoch, job, rank) else { return }
      let response = try directory.response(to: content, of: HandOut(job: job, attempt: attempt, rank: rank))
      outbox.append((rank, .response(content: response)))
    case .farewell:
      // A rank that leaves of its own accord gave back what it had, or keeps nothing.
      ranks[rank].hasLeft = true
      try takeBackFlights(of: rank, failing: nil)
      if !quarantined.isEmpty { loads.changeAll() }
    case .job, .response, .recall, .interrupt, .beat, .stop:
      throw FarmError.misdirected(kind: message.name, rank: rank)
    }
  }

  /// Whether a message belongs to this run; throws for a job that no rank can know of.
  private func isCurrent(_ epoch: UInt64, _ job: Int, _ rank: Int) throws -> Bool {
    if epoch != policy.epoch { return false }
    guard accepted.indices.contains(job) else {
      throw FarmError.unknownJob(job, rank: rank, jobCount: jobCount)
    }
    guard queue.wasTaken(job) else { throw FarmError.jobNotHandedOut(job, rank: rank) }
    return true
  }

  private func receive(_ answer: Answer) throws {
    let open = close(answer.handOut)
    let job = answer.handOut.job
    switch answer.content {
    case .finished(let result, _):
      let checksum = checksum(of: result)
      if let known = accepted[job] { return drop(answer, matches: known == checksum) }
      durations.add(answer.seconds)
      noteSuccess(on: answer.handOut.rank)
      accepted[job] = checksum
      report.finishedCount += 1
      queue.remove(job)
      try record(answer, isFinal: true)
    case .crashed:
      if accepted[job] != nil || open == nil { return }
      try record(answer, isFinal: queue.isLastAttempt(job))
      queue.fail(job, on: answer.handOut.rank)
      noteFailure(after: answer.seconds, on: answer.handOut.rank)
    case .interrupted:
      guard accepted[job] == nil, let open else { return }
      if open.isTimedOut {
        try fail(answer.handOut, .timeout(seconds: answer.seconds), seconds: answer.seconds)
      } else {
        try record(answer, isFinal: false)
        queue.putBack(job)
      }
    case .paused:
      guard accepted[job] == nil, open != nil else { return }
      durations.add(answer.seconds)
      noteSuccess(on: answer.handOut.rank)
      try record(answer, isFinal: false)
      queue.pause(job)
    }
  }

  private func record(_ answer: Answer, isFinal: Bool) throws {
    try journal.record(answer: answer, isFinal: isFinal)
    hasRecords = true
  }

  private func receive(returned handOut: HandOut) throws {
    guard close(handOut) != nil, accepted[handOut.job] == nil else { return }
    try journal.record(returned: handOut)
    hasRecords = true
    queue.putBack(handOut.job)
  }

  private func drop(_ answer: Answer, matches: Bool) {
    report.duplicateCount += 1
    if !matches { report.mismatches.append(answer.handOut.job) }
    observer.notice(duplicate: answer, matches: matches)
  }

  /// Closes a hand-out and returns its state, if it was open.
  private func close(_ handOut: HandOut) -> OpenHandOut? {
    let rank = handOut.rank
    defer { loads.update(rank, ranks[rank]) }
    ranks[rank].owed.removeAll { $0 == handOut }
    guard let index = ranks[rank].openHandOuts.firstIndex(where: { $0.handOut == handOut }) else { return nil }
    defer { if index == 0 { ranks[rank].beginNext(now: clock.seconds) } }
    return ranks[rank].openHandOuts.remove(at: index)
  }
}

/// Fowler, Noll and Vo's FNV-1a over 8-byte words, the last one filled up with zeros, and the length: it tells two
/// results of one job apart, nothing more.
func checksum(of bytes: [UInt8]) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
  bytes.withUnsafeBytes { raw in
    let wordCount = raw.count / 8
    for index in 0..<wordCount {
      mix(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
    }
    var last: UInt64 = 0
    for index in (8 * wordCount)..<raw.count { last = last << 8 | UInt64(raw[index]) }
    mix(last)
    mix(UInt64(raw.count))
  }
  return hash
}
