// The encoder's backward pass: the forward pass's call list reversed. It writes the gradients of the encoder's tensors;
// the head has already left that of its input in the row branch.

import Kernels

extension Encoder {
  /// From the gradient of the last layer's output of the chosen tokens, in the workspace's row branch, to that of every
  /// tensor of the encoder.
  func backwardEncoder(_ tokens: PackedTokens, _ chosen: ChosenTokens, _ gradients: ModelTensors) {
    if configuration.isPreNorm {
      // The head reads the last norm alone, not the sum before it.
      workspace.gradients.rowStream.update(repeating: 0, count: chosen.count * configuration.hiddenSize)
    }
    for layer in (0..<configuration.layerCount).reversed() { backwardLayer(layer, tokens, chosen, gradients) }
    backwardEmbeddings(tokens, gradients)
  }

  private func backwardLayer(
    _ index: Int, _ tokens: PackedTokens, _ chosen: ChosenTokens, _ gradients: ModelTensors
  ) {
    let (layer, weights, gradients) = (workspace.layers[index], tensors.layers[index], gradients.layers[index])
    let (rows, size, intermediateSize) = (layer.rows, configuration.hiddenSize, configuration.intermediateSize)
    let buffers = workspace.gradients
    // In a post-LN model the branch is the stream, which its gradient is added to.
    let isBranchAdded = !configuration.isPreNorm
    let branch = layer.isLast ? buffers.rowBranch : buffers.branch
    let stream = layer.isLast ? buffers.rowStream : buffers.stream
    backwardAddAndNormalize(
      layer.outputSum, branch: branch, stream: stream, dropout: layer.outputDropout, weights.outputNorm,
      gradients.outputNorm,
      biasGradient: gradients.output.bias, rows: rows)
    linearWeightBackward(
      buffers.projection, input: layer.activated, weightGradient: gradients.output.weight, rows: rows,
      inputs: intermediateSize, outputs: size, precision: precision, on: team)
    Kernels.linearBackward(
      buffers.projection, weight: weights.output.weight, inputGradient: buffers.intermediate, accumulating: false,
      rows: rows, inputs: intermediateSize, outputs: size, precision: precision, on: team)
    geluBackward(
      buffers.intermediate, derivative: layer.intermediate, biasGradient: gradients.intermediate.bias, rows: rows,
      columns: intermediateSize, on: team)
    linearWeightBackward(
      buffers.intermediate, input: layer.attentionSum.output, weightGradient: gradients.intermediate.weight,
      rows: rows, inputs: size, outputs: intermediateSize, precision: precision, on: team)
    Kernels.linearBackward(
      buffers.intermediate, weight: weights.intermediate.weight, inputGradient: branch, accumulating: isBranchAdded,
      rows: rows, inputs: size, outputs: intermediateSize, precision: precision, on: team)
    backwardAddAndNormalize(
      layer.attentionSum, branch: branch, stream: stream, dropout: layer.attentionDropout, weights.attentionNorm,
      gradients.attentionNorm, biasGradient: gradients.attentionOutput.bias, rows: rows)
    linearWeightBackward(
      buffers.projection, input: layer.context, weightGradient: gradients.attentionOutput.weight, rows: rows,
      inputs: size, outputs: size, precision: precision, on: team)
    Kernels.linearBackward(
      buffers.projection, weight: weights.attentionOutput.weight, inputGradient: buffers.context, accumulating: false,
      rows: rows, inputs: size, outputs: size, precision: precision, on: team)
    let operandGradients = Workspace.operands(
      buffers.queryKeyValue, isLast: layer.isLast, rows: rows, hiddenSize: size)
    attentionBackward(
      layer.attention, layer.operands, dropout: layer.probabilityDropout, probabilities: layer.probabilities,
      contextGradient: buffers.context, gradients: operandGradients, scratch: workspace.attentionScratch.0,
      droppedScratch: workspace.attentionScratch.1, on: team)
    backwardProjections(layer, operandGradients, weights.queryKeyValue, gradients.queryKeyValue, tokens, chosen)
  }

