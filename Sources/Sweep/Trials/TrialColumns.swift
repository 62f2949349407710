// The columns every table repeats so that its rows stand alone: each hyperparameter and the three seeds.

/// The columns of hyperparameters and seeds.
package enum TrialColumns {
  /// The names of the hyperparameters' columns, in order.
  package static let configurationNames: [String] = ConfigurationSchema.columnKeys.compactMap(\.column)

  /// The names of the seeds' columns.
  package static let seedNames = ["seed_init", "seed_order", "seed_dropout"]

  /// The columns of a trial's gradient norms, which its rank writes and the tables join.
  package static let gradientNormNames = ["trial_id", "step", "tensor", "norm"]

  /// The fields of a configuration, one for each of `configurationNames`; empty where nothing reads the key or its value is
  /// left to the model. Of a path only the last component is shown, so that tables do not depend on the machine.
  package static func values(of configuration: TrialConfiguration) -> [String] {
    ConfigurationSchema.columnKeys.map { $0.columnText(in: configuration) }
  }

  /// The fields of a trial's seeds, one for each of `seedNames`.
  package static func values(of seeds: TrialSeeds) -> [String] {
    [seeds.initialization, seeds.order, seeds.dropout].map(String.init)
  }
}
