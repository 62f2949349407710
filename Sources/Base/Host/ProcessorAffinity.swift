// Which processors this process may use: what the banner prints and what warnings are about.

import Foundation

/// The processors that the scheduler allows the calling thread.
package struct ProcessorAffinity: Equatable, Sendable {
  /// The numbers of the allowed hardware threads, increasing.
  package var processors: [Int]
  /// The number of physical cores they belong to.
  package var coreCount: Int

  package init(processors: [Int], coreCount: Int) {
    self.processors = processors
    self.coreCount = coreCount
  }

  /// Reads the calling thread's mask; hardware threads of one core count as one core.
  package static func current() -> ProcessorAffinity {
    let processors = allowedProcessors()
    let cores = Set(processors.map { siblings(of: $0) ?? String($0) })
    return ProcessorAffinity(processors: processors, coreCount: cores.count)
  }

  /// What is unwise about running `threadCount` threads here, or nil.
  package func warning(threadCount: Int) -> String? {
    if threadCount <= coreCount { return nil }
    return "\(threadCount) threads share \(counted(coreCount, "core")): this process may use no more. "
      + "Start with `mpirun --map-by slot:PE=\(threadCount) --bind-to core`, or with `--bind-to none`."
  }

  /// The mask from the kernel's own account of the thread, or all processors where there is none.
  private static func allowedProcessors() -> [Int] {
    let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
    let key = "Cpus_allowed_list:"
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
    return line.flatMap { processors(inList: String($0.dropFirst(key.count))) }
      ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
  }

  /// The numbers in a list such as `0-3,8,10-11`, or nil if it is none.
  static func processors(inList list: String) -> [Int]? {
    var result: [Int] = []
    for part in list.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        return nil
      }
      result += first...last
    }
    return result.isEmpty ? nil : result
  }

  /// The hardware threads of a processor's core as the kernel lists them, or nil where it does not say.
  private static func siblings(of processor: Int) -> String? {
    let path = "/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"
    return try? String(contentsOfFile: path, encoding: .utf8)
  }
}
