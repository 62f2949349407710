// Pre-training of a masked language model: one run, in steps that can be interrupted between any two and continue with
// the same bytes. It writes a model folder, its metrics and its checkpoint; it knows neither trials nor the farm.

import Datasets
import Digests
import Files
import Foundation
import Kernels
import SeedStreams
import Tables
import Tokenization
import Transformer
import Trials

/// What decides every byte of a pre-training run.
package struct PretrainingSettings: Equatable, Sendable {
  /// A text of one sentence a line; nil for the built-in language.
  package var textPath: String?
  /// A `vocab.txt`; nil for the built-in language's words.
  package var vocabularyPath: String?
  /// Whether the tokenizer lower-cases.
  package var lowercases = true
  /// The encoder's sizes; the vocabulary's is counted.
  package var shape = EncoderShape()
  /// Dropout everywhere.
  package var dropout = 0.1
  /// Updates.
  package var stepCount = 10_000
  /// Sentences a step.
  package var batchSize = 32
  /// Steps between two evaluations.
  package var evaluateEvery = 500
  /// The optimizer.
  package var optimizer = OptimizerSpecification()
  /// The rate over the run.
  package var schedule = ScheduleSpecification()
  /// The seed of weights, order, masks and dropout.
  package var seed: UInt64 = 1

  /// The defaults: Adam as PyTorch's AdamW has it, with bias correction.
  package init() {
    optimizer.algorithm = .torch
    optimizer.biasCorrection = true
    optimizer.learningRate = 5e-4
  }
}

/// What a run of some settings reads, and what it will take: known before anything is written or the model is made.
package struct PretrainingInputs {
  /// What decides the run's bytes.
  package let settings: PretrainingSettings
  /// Bytes that the run takes at most beside the program: weights, gradients and moments, the sentences, and the buffers of
  /// the largest batch.
  package let byteCount: Int
  let configuration: EncoderConfiguration
  let vocabulary: ModelFolder.Vocabulary
  let masking: WordMasking
  let source: SentenceSource
  let heldOut: [WordMasking.Masked]
  let digest: String

  /// Reads vocabulary and text.
  ///
  /// - Throws: what is wrong with the settings or a file.
  package init(_ settings: PretrainingSettings) throws {
    self.settings = settings
    let source = settings.vocabularyPath.map {
      VocabularySource.files(TokenizerFiles(.wordPiece(lowercases: settings.lowercases), vocabularyPath: $0))
    }
    let tokenizer = try (source ?? .synthetic).tokenizer()
    vocabulary = (source ?? .synthetic).written.vocabulary
    configuration = settings.encoder(vocabularySize: tokenizer.vocabularySize)
    for problems in [settings.trial.problems, configuration.problems] where !problems.isEmpty {
      throw TrainingError(problems.joined(separator: "; "))
    }
    masking = try WordMasking(tokenizer)
    let length = configuration.longestSequence
    if let path = settings.textPath {
      self.source = try SentenceSource(contentsOf: path, tokenizer: tokenizer, masking: masking, maximumLength: length)
    } else {
      self.source = SentenceSource(syntheticFor: tokenizer, maximumLength: length)
    }
    heldOut = self.source.heldOutBatches(masking, size: EvaluationSet.batchSize)
    digest = try settings.digest(tokenizer.vocabulary)
    byteCount = Self.byteCount(settings, configuration, self.source)
  }

  private static func byteCount(
    _ settings: PretrainingSettings, _ configuration: EncoderConfiguration, _ source: SentenceSource
  ) -> Int {
    func activations(_ lengths: [Int], training: Bool) -> Int {
      // As many words as are masked on average, and at least one a sentence.
      let maskedCounts = lengths.map { max(1, Int((WordMasking.probability * Double($0)).rounded(.up))) }
      return LanguageModel.workspaceByteCount(
        configuration, lengths: lengths, maskedCounts: maskedCounts, training: training)
    }
    let longestHeldOut = source.heldOut.lengths.sorted(by: >).prefix(EvaluationSet.batchSize)
    return Pretraining.stateByteCount(configuration) + source.byteCount
      + max(
        activations(source.longestLengths(size: settings.batchSize), training: true),
        activations(Array(longestHeldOut), training: false))
  }
}

