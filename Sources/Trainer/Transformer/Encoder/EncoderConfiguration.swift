// The family and sizes of an encoder, and its training-time probabilities. It reads no file, and what a configuration file
// may hold besides (position kinds, decoders) is judged by whoever reads that file.

import Architectures
import Kernels

/// The family, sizes and constants of an encoder, in Hugging Face's terms.
package struct EncoderConfiguration: Equatable, Sendable {
  package var architecture: Architecture
  /// Rows of the word embedding table.
  package var vocabularySize: Int
  /// Width of every token's representation.
  package var hiddenSize: Int
  package var layerCount: Int
  /// Attention heads of a layer; divides the hidden size.
  package var headCount: Int
  /// Width inside the feed-forward block.
  package var intermediateSize: Int
  /// What follows the feed-forward block's first layer.
  package var activation: Activation
  /// Rows of the position embedding table.
  package var positionCount: Int
  /// Rows of the token type embedding table.
  package var typeCount: Int
  /// Added to a row's variance in every layer norm.
  package var layerNormEpsilon: Double
  /// Standard deviation of initial weights.
  package var initializerRange: Double
  /// Dropout after the embeddings and before each residual sum.
  package var hiddenDropoutProbability: Double
  package var attentionDropoutProbability: Double
  /// Dropout before the classification head; nil means the hidden dropout probability.
  package var classifierDropoutProbability: Double?

  /// A configuration with the family's activation and BERT's own constants where none are given.
  package init(
    architecture: Architecture = .bert, vocabularySize: Int, hiddenSize: Int, layerCount: Int, headCount: Int,
    intermediateSize: Int, activation: Activation? = nil, positionCount: Int = 512, typeCount: Int = 2,
    layerNormEpsilon: Double = 1e-12, initializerRange: Double = 0.02,
    hiddenDropoutProbability: Double = 0.1, attentionDropoutProbability: Double = 0.1,
    classifierDropoutProbability: Double? = nil
  ) {
    self.architecture = architecture
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.intermediateSize = intermediateSize
    self.activation = activation ?? architecture.activation
    self.positionCount = positionCount
    self.typeCount = typeCount
    self.layerNormEpsilon = layerNormEpsilon
    self.initializerRange = initializerRange
    self.hiddenDropoutProbability = hiddenDropoutProbability
    self.attentionDropoutProbability = attentionDropoutProbability
    self.classifierDropoutProbability = classifierDropoutProbability
  }

  /// The longest sequence, in tokens.
  package var longestSequence: Int { positionCount - architecture.firstPosition }

  package var headSize: Int { hiddenSize / headCount }

  /// One sentence for every value that no encoder can have, in Hugging Face's key names; empty when all is well.
  package var problems: [String] {
    var found: [String] = []
    let counts = [
      ("vocab_size", vocabularySize), ("hidden_size", hiddenSize), ("num_hidden_layers", layerCount),
      ("num_attention_heads", headCount), ("intermediate_size", intermediateSize),
      ("max_position_embeddings", positionCount), ("type_vocab_size", typeCount),
    ]
    for (key, value) in counts where value < 1 { found.append("\(key) is \(value), it must be at least 1") }
    if positionCount > 0, longestSequence < 1 {
      found.append(
        "max_position_embeddings is \(positionCount), it must exceed \(architecture.firstPosition), the first position")
    }
    if headCount > 0, hiddenSize % headCount != 0 {
      found.append("num_attention_heads is \(headCount), it must divide hidden_size, which is \(hiddenSize)")
    }
    if !(layerNormEpsilon > 0 && layerNormEpsilon.isFinite) {
      found.append("layer_norm_eps is \(layerNormEpsilon), it must be positive")
    }
    if !(initializerRange >= 0 && initializerRange.isFinite) {
      found.append("initializer_range is \(initializerRange), it must not be negative")
    }
    let probabilities = [
      ("hidden_dropout_prob", hiddenDropoutProbability),
      ("attention_probs_dropout_prob", attentionDropoutProbability),
      ("classifier_dropout", classifierDropoutProbability ?? 0),
    ]
    for (key, value) in probabilities where !(value >= 0 && value < 1) {
      found.append("\(key) is \(value), it must be in 0 ..< 1")
    }
    return found
  }
}
