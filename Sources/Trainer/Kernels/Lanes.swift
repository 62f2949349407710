// Eight floats at a time: loads, stores and the loop of the elementwise kernels that only move memory; those that compute are
// C's (`CElementwise`). A kernel's result never depends on alignment, and an element's value never on whether it fell into a
// whole group or the remainder.

/// The vector that these kernels compute with: one AVX register, or two of NEON.
typealias Lanes = SIMD8<Float>

/// Runs `body(index, count)` over 0 ..< total in groups of eight and one last, smaller group.
@inline(__always)
func forEachGroup(of total: Int, _ body: (_ index: Int, _ count: Int) -> Void) {
  var index = 0
  while index &+ 8 <= total {
    body(index, 8)
    index &+= 8
  }
  if index < total { body(index, total &- index) }
}

extension UnsafePointer<Float> {
  /// Eight elements from `index`, or the first `count` of them and zeros.
  @inline(__always)
  func lanes(_ index: Int, _ count: Int = 8) -> Lanes {
    if count == 8 { return UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self) }
    // Copied through memory: lane by lane, the compiler takes whole kernels apart into single lanes.
    var lanes = Lanes.zero
    withUnsafeMutableBytes(of: &lanes) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: self + index, count: 4 &* count))
    }
    return lanes
  }
}

extension UnsafeMutablePointer<Float> {
  /// Eight elements from `index`, or the first `count` of them and zeros.
  @inline(__always)
  func lanes(_ index: Int, _ count: Int = 8) -> Lanes { UnsafePointer(self).lanes(index, count) }

  /// Stores eight elements at `index`, or the first `count` of them.
  @inline(__always)
  func store(_ lanes: Lanes, _ index: Int, _ count: Int = 8) {
    if count == 8 {
      UnsafeMutableRawPointer(self + index).storeBytes(of: lanes, as: Lanes.self)
    } else {
      withUnsafeBytes(of: lanes) {
        UnsafeMutableRawBufferPointer(start: self + index, count: 4 &* count).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[..<(4 &* count)]))
      }
    }
  }
}

extension UnsafePointer<UInt8> {
  /// Eight keep marks (0 or 1) from `index` as floats, or the first `count` of them and zeros.
  @inline(__always)
  func marks(_ index: Int, _ count: Int = 8) -> Lanes {
    if count == 8 { return Lanes(UnsafeRawPointer(self + index).loadUnaligned(as: SIMD8<UInt8>.self)) }
    var marks = SIMD8<UInt8>.zero
    withUnsafeMutableBytes(of: &marks) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: self + index, count: count))
    }
    return Lanes(marks)
  }
}
