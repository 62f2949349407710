// The section `program`: a program of the user's own that trains in place of ours, with its keys beside the fields. How its
// command becomes the words of a trial is in `ProgramExpansion`; starting it is that of ExternalPrograms.

import JSON5
import KeyValues
import Tasks

/// A program that trains. Without a command there is none, and our own trainer trains.
package struct ProgramSpecification: Hashable, Sendable {
  /// Which of a run's scores is the best one.
  package enum Best: String, CaseIterable, Sendable {
    /// The highest.
    case max
    /// The lowest.
    case min
  }

  /// Where the program leaves its scores.
  package struct Results: Hashable, Sendable {
    /// A JSON file in the trial's folder, or nil for lines of JSON on standard output.
    package var file: String?
    /// The name of the score.
    package var final: String?
    /// Which of the scores is the best one.
    package var best = Best.max
    /// A file in the trial's folder with scores over time; nil for what the program leaves by itself.
    package var history: String?
  }

  /// The program and its arguments, with placeholders.
  package var command: [String] = []
  /// The parameters, sorted by name.
  package var parameters: [NamedValue] = []
  /// Where the program leaves its scores.
  package var results = Results()
  /// What tables call the task.
  package var taskName = "program"
  /// The score of a constant classifier; nil if it is not known.
  package var baseline: Double?
  /// The files that the program reads, by the names that the command gives them; the values are paths.
  package var files: [NamedValue] = []
  /// Environment variables, with placeholders.
  package var environment: [NamedValue] = []
  /// The accelerators of a node that are dealt out to its ranks; nil where nothing is dealt out.
  package var deviceCount: Int?
  /// Seconds that a trial may take; nil for no limit.
  package var timeoutSeconds: Double?
  /// Seconds that the program gets after SIGTERM.
  package var graceSeconds = 10.0
  /// Whether the program gives the same scores each time.
  package var isDeterministic = false
  /// Whether the folder of a trial with a result is kept.
  package var keepsFolders = true

  /// No program.
  package init() {}

  /// The key of all parameters; the key of one has a dot and its name behind it.
  package static let parametersPath = "program.parameters"
}

extension TrialConfiguration {
  /// Whether a program of the user's own trains.
  package var hasProgram: Bool { !program.command.isEmpty }

  /// The configuration where a program of the user's own trains; nil otherwise.
  package var nilUnlessProgram: TrialConfiguration? { hasProgram ? self : nil }

  /// What tables call the task.
  package var taskName: String { hasProgram ? program.taskName : task.name }

  /// The metric that outcomes name.
  package var reportedMetric: MetricName { hasProgram ? .score : task.reportedMetric }

  /// What tables call the metric.
  package var metricName: String { hasProgram ? program.results.final ?? "" : task.reportedMetric.rawValue }
}

extension ProgramSpecification {
  static let keys: [ConfigurationKey] = (commandKeys + resultKeys + ownKeys + runKeys).map {
    $0.withoutCost().ofProgram()
  }

  private static let commandKeys: [ConfigurationKey] = [
    .list(
      "program.command", \.program.command,
      "The program and its arguments. Placeholders are `{seed}`, `{seed_init}`, `{seed_order}`, `{seed_dropout}`, `{folder}` "
        + "(the trial's own folder, in which it runs) and the parameters. `{{NAME}}` stands for `{NAME}` itself. No shell is "
        + "involved. The program may use the cores of its rank: where `run` starts several ranks, one, or N with `--threads N`."
    ).whenMissing("our own trainer trains"),
    .table(
      parametersPath, \.program.parameters, kind: .scalarTable,
      "The names of the parameters with their defaults: numbers, texts, `true` or `false`. A grid, a variant or `KEY=VALUE` "
        + "gives one by its name, or as `program.parameters.NAME`."
    ).whenMissing("no parameters"),
  ]

  private static let resultKeys: [ConfigurationKey] = [
    .text(
      "program.results.file", nil, \.program.results.file,
      "The JSON file in the trial's folder that holds the score when the program has ended: an object such as "
        + "`all_results.json`, or a `trainer_state.json`. It is removed before the program starts."
    ).whenMissing("lines of JSON objects on standard output"),
    .text(
      "program.results.final", nil, \.program.results.final,
      "The name of the score. In lines and in a history the last value counts."
    ).required { _ in "the program's score is read under this name, such as \"eval_accuracy\"" },
    .choice(
      "program.results.best", nil, \.program.results.best,
      "Whether a higher (`max`) or a lower (`min`) score is the better one; a name such as `eval_loss` needs it."),
    .text(
      "program.results.history", nil, \.program.results.history,
      "A file in the trial's folder with scores and losses over time: a `trainer_state.json`, or lines of JSON objects, each "
        + "with a `step`. It is removed before the program starts."
    ).whenMissing("`trainer_state.json` if there is one beside a file of results"),
  ]

  private static let ownKeys: [ConfigurationKey] = [
    .text("program.task", nil, \.program.taskName, "What tables call the task. It changes no result.")
      .withoutIdentity(),
    .number(
      "program.baseline", nil, \.program.baseline, .finite,
      "The score of a constant classifier: a run failed if its score is no better. It changes no result."
    ).whenMissing("only runs that diverged failed").withoutIdentity(),
    .table(
      "program.files", \.program.files, kind: .files,
      "The files that the program reads, by their contents part of every trial's identifier. A word of the command that equals "
        + "an entry becomes the file's path. An object gives names to paths: `{ \"train.py\": \"src/train.py\" }`."
    ).whenMissing("no files"),
    .table(
      "program.environment", \.program.environment, kind: .textTable,
      "Environment variables of the program, added to those of the run. Their texts may hold placeholders."
    ).whenMissing("none"),
    .boolean(
      "program.deterministic", nil, \.program.isDeterministic,
      "Whether the program gives the same scores each time, so that a second, other result of a trial is a fault."
    ).withoutIdentity(),
  ]

  private static let runKeys: [ConfigurationKey] = [
    .integer(
      "program.devices", nil, \.program.deviceCount, minimum: 1,
      "The number of accelerators of a node. Each rank gets one of them, those beyond share them round robin, in "
        + "`CUDA_VISIBLE_DEVICES` and its kin and among those that the job was given."
    ).whenMissing("every program sees what the rank sees").withoutIdentity(),
    .number(
      "program.timeout", nil, \.program.timeoutSeconds, .positiveSeconds,
      "The seconds that an attempt may take, also one of `verify`. `run --trial-timeout` wins."
    ).whenMissing("no limit").withoutIdentity(),
    .number(
      "program.grace", nil, \.program.graceSeconds, .nonnegativeSeconds,
      "The seconds that the program gets after SIGTERM before it is killed."
    ).withoutIdentity(),
    .boolean(
      "program.keep_folders", nil, \.program.keepsFolders,
      "Whether the folder of a trial is kept once the trial has a result."
    ).withoutIdentity(),
  ]
}
