// The forward pass, as the call list of one layer: embeddings, layers, pooler and head. What the backward pass needs
// stays in the workspace. In the last layer only the first token of each sequence is computed past keys and values.

import Kernels
import SeedStreams

extension Classifier {
  /// The head's outputs without dropout, (sequences, labels).
  public func logits(of batch: PackedSequences) -> [Float] {
    withPackedTokens(batch) { tokens in
      workspace.prepare(tokens, training: false)
      forward(tokens, dropout: nil)
    }
    return currentLogits(batch.sequenceCount)
  }

  /// The logits of the last forward pass, (sequences, labels).
  func currentLogits(_ sequenceCount: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: workspace.head.logits, count: sequenceCount * labelCount))
  }

  /// From tokens to logits.
  func forward(_ tokens: PackedTokens, dropout: DropoutPlan?) {
    forwardEmbeddings(tokens, dropout)
    for layer in 0..<configuration.layerCount { forwardLayer(layer, tokens, dropout) }
    forwardHead(tokens, dropout)
  }

  private func forwardEmbeddings(_ tokens: PackedTokens, _ dropout: DropoutPlan?) {
    let (sum, size) = (workspace.embedding, configuration.hiddenSize)
    embeddingForward(tokens, tables: tensors.embeddings, output: sum.normalized, columns: size)
    layerNormForward(
      sum.normalized, residual: nil, dropout: nil, tensors: tensors.embeddingNorm,
      epsilon: Float(configuration.layerNormEpsilon), inverseDeviations: sum.inverseDeviations, output: sum.output,
      rows: tokens.tokenCount, columns: size, on: team)
    let count = tokens.tokenCount * size
    workspace.embeddingDropout = dropout.flatMap {
      $0.mask(.embeddings, $0.hiddenProbability, count: count, into: sum.marks, on: team)
    }
    if let mask = workspace.embeddingDropout { applyDropout(mask, to: sum.output, count: count, on: team) }
  }

  private func forwardLayer(_ index: Int, _ tokens: PackedTokens, _ dropout: DropoutPlan?) {
    drawMasks(index, dropout)
    let (layer, weights) = (workspace.layers[index], tensors.layers[index])
    let (rows, size, intermediateSize) = (layer.rows, configuration.hiddenSize, configuration.intermediateSize)
    forwardProjections(layer, weights.queryKeyValue, tokens)
    attentionForward(
      layer.attention, layer.operands, dropout: layer.probabilityDropout, probabilities: layer.probabilities,
      scratch: workspace.attentionScratch.0, context: layer.context, on: team)
    linearForward(
      layer.context, weights.attentionOutput, output: layer.attentionSum.normalized, rows: rows, inputs: size,
      outputs: size)
    addAndNormalize(
      layer.attentionSum, residual: layer.rowInput, dropout: layer.attentionDropout, weights.attentionNorm, rows: rows)
    linearForward(
      layer.attentionSum.output, weights.intermediate, output: layer.intermediate, rows: rows, inputs: size,
      outputs: intermediateSize)
    geluForward(layer.intermediate, output: layer.activated, count: rows * intermediateSize, on: team)
    linearForward(
      layer.activated, weights.output, output: layer.outputSum.normalized, rows: rows, inputs: intermediateSize,
      outputs: size)
    addAndNormalize(
      layer.outputSum, residual: layer.attentionSum.output, dropout: layer.outputDropout, weights.outputNorm,
      rows: rows)
  }

  /// Queries, keys and values in one product; in the last layer queries of first tokens only, so two products.
  private func forwardProjections(_ layer: LayerActivations, _ weights: LinearTensors, _ tokens: PackedTokens) {
    let size = configuration.hiddenSize
    switch layer.attention.queries {
    case .allTokens:
      linearForward(
        layer.input, weights, output: layer.operands.query, rows: tokens.tokenCount, inputs: size, outputs: 3 * size)
    case .firstTokens:
      gatherFirstRows(layer.input, tokens: tokens, output: layer.rowInput, columns: size)
      linearForward(
        layer.rowInput, weights, output: layer.operands.query, rows: layer.rows, inputs: size, outputs: size)
      linearForward(
        layer.input, weights.keyValue(size), output: layer.operands.key, rows: tokens.tokenCount, inputs: size,
        outputs: 2 * size)
    }
  }

  private func addAndNormalize(
    _ sum: NormActivations, residual: UnsafePointer<Float>, dropout: DropoutMask?, _ norm: LayerNormTensors, rows: Int
  ) {
    layerNormForward(
      sum.normalized, residual: residual, dropout: dropout, tensors: norm,
      epsilon: Float(configuration.layerNormEpsilon), inverseDeviations: sum.inverseDeviations, output: sum.output,
      rows: rows, columns: configuration.hiddenSize, on: team)
  }

  private func forwardHead(_ tokens: PackedTokens, _ dropout: DropoutPlan?) {
    let size = configuration.hiddenSize
    let rows = tokens.sequenceCount
    let head = workspace.head
    let firstTokens = workspace.layers[configuration.layerCount - 1].outputSum.output
    linearForward(firstTokens, tensors.pooler, output: head.pooled, rows: rows, inputs: size, outputs: size)
    tanhForward(head.pooled, count: rows * size)
    head.dropped.update(from: head.pooled, count: rows * size)
    workspace.head.dropout = dropout.flatMap {
      $0.mask(.classifier, $0.classifierProbability, count: rows * size, into: head.marks, on: team)
    }
    if let mask = workspace.head.dropout { applyDropout(mask, to: head.dropped, count: rows * size) }
    linearForward(head.dropped, tensors.head, output: head.logits, rows: rows, inputs: size, outputs: labelCount)
  }

  /// output = input weight^T + bias.
  private func linearForward(
    _ input: UnsafePointer<Float>, _ tensors: LinearTensors, output: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int, outputs: Int
  ) {
    Kernels.linearForward(
      input, weight: tensors.weight, bias: tensors.bias, output: output, rows: rows, inputs: inputs, outputs: outputs,
      on: team)
  }

  /// Draws a layer's three masks.
  private func drawMasks(_ index: Int, _ dropout: DropoutPlan?) {
    guard let dropout else { return }
    let layer = workspace.layers[index]
    let count = layer.rows * configuration.hiddenSize
    workspace.layers[index].probabilityDropout = dropout.mask(
      .attentionProbabilities(layer: index), dropout.attentionProbability, count: layer.attention.probabilityCount,
      into: layer.probabilityMarks, on: team)
    workspace.layers[index].attentionDropout = dropout.mask(
      .attentionOutput(layer: index), dropout.hiddenProbability, count: count, into: layer.attentionSum.marks, on: team)
    workspace.layers[index].outputDropout = dropout.mask(
      .feedForwardOutput(layer: index), dropout.hiddenProbability, count: count, into: layer.outputSum.marks, on: team)
  }
}

extension DropoutPlan {
  /// A site's mask, or nil where nothing is dropped.
  func mask(
    _ site: DropoutSite, _ probability: Double, count: Int, into marks: UnsafeMutablePointer<UInt8>,
    on team: ThreadTeam
  ) -> DropoutMask? {
    guard probability > 0 else { return nil }
    let stream = SeedStream(seed: seed, purpose: .dropout, site: site.key, step: step)
    return DropoutMask(drawing: count, into: marks, from: stream, probability: probability, on: team)
  }
}

extension LinearTensors {
  /// The key and value rows of a query, key and value projection.
  func keyValue(_ size: Int) -> LinearTensors { LinearTensors(weight: weight + size * size, bias: bias + size) }
}
