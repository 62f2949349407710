// Numbers in tables and on the command line as people and other programs write them there. Swift's own reading also takes
// hexadecimal numbers, which no table means by 0x1p-1.

extension StringProtocol {
  /// The number that the text says in decimal digits, or as `nan`, `inf` or `infinity` in any case; nil for any other text.
  package var decimalNumber: Double? {
    let isPlain = utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "("): false
      default: true
      }
    }
    return isPlain ? Double(self) : nil
  }
}

extension Double {
  /// The number as people write it: 60 and 1e-5.
  package var decimalText: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text.replacing("e-0", with: "e-")
  }
}
