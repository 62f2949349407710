// The element types of stored tensors, by their names in safetensors files, and the conversion of those that hold weights into
// Float. Half-precision numbers are widened by their bits: the result does not depend on the processor or its rounding mode.

/// An element type of a stored tensor. Weights are read from `F64`, `F32`, `F16` and `BF16`; a file may hold the others.
package enum TensorElement: String, CaseIterable, Sendable {
  case float32 = "F32"
  case float16 = "F16"
  case brainFloat16 = "BF16"
  case float64 = "F64"
  case boolean = "BOOL"
  case signed8 = "I8"
  case signed16 = "I16"
  case signed32 = "I32"
  case signed64 = "I64"
  case unsigned8 = "U8"
  case unsigned16 = "U16"
  case unsigned32 = "U32"
  case unsigned64 = "U64"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case float4 = "F4"
  case complex64 = "C64"

  /// The names of the types that weights may have, for error messages.
  package static let weightNames = "F64, F32, F16, BF16"

  /// Whether weights may have the type.
  package var holdsWeights: Bool {
    switch self {
    case .float64, .float32, .float16, .brainFloat16: true
    default: false
    }
  }

  /// Bits an element takes.
  var bitCount: Int {
    switch self {
    case .float4: return 4
    case .float6E2M3, .float6E3M2: return 6
    case .boolean, .signed8, .unsigned8, .float8E5M2, .float8E4M3, .float8E8M0: return 8
    case .float16, .brainFloat16, .signed16, .unsigned16: return 16
    case .float32, .signed32, .unsigned32: return 32
    case .float64, .signed64, .unsigned64, .complex64: return 64
    }
  }
}

// MARK: - Conversion

extension TensorElement {
  /// Converts stored numbers of a type that holds weights to Float, each to the nearest one.
  ///
  /// - Parameter bytes: as many numbers as `floats` takes, without gaps.
  func convert(
    _ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, into floats: UnsafeMutableBufferPointer<Float>
  ) {
    @inline(__always)
    func convertAll<Word: FixedWidthInteger>(_ convert: (Word) -> Float) {
      let size = MemoryLayout<Word>.size
      for index in floats.indices {
        let word = bytes.loadUnaligned(fromByteOffset: size * index, as: Word.self)
        floats[index] = convert(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word))
      }
    }
    switch self {
    case .float64: convertAll { (word: UInt64) in Float(Double(bitPattern: word)) }
    case .float32: convertAll { (word: UInt32) in Float(bitPattern: word) }
    case .float16: convertAll(floatFromHalf)
    case .brainFloat16: convertAll(floatFromBrainHalf)
    default: preconditionFailure("\(rawValue) holds no weights")
    }
  }
}

/// The Float of an IEEE 754 binary16 number's bits; exact, as every such number is a Float.
func floatFromHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1F)
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    // Zero and the subnormal numbers: the fraction counts steps of 2^-24.
    return Float(bitPattern: (Float(fraction) * 0x1p-24).bitPattern | sign)
  case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}

/// The bits of the IEEE 754 binary16 number nearest to a Float, of two equally near the even one; infinite from 65520 on.
func halfFromFloat(_ value: Float) -> UInt16 {
  let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
  let bits = value.bitPattern & 0x7FFF_FFFF
  if bits > 0x7F80_0000 { return sign | 0x7E00 }
  if bits >= 0x477F_F000 { return sign | 0x7C00 }
  // Below 2^-14 the steps are 2^-24 wide, and so are those of the Floats from 1/2 to 1.
  if bits < 0x3880_0000 { return sign | UInt16(truncatingIfNeeded: (value.magnitude + 0.5).bitPattern &- 0x3F00_0000) }
  // Half a step less one, and one more where the last bit that stays is odd: ties go to the even one.
  return sign | UInt16(truncatingIfNeeded: (bits - 0x3800_0000 + 0xFFF + (bits >> 13 & 1)) >> 13)
}

/// The Float of a bfloat16 number's bits, which are the upper half of the Float's.
func floatFromBrainHalf(_ bits: UInt16) -> Float {
  Float(bitPattern: UInt32(bits) << 16)
}
