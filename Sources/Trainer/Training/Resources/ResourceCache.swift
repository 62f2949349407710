// What a trial trains with: the encoded data, which all trials share, and the one classifier with its gradients and
// optimizer, whose memory they hand on. Every trial overwrites all of its weights.

import Datasets
import Kernels
import Optimizers
import Transformer
import Trials

/// Everything a trial trains on: the encoded data and a classifier with its starting weights.
struct TrialResources {
  /// The classifier, weights at their start, with what its training needs.
  let workspace: TrainingWorkspace
  /// Where they started.
  let start: StartingWeights
  /// The encoded task.
  let task: EncodedTask
  /// Where the tokenizer of a kept model comes from.
  let vocabulary: VocabularySource
  /// The tensors that the trial trains.
  let trained: TrainedTensors
  /// The pre-trained weights laid out as the classifier's, zeros for those that are drawn; nil where the trial needs none.
  let pretrained: UnsafeMutableBufferPointer<Float>?

  /// The classifier, weights at their start.
  var classifier: Classifier { workspace.classifier }

  /// The mixed weights of the trial's steps; nil without mixout.
  func mixout(_ training: TrainingSpecification) throws -> MixedWeights? {
    guard training.mixout > 0, let pretrained else { return nil }
    try TrainingWorkspace.requireFloats(classifier.layout.count)
    return MixedWeights(
      of: classifier, towards: pretrained, probability: training.mixout,
      gradientScale: MixedWeights.GradientScale(training.mixoutGradient)
    ) { start.isPretrained($0) && trained.contains($0) }
  }

  /// The average of the weights of a run of `stepCount` steps; nil where the trial averages none.
  func average(_ training: TrainingSpecification, stepCount: Int) throws -> WeightAverage? {
    guard let rule = AverageRule(training, stepCount: stepCount) else { return nil }
    return WeightAverage(rule, in: try workspace.averagedWeights())
  }

  /// Measures the run's updates; nil where the trial does not record them.
  func updateMeter(_ record: RecordSpecification) throws -> UpdateMeter? {
    record.updateNorms && record.curvesEvery > 0 ? UpdateMeter(in: try workspace.previousWeights()) : nil
  }

  /// Writes the classifier as a model folder.
  func writeModel(to path: String) throws {
    let written = vocabulary.written
    try ModelFolder.write(
      classifier, labelNames: task.labelNames, vocabulary: written.vocabulary, lowercases: written.lowercases,
      added: written.added, to: path)
  }
}

/// A classifier with its gradients and optimizer, whose memory one trial hands to the next: no trial reads what another
/// left in it.
final class TrainingWorkspace {
  /// Gradients, which every step overwrites, and moments, which a trial restarts.
  typealias TrainingState = (gradients: GradientArena, optimizer: Optimizer)

  let classifier: Classifier
  private var state: TrainingState?
  private var pretrained: Arena?
  private var averaged: Arena?
  private var previous: Arena?

  /// A classifier, and nothing yet of what training needs beside it.
  ///
  /// - Throws: `MemoryError`, as all that asks for more.
  init(_ configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam) throws {
    try Self.requireFloats(ParameterLayout(configuration, labelCount: labelCount).count)
    classifier = Classifier(configuration: configuration, labelCount: labelCount, team: team)
  }

  /// What training some of the tensors with an optimizer needs beside the weights.
  func trainingState(_ specification: OptimizerSpecification, _ trained: TrainedTensors) throws -> TrainingState {
    if let state, state.gradients.trained == trained,
      state.optimizer.moments.count == specification.algorithm.rule.momentCount
    {
      return state
    }
    state = nil  // its memory goes before the next one's comes
    let layout = classifier.layout
    try Self.requireFloats(
      CostEstimate.stateCount(layout, specification, trainedCount: trained.count) - layout.count)
    let made = (
      GradientArena(layout, trained: trained),
      Optimizer(specification, layout: layout, trained: trained, team: classifier.team)
    )
    state = made
    return made
  }

  /// Room for the pre-trained weights, for trials that train beside them; a trial writes them anew.
  func pretrainedWeights() throws -> UnsafeMutableBufferPointer<Float> { try room(\.pretrained) }

