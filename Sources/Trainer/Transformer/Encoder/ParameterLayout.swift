// The table of every trainable tensor: its Hugging Face name, shape and place in one contiguous Float arena.
// Gradients and optimizer moments use the same table. It holds numbers only; storage belongs to `Encoder`.

/// Where each tensor of an encoder and its head lies in the parameter arena. The query, key and value weights of a layer are
/// neighbours, and so are their biases, so that the three projections are one matrix product.
package struct ParameterLayout: Sendable {
  /// The part of the model that a tensor belongs to.
  package enum Group: Hashable, Sendable {
    /// The embedding tables and their layer norm.
    case embeddings
    /// A transformer layer, from 0.
    case layer(Int)
    /// The tanh pooler.
    case pooler
    /// The classification head, or the masked-language-model head but for the decoder's weight, which is the word table.
    case head
  }

  /// What reads the encoder's output.
  package enum Head: Equatable, Sendable {
    /// A tanh pooler and a linear layer; 1 label is regression.
    case classification(labelCount: Int)
    /// Dense, GELU, layer norm, and a decoder that shares the word embeddings.
    case languageModel
  }

  /// How a tensor starts when it is not read from a checkpoint.
  package enum InitialRule: Sendable {
    /// Normal with mean 0 and the configuration's initializer range.
    case normal
    /// All zeros.
    case zeros
    /// All ones.
    case ones
  }

  /// One tensor of the table.
  package struct Tensor: Sendable {
    /// The Hugging Face name, such as `bert.encoder.layer.0.attention.self.query.weight`.
    package let name: String
    /// Rows and columns of a matrix (a linear layer's weight is (outputs, inputs)), or the length of a vector.
    package let shape: [Int]
    /// The elements of the arena that hold it, row-major.
    package let range: Range<Int>
    /// Whether weight decay applies: to all but biases and layer norms.
    package let decays: Bool
    /// How it starts.
    package let initialRule: InitialRule
    /// The part of the model it belongs to.
    package let group: Group
    /// Whether a batch reaches few of its rows: the word and position embeddings, but not a word table that a decoder
    /// shares.
    package let isTable: Bool
    /// Whether a backward pass adds to its gradient, instead of overwriting it by one matrix product first.
    let isSummed: Bool

    /// The elements of the arena that hold one row of a matrix.
    package func row(_ index: Int) -> Range<Int> {
      let start = range.lowerBound + index * shape[1]
      return start..<start + shape[1]
    }
  }

  /// The place of the word embeddings in `tensors`.
  static let wordTable = 0

  /// Every tensor in arena order.
  package let tensors: [Tensor]
  /// Elements of the arena.
  package let count: Int
  /// Transformer layers.
  package let layerCount: Int
  /// Where the layer norms stand.
  package let modelType: EncoderConfiguration.ModelType
  /// What reads the encoder's output.
  package let head: Head
  private let indices: [String: Int]

  /// The layout of an encoder with a pooler and a head of `labelCount` outputs (1 is regression).
  package init(_ configuration: EncoderConfiguration, labelCount: Int) {
    self.init(configuration, head: .classification(labelCount: labelCount))
  }

  /// The layout of an encoder with a head.
  package init(_ configuration: EncoderConfiguration, head: Head) {
    let problems = configuration.problems
    precondition(problems.isEmpty, "impossible encoder configuration: " + problems.joined(separator: "; "))
    let size = configuration.hiddenSize
    var table = Table()
    table.addEmbeddings(configuration, sharesWords: head == .languageModel)
    for layer in 0..<configuration.layerCount { table.addLayer(layer, configuration) }
    switch head {
    case .classification(let labelCount):
      precondition(labelCount > 0, "a head needs at least one output, not \(labelCount)")
      table.addLinear("bert.pooler.dense", .pooler, outputs: size, inputs: size)
      table.addLinear("classifier", .head, outputs: labelCount, inputs: size)
    case .languageModel:
      table.add("cls.predictions.bias", [configuration.vocabularySize], .head, .zeros)
      table.addLinear("cls.predictions.transform.dense", .head, outputs: size, inputs: size)
      table.addLayerNorm("cls.predictions.transform.LayerNorm", .head, size: size)
    }
    self.head = head
    tensors = table.tensors
    count = table.count
    layerCount = configuration.layerCount
    modelType = configuration.modelType
    indices = Dictionary(uniqueKeysWithValues: table.tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of a Hugging Face name, or nil.
  package subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }
}

/// A sum of the encoder that a layer norm follows.
enum ResidualSum {
  case embeddings
  case attention(Int)
  case feedForward(Int)

  /// The norm's Hugging Face name and the part of the model it belongs to: in a post-LN model the sum's own, in a pre-LN
  /// model that of what reads the sum next. So both kinds have tensors of the same shapes in the same order, and a seed
  /// gives both the same weights.
  func norm(
    in type: EncoderConfiguration.ModelType, layerCount: Int
  ) -> (name: String, group: ParameterLayout.Group) {
    func layer(_ index: Int, _ name: String) -> (String, ParameterLayout.Group) {
      ("bert.encoder.layer.\(index).\(name)", .layer(index))
    }
    switch (type, self) {
    case (.bert, .embeddings): return ("bert.embeddings.LayerNorm", .embeddings)
    case (.bert, .attention(let index)): return layer(index, "attention.output.LayerNorm")
    case (.bert, .feedForward(let index)): return layer(index, "output.LayerNorm")
    case (.megatronBERT, .embeddings): return layer(0, "attention.ln")
    case (.megatronBERT, .attention(let index)): return layer(index, "ln")
    case (.megatronBERT, .feedForward(let index)) where index + 1 < layerCount: return layer(index + 1, "attention.ln")
    case (.megatronBERT, .feedForward(let index)): return ("bert.encoder.ln", .layer(index))
    }
  }
}

/// The table while it grows: each tensor starts where the last one ended.
private struct Table {
  var tensors: [ParameterLayout.Tensor] = []
  var count = 0

  mutating func add(
    _ name: String, _ shape: [Int], _ group: ParameterLayout.Group, _ rule: ParameterLayout.InitialRule,
    isTable: Bool = false, isSummed: Bool? = nil
  ) {
    let range = count..<count + shape.reduce(1, *)
    tensors.append(
      .init(
        name: name, shape: shape, range: range, decays: rule == .normal, initialRule: rule, group: group,
        isTable: isTable,
        isSummed: isSummed ?? (shape.count == 1 || group == .embeddings)))
    count = range.upperBound
  }

  mutating func addLinear(_ name: String, _ group: ParameterLayout.Group, outputs: Int, inputs: Int) {
    add(name + ".weight", [outputs, inputs], group, .normal)
    add(name + ".bias", [outputs], group, .zeros)
  }

  mutating func addLayerNorm(_ name: String, _ group: ParameterLayout.Group, size: Int) {
    add(name + ".weight", [size], group, .ones)
    add(name + ".bias", [size], group, .zeros)
  }

  mutating func addLayerNorm(after sum: ResidualSum, _ configuration: EncoderConfiguration) {
    let norm = sum.norm(in: configuration.modelType, layerCount: configuration.layerCount)
    addLayerNorm(norm.name, norm.group, size: configuration.hiddenSize)
  }

  /// Where a decoder shares the word table, its weight's gradient is written to all of the table's before the
  /// embeddings add theirs.
  mutating func addEmbeddings(_ configuration: EncoderConfiguration, sharesWords: Bool) {
    let size = configuration.hiddenSize
    let prefix = "bert.embeddings"
    add(
      prefix + ".word_embeddings.weight", [configuration.vocabularySize, size], .embeddings, .normal,
      isTable: !sharesWords, isSummed: !sharesWords)
    add(
      prefix + ".position_embeddings.weight", [configuration.positionCount, size], .embeddings, .normal, isTable: true)
    add(prefix + ".token_type_embeddings.weight", [configuration.typeCount, size], .embeddings, .normal)
    addLayerNorm(after: .embeddings, configuration)
  }

  mutating func addLayer(_ layer: Int, _ configuration: EncoderConfiguration) {
    let size = configuration.hiddenSize
    let intermediateSize = configuration.intermediateSize
    let prefix = "bert.encoder.layer.\(layer)"
    let group = ParameterLayout.Group.layer(layer)
    for part in ["query", "key", "value"] {
      add(prefix + ".attention.self.\(part).weight", [size, size], group, .normal)
    }
    for part in ["query", "key", "value"] { add(prefix + ".attention.self.\(part).bias", [size], group, .zeros) }
    addLinear(prefix + ".attention.output.dense", group, outputs: size, inputs: size)
    addLayerNorm(after: .attention(layer), configuration)
    addLinear(prefix + ".intermediate.dense", group, outputs: intermediateSize, inputs: size)
    addLinear(prefix + ".output.dense", group, outputs: size, inputs: intermediateSize)
    addLayerNorm(after: .feedForward(layer), configuration)
  }
}
