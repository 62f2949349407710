// One leader a folder, and no lock whose death needs a human. Leases are files numbered by epoch in a folder of their own;
// whoever creates the next number, which a hard link does atomically also on NFS, leads. A holder renews only its own
// file, so nobody ever removes or overwrites the lease of another who might live. Clocks of two hosts are never compared.

import Files
import Foundation
import Host

/// Why a folder cannot be led.
package struct LeaseError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what to do.
  package let description: String
}

/// How long a would-be leader waits.
package struct LeasePatience: Sendable {
  /// Seconds for a leader on this machine whose `mpirun` was killed to leave. It takes about one, but a busy machine may let it
  /// wait for a core.
  package var orphanSeconds = 20.0
  /// Seconds for the `mpirun` of a leader that died on this machine to end.
  package var launcherSeconds = 3.0
  /// Seconds without a beat after which a leader on another machine is given up.
  package var silentSeconds = 15.0
  /// Seconds between two looks.
  package var pollSeconds = 0.1
  /// Seconds without a beat for which a leader forgives failures of the file system: a network file system may fail for a
  /// moment. They are a third of those after which another machine, with the same patience, takes over.
  package var failingSeconds: Double { silentSeconds / 3 }

  /// The defaults.
  package init() {}
}

/// The right to lead a folder.
package final class Lease {
  /// The number of this lease, larger than that of every earlier one.
  package let epoch: Int
  /// The last leader that did not let go of the folder: its process ended, or gave no sign of life. Others may have led since, such as
  /// one that only waited for it; whether one of them began a run, the journal tells. nil where there was none.
  package let fallen: FallenLeader?
  private let folder: String
  private let holder: LeaseHolder
  private var beat = 0
  private var isReleased = false

  /// Takes the lease of a folder, waiting for its last leader as long as it may be dying.
  ///
  /// - Parameters:
  ///   - folder: The folder of lease files, created if missing (`RunFolder.leases`).
  ///   - holder: Who is to lead.
  ///   - notice: Called with one line about a wait or a takeover.
  ///   - checking: Called before each look at the last leader and before the lease is taken; an error that it throws ends the
  ///     wait, and nothing is taken.
  /// - Throws: `LeaseError` if another leader lives, `FileError`; what `checking` throws.
  package init(
    folder: String, holder: LeaseHolder, patience: LeasePatience = LeasePatience(),
    notice: (String) -> Void = { _ in }, checking: () throws -> Void = {}
  ) throws {
    try RawFile.createFolder(folder)
    self.folder = folder
    self.holder = holder
    while true {
      // In a folder that was copied without its hidden files only the journal tells the earlier epochs.
      let last = max(Self.lastEpoch(in: folder), try JournalReader.lastEpoch(path: Self.journal(beside: folder)))
      guard last < Int32.max else {
        throw LeaseError(
          description:
            "the last leader of this folder had the number \(last), after which there is none: its journal or "
            + "\(folder) is damaged; choose another folder")
      }
      if last > 0 {
        try Self.waitForEnd(
          of: last, in: folder, for: holder, patience: patience, notice: notice, checking: checking)
      }
      let ticket = try Self.ticket(last, in: folder)
      try checking()
      // A number that appeared meanwhile means that somebody else was faster: look at them instead.
      guard try Self.create(last + 1, in: folder, holder: holder) else { continue }
      guard Self.lastEpoch(in: folder) == last + 1 else {
        unlink(Self.path(last + 1, in: folder))
        continue
      }
      epoch = last + 1
      fallen = ticket?.fallenLeader(epoch: last)
      break
    }
    Self.removeLeases(before: epoch, in: folder)
  }

  /// Says that the leader lives; called about once a second.
  ///
  /// - Throws: `LeaseError` if another leader took over, after which nothing may be written; `FileError`.
  package func renew() throws {
    try check()
    beat += 1
    try replaceTicket()
  }

  /// Looks whether this leader still leads.
  ///
  /// - Throws: `LeaseError` if another leader took over, after which nothing may be written; `FileError` where that cannot
  ///   be seen.
  private func check() throws {
    // A successor removes older leases, so a lease that is gone tells of one as well.
    let last = Self.lastEpoch(in: folder, from: epoch)
    let code = access(Self.path(epoch, in: folder), F_OK) == 0 ? 0 : errno
    if last == epoch, code != 0, code != ENOENT {
      throw FileError(operation: "examine", path: Self.path(epoch, in: folder), code: code)
    }
    guard last == epoch, code == 0 else {
      let successor = (try? Self.ticket(last, in: folder))?.holder.title ?? "another process"
      throw LeaseError(description: "\(successor) took over this folder because this leader seemed dead; stopping")
    }
  }

  /// Ends the lease, so that the next leader need not wait. The file stays, so that its number is not used again.
  ///
  /// - Throws: `FileError`.
  package func release() throws {
    guard !isReleased else { return }
    isReleased = true
    try replaceTicket()
  }

  /// Ends the lease of a leader that wrote nothing. Where nobody led before, no trace of it is left: its number may be used
  /// again.
  ///
  /// - Throws: `FileError`.
  package func withdraw() throws {
    guard epoch == 1 else { return try release() }
    isReleased = true
    unlink(Self.path(epoch, in: folder))
    rmdir(folder)
  }

  private func replaceTicket() throws {
    let ticket = LeaseTicket(holder: holder, beat: beat, isReleased: isReleased, fallen: isReleased ? fallen : nil)
    try WholeFile.write(ticket.encoded, to: Self.path(epoch, in: folder), durability: .none)
  }
}

