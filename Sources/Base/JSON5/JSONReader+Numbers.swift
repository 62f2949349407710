// Number literals: decimal and hexadecimal integers exact to 64 bits, everything else as the nearest `Double`.

import Glibc

extension JSONReader {
  /// Reads a number with its sign.
  mutating func number() throws(Diagnostic) -> JSONNode.Content {
    let start = index
    let isNegative = take(UInt8(ascii: "-"))
    if !isNegative && dialect.isJSON5 { _ = take(UInt8(ascii: "+")) }
    let content: JSONNode.Content
    if dialect.isJSON5 && take("Infinity") {
      content = .number(isNegative ? -.infinity : .infinity)
    } else if dialect.isJSON5 && take("NaN") {
      content = .number(.nan)
    } else if dialect.isJSON5, peek() == UInt8(ascii: "0"), index + 1 < bytes.count,
      bytes[index + 1] | 0x20 == UInt8(ascii: "x")
    {
      content = try hexadecimalNumber(from: start, isNegative: isNegative)
    } else {
      content = try decimalNumber(from: start, isNegative: isNegative)
    }
    if continuesIdentifier(at: index) || peek() == UInt8(ascii: ".") {
      throw failure(at: start, "expected a number, found \(quoted(wholeWord(from: start)))")
    }
    return content
  }

  /// The text up to the next separator, for an error about a literal that is not a number.
  private func wholeWord(from start: Int) -> String {
    var end = start
    while end < bytes.count, end - start < 40,
      continuesIdentifier(at: end) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(bytes[end]),
      let next = scalar(at: end)
    {
      end += next.length
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func hexadecimalNumber(from start: Int, isNegative: Bool) throws(Diagnostic) -> JSONNode.Content {
    index += 2
    let digitStart = index
    var magnitude: UInt64 = 0
    while let byte = peek(), let digit = Self.hexadecimalDigit(byte) {
      guard magnitude >> 60 == 0 else {
        throw failure(at: start, "the hexadecimal number needs more than the 64 bits allowed")
      }
      magnitude = magnitude << 4 | digit
      index += 1
    }
    guard index > digitStart else {
      throw failure(at: start, "expected hexadecimal digits after 0x, found \(found(at: index))")
    }
    return .integer(JSONInteger(isNegative: isNegative, magnitude: magnitude))
  }

  private mutating func decimalNumber(from start: Int, isNegative: Bool) throws(Diagnostic) -> JSONNode.Content {
    var digits = DecimalDigits()
    let wholeStart = index
    while let byte = peek(), digits.take(byte, isFraction: false) { index += 1 }
    let wholeCount = index - wholeStart
    if wholeCount > 1 && bytes[wholeStart] == UInt8(ascii: "0") {
      throw failure(at: start, "a number may not start with an extra 0, found \(quoted(wholeWord(from: start)))")
    }
    var isInteger = true
    var fractionCount = 0
    if take(UInt8(ascii: ".")) {
      isInteger = false
      let fractionStart = index
      while let byte = peek(), digits.take(byte, isFraction: true) { index += 1 }
      fractionCount = index - fractionStart
    }
    let isComplete = wholeCount > 0 && (isInteger || fractionCount > 0)
    guard dialect.isJSON5 ? wholeCount + fractionCount > 0 : isComplete else {
      throw failure(at: start, "expected a number, found \(quoted(wholeWord(from: start)))")
    }
    if peek().map({ $0 | 0x20 == UInt8(ascii: "e") }) == true {
      isInteger = false
      index += 1
      let isDown = take(UInt8(ascii: "-"))
      if !isDown { _ = take(UInt8(ascii: "+")) }
      let exponentStart = index
      var exponent = 0
      while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
        index += 1
      }
      guard index > exponentStart else {
        throw failure(at: start, "expected digits in the exponent, found \(quoted(wholeWord(from: start)))")
      }
      digits.exponent += isDown ? -exponent : exponent
    }
    if isInteger && digits.isExact {
      return .integer(JSONInteger(isNegative: isNegative, magnitude: digits.significand))
    }
    let magnitude = digits.nearestDouble ?? nearestDouble(from: wholeStart)
    return .number(isNegative ? -magnitude : magnitude)
  }

  /// The C library's correctly rounded value of the unsigned decimal literal from a byte up to `index`.
  private func nearestDouble(from start: Int) -> Double {
    let count = index - start
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { buffer in
      for position in 0..<count { buffer[position] = CChar(bitPattern: bytes[start + position]) }
      buffer[count] = 0
      return strtod(buffer.baseAddress!, nil)
    }
  }
}

/// The digits of a decimal literal as an integer times a power of ten.
struct DecimalDigits {
  var significand: UInt64 = 0
  var exponent = 0
  /// Whether `significand` holds every digit, so that none was lost to its 64 bits.
  var isExact = true

  /// Takes a byte if it is a digit.
  mutating func take(_ byte: UInt8, isFraction: Bool) -> Bool {
    let digit = byte &- UInt8(ascii: "0")
    guard digit < 10 else { return false }
    let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
    if overflow || carry { isExact = false } else { significand = sum }
    if isFraction { exponent -= 1 }
    return true
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// 5^0 to 5^27, all that fit 64 bits.
  private static let powersOfFive: [UInt64] = (0...27).map { (0..<$0).reduce(1) { power, _ in power * 5 } }

  /// The nearest value if 64-bit arithmetic suffices to find it; otherwise nil.
  var nearestDouble: Double? {
    guard isExact else { return nil }
    // One correctly rounded operation on two exact numbers (Clinger 1990).
    if significand <= 1 << 53, abs(exponent) <= 22 {
      let power = Self.powersOfTen[abs(exponent)]
      return exponent < 0 ? Double(significand) / power : Double(significand) * power
    }
    guard exponent < 0, exponent >= -27, significand > 0 else { return nil }
    return quotient(by: Self.powersOfFive[-exponent], binaryExponent: exponent)
  }

  /// `significand / divisor * 2^binaryExponent` rounded to nearest, ties to even: long division gives
  /// 64 bits of the quotient, and the remainder shows whether a tie is exact.
  private func quotient(by divisor: UInt64, binaryExponent: Int) -> Double {
    let numeratorShift = significand.leadingZeroBitCount
    let divisorShift = divisor.leadingZeroBitCount
    let numerator = significand << UInt64(numeratorShift)
    let normalized = divisor << UInt64(divisorShift)
    // Both have their top bit set, so the quotient of either division has exactly 64 bits.
    let isLarge = numerator >= normalized
    let (quotient, remainder) = normalized.dividingFullWidth(
      isLarge ? (numerator >> 1, numerator << 63) : (numerator, 0))
    var mantissa = quotient >> 11
    let rest = quotient & 0x7FF
    if rest > 0x400 || rest == 0x400 && (remainder != 0 || mantissa & 1 == 1) { mantissa += 1 }
    let scale = divisorShift - numeratorShift - (isLarge ? 63 : 64) + binaryExponent + 11
    return Double(mantissa) * Double(sign: .plus, exponent: scale, significand: 1)
  }
}
