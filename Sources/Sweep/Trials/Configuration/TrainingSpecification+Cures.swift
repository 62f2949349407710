// The keys of the section `training` that hold tensors still, smooth labels and average weights, with their kinds of values.

extension TrainingSpecification {
  /// Which pre-trained tensors keep their values. What is drawn anew is always trained.
  package enum Freeze: String, CaseIterable, Sendable {
    /// None. Not called `none`, which would be the nil of an optional.
    case nothing = "none"
    /// Those of the embeddings.
    case embeddings
    /// Those of the embeddings and of the lowest layers.
    case layers
    /// All but the head's: head tuning.
    case encoder
    /// All but biases and the head's (BitFit, Ben Zaken et al. 2022).
    case allButBiases = "all_but_biases"
  }

  /// Which average of the weights is evaluated and kept in place of the last ones.
  package enum Average: String, CaseIterable, Sendable {
    /// None: the last weights count.
    case off = "none"
    /// The mean of the weights at the end of the run (Izmailov et al. 2018).
    case swa
    /// The exponential moving average of the weights.
    case ema
  }

  static let freezeKeys: [ConfigurationKey] = [
    .choice(
      "training.freeze", "freeze", \.training.freeze,
      "Which tensors of the model folder keep their values: `none`, those of the `embeddings`, of the embeddings and the lowest `layers`, of the whole `encoder` with its pooler (head tuning), or `all_but_biases` below the head (BitFit, Ben Zaken et al. 2022). What is drawn anew is trained nevertheless."
    ).checked {
      $0.training.freeze != .nothing && $0.model.path == nil
        ? "a model without a folder has nothing pre-trained to keep; set model.path or remove this key" : nil
    }.shownWhereSet(),
    .integer(
      "training.freeze_layers", "freeze_layers", \.training.frozenLayerCount, minimum: 1,
      "The number of layers, from the lowest, that keep their values."
    ).used(where: "`training.freeze` is `layers`", unless: "training.freeze", .isOther("is not \"layers\"")) {
      $0.training.freeze == .layers
    }.required { _ in "training.freeze: \"layers\" needs the number of layers, from the lowest, that keep their values"
    }
    .shownWhereSet(),
    .number(
      "training.label_smoothing", "label_smoothing", \.training.labelSmoothing, .fraction,
      "The share of each label that training spreads evenly over all classes (Szegedy et al. 2016). Recorded losses, and with them the failure rule, are those of the labels themselves."
    ).usual(0...0.5, "it is the share of each label that is spread over the classes").checked {
      $0.training.labelSmoothing > 0 && $0.task.predictsNumbers
        ? "only labels that are classes can be smoothed, and the task predicts numbers; remove this key" : nil
    }.withoutCost().shownWhereSet().inTransformers("label_smoothing_factor"),
  ]

  static let averageKeys: [ConfigurationKey] = [
    .choice(
      "training.average", "average", \.training.average,
      "Which average of the weights is evaluated and kept: `none`, `swa` for the mean of the weights at the end of the run (Izmailov et al. 2018), `ema` for their exponential moving average. Training itself goes on from the weights that are not averaged."
    ).cost { .boolean($0.training.average != .off) }.shownWhereSet(),
    ofAverage(
      .swa,
      .number(
        "training.average_from", "average_from", \.training.averageFrom, .fraction,
        "The share of the steps after which averaging begins.")),
    ofAverage(
      .swa,
      .integer(
        "training.average_every", "average_every", \.training.averageEvery, minimum: 1,
        "The number of steps between two weights that are averaged.")),
    ofAverage(
      .ema,
      .number(
        "training.average_decay", "average_decay", \.training.averageDecay, .fraction,
        "What the moving average keeps of itself in each step. It begins with the weights after the first step.")),
  ]

  private static func ofAverage(_ average: Average, _ key: ConfigurationKey) -> ConfigurationKey {
    key.used(
      where: "`training.average` is `\(average.rawValue)`", unless: "training.average",
      .isOther("is not \"\(average.rawValue)\"")
    ) { $0.training.average == average }.withoutCost().shownWhereSet()
  }
}
