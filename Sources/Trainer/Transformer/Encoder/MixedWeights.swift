// Mixout (Lee et al. 2019, arXiv 1909.11299): the linear weights that one training step computes with, each input column
// either the trained one or the pre-trained one. Biases, layer norms, embeddings and the head are as they are; what is
// trained is still the classifier's own weights, and evaluations read those alone.

import Kernels
import SeedStreams

/// The mixed weights of a classifier's training steps.
package final class MixedWeights {
  /// What a weight's gradient is multiplied by where its column is kept.
  package enum GradientScale: Sendable {
    /// 1 / (1 - p): the derivative of what the forward pass computes.
    case exact
    /// 1, as the published programs have it.
    case published
  }

  /// The share of columns replaced.
  package let probability: Double
  private let gradientScale: GradientScale
  private let layout: ParameterLayout
  /// The indices in the layout of the tensors that are mixed.
  private let mixedTensors: [Int]
  /// Pre-trained weights, laid out as the parameters.
  private let anchor: UnsafeMutableBufferPointer<Float>
  private let mixed: Arena
  private let marks: Arena
  private var masks: [DropoutMask] = []
  /// The classifier's tensors, but for the weights that are mixed.
  let tensors: ModelTensors

  /// Mixout of a classifier towards `anchor`, which is laid out as its parameters and must live as long.
  ///
  /// - Parameters:
  ///   - probability: the share of columns replaced, in 0 ..< 1.
  ///   - isPretrained: which tensors the anchor holds; only linear weights among them are mixed, and never the head's.
  package init(
    of classifier: Classifier, towards anchor: UnsafeMutableBufferPointer<Float>, probability: Double,
    gradientScale: GradientScale = .exact, where isPretrained: (ParameterLayout.Tensor) -> Bool
  ) {
    let layout = classifier.layout
    precondition(anchor.count == layout.count, "an anchor of \(anchor.count) numbers for \(layout.count) parameters")
    self.layout = layout
    self.anchor = anchor
    self.probability = probability
    self.gradientScale = gradientScale
    let chosen = layout.tensors.indices.filter { layout.tensors[$0].isMixable && isPretrained(layout.tensors[$0]) }
    mixedTensors = chosen
    mixed = Arena(floatCount: layout.count)
    marks = Arena(byteCount: max(1, chosen.reduce(0) { $0 + Self.markCount(of: layout.tensors[$1]) }))
    let mixedIndices = Set(chosen)
    let (own, other) = (classifier.parameters.baseAddress!, mixed.floats.baseAddress!)
    // Query, key and value are one matrix: mixed together or not at all, as they lie in the same folder.
    tensors = ModelTensors(
      TensorSet(layout) { (mixedIndices.contains($0) ? other : own) + layout.tensors[$0].range.lowerBound })
  }

  private static func markCount(of tensor: ParameterLayout.Tensor) -> Int {
    DropoutMask.capacity(for: tensor.shape[1])
  }

  /// Draws the masks of a step and mixes the weights. Each tensor has a mask of its own, in the stream's mixout purpose.
  package func mix(_ parameters: UnsafeMutableBufferPointer<Float>, seed: UInt64, step: UInt32, on team: ThreadTeam) {
    mix(parameters, on: team) { tensor, storage in
      DropoutMask(
        drawing: layout.tensors[tensor].shape[1], into: storage,
        from: SeedStream(seed: seed, purpose: .mixout, site: UInt32(tensor), step: step), probability: probability)
    }
  }

  /// Mixes the weights by the masks that `draw` makes for each tensor in the storage that it is given.
  func mix(
    _ parameters: UnsafeMutableBufferPointer<Float>, on team: ThreadTeam,
    _ draw: (_ tensor: Int, _ storage: UnsafeMutablePointer<UInt8>) -> DropoutMask
  ) {
    masks.removeAll(keepingCapacity: true)
    var storage = marks.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    for index in mixedTensors {
      let tensor = layout.tensors[index]
      let mask = draw(index, storage)
      masks.append(mask)
      storage += Self.markCount(of: tensor)
      mixoutForward(
        tensor.rows(in: parameters), anchor: tensor.rows(in: anchor), mask: mask, into: tensor.rows(in: mixed.floats),
        on: team)
    }
  }

  /// Turns the gradients of the mixed weights into those of the classifier's.
  func backward(_ gradients: UnsafeMutableBufferPointer<Float>, on team: ThreadTeam) {
    for (index, mask) in zip(mixedTensors, masks) {
      let tensor = layout.tensors[index]
      mixoutBackward(
        tensor.rows(in: gradients), mask: mask, scale: gradientScale == .exact ? mask.scale : 1, on: team)
    }
  }
}

extension ParameterLayout.Tensor {
  fileprivate func rows(in arena: UnsafeMutableBufferPointer<Float>) -> Rows {
    Rows(arena.baseAddress! + range.lowerBound, count: shape[0], columns: shape[1])
  }

  /// Whether this is a linear layer's weight below the head.
  package var isMixable: Bool {
    guard shape.count == 2 else { return false }
    return switch group {
    case .layer, .sharedLayer, .pooler: true
    case .embeddings: role == .linear(.embeddingProjection, .weight)
    case .head: false
    }
  }
}
