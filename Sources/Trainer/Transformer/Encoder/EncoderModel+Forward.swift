// The encoder's forward pass, as the call list of one layer: embeddings, then layers. What the backward pass needs stays
// in the workspace. In the last layer only the tokens that the head reads are computed past keys and values.

import Kernels
import SeedStreams

extension EncoderModel {
  /// From tokens to the last layer's output of the chosen tokens, (chosen, hidden).
  func forwardEncoder(_ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?) -> Rows {
    workspace.embedding.dropout = mask(.embeddings, of: workspace.embedding, dropout, dropout?.embeddingProbability)
    embeddingForward(tokens, tables: tensors.embeddings, into: workspace.embedding.values)
    residual.startForward(workspace.embedding, tensors.embeddingNorm)
    if let projection = tensors.embeddingProjection {
      products.linearForward(workspace.embedding.stream.norm, projection, into: workspace.layers[0].input.norm)
    }
    for layer in 0..<configuration.layerCount { forwardLayer(layer, chosen, dropout) }
    return workspace.output
  }

  private func forwardLayer(_ index: Int, _ chosen: ChosenTokens, _ dropout: DropoutPlan?) {
    drawMasks(index, dropout)
    let (layer, weights) = (workspace.layers[index], tensors.layers[index])
    let (attentionSum, outputSum) = (layer.attentionSum, layer.outputSum)
    forwardProjections(layer, weights.queryKeyValue, chosen)
    attentionForward(
      layer.attention, layer.projections.operands, workspace.attentionBuffers(of: layer),
      dropout: layer.probabilityDropout, into: layer.context, by: products)
    products.linearForward(layer.context, weights.attentionOutput, into: attentionSum.values)
    residual.addForward(layer.rowInput.residual, attentionSum, weights.attentionNorm)
    forwardFeedForward(layer, weights)
    residual.addForward(attentionSum.stream.residual, outputSum, weights.outputNorm)
  }

  private func forwardFeedForward(_ layer: LayerActivations, _ weights: LayerTensors) {
    switch configuration.architecture.feedForward {
    case .plain:
      products.linearForward(layer.attentionSum.stream.norm, weights.intermediate, into: layer.intermediate)
      configuration.activation.forward(layer.intermediate, into: layer.activated, on: team)
      products.linearForward(layer.activated, weights.output, into: layer.outputSum.values)
    }
  }

  /// Queries, keys and values in one product; in the last layer queries of chosen tokens only, so two products.
  private func forwardProjections(_ layer: LayerActivations, _ weights: LinearTensors, _ chosen: ChosenTokens) {
    switch layer.projections {
    case .joint(let all):
      products.linearForward(layer.input.norm, weights, into: all)
    case .separate(let queries, let keysAndValues):
      let (queryLayer, keyValueLayer) = weights.separated
      residual.gatherForward(layer.input, of: chosen, into: layer.rowInput)
      products.linearForward(layer.rowInput.norm, queryLayer, into: queries)
      products.linearForward(layer.input.norm, keyValueLayer, into: keysAndValues)
    }
  }

  private func drawMasks(_ index: Int, _ dropout: DropoutPlan?) {
    guard let dropout else { return }
    let layer = workspace.layers[index]
    workspace.layers[index].probabilityDropout = dropout.mask(
      .attentionProbabilities(layer: index), dropout.attentionProbability, count: layer.attention.probabilityCount,
      into: layer.probabilityMarks, on: team)
    let (hidden, architecture) = (dropout.hiddenProbability, configuration.architecture)
    if architecture.dropsAttentionOutput {
      workspace.layers[index].attentionSum.dropout = mask(
        .attentionOutput(layer: index), of: layer.attentionSum, dropout, hidden)
    }
    if architecture.dropsFeedForwardOutput {
      workspace.layers[index].outputSum.dropout = mask(
        .feedForwardOutput(layer: index), of: layer.outputSum, dropout, hidden)
    }
  }

  /// The mask of the values that a residual sum adds, or of the embeddings.
  private func mask(
    _ site: DropoutSite, of sum: SumActivations, _ dropout: DropoutPlan?, _ probability: Double?
  ) -> DropoutMask? {
    guard let dropout, let probability else { return nil }
    return dropout.mask(site, probability, count: sum.values.elementCount, into: sum.marks, on: team)
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
  /// A joint query, key and value projection as that of the queries and that of keys and values.
  var separated: (queries: LinearTensors, keysAndValues: LinearTensors) {
    let size = weight.columns
    return (self[outputs: 0..<size], self[outputs: size..<3 * size])
  }
}
