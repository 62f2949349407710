// The section `record`: what a trial records beside its evaluations, with its keys beside the fields.

/// What a trial records beside its evaluations.
package struct RecordSpecification: Hashable, Sendable {
  /// Which dev logits are kept.
  package enum Predictions: String, CaseIterable, Sendable {
    /// None.
    case none
    /// Those of the last evaluation.
    case final
  }

  /// Steps between two points of the training curves; 0 for none.
  package var curvesEvery = 10
  /// Steps between two records of every tensor's gradient norm; 0 for none.
  package var gradientNormsEvery = 0
  /// Which dev logits are kept.
  package var predictions = Predictions.final

  /// The defaults.
  package init() {}
}

extension RecordSpecification {
  static let keys: [ConfigurationKey] = [
    .integer(
      "record.curves_every", nil, \.record.curvesEvery, minimum: 0,
      "The number of steps between two points of the training curves; 0 records none."
    ).withoutCost().inTransformers("logging_steps"),
    .integer(
      "record.gradient_norms_every", nil, \.record.gradientNormsEvery, minimum: 0,
      "The number of steps between two records of every tensor's gradient norm; 0 records none."
    ).withoutCost(),
    .choice(
      "record.predictions", nil, \.record.predictions,
      "Which dev logits are kept: those of the last evaluation (`final`) or `none`."
    ).withoutCost(),
  ]
}
