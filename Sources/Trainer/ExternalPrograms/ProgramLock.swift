// Keeps two programs out of one trial's folder: an attempt that was given up may still run, because its rank is halted. The lock
// is the system's and belongs to the shim alone once that has started, so that it ends with everything below it.

import Files
import Foundation

/// Which attempt at a trial a program belongs to. A later one is larger.
package struct ProgramAttempt: Comparable, Sendable {
  /// The number of the run.
  package var run: UInt64
  /// The number of the attempt in that run.
  package var number: Int

  package init(run: UInt64, number: Int) {
    self.run = run
    self.number = number
  }

  package static func < (first: ProgramAttempt, second: ProgramAttempt) -> Bool {
    (first.run, first.number) < (second.run, second.number)
  }
}

/// The lock of a trial's folder.
final class ProgramLock {
  /// What the lock's file says of its holder.
  private struct Holder {
    var host: String
    var process: Int32
    /// Nil where the attempt is not known.
    var attempt: ProgramAttempt?
  }

  private var lock: FileLock?
  private let path: String
  private let host: String
  private let attempt: ProgramAttempt?

  /// The descriptor that holds the lock; -1 once a shim has it.
  var descriptor: Int32 { lock?.descriptor ?? -1 }

  /// Takes the lock. Where another attempt holds it, its shim is waited for, and asked to stop if it runs on this host. A later
  /// attempt is not asked: this one was given up and only woke up late.
  ///
  /// - Parameters:
  ///   - attempt: The attempt that takes the lock; nil outside a run.
  ///   - patience: The seconds to wait at most.
  ///   - waiting: Called ten times a second meanwhile.
  /// - Throws: `ProgramError` where the lock stays taken, `FileError`, and what `waiting` throws.
  init(
    _ path: String, host: String, attempt: ProgramAttempt? = nil, patience: Double, waiting: () throws -> Void
  ) throws {
    self.path = path
    self.host = host
    self.attempt = attempt
    var tries = 0
    while true {
      if let lock = try FileLock(path, isShared: false) {
        self.lock = lock
        return
      }
      // An attempt that was told to stop leaves the other one alone.
      try waiting()
      let holder = Self.holder(path)
      // Again each second: a shim has its name only a moment after it has the lock.
      if tries % 10 == 0, let holder, holder.host == host, !isBefore(holder), Self.isShim(holder.process) {
        kill(holder.process, SIGTERM)
      }
      guard Double(tries) * 0.1 < patience else {
        let which = holder.map(isBefore) ?? false ? "a later" : "an earlier"
        throw ProgramError(
          "\(which) attempt at this trial still runs"
            + (holder.map { " on host \($0.host), under process \($0.process)" } ?? "")
            + ", so that its folder cannot be used; end it first")
      }
      usleep(100_000)
      tries += 1
    }
  }

  /// Leaves the lock to a shim, which has the descriptor, and notes which one it is.
  func leave(to shim: Int32) {
    let number = attempt.map { " \($0.run) \($0.number)" } ?? ""
    let text = Array("\(host) \(shim)\(number)\n".utf8)
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.count, 0)
    lock = nil
  }

  /// Removes the file once nothing of the program is left, unless another attempt has the lock.
  func remove() {
    guard let lock = try? FileLock(path, isShared: false) else { return }
    withExtendedLifetime(lock) { _ = unlink(path) }
  }

  /// Whether a holder is known to be a later attempt.
  private func isBefore(_ holder: Holder) -> Bool {
    guard let attempt, let other = holder.attempt else { return false }
    return attempt < other
  }

  private static func holder(_ path: String) -> Holder? {
    let words = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    }
    guard let words, words.count == 2 || words.count == 4, let process = Int32(words[1]) else { return nil }
    var holder = Holder(host: String(words[0]), process: process)
    if words.count == 4, let run = UInt64(words[2]), let number = Int(words[3]) {
      holder.attempt = ProgramAttempt(run: run, number: number)
    }
    return holder
  }

  /// Whether a process is a shim, and not another one that got its number.
  private static func isShim(_ process: Int32) -> Bool {
    FileManager.default.contents(atPath: "/proc/\(process)/comm").map { String(decoding: $0, as: UTF8.self) }
      == "seedsweep-shim\n"
  }
}
