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

  private var pages = ScalarPages<ScalarFlags>()
  /// Scalars that fold, ascending, with the end of each one's replacement in `replacements`.
  private var foldKeys: [UInt32] = []
  private var foldEnds: [Int] = []
  private var replacements: [UInt32] = []
  /// Scalars that canonical ordering moves, ascending, and their combining classes.
  private var orderedKeys: [UInt32] = []
  private var orderedClasses: [UInt8] = []

  /// The flags of a scalar.
  @inline(__always)
  func flags(_ scalar: UInt32) -> ScalarFlags { pages[scalar] }

  /// The replacement of a scalar flagged `folds`.
  func fold(_ scalar: UInt32) -> ArraySlice<UInt32> {
    let index = TableText.position(of: scalar, in: foldKeys)
    return replacements[(index == 0 ? 0 : foldEnds[index - 1])..<foldEnds[index]]
  }

  /// The canonical combining class of a scalar flagged `ordered`.
  func combiningClass(_ scalar: UInt32) -> UInt8 {
    orderedClasses[TableText.position(of: scalar, in: orderedKeys)]
  }

  private init() {
    pages.add([
      (UnicodeTables.removed, .removed), (UnicodeTables.spaces, .space), (UnicodeTables.ideographs, .ideograph),
      (UnicodeTables.punctuation, .punctuation), (UnicodeTables.marks, .mark),
      (UnicodeTables.starters, .starterMark),
    ])
    readOrdered()
    readFolds()
  }

  private mutating func readOrdered() {
    for (scalar, number) in TableText.classes(UnicodeTables.ordered) {
      orderedKeys.append(scalar)
      orderedClasses.append(number)
      pages.add(.ordered, to: scalar)
    }
  }

  private mutating func readFolds() {
    for fold in TableText.folds(UnicodeTables.folds) {
      foldKeys.append(fold.key)
      replacements += fold.replacement
      foldEnds.append(replacements.count)
      pages.add(.folds, to: fold.key)
    }
  }
}
