// Renews a lease while the thread that holds it works for longer than other hosts wait for a sign of life: while it reads a large
// journal or writes large tables.

import Foundation
import Host
import Synchronization

extension Lease {
  /// Renews the lease on a thread of its own while `body` works, and returns what that returns: every `seconds`, or twice in the
  /// time for which `patience` forgives failures if that is more often.
  ///
  /// `body` gets a function that throws once another leader has taken over, and calls it before it writes. It neither renews nor
  /// releases the lease.
  ///
  /// - Throws: what `body` throws; `LeaseError` if another leader took over or the file system does not answer, `FileError` if
  ///   the lease could not be renewed for `LeasePatience.failingSeconds`.
  package func renewed<Value>(
    every seconds: Double = 1, patience: LeasePatience = LeasePatience(),
    while body: (_ check: () throws -> Void) throws -> Value
  ) throws -> Value {
    nonisolated(unsafe) let lease = self
    let beat = LeaseBeat(every: min(seconds, patience.failingSeconds / 2), patience: patience.failingSeconds) {
      try lease.renew()
    }
    let value: Value
    do { value = try body(beat.check) } catch {
      beat.end()
      throw error
    }
    beat.end()
    try beat.check()
    return value
  }
}

/// The thread that renews a lease.
final class LeaseBeat: Sendable {
  /// The last renewal.
  private struct Last {
    /// When a renewal last succeeded, in seconds of the machine's clock; at first, when the thread began.
    var success = monotonicSeconds()
    /// Why the renewals since then failed; nil where none did.
    var failure: (any Error)?
    /// When the renewal under way began; nil between two.
    var beginning: Double?
  }

  private let last = Mutex(Last())
  private let patience: Double
  private let hangSeconds: Double
  private let mayEnd = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// Calls `renew` every `seconds` until `end`. Nobody else renews the lease meanwhile.
  ///
  /// - Parameters:
  ///   - patience: The seconds without a renewal for which failures of the file system are let be.
  ///   - hangSeconds: The seconds that `check` waits for a renewal under way. A busy machine or disk makes one take long, and
  ///     nothing is written meanwhile.
  init(
    every seconds: Double, patience: Double = LeasePatience().failingSeconds, hangSeconds: Double = 120,
    renew: @escaping @Sendable () throws -> Void
  ) {
    self.patience = patience
    self.hangSeconds = hangSeconds
    let thread = Thread { [self] in
      while mayEnd.wait(timeout: .now() + seconds) == .timedOut {
        var start = monotonicSeconds()
        last.withLock { $0.beginning = start }
        var result = Result { try renew() }
        // A renewal looks for another leader first. One may have come while it took long, so it is made once more.
        if monotonicSeconds() - start > patience, case .success = result {
          start = monotonicSeconds()
          result = Result { try renew() }
        }
        last.withLock { last in
          last.beginning = nil
          switch result {
          case .success: last = Last(success: start)
          case .failure(let error): last.failure = error
          }
        }
        // What another leader took is not to be renewed.
        if case .failure(let error) = result, error is LeaseError { break }
      }
      hasEnded.signal()
    }
    thread.start()
  }

  /// Throws if another leader took over, or if renewals have failed for longer than the patience. Waits for a renewal that has
  /// been under way for as long, and for the next one: only that tells whose the folder is.
  func check() throws {
    var last = last.withLock { $0 }
    while let seconds = hangingSeconds(last) {
      guard seconds <= hangSeconds else {
        throw LeaseError(
          description: "the lease has not been renewed for \(Int(seconds)) s, because its file system does not answer")
      }
      SystemClock().sleep(0.05)
      last = self.last.withLock { $0 }
    }
    guard let failure = last.failure else { return }
    if failure is LeaseError || monotonicSeconds() - last.success > patience { throw failure }
  }

  /// Ends the thread and waits for that, but not for a renewal that hangs.
  func end() {
    mayEnd.signal()
    while hasEnded.wait(timeout: .now() + 0.1) == .timedOut {
      if last.withLock({ hangingSeconds($0) }) != nil { return }
    }
  }

  /// The seconds since a renewal under way began, if they are more than the patience.
  private func hangingSeconds(_ last: Last) -> Double? {
    last.beginning.map { monotonicSeconds() - $0 }.flatMap { $0 > patience ? $0 : nil }
  }
}