/// A row of metrics.csv.
package struct PretrainingMetrics: Equatable, Sendable {
  /// Completed updates.
  package var step: Int
  /// The mean loss of the masked words since the last row, with dropout.
  package var trainLoss: Double
  /// The mean loss of the held-out masked words, without dropout; its exponential is the perplexity.
  package var heldOutLoss: Double

  /// The columns.
  package static let columns: [Column<PretrainingMetrics>] = [
    Column("step", "The number of completed updates.", role: .key) { .integer($0.step) },
    Column(
      "train_loss", "The mean loss over the masked words since the row before, with dropout.", .unit("nats")
    ) { .described($0.trainLoss) },
    Column("heldout_loss", "The mean loss over the held-out masked words, without dropout.", .unit("nats")) {
      .described($0.heldOutLoss)
    },
    Column("heldout_perplexity", "The exponential of `heldout_loss`.") { .described(exp($0.heldOutLoss)) },
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

  /// The mean loss on the held-out mask set of a reader who knows the built-in language's grammar; nil for a text.
  package lazy var floor: Double? = {
    guard settings.textPath == nil else { return nil }
    let losses = heldOut.map { SyntheticLanguage.idealLosses(of: $0) }
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
  private let schedule: LearningRateSchedule
  private let source: SentenceSource
  private let masking: WordMasking
  private let heldOut: [WordMasking.Masked]
  private let vocabulary: ModelFolder.Vocabulary
  private let digest: String
  private var losses = (sum: 0.0, count: 0)
  private var metrics = PretrainingMetrics.columns.names().joined(separator: ",") + "\n"

  private var checkpointPath: String { output + "/checkpoint" }

  /// Bytes of weights, gradients and moments.
  fileprivate static func stateByteCount(_ configuration: EncoderConfiguration) -> Int {
    CostEstimate.arenaCount * MemoryLayout<Float>.stride * LanguageModel.parameterCount(configuration)
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
    masking = inputs.masking
    heldOut = inputs.heldOut
    vocabulary = inputs.vocabulary
    digest = inputs.digest
    self.output = output
    self.element = element
    self.numerics = numerics
    try Arena.require(byteCount: Self.stateByteCount(inputs.configuration))
    model = LanguageModel(configuration: inputs.configuration, team: team)
    gradients = GradientArena(model.layout)
    optimizer = Optimizer(settings.optimizer, layout: model.layout, team: team)
    schedule = LearningRateSchedule(settings.trial, exampleCount: 1)
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
    let moments = [optimizer.firstMoment, optimizer.secondMoment]
    let checkpoint = try PretrainingCheckpoint(
      checkpointPath, settingsDigest: digest, numerics: allowsMixedNumerics ? nil : numerics,
      into: [model.parameters] + moments)
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
        let row = PretrainingMetrics(
          step: step, trainLoss: losses.sum / Double(losses.count), heldOutLoss: meanLoss(of: heldOut))
        guard row.heldOutLoss.isFinite else {
          throw TrainingError("step \(step): the held-out loss is \(row.heldOutLoss); \(Self.cure)")
        }
        isUnproved = false
        losses = (0, 0)
        metrics += PretrainingMetrics.columns.line(row)
        report(row)
        if step < settings.stepCount { try save() }
      }
    }
    if isUnproved { try proveWeights() }
    try save()
  }

  /// Refuses weights that the last step spoilt, without the time that all held-out sentences take.
  private func proveWeights() throws {
    let loss = meanLoss(of: heldOut.prefix(1))
    guard loss.isFinite, model.parameters.allSatisfy(\.isFinite) else {
      throw TrainingError("step \(step): the held-out loss is \(loss) or a weight is not finite; \(Self.cure)")
    }
  }

  private static let cure = "a smaller --learning-rate or a longer --warmup may help"

  private func makeStep() throws {
    var stream = SeedStream(seed: settings.seed, purpose: .languageModelMask, step: UInt32(step))
    let masked = masking.masked(source.batch(step: step, size: settings.batchSize, seed: settings.seed), &stream)
    let sequences = PackedSequences(masked.batch)
    optimizer.catchUp(model.parameters, model.layout.touchedRows(sequences))
    let dropout =
      settings.dropout > 0 ? DropoutPlan(seed: settings.seed, step: UInt32(step), model.configuration) : nil
    let found = model.lossesAndGradients(
      of: sequences, masked: MaskedTokens(masked), dropout: dropout, into: gradients)
    let sum = found.reduce(0, +)
    let norms = GradientNorms(of: gradients, on: model.team)
    guard sum.isFinite, norms.total.isFinite else {
      throw TrainingError(
        "step \(step + 1): the loss is \(sum / Double(found.count)) and the gradient's norm "
          + "\(norms.total); \(Self.cure)")
    }
    optimizer.update(
      model.parameters, gradients: gradients,
      learningRate: settings.optimizer.learningRate * schedule.factor(completed: step),
      scaling: GradientScaling(
        norms, clip: settings.optimizer.appliedClip, maximumNorm: settings.optimizer.maximumGradientNorm))
    step += 1
    losses = (losses.sum + sum, losses.count + found.count)
  }

  /// The mean loss over held-out sentences: those of the fixed mask set, or some of them.
  private func meanLoss(of batches: some Sequence<WordMasking.Masked>) -> Double {
    optimizer.settle(model.parameters)
    let found = batches.flatMap { model.losses(of: PackedSequences($0.batch), masked: MaskedTokens($0)) }
    return found.reduce(0, +) / Double(found.count)
  }

  /// Writes checkpoint, metrics, mask set and model folder.
  private func save() throws {
    optimizer.settle(model.parameters)
    try RawFile.createFolder(output)
    func path(_ name: String) -> String { "\(output)/\(name)" }
    let checkpoint = PretrainingCheckpoint(
      settingsDigest: digest, numerics: numerics, step: step, lossSum: losses.sum, lossCount: losses.count,
      metrics: metrics)
    try checkpoint.write(
      [model.parameters, optimizer.firstMoment, optimizer.secondMoment],
      to: WholeFile(path: path("checkpoint"), owner: "pretraining", durability: .contents))
    for (name, text) in [("metrics.csv", metrics), ("mask_set.jsonl", heldOut.map(\.lines).joined())] {
      try WholeFile.write(text, to: path(name), owner: "pretraining", durability: .contents)
    }
    try ModelFolder.write(
      model, vocabulary: vocabulary, lowercases: settings.lowercases, as: element, to: output)
  }
}

