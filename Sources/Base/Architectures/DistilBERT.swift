// DistilBERT (Sanh et al. 2019), under the names of Hugging Face's `DistilBertModel`: BERT without token types and pooler, with
// names and keys of its own.

extension Architecture {
  /// DistilBERT.
  package static let distilBERT = Architecture(
    modelType: "distilbert",
    documentation: "BERT's layers, no token types, and a head with a dense layer of its own and relu",
    className: "DistilBert", dropsAttentionOutput: false, embeddings: [.words, .positions],
    head: HeadShape(dense: .classifierDense, nonlinearity: .activation(.relu)),
    keys: ModelKeys(
      hiddenSize: ModelKey("dim", 768), layerCount: ModelKey("n_layers", 6), headCount: ModelKey("n_heads", 12),
      intermediateSize: ModelKey("hidden_dim", 3072), activation: ModelKey("activation", .gelu),
      typeCount: ModelKey("type_vocab_size", 0, isFixed: true),
      layerNormEpsilon: ModelKey("layer_norm_eps", 1e-12, isFixed: true), hiddenDropout: ModelKey("dropout", 0.1),
      attentionDropout: ModelKey("attention_dropout", 0.1), classifierDropout: ModelKey("seq_classif_dropout", 0.2),
      fixed: [
        FixedKey("sinusoidal_pos_embds", .flag(false), because: "only positions that are learned are supported")
      ]),
    prefix: "distilbert.", nameOfRole: { role, _ in distilBERTName(of: role) })

  private static func distilBERTName(of role: TensorRole) -> String {
    switch role {
    case .linear(let linear, let part):
      distilBERTName(of: linear).map { "\($0).\(part.rawValue)" } ?? bertName(of: role, prefix: "distilbert.")
    case .norm(let norm, let part): "\(distilBERTName(of: norm)).\(part.rawValue)"
    case .decoderBias: "vocab_projector.bias"
    case .embedding: bertName(of: role, prefix: "distilbert.")
    }
  }

  /// The name of a linear layer; nil where it is BERT's.
  private static func distilBERTName(of linear: LinearRole) -> String? {
    switch linear {
    case .query(let layer): "distilbert.transformer.layer.\(layer).attention.q_lin"
    case .key(let layer): "distilbert.transformer.layer.\(layer).attention.k_lin"
    case .value(let layer): "distilbert.transformer.layer.\(layer).attention.v_lin"
    case .attentionOutput(let layer): "distilbert.transformer.layer.\(layer).attention.out_lin"
    case .intermediate(let layer): "distilbert.transformer.layer.\(layer).ffn.lin1"
    case .output(let layer): "distilbert.transformer.layer.\(layer).ffn.lin2"
    case .classifierDense: "pre_classifier"
    case .transform: "vocab_transform"
    case .decoder: "vocab_projector"
    case .queryKeyValue, .embeddingProjection, .pooler, .classifier, .pairRelation: nil
    }
  }

  private static func distilBERTName(of norm: NormRole) -> String {
    switch norm {
    case .embeddings: "distilbert.embeddings.LayerNorm"
    case .attention(let layer): "distilbert.transformer.layer.\(layer).sa_layer_norm"
    case .feedForward(let layer): "distilbert.transformer.layer.\(layer).output_layer_norm"
    case .transform: "vocab_layer_norm"
    }
  }
}
