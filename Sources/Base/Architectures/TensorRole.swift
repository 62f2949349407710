// What a tensor is for, in every family: names differ between families, roles do not.

/// What a tensor is for.
package enum TensorRole: Hashable, Sendable {
  case embedding(EmbeddingRole)
  case linear(LinearRole, TensorPart)
  case norm(NormRole, TensorPart)
  /// The bias of a language model's decoder whose weight is the word table.
  case decoderBias
}

/// One of the two tensors of a linear layer or of a layer norm.
package enum TensorPart: String, Hashable, Sendable {
  /// A linear layer's weight, or a norm's gain.
  case weight
  /// A linear layer's bias, or a norm's shift.
  case bias
}

/// An embedding table.
package enum EmbeddingRole: Hashable, Sendable {
  case words
  case positions
  case types
}

/// A linear layer; those of a transformer layer carry its number, from 0.
package enum LinearRole: Hashable, Sendable {
  case query(Int)
  case key(Int)
  case value(Int)
  /// Queries, keys and values in one layer, in this order, where a family keeps them so (`Architecture.joinsProjections`).
  case queryKeyValue(Int)
  case attentionOutput(Int)
  /// The feed-forward part's first layer, which the activation follows.
  case intermediate(Int)
  /// The feed-forward part's second layer.
  case output(Int)
  /// What brings embeddings of a width of their own to the encoder's.
  case embeddingProjection
  /// The dense layer between encoder and classification head, part of the pre-trained encoder.
  case pooler
  /// The dense layer of a classification head without pooler.
  case classifierDense
  /// The classification head's output layer.
  case classifier
  /// The dense layer of a masked-language-model head.
  case transform
  /// The decoder of a language model that does not share the word table.
  case decoder
  /// What a language model says about its two sentences, from the pooler's output.
  case pairRelation

  /// The transformer layer; nil for others.
  package var layer: Int? {
    switch self {
    case .query(let layer), .key(let layer), .value(let layer), .queryKeyValue(let layer),
      .attentionOutput(let layer), .intermediate(let layer), .output(let layer):
      layer
    case .embeddingProjection, .pooler, .classifierDense, .classifier, .transform, .decoder, .pairRelation: nil
    }
  }
}

/// A layer norm, by the residual sum that it normalizes, wherever the family puts it.
package enum NormRole: Hashable, Sendable {
  /// Of the embeddings' sum.
  case embeddings
  /// Of the sum that a layer's attention ends with.
  case attention(Int)
  /// Of the sum that a layer ends with.
  case feedForward(Int)
  /// Of a masked-language-model head.
  case transform
}
