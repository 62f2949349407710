// The one table of every configuration key. Parsing, limits, "did you mean", identifiers, CSV columns, `sweep.json` and
// the README's list of keys are all read off it, so a new key is one new row here and one field in `TrialConfiguration`.

/// The table of configuration keys.
package enum ConfigurationSchema {
  /// Every key, in the order of columns and documentation.
  package static let keys: [ConfigurationKey] =
    modelKeys + taskKeys + subsetKeys + trainingKeys + optimizerKeys + scheduleKeys + recordKeys

  /// The place of each path in `keys`.
  package static let placeByPath: [String: Int] =
    Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.path, $0) })

  /// The parts of each path, in the order of `keys`.
  static let components: [[String]] = keys.map { $0.path.split(separator: ".").map(String.init) }

  /// What each key holds in a configuration that says nothing, in the order of `keys`.
  static let defaultValues: [KeyValue] = keys.map { $0.get(TrialConfiguration()) }

  /// The places in `keys` of those whose values identifiers hash: files are hashed by their contents instead.
  static let hashedPlaces: [Int] = keys.indices.filter { keys[$0].kind != .path && keys[$0].role == .value }

  /// Every object that holds keys, such as `model` and `model.config`.
  package static let sections: Set<String> = Set(
    components.flatMap { parts in (1..<parts.count).map { parts[..<$0].joined(separator: ".") } })

  /// The keys with a CSV column, in order; `task.name` is left out because every table has its own task column.
  package static let columnKeys: [ConfigurationKey] = keys.filter { $0.column != nil }

  /// The key at a path; nil if there is none.
  package static func key(at path: String) -> ConfigurationKey? {
    placeByPath[path].map { keys[$0] }
  }

  private static let modelKeys: [ConfigurationKey] = {
    let shapeKeys: [ConfigurationKey] = [
      .choice(
        "model.config.model_type", "model_type", \.model.shape.modelType,
        "Layer norms after every residual sum (\"bert\"), or before attention and feed-forward part."),
      .integer(
        "model.config.hidden_size", "hidden_size", \.model.shape.hiddenSize, minimum: 1, "Width of the encoder."),
      .integer(
        "model.config.num_hidden_layers", "num_hidden_layers", \.model.shape.layerCount, minimum: 1, "Encoder layers."),
      .integer(
        "model.config.num_attention_heads", "num_attention_heads", \.model.shape.headCount, minimum: 1,
        "Attention heads of a layer; they divide hidden_size."),
      .integer(
        "model.config.intermediate_size", "intermediate_size", \.model.shape.intermediateSize, minimum: 1,
        "Width of the feed-forward part."),
      .integer(
        "model.config.max_position_embeddings", "max_position_embeddings", \.model.shape.positionCount, minimum: 1,
        "Rows of the position table: the longest sequence in tokens."),
      .integer(
        "model.config.type_vocab_size", "type_vocab_size", \.model.shape.typeCount, minimum: 1, "Segment types."),
      .number(
        "model.config.layer_norm_eps", "layer_norm_eps", \.model.shape.layerNormEpsilon, .positive,
        "Added to the variance in layer norms."),
      .number(
        "model.config.initializer_range", "initializer_range", \.model.shape.initializerRange, .positive,
        "Standard deviation of the initial weights."),
    ]
    let shape = shapeKeys.map { $0.read(by: "a model without a path") { $0.model.path == nil } }
    return [
      .text(
        "model.path", "model", \.model.path, kind: .path,
        "A Hugging Face model folder, or \"embedded\": the pre-trained model inside the program."),
      .statement(
        "model.init", kind: .choice(["random"]), "\"random\": no folder, every weight is drawn from the seed."),
    ] + shape + [
      .text(
        "model.vocab", "vocab", \.model.vocabularyPath, kind: .path,
        "The WordPiece vocabulary of a model without a path; the synthetic task brings its own."
      ).read(by: "a model without a path") { $0.model.path == nil },
      .choice(
        "model.head", "head", \.model.head,
        "Whether the classification head is drawn anew or kept as the folder has it."),
    ]
  }()

  private static let taskKeys: [ConfigurationKey] = {
    let ownKeys: [ConfigurationKey] = [
      .text("task.train", "train_file", \.task.trainPath, kind: .path, "The training file: .tsv, .csv or .jsonl."),
      .text("task.dev", "dev_file", \.task.devPath, kind: .path, "The evaluation file."),
      .text("task.text", "text_column", \.task.textColumn, "The column of the (first) text."),
      .text("task.pair", "pair_column", \.task.pairColumn, "The column of the second text, if there is one."),
      .text("task.label", "label_column", \.task.labelColumn, "The column of the label."),
      .boolean(
        "task.regression", "regression", \.task.isRegression, "Whether the label is a number to predict, not a class."),
    ]
    let counts = SyntheticSpecification.allowedCounts
    let syntheticKeys: [ConfigurationKey] = [
      .choice(
        "task.difficulty", "difficulty", \.task.synthetic.difficulty,
        "What tells unacceptable sentences from acceptable."),
      .integer(
        "task.train_size", "train_size", \.task.synthetic.trainCount, minimum: counts.lowerBound,
        maximum: counts.upperBound, "Training examples."),
      .integer(
        "task.dev_size", "dev_size", \.task.synthetic.devCount, minimum: counts.lowerBound, maximum: counts.upperBound,
        "Evaluation examples."),
      .seed("task.seed", "data_seed", \.task.synthetic.seed, "The seed of the examples, shared by all trials."),
    ]
    return [
      .text(
        "task.name", nil, \.task.name,
        "A GLUE task, \"synthetic\", \"synthetic-pairs\", or any other name for your own files."),
      .text("task.data", "data", \.task.dataPath, kind: .path, "The folder of a GLUE task.")
        .read(by: "a GLUE task") { $0.task.source == .glue },
    ] + ownKeys.map { $0.read(by: "a task of your own files") { $0.task.source == .files } } + [
      .choice("task.metric", "task_metric", \.task.metric, "The metric to report; the task's own by default.")
        .implies { .text($0.task.ownMetric.rawValue) },
      .integer(
        "task.max_length", "max_length", \.task.maximumLength, minimum: 3,
        "The longest sequence in tokens; longer ones are cut."),
      .seed(
        "task.shuffle_labels", "shuffle_labels", \.task.labelShuffleSeed,
        "Deals the training labels out anew by this seed: a control without anything to learn."),
    ]
      + syntheticKeys.map {
        $0.read(by: "the task \"synthetic\" or \"synthetic-pairs\"") { $0.task.source == .synthetic }
      }
  }()

  private static let subsetKeys: [ConfigurationKey] = [
    ConfigurationKey(
      path: "train_subset.size", column: "train_subset_size", kind: .integer(minimum: 1),
      documentation: "Train on this many examples, chosen by a seed of their own.",
      get: { $0.trainSubset.map { .integer($0.size) } ?? .null },
      set: { configuration, value in
        if case .integer(let size) = value {
          configuration.trainSubset = SubsetSpecification(size: size, seed: configuration.trainSubset?.seed ?? 1)
        } else {
          configuration.trainSubset = nil
        }
      }),
    ConfigurationKey(
      path: "train_subset.seed", column: "train_subset_seed", kind: .seed,
      documentation: "The seed of that choice, 1 by default.",
      get: { $0.trainSubset.map { .seed($0.seed) } ?? .null },
      set: { configuration, value in
        if case .seed(let seed) = value { configuration.trainSubset?.seed = seed }
      }
    ).read(by: "a train_subset with a size") { $0.trainSubset != nil }.implies { _ in .seed(1) },
  ]

  private static let trainingKeys: [ConfigurationKey] = [
    .integer("training.epochs", "epochs", \.training.epochs, minimum: 1, "Passes over the training examples.")
      .read(by: "a training without max_steps", unlessReplacedBy: "training.max_steps") {
        $0.training.maximumSteps == nil
      },
    .integer("training.batch_size", "batch_size", \.training.batchSize, minimum: 1, "Sequences a step."),
    .integer(
      "training.max_steps", "max_steps", \.training.maximumSteps, minimum: 1,
      "Train this many steps, whatever epochs says."
    ),
    .integer(
      "training.evaluations_per_epoch", "evaluations_per_epoch", \.training.evaluationsPerEpoch, minimum: 1,
      "Dev evaluations an epoch; the last step is always evaluated."
    ).read(by: "a training without evaluate_every") { $0.training.evaluateEvery == nil },
    .integer(
      "training.evaluate_every", "evaluate_every", \.training.evaluateEvery, minimum: 1,
      "Dev evaluations every so many steps instead."),
    .boolean("training.shuffle", "shuffle", \.training.shuffle, "Whether each epoch draws a new order."),
    .alias(
      "training.dropout",
      for: ["training.hidden_dropout", "training.attention_dropout", "training.classifier_dropout"],
      kind: .number(.fraction), "Sets the three dropout probabilities at once."),
    .number(
      "training.hidden_dropout", "hidden_dropout", \.training.hiddenDropout, .fraction,
      "Dropout after embeddings and projections; the model's own by default."),
    .number(
      "training.attention_dropout", "attention_dropout", \.training.attentionDropout, .fraction,
      "Dropout of attention probabilities; the model's own by default."),
    .number(
      "training.classifier_dropout", "classifier_dropout", \.training.classifierDropout, .fraction,
      "Dropout before the head; the model's own by default."),
    .choice(
      "training.precision", "precision", \.training.precision,
      "\"bfloat16\": linear layers round both operands of every product to it, on processors with AVX512_BF16."),
    .number(
      "training.mixout", "mixout", \.training.mixout, .fraction,
      "Mixout of the linear weights below the head with the pre-trained ones, in place of the model's own dropout there."
    ),
    .choice(
      "training.mixout_gradient", "mixout_gradient", \.training.mixoutGradient,
      "Mixout's derivative, or what the published programs take for it: a kept column's is 1 - p times as large."
    ).read(by: "a training with mixout") { $0.training.mixout > 0 },
  ]

  private static let optimizerKeys: [ConfigurationKey] = [
    .choice(
      "optimizer.algorithm", "algorithm", \.optimizer.algorithm, "One of four published updates; they are not the same."
    ),
    .number("optimizer.learning_rate", "learning_rate", \.optimizer.learningRate, .positive, "The peak learning rate."),
    .boolean(
      "optimizer.bias_correction", "bias_correction", \.optimizer.biasCorrection,
      "Whether Adam's moments are corrected for their start at zero."),
    .number("optimizer.beta1", "beta1", \.optimizer.beta1, .fraction, "Decay of the first moment."),
    .number("optimizer.beta2", "beta2", \.optimizer.beta2, .fraction, "Decay of the second moment."),
    .number("optimizer.epsilon", "epsilon", \.optimizer.epsilon, .positive, "Added to the root of the second moment."),
    .number(
      "optimizer.weight_decay", "weight_decay", \.optimizer.weightDecay, .nonnegative,
      "Decoupled decay of all but biases and LayerNorm."),
    .choice(
      "optimizer.decay_towards", "decay_towards", \.optimizer.decayTowards,
      "What weights decay towards: zero, or where they have any their pre-trained values."
    ).read(by: "an optimizer with weight_decay") { $0.optimizer.weightDecay > 0 },
    .boolean(
      "optimizer.match_step_mass", "match_step_mass", \.optimizer.matchesStepMass,
      "Lowers the rate of a run without bias correction so that its steps sum to the corrected run's."
    ).read(by: "a run without bias_correction") { !$0.optimizer.biasCorrection },
    .choice(
      "optimizer.clip", "clip", \.optimizer.clip,
      "How gradients are clipped; by default \"per_tensor\" for bert_adam and \"global\" for the others."
    ).implies { .text($0.optimizer.ownClip.rawValue) },
    .number(
      "optimizer.max_grad_norm", "max_grad_norm", \.optimizer.maximumGradientNorm, .positive,
      "The norm that clipping enforces."
    ).read(by: "an optimizer that clips", unlessReplacedBy: "optimizer.clip") {
      $0.optimizer.appliedClip != .unclipped
    },
  ]

  private static let scheduleKeys: [ConfigurationKey] = [
    .choice("schedule.kind", "schedule", \.schedule.kind, "What follows the warm-up."),
    .number(
      "schedule.warmup", "warmup", \.schedule.warmup, .nonnegative,
      "Below 1 a fraction of the horizon, otherwise a number of steps."),
    .integer(
      "schedule.total_steps", "total_steps", \.schedule.totalSteps, minimum: 1,
      "The schedule's horizon; the run's own length by default."),
  ]

  private static let recordKeys: [ConfigurationKey] = [
    .integer(
      "record.curves_every", nil, \.record.curvesEvery, minimum: 0,
      "Training-curve points every so many steps; 0: none."),
    .integer(
      "record.gradient_norms_every", nil, \.record.gradientNormsEvery, minimum: 0,
      "Gradient norms of every tensor every so many steps; 0: none."),
    .choice("record.predictions", nil, \.record.predictions, "Which dev logits are kept."),
  ]
}
