// BERT (Devlin et al. 2019), under the names of Hugging Face's `BertModel`.

extension Architecture {
  /// BERT, with its norms after every residual sum.
  package static let bert = Architecture(
    modelType: "bert", documentation: "layer norms after every residual sum", className: "Bert", prefix: "bert.",
    nameOfRole: { role, _ in bertName(of: role) },
    otherNames: otherBERTNames)

  static func bertName(of role: TensorRole) -> String {
    switch role {
    case .embedding(.words): "bert.embeddings.word_embeddings.weight"
    case .embedding(.positions): "bert.embeddings.position_embeddings.weight"
    case .embedding(.types): "bert.embeddings.token_type_embeddings.weight"
    case .linear(let linear, let part): "\(bertName(of: linear)).\(part.rawValue)"
    case .norm(let norm, let part): "\(bertName(of: norm)).\(part.rawValue)"
    case .decoderBias: "cls.predictions.bias"
    }
  }

  private static func bertName(of linear: LinearRole) -> String {
    switch linear {
    case .query(let layer): "bert.encoder.layer.\(layer).attention.self.query"
    case .key(let layer): "bert.encoder.layer.\(layer).attention.self.key"
    case .value(let layer): "bert.encoder.layer.\(layer).attention.self.value"
    case .queryKeyValue(let layer): "bert.encoder.layer.\(layer).attention.self.query_key_value"
    case .attentionOutput(let layer): "bert.encoder.layer.\(layer).attention.output.dense"
    case .intermediate(let layer): "bert.encoder.layer.\(layer).intermediate.dense"
    case .output(let layer): "bert.encoder.layer.\(layer).output.dense"
    case .pooler: "bert.pooler.dense"
    case .classifierDense: "classifier.dense"
    case .classifier: "classifier"
    case .transform: "cls.predictions.transform.dense"
    }
  }

  private static func bertName(of norm: NormRole) -> String {
    switch norm {
    case .embeddings: "bert.embeddings.LayerNorm"
    case .attention(let layer): "bert.encoder.layer.\(layer).attention.output.LayerNorm"
    case .feedForward(let layer): "bert.encoder.layer.\(layer).output.LayerNorm"
    case .transform: "cls.predictions.transform.LayerNorm"
    }
  }

  /// The names that BERT's checkpoints have had over the years.
  @Sendable
  static func otherBERTNames(_ usual: String) -> [String] {
    // Where transformers once kept the decoder's bias under its other name.
    if usual == "cls.predictions.bias" { return ["cls.predictions.decoder.bias"] }
    // TensorFlow's names, which checkpoints converted before 2019 keep.
    for (modern, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where usual.hasSuffix(modern) {
      return [usual.dropLast(modern.count) + old]
    }
    return []
  }
}
