// Dropout: masks of keep marks drawn from a seed stream, four Philox blocks at a time, and their application. A mark
// depends on (seed, site, step, element index) only, so masks are the same for any number of threads.

import SeedStreams

/// Which elements of a buffer are kept, and what the kept ones are multiplied by.
package struct DropoutMask {
  /// One byte an element, 1 kept and 0 dropped.
  package let marks: UnsafePointer<UInt8>
  /// 1 / (1 - share dropped).
  package let scale: Float

  /// Bytes to allocate for the marks of `count` elements: the generator writes whole groups of 64.
  package static func capacity(for count: Int) -> Int { (count + 63) & ~63 }

  /// Draws the marks of `count` elements into `storage`, of which `capacity(for: count)` bytes are written. Element e is
  /// dropped when 16-bit half e mod 8 (low half of each word first) of block e / 8 is below the probability times 2^16;
  /// the share dropped is the probability rounded to that grid, and the scale is exact for the share.
  package init(
    drawing count: Int, into storage: UnsafeMutablePointer<UInt8>, from stream: SeedStream, probability: Double,
    on team: ThreadTeam = .alone
  ) {
    precondition(probability >= 0 && probability < 1, "a dropout probability must be in 0 ..< 1, not \(probability)")
    let threshold = min(65_535, (probability * 65_536).rounded())
    marks = UnsafePointer(storage)
    scale = Float(65_536 / (65_536 - threshold))
    let limit = UInt16(threshold)
    team.run(.elements(count)) { draw($0, into: storage, from: stream, limit: limit) }
  }
}

/// Draws the marks of a range that begins with a group of 64; its last group is written whole.
private func draw(
  _ range: Range<Int>, into storage: UnsafeMutablePointer<UInt8>, from stream: SeedStream, limit: UInt16
) {
  let limits = SIMD16(repeating: limit)
  let end = (range.upperBound &+ 63) & ~63
  var first = range.lowerBound
  while first < end {
    let blocks = FourBlocks(stream, first: UInt64(first / 8))
    let marks =
      keepMarks(blocks.first | blocks.second &<< 32, limits) | keepMarks(blocks.third | blocks.fourth &<< 32, limits)
      &<< 32
    UnsafeMutableRawPointer(storage + first).storeBytes(of: marks, as: SIMD4<UInt64>.self)
    first &+= 32
  }
}

/// For each lane's four 16-bit halves, the lowest first, a byte 1 where the half is not below the limit, in its low 32 bits.
@inline(__always)
private func keepMarks(_ words: SIMD4<UInt64>, _ limits: SIMD16<UInt16>) -> SIMD4<UInt64> {
  let halves = unsafeBitCast(words, to: SIMD16<UInt16>.self)
  let kept = SIMD16<UInt16>(repeating: 0).replacing(with: 1, where: halves .>= limits)
  let spread = unsafeBitCast(kept, to: SIMD4<UInt64>.self)
  let pairs = spread | spread &>> 8
  return (pairs & 0xFFFF) | (pairs &>> 16) & 0xFFFF_0000
}

/// The four words of four neighbouring Philox4x32-10 blocks, equal to `SeedStream.block(at:)` word for word. Each lane
/// holds 32 bits; 64-bit lanes make the 32 by 32 bit products one instruction. Four fill a register: of more, the compiler
/// shuffles the halves.
struct FourBlocks {
  var first: SIMD4<UInt64>
  var second: SIMD4<UInt64>
  var third: SIMD4<UInt64>
  var fourth: SIMD4<UInt64>

  /// Blocks `index` to `index` + 3 of the stream.
  @inline(__always)
  init(_ stream: SeedStream, first index: UInt64) {
    let indices = SIMD4(repeating: index) &+ SIMD4(0, 1, 2, 3)
    let low = SIMD4<UInt64>(repeating: 0xFFFF_FFFF)
    first = indices
    second = indices &>> 32
    third = SIMD4(repeating: UInt64(stream.site))
    fourth = SIMD4(repeating: UInt64(stream.step))
    var firstKey = SIMD4(repeating: UInt64(stream.key[0]))
    var secondKey = SIMD4(repeating: UInt64(stream.key[1]))
    for _ in 0..<10 {
      // The upper halves of words and keys hold leftovers; only lower halves enter products.
      let left = (first & low) &* 0xD251_1F53
      let right = (third & low) &* 0xCD9E_8D57
      first = (right &>> 32) ^ second ^ firstKey
      second = right
      third = (left &>> 32) ^ fourth ^ secondKey
      fourth = left
      firstKey &+= 0x9E37_79B9
      secondKey &+= 0xBB67_AE85
    }
    first &= low
    second &= low
    third &= low
    fourth &= low
  }
}

/// values = mask(values), (rows, columns), with a mark an element.
package func applyDropout(_ mask: DropoutMask, to values: Rows, on team: ThreadTeam = .alone) {
  values.requireDense()
  team.run(.elements(values.elementCount)) { range in
    let (values, marks) = (values.start + range.lowerBound, mask.marks + range.lowerBound)
    forEachGroup(of: range.count) { index, lanes in
      values.store(values.lanes(index, lanes) * (marks.marks(index, lanes) * mask.scale), index, lanes)
    }
  }
}
