// The AdamW of the Transformers library, which that library deprecated for PyTorch's.

/// Hugging Face `AdamW`: w -= a m / (sqrt v + eps), then w -= lr wd (w - target) on the new weight.
package enum HuggingFaceAdamW: AdamRule {
  package static let name = "hf"
  package static let documentation = "Hugging Face's AdamW: decay after the step, epsilon added to the uncorrected root"

  package static func update(_ stretch: UpdateStretch, _ factors: UpdateFactors) {
    updateMomentsAndWeights(stretch, factors)
  }

  @inline(__always)
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float {
    let stepped = weight - factors.stepSize * (moment / (root + factors.epsilon))
    return stepped - factors.decay * (stepped - target)
  }
}
