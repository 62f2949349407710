// Megatron's BERT (Shoeybi et al. 2019), under the names of Hugging Face's `MegatronBertModel`: BERT with its norms before
// what reads them, called otherwise.

extension Architecture {
  /// Megatron's BERT, with its norms before what reads the sums.
  package static let megatronBERT = Architecture(
    modelType: "megatron-bert", documentation: "layer norms before attention and feed-forward part",
    className: "MegatronBert", pairClassName: "ForPreTraining",
    normPosition: .beforePart,
    keys: ModelKeys(
      vocabularySize: ModelKey("vocab_size", 29056), hiddenSize: ModelKey("hidden_size", 1024),
      layerCount: ModelKey("num_hidden_layers", 24), headCount: ModelKey("num_attention_heads", 16),
      intermediateSize: ModelKey("intermediate_size", 4096),
      // Its classifier has the hidden dropout, whatever a file says.
      classifierDropout: ModelKey("classifier_dropout", nil, isFixed: true)),
    prefix: "bert.", nameOfRole: megatronName, otherNames: otherBERTNames)

  @Sendable
  private static func megatronName(of role: TensorRole, layerCount: Int) -> String {
    guard case .norm(let norm, let part) = role else { return bertName(of: role) }
    switch norm {
    case .embeddings: return "bert.encoder.layer.0.attention.ln.\(part.rawValue)"
    case .attention(let layer): return "bert.encoder.layer.\(layer).ln.\(part.rawValue)"
    case .feedForward(let layer) where layer + 1 < layerCount:
      return "bert.encoder.layer.\(layer + 1).attention.ln.\(part.rawValue)"
    case .feedForward: return "bert.encoder.ln.\(part.rawValue)"
    case .transform: return bertName(of: role)
    }
  }
}
