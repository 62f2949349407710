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

/// c (+)= op(a) op(b) at a precision: op(a) is (m, k), op(b) is (k, n), c is (m, n). Bfloat16 must be supported.
package func multiply(
  _ a: Rows, _ aOrientation: Orientation = .plain, by b: Rows, _ bOrientation: Orientation = .plain, into c: Rows,
  accumulating: Bool, precision: ProductPrecision
) {
  switch precision {
  case .float32:
    multiply(a, aOrientation, by: b, bOrientation, into: c, beta: accumulating ? 1 : 0)
  case .bfloat16:
    let depth = productDepth(a, aOrientation, b, bOrientation, c)
    withUnsafeTemporaryAllocation(byteCount: cbfloat16_scratch_size(), alignment: 64) { scratch in
      cbfloat16_product(
        a.start, aOrientation == .transposed, a.stride, b.start, bOrientation == .transposed, b.stride, c.start,
        c.stride, c.count, c.columns, depth, accumulating, scratch.baseAddress)
    }
  }
}
