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

  /// Which weights the distance from the pre-trained ones goes over.
  package enum Distance: String, CaseIterable, Sendable {
    /// All below the head.
    case all
    /// The pre-trained weights of linear layers, which are those that Mixout mixes.
    case linear
  }

  /// Steps between two points of the training curves; 0 for none.
  package var curvesEvery = 10
  /// Steps between two records of every tensor's gradient norm; 0 for none.
  package var gradientNormsEvery = 0
  /// Whether training curves hold the norms of the updates.
  package var updateNorms = false
  /// Which dev logits are kept.
  package var predictions = Predictions.final
  /// Which weights the distance from the pre-trained ones goes over.
  package var distance = Distance.all

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
    .boolean(
      "record.update_norms", nil, \.record.updateNorms,
      "Whether training curves hold `update_norm`: how far an update moves all weights together (its l2 norm), as the mean over the "
        + "updates since the curve's last point."
    ).used(where: "`record.curves_every` is above 0", unless: "record.curves_every", .isOther("is 0")) {
      $0.record.curvesEvery > 0
    }.writtenWhereSet(),
    .choice(
      "record.predictions", nil, \.record.predictions,
      "Which dev logits are kept: those of the last evaluation (`final`) or `none`."
    ).withoutCost(),
    .choice(
      "record.distance_over", "distance_over", \.record.distance,
      "Which weights `distance_from_pretrained` goes over: `all` below the head, or the pre-trained ones of the `linear` layers, which are "
        + "those that Mixout mixes."
    ).withoutCost().shownWhereSet().used(where: "`model.path` is set", unless: "model.path", .isNotSet) {
      $0.model.path != nil
    },
  ]
}
