// One trial's resolved configuration as plain values. Reading it from a sweep file, checking it and naming its keys
// happens in `ConfigurationSchema`; nothing here opens a file or draws a random number.

/// Everything about a trial but its seeds and its names.
package struct TrialConfiguration: Hashable, Sendable {
  /// Where the encoder and its head come from.
  package var model = ModelSpecification()
  /// What is learned and from which files.
  package var task = TaskSpecification()
  /// A seeded subset of the training examples, or nil for all of them.
  package var trainSubset: SubsetSpecification?
  /// Batches, length and evaluation cadence.
  package var training = TrainingSpecification()
  /// The optimizer.
  package var optimizer = OptimizerSpecification()
  /// The learning rate over the run.
  package var schedule = ScheduleSpecification()
  /// What a trial records beside its evaluations.
  package var record = RecordSpecification()

  /// The defaults: what the sweep file says where it says nothing.
  package init() {}

  /// Whether training steps read the pre-trained weights.
  package var trainsBesidePretrained: Bool {
    training.mixout > 0 || optimizer.decayTowards == .pretrained && optimizer.weightDecay > 0
  }
}

/// Where the encoder and its head come from.
package struct ModelSpecification: Hashable, Sendable {
  /// How the classification head starts.
  package enum Head: String, CaseIterable, Sendable {
    /// Drawn anew from the trial's initialization seed.
    case new
    /// Kept as the model folder holds it.
    case keep
  }

  /// A Hugging Face model folder, `embedded` for the model inside the program, or nil for random initialization from
  /// `shape`.
  package var path: String?
  /// The encoder to initialize at random when there is no folder.
  package var shape = EncoderShape()
  /// A WordPiece vocabulary file for a randomly initialized model, or nil for the built-in task's own words.
  package var vocabularyPath: String?
  /// How the classification head starts.
  package var head = Head.new

  /// The defaults.
  package init() {}

  /// Whether a model's path names one inside the program (`embedded`, `embedded:NAME`) and no folder.
  package static func isInside(_ path: String) -> Bool {
    path.prefix { $0 != ":" } == "embedded" && !path.contains("/")
  }
}

/// A BERT encoder's sizes, under the names of a Hugging Face `config.json`.
package struct EncoderShape: Hashable, Sendable {
  /// Where the layer norms stand, under the names of `model_type`.
  package enum ModelType: String, CaseIterable, Sendable {
    /// Post-LN: after every residual sum.
    case bert
    /// Pre-LN: before attention and feed-forward part.
    case megatronBERT = "megatron-bert"
  }

  /// `model_type`.
  package var modelType = ModelType.bert
  /// `hidden_size`.
  package var hiddenSize = 64
  /// `num_hidden_layers`.
  package var layerCount = 12
  /// `num_attention_heads`.
  package var headCount = 4
  /// `intermediate_size`.
  package var intermediateSize = 256
  /// `max_position_embeddings`.
  package var positionCount = 128
  /// `type_vocab_size`.
  package var typeCount = 2
  /// `layer_norm_eps`.
  package var layerNormEpsilon = 1e-12
  /// `initializer_range`.
  package var initializerRange = 0.02

  /// The defaults.
  package init() {}
}

/// What is learned and from which files.
package struct TaskSpecification: Hashable, Sendable {
  /// A GLUE task's name (`cola`, `sst2`, `rte`, `mrpc`, `qnli`, `qqp`, `wnli`, `mnli`, `mnli-mm`, `stsb`), the built-in
  /// `synthetic` or `synthetic-pairs`, or any other name for the user's own files.
  package var name = "synthetic"
  /// A GLUE folder with `train.tsv` and `dev.tsv`.
  package var dataPath: String?
  /// The user's own training file (`.tsv`, `.csv` or `.jsonl`).
  package var trainPath: String?
  /// The user's own evaluation file.
  package var devPath: String?
  /// The column of the (first) text in the user's own files.
  package var textColumn: String?
  /// The column of the second text, if there is one.
  package var pairColumn: String?
  /// The column of the label.
  package var labelColumn: String?
  /// Whether the label is a number to predict (mean squared error) rather than a class.
  package var isRegression = false
  /// The metric to report, or nil for the task's own.
  package var metric: MetricName?
  /// The longest sequence in tokens, `[CLS]` and `[SEP]` included; longer ones are cut.
  package var maximumLength = 128
  /// Deals the training labels out anew among the training examples, by this seed: a control whose labels say nothing about
  /// the texts; nil for the labels as they are.
  package var labelShuffleSeed: UInt64?
  /// The built-in task's size and difficulty.
  package var synthetic = SyntheticSpecification()

  /// The defaults.
  package init() {}
}

/// The built-in task: sentences of a small grammar, acceptable or not, generated from a seed.
package struct SyntheticSpecification: Hashable, Sendable {
  /// What tells an unacceptable sentence from an acceptable one.
  package enum Difficulty: String, CaseIterable, Sendable {
    /// Determiners and word order.
    case order
    /// Agreement of neighbouring words as well.
    case local
    /// Agreement over a distance as well.
    case distant
  }

  /// How many sentences a set may have: with fewer it has no two classes, and the language has not many more.
  package static let allowedCounts = 4...100_000

  /// What tells an unacceptable sentence from an acceptable one.
  package var difficulty = Difficulty.order
  /// The number of training sentences.
  package var trainCount = 2000
  /// The number of evaluation sentences.
  package var devCount = 500
  /// The seed of the sentences, shared by all trials of a sweep.
  package var seed: UInt64 = 1

  /// The defaults.
  package init() {}
}

