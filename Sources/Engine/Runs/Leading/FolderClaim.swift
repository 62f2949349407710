// A run's right to write to its folder. There are two moments to take it: a folder that exists may have a leader, which is
// asked before the sweep's models are digested, because that takes seconds; a new folder is made only once the sweep is known
// to be sound. Either way the claim ends in one place.

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

  /// Makes the folder if need be, and returns its lease, taken now or before.
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

  /// Says that this leader lives, if it last did so `seconds` ago or longer.
  ///
  /// - Throws: `LeaseError` if it leads no more, after which nothing may be written; `FileError`.
  func renew(after seconds: Double) throws {
    let now = monotonicSeconds()
    guard case .held(let lease, let renewed) = state, now - renewed >= seconds else { return }
    state = .held(lease, renewed: now)
    try lease.renew()
  }

  /// Lets go of the folder; a second time does nothing.
  ///
  /// - Throws: `FileError`.
  func release() throws {
    if case .held(let lease, _) = state { try lease.release() }
  }

  /// Lets go of the folder after a run that failed. A lease that another leader took over is that leader's.
  func release(after error: any Error) {
    if !(error is LeaseError) { try? release() }
  }
}
