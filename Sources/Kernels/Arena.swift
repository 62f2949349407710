// Large memory straight from the system: zeros that take room only where they are written, in huge pages where the system
// has them (a first touch of 2 MiB at once is ten times as fast as of 4 KiB, and products miss fewer translations). It
// knows nothing of what lies in it.

import Glibc

/// Zeroed memory, given back when the object goes.
public final class Arena {
  /// The memory, aligned to 64 bytes at least.
  public let bytes: UnsafeMutableRawBufferPointer
  private static let hugePageSize = 2 << 20

  /// Memory of some bytes; ends the process with a sentence where the system has none.
  public init(byteCount: Int) {
    precondition(byteCount > 0, "an arena of \(byteCount) bytes")
    // The start is aligned to huge pages, so the room in front of it and behind is given back.
    let isHuge = byteCount >= Self.hugePageSize
    let spare = isHuge ? Self.hugePageSize : 0
    guard
      let mapped = mmap(
        nil, byteCount + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      mapped != MAP_FAILED
    else { fatalError("cannot get \(byteCount) bytes of memory: \(String(cString: strerror(errno)))") }
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

  /// Memory for some numbers.
  public convenience init(floatCount: Int) { self.init(byteCount: floatCount * MemoryLayout<Float>.stride) }

  deinit { munmap(bytes.baseAddress, bytes.count) }

  /// The memory as numbers.
  public var floats: UnsafeMutableBufferPointer<Float> { bytes.bindMemory(to: Float.self) }
}
