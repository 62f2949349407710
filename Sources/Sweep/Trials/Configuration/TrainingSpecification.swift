// The section `training`: batches, length, evaluation cadence, dropout and mixout, with its keys beside the fields; those of what is
// frozen, smoothed and averaged are in `TrainingSpecification+Cures`.

import Arithmetics

/// Batches, length and evaluation cadence.
package struct TrainingSpecification: Hashable, Sendable {
  /// How the matrix products of linear layers round, in training and evaluation.
  package enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case float32
    /// Operands rounded to bfloat16, sums in float32; weights, activations, gradients and moments stay float32.
    case bfloat16
  }

  /// Passes over the training examples.
  package var epochs = 3
  /// Sequences a step.
  package var batchSize = 16
  /// Stop after this many steps, whatever `epochs` says; nil for no such limit.
  package var maximumSteps: Int?
  /// Dev evaluations an epoch; the last step is always evaluated.
  package var evaluationsPerEpoch = 1
  /// Steps between two dev evaluations, in place of `evaluationsPerEpoch`; nil where that counts.
  package var evaluateEvery: Int?
  /// Whether each epoch draws a new order; otherwise file order.
  package var shuffle = true
  /// Dropout after the embeddings and the two projections of each layer; nil for the model's own probability.
  package var hiddenDropout: Double?
  /// Dropout of attention probabilities; nil for the model's own.
  package var attentionDropout: Double?
  /// Dropout before the classification head; nil for the model's own.
  package var classifierDropout: Double?
  /// Which products and functions compute a trial.
  package var arithmetic = Arithmetic.ofIdentifiers
  /// How the matrix products of linear layers round.
  package var precision = Precision.float32
  /// Mixout: the share of every linear weight's input columns that a step replaces by pre-trained ones, below the head
  /// (Lee et al. 2019). Above 0 it replaces the model's own dropout below the head.
  package var mixout = 0.0
  /// Which gradient mixout gives.
  package var mixoutGradient = MixoutGradient.exact
  /// Which pre-trained tensors keep their values.
  package var freeze = Freeze.nothing
  /// The lowest layers that keep their values where `freeze` is `layers`.
  package var frozenLayerCount: Int?
  /// The share of each label that is spread over all classes.
  package var labelSmoothing = 0.0
  /// Which average of the weights is evaluated and kept.
  package var average = Average.off
  /// The share of the steps after which a plain average begins.
  package var averageFrom = 0.75
  /// The steps between two weights of a plain average.
  package var averageEvery = 1
  /// What a moving average keeps of itself in each step.
  package var averageDecay = 0.99

  /// What the gradient of a column that mixout kept is multiplied by.
  package enum MixoutGradient: String, CaseIterable, Sendable {
    /// 1 / (1 - p), the derivative of the forward pass.
    case exact
    /// 1, as the published programs have it.
    case published
  }

  /// The defaults.
  package init() {}
}

extension TrainingSpecification {
  static let keys: [ConfigurationKey] =
    lengthKeys + dropoutKeys + arithmeticKeys + mixoutKeys + freezeKeys + averageKeys

