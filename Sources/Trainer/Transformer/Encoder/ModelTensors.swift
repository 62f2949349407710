// The parameter arena, or the gradient arena of the same layout, by the roles of its tensors. Pointers only; the arena
// belongs to someone else.

import Architectures
import Kernels

struct TensorSet {
  let layout: ParameterLayout
  /// The first number of each tensor, by its index in the layout.
  private let starts: [UnsafeMutablePointer<Float>]
  /// Which tensors are trained; nil for all.
  private let trained: TrainedTensors?

  /// Tensors in an arena of the layout.
  init(_ layout: ParameterLayout, base: UnsafeMutablePointer<Float>) {
    self.init(layout) { base + layout.tensors[$0].range.lowerBound }
  }

  /// Tensors that begin where `start` says of their index in the layout; a layer's query, key and value weights must be
  /// neighbours there as well.
  init(
    _ layout: ParameterLayout, trained: TrainedTensors? = nil, at start: (_ tensor: Int) -> UnsafeMutablePointer<Float>
  ) {
    self.layout = layout
    self.trained = trained
    starts = layout.tensors.indices.map(start)
  }

  /// The first number of a role's tensor, which must be one of the layout.
  subscript(role: TensorRole) -> UnsafeMutablePointer<Float> { starts[layout.index(of: role)] }

  func matrix(_ role: TensorRole) -> Rows {
    let shape = layout.tensors[layout.index(of: role)].shape
    return Rows(self[role], count: shape[0], columns: shape[1])
  }

  func linear(_ role: LinearRole) -> LinearTensors {
    LinearTensors(
      weight: matrix(.linear(role, .weight)), bias: self[.linear(role, .bias)], isWeightTrained: trainsWeight(of: role))
  }

  private func trainsWeight(of role: LinearRole) -> Bool {
    trained?[layout.index(of: .linear(role, .weight))] ?? true
  }

  /// A last layer, whose bias the layout may lack.
  func output(_ role: LinearRole) -> OutputTensors {
    OutputTensors(
      weight: matrix(.linear(role, .weight)),
      bias: layout.has(.linear(role, .bias)) ? self[.linear(role, .bias)] : nil)
  }

  func norm(_ role: NormRole) -> LayerNormTensors {
    LayerNormTensors(gain: self[.norm(role, .weight)], shift: self[.norm(role, .bias)])
  }

  /// The query, key and value projections as the single matrix, (3 hidden, hidden), that they are in memory.
  func queryKeyValue(_ layer: Int) -> LinearTensors {
    if layout.configuration.architecture.joinsProjections { return linear(.queryKeyValue(layer)) }
    let query = linear(.query(layer))
    return LinearTensors(
      weight: Rows(query.weight.start, count: 3 * query.weight.count, columns: query.weight.columns), bias: query.bias,
      isWeightTrained: query.isWeightTrained)
  }
}

/// One transformer layer's tensors, each norm by the sum before it.
struct LayerTensors {
  /// Weight (3 hidden, hidden) and bias (3 hidden): query, key, value.
  let queryKeyValue: LinearTensors
  let attentionOutput: LinearTensors
  let attentionNorm: LayerNormTensors
  let intermediate: LinearTensors
  let output: LinearTensors
  let outputNorm: LayerNormTensors

  init(_ set: TensorSet, layer: Int) {
    queryKeyValue = set.queryKeyValue(layer)
    attentionOutput = set.linear(.attentionOutput(layer))
    attentionNorm = set.norm(.attention(layer))
    intermediate = set.linear(.intermediate(layer))
    output = set.linear(.output(layer))
    outputNorm = set.norm(.feedForward(layer))
  }
}

/// The tensors of a whole model: the encoder's as the passes read them, and the set, from which a head takes its own.
struct ModelTensors {
  let set: TensorSet
  let embeddings: EmbeddingTables
  let embeddingNorm: LayerNormTensors
  /// What brings the embeddings to the encoder's width; nil where they have it.
  let embeddingProjection: LinearTensors?
  /// In the order in which they are applied.
  let layers: [LayerTensors]

  init(_ set: TensorSet) {
    let (configuration, architecture) = (set.layout.configuration, set.layout.configuration.architecture)
    self.set = set
    embeddings = EmbeddingTables(
      words: set.matrix(.embedding(.words)),
      positions: set.matrix(.embedding(.positions))[rows: configuration.firstPosition..<configuration.positionCount],
      types: architecture.hasTypes ? set.matrix(.embedding(.types)) : nil)
    embeddingNorm = set.norm(.embeddings)
    embeddingProjection = configuration.projectsEmbeddings ? set.linear(.embeddingProjection) : nil
    let own = (0..<architecture.ownLayerCount(of: configuration.layerCount)).map { LayerTensors(set, layer: $0) }
    layers = (0..<configuration.layerCount).map { own[architecture.sharesLayers ? 0 : $0] }
  }
}
