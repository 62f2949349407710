// Where a text may be cut into what a reader takes for letters (Unicode's extended grapheme clusters), by the frozen tables:
// SentencePiece's normalization in the tokenizers library goes by them. Flags of two letters and conjuncts of Indic scripts are
// left out: they are longer than the five bytes up to which that normalization looks at clusters, with or without what follows.

/// The grapheme clusters of a text.
enum GraphemeClusters {
  /// Where the cluster that begins at `start` ends.
  static func end(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    let tables = UnicodeFormTables.shared
    var position = start
    var last = decodeScalar(text, &position)
    var lastClasses = tables.classes(last)
    var followsPicture = lastClasses.contains(.picture)
    while position < text.count {
      var next = position
      let scalar = decodeScalar(text, &next)
      let classes = tables.classes(scalar)
      let isControl = lastClasses.contains(.control) || classes.contains(.control)
      let joins: Bool
      if isControl {
        joins = last == 0x0D && scalar == 0x0A
      } else {
        joins =
          classes.contains(.joining) || lastClasses.contains(.prepending) || isHangul(last, scalar)
          || followsPicture && last == joiner && classes.contains(.picture)
      }
      guard joins else { break }
      followsPicture = classes.contains(.picture) || followsPicture && classes.contains(.joining)
      (last, lastClasses, position) = (scalar, classes, next)
    }
    return position
  }

  /// U+200D, which connects pictographs.
  private static let joiner: UInt32 = 0x200D

  private enum Jamo { case leading, vowel, trailing, open, closed }

  private static func jamo(_ scalar: UInt32) -> Jamo? {
    switch scalar {
    case 0x1100...0x115F, 0xA960...0xA97C: .leading
    case 0x1160...0x11A7, 0xD7B0...0xD7C6: .vowel
    case 0x11A8...0x11FF, 0xD7CB...0xD7FB: .trailing
    case 0xAC00...0xD7A3: (scalar - 0xAC00) % 28 == 0 ? .open : .closed
    default: nil
    }
  }

  /// Whether two scalars are of one Hangul syllable.
  private static func isHangul(_ first: UInt32, _ second: UInt32) -> Bool {
    guard first >= 0x1100, second >= 0x1100, let first = jamo(first), let second = jamo(second) else { return false }
    switch first {
    case .leading: return second != .trailing
    case .open, .vowel: return second == .vowel || second == .trailing
    case .closed, .trailing: return second == .trailing
    }
  }
}
