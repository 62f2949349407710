// A run's right to write to its folder, which is the folder's lease. A folder that exists is claimed early, before the sweep's
// models are digested (which takes seconds), because another leader may hold it. A new folder is made and claimed only after
// the sweep is found sound. Both claims are released here.

import Files
import Foundation
import Host

/// The lease of a run's folder: not taken yet, or held.
package final class FolderClaim {
  /// A lease that was taken, and when it was renewed.
  private struct Held {
    let lease: Lease
    /// When a renewal was tried last.
    var lastTry: Double
    /// When one succeeded last.
    var lastBeat: Double
  }

  private let folder: RunFolder
  private let isLaunched: Bool
  private let patience: LeasePatience
  private let notice: (String) -> Void
  private let checking: () throws -> Void
  private let clock: any HostClock
  private var held: Held?

  /// A claim that is not taken yet.
  ///
  /// - Parameters:
  ///   - isLaunched: Whether mpirun or srun started this process.
  ///   - stallSeconds: Seconds without a sign of life after which a leader on another machine is given up.
  ///   - notice: Called with one line about a wait or a takeover.
  ///   - checking: Called before the folder is taken and while the last leader is waited for; an error that it throws ends that.
  package init(
    _ folder: RunFolder, isLaunched: Bool, stallSeconds: Double, notice: @escaping (String) -> Void = { _ in },
    checking: @escaping () throws -> Void = {}, clock: any HostClock = SystemClock()
  ) {
    self.folder = folder
    self.isLaunched = isLaunched
    self.notice = notice
    self.checking = checking
    self.clock = clock
    var patience = LeasePatience()
    patience.silentSeconds = min(patience.silentSeconds, max(3, stallSeconds))
    self.patience = patience
  }

  /// Takes the folder if it exists.
  ///
  /// - Throws: `LeaseError` if another leader lives; `RunFolderError`, `FileError`; what `checking` throws.
  package func takeExisting() throws {
    if FileManager.default.fileExists(atPath: folder.path) { _ = try take() }
  }

  /// Makes the folder if it is missing, and returns its lease, which is taken now unless it was taken before.
  ///
  /// - Throws: `LeaseError` if another leader lives; `RunFolderError`, `FileError`; what `checking` throws.
  @discardableResult
  package func take() throws -> Lease {
    if let held { return held.lease }
    try folder.create()
    let lease = try Lease(
      folder: folder.leases, holder: .current(launchedByParent: isLaunched), patience: patience, notice: notice,
      checking: checking)
    let now = clock.seconds
    held = Held(lease: lease, lastTry: now, lastBeat: now)
    return lease
  }

  /// Renews the lease if that was tried `seconds` ago or earlier, and in any case twice in the time for which failures are
  /// forgiven.
  ///
  /// - Throws: `LeaseError` if another leader has taken the lease, after which nothing may be written; `FileError` if the lease
  ///   could not be renewed for `LeasePatience.failingSeconds`.
  package func renew(after seconds: Double) throws {
    let now = clock.seconds
    guard let held, now - held.lastTry >= min(seconds, patience.failingSeconds / 2) else { return }
    self.held?.lastTry = now
    do { try held.lease.renew() } catch let error as FileError {
      guard now - held.lastBeat <= patience.failingSeconds else { throw error }
      return
    }
    self.held?.lastBeat = now
  }

  /// Renews the lease, if it is taken, on another thread while `body` works.
  ///
  /// - Throws: as `renew`, and what `body` throws.
  package func renewing<Value>(while body: () throws -> Value) throws -> Value {
    guard let held else { return try body() }
    let value = try held.lease.renewed(patience: patience) { _ in try body() }
    // The last beat was within the time for which failures are forgiven. The last second was without one, and so may the next
    // be.
    self.held?.lastBeat = clock.seconds
    try renew(after: 0)
    return value
  }

  /// Releases the lease; a second call does nothing.
  ///
  /// - Throws: `FileError`.
  package func release() throws { try held?.lease.release() }

  /// Releases the lease after a run that failed, unless another leader has taken it.
  package func release(after error: any Error) {
    if !(error is LeaseError) { try? release() }
  }
}
