// Dropout: masks of keep marks drawn from a seed stream, and their application. A mark depends on (seed, site, step,
// element index) only, so masks are the same for any number of threads. The loops are C's (`CElementwise`).

import CElementwise
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
    let generator = celementwise_stream(key: (stream.key[0], stream.key[1]), site: stream.site, step: stream.step)
    // Blocks of work begin with a group of 64 marks; the last group is written whole.
    team.run(.elements(count)) { range in
      var generator = generator
      celementwise_draw(
        &generator, UInt64(range.lowerBound / 8), Self.capacity(for: range.count) / 8, limit,
        storage + range.lowerBound)
    }
  }
}

/// values = mask(values), (rows, columns), with a mark an element.
package func applyDropout(_ mask: DropoutMask, to values: Rows, on team: ThreadTeam = .alone) {
  values.requireDense()
  team.run(.elements(values.elementCount)) { range in
    let start = values.start + range.lowerBound
    celementwise_drop(start, mask.marks + range.lowerBound, mask.scale, start, range.count)
  }
}
