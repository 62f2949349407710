// The parameter arena, or the gradient arena of the same layout, as one typed pointer per use: query, key and value
// weights appear as the single matrix that they are in memory. Pointers only; the arena belongs to someone else.

import Kernels

/// One transformer layer's tensors, each norm with the sum before it.
struct LayerTensors {
  /// Weight (3 hidden, hidden) and bias (3 hidden): query, key, value.
  let queryKeyValue: LinearTensors
  let attentionOutput: LinearTensors
  let attentionNorm: LayerNormTensors
  let intermediate: LinearTensors
  let output: LinearTensors
  let outputNorm: LayerNormTensors
}

/// The tensors of a masked-language-model head.
struct LanguageModelTensors {
  let transform: LinearTensors
  let norm: LayerNormTensors
  /// The word table as a weight, (vocabulary, hidden), and a bias of its own, (vocabulary).
  let decoder: LinearTensors
}

/// Every tensor of an arena laid out by a `ParameterLayout`.
struct ModelTensors {
  let embeddings: EmbeddingTables
  let embeddingNorm: LayerNormTensors
  let layers: [LayerTensors]
  private let classifier: (pooler: LinearTensors, output: LinearTensors)?
  private let decoding: LanguageModelTensors?

  init(_ layout: ParameterLayout, base: UnsafeMutablePointer<Float>) {
    self.init(layout) { base + $0.range.lowerBound }
  }

  /// Tensors that lie where `place` says; a layer's query, key and value weights must be neighbours there as well.
  init(_ layout: ParameterLayout, at place: (ParameterLayout.Tensor) -> UnsafeMutablePointer<Float>) {
    func tensor(_ name: String) -> UnsafeMutablePointer<Float> {
      guard let tensor = layout[name] else { preconditionFailure("the layout has no tensor \(name)") }
      return place(tensor)
    }
    func matrix(_ name: String) -> Rows {
      let shape = layout[name]?.shape ?? []
      return Rows(tensor(name), count: shape[0], columns: shape[1])
    }
    func linear(_ name: String) -> LinearTensors {
      LinearTensors(weight: matrix(name + ".weight"), bias: tensor(name + ".bias"))
    }
    func joint(_ name: String) -> LinearTensors {
      let weight = matrix(name + ".weight")
      return LinearTensors(
        weight: Rows(weight.start, count: 3 * weight.count, columns: weight.columns), bias: tensor(name + ".bias"))
    }
    func norm(_ name: String) -> LayerNormTensors {
      LayerNormTensors(gain: tensor(name + ".weight"), shift: tensor(name + ".bias"))
    }
    func norm(after sum: ResidualSum) -> LayerNormTensors {
      norm(sum.norm(in: layout.modelType, layerCount: layout.layerCount).name)
    }
    embeddings = EmbeddingTables(
      words: matrix("bert.embeddings.word_embeddings.weight"),
      positions: matrix("bert.embeddings.position_embeddings.weight"),
      types: matrix("bert.embeddings.token_type_embeddings.weight"))
    embeddingNorm = norm(after: .embeddings)
    layers = (0..<layout.layerCount).map { layer in
      let prefix = "bert.encoder.layer.\(layer)"
      return LayerTensors(
        queryKeyValue: joint(prefix + ".attention.self.query"),
        attentionOutput: linear(prefix + ".attention.output.dense"),
        attentionNorm: norm(after: .attention(layer)),
        intermediate: linear(prefix + ".intermediate.dense"),
        output: linear(prefix + ".output.dense"),
        outputNorm: norm(after: .feedForward(layer)))
    }
    switch layout.head {
    case .classification:
      classifier = (linear("bert.pooler.dense"), linear("classifier"))
      decoding = nil
    case .languageModel:
      classifier = nil
      decoding = LanguageModelTensors(
        transform: linear("cls.predictions.transform.dense"), norm: norm("cls.predictions.transform.LayerNorm"),
        decoder: LinearTensors(weight: embeddings.words, bias: tensor("cls.predictions.bias")))
    }
  }

  /// The pooler of a classifier.
  var pooler: LinearTensors { required(classifier).pooler }
  /// The output layer of a classifier.
  var head: LinearTensors { required(classifier).output }
  /// The head of a language model.
  var languageModel: LanguageModelTensors { required(decoding) }

  private func required<Tensors>(_ tensors: Tensors?) -> Tensors {
    guard let tensors else { preconditionFailure("these parameters were laid out for another head") }
    return tensors
  }
}
