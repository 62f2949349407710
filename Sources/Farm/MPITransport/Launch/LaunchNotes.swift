// What the command that started mpirun (`--processes N`) and the leader under it tell each other, line by line in a file of
// TMPDIR: that a rank has started, that all take signals, which signal asked for the end, and the exit code. mpirun passes none of
// them on.

import CommandLine
import Foundation
import Host

/// The file that a command and its leader share.
struct LaunchNotes: Sendable {
  private static let prefix = "seedsweep-exit-code-"

  /// Where the file is.
  let path: String

  /// Makes the file of this process. The folder is shared with other users, so the file has a name of its own, and only this
  /// user may read it.
  ///
  /// - Throws: a `Refusal` where it cannot be written.
  static func create(in folder: String = NSTemporaryDirectory()) throws -> LaunchNotes {
    let notes = LaunchNotes(path: folder + "/" + prefix + UUID().uuidString)
    let descriptor = open(notes.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Refusal(
        "cannot write \(notes.path): \(String(cString: strerror(errno))); set TMPDIR to a folder that is writable")
    }
    close(descriptor)
    let owner = ProcessIdentity(running: getpid())
    notes.add("owner \(getpid()) \(owner?.startTime ?? 0) \(MachineIdentity.current.title)")
    return notes
  }

  /// Removes what commands of this machine left that were killed.
  static func removeAbandoned(in folder: String = NSTemporaryDirectory()) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
      let notes = LaunchNotes(path: folder + "/" + name)
      if notes.isAbandoned { notes.remove() }
    }
  }

  func remove() { unlink(path) }

  // MARK: - Lines

  /// Notes that a rank has started.
  func noteStart() { add("started") }

  /// Notes that every rank takes signals.
  func noteReady() { add("ready") }

  /// Notes that the command was sent a signal.
  func note(signal: Int32) { add("signal \(signal)") }

  /// Notes the exit code of the leader.
  func note(_ code: ExitCode) { add("code \(code.rawValue)") }

  /// Whether a rank has started.
  var hasStarted: Bool { lines.contains("started") }

  /// Whether every rank takes signals.
  var isReady: Bool { lines.contains("ready") }

  /// The signal that the command was sent last.
  var signal: Int32? { last("signal") }

  /// The exit code that the leader noted last.
  var code: ExitCode? { last("code").flatMap(ExitCode.init(rawValue:)) }

  /// Whether the command that made the file is gone, which only a process of the same machine can tell.
  var isAbandoned: Bool {
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 3).map(String.init)
    guard words.count == 4, words[0] == "owner", let process = Int32(words[1]), let start = UInt64(words[2]),
      words[3] == MachineIdentity.current.title
    else { return false }
    return !ProcessIdentity(process: process, startTime: start).isAlive
  }

  private var lines: [String] {
    ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  private func last(_ word: String) -> Int32? {
    lines.last { $0.hasPrefix(word + " ") }.flatMap { Int32($0.dropFirst(word.count + 1)) }
  }

  /// Adds a line, unless the file is gone.
  private func add(_ line: String) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    put(line + "\n", to: descriptor)
    close(descriptor)
  }
}

extension MachineIdentity {
  /// The machine in one line.
  fileprivate var title: String { "\(host) \(processSpace)" }
}
