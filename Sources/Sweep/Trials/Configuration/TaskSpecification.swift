// The section `task`: what is learned and from which files, with its keys beside the fields. What a task's name implies is
// in `TaskSpecification+Source`.

import JSON5

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
  /// A labelled file that is scored once at the end and never chosen by; nil for none.
  package var testPath: String?
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
  /// Whether data is accepted of whose word pieces half or more are unknown to the vocabulary.
  package var allowsUnknownTokens = false
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
  /// The metrics of our own trainer, which a task may report.
  package static let allCases: [MetricName] = [
    .accuracy, .f1, .macroF1, .accuracyAndF1, .matthews, .pearson, .spearman,
  ]

  /// The share of correct predictions.
  case accuracy
  /// F1 of the positive class for two classes, macro-averaged for more.
  case f1
  /// The mean of all classes' F1, for two classes as well.
  case macroF1 = "macro_f1"
  /// The mean of accuracy and F1, as GLUE's MRPC and QQP report.
  case accuracyAndF1 = "accuracy_and_f1"
  /// Matthews' correlation, as CoLA reports.
  case matthews
  /// Pearson's correlation, for regression.
  case pearson
  /// Spearman's rank correlation, for regression.
  case spearman
  /// What a program of the user's own reports; its name stands in `program.results.final`.
  case score
}

extension TaskSpecification {
  static let keys: [ConfigurationKey] =
    [
      .text(
        "task.name", nil, \.task.name,
        "A GLUE task (\(glueNames.map { "`\($0)`" }.joined(separator: ", "))), `synthetic`, `synthetic-pairs`, or any other name for your own files."
      ).inTransformers("task_name"),
      .text("task.data", "data", \.task.dataPath, kind: .path, "The folder with the `.tsv` files of a GLUE task.")
        .required { "the GLUE task \(JSONWriter.quoted($0.task.name)) is read from a folder with its .tsv files" }
        .used(
          where: "`task.name` is a GLUE task", unless: "task.name", .isOther("is not a GLUE task"), yields: true
        ) { $0.task.glue != nil },
    ]
    + ownFileKeys.map {
      $0.used(
        where: "`task.name` is a name of your own", unless: "task.name", .isOther("is a built-in task"), yields: true
      ) { $0.task.source == .files }
    } + [
      .text(
        "task.test", nil, \.task.testPath, kind: .path,
        "A labelled file, with the columns of the other files, that is scored once, after the last step. No failure rule and no choice of a checkpoint looks at it. GLUE's own test files have no labels."
      )
      .whenMissing("no test set")
      .used(
        where: "`task.name` is neither `synthetic` nor `synthetic-pairs`", unless: "task.name",
        .isOther("is a task without files"), yields: true
      ) { $0.task.source != .synthetic },
      .choice("task.metric", "task_metric", \.task.metric, "The metric to report.")
        .whenMissing(
          "the task's own: `accuracy`, for `cola` `matthews`, for `mrpc` and `qqp` `accuracy_and_f1`, for numbers `pearson`"
        )
        .implies { .text($0.task.ownMetric.rawValue) },
      .integer(
        "task.max_length", "max_length", \.task.maximumLength, minimum: 3,
        "The longest sequence in tokens, `[CLS]` and `[SEP]` included; longer ones are cut."
      ).inTransformers("max_seq_length"),
      .seed(
        "task.shuffle_labels", "shuffle_labels", \.task.labelShuffleSeed,
        "A seed by which the training labels are shuffled among the training examples: a control in which there is nothing to learn."
      ).whenMissing("the labels as they are").drawingData(),
      .boolean(
        "task.allow_unknown_tokens", nil, \.task.allowsUnknownTokens,
        "Whether data is accepted of whose word pieces half or more are the unknown token, such as `[UNK]`, which stands for text that the vocabulary lacks. It changes no result."
      ).withoutIdentity().withoutCost(),
    ]
    + SyntheticSpecification.keys.map {
      $0.used(
        where: "`task.name` is `synthetic` or `synthetic-pairs`", unless: "task.name",
        .isOther("is neither \"synthetic\" nor \"synthetic-pairs\""), yields: true
      ) { $0.task.source == .synthetic }
    }

  private static let ownFileKeys: [ConfigurationKey] = [
    .text("task.train", "train_file", \.task.trainPath, kind: .path, "The training file: `.tsv`, `.csv` or `.jsonl`.")
      .required { neededByOwnFiles($0, "the training file") },
    .text("task.dev", "dev_file", \.task.devPath, kind: .path, "The evaluation file: `.tsv`, `.csv` or `.jsonl`.")
      .required { neededByOwnFiles($0, "the evaluation file") },
    .text("task.text", "text_column", \.task.textColumn, "The column of the text, or of the first of two texts.")
      .required { neededByOwnFiles($0, "the column of the text") },
    .text("task.pair", "pair_column", \.task.pairColumn, "The column of the second text.")
      .whenMissing("one text an example"),
    .text("task.label", "label_column", \.task.labelColumn, "The column of the label.")
      .required { neededByOwnFiles($0, "the column of the label") },
    .boolean(
      "task.regression", "regression", \.task.isRegression,
      "Whether the label is a number to predict instead of a class."),
  ]

  private static func neededByOwnFiles(_ configuration: TrialConfiguration, _ what: String) -> String {
    "the task \(JSONWriter.quoted(configuration.task.name)) of your own files needs it: \(what)"
  }
}

extension SyntheticSpecification {
  fileprivate static let keys: [ConfigurationKey] = [
    .choice(
      "task.difficulty", "difficulty", \.task.synthetic.difficulty,
      "What is wrong with unacceptable sentences: `order` (determiners and word order), `local` (agreement of neighbouring words as well) or `distant` (agreement over a distance as well)."
    ),
    .integer(
      "task.train_size", "train_size", \.task.synthetic.trainCount, minimum: allowedCounts.lowerBound,
      maximum: allowedCounts.upperBound, "The number of training examples."),
    .integer(
      "task.dev_size", "dev_size", \.task.synthetic.devCount, minimum: allowedCounts.lowerBound,
      maximum: allowedCounts.upperBound, "The number of evaluation examples."),
    .seed(
      "task.seed", "data_seed", \.task.synthetic.seed, "The seed of the examples, which all trials of a sweep share."
    ).drawingData(),
  ]
}
