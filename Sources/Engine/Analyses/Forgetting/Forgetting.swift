// The analysis `forgetting`: what fine-tuning forgot (forgetting.csv, forgetting_summary.csv, failed_curves.csv). The measurement
// is in `ForgettingCurve`, the sentences are in `MaskSet`; this file chooses the trials, gives each to a rank and writes the tables.

import Arithmetics
import CommandLine
import Foundation
import Kernels
import MaskSets
import Storage
import Tables
import Transformer
import Trials

/// What fine-tuning forgot.
package struct Forgetting: Analysis {
  package static let name = "forgetting"
  package static let summary = """
    the masked-language-model perplexity of the first failed and successful runs with their top k layers
    pre-trained again, and the mean curves of failed runs
    """
  private static let runs = Flag("--runs", "N", "how many failed and how many successful runs", .count(), default: 3)
  private static let text = Flag(
    "--text", "FILE", "sentences to mask, one on each line", .text, unset: "the built-in language")
  private static let maskSet = Flag(
    "--mask-set", "FILE", "the saved mask set, drawn if missing", .text, unset: "mask_set.jsonl")
  private static let pretrained = Flag(
    "--pretrained", "MODEL", "the pre-trained folder, where it has moved", .text)
  package static let flags: [any FlagDeclaration] = [
    AnalysisFlags.retrain, Flag.analysisProcesses, runs, text, maskSet, pretrained,
  ]
  static let points = table("forgetting")
  static let scalars = table("forgetting_summary")
  static let failedCurves = table("failed_curves")
  package static let tables = [points, scalars, failedCurves]
  package static let references = ForgettingTables.references + [FailedCurves.reference]
  package static let readsWeights = true

  private let retrains: Bool
  private let trialCount: Int
  private let textPath: String?
  private let maskSetPath: String?
  private let pretrained: String?

  package init(_ given: Given) {
    retrains = given[AnalysisFlags.retrain]
    trialCount = given[Self.runs]
    textPath = given[Self.text]
    maskSetPath = given[Self.maskSet]
    pretrained = given[Self.pretrained]
  }

  package func rounds(of request: AnalysisRequest) -> [any AnalysisRound] { [CurveRound()] }

  package func perform(_ work: AnalysisWork) throws {
    let opened = try openedModel(of: work.trials)
    let chosen = try JudgedTrial.first(trialCount, of: work.trials)
    let analyzed = chosen.failed + chosen.successful
    let model = try pretrainedModel(of: analyzed.map(\.trial), opened)
    try work.requireUnchanged(model, of: analyzed[0].trial)
    let missing = try work.missingWeights(of: analyzed, retrains: retrains)
    let masks = maskSetPath ?? work.request.output + "/mask_set.jsonl"
    let set = try maskSet(masks, for: model)
    say(
      "\(analyzed.count) runs, \(chosen.failed.count) of them failed; \(set.maskedCount) masked tokens in "
        + "\(set.sentenceCount) sentences (\(masks))")
    try work.retrain(missing, of: analyzed)
    let jobs = analyzed.map { trial in
      CurveRound.Job(
        model: model.path, maskSet: masks, weights: work.kept.path(of: trial.identifier),
        digest: trial.outcome.weightsDigest ?? "", arithmetic: trial.trial.configuration.training.arithmetic,
        precision: ProductPrecision(trial.trial.configuration.training.precision))
    }
    let curves = zip(analyzed, try work.perform(jobs, of: CurveRound.self)).map { (trial: $0, curve: $1) }
    try ForgettingTables.write(curves, to: work.output)
    try FailedCurves.write(work.trials, to: work.output)
    for (trial, curve) in curves { say(Self.line(trial, curve)) }
    work.report(Self.tables)
  }

  /// The pre-trained model of the first trial, or the one that is named; nil where that has none. One whose layers are applications
  /// of one is refused, whichever runs would be chosen.
  private func openedModel(of trials: [JudgedTrial]) throws -> ModelFolder? {
    guard let path = pretrained ?? trials.first?.configuration.model.path else { return nil }
    let model = try ModelFolder(path)
    let family = model.configuration.architecture
    guard !family.sharesLayers else {
      throw AnalysisError(
        "\(model.path): all layers of model_type \"\(family.modelType)\" are applications of one, so none can be reset to the "
          + "pre-trained one by itself")
    }
    return model
  }

  /// The one model that trials started from; `opened` is one that is open already.
  private func pretrainedModel(of trials: [Trial], _ opened: ModelFolder?) throws -> ModelFolder {
    let paths = trials.map(\.configuration.model.path)
    guard let first = paths.first, let own = first, paths.allSatisfy({ $0 == own }) else {
      throw AnalysisError(
        "the runs did not all start from one pre-trained model (model.path), so nothing was forgotten")
    }
    let path = pretrained ?? own
    let model = try opened.flatMap { $0.path == path ? $0 : nil } ?? ModelFolder(path)
    guard model.holdsLanguageModelHead else {
      throw AnalysisError(
        "\(model.weightsPath): there is no masked-language-model head, so what was forgotten cannot be measured; a folder of "
          + "'seedsweep pretrain' has one")
    }
    return model
  }

  /// The mask set at `path`, which is drawn first if the file is missing.
  private func maskSet(_ path: String, for model: ModelFolder) throws -> MaskSet {
    if !FileManager.default.fileExists(atPath: path) {
      try MaskSet.create(path, for: model, textPath: textPath)
    } else if let textPath, try !MaskSet.isDrawn(path, from: textPath) {
      throw AnalysisError(
        "\(path) is there already, and not known to be drawn from \(textPath); remove it, or name another with --mask-set, to "
          + "draw from that")
    }
    return try MaskSet(contentsOf: path, for: model)
  }

  private static func line(_ trial: JudgedTrial, _ curve: ForgettingCurve) -> String {
    let recovery =
      curve.recoveryCount.map { "at most twice the pre-trained with \($0) layers reset" } ?? "never near it"
    return String(
      format: "%@ %@: perplexity %.4g, pre-trained %.4g, %@ of %d", trial.identifier,
      trial.failure == nil ? "successful" : "failed", curve.perplexities[0], curve.pretrainedPerplexity, recovery,
      curve.layerCount)
  }
}

