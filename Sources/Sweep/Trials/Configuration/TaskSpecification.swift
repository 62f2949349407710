// The section `task`: what is learned and from which files, with its keys beside the fields. What a task's name implies is
// in `TaskSpecification+Source`.

import JSON5
import Tasks

/// What is learned and from which files.
package struct TaskSpecification: Hashable, Sendable {
  /// The name of a GLUE task (`GlueTask`) or of a built-in one (`BuiltInTask`), or any other name for the user's own files.
  package var name = "synthetic"
  /// A GLUE folder with `train.tsv` and `dev.tsv`.
  package var dataPath: String?
  /// The user's own training file (`.tsv`, `.csv` or `.jsonl`).
  package var trainPath: String?
  /// The user's own evaluation file.
  package var devPath: String?
  /// A labelled file that is scored once at the end and never chosen by; nil for none.
  package var testPath: String?
  /// Further sets that are scored once at the end, sorted by name.
  package var devSets: [DevSetSpecification] = []
  /// The name of the test set among the sets that are scored once at the end.
  package static let testSetName = "test"
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
  /// The share of the training examples whose label is replaced by a wrong one.
  package var labelNoise = 0.0
  /// The seed by which these examples and their labels are drawn.
  package var noiseSeed: UInt64 = 1
  /// Whether data is accepted of whose word pieces half or more are unknown to the vocabulary.
  package var allowsUnknownTokens = false
  /// The built-in task's size and difficulty.
  package var synthetic = SyntheticSpecification()

  /// The defaults.
  package init() {}
}

/// The examples of a built-in task, generated from a seed.
package struct SyntheticSpecification: Hashable, Sendable {
  /// How many sentences a set may have: with fewer it has no two classes, and the language has not many more.
  package static let allowedCounts = 4...100_000

  /// What the classes of the training examples differ by.
  package var difficulty = TaskDifficulty.order
  /// The same of the evaluation examples; nil for that of the training examples.
  package var devDifficulty: TaskDifficulty?
  /// The same of further examples, as many as the evaluation has, that are scored once at the end; nil for none.
  package var testDifficulty: TaskDifficulty?
  /// The number of training sentences.
  package var trainCount = 2000
  /// The number of evaluation sentences.
  package var devCount = 500
  /// The seed of the sentences, shared by all trials of a sweep.
  package var seed: UInt64 = 1

  /// The defaults.
  package init() {}
}

extension TaskSpecification {
  static let keys: [ConfigurationKey] =
    [
      .text(
        "task.name", nil, \.task.name,
        "A GLUE task (\(glueNames.map { "`\($0)`" }.joined(separator: ", "))), a built-in task (\(BuiltInTask.names.map { "`\($0)`" }.joined(separator: ", "))), or any other name for your own files."
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
        where: "`task.name` is no built-in task", unless: "task.name", .isOther("is a task without files"), yields: true
      ) { $0.task.builtIn == nil },
      DevSetSpecification.key,
      .choice("task.metric", "task_metric", \.task.metric, "The metric to report.")
        .whenMissing(
          "the task's own: `accuracy`, for `cola` and `town-acceptability` `matthews`, for `mrpc`, `qqp` and `town-paraphrase` `accuracy_and_f1`, for numbers `pearson`"
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
      .number(
        "task.label_noise", "label_noise", \.task.labelNoise, .fraction,
        "The share of the training examples whose label is replaced by one of the other classes; of a regression, by that of another example. Evaluation keeps the true labels."
      ).shownWhereSet(),
      .seed(
        "task.noise_seed", "noise_seed", \.task.noiseSeed,
        "The seed by which these examples and their labels are drawn."
      ).shownWhereSet().drawingData().used(
        where: "`task.label_noise` is above 0", unless: "task.label_noise", .isNotSet
      ) { $0.task.labelNoise > 0 },
      .boolean(
        "task.allow_unknown_tokens", nil, \.task.allowsUnknownTokens,
        "Whether data is accepted of whose word pieces half or more are the unknown token, such as `[UNK]`, which stands for text that the vocabulary lacks. It changes no result."
      ).withoutIdentity().withoutCost(),
    ]
    + SyntheticSpecification.keys

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
  /// A key of tasks whose examples have difficulties.
  private static func difficulty(_ key: ConfigurationKey) -> ConfigurationKey {
    key.used(
      where: "`task.name` is a built-in task with difficulties", unless: "task.name", .isOther("has no difficulties"),
      yields: true
    ) { $0.task.builtIn?.hasDifficulties ?? false }
  }

  private static func size(_ key: ConfigurationKey) -> ConfigurationKey {
    key.used(
      where: "`task.name` is a built-in task", unless: "task.name", .isOther("is no built-in task"), yields: true
    ) { $0.task.builtIn != nil }
  }

  fileprivate static let keys: [ConfigurationKey] = [
    difficulty(
      .choice(
        "task.difficulty", "difficulty", \.task.synthetic.difficulty,
        "What the classes differ by: `order` (word order, missing words), `local` (relations of neighbouring words as well), `distant` (relations over a distance as well) or `diagnostic` (relations over a distance alone, each with a word in between that misleads)."
      )),
    difficulty(
      .choice(
        "task.dev_difficulty", "dev_difficulty", \.task.synthetic.devDifficulty,
        "The difficulty of the evaluation examples, where it is not that of the training examples."
      ).whenMissing("`task.difficulty`").implies { .text($0.task.synthetic.difficulty.rawValue) }.shownWhereSet()),
    difficulty(
      .choice(
        "task.test_difficulty", "test_difficulty", \.task.synthetic.testDifficulty,
        "The difficulty of a test set of `task.dev_size` further examples, which is scored as one of `task.test` is."
      ).whenMissing("no test set").shownWhereSet()),
    size(
      .integer(
        "task.train_size", "train_size", \.task.synthetic.trainCount, minimum: allowedCounts.lowerBound,
        maximum: allowedCounts.upperBound, "The number of training examples.")),
    size(
      .integer(
        "task.dev_size", "dev_size", \.task.synthetic.devCount, minimum: allowedCounts.lowerBound,
        maximum: allowedCounts.upperBound, "The number of evaluation examples.")),
    size(
      .seed(
        "task.seed", "data_seed", \.task.synthetic.seed, "The seed of the examples, which all trials of a sweep share."
      ).drawingData()),
  ]
}