  /// The gradient of `forwardProjections`; leaves that of the layer's input in the branch of all tokens.
  private func backwardProjections(
    _ layer: LayerActivations, _ operandGradients: AttentionOperands, _ weights: LinearTensors,
    _ gradients: LinearTensors, _ tokens: PackedTokens, _ chosen: ChosenTokens
  ) {
    let (size, buffers) = (configuration.hiddenSize, workspace.gradients)
    let isBranchAdded = !configuration.isPreNorm
    guard layer.isLast else {
      return linearBackward(
        operandGradients.query, weights, gradients, input: layer.input, inputGradient: buffers.branch,
        accumulating: isBranchAdded, rows: tokens.tokenCount, inputs: size, outputs: 3 * size)
    }
    linearBackward(
      operandGradients.key, weights.keyValue(size), gradients.keyValue(size), input: layer.input,
      inputGradient: buffers.branch, rows: tokens.tokenCount, inputs: size, outputs: 2 * size)
    linearBackward(
      operandGradients.query, weights, gradients, input: layer.rowInput, inputGradient: buffers.rowBranch,
      accumulating: isBranchAdded, rows: layer.rows, inputs: size, outputs: size)
    scatterRows(buffers.rowBranch, of: chosen, inputGradient: buffers.branch, columns: size)
    if configuration.isPreNorm {
      buffers.stream.update(repeating: 0, count: tokens.tokenCount * size)
      scatterRows(buffers.rowStream, of: chosen, inputGradient: buffers.stream, columns: size)
    }
  }

  /// The gradient of `addAndNormalize`, from the branch and in a pre-LN model also the stream: in the stream the sum's, and
  /// in the projection buffer that of the projection.
  private func backwardAddAndNormalize(
    _ sum: NormActivations, branch: UnsafeMutablePointer<Float>, stream: UnsafeMutablePointer<Float>,
    dropout: DropoutMask?, _ norm: LayerNormTensors,
    _ normGradients: LayerNormTensors, biasGradient: UnsafeMutablePointer<Float>, rows: Int
  ) {
    layerNormBackward(
      branch, normalized: sum.normalized, inverseDeviations: sum.inverseDeviations, dropout: dropout, tensors: norm,
      carried: configuration.isPreNorm ? stream : nil, tensorGradients: normGradients,
      valueGradient: workspace.gradients.projection, biasGradient: biasGradient,
      rows: rows, columns: configuration.hiddenSize, on: team)
  }

  private func backwardEmbeddings(_ tokens: PackedTokens, _ gradients: ModelTensors) {
    let (sum, size, buffers) = (workspace.embedding, configuration.hiddenSize, workspace.gradients)
    let (stream, count) = (buffers.stream, tokens.tokenCount * size)
    if !configuration.isPreNorm, let mask = workspace.embeddingDropout {
      applyDropout(mask, to: stream, count: count, on: team)
    }
    layerNormBackward(
      buffers.branch, normalized: sum.normalized, inverseDeviations: sum.inverseDeviations,
      tensors: tensors.embeddingNorm, carried: configuration.isPreNorm ? stream : nil,
      tensorGradients: gradients.embeddingNorm, rows: tokens.tokenCount, columns: size, on: team)
    if configuration.isPreNorm, let mask = workspace.embeddingDropout {
      applyDropout(mask, to: stream, count: count, on: team)
    }
    embeddingBackward(tokens, gradient: stream, tableGradients: gradients.embeddings, columns: size)
  }

  /// The gradient of a linear layer: overwrites the weight's, adds to the bias's, and overwrites or adds to the input's.
  func linearBackward(
    _ outputGradient: UnsafePointer<Float>, _ tensors: LinearTensors, _ gradients: LinearTensors,
    input: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, accumulating: Bool = false, rows: Int,
    inputs: Int, outputs: Int
  ) {
    addColumnSums(outputGradient, to: gradients.bias, rows: rows, columns: outputs, on: team)
    linearWeightBackward(
      outputGradient, input: input, weightGradient: gradients.weight, rows: rows, inputs: inputs, outputs: outputs,
      precision: precision, on: team)
    Kernels.linearBackward(
      outputGradient, weight: tensors.weight, inputGradient: inputGradient, accumulating: accumulating, rows: rows,
      inputs: inputs, outputs: outputs, precision: precision, on: team)
  }
}
