// Large memory straight from the system: zeros that take room only where they are written, in huge pages where the system
// has them (a first touch of 2 MiB at once is ten times as fast as of 4 KiB, and products miss fewer translations). It
// knows nothing of what lies in it.

import Glibc
import Host

/// The system does not give the memory asked for.
package struct MemoryError: Error, Equatable, CustomStringConvertible {
  /// How many bytes were asked for, and why they are refused.
  package let description: String
}

/// Zeroed memory, given back to the system when the object is released.
package final class Arena {
  /// The memory, aligned to 64 bytes at least.
  package let bytes: UnsafeMutableRawBufferPointer
  private static let hugePageSize = 2 << 20

  /// Memory of `byteCount` bytes. It ends the process with a sentence where the system has none; `require` asks beforehand.
  package init(byteCount: Int) {
    precondition(byteCount > 0, "an arena of \(byteCount) bytes")
    // The start is aligned to huge pages, so the room in front of it and behind is given back.
    let isHuge = byteCount >= Self.hugePageSize
    let spare = isHuge ? Self.hugePageSize : 0
    guard let mapped = Self.map(byteCount + spare) else { fatalError(Self.refusal(of: byteCount)) }
    var start = mapped
    if isHuge {
      start = mapped.alignedUp(toMultipleOf: Self.hugePageSize)
      let (before, pageSize) = (start - mapped, sysconf(Int32(_SC_PAGESIZE)))
      let end = (start + byteCount).alignedUp(toMultipleOf: pageSize)
      if before > 0 { munmap(mapped, before) }
      let after = mapped + byteCount + spare - end
      if after > 0 { munmap(end, after) }
      // Where the system has no huge pages this fails, and small ones do.
      madvise(start, byteCount, MADV_HUGEPAGE)
    }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
  }

  /// Memory for `floatCount` floats.
  package convenience init(floatCount: Int) { self.init(byteCount: floatCount * MemoryLayout<Float>.stride) }

  /// Refuses arenas of `byteCount` bytes in all where the system would not give them now.
  ///
  /// - Throws: `MemoryError` with the bytes, and the limit of a process's addresses if there is one.
  package static func require(byteCount: Int) throws {
    guard isAvailable(byteCount: byteCount) else { throw MemoryError(description: refusal(of: byteCount)) }
  }

  /// Whether the system would give `byteCount` bytes now.
  package static func isAvailable(byteCount: Int) -> Bool {
    let whole = byteCount + hugePageSize
    guard let mapped = map(whole) else { return false }
    munmap(mapped, whole)
    return true
  }

  private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let mapped = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    return mapped == MAP_FAILED ? nil : mapped
  }

  private static func refusal(of byteCount: Int) -> String {
    let reason = String(cString: strerror(errno))
    let limit = Machine.addressLimit.map { "; this process may address \($0) bytes (ulimit -v)" } ?? ""
    return "cannot get \(byteCount) bytes of memory: \(reason)\(limit)"
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }

  /// The memory as numbers.
  package var floats: UnsafeMutableBufferPointer<Float> { bytes.bindMemory(to: Float.self) }
}

/// Gives every number that is none the one bit pattern that Swift calls `nan`: processors give signs and payloads of their own.
package func makeNaNsCanonical(in values: UnsafeMutableBufferPointer<Float>) {
  for index in values.indices where values[index].isNaN { values[index] = .nan }
}
