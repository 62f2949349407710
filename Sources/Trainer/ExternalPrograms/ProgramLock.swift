// Keeps two programs out of one trial's folder: an attempt that was given up may still run, because its rank is halted. The lock
// is the system's and belongs to the shim alone once that has started, so that it ends with everything below it.

import Files
import Foundation

/// The lock of a trial's folder.
final class ProgramLock {
  private var lock: FileLock?
  private let path: String
  private let host: String

  /// The descriptor that holds the lock; -1 once a shim has it.
  var descriptor: Int32 { lock?.descriptor ?? -1 }

  /// Takes the lock. Where another attempt holds it, its shim is asked to stop if it runs on this host, and is waited for.
  ///
  /// - Parameters:
  ///   - patience: The seconds to wait at most.
  ///   - waiting: Called ten times a second meanwhile.
  /// - Throws: `ProgramError` where the lock stays taken, `FileError`, and what `waiting` throws.
  init(_ path: String, host: String, patience: Double, waiting: () throws -> Void) throws {
    self.path = path
    self.host = host
    var tries = 0
    while true {
      if let lock = try FileLock(path, isShared: false) {
        self.lock = lock
        return
      }
      let holder = Self.holder(path)
      // Again each second: a shim has its name only a moment after it has the lock.
      if tries % 10 == 0, holder?.host == host, let process = holder?.process, Self.isShim(process) {
        kill(process, SIGTERM)
      }
      guard Double(tries) * 0.1 < patience else {
        throw ProgramError(
          "an earlier attempt at this trial still runs"
            + (holder.map { " on host \($0.host), under process \($0.process)" } ?? "")
            + ", so that its folder cannot be used; end it first")
      }
      try waiting()
      usleep(100_000)
      tries += 1
    }
  }

  /// Leaves the lock to a shim, which has the descriptor, and notes which one it is.
  func leave(to shim: Int32) {
    let text = Array("\(host) \(shim)\n".utf8)
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.count, 0)
    lock = nil
  }

  /// Removes the file once nothing of the program is left, unless another attempt has the lock.
  func remove() {
    guard let lock = try? FileLock(path, isShared: false) else { return }
    withExtendedLifetime(lock) { _ = unlink(path) }
  }

  private static func holder(_ path: String) -> (host: String, process: Int32)? {
    let words = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    }
    guard let words, words.count == 2, let process = Int32(words[1]) else { return nil }
    return (String(words[0]), process)
  }

  /// Whether a process is a shim, and not another one that got its number.
  private static func isShim(_ process: Int32) -> Bool {
    FileManager.default.contents(atPath: "/proc/\(process)/comm").map { String(decoding: $0, as: UTF8.self) }
      == "seedsweep-shim\n"
  }
}
