// Which process on which machine, told apart from a later process with the same number. Linux only: it reads /proc.

import Foundation

/// A process that can be recognized later.
package struct ProcessIdentity: Equatable, Sendable {
  /// The process number.
  package var process: Int32
  /// Its start in clock ticks since the machine's, which tells it from a later process with the same number.
  package var startTime: UInt64

  /// A process by number and start.
  package init(process: Int32, startTime: UInt64) {
    self.process = process
    self.startTime = startTime
  }

  /// The running process with a number; nil if there is none or it only waits to be collected (a zombie).
  package init?(running process: Int32) {
    guard let fields = Self.statusFields(of: process), !["Z", "X"].contains(fields[0]),
      let startTime = UInt64(fields[19])
    else { return nil }
    self.init(process: process, startTime: startTime)
  }

  /// Seconds since this process was started, in steps of a clock tick; nil where /proc does not say.
  package static func secondsSinceStart() -> Double? {
    var now = timespec()
    guard let start = ProcessIdentity(running: getpid())?.startTime, clock_gettime(CLOCK_BOOTTIME, &now) == 0 else {
      return nil
    }
    let tick = 1 / Double(sysconf(Int32(_SC_CLK_TCK)))
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - Double(start) * tick
  }

  /// Whether the process is still there; a stopped one is.
  package var isAlive: Bool { ProcessIdentity(running: process) == self }

  /// Whether the process is there but was stopped, by SIGSTOP or a debugger.
  package var isStopped: Bool { isAlive && ["T", "t"].contains(Self.statusFields(of: process)?[0] ?? "") }

  /// Whether the process that started it is gone: the system's first process, or the user's service manager, has adopted it.
  package var isOrphan: Bool {
    guard isAlive, let parent = Self.statusFields(of: process).flatMap({ Int32($0[1]) }), parent > 0 else {
      return false
    }
    let name = try? String(contentsOfFile: "/proc/\(parent)/comm", encoding: .utf8)
    return parent == 1 || name?.trimmingCharacters(in: .newlines) == "systemd"
  }

  /// The fields of /proc/PROCESS/stat from the state on: the program's name before them may hold any character but ends
  /// in the last parenthesis.
  private static func statusFields(of process: Int32) -> [Substring]? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let name = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: name)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    return fields.count > 19 ? fields : nil
  }
}

/// A machine, as far as its processes can see one another.
package struct MachineIdentity: Equatable, Sendable {
  /// The host's name.
  package var host: String
  /// What differs between two boots of a machine and between containers that do not see each other's processes.
  package var processSpace: String

  package init(host: String, processSpace: String) {
    self.host = host
    self.processSpace = processSpace
  }

  /// This machine.
  package static let current: MachineIdentity = {
    let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
      .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    return MachineIdentity(
      host: ProcessInfo.processInfo.hostName, processSpace: "\(boot ?? "unknown") \(space ?? "unknown")")
  }()
}