  private static let lengthKeys: [ConfigurationKey] = [
    .integer(
      "training.epochs", "epochs", \.training.epochs, minimum: 1, "The number of passes over the training examples."
    )
    .usual(1...1000, "training.max_steps counts steps")
    .used(where: "`training.max_steps` is not set", unless: "training.max_steps", .isSet, yields: true) {
      $0.training.maximumSteps == nil
    }.inTransformers("num_train_epochs"),
    .integer(
      "training.batch_size", "batch_size", \.training.batchSize, minimum: 1, "The number of sequences in a step."
    )
    .usual(1...8192, "it counts sequences, not tokens")
    .inTransformers("per_device_train_batch_size", "per_gpu_train_batch_size", "train_batch_size"),
    .integer(
      "training.max_steps", "max_steps", \.training.maximumSteps, minimum: 1,
      "The number of steps to train, in place of `training.epochs`."
    ).whenMissing("`training.epochs` decides").inTransformers("max_steps"),
    .integer(
      "training.evaluations_per_epoch", "evaluations_per_epoch", \.training.evaluationsPerEpoch, minimum: 1,
      "The number of dev evaluations in an epoch; the last step is always evaluated."
    ).used(where: "`training.evaluate_every` is not set", unless: "training.evaluate_every", .isSet) {
      $0.training.evaluateEvery == nil
    },
    .integer(
      "training.evaluate_every", "evaluate_every", \.training.evaluateEvery, minimum: 1,
      "The number of steps between two dev evaluations, in place of `training.evaluations_per_epoch`."
    ).whenMissing("`training.evaluations_per_epoch` decides").inTransformers("eval_steps"),
    .boolean(
      "training.shuffle", "shuffle", \.training.shuffle,
      "Whether each epoch draws a new order of the training examples; otherwise they come in the order of the file."),
  ]

  private static let dropoutKeys: [ConfigurationKey] = [
    .alias(
      "training.dropout",
      for: ["training.hidden_dropout", "training.attention_dropout", "training.classifier_dropout"],
      kind: .number(.fraction), "Sets the three dropout probabilities below at once."
    ).whenMissing(modelsOwn),
    .number(
      "training.hidden_dropout", "hidden_dropout", \.training.hiddenDropout, .fraction,
      "The dropout probability after the embeddings and after the two projections of each layer."
    ).usual(0...0.9, dropoutHint).whenMissing(modelsOwn).inTransformers("hidden_dropout_prob"),
    .number(
      "training.attention_dropout", "attention_dropout", \.training.attentionDropout, .fraction,
      "The dropout probability of attention weights."
    ).usual(0...0.9, dropoutHint).whenMissing(modelsOwn).inTransformers("attention_probs_dropout_prob"),
    .number(
      "training.classifier_dropout", "classifier_dropout", \.training.classifierDropout, .fraction,
      "The dropout probability before the classification head."
    ).usual(0...0.9, dropoutHint).whenMissing(modelsOwn),
  ]

  private static let dropoutHint = "it is the share that is set to 0"
  private static let modelsOwn = "the model's own"

  private static let arithmeticKeys: [ConfigurationKey] = [
    .choice(
      "training.arithmetic", "arithmetic", \.training.arithmetic,
      "What computes the trials: `portable` is products and functions of our own, whose every bit is the same on every processor; `openblas` is products of OpenBLAS and functions of the C library, whose last bits are those of the processor."
    ).inSweepFiles(.text(Arithmetic.ofSweepFiles.rawValue)),
    .choice(
      "training.precision", "precision", \.training.precision,
      "`bfloat16` rounds both operands of every product in linear layers to bfloat16, which makes trials faster on processors with AVX512_BF16 and has the same bits on all; `float32` does not round."
    ),
  ]

  private static let mixoutKeys: [ConfigurationKey] = [
    .number(
      "training.mixout", "mixout", \.training.mixout, .fraction,
      "The probability of mixout: the share of every linear weight's input columns that a step replaces by pre-trained ones, below the head and in place of the model's own dropout there (Lee et al. 2019)."
    ).checked {
      guard $0.training.mixout > 0 else { return nil }
      if $0.model.path == nil { return "mixout needs pre-trained weights: set model.path" }
      guard $0.training.freeze == .encoder || $0.training.freeze == .allButBiases else { return nil }
      return
        "mixout mixes weights that are trained, and training.freeze: \"\($0.training.freeze.rawValue)\" freezes them; "
        + "remove one of them"
    },
    .choice(
      "training.mixout_gradient", "mixout_gradient", \.training.mixoutGradient,
      "`exact` is the derivative of mixout; `published` is what the published programs compute, which for a kept column is 1 - p times as large."
    ).used(where: "`training.mixout` is above 0", unless: "training.mixout", .isOther("is 0")) {
      $0.training.mixout > 0
    },
  ]
}
