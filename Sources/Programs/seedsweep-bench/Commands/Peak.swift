// `seedsweep-bench peak`: the most that one core of this processor can do, beside which every other rate is to be read.

import CPeak
import CommandLine
import Foundation
import Host
import Statistics

/// Measures operations on registers alone, and reading from each level of memory.
struct PeakCommand: Command {
  static let syntax = CommandSyntax(
    "peak", "the most operations a second and bytes a second of one core",
    details: """
      Measures operations on registers alone: fused multiply-adds of each width that the processor has, and its dot products
      of bfloat16 pairs. Then reads buffers that fit into half of each cache, and one of four times the last one. The best
      sample is what the core can do; the median shows how much of it other programs left.
      """,
    flags: OutputOptions.flags)

  let output: OutputOptions

  init(_ given: Given) {
    output = OutputOptions(given)
  }

  func perform(_ context: Context) throws -> ExitCode {
    let sampling = Sampling(isQuick: output.isQuick)
    let heading = "\(Machine.current().processor), one core"
    try ResultTable(
      benchmark: "peak",
      sections: [
        Self.section(heading + ": operations", "on registers", "GFLOP/s", operations(sampling)),
        Self.section(heading + ": reading", "from", "GB/s", reading(sampling)),
      ]
    ).report(output)
    return .success
  }

  /// What was measured, with the billions a second of each sample.
  private typealias Rates = (item: String, samples: [Double])

  private static func section(
    _ heading: String, _ itemHeading: String, _ unit: String, _ rates: [Rates]
  ) -> ResultTable.Section {
    ResultTable.Section(
      heading: heading, itemHeading: itemHeading, quantities: [Quantity("best", unit), Quantity("median", unit)],
      rows: rates.map { ($0.item, [$0.samples.max() ?? .nan, Sample.median($0.samples)]) })
  }

  private func operations(_ sampling: Sampling) -> [Rates] {
    let rounds = output.isQuick ? 1000 : 500_000
    return (0..<cpeak_kind_count.rawValue).map { cpeak_kind($0) }.filter(cpeak_is_supported).map { kind in
      var count = 0.0
      let seconds = sampling.seconds { count = cpeak_operate(kind, rounds) }
      return (String(cString: cpeak_name(kind)), seconds.map { count / $0 * 1e-9 })
    }
  }

  private func reading(_ sampling: Sampling) -> [Rates] {
    let caches = ProcessorCaches.current().byteCounts
    var items = caches.enumerated().map { ("cache \($0 + 1)", $1 / 2) }
    items.append(("memory", min(1 << 30, 4 * (caches.last ?? 0))))
    return items.map { name, wholeByteCount in
      // A multiple of the 512 bytes that a round of the loop reads.
      let byteCount = min(wholeByteCount, output.isQuick ? 1 << 16 : .max) / 512 * 512
      let repetitions = output.isQuick ? 1 : max(1, (1 << 26) / byteCount)
      // Loads that cross from one line of the cache to the next would take twice the time.
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 4096)
      defer { memory.deallocate() }
      let buffer = memory.bindMemory(to: Float.self)
      buffer.initialize(repeating: 1)
      let seconds = sampling.seconds {
        for _ in 0..<repetitions { cpeak_read(buffer.baseAddress, buffer.count) }
      }
      let item = "\(name) (\(readable(bytes: byteCount)))"
      return (item, seconds.map { Double(repetitions * byteCount) / $0 * 1e-9 })
    }
  }
}

/// The caches that hold data, first to last.
struct ProcessorCaches {
  /// Bytes of each.
  var byteCounts: [Int]

  /// This processor's as Linux tells them; where it does not, sizes that most processors have.
  static func current() -> ProcessorCaches {
    let folder = "/sys/devices/system/cpu/cpu0/cache"
    let found = (0..<8).compactMap { index -> Int? in
      let file = { (name: String) in
        (try? String(contentsOfFile: "\(folder)/index\(index)/\(name)", encoding: .utf8))?.split(separator: "\n").first
      }
      guard let type = file("type"), type != "Instruction", let size = file("size") else { return nil }
      return Int(size.dropLast()).map { $0 << (size.hasSuffix("M") ? 20 : 10) }
    }
    return ProcessorCaches(byteCounts: found.isEmpty ? [32 << 10, 1 << 20, 32 << 20] : found)
  }
}
