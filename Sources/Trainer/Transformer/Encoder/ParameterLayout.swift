// The table of every trainable tensor: its role, Hugging Face name, shape and range in one contiguous Float arena.
// Gradients and optimizer moments use the same table. It holds numbers only; storage belongs to `EncoderModel`. Which
// roles there are, in which order and under which names, the `Architecture` says.

import Architectures

/// Where each tensor of an encoder and its head lies in the parameter arena.
package struct ParameterLayout: Sendable {
  /// The part of the model that a tensor belongs to.
  package enum Group: Hashable, Sendable {
    /// The embedding tables, their layer norm where it follows their sum, and their projection.
    case embeddings
    /// A transformer layer, from 0.
    case layer(Int)
    /// The transformer layer that is applied again and again (`Architecture.sharesLayers`).
    case sharedLayer
    case pooler
    /// The classification head, or the masked-language-model head but for a decoder's weight that is the word table.
    case head
  }

  /// The part of the model that reads the encoder's output.
  package enum Head: Equatable, Sendable {
    /// A dense layer, tanh and a linear layer; 1 label is regression.
    case classification(labelCount: Int)
    /// Dense, activation, layer norm, and a decoder that shares the word embeddings or has a weight of its own.
    case languageModel
    /// The same, with the pooler and what it says about two sentences (Devlin et al. 2019).
    case pretraining

    /// Whether it has a decoder.
    var decodes: Bool {
      switch self {
      case .classification: false
      case .languageModel, .pretraining: true
      }
    }
  }

  /// How a tensor starts when it is not read from a checkpoint.
  package enum InitialRule: Sendable {
    /// Normal with mean 0 and the configuration's initializer range.
    case normal
    case zeros
    case ones
  }

  package struct Tensor: Sendable {
    package let role: TensorRole
    /// The Hugging Face name, such as `bert.encoder.layer.0.attention.self.query.weight`.
    package let name: String
    /// Rows and columns of a matrix (a linear layer's weight is (outputs, inputs)), or the length of a vector.
    package let shape: [Int]
    /// The elements of the arena that hold it, row-major.
    package let range: Range<Int>
    /// Whether model files hold the matrix transposed: (inputs, outputs).
    package let isStoredTransposed: Bool
    /// Its dimensions in model files.
    package var storedShape: [Int] { isStoredTransposed ? shape.reversed() : shape }
    /// Whether weight decay applies: to all but biases and layer norms.
    package let decays: Bool
    package let initialRule: InitialRule
    /// What the configuration's initializer range is multiplied by for a tensor that starts normal.
    package let initialScale: Double
    package let group: Group
    /// Whether a batch reaches few of its rows: the word and position embeddings, but not a word table that a decoder
    /// shares.
    package let isTable: Bool
    /// Whether a backward pass adds to its gradient, instead of overwriting it by one matrix product first.
    let isSummed: Bool

    /// Whether this is the weight of one of a transformer layer's linear layers.
    var isLayerWeight: Bool { role.isLayerWeight }

    /// The elements of the arena that hold one row of a matrix.
    package func row(_ index: Int) -> Range<Int> {
      let start = range.lowerBound + index * shape[1]
      return start..<start + shape[1]
    }
  }

  /// Every tensor in arena order.
  package let tensors: [Tensor]
  /// The number of elements of the arena.
  package let count: Int
  package let configuration: EncoderConfiguration
  package let head: Head
  private let indicesByRole: [TensorRole: Int]
  private let indicesByName: [String: Int]

  /// The layout of an encoder with a head of `labelCount` outputs (1 is regression).
  package init(_ configuration: EncoderConfiguration, labelCount: Int) {
    self.init(configuration, head: .classification(labelCount: labelCount))
  }

  package init(_ configuration: EncoderConfiguration, head: Head) {
    let problems = configuration.problems
    precondition(problems.isEmpty, "impossible encoder configuration: " + problems.joined(separator: "; "))
    if case .classification(let labelCount) = head {
      precondition(labelCount > 0, "a head needs at least one output, not \(labelCount)")
    }
    var tensors: [Tensor] = []
    let roles = configuration.architecture.roles(
      layerCount: configuration.layerCount, head: head, projectsEmbeddings: configuration.projectsEmbeddings,
      sharesWordTable: configuration.sharesWordTable)
    for role in roles {
      // Each tensor starts where the last one ended.
      tensors.append(Tensor(role, configuration, head, start: tensors.last?.range.upperBound ?? 0))
    }
    self.configuration = configuration
    self.head = head
    self.tensors = tensors
    count = tensors.last?.range.upperBound ?? 0
    indicesByRole = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.role, $0) })
    indicesByName = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The indices in `tensors` of the shared layer's, which are neighbours; empty where each layer has its own.
  package var sharedTensors: Range<Int> {
    guard let first = tensors.firstIndex(where: { $0.group == .sharedLayer }) else { return 0..<0 }
    return first..<first + tensors.count { $0.group == .sharedLayer }
  }

  /// The elements of the arena that are the shared layer's.
  var sharedElements: Range<Int> {
    let shared = tensors[sharedTensors]
    return (shared.first?.range.lowerBound ?? 0)..<(shared.last?.range.upperBound ?? 0)
  }

  /// Numbers that gradients take: one for each parameter, and those of one application of the shared layer.
  package var gradientCount: Int { count + sharedElements.count }

  /// What tables call the gradients of a step: each tensor's, then the shared layer's in each application, layer by layer.
  package var gradientNames: [String] {
    let applications = (0..<configuration.layerCount).flatMap { layer in
      tensors[sharedTensors].map { Architecture.name(of: $0.name, asLayer: layer) }
    }
    return tensors.map(\.name) + applications
  }

  package subscript(name: String) -> Tensor? { indicesByName[name].map { tensors[$0] } }

  /// Whether there is a tensor of a role.
  func has(_ role: TensorRole) -> Bool { indicesByRole[role] != nil }

  /// The index in `tensors` of a role's tensor, which must be one of the layout.
  func index(of role: TensorRole) -> Int {
    guard let index = indicesByRole[role] else { preconditionFailure("the layout has no tensor for \(role)") }
    return index
  }
}