  /// Room for averaged weights, for trials that have them; a trial writes them anew.
  func averagedWeights() throws -> UnsafeMutableBufferPointer<Float> { try room(\.averaged) }

  /// Room for the weights before an update, for trials that measure their updates; a trial writes them anew.
  func previousWeights() throws -> UnsafeMutableBufferPointer<Float> { try room(\.previous) }

  private func room(
    _ kept: ReferenceWritableKeyPath<TrainingWorkspace, Arena?>
  ) throws -> UnsafeMutableBufferPointer<Float> {
    if let arena = self[keyPath: kept] { return arena.floats }
    try Self.requireFloats(classifier.layout.count)
    let arena = Arena(floatCount: classifier.layout.count)
    self[keyPath: kept] = arena
    return arena.floats
  }

  /// Throws `MemoryError` if `count` floats do not fit in memory.
  static func requireFloats(_ count: Int) throws {
    try Arena.require(byteCount: count * MemoryLayout<Float>.stride)
  }
}

/// Gives trials their data and starting weights.
final class ResourceCache {
  private let readings: ResourceReader
  private var workspace: TrainingWorkspace?
  private let threadCount: Int
  /// The threads that classifiers compute on.
  private var team: ThreadTeam?

  /// A cache over what the process has read, whose classifiers compute on `threadCount` threads.
  init(_ readings: ResourceReader, threadCount: Int = 1) {
    self.readings = readings
    self.threadCount = threadCount
  }

  /// The data and the starting weights of a trial.
  ///
  /// - Throws: what stands in the way of reading a file, a `TrainingError` where data and model do not fit,
  ///   `MemoryError` or `ThreadError`.
  func resources(_ configuration: TrialConfiguration, initializationSeed seed: UInt64) throws -> TrialResources {
    let (encoder, task, workspace) = try parts(configuration)
    workspace.classifier.arithmetic = configuration.training.arithmetic
    workspace.classifier.precision = ProductPrecision(configuration.training.precision)
    let start = StartingWeights(configuration.model, folder: encoder.folder, seed: seed)
    try start.write(to: workspace.classifier)
    var pretrained: UnsafeMutableBufferPointer<Float>?
    if configuration.trainsBesidePretrained {
      let room = try workspace.pretrainedWeights()
      try start.writePretrained(to: room, of: workspace.classifier)
      pretrained = room
    }
    return TrialResources(
      workspace: workspace, start: start, task: task, vocabulary: encoder.vocabulary,
      trained: TrainedTensors(configuration.training, workspace.classifier.layout, from: start), pretrained: pretrained)
  }

  /// Reads what the first trial of a configuration would wait for: its data, and a model folder's weights into memory that
  /// is touched for the first time.
  func prepare(for configuration: TrialConfiguration) throws {
    let (encoder, _, workspace) = try parts(configuration)
    guard let folder = encoder.folder else { return }
    try StartingWeights(of: folder, keepsHead: false, seed: 0).write(to: workspace.classifier)
  }

  private func parts(
    _ configuration: TrialConfiguration
  ) throws -> (encoder: ResourceReader.EncoderSource, task: EncodedTask, workspace: TrainingWorkspace) {
    let encoder = try readings.encoder(configuration)
    let task = try readings.encodedTask(configuration, encoder)
    try task.check(of: configuration, fits: encoder)
    return (encoder, task, try workspace(encoder.configuration, labelCount: task.labelCount))
  }

  /// The one classifier of this process, made anew only where its shape changes.
  private func workspace(_ configuration: EncoderConfiguration, labelCount: Int) throws -> TrainingWorkspace {
    if let workspace, workspace.classifier.configuration == configuration,
      workspace.classifier.labelCount == labelCount
    {
      return workspace
    }
    workspace = nil  // its memory goes before the next one's comes
    let team = try team ?? ThreadTeam(threadCount: threadCount)
    self.team = team
    let made = try TrainingWorkspace(configuration, labelCount: labelCount, team: team)
    workspace = made
    return made
  }
}
