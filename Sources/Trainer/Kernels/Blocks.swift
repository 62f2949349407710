// How a kernel's work is cut into blocks that threads may run at the same time. The cut follows from sizes alone, never
// from the number of threads, so that results are the same bytes for any number: it is part of the numeric contract.

/// A cut of `total` rows, columns or elements into even blocks.
struct Blocks {
  /// What is cut.
  let total: Int
  /// Blocks; at least one.
  let count: Int
  /// Block boundaries are multiples of it.
  let unit: Int

  /// Elementwise work on (rows, columns): blocks of some ten thousand elements, which take a few microseconds.
  static func rows(_ rows: Int, columns: Int) -> Blocks {
    Blocks(total: rows, count: max(1, min(16, rows &* columns / 16_384)), unit: 1)
  }

  /// Elementwise work on a buffer without columns, in whole groups of 64.
  static func elements(_ count: Int) -> Blocks {
    Blocks(total: count, count: max(1, min(16, count / 16_384)), unit: 64)
  }

  /// The rows or columns of a product's result, so wide that OpenBLAS's copies of the operands cost at most some percent.
  static func product(_ extent: Int) -> Blocks {
    let count = extent >= 3072 ? 8 : extent >= 1536 ? 4 : extent >= 384 ? 2 : 1
    return Blocks(total: extent, count: count, unit: 16)
  }

  /// A block's range.
  subscript(index: Int) -> Range<Int> { boundary(index)..<boundary(index &+ 1) }

  private func boundary(_ index: Int) -> Int {
    index == count ? total : total / unit &* index / count &* unit
  }
}

extension ThreadTeam {
  /// Runs `body` with the range of every block.
  @inline(__always)
  func run(_ blocks: Blocks, _ body: (Range<Int>) -> Void) {
    if blocks.count == 1 { return body(0..<blocks.total) }
    run(blocks.count) { index, _ in body(blocks[index]) }
  }

  /// Runs `body` with the range of every block of rows and with vectors for its column sums, (columns) each and zero on
  /// entry, as many as `sums`; then adds those of each block, first to last, to `sums`. A single block adds to `sums`
  /// itself.
  func run(
    _ blocks: Blocks, addingTo sums: [UnsafeMutablePointer<Float>], columns: Int,
    _ body: (Range<Int>, [UnsafeMutablePointer<Float>]) -> Void
  ) {
    if blocks.count == 1 { return body(0..<blocks.total, sums) }
    let width = sums.count &* columns
    withUnsafeTemporaryAllocation(of: Float.self, capacity: blocks.count &* width) { partial in
      partial.initialize(repeating: 0)
      guard let base = partial.baseAddress else { return }
      run(blocks.count) { index, _ in
        body(blocks[index], sums.indices.map { base + (index &* width &+ $0 &* columns) })
      }
      for index in 0..<blocks.count {
        for (vector, sum) in sums.enumerated() {
          add(base + (index &* width &+ vector &* columns), to: sum, count: columns)
        }
      }
    }
  }
}

/// target += values, (count).
@inline(__always)
func add(_ values: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
  forEachGroup(of: count) { index, lanes in
    target.store(target.lanes(index, lanes) + values.lanes(index, lanes), index, lanes)
  }
}
