// Which tensors a training changes. The backward pass goes no further down than the lowest of them needs, and makes no product for
// the gradient of a weight that keeps its values; who updates weights leaves out the same tensors.

import Architectures

/// Which tensors of a layout are trained.
package struct TrainedTensors: Equatable, Sendable {
  /// Which of the tensors that a model folder gives keep their values.
  package enum Frozen: Equatable, Sendable {
    case nothing
    /// The embeddings.
    case embeddings
    /// The embeddings and this many layers, from the lowest.
    case layers(Int)
    /// Everything below the head, the pooler included.
    case encoder
    /// Everything below the head but biases and the shifts of layer norms.
    case allButBiases
  }

  /// Whether each tensor is trained, in the order of the layout.
  private let flags: [Bool]
  private let roles: Set<TensorRole>
  /// The lowest part of the model whose backward pass writes a trained tensor's gradient: a layer, from 0; -1 for the embeddings;
  /// the number of layers for the head.
  package let lowestPart: Int
  /// Whether an embedding table is trained.
  let trainsTables: Bool
  /// Whether the weight of a layer is trained, and not biases and norms alone.
  package let trainsLayerWeights: Bool
  /// The numbers that are trained.
  package let count: Int

  /// All tensors of a layout.
  package init(allOf layout: ParameterLayout) { self.init(layout) { _ in true } }

  /// All tensors but the frozen ones. Those that are drawn, for which `isPretrained` is false, are trained in any case.
  package init(
    _ layout: ParameterLayout, frozen: Frozen, where isPretrained: (ParameterLayout.Tensor) -> Bool
  ) {
    self.init(layout) { !($0.isFrozen(by: frozen) && isPretrained($0)) }
  }

  private init(_ layout: ParameterLayout, _ isTrained: (ParameterLayout.Tensor) -> Bool) {
    flags = layout.tensors.map(isTrained)
    let trained = zip(layout.tensors, flags).filter(\.1).map(\.0)
    roles = Set(trained.map(\.role))
    let layerCount = layout.configuration.layerCount
    lowestPart = trained.map { $0.role.part(ofLayers: layerCount) }.min() ?? layerCount
    trainsTables = trained.contains {
      if case .embedding = $0.role { true } else { false }
    }
    trainsLayerWeights = trained.contains { $0.isLayerWeight }
    count = trained.reduce(0) { $0 + $1.range.count }
  }

  /// Whether the tensor with an index in the layout is trained.
  package subscript(index: Int) -> Bool { flags[index] }

  /// Whether a tensor of the layout is trained.
  package func contains(_ tensor: ParameterLayout.Tensor) -> Bool { roles.contains(tensor.role) }

  /// Whether every tensor is trained.
  package var areAll: Bool { flags.allSatisfy(\.self) }
}

extension ParameterLayout.Tensor {
  fileprivate func isFrozen(by frozen: TrainedTensors.Frozen) -> Bool {
    switch (frozen, group) {
    case (.nothing, _), (_, .head): false
    case (.encoder, _): true
    case (.allButBiases, _): initialRule != .zeros
    case (.embeddings, .embeddings), (.layers, .embeddings): true
    case (.layers(let count), .layer(let layer)): layer < count
    case (.layers, .sharedLayer), (.layers, .pooler): false
    case (.embeddings, .layer), (.embeddings, .sharedLayer), (.embeddings, .pooler): false
    }
  }
}

extension TensorRole {
  /// The part of the model whose backward pass writes the gradient, as `TrainedTensors.lowestPart` counts them.
  fileprivate func part(ofLayers layerCount: Int) -> Int {
    switch self {
    case .embedding, .norm(.embeddings, _), .linear(.embeddingProjection, _): -1
    case .linear(let linear, _): linear.layer ?? layerCount
    case .norm(.attention(let layer), _), .norm(.feedForward(let layer), _): layer
    case .norm(.transform, _), .decoderBias: layerCount
    }
  }
}
