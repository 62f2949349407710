// An encoder with a masked-language-model head: dense, GELU and layer norm, then a decoder whose weight is the word
// table (Devlin et al. 2019). It reads the masked tokens alone. Masking is not its business.

import Kernels

/// The tokens of a batch to be predicted.
package struct MaskedTokens: Equatable, Sendable {
  /// Their places in the packed batch, ascending, (masked).
  package let places: [Int]
  /// The words that stood there, (masked).
  package let targets: [Int32]

  /// Masked tokens; the two arrays must agree.
  package init(places: [Int], targets: [Int32]) {
    precondition(places.count == targets.count, "\(places.count) masked tokens but \(targets.count) targets")
    precondition(zip(places, places.dropFirst()).allSatisfy(<), "the places of masked tokens must ascend")
    self.places = places
    self.targets = targets
  }

  /// Where the masked tokens of each sequence begin, and at the end their number, (sequences + 1).
  func offsets(in batch: PackedSequences) -> [Int] {
    precondition(
      places.allSatisfy { (0..<batch.tokenCount).contains($0) },
      "a masked token lies outside the batch of \(batch.tokenCount) tokens")
    var next = 0
    return batch.offsets.map { start in
      while next < places.count && places[next] < start { next += 1 }
      return next
    }
  }
}

/// A masked language model (as Hugging Face's `BertForMaskedLM` with tied weights).
package final class LanguageModel: Encoder {
  private var head: LanguageModelActivations

  /// A language model whose parameters are all zero until they are initialized or loaded.
  package init(configuration: EncoderConfiguration, team: ThreadTeam = .alone) {
    var measure = ArenaCutter(arena: nil)
    head = LanguageModelActivations(&measure, rows: 0, hiddenSize: 0, vocabularySize: 0)
    super.init(configuration, head: .languageModel, team: team)
  }

  /// The loss of each masked token without dropout: -log of the share the model gives the word that stood there. With
  /// another model's head, its decoder included, only the encoder is this model's.
  package func losses(
    of batch: PackedSequences, masked: MaskedTokens, headOf other: LanguageModel? = nil
  ) -> [Double] {
    precondition(other == nil || other?.configuration == configuration, "the other head must have the same sizes")
    return run(batch, masked, training: false) { tokens, chosen in
      forward(tokens, chosen, dropout: nil, head: other?.tensors.languageModel)
      decode(masked, gradientScale: nil)
    }
  }

  /// The loss of each masked token under the dropout plan, and into `gradients` (of the same layout, overwritten) the
  /// gradient of their mean.
  package func lossesAndGradients(
    of batch: PackedSequences, masked: MaskedTokens, dropout: DropoutPlan?, into gradients: GradientArena
  ) -> [Double] {
    gradients.require(layout)
    return run(batch, masked, training: true) { tokens, chosen in
      forward(tokens, chosen, dropout: dropout)
      decode(masked, gradientScale: 1 / Double(chosen.count))
      gradients.startStep(batch)
      backwardHead(rows: chosen.count, gradients.tensors)
      backwardEncoder(tokens, chosen, gradients.tensors)
    }
  }

  private func run(
    _ batch: PackedSequences, _ masked: MaskedTokens, training: Bool, _ passes: (PackedTokens, ChosenTokens) -> Void
  ) -> [Double] {
    for target in masked.targets {
      precondition(
        target >= 0 && target < configuration.vocabularySize,
        "target \(target) is outside the vocabulary of \(configuration.vocabularySize)")
    }
    var losses: [Double] = []
    withPackedTokens(batch, reading: masked.places, from: masked.offsets(in: batch)) { tokens, chosen in
      workspace.prepare(tokens, chosen, training: training) { cutter in
        head = LanguageModelActivations(
          &cutter, rows: chosen.count, hiddenSize: configuration.hiddenSize,
          vocabularySize: configuration.vocabularySize)
      }
      passes(tokens, chosen)
      losses = Array(UnsafeBufferPointer(start: head.losses, count: chosen.count))
    }
    return losses
  }

  /// From tokens to logits.
  private func forward(
    _ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?, head other: LanguageModelTensors? = nil
  ) {
    let (rows, size, weights) = (chosen.count, configuration.hiddenSize, other ?? tensors.languageModel)
    let hidden = forwardEncoder(tokens, chosen, dropout: dropout)
    linearForward(hidden, weights.transform, output: head.derivative, rows: rows, inputs: size, outputs: size)
    geluForward(head.derivative, output: head.normalized, count: rows * size, on: team)
    layerNormForward(
      head.normalized, residual: nil, dropout: nil, tensors: weights.norm,
      epsilon: Float(configuration.layerNormEpsilon), inverseDeviations: head.inverseDeviations,
      output: head.transformed, rows: rows, columns: size, on: team)
    linearForward(
      head.transformed, weights.decoder, output: head.logits, rows: rows, inputs: size,
      outputs: configuration.vocabularySize)
  }

  /// From logits to losses; with a scale the logits become their gradient.
  private func decode(_ masked: MaskedTokens, gradientScale: Double?) {
    vocabularyLoss(
      head.logits, targets: masked.targets, losses: head.losses, gradientScale: gradientScale,
      rows: masked.places.count, columns: configuration.vocabularySize, on: team)
  }

  /// Leaves the gradient of the masked tokens in the row branch. The decoder's weight gradient overwrites the word
  /// table's, to which the embeddings add theirs at the end of the backward pass.
  private func backwardHead(rows: Int, _ gradients: ModelTensors) {
    let (size, buffers) = (configuration.hiddenSize, workspace.gradients)
    let (weights, gradients) = (tensors.languageModel, gradients.languageModel)
    linearBackward(
      head.logits, weights.decoder, gradients.decoder, input: head.transformed, inputGradient: buffers.projection,
      rows: rows, inputs: size, outputs: configuration.vocabularySize)
    layerNormBackward(
      buffers.projection, normalized: head.normalized, inverseDeviations: head.inverseDeviations, tensors: weights.norm,
      tensorGradients: gradients.norm, rows: rows, columns: size, on: team)
    geluBackward(
      buffers.projection, derivative: head.derivative, biasGradient: gradients.transform.bias, rows: rows,
      columns: size, on: team)
    linearWeightBackward(
      buffers.projection, input: workspace.layers[configuration.layerCount - 1].outputSum.output,
      weightGradient: gradients.transform.weight, rows: rows, inputs: size, outputs: size, precision: precision,
      on: team)
    Kernels.linearBackward(
      buffers.projection, weight: weights.transform.weight, inputGradient: buffers.rowBranch, accumulating: false,
      rows: rows, inputs: size, outputs: size, precision: precision,
      on: team)
  }
}

