// Appends records to a journal. Only the leader writes one; an old leader that wakes up after another took over appends
// records of an older epoch, which readers ignore.

import Files
import Foundation

/// The one writer of a journal.
package final class JournalWriter {
  /// The epoch that every record carries.
  package let epoch: Int
  private let file: RawFile
  /// Lines that are not known to be on the disk.
  private var pending: [UInt8] = []
  /// Whether the file may end inside a line.
  private var needsLineEnd: Bool
  /// Asked before every write, for tests of what follows; nil writes as usual.
  package var fault: (() -> WriteFault?)?

  /// Opens a journal, creating it if it is missing; the next record starts on a fresh line whatever the file ends in.
  ///
  /// - Parameters:
  ///   - path: The journal.
  ///   - epoch: Larger than every epoch in the journal (`JournalIndex.lastEpoch`).
  /// - Throws: `FileError`.
  package init(path: String, epoch: Int) throws {
    self.epoch = epoch
    // Opened for reading as well, to see how the file ends; a device such as /dev/full has no end to see.
    file = try RawFile(path: path, flags: O_RDWR | O_CREAT | O_APPEND)
    let size = try file.size()
    needsLineEnd = size > 0 ? try file.read(at: size - 1, count: 1) != [0x0A] : false
    try RawFile.syncFolder(RawFile.folder(of: path))
  }

  /// Appends a group of records and waits until they are on the disk.
  ///
  /// If that fails nothing is lost: the records are kept and go out with the next `append` or `commit`, after a line end
  /// that ends whatever part of them reached the file. Records that were written twice that way are equal, and readers
  /// drop one.
  ///
  /// - Throws: `FileError`, such as "cannot write to out/journal.jsonl: No space left on device (error 28)".
  package func append(_ records: [JournalRecord]) throws {
    for record in records {
      pending += JournalLine(epoch: epoch, record: record).encoded()
      pending.append(0x0A)
    }
    try commit()
  }

  /// Tries again to write what an earlier call could not.
  ///
  /// - Throws: `FileError`.
  package func commit() throws {
    guard !pending.isEmpty else { return }
    let bytes = (needsLineEnd ? [0x0A] : []) + pending
    needsLineEnd = true
    if let fault = fault?() { try write(half: bytes, thenFailing: fault) }
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.sync()
    needsLineEnd = false
    pending.removeAll(keepingCapacity: true)
  }

  private func write(half bytes: [UInt8], thenFailing fault: WriteFault) throws {
    try bytes[..<(bytes.count / 2)].withUnsafeBytes { try file.write($0) }
    switch fault {
    case .tornByKill:
      try file.sync()
      kill(getpid(), SIGKILL)
    case .diskFull: throw file.error("write to", ENOSPC)
    }
  }
}

/// How a write may be made to go wrong on purpose.
package enum WriteFault: Sendable {
  /// The process dies in the middle of it.
  case tornByKill
  /// The disk is full in the middle of it.
  case diskFull
}
