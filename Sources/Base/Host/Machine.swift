// What this machine offers to a sweep: read from the system as plain values, judged elsewhere (`Doctor`, `MemoryCheck`).

import Foundation

/// The parts of a machine that decide how many ranks it carries.
package struct Machine: Equatable {
  /// The name of the host.
  package var host = ""
  /// The processor's name.
  package var processor = ""
  /// Processors the system has online.
  package var coreCount = 1
  /// Processors this process may run on.
  package var usableCoreCount = 1
  /// Bytes of memory, or of the control group's limit where that is smaller.
  package var memoryByteCount = 0
  /// Bytes of memory that programs could take now.
  package var availableByteCount = 0
  /// Bytes that this process may address beside those that it does, where `ulimit -v` limits them.
  package var addressByteCount: Int?
  /// The kernel's name and release.
  package var kernel = ""

  /// A machine of which nothing is known.
  package init() {}

  /// This machine as it is now.
  package static func current() -> Machine {
    var machine = Machine()
    machine.host = hostName()
    machine.processor = field("model name", in: contents("/proc/cpuinfo"), separator: ":") ?? "unknown"
    machine.coreCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let allowed = field("Cpus_allowed_list", in: contents("/proc/self/status"), separator: ":")
    machine.usableCoreCount = allowed.flatMap(ProcessorAffinity.processors)?.count ?? machine.coreCount
    let memory = contents("/proc/meminfo")
    let limit = memoryLimit()
    machine.memoryByteCount = min(kibibytes("MemTotal", in: memory), limit)
    machine.availableByteCount = min(kibibytes("MemAvailable", in: memory), limit)
    machine.addressByteCount = addressLimit.map {
      max(0, $0 - kibibytes("VmSize", in: contents("/proc/self/status")))
    }
    var names = utsname()
    if uname(&names) == 0 { machine.kernel = text(of: names.sysname) + " " + text(of: names.release) }
    return machine
  }

  /// The host's name as `gethostname` gives it.
  package static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The C library's name and version joined by a hyphen, such as `glibc-2.36`.
  package static func libraryVersion() -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    guard confstr(Int32(_CS_GNU_LIBC_VERSION), &buffer, buffer.count) > 0 else { return "unknown" }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.replacingOccurrences(of: " ", with: "-")
  }

  /// Bytes that this process may address (`ulimit -v`); nil for no limit.
  package static var addressLimit: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return Int(exactly: limit.rlim_cur)
  }

  private static func memoryLimit() -> Int {
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      if let limit = Int(contents(path).trimmingCharacters(in: .whitespacesAndNewlines)) { return limit }
    }
    return .max
  }

  private static func contents(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func field(_ name: String, in text: String, separator: Character) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: separator, maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }

  private static func kibibytes(_ name: String, in text: String) -> Int {
    let words = field(name, in: text, separator: ":")?.split(separator: " ")
    return (words?.first.flatMap { Int($0) } ?? 0) << 10
  }

  private static func text<Field>(of field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// Free bytes on the file system that holds a path, nil where it cannot be told.
package func freeByteCount(at path: String) -> Int? {
  var system = statvfs()
  guard statvfs(path, &system) == 0 else { return nil }
  return Int(system.f_bavail) * Int(system.f_frsize)
}
