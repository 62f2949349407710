// Losses and their gradients at the logits: softmax cross-entropy, or squared error when there is one label.

import Glibc

/// What a batch should have been answered with.
public enum Targets: Sendable {
  /// Class indices, (sequences), for classification.
  case classes([Int32])
  /// Values, (sequences), for regression.
  case values([Float])

  /// Sequences that have a target.
  public var count: Int {
    switch self {
    case .classes(let classes): classes.count
    case .values(let values): values.count
    }
  }
}

/// What a training step measured.
public struct BatchResult: Sendable {
  /// The sum over sequences of their losses.
  public let lossSum: Double
  /// The head's outputs, (sequences, labels).
  public let logits: [Float]
}
