// The frozen tables of `UnicodeForms` as look-ups: classes of scalars in two array reads, replacements by hashing.

/// What normalizers and splitters ask of a scalar.
struct ScalarClass: OptionSet {
  let rawValue: UInt16

  /// `\p{L}`.
  static let letter = ScalarClass(rawValue: 1)
  /// `\p{N}`.
  static let number = ScalarClass(rawValue: 2)
  /// White space.
  static let space = ScalarClass(rawValue: 4)
  /// Removed where accents are stripped.
  static let accent = ScalarClass(rawValue: 8)
  /// Continues a grapheme cluster.
  static let joining = ScalarClass(rawValue: 16)
  /// Begins one together with the scalar after it.
  static let prepending = ScalarClass(rawValue: 32)
  /// A cluster by itself.
  static let control = ScalarClass(rawValue: 64)
  /// A pictograph.
  static let picture = ScalarClass(rawValue: 128)
  /// Has a combining class that is not 0.
  static let ordered = ScalarClass(rawValue: 256)
  /// Has a lower case.
  static let lowers = ScalarClass(rawValue: 512)
}

/// The frozen tables in memory.
final class UnicodeFormTables: Sendable {
  /// The tables, read once.
  static let shared = UnicodeFormTables()

  private let pages: ScalarPages<ScalarClass>
  private let combiningClasses: [UInt32: UInt8]
  private let decompositions: [UInt32: [UInt32]]
  private let compatible: [UInt32: [UInt32]]
  private let lower: [UInt32: [UInt32]]
  /// Composites by their first scalar << 32 | the second.
  private let compositions: [UInt64: UInt32]

  /// The classes of a scalar.
  @inline(__always)
  func classes(_ scalar: UInt32) -> ScalarClass { pages[scalar] }

  /// Whether a scalar is of a class.
  @inline(__always)
  func has(_ wanted: ScalarClass, _ scalar: UInt32) -> Bool { classes(scalar).contains(wanted) }

  /// The canonical combining class of a scalar.
  func combiningClass(_ scalar: UInt32) -> UInt8 { combiningClasses[scalar] ?? 0 }

  /// The decomposition of a scalar, complete; nil where it has none.
  func decomposition(_ scalar: UInt32, compatibly: Bool) -> [UInt32]? {
    if compatibly, let found = compatible[scalar] { return found }
    return decompositions[scalar]
  }

  /// The lower case of a scalar that has one.
  func lowercase(_ scalar: UInt32) -> [UInt32] { lower[scalar] ?? [scalar] }

  /// What two scalars compose to; nil where they do not.
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first &- 0x1100 < 19, second &- 0x1161 < 21 {
      return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if first &- 0xAC00 < 11172, (first - 0xAC00) % 28 == 0, second &- 0x11A8 < 27 { return first + second - 0x11A7 }
    return compositions[UInt64(first) << 32 | UInt64(second)]
  }

  private init() {
    var pages = ScalarPages<ScalarClass>()
    pages.add([
      (UnicodeForms.letters, .letter), (UnicodeForms.numbers, .number), (UnicodeForms.spaces, .space),
      (UnicodeForms.accents, .accent), (UnicodeForms.joining, .joining), (UnicodeForms.prepending, .prepending),
      (UnicodeForms.controls, .control), (UnicodeForms.pictures, .picture),
    ])
    let ordered = TableText.classes(UnicodeForms.classes)
    for (scalar, _) in ordered { pages.add(.ordered, to: scalar) }
    combiningClasses = Dictionary(uniqueKeysWithValues: ordered.map { ($0.scalar, $0.number) })
    func folds(_ table: String, _ flag: ScalarClass?) -> [UInt32: [UInt32]] {
      let folds = TableText.folds(table)
      if let flag { folds.forEach { pages.add(flag, to: $0.key) } }
      return Dictionary(uniqueKeysWithValues: folds.map { ($0.key, $0.replacement) })
    }
    decompositions = folds(UnicodeForms.decompositions, nil)
    compatible = folds(UnicodeForms.compatible, nil)
    lower = folds(UnicodeForms.lowercase, .lowers)
    compositions = Self.compositions(of: decompositions)
    self.pages = pages
  }

  /// What two scalars compose to: the last part of a decomposition and what the parts before it compose to.
  private static func compositions(of decompositions: [UInt32: [UInt32]]) -> [UInt64: UInt32] {
    let uncomposed = Set(TableText.words(UnicodeForms.uncomposed).flatMap(TableText.span))
    let composites = decompositions.filter { $0.value.count > 1 && !uncomposed.contains($0.key) }
    let wholes = Dictionary(uniqueKeysWithValues: composites.map { ($0.value, $0.key) })
    return Dictionary(
      uniqueKeysWithValues: composites.compactMap { composite, parts in
        let first = parts.count == 2 ? parts[0] : wholes[parts.dropLast()]
        return first.map { (UInt64($0) << 32 | UInt64(parts[parts.count - 1]), composite) }
      })
  }
}
