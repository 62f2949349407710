// The update rules themselves: one pass that reads gradients and touches weights and moments once. The rules differ
// only in where the decay enters and to what the small constant is added (each rule names the program it is of).

import Trials

/// The same stretch of the four arenas, and of what weights decay towards.
struct UpdateArenas {
  var count: Int
  var weights: UnsafeMutablePointer<Float>
  var gradients: UnsafePointer<Float>
  var firstMoment: UnsafeMutablePointer<Float>
  var secondMoment: UnsafeMutablePointer<Float>
  /// What the weights decay towards; nil for zero.
  var anchor: UnsafePointer<Float>?

  init(
    count: Int, weights: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>,
    anchor: UnsafePointer<Float>? = nil
  ) {
    self.count = count
    self.weights = weights
    self.gradients = UnsafePointer(gradients)
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.anchor = anchor
  }
}

/// The scalars of one update of one tensor, computed in Double and rounded once.
struct UpdateFactors {
  var gradientScale: Float
  var beta1: Float
  var oneMinusBeta1: Float
  var beta2: Float
  var oneMinusBeta2: Float
  var epsilon: Float
  /// What the moments' ratio is multiplied by.
  var stepSize: Float
  /// What the second moment's root is multiplied by before epsilon joins it; 1 but for torch with bias correction.
  var rootScale: Float
  /// The rate times the weight decay; 0 for biases and LayerNorm parameters.
  var decay: Float

  init(
    _ specification: OptimizerSpecification, learningRate: Double, update: Int, decays: Bool, gradientScale: Float
  ) {
    self.gradientScale = gradientScale
    beta1 = Float(specification.beta1)
    oneMinusBeta1 = Float(1 - specification.beta1)
    beta2 = Float(specification.beta2)
    oneMinusBeta2 = Float(1 - specification.beta2)
    epsilon = Float(specification.epsilon)
    decay = decays ? Float(learningRate * specification.weightDecay) : 0
    stepSize = Float(learningRate)
    rootScale = 1
    guard specification.biasCorrection else { return }
    if specification.algorithm == .torch {
      stepSize = Float(learningRate / (1 - Optimizer.power(specification.beta1, update)))
      rootScale = Float(1 / (1 - Optimizer.power(specification.beta2, update)).squareRoot())
    } else {
      stepSize = Float(
        learningRate
          * Optimizer.biasCorrection(beta1: specification.beta1, beta2: specification.beta2, update: update))
    }
  }
}

/// How a weight follows from its two moments.
protocol UpdateRule {
  /// The new weight from the old one, the first moment, the root of the second and what the weight decays towards.
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float
}

/// Hugging Face `AdamW`: w -= a m / (sqrt v + eps), then w -= lr wd (w - target) on the new weight.
enum DecayAfterStep: UpdateRule {
  @inline(__always)
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float {
    let stepped = weight - factors.stepSize * (moment / (root + factors.epsilon))
    return stepped - factors.decay * (stepped - target)
  }
}

/// google-research/bert `AdamWeightDecayOptimizer` and `BertAdam`: w -= a m / (sqrt v + eps) + lr wd (w - target).
enum DecayInsideStep: UpdateRule {
  @inline(__always)
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float {
    weight - (factors.stepSize * (moment / (root + factors.epsilon)) + factors.decay * (weight - target))
  }
}

/// `torch.optim.AdamW`: w -= lr wd (w - target), then w -= a m / (sqrt v / sqrt(1 - b2^t) + eps) with a = lr / (1 - b1^t).
enum DecayBeforeStep: UpdateRule {
  @inline(__always)
  static func updated(_ weight: Float, moment: Float, root: Float, target: Float, _ factors: UpdateFactors) -> Float {
    let decayed = weight - factors.decay * (weight - target)
    return decayed - factors.stepSize * (moment / (root * factors.rootScale + factors.epsilon))
  }
}

extension Optimizer {
  /// Updates a stretch of the arenas: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, then the rule.
  @inline(__always)
  func update<Rule: UpdateRule>(_ arenas: UpdateArenas, by rule: Rule.Type, _ factors: UpdateFactors) {
    // A weight minus zero is the weight, bit by bit; the compiler leaves it out.
    if let anchor = arenas.anchor {
      update(arenas, by: rule, factors) { anchor[$0] }
    } else {
      update(arenas, by: rule, factors) { _ in 0 }
    }
  }

  @inline(__always)
  private func update<Rule: UpdateRule>(
    _ arenas: UpdateArenas, by rule: Rule.Type, _ factors: UpdateFactors, target: (Int) -> Float
  ) {
    let weights = arenas.weights
    let gradients = arenas.gradients
    let firstMoment = arenas.firstMoment
    let secondMoment = arenas.secondMoment
    for index in 0..<arenas.count {
      let gradient = gradients[index] * factors.gradientScale
      let moment = factors.beta1 * firstMoment[index] + factors.oneMinusBeta1 * gradient
      let square = factors.beta2 * secondMoment[index] + factors.oneMinusBeta2 * (gradient * gradient)
      firstMoment[index] = moment
      secondMoment[index] = square
      weights[index] = Rule.updated(
        weights[index], moment: moment, root: square.squareRoot(), target: target(index), factors)
    }
  }

  /// The update of a stretch whose gradients and moments are zero: by every rule the decay alone is left.
  func updateByDecay(_ arenas: UpdateArenas, _ factors: UpdateFactors) {
    let weights = arenas.weights
    let decay = factors.decay
    if let anchor = arenas.anchor {
      for index in 0..<arenas.count { weights[index] -= decay * (weights[index] - anchor[index]) }
    } else {
      for index in 0..<arenas.count { weights[index] -= decay * weights[index] }
    }
  }
}
