// Dropout: masks of keep marks drawn from a seed stream, eight Philox blocks at a time, and their application. A mark
// depends on (seed, site, step, element index) only, so masks are the same for any number of threads.

import SeedStreams

/// Which elements of a buffer are kept, and what the kept ones are multiplied by.
public struct DropoutMask {
  /// One byte an element, 1 kept and 0 dropped.
  public let marks: UnsafePointer<UInt8>
  /// 1 / (1 - share dropped).
  public let scale: Float

  /// Bytes to allocate for the marks of `count` elements: the generator writes whole groups of 64.
  public static func capacity(for count: Int) -> Int { (count + 63) & ~63 }

  /// Draws the marks of `count` elements into `storage`, of which `capacity(for: count)` bytes are written. Element e is
  /// dropped when 16-bit half e mod 8 (low half of each word first) of block e / 8 is below the probability times 2^16;
  /// the share dropped is the probability rounded to that grid, and the scale is exact for the share.
  public init(
    drawing count: Int, into storage: UnsafeMutablePointer<UInt8>, from stream: SeedStream, probability: Double,
    on team: ThreadTeam = .alone
  ) {
    precondition(probability >= 0 && probability < 1, "a dropout probability must be in 0 ..< 1, not \(probability)")
    let threshold = min(65_535, (probability * 65_536).rounded())
    marks = UnsafePointer(storage)
    scale = Float(65_536 / (65_536 - threshold))
    let limit = UInt64(threshold)
    team.run(.elements(count)) { draw($0, into: storage, from: stream, limit: limit) }
  }
}

/// Draws the marks of a range that begins with a group of 64; its last group is written whole.
private func draw(
  _ range: Range<Int>, into storage: UnsafeMutablePointer<UInt8>, from stream: SeedStream, limit: UInt64
) {
  var first = range.lowerBound
  while first < range.upperBound {
    let words = EightBlocks(stream, first: UInt64(first / 8))
    var dropped = below(limit, words.first, place: 0)
    dropped |= below(limit, words.second, place: 16)
    dropped |= below(limit, words.third, place: 32)
    dropped |= below(limit, words.fourth, place: 48)
    UnsafeMutableRawPointer(storage + first).storeBytes(
      of: dropped ^ 0x0101_0101_0101_0101, as: SIMD8<UInt64>.self)
    first &+= 64
  }
}

/// For each word a byte 1 where its low half is below the limit, at bit `place`, and the same of its high half 8 bits on.
@inline(__always)
private func below(_ limit: UInt64, _ words: SIMD8<UInt64>, place: UInt64) -> SIMD8<UInt64> {
  let low = ((words & 0xFFFF) &- limit) &>> 63
  let high = (((words &>> 16) & 0xFFFF) &- limit) &>> 63
  return (low &<< place) | (high &<< (place &+ 8))
}

/// The four words of eight neighbouring Philox4x32-10 blocks, equal to `SeedStream.block(at:)` word for word. Each lane
/// holds 32 bits; 64-bit lanes make the 32 by 32 bit products one instruction.
struct EightBlocks {
  var first: SIMD8<UInt64>
  var second: SIMD8<UInt64>
  var third: SIMD8<UInt64>
  var fourth: SIMD8<UInt64>

  /// Blocks `index` to `index` + 7 of the stream.
  @inline(__always)
  init(_ stream: SeedStream, first index: UInt64) {
    let indices = SIMD8(repeating: index) &+ SIMD8(0, 1, 2, 3, 4, 5, 6, 7)
    let low = SIMD8<UInt64>(repeating: 0xFFFF_FFFF)
    first = indices & low
    second = indices &>> 32
    third = SIMD8(repeating: UInt64(stream.site))
    fourth = SIMD8(repeating: UInt64(stream.step))
    var firstKey = stream.key[0]
    var secondKey = stream.key[1]
    for _ in 0..<10 {
      // The upper halves of `second` and `fourth` hold leftovers; only lower halves enter products.
      let left = (first & low) &* 0xD251_1F53
      let right = (third & low) &* 0xCD9E_8D57
      first = (right &>> 32) ^ second ^ SIMD8(repeating: UInt64(firstKey))
      second = right
      third = (left &>> 32) ^ fourth ^ SIMD8(repeating: UInt64(secondKey))
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

/// values = mask(values), (count).
public func applyDropout(
  _ mask: DropoutMask, to values: UnsafeMutablePointer<Float>, count: Int, on team: ThreadTeam = .alone
) {
  team.run(.elements(count)) { range in
    let (values, marks) = (values + range.lowerBound, mask.marks + range.lowerBound)
    forEachGroup(of: range.count) { index, lanes in
      values.store(values.lanes(index, lanes) * (marks.marks(index, lanes) * mask.scale), index, lanes)
    }
  }
}
