// What tells one family of encoders from another, as values that the passes and the files ask for. A family is one file
// beside this one and one line in `Architectures.all`. Sizes belong to `EncoderConfiguration`.

import Kernels

package struct Architecture: Sendable {
  /// `model_type` of a `config.json`.
  package let modelType: String
  /// What Hugging Face's classes are called by, before `ForMaskedLM` and the like.
  package let className: String
  package var normPosition = NormPosition.afterSum
  /// The row of the position table that a sequence's first token has.
  package var firstPosition = 0
  /// `hidden_act` where a `config.json` gives none.
  package var activation = Activation.gelu
  /// The feed-forward part of a layer.
  package var feedForward = FeedForward.plain
  /// The keys that a query attends to.
  package var mask = AttentionMask.all
  /// The embedding tables, in the order of the parameters.
  package var embeddings: [EmbeddingRole] = [.words, .positions, .types]
  /// What stands between the encoder and a classifier's output layer.
  package var head = HeadShape.pooler
  /// The sizes where a `config.json` gives none.
  package var defaultSizes = DefaultSizes()
  /// What the encoder's names begin with; a file of the encoder alone leaves it away.
  package let prefix: String
  let nameOfRole: @Sendable (_ role: TensorRole, _ layerCount: Int) -> String
  /// Names that checkpoints may have in place of a usual one.
  var otherNames: @Sendable (_ usual: String) -> [String] = { _ in [] }
}

/// Where the norm of a residual sum stands.
package enum NormPosition: Sendable {
  /// Post-LN: after the sum, so that the next sum adds to normalized rows.
  case afterSum
  /// Pre-LN: before the part that reads the sum, and once at the end, while sums add to sums.
  case beforePart
}

/// A layer's feed-forward part. A gated one would be a case here, an intermediate size twice as wide, and a branch in
/// `EncoderModel.forwardFeedForward` and its gradient.
package enum FeedForward: Sendable {
  /// output(activation(intermediate(x))).
  case plain
}

/// What a classifier computes from a sequence's first token before its output layer.
package enum HeadShape: Sendable {
  /// The encoder's pooler, tanh, dropout.
  case pooler
  /// Dropout, a dense layer of the head's own, tanh, dropout.
  case dense

  var denseLayer: LinearRole {
    switch self {
    case .pooler: .pooler
    case .dense: .classifierDense
    }
  }
}

/// The sizes of a family's usual configuration.
package struct DefaultSizes: Sendable {
  package var vocabularySize = 30522
  package var hiddenSize = 768
  package var layerCount = 12
  package var headCount = 12
  package var intermediateSize = 3072
  package var positionCount = 512
  package var typeCount = 2
  package var layerNormEpsilon = 1e-12
}

extension Architecture: Equatable {
  /// Families are told apart by their `model_type`.
  package static func == (first: Architecture, second: Architecture) -> Bool { first.modelType == second.modelType }
}

extension Architecture {
  package func name(of role: TensorRole, layerCount: Int) -> String { nameOfRole(role, layerCount) }

  /// The roles of an encoder's tensors and its head's, in the order of the parameters. A layer's query, key and value
  /// weights are neighbours, and so are their biases, so that the three projections are one matrix product.
  func roles(layerCount: Int, head: ParameterLayout.Head) -> [TensorRole] {
    func both(_ make: (TensorPart) -> TensorRole) -> [TensorRole] { [make(.weight), make(.bias)] }
    func linear(_ role: LinearRole) -> [TensorRole] { both { .linear(role, $0) } }
    func norm(_ role: NormRole) -> [TensorRole] { both { .norm(role, $0) } }
    var roles = embeddings.map(TensorRole.embedding) + norm(.embeddings)
    for layer in 0..<layerCount {
      let projections: [LinearRole] = [.query(layer), .key(layer), .value(layer)]
      roles += projections.map { .linear($0, .weight) } + projections.map { .linear($0, .bias) }
      roles += linear(.attentionOutput(layer)) + norm(.attention(layer))
      roles += linear(.intermediate(layer)) + linear(.output(layer)) + norm(.feedForward(layer))
    }
    switch head {
    case .classification: roles += linear(self.head.denseLayer) + linear(.classifier)
    case .languageModel: roles += [.decoderBias] + linear(.transform) + norm(.transform)
    }
    return roles
  }

  /// The part of the model that a tensor belongs to. A norm belongs to the sum before it where it stands after the sum,
  /// and else to what reads the sum next; so both kinds have tensors of the same shapes in the same order, and a seed gives
  /// both the same weights.
  func group(of role: TensorRole, layerCount: Int) -> ParameterLayout.Group {
    switch role {
    case .embedding: return .embeddings
    case .linear(.pooler, _): return .pooler
    case .linear(let linear, _): return linear.layer.map { .layer($0) } ?? .head
    case .norm(.transform, _), .decoderBias: return .head
    case .norm(let norm, _):
      switch (normPosition, norm) {
      case (.afterSum, .embeddings): return .embeddings
      case (.beforePart, .embeddings): return .layer(0)
      case (_, .attention(let layer)): return .layer(layer)
      case (.beforePart, .feedForward(let layer)) where layer + 1 < layerCount: return .layer(layer + 1)
      case (_, .feedForward(let layer)): return .layer(layer)
      case (_, .transform): return .head
      }
    }
  }
}

/// The families that are read, trained and written.
package enum Architectures {
  /// All, in the order that messages name them.
  package static let all: [Architecture] = [
    .bert,
    .megatronBERT,
  ]

  package static var modelTypes: [String] { all.map(\.modelType) }

  /// The family of a `model_type`; nil for another.
  package static func named(_ modelType: String) -> Architecture? { all.first { $0.modelType == modelType } }
}
