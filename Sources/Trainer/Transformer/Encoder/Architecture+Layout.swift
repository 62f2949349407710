// The tensors of a family's encoder and head, in the order of the parameters.

import Architectures

extension Architecture {
  /// The roles of an encoder's tensors and its head's, in the order of the parameters. A layer's query, key and value
  /// weights are neighbours where they are three, and so are their biases, so that the projections are one matrix product.
  func roles(
    layerCount: Int, head: ParameterLayout.Head, projectsEmbeddings: Bool = false, sharesWordTable: Bool = true
  ) -> [TensorRole] {
    func both(_ make: (TensorPart) -> TensorRole) -> [TensorRole] { [make(.weight), make(.bias)] }
    func linear(_ role: LinearRole) -> [TensorRole] { both { .linear(role, $0) } }
    func norm(_ role: NormRole) -> [TensorRole] { both { .norm(role, $0) } }
    var roles = embeddings.map(TensorRole.embedding) + norm(.embeddings)
    if projectsEmbeddings && has(.linear(.embeddingProjection, .weight)) { roles += linear(.embeddingProjection) }
    for layer in 0..<ownLayerCount(of: layerCount) {
      let projections: [LinearRole] =
        joinsProjections ? [.queryKeyValue(layer)] : [.query(layer), .key(layer), .value(layer)]
      roles += projections.map { .linear($0, .weight) } + projections.map { .linear($0, .bias) }
      roles += linear(.attentionOutput(layer)) + norm(.attention(layer))
      roles += linear(.intermediate(layer)) + linear(.output(layer)) + norm(.feedForward(layer))
    }
    switch head {
    case .classification: roles += classifierRoles(linear)
    case .languageModel, .pretraining:
      if !sharesWordTable { roles.append(.linear(.decoder, .weight)) }
      if languageModelHead.hasBias { roles.append(sharesWordTable ? .decoderBias : .linear(.decoder, .bias)) }
      if languageModelHead.transform != nil { roles += linear(.transform) + norm(.transform) }
      if head == .pretraining { roles += linear(.pooler) + linear(.pairRelation) }
    }
    return roles
  }

  private func classifierRoles(_ linear: (LinearRole) -> [TensorRole]) -> [TensorRole] {
    let output = linear(.classifier)
    return (head.dense.map(linear) ?? []) + (head.hasOutputBias ? output : [output[0]])
  }

  /// The part of the model that a tensor belongs to. A norm belongs to the sum before it where it stands after the sum,
  /// and else to what reads the sum next; so both kinds have tensors of the same shapes in the same order, and a seed gives
  /// both the same weights.
  func group(of role: TensorRole, layerCount: Int) -> ParameterLayout.Group {
    switch role {
    case .embedding, .linear(.embeddingProjection, _): return .embeddings
    case .linear(.pooler, _): return .pooler
    case .linear(let linear, _): return linear.layer.map { sharesLayers ? .sharedLayer : .layer($0) } ?? .head
    case .norm(.transform, _), .decoderBias: return .head
    case .norm(let norm, _):
      switch (normPosition, norm) {
      case (.afterSum, .embeddings): return .embeddings
      case (_, .attention) where sharesLayers, (_, .feedForward) where sharesLayers: return .sharedLayer
      case (.beforePart, .embeddings): return .layer(0)
      case (_, .attention(let layer)): return .layer(layer)
      case (.beforePart, .feedForward(let layer)) where layer + 1 < layerCount: return .layer(layer + 1)
      case (_, .feedForward(let layer)): return .layer(layer)
      case (_, .transform): return .head
      }
    }
  }

  /// The transformer layer, from 0, that a tensor lies in; nil for others. A norm behind the last layer lies in none, although
  /// it belongs to that layer's group.
  func layer(of role: TensorRole, layerCount: Int) -> Int? {
    if normPosition == .beforePart, case .norm(.feedForward(layerCount - 1), _) = role { return nil }
    guard case .layer(let layer) = group(of: role, layerCount: layerCount) else { return nil }
    return layer
  }
}
