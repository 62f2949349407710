// Flags of Unicode scalars in pages of 256, so that a look takes two reads of memory. Which flags there are is its users' business.

/// The flags of every scalar.
struct ScalarPages<Flags: OptionSet & Sendable>: Sendable where Flags.RawValue: FixedWidthInteger & Sendable {
  /// The page of each block of 256 scalars.
  private var indexes = [UInt16](repeating: 0, count: 0x1100)
  /// Flags, 256 a page; page 0 is all zero.
  private var pages = [Flags.RawValue](repeating: 0, count: 256)

  /// The flags of a scalar.
  @inline(__always)
  subscript(scalar: UInt32) -> Flags {
    Flags(rawValue: pages[Int(indexes[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
  }

  /// Gives a scalar a flag.
  mutating func add(_ flag: Flags, to scalar: UInt32) {
    let block = Int(scalar >> 8)
    if indexes[block] == 0 {
      indexes[block] = UInt16(pages.count >> 8)
      pages.append(contentsOf: repeatElement(0, count: 256))
    }
    pages[Int(indexes[block]) << 8 | Int(scalar & 255)] |= flag.rawValue
  }

  /// Gives the scalars of each table of spans its flag.
  mutating func add(_ tables: [(spans: String, flag: Flags)]) {
    for (table, flag) in tables {
      for word in TableText.words(table) {
        for scalar in TableText.span(word) { add(flag, to: scalar) }
      }
    }
  }
}
