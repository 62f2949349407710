// What the four published Adams share: both moments, their bias correction, and one pass that reads gradients and touches
// weights and moments once. The rules differ only in where the decay enters and to what the small constant is added.

import CElementwise

/// An update rule with Adam's two moments.
protocol AdamRule: UpdateRule {
  /// The rule in the pass over memory, which is C's.
  static var pass: celementwise_rule { get }
}

extension AdamRule {
  package static var constants: Set<UpdateConstant> { [.biasCorrection, .beta1, .beta2, .epsilon] }
  package static var ownClip: GradientClip { .global }
  package static var momentCount: Int { 2 }

  /// Adam's factors: the bias correction is part of the step size.
  package static func factors(_ constants: UpdateConstants, _ request: UpdateRequest) -> UpdateFactors {
    var factors = UpdateFactors(constants, request)
    if constants.biasCorrection {
      factors.stepSize = Float(
        request.learningRate
          * Adam.biasCorrection(beta1: constants.beta1, beta2: constants.beta2, update: request.update))
    }
    return factors
  }

  /// Updates a stretch: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, then the rule.
  package static func update(_ stretch: UpdateStretch, _ factors: UpdateFactors) {
    var scalars = celementwise_factors(
      gradient_scale: factors.gradientScale, beta1: factors.beta1, one_minus_beta1: factors.oneMinusBeta1,
      beta2: factors.beta2, one_minus_beta2: factors.oneMinusBeta2, epsilon: factors.epsilon,
      step_size: factors.stepSize, root_scale: factors.rootScale, decay: factors.decay)
    celementwise_update(
      pass, &scalars, stretch.weights, stretch.gradients, stretch.moment(0), stretch.moment(1), stretch.anchor,
      stretch.count)
  }
}

/// The bias correction of Adam's moments.
package enum Adam {
  /// The factor sqrt(1 - beta2^t) / (1 - beta1^t) by which leaving out the bias correction overstates update `t`
  /// (its reciprocal; Kingma and Ba 2015, discussed in arXiv 2006.04884), t from 1.
  package static func biasCorrection(beta1: Double, beta2: Double, update: Int) -> Double {
    (1 - power(beta2, update)).squareRoot() / (1 - power(beta1, update))
  }

  /// An integer power by repeated squaring: the same bits on every machine, unlike the C library's `pow`.
  package static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result *= square }
      square *= square
      remaining >>= 1
    }
    return result
  }
}
