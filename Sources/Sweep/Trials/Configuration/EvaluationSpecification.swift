// The section `evaluation`: what is evaluated beside the dev set, with its keys beside the fields.

/// What a trial evaluates beside the dev set.
package struct EvaluationSpecification: Hashable, Sendable {
  /// Training examples whose loss is measured after the last step; nil for all that the trial has seen.
  package var trainingExampleCount: Int?

  /// The defaults.
  package init() {}
}

extension EvaluationSpecification {
  static let keys: [ConfigurationKey] = [
    .integer(
      "evaluation.train_examples", nil, \.evaluation.trainingExampleCount, minimum: 0,
      "The number of training examples whose loss without dropout is measured after the last step, for `train_loss_full`. Trials of at least one epoch have the same random ones, and shorter ones random ones among those that they trained on. 0 measures none and leaves the column empty."
    ).whenMissing("all that the trial has trained on").writtenWhereSet()
  ]
}
