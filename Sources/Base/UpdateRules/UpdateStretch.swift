// What an update rule works on: a stretch of memory, and the scalars of one update.

/// The same stretch of weights, gradients and moments, and of what the weights decay towards.
package struct UpdateStretch {
  /// The number of elements.
  package let count: Int
  /// The weights, (count).
  package let weights: UnsafeMutablePointer<Float>
  /// The gradients, (count).
  package let gradients: UnsafePointer<Float>
  /// What the weights decay towards, (count); nil for zero.
  package let anchor: UnsafePointer<Float>?
  private let moments: UnsafeMutablePointer<Float>
  private let momentStride: Int

  /// A stretch of memory that its owner keeps alive.
  ///
  /// - Parameters:
  ///   - moments: The stretch of the first moment.
  ///   - momentStride: How far the next moment's stretch lies behind, in elements.
  package init(
    count: Int, weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    moments: UnsafeMutablePointer<Float>, momentStride: Int, anchor: UnsafePointer<Float>?
  ) {
    self.count = count
    self.weights = weights
    self.gradients = gradients
    self.moments = moments
    self.momentStride = momentStride
    self.anchor = anchor
  }

  /// A moment by its index, (count).
  func moment(_ index: Int) -> UnsafeMutablePointer<Float> { moments + index * momentStride }

  /// The update of a stretch whose gradients and moments are zero: by every rule the decay alone is left.
  package func decay(_ factors: UpdateFactors) {
    let decay = factors.decay
    if let anchor {
      for index in 0..<count { weights[index] -= decay * (weights[index] - anchor[index]) }
    } else {
      for index in 0..<count { weights[index] -= decay * weights[index] }
    }
  }
}

/// The scalars of one update of one tensor, computed in Double and rounded once.
package struct UpdateFactors: Sendable {
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

  /// The scalars without any bias correction.
  init(_ constants: UpdateConstants, _ request: UpdateRequest) {
    gradientScale = request.gradientScale
    beta1 = Float(constants.beta1)
    oneMinusBeta1 = Float(1 - constants.beta1)
    beta2 = Float(constants.beta2)
    oneMinusBeta2 = Float(1 - constants.beta2)
    epsilon = Float(constants.epsilon)
    decay = request.decays ? Float(request.learningRate * constants.weightDecay) : 0
    stepSize = Float(request.learningRate)
    rootScale = 1
  }
}
