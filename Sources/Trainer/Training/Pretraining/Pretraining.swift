// Pre-training of a language model: one training, in steps that can be interrupted between any two and continue with
// the same bytes. It writes a model folder, its metrics and its checkpoint; it knows neither trials nor the farm.

import Arithmetics
import Datasets
import Digests
import Files
import Foundation
import Kernels
import ModelFiles
import Optimizers
import Schedules
import SeedStreams
import Tables
import Tokenization
import Transformer
import Trials
import WeightFiles

/// A row of metrics.csv.
package struct PretrainingMetrics: Equatable, Sendable {
  /// Completed updates.
  package var step: Int
  /// The mean loss of the predicted words since the last row, with dropout.
  package var trainLoss: Double
  /// The mean loss of the held-out words, without dropout; its exponential is the perplexity.
  package var heldOutLoss: Double
  /// The mean loss of the classes of held-out pairs, and the share that is told right; nil where nothing is asked of pairs.
  package var pairLoss: Double?
  package var pairAccuracy: Double?
  /// Whose exponential gives the perplexity.
  package var arithmetic = Arithmetic.ofIdentifiers

  /// The columns.
  package static let columns: [Column<PretrainingMetrics>] = [
    Column("step", "The number of completed updates.", role: .key) { .integer($0.step) },
    Column(
      "train_loss", "The mean loss over the predicted words since the row before, with dropout.", .unit("nats")
    ) { .described($0.trainLoss) },
    Column("heldout_loss", "The mean loss over the held-out words, without dropout.", .unit("nats")) {
      .described($0.heldOutLoss)
    },
    Column("heldout_perplexity", "The exponential of `heldout_loss`.") {
      .described($0.arithmetic.exp($0.heldOutLoss))
    },
  ]

  /// The columns behind them where something is asked of two sentences.
  package static let pairColumns: [Column<PretrainingMetrics>] = [
    Column("pair_loss", "The mean loss over the classes of held-out pairs of sentences.", .unit("nats")) {
      .number($0.pairLoss)
    },
    Column("pair_accuracy", "The share of held-out pairs of sentences that are told right.") {
      .number($0.pairAccuracy)
    },
  ]
}

