// BERT (Devlin et al. 2019), under the names of Hugging Face's `BertModel`.

extension Architecture {
  /// BERT, with its norms after every residual sum.
  package static let bert = Architecture(
    modelType: "bert", documentation: "layer norms after every residual sum", className: "Bert",
    pairClassName: "ForPreTraining",
    prefix: "bert.",
    nameOfRole: { role, _ in bertName(of: role) },
    otherNames: otherBERTNames)

  /// BERT's name of a tensor. Families whose encoder is BERT's use the same names behind a prefix of their own.
  static func bertName(of role: TensorRole, prefix: String = "bert.") -> String {
    switch role {
    case .embedding(.words): prefix + "embeddings.word_embeddings.weight"
    case .embedding(.positions): prefix + "embeddings.position_embeddings.weight"
    case .embedding(.types): prefix + "embeddings.token_type_embeddings.weight"
    case .linear(let linear, let part): "\(bertName(of: linear, prefix)).\(part.rawValue)"
    case .norm(let norm, let part): "\(bertName(of: norm, prefix)).\(part.rawValue)"
    case .decoderBias: "cls.predictions.bias"
    }
  }

  private static func bertName(of linear: LinearRole, _ prefix: String) -> String {
    switch linear {
    case .query(let layer): prefix + "encoder.layer.\(layer).attention.self.query"
    case .key(let layer): prefix + "encoder.layer.\(layer).attention.self.key"
    case .value(let layer): prefix + "encoder.layer.\(layer).attention.self.value"
    case .queryKeyValue(let layer): prefix + "encoder.layer.\(layer).attention.self.query_key_value"
    case .attentionOutput(let layer): prefix + "encoder.layer.\(layer).attention.output.dense"
    case .intermediate(let layer): prefix + "encoder.layer.\(layer).intermediate.dense"
    case .output(let layer): prefix + "encoder.layer.\(layer).output.dense"
    case .embeddingProjection: prefix + "embeddings_project"
    case .pooler: prefix + "pooler.dense"
    case .classifierDense: "classifier.dense"
    case .classifier: "classifier"
    case .transform: "cls.predictions.transform.dense"
    case .decoder: "cls.predictions.decoder"
    case .pairRelation: "cls.seq_relationship"
    }
  }

  private static func bertName(of norm: NormRole, _ prefix: String) -> String {
    switch norm {
    case .embeddings: prefix + "embeddings.LayerNorm"
    case .attention(let layer): prefix + "encoder.layer.\(layer).attention.output.LayerNorm"
    case .feedForward(let layer): prefix + "encoder.layer.\(layer).output.LayerNorm"
    case .transform: "cls.predictions.transform.LayerNorm"
    }
  }

  /// The names that BERT's checkpoints have had over the years.
  @Sendable
  static func otherBERTNames(_ usual: String) -> [String] {
    let biases = otherName(than: usual, of: ("cls.predictions.bias", "cls.predictions.decoder.bias"))
    guard biases.isEmpty else { return biases }
    // TensorFlow's names, which checkpoints converted before 2019 keep.
    for (modern, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where usual.hasSuffix(modern) {
      return [usual.dropLast(modern.count) + old]
    }
    return []
  }
}
