// The AdamW of the Transformers library, which that library deprecated for PyTorch's.

import CElementwise

/// Hugging Face `AdamW`: w -= a m / (sqrt v + eps), then w -= lr wd (w - target) on the new weight.
package enum HuggingFaceAdamW: AdamRule {
  package static let name = "hf"
  package static let documentation = "Hugging Face's AdamW: decay after the step, epsilon added to the uncorrected root"

  static var pass: celementwise_rule { celementwise_hf }
}