/// A pre-training run in its output folder.
package final class Pretraining {
  /// What decides its bytes.
  package let settings: PretrainingSettings
  /// Completed updates.
  package private(set) var step = 0
  /// Trainable numbers.
  package var parameterCount: Int { model.layout.count }
  /// Held-out sentences.
  package var heldOutCount: Int { source.heldOut.count }

  /// The mean loss on the held-out mask set of a reader who knows the language's grammar; nil for a text, where words are
  /// not masked, and where that reader's loss is not known.
  package lazy var floor: Double? = {
    guard settings.textPath == nil, settings.pairs == nil, task is WordMasking,
      let language = try? BuiltInLanguage.named(settings.language)
    else { return nil }
    let losses = heldOut.map(language.idealLosses)
    guard !losses.contains(nil) else { return nil }
    let all = losses.flatMap { $0 ?? [] }
    return all.reduce(0, +) / Double(all.count)
  }()

  private let output: String
  private let element: StoredElement
  private let numerics: String
  private let model: LanguageModel
  private let gradients: GradientArena
  private let optimizer: Optimizer
  private let updateStep: UpdateStep
  private var source: SentenceSource
  private let task: any LanguageModelTask
  private let heldOut: [PredictedBatch]
  private let vocabulary: ModelFolder.Vocabulary
  private let digest: String
  private var losses = (sum: 0.0, count: 0)
  private let columns: [Column<PretrainingMetrics>]
  private var metrics: String

  private var checkpointPath: String { Self.checkpointPath(in: output) }

  private static func checkpointPath(in output: String) -> String { output + "/checkpoint" }

  /// The digest of the settings of the run whose checkpoint a folder has; nil if it has none that can be read.
  package static func settingsDigest(ofCheckpointIn output: String) -> String? {
    PretrainingCheckpoint.settingsDigest(of: checkpointPath(in: output))
  }

  /// Bytes of weights, gradients and moments.
  static func stateByteCount(_ configuration: EncoderConfiguration, _ settings: PretrainingSettings) -> Int {
    let layout = ParameterLayout(configuration, head: settings.pairs == nil ? .languageModel : .pretraining)
    return MemoryLayout<Float>.stride * CostEstimate.stateCount(layout, settings.optimizer)
  }

  /// A run that begins, or goes on where the folder's checkpoint stands.
  ///
  /// - Parameters:
  ///   - element: What the model folder's weights are stored as; the checkpoint keeps every bit.
  ///   - numerics: What decides the last bits of this process besides the settings.
  ///   - allowsMixedNumerics: Whether to go on from a checkpoint of other numerics.
  ///   - goesOn: Asked again and again while the weights are drawn; it throws to leave.
  /// - Throws: what is wrong with a checkpoint of another run, or a folder with another's model; what `goesOn` throws.
  package init(
    _ inputs: PretrainingInputs, output: String, element: StoredElement = .float32, numerics: String = "",
    allowsMixedNumerics: Bool = false, team: ThreadTeam = .alone, goesOn: () throws -> Void = {}
  ) throws {
    settings = inputs.settings
    source = inputs.source
    task = inputs.task
    heldOut = inputs.heldOut
    vocabulary = inputs.vocabulary
    digest = inputs.digest
    self.output = output
    self.element = element
    self.numerics = numerics
    columns = PretrainingMetrics.columns + (settings.pairs == nil ? [] : PretrainingMetrics.pairColumns)
    metrics = columns.names().joined(separator: ",") + "\n"
    try Arena.require(byteCount: Self.stateByteCount(inputs.configuration, settings))
    model = LanguageModel(configuration: inputs.configuration, relatesPairs: settings.pairs != nil, team: team)
    model.arithmetic = settings.arithmetic
    gradients = GradientArena(model.layout)
    optimizer = Optimizer(settings.optimizer, layout: model.layout, team: team)
    updateStep = UpdateStep(
      optimizer: optimizer,
      schedule: LearningRateSchedule(
        settings.schedule, stepCount: settings.stepCount, settings.arithmetic),
      peakRate: settings.optimizer.learningRate)
    try start(allowsMixedNumerics: allowsMixedNumerics, goesOn)
  }

  private func start(allowsMixedNumerics: Bool, _ goesOn: () throws -> Void) throws {
    guard FileManager.default.fileExists(atPath: checkpointPath) else {
      // The checkpoint is always written first.
      for name in ["model.safetensors", "journal.jsonl"]
      where FileManager.default.fileExists(atPath: "\(output)/\(name)") {
        throw TrainingError(
          "\(output) has a \(name) but no checkpoint, so it is not from pre-training and would be written over; take "
            + "another folder")
      }
      return try model.initialize(seed: settings.seed, goesOn: goesOn)
    }
    let checkpoint = try PretrainingCheckpoint(
      checkpointPath, settingsDigest: digest, stepCount: settings.stepCount,
      numerics: allowsMixedNumerics ? nil : numerics, into: [model.parameters] + optimizer.moments)
    optimizer.resume(after: checkpoint.step)
    step = checkpoint.step
    losses = (checkpoint.lossSum, checkpoint.lossCount)
    metrics = checkpoint.metrics
  }

  /// Makes steps until the last one or until `stops` says so, which is asked before every step; then everything is on the
  /// disk. `report` is told every row of metrics.
  ///
  /// - Throws: `TrainingError` when a loss or, at a stop, a weight is not finite or the disk fails; what `stops` throws, and
  ///   then nothing more is written. The last checkpoint stays.
  package func run(stops: (_ step: Int) throws -> Bool, report: (PretrainingMetrics) -> Void) throws {
    var isUnproved = false
    while step < settings.stepCount {
      if try stops(step) { break }
      try makeStep()
      isUnproved = true
      if step % settings.evaluateEvery == 0 || step == settings.stepCount {
        let judged = heldOutLosses(heldOut)
        let pairCount = Double(judged.pairs.count)
        let row = PretrainingMetrics(
          step: step, trainLoss: losses.sum / Double(losses.count), heldOutLoss: Self.mean(judged.tokens),
          pairLoss: settings.pairs.map { _ in Self.mean(judged.pairs) },
          pairAccuracy: settings.pairs.map { _ in Double(judged.correctPairCount) / pairCount },
          arithmetic: settings.arithmetic)
        guard row.heldOutLoss.isFinite else {
          throw TrainingError("step \(step): the held-out loss is \(row.heldOutLoss); \(Self.cure)")
        }
        isUnproved = false
        losses = (0, 0)
        metrics += columns.line(row)
        report(row)
        if step < settings.stepCount { try save() }
      }
    }
    if isUnproved { try proveWeights() }
    try save()
  }

  /// Refuses weights that the last step spoilt, without the time that all held-out sentences take.
  private func proveWeights() throws {
    let loss = Self.mean(heldOutLosses(heldOut.prefix(1)).tokens)
    guard loss.isFinite, model.parameters.allSatisfy(\.isFinite) else {
      throw TrainingError("step \(step): the held-out loss is \(loss) or a weight is not finite; \(Self.cure)")
    }
  }

  private static let cure = "a smaller --learning-rate or a longer --warmup may help"

  private func makeStep() throws {
    var stream = SeedStream(seed: settings.seed, purpose: .languageModelMask, step: UInt32(step))
    let predicted = task.predictions(
      in: source.batch(step: step, size: settings.batchSize, seed: settings.seed), &stream)
    let sequences = PackedSequences(predicted.batch)
    optimizer.catchUp(model.parameters, model.layout.touchedRows(sequences))
    let plan = DropoutPlan(seed: settings.seed, step: UInt32(step), model.configuration)
    let all = model.lossesAndGradients(
      of: sequences, masked: MaskedTokens(predicted), pairs: classes(of: predicted),
      dropout: plan.dropsAny ? plan : nil, into: gradients)
    let found = all.tokens
    let sum = found.reduce(0, +)
    let norms = GradientNorms(of: gradients, on: model.team)
    guard sum.isFinite, all.pairs.allSatisfy(\.isFinite), norms.total.isFinite else {
      throw TrainingError(
        "step \(step + 1): the loss is \(sum / Double(found.count)) and the gradient's norm "
          + "\(norms.total); \(Self.cure)")
    }
    _ = updateStep.make(model.parameters, gradients: gradients, norms: norms, completed: step)
    step += 1
    losses = (losses.sum + sum, losses.count + found.count)
  }

  /// What the sequences' classes are, where something is asked of two sentences.
  private func classes(of predicted: PredictedBatch) -> [Int32]? {
    settings.pairs.map { _ in predicted.batch.classes }
  }

  /// The losses on held-out sentences: those of the fixed mask set, or some of them.
  private func heldOutLosses(_ batches: some Sequence<PredictedBatch>) -> LanguageModelLosses {
    optimizer.settle(model.parameters)
    return batches.reduce(into: LanguageModelLosses()) { all, batch in
      let (sequences, masked) = (PackedSequences(batch.batch), MaskedTokens(batch))
      guard let classes = classes(of: batch) else {
        all.tokens += model.losses(of: sequences, masked: masked)
        return
      }
      let found = model.losses(of: sequences, masked: masked, pairs: classes)
      all.tokens += found.tokens
      all.pairs += found.pairs
      all.correctPairCount += found.correctPairCount
    }
  }

  private static func mean(_ losses: [Double]) -> Double { losses.reduce(0, +) / Double(losses.count) }

  /// Writes checkpoint, metrics, mask set and model folder.
  private func save() throws {
    optimizer.settle(model.parameters)
    try RawFile.createFolder(output)
    func path(_ name: String) -> String { "\(output)/\(name)" }
    let checkpoint = PretrainingCheckpoint(
      settingsDigest: digest, numerics: numerics, step: step, lossSum: losses.sum, lossCount: losses.count,
      metrics: metrics)
    try checkpoint.write(
      [model.parameters] + optimizer.moments,
      to: WholeFile(path: path("checkpoint"), owner: "pretraining", durability: .contents))
    for (name, text) in [("metrics.csv", metrics), ("mask_set.jsonl", heldOut.map(\.lines).joined())] {
      try WholeFile.write(text, to: path(name), owner: "pretraining", durability: .contents)
    }
    try ModelFolder.write(
      model, vocabulary: vocabulary, lowercases: settings.lowercases, as: element, to: output)
  }
}

extension MaskedTokens {
  fileprivate init(_ batch: PredictedBatch) { self.init(indices: batch.indices, targets: batch.targets) }
}