extension Lease {
  /// Who led last, if it surely leads no more: it let go of the folder, or its process on this machine is gone. Nil
  /// where it may still lead or nobody ever did.
  ///
  /// - Parameter folder: The folder of lease files (`RunFolder.leases`).
  package static func departedHolder(in folder: String) -> LeaseHolder? {
    let last = lastEpoch(in: folder)
    guard last > 0, let ticket = try? ticket(last, in: folder) else { return nil }
    return ticket.isReleased || ticket.holder.isGone ? ticket.holder : nil
  }

  /// The last lease's number and beat as a text that changes while its holder lives; nil where nobody led, the holder let go of
  /// the folder or its process is known to be gone.
  ///
  /// - Parameter folder: The folder of lease files (`RunFolder.leases`).
  package static func beat(in folder: String) -> String? {
    let last = lastEpoch(in: folder)
    guard last > 0, let ticket = try? ticket(last, in: folder), !ticket.isReleased, !ticket.holder.isGone else {
      return nil
    }
    return "\(last).\(ticket.beat)"
  }

  /// Whether a folder of leases holds that of a leader's run: then it is the folder that this leader writes to.
  package static func isHeld(_ epoch: Int, by holder: LeaseHolder, in folder: String) -> Bool {
    ((try? ticket(epoch, in: folder)) ?? nil)?.holder == holder
  }

  private static func path(_ epoch: Int, in folder: String) -> String { "\(folder)/\(epoch).json" }

  /// The epoch that a lease file's name says; nil for a name that no lease has, so that none is too large to count on from.
  private static func epoch(ofFile name: String) -> Int? {
    guard name.hasSuffix(".json"), let epoch = Int32(name.dropLast(5)) else { return nil }
    return Int(epoch)
  }

  /// The journal of the output folder that a folder of leases lies in.
  fileprivate static func journal(beside folder: String) -> String { RunFolder(RawFile.folder(of: folder)).journal }

  /// The ticket of an epoch; nil if there is no such file. A file that is not a ticket reads as released: tickets appear
  /// whole, so it is damage. One that cannot be read says nothing about its holder and is an error.
  fileprivate static func ticket(_ epoch: Int, in folder: String) throws -> LeaseTicket? {
    let data: [UInt8]
    do {
      let file = try RawFile(path: path(epoch, in: folder), flags: O_RDONLY)
      data = try file.read(at: 0, count: file.size())
    } catch let error as FileError where error.code == ENOENT {
      return nil
    }
    let nobody = LeaseHolder(
      machine: MachineIdentity(host: "", processSpace: ""), process: ProcessIdentity(process: 0, startTime: 0),
      launcher: nil)
    return LeaseTicket(encoded: data) ?? LeaseTicket(holder: nobody, beat: 0, isReleased: true)
  }

