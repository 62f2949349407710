// Renews a lease while the thread that holds it works for longer than other hosts wait for a sign of life: while it reads a large
// journal or writes large tables.

import Foundation
import Synchronization

extension Lease {
  /// Renews the lease every `seconds` on a thread of its own while `body` works, and returns what that returns.
  ///
  /// `body` gets a function that throws once another leader has taken over, and calls it before it writes. It neither renews nor
  /// releases the lease.
  ///
  /// - Throws: what `body` throws; `LeaseError` if another leader took over, `FileError` if the lease could not be renewed at last.
  package func renewed<Value>(
    every seconds: Double = 1, while body: (_ check: () throws -> Void) throws -> Value
  ) throws -> Value {
    let beat = LeaseBeat(self, every: seconds)
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
private final class LeaseBeat: Sendable {
  /// Why the last renewal failed; nil where it did not.
  private let failure = Mutex<(any Error)?>(nil)
  private let mayEnd = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// Starts to renew a lease that nobody else uses until `end`.
  init(_ lease: Lease, every seconds: Double) {
    nonisolated(unsafe) let lease = lease
    let thread = Thread { [self] in
      while mayEnd.wait(timeout: .now() + seconds) == .timedOut {
        let result = Result { try lease.renew() }
        failure.withLock { failure in
          if case .failure(let error) = result { failure = error } else { failure = nil }
        }
        // What another leader took is not to be renewed.
        if case .failure(let error) = result, error is LeaseError { break }
      }
      hasEnded.signal()
    }
    thread.start()
  }

  /// Throws if the last renewal failed.
  func check() throws {
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Ends the thread and waits for that.
  func end() {
    mayEnd.signal()
    hasEnded.wait()
  }
}
