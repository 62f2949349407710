// Spoilt inputs, each with a number. An input is a pure function of the target, the seed and its number, so that an input that
// makes a parser fail can be made again alone.

import SeedStreams

/// Makes the inputs of a target.
struct InputMaker {
  let target: FuzzTarget
  let seed: UInt64

  /// The input with a number.
  func input(_ number: Int) -> [UInt8] {
    // The target's name is a part of what an input is made of.
    let site = target.name.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
    var mutation = Mutation(
      stream: SeedStream(seed: seed, purpose: .fuzzing, site: site, step: UInt32(truncatingIfNeeded: number)),
      target: target)
    return mutation.input()
  }
}

/// One input in the making.
private struct Mutation {
  var stream: SeedStream
  let target: FuzzTarget
  private var bytes: [UInt8] = []

  init(stream: SeedStream, target: FuzzTarget) {
    self.stream = stream
    self.target = target
  }

  mutating func input() -> [UInt8] {
    if below(20) == 0 {
      bytes = randomBytes(upTo: below(4) == 0 ? 4096 : 64)
    } else {
      bytes = target.samples[below(target.samples.count)]
      let count = 1 + below(below(4) == 0 ? 16 : 4)
      for _ in 0..<count { spoil() }
    }
    if bytes.count > FuzzTarget.longestInput { bytes.removeLast(bytes.count - FuzzTarget.longestInput) }
    if below(4) > 0 { target.mend(&bytes) }
    return bytes
  }

  private mutating func below(_ bound: Int) -> Int { stream.below(bound) }

  private mutating func randomBytes(upTo count: Int) -> [UInt8] {
    (0..<below(count + 1)).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
  }

  /// A stretch of the bytes, short more often than long.
  private mutating func stretch() -> Range<Int> {
    let start = below(bytes.count + 1)
    let longest = min(bytes.count - start, below(3) == 0 ? bytes.count : 16)
    return start..<start + below(longest + 1)
  }

  private mutating func spoil() {
    switch below(14) {
    case 0, 1: flipBits()
    case 2: if !bytes.isEmpty { bytes[below(bytes.count)] = [0, 0x7F, 0x80, 0xFF, 10, 13, 34, 92][below(8)] }
    case 3: bytes.removeSubrange(stretch())
    case 4: bytes.removeLast(below(bytes.count + 1))
    case 5: bytes.insert(contentsOf: randomBytes(upTo: 16), at: below(bytes.count + 1))
    case 6: repeatStretch()
    case 7: splice()
    case 8: overwriteNumber()
    case 9, 10: replaceDigits()
    case 11: bytes.insert(contentsOf: word(), at: below(bytes.count + 1))
    case 12: bytes.replaceSubrange(stretch(), with: word())
    default: nest()
    }
  }

  private mutating func flipBits() {
    guard !bytes.isEmpty else { return }
    for _ in 0...below(4) { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
  }

  /// Copies a stretch to another position, once or many times.
  private mutating func repeatStretch() {
    let copy = bytes[stretch()]
    let count = below(4) == 0 ? below(1000) : 1 + below(3)
    guard copy.count * count <= FuzzTarget.longestInput else { return }
    bytes.insert(contentsOf: repeatElement(copy, count: count).joined(), at: below(bytes.count + 1))
  }

  /// Goes on with the rest of another sample.
  private mutating func splice() {
    let other = target.samples[below(target.samples.count)]
    bytes.removeLast(below(bytes.count + 1))
    bytes += other[below(other.count + 1)...]
  }

  /// Writes an extreme number of 1, 2, 4 or 8 bytes over some bytes, the lower ones first.
  private mutating func overwriteNumber() {
    let size = 1 << below(4)
    guard bytes.count >= size else { return }
    let extremes: [UInt64] = [
      0, 1, .max, .max - 1, .max - 7, 1 << 63, 1 << 63 - 1, 1 << 62, 1 << 40, 1 << 32, 1 << 32 - 1, 1 << 31,
      1 << 31 - 1,
      1 << 16, 1 << 15, 255, 128, 127, UInt64(bytes.count), UInt64(bytes.count) + 1, 0x7FF8 << 48, 0x7FF0 << 48,
    ]
    let number = extremes[below(extremes.count)]
    let start = below(bytes.count - size + 1)
    for index in 0..<size { bytes[start + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
  }

  private static let numbers = [
    "0", "-0", "-1", "1", "2", "127", "128", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648",
    "-2147483649", "4294967295", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1099511627776",
    "1e308", "1e309", "-1e309", "4.9e-324", "1e-400", "0.1", "0.9999999999999999", "1.5", "NaN", "-Infinity",
    "Infinity",
    "nan", "inf", "0x7fffffffffffffff", "1e9999999999", "00", "+1", ".5", "5.", "1_000",
    "340282366920938463463374607431768211456", "",
  ]

  /// Replaces a number that is written in digits by an extreme one.
  private mutating func replaceDigits() {
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard !bytes.isEmpty, let start = bytes[below(bytes.count)...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Self.numbers[below(Self.numbers.count)].utf8)
  }

  private static let commonWords = [
    "\0", "\n", "\r\n", "\r", "\t", ",", "\"", "'", "\\", "\\u0000", "\\ud800", "\\ud83d\\ude00", "{", "}", "[", "]",
    ":",
    "null", "true", "false", "{}", "[]", "\"\"", "\u{FEFF}", "\u{2028}", "\u{301}", "\u{1F600}", "../", "/", "..", "//",
    "/*", "*/", " ", "\u{FFFD}",
  ]

  /// A word of the target's language or of all of them.
  private mutating func word() -> [UInt8] {
    if !target.words.isEmpty, below(2) == 0 { return target.words[below(target.words.count)] }
    switch below(12) {
    case 0: return [0xC0, 0x80]
    case 1: return [0xED, 0xA0, 0x80]
    case 2: return [0xF4, 0x90, 0x80, 0x80]
    default: return Array(Self.commonWords[below(Self.commonWords.count)].utf8)
    }
  }

  /// Opens brackets one in another, and closes them or not.
  private mutating func nest() {
    let forms = [("[", "]"), ("{\"a\":", "}"), ("{a:[", "]}"), ("\"", "\"")]
    let (opening, closing) = forms[below(forms.count)]
    let depth = [3, 100, 127, 128, 129, 1000, 20_000][below(7)]
    let index = below(bytes.count + 1)
    var text = String(repeating: opening, count: depth)
    if below(2) == 0 { text += "1" + String(repeating: closing, count: depth) }
    bytes.insert(contentsOf: text.utf8, at: index)
  }
}
