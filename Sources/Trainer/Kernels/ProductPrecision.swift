// The precisions a linear layer's products can have. Float32 is everywhere and comes from OpenBLAS; bfloat16 is a choice
// that the user makes by name, never a consequence of the machine.

import CBFloat16

/// How the matrix products of linear layers round. Everything else is float32 in any case: weights, activations, sums,
/// gradients, moments.
package enum ProductPrecision: String, Sendable {
  /// Operands as they are.
  case float32
  /// Both operands rounded to bfloat16, to nearest even (8 significant bits), products summed in float32.
  case bfloat16

  /// Whether this processor makes such products: bfloat16 needs AVX512_BF16.
  package var isSupported: Bool { self == .float32 || cbfloat16_is_supported() }
}

/// C (+)= op(A) op(B) at a precision, for row-major matrices: op(A) is (m, k), op(B) is (k, n), C is (m, n). Bfloat16 must
/// be supported.
package func multiply(
  _ a: UnsafePointer<Float>, _ aOrientation: Orientation = .plain, stride aStride: Int,
  by b: UnsafePointer<Float>, _ bOrientation: Orientation = .plain, stride bStride: Int,
  into c: UnsafeMutablePointer<Float>, stride cStride: Int,
  m: Int, n: Int, k: Int, accumulating: Bool, precision: ProductPrecision
) {
  switch precision {
  case .float32:
    multiply(
      a, aOrientation, stride: aStride, by: b, bOrientation, stride: bStride, into: c, stride: cStride, m: m, n: n,
      k: k, beta: accumulating ? 1 : 0)
  case .bfloat16:
    withUnsafeTemporaryAllocation(byteCount: cbfloat16_scratch_size(), alignment: 64) { scratch in
      cbfloat16_product(
        a, aOrientation == .transposed, aStride, b, bOrientation == .transposed, bStride, c, cStride, m, n, k,
        accumulating, scratch.baseAddress)
    }
  }
}
