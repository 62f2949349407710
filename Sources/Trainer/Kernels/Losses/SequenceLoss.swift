// Losses of single sequences and their gradients at the logits, computed in Double: there are few of them, and their
// sums end in tables.

import Arithmetics

/// -log softmax(logits)[target] of one row of logits, without overflow; an infinite largest logit or a NaN gives NaN.
/// With a gradient, writes (softmax - label) `scale` to it, (labels): the label is the target's one hot vector, of which `smoothing`
/// spreads a share evenly over all labels. The loss is never smoothed.
package func crossEntropy(
  _ logits: UnsafePointer<Float>, target: Int, labelCount: Int, gradient: UnsafeMutablePointer<Float>?,
  scale: Double, smoothing: Double = 0, _ arithmetic: Arithmetic = .ofIdentifiers
) -> Double {
  var largest = -Double.infinity
  for label in 0..<labelCount { largest = max(largest, Double(logits[label])) }
  var sum = 0.0
  for label in 0..<labelCount { sum += arithmetic.exp(Double(logits[label]) - largest) }
  if let gradient {
    let spread = smoothing / Double(labelCount)
    for label in 0..<labelCount {
      let share = arithmetic.exp(Double(logits[label]) - largest) / sum
      gradient[label] = Float((share - (label == target ? 1 - smoothing + spread : spread)) * scale)
    }
  }
  return arithmetic.log(sum) - (Double(logits[target]) - largest)
}

/// (prediction - target)^2; with a gradient, writes 2 (prediction - target) * `scale` to it.
package func squaredError(
  _ prediction: Float, target: Float, gradient: UnsafeMutablePointer<Float>?, scale: Double
) -> Double {
  let difference = Double(prediction) - Double(target)
  if let gradient { gradient.pointee = Float(2 * difference * scale) }
  return difference * difference
}
