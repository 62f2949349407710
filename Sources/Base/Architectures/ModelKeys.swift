// The keys of a family's `config.json` that describe the encoder: families call the same size by different names, and what
// holds where a file lacks a key is the family's as well. Reading and writing are `ModelFolder`'s.

/// A key of `config.json`, and what holds where a file lacks it.
package struct ModelKey<Value: Sendable>: Sendable {
  package let name: String
  /// The value of a file without the key.
  package let standard: Value
  /// Whether the family's files have no such key, so that `standard` always holds; the name is then for messages alone.
  package let isFixed: Bool

  package init(_ name: String, _ standard: Value, isFixed: Bool = false) {
    self.name = name
    self.standard = standard
    self.isFixed = isFixed
  }
}

/// The keys that describe an encoder. Those given here are BERT's.
package struct ModelKeys: Sendable {
  package var vocabularySize = ModelKey("vocab_size", 30522)
  package var hiddenSize = ModelKey("hidden_size", 768)
  /// Without a value it is the hidden size.
  package var embeddingSize = ModelKey<Int?>("embedding_size", nil, isFixed: true)
  package var layerCount = ModelKey("num_hidden_layers", 12)
  package var headCount = ModelKey("num_attention_heads", 12)
  /// Without a value it is four times the hidden size.
  package var intermediateSize = ModelKey<Int?>("intermediate_size", 3072)
  package var activation = ModelKey("hidden_act", Activation.gelu)
  package var positionCount = ModelKey("max_position_embeddings", 512)
  package var typeCount = ModelKey("type_vocab_size", 2)
  package var layerNormEpsilon = ModelKey("layer_norm_eps", 1e-12)
  package var initializerRange = ModelKey("initializer_range", 0.02)
  /// Without a value it is the hidden dropout probability.
  package var embeddingDropout = ModelKey<Double?>("embd_pdrop", nil, isFixed: true)
  package var hiddenDropout = ModelKey("hidden_dropout_prob", 0.1)
  package var attentionDropout = ModelKey("attention_probs_dropout_prob", 0.1)
  /// Without a value it is the hidden dropout probability.
  package var classifierDropout = ModelKey<Double?>("classifier_dropout", nil)
  /// The keys of which one value alone is supported.
  package var fixed: [FixedKey] = [.absolutePositions] + FixedKey.encoderAlone
}

/// A key of `config.json` with which a file asks for another model unless it has one value or is missing.
package struct FixedKey: Sendable {
  /// What the key may be.
  package enum Value: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case count(Int)
  }

  package let name: String
  package let value: Value
  /// What is supported, as the end of the sentence "`name` is ...; ...".
  package let reason: String
  /// Whether it is written into a folder's file.
  package let isWritten: Bool

  package init(_ name: String, _ value: Value, because reason: String, isWritten: Bool = false) {
    self.name = name
    self.value = value
    self.reason = reason
    self.isWritten = isWritten
  }

  /// Positions as rows of a table that are added to the words.
  package static let absolutePositions = FixedKey(
    "position_embedding_type", .text("absolute"), because: "only \"absolute\" is supported", isWritten: true)

  /// Neither a decoder nor attention to an encoder.
  package static let encoderAlone = ["is_decoder", "add_cross_attention"].map {
    FixedKey($0, .flag(false), because: "only encoders are supported")
  }
}
