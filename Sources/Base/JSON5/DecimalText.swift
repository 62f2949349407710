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
