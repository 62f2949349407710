// The encoder's backward pass: the forward pass's call list reversed. It writes the gradients of the encoder's tensors;
// the head has already left that of its input in the chosen tokens' norm gradient.

import Architectures
import Kernels

extension EncoderModel {
  /// From the gradient of the last layer's output of the chosen tokens, in `workspace.gradients.chosen.norm`, to that of
  /// every trained tensor of the encoder.
  func backwardEncoder(_ tokens: PackedTokens, _ chosen: ChosenTokens, _ arena: GradientArena) {
    let (gradients, lowestPart) = (arena.tensors, arena.trained.lowestPart)
    residual.endBackward(workspace.gradients.chosen)
    for layer in (max(0, lowestPart)..<configuration.layerCount).reversed() {
      backwardLayer(layer, chosen, gradients.layers[layer])
      arena.endLayer(layer, on: team)
    }
    guard lowestPart < 0 else { return }
    backwardProjection(of: tensors.embeddingProjection, gradients.embeddingProjection)
    let sumGradient = residual.startBackward(
      workspace.gradients.embedding, workspace.embedding, tensors.embeddingNorm, gradients.embeddingNorm)
    guard arena.trained.trainsTables else { return }
    embeddingBackward(tokens, gradient: sumGradient, tableGradients: gradients.embeddings)
  }

  /// From the gradient of the first layer's input to that of the embeddings, where they are projected.
  private func backwardProjection(of projection: LinearTensors?, _ gradients: LinearTensors?) {
    guard let projection, let gradients else { return }
    let gradient = workspace.gradients.tokens.norm
    products.biasBackward(gradient, into: gradients.bias)
    products.linearBackward(
      gradient, projection, gradients, input: workspace.embedding.stream.norm, into: workspace.gradients.embedding.norm)
  }

  private func backwardLayer(_ index: Int, _ chosen: ChosenTokens, _ gradients: LayerTensors) {
    let (layer, weights) = (workspace.layers[index], tensors.layers[index])
    let (attentionSum, outputSum) = (layer.attentionSum, layer.outputSum)
    let buffers = workspace.gradients.first(layer.rows)
    let stream = layer.isLast ? buffers.chosen : buffers.tokens
    let projections = workspace.projectionGradients(of: layer)
    residual.addBackward(
      stream, outputSum, weights.outputNorm, gradients.outputNorm, into: buffers.values, bias: gradients.output.bias)
    backwardFeedForward(layer, weights, gradients, buffers, into: stream)
    residual.addBackward(
      stream, attentionSum, weights.attentionNorm, gradients.attentionNorm, into: buffers.values,
      bias: gradients.attentionOutput.bias)
    products.linearBackward(
      buffers.values, weights.attentionOutput, gradients.attentionOutput, input: layer.context, into: buffers.context)
    attentionBackward(
      layer.attention, layer.projections.operands, workspace.attentionBuffers(of: layer),
      dropout: layer.probabilityDropout, contextGradient: buffers.context, into: projections.operands, by: products)
    backwardProjections(layer, projections, weights.queryKeyValue, gradients.queryKeyValue, chosen)
  }

  /// The gradient of `forwardFeedForward`, from that of its output in `buffers.values`.
  private func backwardFeedForward(
    _ layer: LayerActivations, _ weights: LayerTensors, _ gradients: LayerTensors, _ buffers: GradientBuffers,
    into stream: ResidualStream
  ) {
    switch configuration.architecture.feedForward {
    case .plain:
      products.linearBackward(
        buffers.values, weights.output, gradients.output, input: layer.activated, into: buffers.intermediate)
      Activation.backward(
        buffers.intermediate, derivative: layer.intermediate, biasGradient: gradients.intermediate.bias, on: team)
      products.linearBackward(
        buffers.intermediate, weights.intermediate, gradients.intermediate, input: layer.attentionSum.stream.norm,
        into: stream.norm, accumulating: residual.isShared)
    }
  }

  /// The gradient of `forwardProjections`; leaves that of the layer's input in the stream of all tokens.
  private func backwardProjections(
    _ layer: LayerActivations, _ projections: Projections, _ weights: LinearTensors, _ gradients: LinearTensors,
    _ chosen: ChosenTokens
  ) {
    let (tokenStream, chosenStream) = (workspace.gradients.tokens, workspace.gradients.chosen)
    switch projections {
    case .joint(let all):
      products.biasBackward(all, into: gradients.bias)
      products.linearBackward(
        all, weights, gradients, input: layer.input.norm, into: tokenStream.norm, accumulating: residual.isShared)
    case .separate(let queries, let keysAndValues):
      let (queryLayer, keyValueLayer) = weights.separated
      let (queryGradients, keyValueGradients) = gradients.separated
      products.biasBackward(keysAndValues, into: keyValueGradients.bias)
      products.linearBackward(
        keysAndValues, keyValueLayer, keyValueGradients, input: layer.input.norm, into: tokenStream.norm)
      products.biasBackward(queries, into: queryGradients.bias)
      products.linearBackward(
        queries, queryLayer, queryGradients, input: layer.rowInput.norm, into: chosenStream.norm,
        accumulating: residual.isShared)
      residual.gatherBackward(chosenStream, of: chosen, into: tokenStream)
    }
  }
}
