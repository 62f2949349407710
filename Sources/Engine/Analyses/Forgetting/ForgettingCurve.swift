// What fine-tuning forgot (arXiv 2006.04884, section 4.1): the masked-language-model perplexity of a fine-tuned encoder
// whose top k layers are the pre-trained ones again, under the pre-trained head and decoder.

import Foundation
import Kernels
import Reports
import Storage
import Tables
import Training
import Transformer
import Trials

/// Perplexities of a run with its top layers reset.
package struct ForgettingCurve: Equatable, Sendable {
  /// The mean loss over masked tokens with k = 0, 1, ... layers reset, then with the embeddings reset as well.
  package let losses: [Double]
  /// The pre-trained model's.
  package let pretrainedLoss: Double

  /// A curve of losses: one for each k from 0 to the number of layers, and one more.
  package init(losses: [Double], pretrainedLoss: Double) {
    self.losses = losses
    self.pretrainedLoss = pretrainedLoss
  }

  /// Layers of the encoder.
  package var layerCount: Int { losses.count - 2 }
  /// The perplexity at each k, embeddings as fine-tuned.
  package var perplexities: [Double] { losses.dropLast().map(exp) }
  /// The pre-trained model's.
  package var pretrainedPerplexity: Double { exp(pretrainedLoss) }
  /// The least k whose perplexity is at most twice the pre-trained model's; nil where none is.
  package var recoveryCount: Int? { perplexities.firstIndex { $0 <= 2 * pretrainedPerplexity } }
  /// The k of the highest perplexity.
  package var peak: Int { perplexities.indices.max { perplexities[$0] < perplexities[$1] } ?? 0 }
}

/// Resets layers of fine-tuned models and judges them by one mask set.
package final class ForgettingAnalysis {
  private let pretrained: LanguageModel
  private let tuned: LanguageModel
  private let masks: MaskSet

  /// The analysis of models that were fine-tuned from a folder.
  ///
  /// - Throws: `ModelFileError` for a folder without a masked-language-model head.
  package init(pretrained folder: ModelFolder, masks: MaskSet, team: ThreadTeam = .alone) throws {
    pretrained = LanguageModel(configuration: folder.configuration, team: team)
    try folder.load(into: pretrained)
    tuned = LanguageModel(configuration: folder.configuration, team: team)
    self.masks = masks
  }

  /// The curve of a kept model folder, whose weights have a digest if one is given.
  ///
  /// - Throws: as `KeptModel.load`.
  package func curve(ofWeights path: String, digest: String? = nil) throws -> ForgettingCurve {
    let labelCount = try ModelFolder(path).headLabelCount ?? 1
    let kept = Classifier(configuration: pretrained.configuration, labelCount: labelCount)
    try KeptModel.load(path, into: kept, digest: digest)
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
    return ForgettingCurve(losses: losses, pretrainedLoss: pretrainedLoss)
  }

  /// The pre-trained model's mean loss over the masked tokens.
  package private(set) lazy var pretrainedLoss = meanLoss(of: pretrained)

  private func reset(_ group: ParameterLayout.Group) {
    for tensor in tuned.layout.tensors where tensor.group == group {
      for place in tensor.range { tuned.parameters[place] = pretrained.parameters[place] }
    }
  }

  private func meanLoss(of model: LanguageModel) -> Double {
    let losses = masks.batches.flatMap { model.losses(of: $0.sequences, masked: $0.masked, headOf: pretrained) }
    return losses.reduce(0, +) / Double(losses.count)
  }
}

/// forgetting.csv and forgetting_summary.csv.
package enum ForgettingTables {
  /// A run and its curve.
  private struct Run {
    var run: JudgedRun
    var curve: ForgettingCurve
  }

  /// A point of a run's curve.
  private struct Point {
    var run: Run
    var index: Int

    var loss: Double { run.curve.losses[index] }
  }

  private static let pointColumns: [Column<Point>] =
    JudgedRun.columns.of(\.run.run) + [
      Column("layers_reset", "How many of the top layers are the pre-trained ones again.", role: .key) {
        .integer(min($0.index, $0.run.curve.layerCount))
      },
      Column("embeddings_reset", "Whether the embeddings are the pre-trained ones, too.", role: .key) {
        .flag($0.index > $0.run.curve.layerCount)
      },
      Column("loss", "The mean loss over the masked words.", .unit("nats")) { .number($0.loss) },
      Column("perplexity", "Its exponential.") { .number(exp($0.loss)) },
    ]

  private static let runColumns: [Column<Run>] =
    JudgedRun.columns.of(\.run) + [
      Column("layer_count", "The layers of the encoder.") { .integer($0.curve.layerCount) },
      Column("perplexity_pretrained", "The perplexity of the pre-trained model.") {
        .number($0.curve.pretrainedPerplexity)
      },
      Column("perplexity_0", "The perplexity of the fine-tuned encoder, nothing reset.") {
        .number($0.curve.perplexities[0])
      },
      Column("perplexity_peak", "The highest perplexity, embeddings as fine-tuned.") {
        .number($0.curve.perplexities[$0.curve.peak])
      },
      Column("layers_at_peak", "The layers reset there.") { .integer($0.curve.peak) },
      Column(
        "layers_to_recover",
        "The fewest layers reset with which the perplexity is at most twice the pre-trained model's; empty where none is."
      ) { .integer($0.curve.recoveryCount) },
      Column("perplexity_all_layers", "The perplexity with all layers reset.") {
        .number($0.curve.perplexities[$0.curve.layerCount])
      },
      Column("perplexity_all", "The perplexity with layers and embeddings reset.") {
        .number(exp($0.curve.losses[$0.curve.losses.count - 1]))
      },
    ]

  /// The tables as their reference describes them.
  package static let references = [
    TableReference(
      "forgetting.csv",
      "One row a run and number of top layers that are reset to the pre-trained ones: the perplexity of the masked language "
        + "model (arXiv 2006.04884, section 4.1). Written by `analyze forgetting`.", pointColumns),
    TableReference("forgetting_summary.csv", "One row a run. Written by `analyze forgetting`.", runColumns),
  ]

  /// Writes the two tables of curves.
  ///
  /// - Throws: `FileError`.
  package static func write(_ curves: [(run: JudgedRun, curve: ForgettingCurve)], to folder: RunFolder) throws {
    let runs = curves.map { Run(run: $0.run, curve: $0.curve) }
    let points = runs.flatMap { run in run.curve.losses.indices.map { Point(run: run, index: $0) } }
    try pointColumns.write(points, to: folder.path(of: .forgetting))
    try runColumns.write(runs, to: folder.path(of: .forgettingSummary))
  }
}
