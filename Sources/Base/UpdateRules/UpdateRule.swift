// An optimizer's update rule: one value that owns its name, its clip, its moments, its factors and its arithmetic on
// stretches of memory. It knows no trial and keeps no state: who holds weights and moments decides when to update what.

/// How gradients are clipped.
package enum GradientClip: String, CaseIterable, Sendable {
  /// Not at all. Not called `none`, which would be the nil of an optional.
  case unclipped = "none"
  /// By the norm over all tensors.
  case global
  /// Each tensor by its own norm.
  case perTensor = "per_tensor"
}

/// A constant that a sweep gives an update rule and that not every rule uses.
package enum UpdateConstant: Sendable {
  case biasCorrection
  case beta1
  case beta2
  case epsilon
}

/// The constants of an update rule.
package struct UpdateConstants: Sendable {
  /// Whether the moments are corrected for their start at zero.
  package var biasCorrection: Bool
  /// Decay of the first moment.
  package var beta1: Double
  /// Decay of the second moment.
  package var beta2: Double
  /// The constant added to the root of the second moment.
  package var epsilon: Double
  /// Decoupled weight decay.
  package var weightDecay: Double

  package init(biasCorrection: Bool, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double) {
    self.biasCorrection = biasCorrection
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }
}

/// What one update of one tensor depends on beside the rule's constants.
package struct UpdateRequest: Sendable {
  /// The scheduled learning rate.
  package var learningRate: Double
  /// The number of this update, from 1.
  package var update: Int
  /// Whether the tensor decays.
  package var decays: Bool
  /// What clipping multiplies the tensor's gradients by.
  package var gradientScale: Float

  package init(learningRate: Double, update: Int, decays: Bool, gradientScale: Float) {
    self.learningRate = learningRate
    self.update = update
    self.decays = decays
    self.gradientScale = gradientScale
  }
}

/// An update rule.
package protocol UpdateRule: Sendable {
  /// The name in sweep files.
  static var name: String { get }
  /// Which published program the rule is, as the end of the sentence "`name` is ...", in Markdown.
  static var documentation: String { get }
  /// The constants that the rule uses; weight decay is every rule's.
  static var constants: Set<UpdateConstant> { get }
  /// How the rule's publication clips gradients.
  static var ownClip: GradientClip { get }
  /// The number of moments, each as large as the weights. They start at zero.
  static var momentCount: Int { get }
  /// The scalars of one update of one tensor.
  static func factors(_ constants: UpdateConstants, _ request: UpdateRequest) -> UpdateFactors
  /// Updates weights and moments of a stretch. Every element is updated on its own, so that no bit depends on how memory is
  /// cut into stretches. Where gradients and moments are zero, only the decay of `UpdateStretch.decay` may be left.
  static func update(_ stretch: UpdateStretch, _ factors: UpdateFactors)
}

/// The update rules that sweeps may name.
package enum UpdateRules {
  /// Every rule, in the order in which they are listed.
  package static let all: [any UpdateRule.Type] = [
    HuggingFaceAdamW.self,
    GoogleAdam.self,
    BertAdam.self,
    TorchAdamW.self,
  ]
}
