// The precisions a linear layer's products can have. Float32 is everywhere; bfloat16 is a choice that the user makes by name,
// never a consequence of the machine.

import CProducts

/// How the matrix products of linear layers round. Everything else is float32 in any case: weights, activations, sums,
/// gradients, moments.
package enum ProductPrecision: String, Sendable {
  /// Operands as they are.
  case float32
  /// Both operands rounded to bfloat16, to nearest even (8 significant bits), products summed in float32.
  case bfloat16

  /// Whether this processor makes such products: bfloat16 needs AVX512_BF16.
  package var isSupported: Bool { self == .float32 || cproducts_has_bfloat16() }

  /// The instructions whose sums decide the bits of bfloat16 products, as fingerprints name them.
  package static let bfloat16Kind = "avx512"
}