/// A metric a task can report; all but the correlations come from class predictions.
package enum MetricName: String, CaseIterable, Sendable {
  /// The share of correct predictions.
  case accuracy
  /// F1 of the positive class for two classes, macro-averaged for more.
  case f1
  /// The mean of accuracy and F1, as GLUE's MRPC and QQP report.
  case accuracyAndF1 = "accuracy_and_f1"
  /// Matthews' correlation, as CoLA reports.
  case matthews
  /// Pearson's correlation, for regression.
  case pearson
  /// Spearman's rank correlation, for regression.
  case spearman
}

/// A seeded subset of the training examples.
package struct SubsetSpecification: Hashable, Sendable {
  /// The number of examples.
  package var size: Int
  /// The seed of the choice, apart from the trial's seeds.
  package var seed: UInt64

  /// A subset of `size` examples chosen with `seed`.
  package init(size: Int, seed: UInt64) {
    self.size = size
    self.seed = seed
  }
}

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
  /// Dev evaluations every so many steps instead, if given.
  package var evaluateEvery: Int?
  /// Whether each epoch draws a new order; otherwise file order.
  package var shuffle = true
  /// Dropout after the embeddings and the two projections of each layer; nil for the model's own probability.
  package var hiddenDropout: Double?
  /// Dropout of attention probabilities; nil for the model's own.
  package var attentionDropout: Double?
  /// Dropout before the classification head; nil for the model's own.
  package var classifierDropout: Double?
  /// How the matrix products of linear layers round.
  package var precision = Precision.float32
  /// Mixout: the share of every linear weight's input columns that a step replaces by pre-trained ones, below the head
  /// (Lee et al. 2019). Above 0 it takes the place of the model's own dropout below the head.
  package var mixout = 0.0
  /// Which gradient mixout gives.
  package var mixoutGradient = MixoutGradient.exact

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

/// The optimizer.
package struct OptimizerSpecification: Hashable, Sendable {
  /// The four published update rules; they are not the same algorithm.
  package enum Algorithm: String, CaseIterable, Sendable {
    /// Hugging Face `AdamW`: decay after the step, epsilon added to the uncorrected root.
    case huggingFace = "hf"
    /// google-research/bert `AdamWeightDecayOptimizer`: decay inside the update, no bias correction.
    case google
    /// pytorch_pretrained_bert `BertAdam`: google's update; unless told otherwise each tensor's gradient is clipped by
    /// its own norm.
    case bertAdam = "bert_adam"
    /// `torch.optim.AdamW`: decay before the step, epsilon added to the corrected root.
    case torch
  }

  /// What weights decay towards.
  package enum DecayTarget: String, CaseIterable, Sendable {
    /// Zero.
    case zero
    /// The pre-trained weights; zero where a tensor has none, such as a new head.
    case pretrained
  }

  /// How gradients are clipped.
  package enum Clip: String, CaseIterable, Sendable {
    /// Not at all. Not called `none`, which would be the nil of an optional.
    case unclipped = "none"
    /// By the norm over all tensors.
    case global
    /// Each tensor by its own norm.
    case perTensor = "per_tensor"
  }

  /// The update rule.
  package var algorithm = Algorithm.huggingFace
  /// The peak learning rate.
  package var learningRate = 2e-5
  /// Whether the moments are corrected for their start at zero.
  package var biasCorrection = false
  /// Decay of the first moment.
  package var beta1 = 0.9
  /// Decay of the second moment.
  package var beta2 = 0.999
  /// The constant added to the root of the second moment.
  package var epsilon = 1e-6
  /// Decoupled weight decay, on all but biases and LayerNorm parameters.
  package var weightDecay = 0.01
  /// What weights decay towards.
  package var decayTowards = DecayTarget.zero
  /// Whether the rate of a run without bias correction is lowered so that its steps sum to the corrected run's.
  package var matchesStepMass = false
  /// How gradients are clipped, or nil for the way of the algorithm's publication.
  package var clip: Clip?
  /// The norm that clipping enforces.
  package var maximumGradientNorm = 1.0

  /// The defaults: the recipe of google-research/bert without bias correction.
  package init() {}

  /// How the algorithm's publication clips: BertAdam each tensor by itself, the others by the norm over all tensors.
  package var ownClip: Clip { algorithm == .bertAdam ? .perTensor : .global }

  /// How gradients are clipped.
  package var appliedClip: Clip { clip ?? ownClip }
}

/// The learning rate over the run.
package struct ScheduleSpecification: Hashable, Sendable {
  /// What follows the warm-up.
  package enum Kind: String, CaseIterable, Sendable {
    /// Linearly to zero at the horizon.
    case linear
    /// Unchanged.
    case constant
    /// Half a cosine to zero at the horizon.
    case cosine
    /// google-research/bert: decay runs from step 0 and warm-up overrides it.
    case google
  }

  /// What follows the warm-up.
  package var kind = Kind.linear
  /// Below 1 a fraction of the horizon, otherwise a number of steps.
  package var warmup = 0.1
  /// The schedule's horizon in steps; nil for the run's own length.
  package var totalSteps: Int?

  /// The defaults.
  package init() {}
}

/// What a trial records beside its evaluations.
package struct RecordSpecification: Hashable, Sendable {
  /// Which dev logits are kept.
  package enum Predictions: String, CaseIterable, Sendable {
    /// None.
    case none
    /// Those of the last evaluation.
    case final
  }

  /// Training-curve points every so many steps; 0 for none.
  package var curvesEvery = 10
  /// Gradient norms of every tensor every so many steps; 0 for none.
  package var gradientNormsEvery = 0
  /// Which dev logits are kept.
  package var predictions = Predictions.final

  /// The defaults.
  package init() {}
}
