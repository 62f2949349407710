// The encoder's forward pass, as the call list of one layer: embeddings, then layers. What the backward pass needs stays
// in the workspace. In the last layer only the tokens that the head reads are computed past keys and values.

import Kernels
import SeedStreams

extension Encoder {
  /// From tokens to the last layer's output of the chosen tokens, (chosen, hidden).
  func forwardEncoder(
    _ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?
  ) -> UnsafeMutablePointer<Float> {
    forwardEmbeddings(tokens, dropout)
    for layer in 0..<configuration.layerCount { forwardLayer(layer, tokens, chosen, dropout) }
    return workspace.layers[configuration.layerCount - 1].outputSum.output
  }

  private func forwardEmbeddings(_ tokens: PackedTokens, _ dropout: DropoutPlan?) {
    let (sum, size) = (workspace.embedding, configuration.hiddenSize)
    let count = tokens.tokenCount * size
    workspace.embeddingDropout = dropout.flatMap {
      $0.mask(.embeddings, $0.hiddenProbability, count: count, into: sum.marks, on: team)
    }
    embeddingForward(tokens, tables: tensors.embeddings, output: sum.normalized, columns: size)
    if configuration.isPreNorm {
      if let mask = workspace.embeddingDropout { applyDropout(mask, to: sum.normalized, count: count, on: team) }
      sum.residual.update(from: sum.normalized, count: count)
    }
    layerNormForward(
      sum.normalized, residual: nil, dropout: nil, tensors: tensors.embeddingNorm,
      epsilon: Float(configuration.layerNormEpsilon), inverseDeviations: sum.inverseDeviations, output: sum.output,
      rows: tokens.tokenCount, columns: size, on: team)
    if !configuration.isPreNorm, let mask = workspace.embeddingDropout {
      applyDropout(mask, to: sum.output, count: count, on: team)
    }
  }

  private func forwardLayer(
    _ index: Int, _ tokens: PackedTokens, _ chosen: ChosenTokens, _ dropout: DropoutPlan?
  ) {
    drawMasks(index, dropout)
    let (layer, weights) = (workspace.layers[index], tensors.layers[index])
    let (rows, size, intermediateSize) = (layer.rows, configuration.hiddenSize, configuration.intermediateSize)
    forwardProjections(layer, weights.queryKeyValue, tokens, chosen)
    attentionForward(
      layer.attention, layer.operands, dropout: layer.probabilityDropout, probabilities: layer.probabilities,
      scratch: workspace.attentionScratch.0, context: layer.context, on: team)
    linearForward(
      layer.context, weights.attentionOutput, output: layer.attentionSum.normalized, rows: rows, inputs: size,
      outputs: size)
    addAndNormalize(
      layer.attentionSum, residual: layer.rowResidual, dropout: layer.attentionDropout, weights.attentionNorm,
      rows: rows)
    linearForward(
      layer.attentionSum.output, weights.intermediate, output: layer.intermediate, rows: rows, inputs: size,
      outputs: intermediateSize)
    geluForward(layer.intermediate, output: layer.activated, count: rows * intermediateSize, on: team)
    linearForward(
      layer.activated, weights.output, output: layer.outputSum.normalized, rows: rows, inputs: intermediateSize,
      outputs: size)
    addAndNormalize(
      layer.outputSum, residual: layer.attentionSum.residual, dropout: layer.outputDropout, weights.outputNorm,
      rows: rows)
  }

  /// Queries, keys and values in one product; in the last layer queries of chosen tokens only, so two products.
  private func forwardProjections(
    _ layer: LayerActivations, _ weights: LinearTensors, _ tokens: PackedTokens, _ chosen: ChosenTokens
  ) {
    let size = configuration.hiddenSize
    guard layer.isLast else {
      return linearForward(
        layer.input, weights, output: layer.operands.query, rows: tokens.tokenCount, inputs: size, outputs: 3 * size)
    }
    gatherRows(layer.input, of: chosen, output: layer.rowInput, columns: size)
    if configuration.isPreNorm { gatherRows(layer.residual, of: chosen, output: layer.rowResidual, columns: size) }
    linearForward(
      layer.rowInput, weights, output: layer.operands.query, rows: layer.rows, inputs: size, outputs: size)
    linearForward(
      layer.input, weights.keyValue(size), output: layer.operands.key, rows: tokens.tokenCount, inputs: size,
      outputs: 2 * size)
  }

  private func addAndNormalize(
    _ sum: NormActivations, residual: UnsafePointer<Float>, dropout: DropoutMask?, _ norm: LayerNormTensors, rows: Int
  ) {
    layerNormForward(
      sum.normalized, residual: residual, dropout: dropout, sums: configuration.isPreNorm ? sum.residual : nil,
      tensors: norm,
      epsilon: Float(configuration.layerNormEpsilon), inverseDeviations: sum.inverseDeviations, output: sum.output,
      rows: rows, columns: configuration.hiddenSize, on: team)
  }

  /// output = input weight^T + bias.
  func linearForward(
    _ input: UnsafePointer<Float>, _ tensors: LinearTensors, output: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int, outputs: Int
  ) {
    Kernels.linearForward(
      input, weight: tensors.weight, bias: tensors.bias, output: output, rows: rows, inputs: inputs, outputs: outputs,
      precision: precision, on: team)
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
