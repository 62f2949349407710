// A run's right to write to its folder, which is the folder's lease. A folder that exists is claimed early, before the sweep's
// models are digested (which takes seconds), because another leader may hold it. A new folder is made and claimed only after
// the sweep is found sound. Both claims are released here.

import CommandLine
import Foundation
import Host
import Storage

/// The lease of a run's folder: not taken yet, or held.
final class FolderClaim {
  private enum State {
    case open
    case held(Lease, renewed: Double)
  }

  private let folder: RunFolder
  private let isLaunched: Bool
  private let patience: LeasePatience
  private var state = State.open

  /// A claim that is not taken yet.
  ///
  /// - Parameters:
  ///   - isLaunched: Whether mpirun or srun started this process.
  ///   - stallSeconds: Seconds without a sign of life after which a leader on another machine is given up.
  init(_ folder: RunFolder, isLaunched: Bool, stallSeconds: Double) {
    self.folder = folder
    self.isLaunched = isLaunched
    var patience = LeasePatience()
    patience.silentSeconds = min(patience.silentSeconds, max(3, stallSeconds))
    self.patience = patience
  }

  /// Takes the folder if it exists.
  ///
  /// - Throws: `LeaseError` if another leader lives; `RunFolderError`, `FileError`.
  func takeExisting() throws {
    if FileManager.default.fileExists(atPath: folder.path) { _ = try take() }
  }

  /// Makes the folder if it is missing, and returns its lease, which is taken now unless it was taken before.
  ///
  /// - Throws: `LeaseError` if another leader lives; `RunFolderError`, `FileError`.
  @discardableResult
  func take() throws -> Lease {
    if case .held(let lease, _) = state { return lease }
    try folder.create()
    let lease = try Lease(
      folder: folder.leases, holder: .current(launchedByParent: isLaunched), patience: patience, notice: { say($0) })
    state = .held(lease, renewed: monotonicSeconds())
    return lease
  }

  /// Renews the lease if it was renewed `seconds` ago or earlier.
  ///
  /// - Throws: `LeaseError` if another leader has taken the lease, after which nothing may be written; `FileError`.
  func renew(after seconds: Double) throws {
    let now = monotonicSeconds()
    guard case .held(let lease, let renewed) = state, now - renewed >= seconds else { return }
    state = .held(lease, renewed: now)
    try lease.renew()
  }

  /// Renews the lease, if it is taken, on another thread while `body` works.
  func renewing<Value>(while body: () throws -> Value) throws -> Value {
    guard case .held(let lease, _) = state else { return try body() }
    let value = try lease.renewed { _ in try body() }
    // The last second was without a beat, and so may the next one be.
    try lease.renew()
    state = .held(lease, renewed: monotonicSeconds())
    return value
  }

  /// Releases the lease; a second call does nothing.
  ///
  /// - Throws: `FileError`.
  func release() throws {
    if case .held(let lease, _) = state { try lease.release() }
  }

  /// Releases the lease after a run that failed, unless another leader has taken it.
  func release(after error: any Error) {
    if !(error is LeaseError) { try? release() }
  }
}
