// The frozen Unicode tables as look-ups: flags a scalar in two array reads, folds and combining classes by bisection.
// Says nothing about scalars beyond what the BERT normalizer asks.

/// What the BERT normalizer and the word splitter need to know about a scalar.
struct ScalarFlags: OptionSet {
  let rawValue: UInt8

  /// Dropped by text cleaning.
  static let removed = ScalarFlags(rawValue: 1)
  /// Becomes a space.
  static let space = ScalarFlags(rawValue: 2)
  /// Gets a space on either side.
  static let ideograph = ScalarFlags(rawValue: 4)
  /// Stands alone as a word.
  static let punctuation = ScalarFlags(rawValue: 8)
  /// A stripped accent, which canonical ordering moves.
  static let mark = ScalarFlags(rawValue: 16)
  /// A stripped mark that canonical ordering does not cross.
  static let starterMark = ScalarFlags(rawValue: 32)
  /// Decomposes or has a lower case.
  static let folds = ScalarFlags(rawValue: 64)
  /// Kept, and moved by canonical ordering.
  static let ordered = ScalarFlags(rawValue: 128)
}

/// The frozen tables in memory.
struct UnicodeClasses: Sendable {
  /// The tables, read once.
  static let shared = UnicodeClasses()

  /// The page of each block of 256 scalars.
  private var pageIndexes = [UInt16](repeating: 0, count: 0x1100)
  /// Flags, 256 a page; page 0 is all zero.
  private var pages = [UInt8](repeating: 0, count: 256)
  /// Scalars that fold, ascending, with the end of each one's replacement in `replacements`.
  private var foldKeys: [UInt32] = []
  private var foldEnds: [Int] = []
  private var replacements: [UInt32] = []
  /// Scalars that canonical ordering moves, ascending, and their combining classes.
  private var orderedKeys: [UInt32] = []
  private var orderedClasses: [UInt8] = []

  /// The flags of a scalar.
  @inline(__always)
  func flags(_ scalar: UInt32) -> ScalarFlags {
    ScalarFlags(rawValue: pages[Int(pageIndexes[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
  }

  /// The replacement of a scalar flagged `folds`.
  func fold(_ scalar: UInt32) -> ArraySlice<UInt32> {
    let index = Self.position(of: scalar, in: foldKeys)
    return replacements[(index == 0 ? 0 : foldEnds[index - 1])..<foldEnds[index]]
  }

  /// The canonical combining class of a scalar flagged `ordered`.
  func combiningClass(_ scalar: UInt32) -> UInt8 {
    orderedClasses[Self.position(of: scalar, in: orderedKeys)]
  }

  private init() {
    let flagged: [(String, ScalarFlags)] = [
      (UnicodeTables.removed, .removed), (UnicodeTables.spaces, .space), (UnicodeTables.ideographs, .ideograph),
      (UnicodeTables.punctuation, .punctuation), (UnicodeTables.marks, .mark),
      (UnicodeTables.starters, .starterMark),
    ]
    for (table, flag) in flagged {
      for word in Self.words(table) {
        for scalar in Self.span(word) { add(flag, to: scalar) }
      }
    }
    readOrdered()
    readFolds()
  }

  private mutating func add(_ flag: ScalarFlags, to scalar: UInt32) {
    let block = Int(scalar >> 8)
    if pageIndexes[block] == 0 {
      pageIndexes[block] = UInt16(pages.count >> 8)
      pages.append(contentsOf: repeatElement(0, count: 256))
    }
    pages[Int(pageIndexes[block]) << 8 | Int(scalar & 255)] |= flag.rawValue
  }

  private mutating func readOrdered() {
    var classes: [(UInt32, UInt8)] = []
    for word in Self.words(UnicodeTables.ordered) {
      let parts = word.split(separator: UInt8(ascii: ":"))
      let number = parts[1].reduce(UInt8(0)) { $0 * 10 + ($1 - 48) }
      for scalar in Self.span(parts[0]) {
        classes.append((scalar, number))
        add(.ordered, to: scalar)
      }
    }
    classes.sort { $0.0 < $1.0 }
    orderedKeys = classes.map(\.0)
    orderedClasses = classes.map(\.1)
  }

  private mutating func readFolds() {
    var folds: [(key: UInt32, replacement: [UInt32])] = []
    for word in Self.words(UnicodeTables.folds) {
      let sides = word.split(separator: UInt8(ascii: ">"))
      let run = sides[0].split(separator: UInt8(ascii: "*"))
      let first = Self.number(run[0])
      guard run.count == 2 else {
        folds.append((first, sides[1].split(separator: UInt8(ascii: "_")).map(Self.number)))
        continue
      }
      let extent = run[1].split(separator: UInt8(ascii: "/"))
      let stride = extent.count == 2 ? Self.number(extent[1]) : 1
      for index in 0..<Self.number(extent[0]) {
        folds.append((first + index * stride, [Self.number(sides[1]) + index * stride]))
      }
    }
    folds.sort { $0.key < $1.key }
    for fold in folds {
      foldKeys.append(fold.key)
      replacements += fold.replacement
      foldEnds.append(replacements.count)
      add(.folds, to: fold.key)
    }
  }

  private static func words(_ table: String) -> [ArraySlice<UInt8>] {
    Array(table.utf8).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  private static func span(_ word: ArraySlice<UInt8>) -> ClosedRange<UInt32> {
    let ends = word.split(separator: UInt8(ascii: "-")).map(number)
    return ends[0]...ends[ends.count - 1]
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 >= 65 ? $1 - 55 : $1 - 48) }
  }

  /// The position of a key that is in an ascending list.
  private static func position(of key: UInt32, in keys: [UInt32]) -> Int {
    var low = 0
    var high = keys.count - 1
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
