// The precisions a linear layer's products can have. Float32 is everywhere; bfloat16 is a choice that the user makes by name,
// never a consequence of the machine.

import CProducts

/// How the matrix products of linear layers round. Everything else is float32 in any case: weights, activations, sums,
/// gradients, moments.
package enum ProductPrecision: String, Codable, Sendable {
  /// Operands as they are.
  case float32
  /// Both operands rounded to bfloat16, to nearest even (8 significant bits), products summed in float32.
  case bfloat16

  /// Whether bfloat16 makes products faster on this processor, which takes AVX512_BF16; their bits are the same everywhere.
  package static var bfloat16IsFast: Bool { cproducts_bfloat16_is_fast() }

  /// How bfloat16 products are summed, as fingerprints name it: by pairs along k, the second of a pair first.
  package static let bfloat16Kind = "pairs"
}