extension PretrainingSettings {
  /// The settings as a trial has them, for what is checked and scheduled alike.
  package var trial: TrialConfiguration {
    var trial = TrialConfiguration()
    trial.model.shape = shape
    trial.task.maximumLength = shape.positionCount
    trial.training.maximumSteps = stepCount
    trial.optimizer = optimizer
    trial.schedule = schedule
    return trial
  }

  fileprivate func encoder(vocabularySize: Int) -> EncoderConfiguration {
    var configuration = EncoderConfiguration(shape, vocabularySize: vocabularySize)
    configuration.hiddenDropoutProbability = dropout
    configuration.attentionDropoutProbability = dropout
    return configuration
  }

  /// A digest of the settings, the vocabulary and the text.
  fileprivate func digest(_ vocabulary: [String]) throws -> String {
    var content = self
    content.textPath = try textPath.map { try SHA256.hex(ofFile: $0) }
    content.vocabularyPath = nil
    return SHA256.hex(of: "\(content)\n" + vocabulary.joined(separator: "\n"))
  }
}

extension MaskedTokens {
  fileprivate init(_ masked: WordMasking.Masked) { self.init(indices: masked.indices, targets: masked.targets) }
}

extension WordMasking.Masked {
  /// A JSON object a sequence: what the model sees, the masked places in the sequence, and the words that stood there.
  package var lines: String {
    (0..<batch.count).map { sequence in
      let range = batch.offsets[sequence]..<batch.offsets[sequence + 1]
      let own = indices.indices.filter { range.contains(indices[$0]) }
      return "{\"input_ids\": \(batch.tokenIdentifiers[range].map(Int.init)), "
        + "\"places\": \(own.map { indices[$0] - range.lowerBound }), \"targets\": \(own.map { Int(targets[$0]) })}\n"
    }.joined()
  }
}
