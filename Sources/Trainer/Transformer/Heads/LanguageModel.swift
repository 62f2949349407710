// An encoder with a language-model head: in most families dense, activation and layer norm, then a decoder whose weight is the
// word table (Devlin et al. 2019), or one of its own. It reads the tokens that predict alone. Which they are is not its business.

import Architectures
import Kernels

/// The tokens of a batch whose outputs predict: masked ones, or those before the predicted ones.
package struct MaskedTokens: Equatable, Sendable {
  /// Their indices in the packed batch, ascending, (predicted).
  package let indices: [Int]
  /// What they predict: the words that were masked, or that come next, (predicted).
  package let targets: [Int32]

  /// Masked tokens; the two arrays must agree.
  package init(indices: [Int], targets: [Int32]) {
    precondition(indices.count == targets.count, "\(indices.count) masked tokens but \(targets.count) targets")
    precondition(zip(indices, indices.dropFirst()).allSatisfy(<), "the indices of masked tokens must ascend")
    self.indices = indices
    self.targets = targets
  }

  /// Where the masked tokens of each sequence begin, and at the end their number, (sequences + 1).
  func offsets(in batch: PackedSequences) -> [Int] {
    precondition(
      indices.allSatisfy { (0..<batch.tokenCount).contains($0) },
      "a masked token lies outside the batch of \(batch.tokenCount) tokens")
    var next = 0
    return batch.offsets.map { start in
      while next < indices.count && indices[next] < start { next += 1 }
      return next
    }
  }
}

/// A masked language model (as Hugging Face's `BertForMaskedLM`).
package final class LanguageModel: EncoderModel {
  private var head: LanguageModelActivations

  package init(configuration: EncoderConfiguration, team: ThreadTeam = .alone) {
    var measure = ArenaCutter(arena: nil)
    head = LanguageModelActivations(&measure, rows: 0, configuration)
    super.init(configuration, head: .languageModel, team: team)
  }

  /// The loss of each masked token without dropout: -log of the share the model gives the word that stood there. With
  /// another model's head, its decoder included, only the encoder is this model's.
  package func losses(
    of batch: PackedSequences, masked: MaskedTokens, headOf other: LanguageModel? = nil
  ) -> [Double] {
    precondition(other == nil || other?.configuration == configuration, "the other head must have the same sizes")
    return run(batch, masked, training: false) { tokens, chosen in
      forward(tokens, chosen, dropout: nil, head: (other ?? self).tensors)
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
      forward(tokens, chosen, dropout: dropout, head: tensors)
      decode(masked, gradientScale: 1 / Double(chosen.count))
      gradients.startStep(batch)
      backwardHead(gradients.tensors)
      backwardEncoder(tokens, chosen, gradients)
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
    withPackedTokens(batch, reading: masked.indices, from: masked.offsets(in: batch)) { tokens, chosen in
      workspace.prepare(tokens, chosen, training: training) { cutter in
        head = LanguageModelActivations(&cutter, rows: chosen.count, configuration)
      }
      passes(tokens, chosen)
      losses = Array(UnsafeBufferPointer(start: head.losses, count: chosen.count))
    }
    return losses
  }

  private func forward(
    _ tokens: PackedTokens, _ chosen: ChosenTokens, dropout: DropoutPlan?, head headTensors: ModelTensors
  ) {
    let weights = LanguageModelTensors(headTensors.set)
    let hidden = forwardEncoder(tokens, chosen, dropout: dropout)
    if let transform = head.transform, let weights = weights.transform {
      products.linearForward(hidden, weights.dense, into: transform.derivative)
      transform.activation.forward(transform.derivative, into: transform.norm.values, on: team)
      layerNormForward(
        transform.norm, tensors: weights.norm, epsilon: Float(configuration.layerNormEpsilon), on: team)
    }
    products.outputForward(head.transform?.norm.output ?? hidden, weights.decoder, into: head.logits)
  }

  /// From logits to losses; with a scale the logits become their gradient.
  private func decode(_ masked: MaskedTokens, gradientScale: Double?) {
    vocabularyLoss(
      head.logits, targets: masked.targets, losses: head.losses, gradientScale: gradientScale, arithmetic, on: team)
  }

  /// Leaves the gradient of the masked tokens in `workspace.gradients.chosen.norm`. The gradient of a decoder's weight
  /// that is the word table overwrites the table's, to which the embeddings add theirs at the end of the backward pass.
  private func backwardHead(_ gradients: ModelTensors) {
    let (weights, gradients) = (LanguageModelTensors(tensors.set), LanguageModelTensors(gradients.set))
    let inputGradient = workspace.gradients.chosen.norm
    guard let transform = head.transform, let own = weights.transform, let ownGradients = gradients.transform else {
      return products.outputBackward(
        head.logits, weights.decoder, gradients.decoder, input: workspace.output, into: inputGradient)
    }
    let values = transform.gradient ?? workspace.gradients.first(head.logits.count).values
    products.outputBackward(
      head.logits, weights.decoder, gradients.decoder, input: transform.norm.output, into: values)
    layerNormBackward(values, transform.norm, tensors: own.norm, tensorGradients: ownGradients.norm, on: team)
    Activation.backward(values, derivative: transform.derivative, biasGradient: ownGradients.dense.bias, on: team)
    products.linearBackward(values, own.dense, ownGradients.dense, input: workspace.output, into: inputGradient)
  }
}

extension LanguageModel {
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
      _ = LanguageModelActivations(&cutter, rows: chosen, configuration)
    }
  }
}

