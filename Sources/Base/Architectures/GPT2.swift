// GPT-2 (Radford et al. 2019), under the names of Hugging Face's `GPT2Model`: every token attends to itself and those before
// it, so a classifier reads the last one, and a language model predicts the token that comes next.

extension Architecture {
  /// GPT-2, with causal attention and its norms before what reads the sums.
  package static let gpt2 = Architecture(
    modelType: "gpt2",
    documentation:
      "layer norms before attention and feed-forward part, and tokens that attend to those before them alone",
    className: "GPT2", normPosition: .beforePart, mask: .causal, joinsProjections: true, storesTransposedLayers: true,
    scalesResidualWeights: true, embeddings: [.words, .positions],
    head: HeadShape(token: .last, dense: nil, hasOutputBias: false),
    languageModelHead: LanguageModelHead(transform: nil, hasBias: false, className: "LMHeadModel"),
    keys: ModelKeys(
      vocabularySize: ModelKey("vocab_size", 50257), hiddenSize: ModelKey("n_embd", 768),
      layerCount: ModelKey("n_layer", 12), headCount: ModelKey("n_head", 12),
      intermediateSize: ModelKey("n_inner", nil), activation: ModelKey("activation_function", .geluTanh),
      positionCount: ModelKey("n_positions", 1024), typeCount: ModelKey("type_vocab_size", 1, isFixed: true),
      layerNormEpsilon: ModelKey("layer_norm_epsilon", 1e-5), embeddingDropout: ModelKey("embd_pdrop", 0.1),
      hiddenDropout: ModelKey("resid_pdrop", 0.1), attentionDropout: ModelKey("attn_pdrop", 0.1),
      classifierDropout: ModelKey("classifier_dropout", 0, isFixed: true), fixed: gpt2FixedKeys),
    prefix: "transformer.", nameOfRole: { role, layerCount in gpt2Name(of: role, layerCount) })

  private static let gpt2FixedKeys = [
    FixedKey("add_cross_attention", .flag(false), because: "only models without an encoder before them are supported"),
    FixedKey("reorder_and_upcast_attn", .flag(false), because: "only attention in one precision is supported"),
    FixedKey(
      "scale_attn_by_inverse_layer_idx", .flag(false), because: "only scores scaled alike in all layers are supported"),
    FixedKey("scale_attn_weights", .flag(true), because: "only scores scaled by the size of a head are supported"),
  ]

  private static func gpt2Name(of role: TensorRole, _ layerCount: Int) -> String? {
    switch role {
    case .embedding(.words): "transformer.wte.weight"
    case .embedding(.positions): "transformer.wpe.weight"
    case .linear(let linear, let part): gpt2Name(of: linear).map { "\($0).\(part.rawValue)" }
    case .norm(let norm, let part): gpt2Name(of: norm, layerCount).map { "transformer.\($0).\(part.rawValue)" }
    case .embedding(.types), .decoderBias: nil
    }
  }

  private static func gpt2Name(of linear: LinearRole) -> String? {
    switch linear {
    case .queryKeyValue(let layer): "transformer.h.\(layer).attn.c_attn"
    case .attentionOutput(let layer): "transformer.h.\(layer).attn.c_proj"
    case .intermediate(let layer): "transformer.h.\(layer).mlp.c_fc"
    case .output(let layer): "transformer.h.\(layer).mlp.c_proj"
    case .classifier: "score"
    case .decoder: "lm_head"
    case .query, .key, .value, .embeddingProjection, .pooler, .classifierDense, .transform,
      .pairRelation:
      nil
    }
  }

  private static func gpt2Name(of norm: NormRole, _ layerCount: Int) -> String? {
    switch norm {
    case .embeddings: "h.0.ln_1"
    case .attention(let layer): "h.\(layer).ln_2"
    case .feedForward(let layer): layer + 1 < layerCount ? "h.\(layer + 1).ln_1" : "ln_f"
    case .transform: nil
    }
  }
}
