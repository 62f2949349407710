// The letters in which byte-level vocabularies write bytes (Radford et al. 2019): a visible Latin-1 letter stands for
// itself, every other byte for the next letter from U+0100 on.

/// The letters of bytes.
package enum ByteAlphabet {
  /// The letter of each byte, (256).
  package static let letters: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)...255).map { byte in
      if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE { return byte }
      next += 1
      return next - 1
    }
  }()

  private static let bytes: [UInt32: UInt8] = Dictionary(
    uniqueKeysWithValues: letters.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a token stands for; nil if a letter stands for none.
  static func bytes(of token: String) -> [UInt8]? {
    var found: [UInt8] = []
    found.reserveCapacity(token.utf8.count)
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar.value] else { return nil }
      found.append(byte)
    }
    return found
  }
}