extension LanguageModel {
  /// Parameters of a model, its head included.
  package static func parameterCount(_ configuration: EncoderConfiguration) -> Int {
    ParameterLayout(configuration, head: .languageModel).count
  }

  /// Bytes of every buffer between a batch's tokens and its losses and, in training, its gradients, on one thread.
  ///
  /// - Parameters:
  ///   - lengths: The tokens of each sequence of the batch.
  ///   - maskedCounts: Those of them that are masked.
  package static func workspaceByteCount(
    _ configuration: EncoderConfiguration, lengths: [Int], maskedCounts: [Int], training: Bool
  ) -> Int {
    Workspace.byteCount(configuration, lengths: lengths, chosenCounts: maskedCounts, training: training) {
      cutter, chosen in
      _ = LanguageModelActivations(
        &cutter, rows: chosen, hiddenSize: configuration.hiddenSize, vocabularySize: configuration.vocabularySize)
    }
  }
}

/// The head's buffers, a row a masked token.
private struct LanguageModelActivations {
  /// (masked, hidden): the transform before GELU, then GELU's derivative.
  let derivative: UnsafeMutablePointer<Float>
  /// (masked, hidden): GELU's output, then its normalized rows.
  let normalized: UnsafeMutablePointer<Float>
  /// (masked).
  let inverseDeviations: UnsafeMutablePointer<Float>
  /// (masked, hidden): what the decoder reads.
  let transformed: UnsafeMutablePointer<Float>
  /// (masked, vocabulary): the logits, then their gradient.
  let logits: UnsafeMutablePointer<Float>
  /// (masked).
  let losses: UnsafeMutablePointer<Double>

  /// Buffers cut from an arena.
  init(_ cutter: inout ArenaCutter, rows: Int, hiddenSize: Int, vocabularySize: Int) {
    derivative = cutter.floats(rows * hiddenSize)
    normalized = cutter.floats(rows * hiddenSize)
    inverseDeviations = cutter.floats(rows)
    transformed = cutter.floats(rows * hiddenSize)
    logits = cutter.floats(rows * vocabularySize)
    losses = cutter.doubles(rows)
  }
}
