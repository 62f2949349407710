// `seedsweep evaluate`: a trained model folder, head included, scored on a task's data.

import CommandLine
import Files
import Kernels
import Runs
import Training
import Trials

/// Scores a model folder.
struct EvaluateCommand: Command {
  static let model = Flag(required: "--model", "DIR", "the model folder")
  static let task = Flag(
    required: "--task", "NAME", "a GLUE task's name", .name("task", among: TaskSpecification.glueNames))
  static let data = Flag(required: "--data", "DIR", "the task's folder with its .tsv files")
  static let split = Flag(
    "--split", "train|dev", "the examples to score", .choice([Evaluator.Split.dev, .train]),
    default: Evaluator.Split.dev)
  // [CLS], a token, [SEP].
  static let maxLength = Flag(
    "--max-length", "N", "the longest sequence in tokens", .count(atLeast: 3),
    default: TaskSpecification().maximumLength)
  static let predictions = Flag(
    "--predictions", "FILE.csv", "also write every label, prediction and logit", .file(endingIn: ".csv"))

  static let syntax = CommandSyntax(
    "evaluate", "score a trained model folder",
    details: """
      Scores a Hugging Face model folder, its classification head included, on a task's data.
      """,
    flags: [model, task, data, split, maxLength, predictions, Flag.blasCore])

  private let model: String
  private let split: Evaluator.Split
  private var task = TaskSpecification()
  private let predictions: String?
  private let blasCore: String?

  init(_ given: Given) {
    model = given[Self.model]
    task.name = given[Self.task]
    task.dataPath = given[Self.data]
    split = given[Self.split]
    task.maximumLength = given[Self.maxLength]
    predictions = given[Self.predictions]
    blasCore = given[.blasCore]
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    useSingleBLASThread()
    let result: Evaluator.Result
    do {
      result = try Evaluator.evaluate(modelPath: model, task: task, split: split)
    } catch { throw Refusal("\(error)") }
    let title = "\(model) on \(result.exampleCount) \(split.rawValue) examples of \(task.name)"
    for line in result.remarks + [title] + result.scoreLines { say(line) }
    if let predictions { try WholeFile.write(result.predictions, to: predictions) }
    return .success
  }
}
