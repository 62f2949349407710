// `seedsweep-bench step`: training steps of the product's own trainer, timed from outside. The trial is one that a sweep
// file could describe; it is stopped after its last measured step, so nothing is evaluated.

import Arithmetics
import CommandLine
import Datasets
import Files
import Kernels
import Tasks
import Training
import Transformer
import Trials

/// Measures training steps.
struct StepCommand: Command {
  static let model = Flag("--model", "DIR", "a Hugging Face model folder", .text)
  static let layers = Flag("--layers", "N", "the number of layers with random weights, instead of a folder", .count())
  static let vocabulary = Flag(
    "--vocab", "FILE", "the vocabulary of a model with random weights, for any task but synthetic", .text)
  static let task = Flag(
    required: "--task", "NAME", "a GLUE task's name or synthetic",
    .name("task", among: TaskSpecification.glueNames + BuiltInTask.names))
  static let data = Flag("--data", "DIR", "the GLUE task's folder with its .tsv files", .text)
  // [CLS], a token, [SEP].
  static let maxLength = Flag(
    "--max-length", "N", "the longest sequence in tokens", .count(atLeast: 3),
    default: TaskSpecification().maximumLength)
  static let batchSize = Flag("--batch-size", "N", "sequences of a batch", .count(), default: 16)
  static let steps = Flag("--steps", "N", "measured steps", .count(), default: 20)
  static let warmup = Flag("--warmup", "N", "steps before them", .count(atLeast: 0), default: 2)
  static let threads = Flag("--threads", "N", "threads that compute a step", .threads, default: 1)
  static let head = Flag(
    "--head", "new|keep", "draw a classification head or keep the folder's", .choice([Head.new, .keep]),
    default: Head.new)
  static let order = Flag(
    "--order", "shuffled|file", "the order of the training examples", .choice([Order.shuffled, .file]),
    default: Order.shuffled)
  static let optimizer = Flag(
    "--optimizer", "NAME", "hf, google, bert_adam or torch", .choice, default: OptimizerSpecification().algorithm)
  static let dropout = Flag("--dropout", "P", "every dropout probability", .probability, unset: "the model's own")
  static let batches = Flag(
    "--batches", "FILE.jsonl", "also write each measured step: its tokens, labels, mean loss and seconds",
    .file(endingIn: ".jsonl"))

  static let syntax = CommandSyntax(
    "step", "seconds of a training step by part, and its share of the roofline",
    details: """
      Trains with the product's trainer on real batches and measures whole steps: batch, forward, backward, norms, clipping
      and update, recording. After each step it times the step's whole matrix products alone; the roofline share is the time
      that all products of the step, attention's included, would take at that rate on every thread, over the step's time.
      """,
    flags: [
      model, layers, ModelSizes.hidden, ModelSizes.heads, ModelSizes.intermediate, vocabulary, task, data, maxLength,
      batchSize, steps, warmup, threads, head, order, optimizer, dropout, Flag.arithmetic, Flag.precision, batches,
    ] + OutputOptions.flags)

  let sizes: ModelSizes
  let vocabularyPath: String?
  let task: String
  let dataPath: String?
  let maximumLength: Int
  let batchSize: Int
  let stepCount: Int
  let warmupCount: Int
  let threadCount: Int
  let head: Head
  let order: Order
  let algorithm: OptimizerSpecification.Algorithm
  let dropout: Double?
  let arithmetic: Arithmetic
  let precision: TrainingSpecification.Precision
  let batchesPath: String?
  let output: OutputOptions

  /// The classification head.
  enum Head: String { case new, keep }
  /// The order of the training examples.
  enum Order: String { case shuffled, file }

  init(_ given: Given) {
    sizes = ModelSizes(given)
    output = OutputOptions(given)
    if !sizes.isGiven { given.fail("a model is missing: --model DIR, or --layers N and --hidden N") }
    vocabularyPath = given[Self.vocabulary]
    task = given[Self.task]
    dataPath = given[Self.data]
    if TaskSpecification.glueNames.contains(task) {
      if dataPath == nil { given.fail("--data DIR is missing: task \(task) needs its folder of .tsv files") }
      if sizes.path == nil, vocabularyPath == nil {
        given.fail("--vocab FILE is missing: random weights know only the words of the synthetic task")
      }
    }
    maximumLength = given[Self.maxLength]
    batchSize = given[Self.batchSize]
    stepCount = output.isQuick && !given.isGiven(Self.steps) ? 3 : given[Self.steps]
    warmupCount = output.isQuick && !given.isGiven(Self.warmup) ? 1 : given[Self.warmup]
    threadCount = given[Self.threads]
    head = given[Self.head]
    order = given[Self.order]
    algorithm = given[Self.optimizer]
    dropout = given[Self.dropout]
    arithmetic = given[.arithmetic] ?? .ofSweepFiles
    precision = given[.precision]
    batchesPath = given[Self.batches]
    if head == .keep, sizes.path == nil {
      given.fail("--head: keep needs --model, a folder whose head can be kept")
    }
  }

  func perform(_ context: Context) throws -> ExitCode {
    try output.prepareBLAS()
    let encoder = try sizes.encoder()
    let watch = StepWatch(
      encoder, labelCount: Self.labelCount(task), warmupCount: warmupCount, stepCount: stepCount,
      threadCount: threadCount,
      timer: ProductTimer(
        Products(arithmetic, ProductPrecision(precision)), leastSeconds: output.isQuick ? 0 : 1e-3))
    let trainer = TrainerContext(host: "", rank: 0, threadCount: threadCount)
    let result = Trainer(context: trainer).run(trial, progress: watch.progress, watch: watch.note)
    guard watch.isComplete else {
      throw Refusal(result.outcome.message ?? "the trial ended as \(result.outcome.status.rawValue)")
    }
    if let path = batchesPath { try WholeFile.write(watch.steps.map(\.line).joined(), to: path) }
    let heading =
      "\(task), \(encoder.layerCount) layers of hidden size \(encoder.hiddenSize), batches of "
      + "\(batchSize), \(arithmetic.heading), threads: \(threadCount)"
      + precision.heading
    try ResultTable(benchmark: "step", sections: StepReport(watch).sections(heading)).report(output)
    return .success
  }

  /// The classes of a task; 1 for regression.
  private static func labelCount(_ task: String) -> Int { max(1, GlueTask(rawValue: task)?.labelNames.count ?? 2) }

  /// The trial whose steps are measured: one longer than that, whose end is never reached.
  private var trial: Trial {
    var configuration = TrialConfiguration()
    configuration.model.path = sizes.path
    configuration.model.shape = sizes.shape
    configuration.model.vocabularyPath = vocabularyPath
    configuration.model.head = head == .keep ? .keep : .new
    configuration.task.name = task
    configuration.task.dataPath = dataPath
    configuration.task.maximumLength = maximumLength
    configuration.training.batchSize = batchSize
    configuration.training.shuffle = order == .shuffled
    configuration.training.hiddenDropout = dropout
    configuration.training.attentionDropout = dropout
    configuration.training.classifierDropout = dropout
    configuration.training.arithmetic = arithmetic
    configuration.training.precision = precision
    configuration.training.maximumSteps = warmupCount + stepCount + 1
    configuration.training.evaluateEvery = configuration.training.maximumSteps
    configuration.optimizer.algorithm = algorithm
    configuration.optimizer.biasCorrection = algorithm == .torch
    return Trial(
      identifier: "bench", configurationIdentifier: "bench", variant: "bench", label: "bench",
      configuration: configuration, seeds: TrialSeeds(initialization: 1, order: 1, dropout: 1))
  }
}