  /// The largest epoch with a file. A folder's listing may be stale on a network file system, so it is only where the
  /// search by name begins.
  private static func lastEpoch(in folder: String, from least: Int = 0) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var epoch = max(least, names.compactMap(epoch(ofFile:)).max() ?? 0)
    while access(path(epoch + 1, in: folder), F_OK) == 0 { epoch += 1 }
    return epoch
  }

  /// Creates the file of an epoch; false if it is there already.
  private static func create(_ epoch: Int, in folder: String, holder: LeaseHolder) throws -> Bool {
    let temporary = "\(folder)/\(WholeFile.temporaryPrefix)\(UUID().uuidString)"
    defer { unlink(temporary) }
    let file = try RawFile(path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, name: path(epoch, in: folder))
    let text = LeaseTicket(holder: holder, beat: 0, isReleased: false).encoded
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    try file.sync()
    try file.close()
    if link(temporary, path(epoch, in: folder)) == 0 { return true }
    let code = errno
    // Whoever was faster removes what others have half written.
    if code == EEXIST || code == ENOENT { return false }
    throw failure(toCreate: path(epoch, in: folder), code)
  }

  /// The error of a lease file that could not be made as a hard link.
  static func failure(toCreate path: String, _ code: Int32) -> FileError {
    guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(code) else {
      return FileError(operation: "create", path: path, code: code)
    }
    return FileError(
      operation: "create", path: path, code: code,
      reason: "\(String(cString: strerror(code))) (error \(code)): this file system has no hard links; choose a "
        + "folder on another file system")
  }

  /// Removes the leases of earlier leaders, and what killed ones have half written.
  private static func removeLeases(before epoch: Int, in folder: String) {
    // Behind a link such files may be another folder's.
    guard !RawFile.isLink(folder) else { return }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let isOld = Self.epoch(ofFile: name).map { $0 < epoch } ?? name.hasPrefix(WholeFile.temporaryPrefix)
      if isOld { unlink("\(folder)/\(name)") }
    }
  }

  /// Returns when the holder of an epoch has ended; throws while it lives.
  private static func waitForEnd(
    of epoch: Int, in folder: String, for claimant: LeaseHolder, patience: LeasePatience, notice: (String) -> Void,
    checking: () throws -> Void
  ) throws {
    guard let ticket = try ticket(epoch, in: folder), !ticket.isReleased else { return }
    // A leader that was stopped can be told from one that leads only by its beats, as one on another machine. Should it wake
    // up later, it finds that it leads no more, and what it still writes is of an older epoch.
    if ticket.holder.machine == claimant.machine && !ticket.holder.process.isStopped {
      try waitForProcesses(of: ticket.holder, patience: patience, notice: notice, checking: checking)
    } else {
      try waitForSilence(
        of: ticket, epoch: epoch, in: folder, patience: patience, notice: notice, checking: checking)
    }
  }

  /// The holder was on this machine: its processes can be looked at.
  private static func waitForProcesses(
    of holder: LeaseHolder, patience: LeasePatience, notice: (String) -> Void, checking: () throws -> Void
  ) throws {
    let start = monotonicSeconds()
    var isWaiting = false
    while true {
      try checking()
      let isAlive = holder.process.isAlive
      let isLaunched = holder.launcher?.isAlive ?? isAlive
      if isAlive && isLaunched { throw refusal(holder) }
      if !isAlive && !isLaunched { break }
      let waited = monotonicSeconds() - start
      if isAlive, waited >= patience.orphanSeconds { throw refusal(ofOrphan: holder, seconds: waited) }
      if !isAlive, waited >= patience.launcherSeconds { break }
      if !isWaiting { notice("Waiting for the last leader of this folder (\(holder.title)) to end.") }
      isWaiting = true
      SystemClock().sleep(patience.pollSeconds)
    }
    notice("The last leader of this folder (\(holder.title)) is gone; taking over.")
  }

  /// The holder was on another machine: only its beats tell, timed by our own clock.
  private static func waitForSilence(
    of ticket: LeaseTicket, epoch: Int, in folder: String, patience: LeasePatience, notice: (String) -> Void,
    checking: () throws -> Void
  ) throws {
    notice(
      "The last leader of this folder was \(ticket.holder.title); taking over if it gives no sign of life for "
        + "\(Int(patience.silentSeconds.rounded())) s.")
    let deadline = monotonicSeconds() + patience.silentSeconds
    while monotonicSeconds() < deadline {
      try checking()
      SystemClock().sleep(patience.pollSeconds)
      guard let current = try Self.ticket(epoch, in: folder), !current.isReleased else { return }
      if current.beat != ticket.beat { throw refusal(ticket.holder) }
    }
  }

  private static func refusal(ofOrphan holder: LeaseHolder, seconds: Double) -> LeaseError {
    LeaseError(
      description: "this folder is being written by \(holder.title): its mpirun is gone, but it has not left for "
        + "\(Int(seconds.rounded())) s; stop it with `kill \(holder.process.process)` and give the same command again, or choose "
        + "another folder")
  }

  private static func refusal(_ holder: LeaseHolder) -> LeaseError {
    // Whoever killed the command that started mpirun is about to try the same command again.
    if holder.machine == .current, let launcher = holder.launcher, launcher.isOrphan {
      return LeaseError(
        description: "this folder is being written by \(holder.title): the command that started its mpirun, process "
          + "\(launcher.process), is gone, but mpirun and its ranks go on; wait until they end, stop them with `kill "
          + "\(launcher.process)` and give the same command again, or choose another folder")
    }
    return LeaseError(
      description: "this folder is being written by \(holder.title); wait until it ends, stop it, or choose another "
        + "folder")
  }
}
