// RoBERTa (Liu et al. 2019) and the families that share its network: XLM-RoBERTa (Conneau et al. 2020) and CamemBERT (Martin et
// al. 2020), which differ in their tokenizers. BERT with positions that begin after the padding token's number, and heads of its own.

extension Architecture {
  /// RoBERTa.
  package static let roberta = robertaLike(
    "roberta", className: "Roberta", vocabularySize: 50265,
    "BERT's layers, positions that begin after `pad_token_id`, and a head with a dense layer of its own")
  /// XLM-RoBERTa.
  package static let xlmRoberta = robertaLike(
    "xlm-roberta", className: "XLMRoberta", vocabularySize: 30522, "RoBERTa's network")
  /// CamemBERT.
  package static let camembert = robertaLike(
    "camembert", className: "Camembert", vocabularySize: 30522, "RoBERTa's network")

  private static func robertaLike(
    _ modelType: String, className: String, vocabularySize: Int, _ documentation: String
  ) -> Architecture {
    Architecture(
      modelType: modelType, documentation: documentation, className: className,
      firstPosition: .afterPadding(usually: 1),
      head: HeadShape(dropsInput: true, dense: .classifierDense),
      languageModelHead: LanguageModelHead(transform: .fixed(.gelu)),
      keys: ModelKeys(vocabularySize: ModelKey("vocab_size", vocabularySize)), prefix: "roberta.",
      nameOfRole: { role, _ in robertaName(of: role) },
      otherNames: { otherName(than: $0, of: ("lm_head.bias", "lm_head.decoder.bias")) })
  }

  private static func robertaName(of role: TensorRole) -> String {
    switch role {
    case .linear(.classifierDense, let part): "classifier.dense.\(part.rawValue)"
    case .linear(.classifier, let part): "classifier.out_proj.\(part.rawValue)"
    case .linear(.transform, let part): "lm_head.dense.\(part.rawValue)"
    case .linear(.decoder, let part): "lm_head.decoder.\(part.rawValue)"
    case .norm(.transform, let part): "lm_head.layer_norm.\(part.rawValue)"
    case .decoderBias: "lm_head.bias"
    case .embedding, .linear, .norm: bertName(of: role, prefix: "roberta.")
    }
  }
}