private struct LanguageModelTensors {
  /// The dense layer before the decoder and its norm; nil where the family has none.
  let transform: (dense: LinearTensors, norm: LayerNormTensors)?
  /// The word table or another weight, (vocabulary, embedding), and a bias, (vocabulary), if there is one.
  let decoder: OutputTensors

  init(_ set: TensorSet) {
    let configuration = set.layout.configuration
    let shape = configuration.architecture.languageModelHead
    transform = shape.transform == nil ? nil : (set.linear(.transform), set.norm(.transform))
    decoder =
      configuration.sharesWordTable
      ? OutputTensors(weight: set.matrix(.embedding(.words)), bias: shape.hasBias ? set[.decoderBias] : nil)
      : set.output(.decoder)
  }
}

/// The buffers of what stands before the decoder, one row for each predicted token.
private struct TransformActivations {
  let activation: Activation
  /// (predicted, embedding): the dense layer's output, then the activation's derivative.
  let derivative: Rows
  /// (predicted, embedding) each: the activation's output, then its normalized rows; and what the decoder reads.
  let norm: NormBuffers
  /// (predicted, embedding): of what the decoder reads; nil where the encoder's buffers are as wide.
  let gradient: Rows?

  init(
    _ cutter: inout ArenaCutter, rows: Int, _ configuration: EncoderConfiguration,
    _ transform: LanguageModelHead.Transform
  ) {
    activation =
      switch transform {
      case .ofEncoder: configuration.activation
      case .fixed(let activation): activation
      }
    let width = configuration.embeddingSize
    derivative = cutter.rows(rows, width)
    norm = NormBuffers(
      values: cutter.rows(rows, width), inverseDeviations: cutter.floats(rows), output: cutter.rows(rows, width))
    gradient = width == configuration.hiddenSize ? nil : cutter.rows(rows, width)
  }
}

/// The head's buffers, one row for each predicted token.
private struct LanguageModelActivations {
  /// What stands before the decoder; nil where the family has nothing there.
  let transform: TransformActivations?
  /// (predicted, vocabulary): the logits, then their gradient.
  let logits: Rows
  /// (predicted).
  let losses: UnsafeMutablePointer<Double>

  init(_ cutter: inout ArenaCutter, rows: Int, _ configuration: EncoderConfiguration) {
    transform = configuration.architecture.languageModelHead.transform.map {
      TransformActivations(&cutter, rows: rows, configuration, $0)
    }
    logits = cutter.rows(rows, configuration.vocabularySize)
    losses = cutter.doubles(rows)
  }
}
