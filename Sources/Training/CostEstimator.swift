// Costs of configurations from the data they name: reads and tokenizes each task once, loads no weights.

import Transformer
import Trials

/// Estimates what trials cost, with the real lengths of their texts.
public final class CostEstimator {
  private let cache = ResourceCache()

  /// An estimator that has read nothing yet.
  public init() {}

  /// What the models and data read so far ask to be told the user, such as a missing pooler or rows left out.
  public var remarks: [String] { cache.remarks }

  /// The cost of one trial of a configuration.
  ///
  /// - Throws: what stands in the way of reading the model folder or the data, or a `TrainingError` where they do not
  ///   fit: the same errors that the trial would meet.
  public func cost(of configuration: TrialConfiguration) throws -> CostEstimate {
    let encoder = try cache.encoder(configuration.model)
    let task = try cache.encodedTask(configuration, encoder)
    try cache.check(task, of: configuration, fits: encoder)
    return CostEstimate(
      configuration, encoder: encoder.configuration, labelCount: task.labelCount, train: LengthSummary(task.train),
      dev: LengthSummary(task.dev.examples))
  }
}
