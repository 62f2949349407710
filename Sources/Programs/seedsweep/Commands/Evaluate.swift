// `seedsweep evaluate`: a trained model folder, head included, scored on a task's data.

import Arithmetics
import CommandLine
import Files
import Kernels
import Runs
import Tasks
import Training
import Trials

/// Scores a model folder.
struct EvaluateCommand: Command {
  static let model = Flag(required: "--model", "DIR", "the model folder")
  static let task = Flag(
    "--task", "NAME", "a GLUE task's name, with --data", .name("task", among: TaskSpecification.glueNames))
  static let data = Flag("--data", "DIR", "the GLUE task's folder with its .tsv files", .text)
  static let file = Flag("--file", "FILE", "a labelled file of your own: .tsv, .csv or .jsonl", .text)
  static let text = Flag("--text", "COLUMN", "the file's column of the text, or of the first of two", .text)
  static let pair = Flag("--pair", "COLUMN", "the file's column of the second text", .text)
  static let label = Flag("--label", "COLUMN", "the file's column of the label", .text)
  static let regression = Flag("--regression", "the file's label is a number instead of a class")
  static let sweep = Flag("--sweep", "SWEEP", "a sweep file, whose task is scored", .text)
  static let metric = Flag<MetricName?>(
    "--metric", "NAME", "the metric that comes first", .choice, unset: "the task's own")
  static let split = Flag(
    "--split", "train|dev|test", "which examples of a GLUE task or a sweep's task are scored",
    .choice([Evaluator.Split.dev, .train, .test]), default: Evaluator.Split.dev)
  // [CLS], a token, [SEP].
  static let maxLength = Flag(
    "--max-length", "N", "the longest sequence in tokens", .count(atLeast: 3),
    default: TaskSpecification().maximumLength)
  static let predictions = Flag(
    "--predictions", "FILE.csv", "also write every label, prediction and logit", .file(endingIn: ".csv"))

  static let arithmetic = Flag<Arithmetic?>.arithmetic(
    unset: "the sweep's, or \(Arithmetic.ofSweepFiles.rawValue)")

  static let syntax = CommandSyntax(
    "evaluate", "score a trained model folder",
    details: """
      Scores a Hugging Face model folder, its classification head included, on labelled texts: those of a GLUE task (--task and
      --data), of one file of your own (--file, --text and --label), or of a sweep's task (--sweep). Only the scored file is
      read. A label is the head's class of that name, capitals aside. If the head only counts its classes (LABEL_0, LABEL_1),
      labels that are numbers are classes by number, and other labels, if they are as many as the classes, are these classes in
      their order. Labels that differ in capitals only, or whose order is another one in small letters, are refused there.
      """,
    flags: [
      model, task, data, file, text, pair, label, regression, sweep, metric, split, maxLength, predictions,
      arithmetic, Flag.blasCore,
    ])

  private let model: String
  private let split: Evaluator.Split
  private var task = TaskSpecification()
  private let sweepPath: String?
  private let maximumLength: Int?
  private let metric: MetricName?
  private let predictions: String?
  private let arithmetic: Arithmetic?
  private let blasCore: String?

  init(_ given: Given) {
    model = given[Self.model]
    sweepPath = given[Self.sweep]
    maximumLength = given.isGiven(Self.maxLength) ? given[Self.maxLength] : nil
    metric = given[Self.metric]
    predictions = given[Self.predictions]
    arithmetic = given[Self.arithmetic]
    blasCore = given[.blasCore]
    split = given[Self.split]
    task.maximumLength = given[Self.maxLength]
    Self.check(given)
    if let file = given[Self.file] {
      task.name = RawFile.name(of: file)
      task.devPath = file
      (task.textColumn, task.pairColumn, task.labelColumn) = (given[Self.text], given[Self.pair], given[Self.label])
      task.isRegression = given[Self.regression]
      if task.source != .files { given.fail("--file: a file may not be called like a built-in task; rename it") }
    } else if let name = given[Self.task] {
      task.name = name
      task.dataPath = given[Self.data]
    }
    task.metric = metric
  }

  /// Refuses flags that say no or several things that are to be scored.
  private static func check(_ given: Given) {
    let sources: [any FlagDeclaration] = [task, file, sweep].filter { given.isGiven($0) }
    if sources.count != 1 {
      given.fail(
        "give one of --task NAME --data DIR for GLUE, --file FILE --text COLUMN --label COLUMN for a file of your own, and "
          + "--sweep SWEEP")
      return
    }
    func require(_ flag: any FlagDeclaration, _ with: any FlagDeclaration) {
      if given.isGiven(with), !given.isGiven(flag) { given.fail("\(with.name) needs \(flag.name)") }
      if !given.isGiven(with), given.isGiven(flag) { given.fail("\(flag.name) belongs to \(with.name)") }
    }
    require(data, task)
    require(text, file)
    require(label, file)
    for flag in [pair, regression] as [any FlagDeclaration] where given.isGiven(flag) && !given.isGiven(file) {
      given.fail("\(flag.name) belongs to --file")
    }
    if given.isGiven(split), given.isGiven(file) { given.fail("--split: a file of your own is scored whole") }
    if given[split] == .test, given.isGiven(task) {
      given.fail(
        "--split test: GLUE's test files have no labels; a sweep with task.test names one that has, or use --file")
    }
  }

  /// The task to score, and what computes the scores.
  private func scoredTask() throws -> (TaskSpecification, Arithmetic, TrainingSpecification.Precision) {
    guard let sweepPath else { return (task, arithmetic ?? .ofSweepFiles, .float32) }
    let configurations = try PreparedSweep.read(sweepPath, []).configurations
    var tasks: [TaskSpecification] = []
    for configuration in configurations where !tasks.contains(configuration.task) { tasks.append(configuration.task) }
    guard tasks.count == 1, var task = tasks.first else {
      throw Refusal(
        "\(sweepPath) has \(tasks.count) tasks (\(tasks.map(\.name).joined(separator: ", "))); give a sweep with one task"
      )
    }
    task.maximumLength = maximumLength ?? task.maximumLength
    task.metric = metric ?? task.metric
    let known = Set(configurations.map(\.training.arithmetic))
    guard let computed = arithmetic ?? (known.count == 1 ? known.first : nil) else {
      throw Refusal("the recipes of \(sweepPath) differ in training.arithmetic; choose one with --arithmetic NAME")
    }
    let precisions = Set(configurations.map(\.training.precision))
    guard precisions.count == 1, let precision = precisions.first else {
      throw Refusal(
        "the recipes of \(sweepPath) differ in training.precision; give a sweep with the precision of the model's run")
    }
    return (task, computed, precision)
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    useSingleBLASThread()
    let (task, arithmetic, precision) = try scoredTask()
    let result: Evaluator.Result
    do {
      result = try Evaluator.evaluate(modelPath: model, task: task, split: split, arithmetic, precision)
    } catch { throw Refusal("\(error)") }
    let what = task.source == .files && sweepPath == nil ? "examples" : "\(split.rawValue) examples"
    let title = "\(model) on \(result.exampleCount) \(what) of \(task.name)"
    for line in result.remarks + [title] + result.scoreLines { say(line) }
    if let predictions { try WholeFile.write(result.predictions, to: predictions) }
    return .success
  }
}
