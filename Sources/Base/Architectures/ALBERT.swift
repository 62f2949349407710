// ALBERT (Lan et al. 2020), under the names of Hugging Face's `AlbertModel`: BERT with one layer that is applied again and again,
// and with narrow embeddings that a linear layer brings to the encoder's width.

extension Architecture {
  /// ALBERT, with one group of one layer.
  package static let albert = Architecture(
    modelType: "albert",
    documentation: "BERT's norms, one layer that is applied again and again, and embeddings of a width of their own",
    className: "Albert", sharesLayers: true, dropsFeedForwardOutput: false, embeddingProjection: .always,
    keys: ModelKeys(
      vocabularySize: ModelKey("vocab_size", 30000), hiddenSize: ModelKey("hidden_size", 4096),
      embeddingSize: ModelKey("embedding_size", 128), headCount: ModelKey("num_attention_heads", 64),
      intermediateSize: ModelKey("intermediate_size", 16384), activation: ModelKey("hidden_act", .geluTanh),
      hiddenDropout: ModelKey("hidden_dropout_prob", 0), attentionDropout: ModelKey("attention_probs_dropout_prob", 0),
      classifierDropout: ModelKey("classifier_dropout_prob", 0.1),
      fixed: [.absolutePositions] + FixedKey.encoderAlone + albertFixedKeys),
    prefix: "albert.", nameOfRole: { role, _ in albertName(of: role) },
    otherNames: { otherName(than: $0, of: ("predictions.bias", "predictions.decoder.bias")) })

  private static let albertFixedKeys = ["num_hidden_groups", "inner_group_num"].map {
    FixedKey($0, .count(1), because: "only one group of one layer is supported")
  }

  private static func albertName(of role: TensorRole) -> String? {
    switch role {
    case .linear(let linear, let part): albertName(of: linear).map { "\($0).\(part.rawValue)" }
    case .norm(.attention, let part): "\(albertLayer).attention.LayerNorm.\(part.rawValue)"
    case .norm(.feedForward, let part): "\(albertLayer).full_layer_layer_norm.\(part.rawValue)"
    case .norm(.transform, let part): "predictions.LayerNorm.\(part.rawValue)"
    case .norm(.embeddings, _), .embedding: bertName(of: role, prefix: "albert.")
    case .decoderBias: "predictions.bias"
    }
  }

  private static let albertLayer = "albert.encoder.albert_layer_groups.0.albert_layers.0"

  private static func albertName(of linear: LinearRole) -> String? {
    switch linear {
    case .embeddingProjection: "albert.encoder.embedding_hidden_mapping_in"
    case .query: "\(albertLayer).attention.query"
    case .key: "\(albertLayer).attention.key"
    case .value: "\(albertLayer).attention.value"
    case .attentionOutput: "\(albertLayer).attention.dense"
    case .intermediate: "\(albertLayer).ffn"
    case .output: "\(albertLayer).ffn_output"
    case .pooler: "albert.pooler"
    case .classifier: "classifier"
    case .transform: "predictions.dense"
    case .decoder: "predictions.decoder"
    case .queryKeyValue, .classifierDense, .pairRelation: nil
    }
  }
}