/// Measures the curves of kept weights.
struct CurveRound: AnalysisRound {
  /// The weights of one trial. All jobs of a round have the same model and mask set.
  struct Job: Codable, Equatable, Sendable {
    /// The pre-trained model's folder.
    let model: String
    /// The mask set's file.
    let maskSet: String
    /// The trial's kept model folder.
    let weights: String
    /// The SHA-256 of its weights. No weights have the empty one.
    let digest: String
    /// What computed the trial, and computes its losses.
    let arithmetic: Arithmetic
    /// What products of either are rounded to.
    let precision: ProductPrecision
  }

  typealias Answer = ForgettingCurve

  static let name = "runs"

  func worker(rank: Int) -> (Job) throws -> Answer {
    var analysis: ForgettingMeter?
    return { job in
      let present: ForgettingMeter
      if let analysis, analysis.arithmetic == job.arithmetic, analysis.precision == job.precision {
        present = analysis
      } else {
        let model = try ModelFolder(job.model)
        present = try ForgettingMeter(
          pretrained: model, masks: MaskSet(contentsOf: job.maskSet, for: model), job.arithmetic, job.precision)
        analysis = present
      }
      return try present.curve(ofWeights: job.weights, digest: job.digest)
    }
  }
}

/// forgetting.csv and forgetting_summary.csv.
package enum ForgettingTables {
  /// A run and its curve.
  private struct Run {
    var run: JudgedTrial
    var curve: ForgettingCurve
  }

  /// A point of a run's curve.
  private struct Point {
    var run: Run
    var index: Int

    var loss: Double { run.curve.losses[index] }
    var perplexity: Double { run.curve.arithmetic.exp(loss) }
  }

  private static let pointColumns: [Column<Point>] =
    JudgedTrial.columns.of(\.run.run) + [
      Column("layers_reset", "How many of the top layers are the pre-trained ones again.", role: .key) {
        .integer(min($0.index, $0.run.curve.layerCount))
      },
      Column("embeddings_reset", "Whether the embeddings are the pre-trained ones, too.", role: .key) {
        .flag($0.index > $0.run.curve.layerCount)
      },
      Column("loss", "The mean loss over the masked words.", .unit("nats")) { .number($0.loss) },
      Column("perplexity", "Its exponential.") { .number($0.perplexity) },
    ]

  private static let runColumns: [Column<Run>] =
    JudgedTrial.columns.of(\.run) + [
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
        .number($0.curve.arithmetic.exp($0.curve.losses[$0.curve.losses.count - 1]))
      },
    ]

  /// The tables as their reference describes them.
  package static let references = [
    TableReference(
      "forgetting.csv",
      "One row for each run and number of top layers that are reset to the pre-trained ones: the perplexity of the masked language "
        + "model (arXiv 2006.04884, section 4.1). Written by `analyze forgetting`.", pointColumns),
    TableReference("forgetting_summary.csv", "One row for each run. Written by `analyze forgetting`.", runColumns),
  ]

  /// Writes the two tables of curves.
  ///
  /// - Throws: `FileError`.
  package static func write(_ curves: [(trial: JudgedTrial, curve: ForgettingCurve)], to folder: RunFolder) throws {
    let runs = curves.map { Run(run: $0.trial, curve: $0.curve) }
    let points = runs.flatMap { run in run.curve.losses.indices.map { Point(run: run, index: $0) } }
    try pointColumns.write(points, to: folder.path(of: Forgetting.points))
    try runColumns.write(runs, to: folder.path(of: Forgetting.scalars))
  }
}
