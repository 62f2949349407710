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
  /// Width of the embedding tables.
  package var embeddingSize: Int
  package var layerCount: Int
  /// Attention heads of a layer; divides the hidden size.
  package var headCount: Int
  /// Width inside the feed-forward block.
  package var intermediateSize: Int
  /// What follows the feed-forward block's first layer.
  package var activation: Activation
  /// Rows of the position embedding table.
  package var positionCount: Int
  /// The row of it that a sequence's first token has.
  package var firstPosition: Int
  /// Rows of the token type embedding table; 0 where the family has none.
  package var typeCount: Int
  /// Added to a row's variance in every layer norm.
  package var layerNormEpsilon: Double
  /// Whether a language model's decoder shares the word table.
  package var sharesWordTable: Bool
  /// Standard deviation of initial weights.
  package var initializerRange: Double
  /// Dropout after the embeddings; nil means the hidden dropout probability.
  package var embeddingDropoutProbability: Double?
  /// Dropout before each residual sum.
  package var hiddenDropoutProbability: Double
  package var attentionDropoutProbability: Double
  /// Dropout before the classification head; nil means the hidden dropout probability.
  package var classifierDropoutProbability: Double?
  /// The token that fills batches in other programs, which a head that reads the last token passes over; nil for none.
  package var paddingToken: Int32?

  /// A configuration with what the family has and BERT's own constants where none are given.
  package init(
    architecture: Architecture = .bert, vocabularySize: Int, hiddenSize: Int, embeddingSize: Int? = nil,
    layerCount: Int, headCount: Int, intermediateSize: Int, activation: Activation? = nil, positionCount: Int = 512,
    firstPosition: Int? = nil, typeCount: Int = 2, layerNormEpsilon: Double = 1e-12, sharesWordTable: Bool = true,
    initializerRange: Double = 0.02,
    embeddingDropoutProbability: Double? = nil, hiddenDropoutProbability: Double? = nil,
    attentionDropoutProbability: Double? = nil, classifierDropoutProbability: Double? = nil, paddingToken: Int32? = nil
  ) {
    self.architecture = architecture
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.embeddingSize = embeddingSize ?? hiddenSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.intermediateSize = intermediateSize
    self.activation = activation ?? architecture.keys.activation.standard
    self.positionCount = positionCount
    self.firstPosition = firstPosition ?? architecture.firstPosition.usual
    self.typeCount = architecture.hasTypes ? typeCount : 0
    self.layerNormEpsilon = layerNormEpsilon
    self.sharesWordTable = sharesWordTable
    self.initializerRange = initializerRange
    self.embeddingDropoutProbability = embeddingDropoutProbability
    self.hiddenDropoutProbability = hiddenDropoutProbability ?? architecture.keys.hiddenDropout.standard
    self.attentionDropoutProbability = attentionDropoutProbability ?? architecture.keys.attentionDropout.standard
    self.classifierDropoutProbability =
      classifierDropoutProbability ?? architecture.keys.classifierDropout.standard
    self.paddingToken = paddingToken
  }

  /// The longest sequence, in tokens.
  package var longestSequence: Int { positionCount - firstPosition }

  /// Whether a linear layer brings the embeddings to the encoder's width.
  package var projectsEmbeddings: Bool {
    switch architecture.embeddingProjection {
    case .never: false
    case .whereWidthsDiffer: embeddingSize != hiddenSize
    case .always: true
    }
  }

  package var headSize: Int { hiddenSize / headCount }

  /// One sentence for every value that no encoder can have, in the family's key names; empty when all is well.
  package var problems: [String] {
    let keys = architecture.keys
    var found = countProblems
    if positionCount > 0, longestSequence < 1 {
      found.append(
        "\(keys.positionCount.name) is \(positionCount), it must exceed \(firstPosition), the first position"
      )
    }
    if embeddingSize != hiddenSize, !projectsEmbeddings {
      found.append(
        "\(keys.embeddingSize.name) is \(embeddingSize), it must be \(keys.hiddenSize.name), which is \(hiddenSize), in a "
          + "model of type \"\(architecture.modelType)\"")
    }
    if headCount > 0, hiddenSize % headCount != 0 {
      found.append(
        "\(keys.headCount.name) is \(headCount), it must divide \(keys.hiddenSize.name), which is \(hiddenSize)")
    }
    if !(layerNormEpsilon > 0 && layerNormEpsilon.isFinite) {
      found.append("\(keys.layerNormEpsilon.name) is \(layerNormEpsilon), it must be positive")
    }
    if keys.layerNormEpsilon.isFixed, layerNormEpsilon != keys.layerNormEpsilon.standard {
      found.append(
        "\(keys.layerNormEpsilon.name) is \(layerNormEpsilon), it must be \(keys.layerNormEpsilon.standard) in a model of "
          + "type \"\(architecture.modelType)\"")
    }
    if !(initializerRange >= 0 && initializerRange.isFinite) {
      found.append("\(keys.initializerRange.name) is \(initializerRange), it must not be negative")
    }
    return found + probabilityProblems
  }

  private var countProblems: [String] {
    let keys = architecture.keys
    var counts = [
      (keys.vocabularySize.name, vocabularySize), (keys.hiddenSize.name, hiddenSize),
      (keys.layerCount.name, layerCount), (keys.headCount.name, headCount),
      (keys.intermediateSize.name, intermediateSize), (keys.positionCount.name, positionCount),
    ]
    if embeddingSize != hiddenSize { counts.append((keys.embeddingSize.name, embeddingSize)) }
    if architecture.hasTypes { counts.append((keys.typeCount.name, typeCount)) }
    return counts.filter { $0.1 < 1 }.map { "\($0.0) is \($0.1), it must be at least 1" }
  }

  private var probabilityProblems: [String] {
    let keys = architecture.keys
    let probabilities = [
      (keys.embeddingDropout.name, embeddingDropoutProbability ?? 0),
      (keys.hiddenDropout.name, hiddenDropoutProbability), (keys.attentionDropout.name, attentionDropoutProbability),
      (keys.classifierDropout.name, classifierDropoutProbability ?? 0),
    ]
    return probabilities.filter { !($0.1 >= 0 && $0.1 < 1) }.map { "\($0.0) is \($0.1), it must be in 0 ..< 1" }
  }
}
