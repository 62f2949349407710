// What the farm costs, measured and printed, never asserted: trials a second when trials are empty, and the leader's
// share of a core while every rank trains.

import Farm
import Foundation

/// A measurement of the farm on some transport.
package enum Measurement: String, CaseIterable, Sendable {
  /// Empty jobs, with a ledger that writes at each commit and syncs its file ten times a second.
  case throughput
  /// Empty jobs, with a ledger that writes and syncs its file at each commit.
  case syncedThroughput
  /// Jobs of three seconds that keep every rank's processor busy.
  case leaderShare

  /// Plays this rank's part and returns a line on rank 0.
  package func run(on transport: some Transport) throws -> String? {
    let worker = Worker { [self] in
      { _ in
        if self == .leaderShare { spin(seconds: 3) }
        return Product(result: [UInt8](repeating: 7, count: 200))
      }
    }
    let startTime = clock(CLOCK_MONOTONIC)
    let startProcessorTime = clock(CLOCK_THREAD_CPUTIME_ID)
    guard transport.rank == 0 else {
      try worker.serve(on: transport)
      if self != .leaderShare { return nil }
      let share = (clock(CLOCK_THREAD_CPUTIME_ID) - startProcessorTime) / (clock(CLOCK_MONOTONIC) - startTime)
      FileHandle.standardError.write(Data("rank \(transport.rank) talks with \(percent(share)) of a core\n".utf8))
      return nil
    }
    let jobCount = jobCount(size: transport.size)
    let ledger = try FileLedger(syncsEachCommit: self == .syncedThroughput)
    let leader = Leader(
      jobs: Array(repeating: Job(), count: jobCount), transport: transport, worker: worker,
      owner: .init(journal: ledger, observer: ledger))
    _ = try leader.run()
    let seconds = clock(CLOCK_MONOTONIC) - startTime
    let processorSeconds = clock(CLOCK_THREAD_CPUTIME_ID) - startProcessorTime
    if self == .leaderShare {
      return "leader: \(percent(processorSeconds / seconds)) of a core over \(seconds) s with \(transport.size) ranks"
    }
    return "\(rawValue): \(Int(Double(jobCount) / seconds)) empty jobs a second on \(transport.size) ranks, "
      + "\(ledger.commitCount) commits"
  }

  private func jobCount(size: Int) -> Int {
    switch self {
    case .throughput: 5000
    case .syncedThroughput: 1000
    case .leaderShare: size
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }

  private func clock(_ identifier: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(identifier, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }

  private func spin(seconds: Double) {
    let end = clock(CLOCK_MONOTONIC) + seconds
    while clock(CLOCK_MONOTONIC) < end {}
  }
}

/// Appends about what a journal would: a process that is killed loses nothing, a host that goes down at most 0.1 s or,
/// synced at each commit, nothing either.
final class FileLedger: JobJournal, FarmObserver {
  private let descriptor: Int32
  private let syncsEachCommit: Bool
  private var pending: [UInt8] = []
  private(set) var commitCount = 0

  init(syncsEachCommit: Bool) throws {
    self.syncsEachCommit = syncsEachCommit
    var path = Array("/tmp/farm-selftest-XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    if descriptor < 0 { throw POSIXError(.EIO) }
    unlink(path)
  }

  deinit { close(descriptor) }

  func payload(of job: Int) -> [UInt8] { [UInt8](repeating: 5, count: 300) }

  func record(handOut: HandOut) { pending += Array("hand-out \(handOut.job) to \(handOut.rank)\n".utf8) }

  func record(answer: Answer, isFinal: Bool) {
    if case .finished(let result, _) = answer.content { pending += result }
    pending.append(10)
  }

  func wants(job: Int) -> Bool { true }
  func released() -> [Int] { [] }
  func record(returned handOut: HandOut) {}
  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) {}
  func notice(duplicate answer: Answer, matches: Bool) {}
  func notice(progress report: [UInt8], of handOut: HandOut) {}
  func notice(lost rank: Int, reason: String) {}
  func notice(found rank: Int) {}
  func notice(quarantined host: String) {}

  func commit() throws {
    commitCount += 1
    let written = pending.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written != pending.count { throw POSIXError(.EIO) }
    if syncsEachCommit && fsync(descriptor) != 0 { throw POSIXError(.EIO) }
    pending.removeAll(keepingCapacity: true)
  }

  func tick(_ state: FarmState) throws {
    if fsync(descriptor) != 0 { throw POSIXError(.EIO) }
  }
}