extension ParameterLayout.Tensor {
  /// The tensor of a role, from an element of the arena on.
  fileprivate init(
    _ role: TensorRole, _ configuration: EncoderConfiguration, _ head: ParameterLayout.Head, start: Int
  ) {
    let (architecture, layerCount) = (configuration.architecture, configuration.layerCount)
    self.role = role
    name = architecture.name(of: role, layerCount: layerCount)
    shape = configuration.shape(of: role, head)
    range = start..<start + shape.reduce(1, *)
    group = architecture.group(of: role, layerCount: layerCount)
    isStoredTransposed = architecture.storesTransposedLayers && role.isLayerWeight
    initialRule = role.initialRule
    // Every layer adds to two sums.
    initialScale =
      architecture.scalesResidualWeights && role.entersResidualSum ? 1 / Double(2 * layerCount).squareRoot() : 1
    decays = initialRule == .normal
    // Where a decoder shares the word table, its weight's gradient is written to all of the table's before the embeddings
    // add theirs.
    let isDecoder = role == .embedding(.words) && head.decodes && configuration.sharesWordTable
    isTable = (role == .embedding(.words) || role == .embedding(.positions)) && !isDecoder
    isSummed = (shape.count == 1 || role.isEmbedding) && !isDecoder
  }
}

extension TensorRole {
  fileprivate var isEmbedding: Bool {
    switch self {
    case .embedding: true
    case .linear, .norm, .decoderBias: false
    }
  }

  /// Whether this is the weight of one of a transformer layer's linear layers.
  fileprivate var isLayerWeight: Bool {
    guard case .linear(let linear, .weight) = self else { return false }
    return linear.layer != nil
  }

  /// Whether the outputs of this weight are added to a residual sum.
  fileprivate var entersResidualSum: Bool {
    switch self {
    case .linear(.attentionOutput, .weight), .linear(.output, .weight): true
    default: false
    }
  }

  /// How a tensor starts when no checkpoint gives it.
  fileprivate var initialRule: ParameterLayout.InitialRule {
    switch self {
    case .embedding, .linear(_, .weight): .normal
    case .norm(_, .weight): .ones
    case .linear(_, .bias), .norm(_, .bias), .decoderBias: .zeros
    }
  }
}

extension EncoderConfiguration {
  /// Rows and columns of a tensor, or its length.
  fileprivate func shape(of role: TensorRole, _ head: ParameterLayout.Head) -> [Int] {
    switch role {
    case .embedding(.words): [vocabularySize, embeddingSize]
    case .embedding(.positions): [positionCount, embeddingSize]
    case .embedding(.types): [typeCount, embeddingSize]
    case .linear(let linear, .weight): [outputs(of: linear, head), inputs(of: linear)]
    case .linear(let linear, .bias): [outputs(of: linear, head)]
    case .norm(.embeddings, _), .norm(.transform, _): [embeddingSize]
    case .norm(.attention, _), .norm(.feedForward, _): [hiddenSize]
    case .decoderBias: [vocabularySize]
    }
  }

  private func inputs(of linear: LinearRole) -> Int {
    switch linear {
    case .output: intermediateSize
    case .embeddingProjection, .decoder: embeddingSize
    case .query, .key, .value, .queryKeyValue, .attentionOutput, .intermediate, .pooler, .classifierDense, .classifier,
      .transform, .pairRelation:
      hiddenSize
    }
  }

  private func outputs(of linear: LinearRole, _ head: ParameterLayout.Head) -> Int {
    switch (linear, head) {
    case (.intermediate, _): intermediateSize
    case (.queryKeyValue, _): 3 * hiddenSize
    case (.classifier, .classification(let labelCount)): labelCount
    case (.classifier, .languageModel), (.classifier, .pretraining): 0
    case (.pairRelation, _): 2
    case (.transform, _): embeddingSize
    case (.decoder, _): vocabularySize
    case (.query, _), (.key, _), (.value, _), (.attentionOutput, _), (.output, _), (.pooler, _), (.classifierDense, _),
      (.embeddingProjection, _):
      hiddenSize
    }
  }
}
