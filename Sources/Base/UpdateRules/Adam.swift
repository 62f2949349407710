// What the four published Adams share: both moments, their bias correction, and one pass that reads gradients and touches
// weights and moments once. The rules differ only in where the decay enters and to what the small constant is added.

/// An update rule with Adam's two moments.
protocol AdamRule: UpdateRule {
  /// The new weight from the old one, the first moment, the root of the second and what the weight decays towards.
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float
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
  @inline(__always)
  static func updateMomentsAndWeights(_ stretch: UpdateStretch, _ factors: UpdateFactors) {
    // A weight minus zero is the weight, bit by bit; the compiler leaves it out.
    if let anchor = stretch.anchor {
      update(stretch, factors) { anchor[$0] }
    } else {
      update(stretch, factors) { _ in 0 }
    }
  }

  @inline(__always)
  private static func update(_ stretch: UpdateStretch, _ factors: UpdateFactors, target: (Int) -> Float) {
    let weights = stretch.weights
    let gradients = stretch.gradients
    let firstMoment = stretch.moment(0)
    let secondMoment = stretch.moment(1)
    for index in 0..<stretch.count {
      let gradient = gradients[index] * factors.gradientScale
      let moment = factors.beta1 * firstMoment[index] + factors.oneMinusBeta1 * gradient
      let square = factors.beta2 * secondMoment[index] + factors.oneMinusBeta2 * (gradient * gradient)
      firstMoment[index] = moment
      secondMoment[index] = square
      weights[index] = updated(
        weights[index], moment: moment, root: square.squareRoot(), target: target(index), factors)
    }
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
