// Which elements a training step drops: the probabilities, and the seed and step that the masks are drawn from.

package struct DropoutPlan: Sendable {
  package let seed: UInt64
  /// The training step, so that every step has masks of its own.
  package let step: UInt32
  /// Dropped share after the embeddings.
  package let embeddingProbability: Double
  /// Dropped share before each residual sum.
  package let hiddenProbability: Double
  /// Dropped share of attention probabilities.
  package let attentionProbability: Double
  /// Dropped share before the classification head.
  package let classifierProbability: Double

  /// A plan; each probability must be in 0 ..< 1, and that of the embeddings is the hidden one where none is given.
  package init(
    seed: UInt64, step: UInt32, embeddingProbability: Double? = nil, hiddenProbability: Double,
    attentionProbability: Double, classifierProbability: Double
  ) {
    let embeddingProbability = embeddingProbability ?? hiddenProbability
    for probability in [embeddingProbability, hiddenProbability, attentionProbability, classifierProbability] {
      precondition(probability >= 0 && probability < 1, "a dropout probability must be in 0 ..< 1, not \(probability)")
    }
    self.seed = seed
    self.step = step
    self.embeddingProbability = embeddingProbability
    self.hiddenProbability = hiddenProbability
    self.attentionProbability = attentionProbability
    self.classifierProbability = classifierProbability
  }

  /// Whether anything is dropped.
  package var dropsAny: Bool {
    [embeddingProbability, hiddenProbability, attentionProbability, classifierProbability].contains { $0 > 0 }
  }

  package init(seed: UInt64, step: UInt32, _ configuration: EncoderConfiguration) {
    self.init(
      seed: seed, step: step, embeddingProbability: configuration.embeddingDropoutProbability,
      hiddenProbability: configuration.hiddenDropoutProbability,
      attentionProbability: configuration.attentionDropoutProbability,
      classifierProbability: configuration.classifierDropoutProbability ?? configuration.hiddenDropoutProbability)
  }
}

/// Where elements are dropped, as in Hugging Face's models.
enum DropoutSite {
  /// After the embeddings' layer norm, (tokens, hidden).
  case embeddings
  /// A layer's attention probabilities, per sequence and head (length, length).
  case attentionProbabilities(layer: Int)
  /// A layer's attention output projection before its residual sum, (tokens, hidden).
  case attentionOutput(layer: Int)
  /// A layer's feed-forward output before its residual sum, (tokens, hidden).
  case feedForwardOutput(layer: Int)
  /// What a classifier's output layer reads, (sequences, hidden).
  case classifier
  /// What a classifier's own dense layer reads, (sequences, hidden).
  case classifierInput

  /// The stream's site: one number for each of them.
  var key: UInt32 {
    switch self {
    case .embeddings: 0
    case .classifier: 1
    case .classifierInput: 2
    case .attentionProbabilities(let layer): UInt32(4 * (layer + 1))
    case .attentionOutput(let layer): UInt32(4 * (layer + 1) + 1)
    case .feedForwardOutput(let layer): UInt32(4 * (layer + 1) + 2)
    }
  }
}
