// The four update rules as a naive loop in Double, one weight at a time, with a running bound on how far the same
// computation in Float can stray. It shares no code with the optimizer.

import Glibc
import Trials
import UpdateRules

extension OptimizerSpecification.Algorithm {
  static let google = Self(GoogleAdam.self)
  static let bertAdam = Self(BertAdam.self)
}

/// One weight under one update rule, with the bound of its Float twin's error.
struct AdamReference {
  let specification: OptimizerSpecification
  let decays: Bool
  var weight: Double
  /// What the weight decays towards.
  var target = 0.0
  private var m = 0.0
  private var v = 0.0
  private var t = 0.0
  /// Bound on |Float weight - weight|.
  private(set) var error = 0.0
  private var errorOfM = 0.0
  private var errorOfV = 0.0

  init(_ specification: OptimizerSpecification, decays: Bool, weight: Float) {
    self.specification = specification
    self.decays = decays
    self.weight = Double(weight)
  }

  mutating func update(gradient: Double, rate: Double) {
    let (b1, b2, epsilon) = (specification.beta1, specification.beta2, specification.epsilon)
    let decay = decays ? rate * specification.weightDecay : 0
    let unit = 0x1p-24  // half the distance from 1 to the next Float
    t += 1
    // Each moment: two rounded coefficients, two or three products, one sum, on top of the moment's own error. The
    // gradient may carry one rounding from its scale.
    errorOfM = b1 * errorOfM + 4 * unit * (b1 * abs(m) + (1 - b1) * abs(gradient))
    errorOfV = b2 * errorOfV + 7 * unit * (b2 * v + (1 - b2) * gradient * gradient)
    m = b1 * m + (1 - b1) * gradient
    v = b2 * v + (1 - b2) * gradient * gradient
    var root = v.squareRoot()
    var errorOfRoot = (root > 0 ? errorOfV / root : 0) + 3 * unit * root
    var step = rate
    if specification.biasCorrection {
      if specification.algorithm == .torch {
        step = rate / (1 - pow(b1, t))
        let scale = 1 / (1 - pow(b2, t)).squareRoot()
        root *= scale
        errorOfRoot *= scale
      } else {
        step = rate * (1 - pow(b2, t)).squareRoot() / (1 - pow(b1, t))
      }
    }
    let denominator = root + epsilon
    let ratio = m / denominator
    let before = abs(weight)
    switch specification.algorithm.rawValue {
    case "hf":
      weight -= step * ratio
      weight -= decay * (weight - target)
    case "google", "bert_adam":
      weight -= step * ratio + decay * (weight - target)
    case "torch":
      weight -= decay * (weight - target)
      weight -= step * ratio
    default: preconditionFailure("no reference for the rule \(specification.algorithm.rawValue)")
    }
    // Five roundings between the root and the scaled ratio; at most four of a number the weight's size.
    let errorOfStep =
      step * (errorOfM / denominator + abs(ratio) * errorOfRoot / denominator + 5 * unit * abs(ratio))
    error += errorOfStep + 4 * unit * max(before, abs(weight), abs(target))
  }
}
