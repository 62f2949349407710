// The section `model`: where the encoder and its head come from, with its keys beside the fields.

import Architectures
import EmbeddedModels

/// Where the encoder and its head come from.
package struct ModelSpecification: Hashable, Sendable {
  /// How the classification head starts.
  package enum Head: String, CaseIterable, Sendable {
    /// Drawn anew from the trial's initialization seed.
    case new
    /// Kept as the model folder holds it.
    case keep
  }

  /// A Hugging Face model folder, the name of a model inside the program, or nil for random initialization from `shape`.
  package var path: String?
  /// The encoder to initialize at random when there is no folder.
  package var shape = EncoderShape()
  /// A WordPiece vocabulary file for a randomly initialized model, or nil for the built-in task's own words.
  package var vocabularyPath: String?
  /// How the classification head starts.
  package var head = Head.new
  /// The layers, from the top, that are drawn anew (Zhang et al. 2021).
  package var reinitializedLayerCount = 0
  /// Whether the pooler is drawn anew.
  package var reinitializesPooler = false

  /// The defaults.
  package init() {}
}

/// An encoder's sizes, under the names that BERT's `config.json` has for them, whatever the family's own has.
package struct EncoderShape: Hashable, Sendable {
  /// `model_type`.
  package var modelType = Architecture.bert
  /// `hidden_size`.
  package var hiddenSize = 64
  /// `embedding_size`; nil for the hidden size.
  package var embeddingSize: Int?
  /// `num_hidden_layers`.
  package var layerCount = 12
  /// `num_attention_heads`.
  package var headCount = 4
  /// `intermediate_size`.
  package var intermediateSize = 256
  /// `max_position_embeddings`.
  package var positionCount = 128
  /// `type_vocab_size`.
  package var typeCount = 2
  /// `layer_norm_eps`.
  package var layerNormEpsilon = 1e-12
  /// `initializer_range`.
  package var initializerRange = 0.02

  /// The defaults.
  package init() {}
}

extension ModelSpecification {
  static let keys: [ConfigurationKey] =
    [
      .text(
        "model.path", "model", \.model.path, kind: .path,
        "A Hugging Face model folder, or the name of a pre-trained model inside the program, such as `\(EmbeddedModel.first)`."
      ).checked { $0.model.path.flatMap(EmbeddedModel.problem) }.whenMissing("random weights").inTransformers(
        "model_name_or_path"),
      .statement(
        "model.init", kind: .choice(["random"]),
        "`random` states that the model has no folder and that every weight is drawn from the seed."
      ).whenMissing("nothing is stated"),
    ] + EncoderShape.keys.map(ofRandomModel) + [
      ofRandomModel(
        .text(
          "model.vocab", "vocab", \.model.vocabularyPath, kind: .path,
          "The WordPiece vocabulary (`vocab.txt`) of a model with random weights."
        ).whenMissing("the words of the synthetic task")),
      .choice(
        "model.head", "head", \.model.head,
        "`new` draws the classification head from the seed; `keep` keeps the head of the model folder."
      ).checked {
        $0.model.head == .keep && $0.model.path == nil
          ? "\"keep\" keeps the head of a model folder; set model.path or remove this key" : nil
      },
      .integer(
        "model.reinit_layers", "reinit_layers", \.model.reinitializedLayerCount, minimum: 0,
        "The number of layers, from the top, that are drawn anew from the seed in place of the model folder's (Zhang et al. 2021)."
      ).checked { $0.model.reinitializedLayerCount > 0 ? needsFolder($0) : nil }.shownWhereSet(),
      .boolean(
        "model.reinit_pooler", "reinit_pooler", \.model.reinitializesPooler,
        "Whether the pooler is drawn anew from the seed in place of the model folder's (Zhang et al. 2021)."
      ).checked { $0.model.reinitializesPooler ? needsFolder($0) : nil }.shownWhereSet(),
    ]

  /// Why nothing can be drawn anew in a model where everything is drawn; nil for a model folder.
  @Sendable
  private static func needsFolder(_ configuration: TrialConfiguration) -> String? {
    configuration.model.path == nil
      ? "every weight of a model without a folder is drawn already; set model.path or remove this key" : nil
  }

  private static func ofRandomModel(_ key: ConfigurationKey) -> ConfigurationKey {
    key.used(where: "`model.path` is not set", unless: "model.path", .isSet) { $0.model.path == nil }
  }
}

extension EncoderShape {
  fileprivate static let keys: [ConfigurationKey] = [
    .choice(
      "model.config.model_type", "model_type", \.model.shape.modelType,
      Architecture.all.map { "`\($0.modelType)` has \($0.documentation)" }.joined(separator: "; ") + "."
    ),
    .integer(
      "model.config.hidden_size", "hidden_size", \.model.shape.hiddenSize, minimum: 1, "The width of the encoder."),
    .integer(
      "model.config.embedding_size", nil, \.model.shape.embeddingSize, minimum: 1,
      "The width of the embeddings, which a linear layer brings to `hidden_size`; BERT and most other families have no such layer."
    ).whenMissing("`hidden_size`").writtenWhereSet().checked {
      guard let size = $0.model.shape.embeddingSize, size != $0.model.shape.hiddenSize,
        $0.model.shape.modelType.embeddingProjection == .never
      else { return nil }
      return "the embeddings of \"\($0.model.shape.modelType.modelType)\" are as wide as the encoder; remove this key"
    },
    .integer(
      "model.config.num_hidden_layers", "num_hidden_layers", \.model.shape.layerCount, minimum: 1,
      "The number of encoder layers."),
    .integer(
      "model.config.num_attention_heads", "num_attention_heads", \.model.shape.headCount, minimum: 1,
      "The number of attention heads in a layer; it must divide `hidden_size`."),
    .integer(
      "model.config.intermediate_size", "intermediate_size", \.model.shape.intermediateSize, minimum: 1,
      "The width of the feed-forward part."),
    .integer(
      "model.config.max_position_embeddings", "max_position_embeddings", \.model.shape.positionCount, minimum: 1,
      "The number of rows of the position table, which is the longest sequence in tokens where the first token has row 0."
    ),
    .integer(
      "model.config.type_vocab_size", "type_vocab_size", \.model.shape.typeCount, minimum: 1,
      "The number of segment types, where the family has a table of them; pairs of texts need 2."),
    .number(
      "model.config.layer_norm_eps", "layer_norm_eps", \.model.shape.layerNormEpsilon, .positive,
      "The constant that layer norms add to the variance."),
    .number(
      "model.config.initializer_range", "initializer_range", \.model.shape.initializerRange, .positive,
      "The standard deviation of the initial weights."),
  ]
}
