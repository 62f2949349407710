// Costs of configurations from the data they name: reads and tokenizes each task once, loads no weights.

import Transformer
import Trials

/// Estimates what trials cost, with the real lengths of their texts.
package final class CostEstimator {
  private let readings: ResourceReader

  /// An estimator over what a process has read.
  package init(_ readings: ResourceReader = ResourceReader()) { self.readings = readings }

  /// The cost of one trial of a configuration; `seeds` are those of its trials.
  ///
  /// - Throws: what stands in the way of reading the model folder or the data, or a `TrainingError` where they do not
  ///   fit: the same errors that the trial would meet.
  package func cost(of configuration: TrialConfiguration, seeds: [TrialSeeds]) throws -> CostEstimate {
    let encoder = try readings.encoder(configuration)
    let task = try readings.encodedTask(configuration, encoder)
    try task.check(of: configuration, fits: encoder)
    let trained = TrainedTensors(
      configuration.training, ParameterLayout(encoder.configuration, labelCount: task.labelCount),
      from: StartingWeights(configuration.model, folder: encoder.folder, seed: 0))
    var cost = CostEstimate(
      configuration, encoder: encoder.configuration, labelCount: task.labelCount, train: LengthSummary(task.train),
      dev: LengthSummary(task.dev.examples), finalSets: task.finalSets.map { LengthSummary($0.content.examples) },
      trained: trained, seeds: seeds)
    cost.unknownTokens = task.unknownTokens
    cost.vocabulary = encoder.vocabulary.title
    return cost
  }
}
