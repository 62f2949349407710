// Losses and their gradients at the logits: softmax cross-entropy, or squared error when there is one label.

import Arithmetics
import Kernels

package enum Targets: Sendable {
  /// Class indices, (sequences), for classification.
  case classes([Int32])
  /// Values, (sequences), for regression.
  case values([Float])

  /// Sequences that have a target.
  package var count: Int {
    switch self {
    case .classes(let classes): classes.count
    case .values(let values): values.count
    }
  }
}

package struct BatchResult: Sendable {
  /// The sum over sequences of their losses.
  package let lossSum: Double
  /// The head's outputs, (sequences, labels).
  package let logits: [Float]
  /// How many outputs of the tanh before the output layer were saturated, before dropout; none are counted where a head has
  /// another activation.
  package let saturation: PoolerSaturation
}

/// How many outputs of a tanh pooler lie close to -1 or 1, before dropout (which scales what it keeps and would shift the
/// limits).
package struct PoolerSaturation: Codable, Equatable, Sendable {
  /// The limits that absolute values are held against.
  package static let limits: [Float] = [0.99, 0.95, 0.9, 0.85]

  package private(set) var count = 0
  /// Of them, those of an absolute value of at least each limit.
  package private(set) var saturatedCounts = limits.map { _ in 0 }

  /// Whether there may be outputs with these counts, which can then be counted on.
  package var isPossible: Bool {
    (0...1 << 56).contains(count) && saturatedCounts.count == Self.limits.count
      && saturatedCounts.allSatisfy { (0...count).contains($0) }
  }

  package init() {}

  init(_ outputs: Rows) {
    count = outputs.elementCount
    for index in 0..<count {
      let size = abs(outputs.start[index])
      for (limitIndex, limit) in Self.limits.enumerated() where size >= limit { saturatedCounts[limitIndex] += 1 }
    }
  }

  package mutating func add(_ other: PoolerSaturation) {
    count += other.count
    for index in saturatedCounts.indices { saturatedCounts[index] += other.saturatedCounts[index] }
  }
}

extension Classifier {
  /// Each sequence's loss from its logits, (sequences, labels): softmax cross-entropy for classes, squared error for
  /// values. A NaN in the logits is a NaN in the loss.
  package static func losses(
    logits: [Float], labelCount: Int, targets: Targets, _ arithmetic: Arithmetic = .ofIdentifiers
  ) -> [Double] {
    precondition(
      logits.count == targets.count * labelCount,
      "\(logits.count) logits are not \(targets.count) sequences of \(labelCount) labels")
    return logits.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      return (0..<targets.count).map { sequence in
        loss(
          base + sequence * labelCount, targets, sequence, labelCount: labelCount, gradient: nil, scale: 0, arithmetic)
      }
    }
  }

  /// The sum of the losses of the last forward pass, and at the logits the gradient of their mean with labels of which `smoothing`
  /// spreads a share over all classes.
  func lossAtLogits(_ targets: Targets, sequenceCount: Int, smoothing: Double) -> Double {
    precondition(targets.count == sequenceCount, "\(targets.count) targets for \(sequenceCount) sequences")
    let (logits, gradient) = (head.logits, head.logitGradient)
    var sum = 0.0
    for sequence in 0..<sequenceCount {
      sum += Self.loss(
        logits[sequence], targets, sequence, labelCount: labelCount, gradient: gradient[sequence],
        scale: 1 / Double(sequenceCount), smoothing: smoothing, arithmetic)
    }
    return sum
  }

  private static func loss(
    _ logits: UnsafePointer<Float>, _ targets: Targets, _ sequence: Int, labelCount: Int,
    gradient: UnsafeMutablePointer<Float>?, scale: Double, smoothing: Double = 0, _ arithmetic: Arithmetic
  ) -> Double {
    switch targets {
    case .classes(let classes):
      let target = Int(classes[sequence])
      precondition(
        target >= 0 && target < labelCount, "class \(target) of sequence \(sequence) is not below \(labelCount)")
      return crossEntropy(
        logits, target: target, labelCount: labelCount, gradient: gradient, scale: scale, smoothing: smoothing,
        arithmetic)
    case .values(let values):
      precondition(labelCount == 1, "values are regression targets, which need one label, not \(labelCount)")
      return squaredError(logits[0], target: values[sequence], gradient: gradient, scale: scale)
    }
  }
}
