// ELECTRA (Clark et al. 2020), under the names of Hugging Face's `ElectraModel`: BERT with narrower embeddings and no pooler. Its
// discriminator has no language-model head; that of its generator is read and written.

extension Architecture {
  /// ELECTRA.
  package static let electra = Architecture(
    modelType: "electra",
    documentation:
      "BERT's layers, embeddings of a width of their own, and a head with a dense layer of its own and gelu",
    className: "Electra", embeddingProjection: .whereWidthsDiffer,
    head: HeadShape(dropsInput: true, dense: .classifierDense, nonlinearity: .activation(.gelu)),
    languageModelHead: LanguageModelHead(transform: .fixed(.gelu)),
    keys: ModelKeys(
      hiddenSize: ModelKey("hidden_size", 256), embeddingSize: ModelKey("embedding_size", 128),
      headCount: ModelKey("num_attention_heads", 4), intermediateSize: ModelKey("intermediate_size", 1024)),
    prefix: "electra.", nameOfRole: { role, _ in electraName(of: role) })

  private static func electraName(of role: TensorRole) -> String {
    switch role {
    case .linear(.classifierDense, let part): "classifier.dense.\(part.rawValue)"
    case .linear(.classifier, let part): "classifier.out_proj.\(part.rawValue)"
    case .linear(.transform, let part): "generator_predictions.dense.\(part.rawValue)"
    case .linear(.decoder, let part): "generator_lm_head.\(part.rawValue)"
    case .norm(.transform, let part): "generator_predictions.LayerNorm.\(part.rawValue)"
    case .decoderBias: "generator_lm_head.bias"
    case .embedding, .linear, .norm: bertName(of: role, prefix: "electra.")
    }
  }
}
