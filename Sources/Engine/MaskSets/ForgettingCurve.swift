// What fine-tuning forgot (arXiv 2006.04884, section 4.1): the masked-language-model perplexity of a fine-tuned encoder
// whose top k layers are the pre-trained ones again, under the pre-trained head and decoder.

import Arithmetics
import Kernels
import Training
import Transformer

/// Perplexities of a trial's weights with their top layers reset.
package struct ForgettingCurve: Codable, Equatable, Sendable {
  /// The mean loss over masked tokens with k = 0, 1, ... layers reset, then with the embeddings reset as well.
  package let losses: [Double]
  /// The pre-trained model's.
  package let pretrainedLoss: Double
  /// What computed the losses, and computes their exponentials.
  package let arithmetic: Arithmetic

  /// A curve of losses: one for each k from 0 to the number of layers, and one more.
  package init(losses: [Double], pretrainedLoss: Double, _ arithmetic: Arithmetic = .ofIdentifiers) {
    self.losses = losses
    self.pretrainedLoss = pretrainedLoss
    self.arithmetic = arithmetic
  }

  /// Decodes a curve that another rank sent.
  ///
  /// - Throws: `DecodingError`, also if there are fewer losses than a model of one layer has.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    losses = try fields.decode([Double].self, forKey: .losses)
    pretrainedLoss = try fields.decode(Double.self, forKey: .pretrainedLoss)
    arithmetic = try fields.decode(Arithmetic.self, forKey: .arithmetic)
    guard losses.count >= 3 else {
      throw DecodingError.dataCorruptedError(
        forKey: .losses, in: fields, debugDescription: "a curve has a loss for 0 and 1 layers and one more")
    }
  }

  /// Layers of the encoder.
  package var layerCount: Int { losses.count - 2 }
  /// The perplexity at each k, embeddings as fine-tuned.
  package var perplexities: [Double] { losses.dropLast().map(arithmetic.exp) }
  /// The pre-trained model's.
  package var pretrainedPerplexity: Double { arithmetic.exp(pretrainedLoss) }
  /// The least k whose perplexity is at most twice the pre-trained model's; nil if no k has one.
  package var recoveryCount: Int? { perplexities.firstIndex { $0 <= 2 * pretrainedPerplexity } }
  /// The k of the highest perplexity.
  package var peak: Int { perplexities.indices.max { perplexities[$0] < perplexities[$1] } ?? 0 }
}

/// Resets layers of fine-tuned models and measures their loss on one mask set.
package final class ForgettingMeter {
  private let pretrained: LanguageModel
  private let tuned: LanguageModel
  private let masks: MaskSet
  /// What computes the losses.
  package var arithmetic: Arithmetic { tuned.arithmetic }
  /// What their products are rounded to.
  package var precision: ProductPrecision { tuned.precision }

  /// The analysis of models that were fine-tuned from a folder.
  ///
  /// - Throws: `ModelFileError` for a folder without a masked-language-model head.
  package init(
    pretrained folder: ModelFolder, masks: MaskSet, _ arithmetic: Arithmetic = .ofIdentifiers,
    _ precision: ProductPrecision = .float32, team: ThreadTeam = .alone
  ) throws {
    pretrained = LanguageModel(configuration: folder.configuration, team: team)
    try folder.load(into: pretrained)
    tuned = LanguageModel(configuration: folder.configuration, team: team)
    self.masks = masks
    for model in [pretrained, tuned] { (model.arithmetic, model.precision) = (arithmetic, precision) }
  }

  /// The curve of a kept model folder. If a digest is given, its weights must have it.
  ///
  /// - Throws: as `KeptModel.load`.
  package func curve(ofWeights path: String, digest: String? = nil) throws -> ForgettingCurve {
    let folder = try ModelFolder(path)
    let kept = Classifier(configuration: pretrained.configuration, labelCount: folder.headLabelCount ?? 1)
    try KeptModel.load(folder, into: kept, digest: digest)
    for tensor in tuned.layout.tensors where tensor.group != .head {
      guard let own = kept.layout[tensor.name] else { preconditionFailure("both have the same encoder") }
      _ = UnsafeMutableBufferPointer(rebasing: tuned.parameters[tensor.range])
        .update(fromContentsOf: kept.parameters[own.range])
    }
    let layerCount = pretrained.configuration.layerCount
    var losses = [meanLoss(of: tuned)]
    for count in 1...layerCount {
      reset(.layer(layerCount - count))
      losses.append(meanLoss(of: tuned))
    }
    reset(.embeddings)
    losses.append(meanLoss(of: tuned))
    return ForgettingCurve(losses: losses, pretrainedLoss: pretrainedLoss, arithmetic)
  }

  /// The pre-trained model's mean loss over the masked tokens.
  package private(set) lazy var pretrainedLoss = meanLoss(of: pretrained)

  private func reset(_ group: ParameterLayout.Group) {
    for tensor in tuned.layout.tensors where tensor.group == group {
      for index in tensor.range { tuned.parameters[index] = pretrained.parameters[index] }
    }
  }

  private func meanLoss(of model: LanguageModel) -> Double {
    let losses = masks.batches.flatMap { model.losses(of: $0.sequences, masked: $0.masked, headOf: pretrained) }
    return losses.reduce(0, +) / Double(losses.count)
  }
}
